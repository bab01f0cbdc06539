"""Journals, volumes and issues, and an article's place among them."""

from __future__ import annotations

from dataclasses import dataclass

from triplepress.rdf.facts import EditionFacts, IssueFacts, JournalFacts, VolumeFacts
from triplepress.rdf.nodes import IssueNode, JournalNode, OrganisationNode, VolumeNode
from triplepress.rdf.shaping.identifiers import identifier_nodes
from triplepress.rdf.shaping.texts import language_map, text_map
from triplepress.record import ArticleRecord


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article appeared: what has no node stays None.

    A journal without an ISSN has no node, and so have its volumes and issues; nor has an issue of which neither volume
    nor year is stated.
    """

    journal: str | None
    volume: VolumeFacts | None
    issue: IssueFacts | None


def place_of(record: ArticleRecord, journal: str | None) -> Place:
    """Return the place of an article whose journal has the key `journal` (an ISSN, or None)."""
    if journal is None:
        return Place(None, None, None)
    year = None if record.issued is None else record.issued[:4]
    volume = None if record.volume is None else VolumeFacts(journal, record.volume)
    has_issue = record.issue is not None and (record.volume is not None or year is not None)
    issue = IssueFacts(journal, record.volume, record.issue, year) if has_issue and record.issue else None
    return Place(journal, volume, issue)


def place_iri(place: Place, edition: EditionFacts) -> str | None:
    """Return the IRI of the narrowest thing that an article is part of: its issue, else volume, else journal."""
    if place.journal is None:
        return None
    journal = edition.minter.journal(place.journal)
    if place.issue is not None:
        return edition.minter.issue(journal, place.issue.volume, place.issue.issue, place.issue.year)
    if place.volume is not None:
        return edition.minter.volume(journal, place.volume.volume)
    return journal


def shape_journal(facts: JournalFacts, edition: EditionFacts) -> JournalNode:
    """Return the node of a journal; its publisher, known by name alone, is a part of it."""
    iri = edition.minter.journal(facts.key)
    nodes = identifier_nodes(
        iri,
        [("datacite:issn", facts.issn), ("datacite:eissn", facts.eissn), ("datacite:lissn", facts.issn_l)],
        edition,
    )
    publisher = None if facts.publisher is None else edition.minter.sub(iri, "publisher")
    return JournalNode(
        id=iri,
        title=text_map(facts.titles),
        alternative=text_map(facts.alternatives),
        issn=facts.issn,
        eissn=facts.eissn,
        issn_l=facts.issn_l,
        publisher=publisher,
        identifiers=[node.id for node in nodes],
        included=[
            *(
                []
                if publisher is None
                else [OrganisationNode(id=publisher, name=language_map([(facts.publisher, None)]))]
            ),
            *nodes,
        ],
    )


def shape_volume(facts: VolumeFacts, edition: EditionFacts) -> VolumeNode:
    """Return the node of a volume."""
    journal = edition.minter.journal(facts.journal)
    return VolumeNode(id=edition.minter.volume(journal, facts.volume), volume=facts.volume, part_of=journal)


def shape_issue(facts: IssueFacts, edition: EditionFacts) -> IssueNode:
    """Return the node of an issue: part of its volume, or of the journal where it has none."""
    journal = edition.minter.journal(facts.journal)
    return IssueNode(
        id=edition.minter.issue(journal, facts.volume, facts.issue, facts.year),
        issue_identifier=facts.issue,
        publication_year=facts.year,
        part_of=journal if facts.volume is None else edition.minter.volume(journal, facts.volume),
    )
