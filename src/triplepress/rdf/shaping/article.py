"""The article itself: one node with its literals and links, everything that belongs to it alone included."""

from __future__ import annotations

from typing import Final

from triplepress.identifiers import doi_iri
from triplepress.rdf.facts import ArticleFacts, EditionFacts
from triplepress.rdf.nodes import ArticleNode
from triplepress.rdf.shaping.citations import shape_citations
from triplepress.rdf.shaping.contributors import shape_contributors
from triplepress.rdf.shaping.dates import date_value
from triplepress.rdf.shaping.files import shape_files
from triplepress.rdf.shaping.identifiers import identifier_nodes
from triplepress.rdf.shaping.journals import place_iri, place_of
from triplepress.rdf.shaping.kinds import article_types, coar_type
from triplepress.rdf.shaping.languages import language_iri
from triplepress.rdf.shaping.links import web_links
from triplepress.rdf.shaping.provenance import shape_document
from triplepress.rdf.shaping.references import shape_references
from triplepress.rdf.shaping.texts import language_map, text_map
from triplepress.rdf.shaping.works import relation_links, status_nodes

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")  # a page range is written with the hyphen-minus


def shape_article(facts: ArticleFacts, edition: EditionFacts) -> ArticleNode:
    """Return the node of an article.

    Volume and issue are things of their own and stand on the article only where they cannot be: without an ISSN, or
    an issue without volume and year.

    Raises:
        RecordError: The record has neither a DOI nor an id of its source, so it has no IRI.
    """
    record = facts.record
    article = edition.minter.article(record)
    place = place_of(record, facts.journal)
    contributors = shape_contributors(record, article, edition)
    references = shape_references(record, article, edition)
    files = shape_files(record, article, edition)
    identifiers = identifier_nodes(
        article,
        [("datacite:doi", record.doi), ("datacite:pmid", record.pmid), ("datacite:pmcid", record.pmcid)],
        edition,
    )
    issued = date_value(record.issued)
    statuses = status_nodes(record, article, edition)
    return ArticleNode(
        id=article,
        type=article_types(record.kind),
        same_as=None if record.doi is None else doi_iri(record.doi),
        doi=record.doi,
        pmid=record.pmid,
        pmcid=record.pmcid,
        identifiers=[node.id for node in identifiers],
        kind=coar_type(record.kind),
        title=text_map(record.titles),
        abstract=text_map(record.abstracts) if edition.abstracts else {},
        keyword=text_map(record.keywords),
        language=language_iri(record.language),
        issued=issued,
        publication_year=None if record.issued is None else record.issued[:4],
        publication_date=issued if edition.ocdm else None,
        submitted=date_value(record.received),
        accepted=date_value(record.accepted),
        available=date_value(record.available),
        part_of=place_iri(place, edition),
        is_part_of=None if place.journal is None else edition.minter.journal(place.journal),
        volume=record.volume if place.volume is None else None,
        issue_identifier=record.issue if place.issue is None else None,
        starting_page=record.first_page,
        ending_page=record.last_page,
        page_range=None if record.pages is None else record.pages.translate(_DASHES),
        article_number=record.article_number,
        licence=web_links(record.licences),
        bibliographic_citation=language_map(
            [] if record.citation is None else [(record.citation.text, record.citation.lang)]
        ),
        page=web_links(record.landing_pages),
        embodiment=[file.id for file in files],
        creator=contributors.creators,
        roles=contributors.roles,
        parts=references.iris,
        statuses=[status.id for status in statuses],
        cites=[edition.minter.work(doi) for doi in references.cited],
        included=[
            *contributors.nodes,
            *references.nodes,
            *shape_citations(facts, article, references.cited, edition),
            *statuses,
            *files,
            *identifiers,
            shape_document(facts, article, edition),
        ],
        **relation_links(record, edition),
    )
