"""Shared things: what several articles point at, each described once from what all published records say of it.

Where records differ, the nearest source wins, then what most records say, then the lower text; so the order of the
inputs decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from triplepress.rdf.facts import (
    EditionFacts,
    IssueFacts,
    JournalFacts,
    OrganisationFacts,
    PersonFacts,
    RunFacts,
    VolumeFacts,
)
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import (
    place_of,
    related_dois,
    shape_cited_work,
    shape_issue,
    shape_journal,
    shape_organisation,
    shape_person,
    shape_run,
    shape_software,
    shape_source,
    shape_volume,
)
from triplepress.record import OtherName, Source, Text
from triplepress.release.index import Candidate, IndexReader, Statement
from triplepress.release.journals import JournalIdentity


@dataclass(slots=True)
class Needs:
    """The shared things that some articles point at.

    Journals by key, volumes by their facts, issues by the IRI below their journal, people by ORCID iD, organisations by
    ROR iD, other works by DOI.
    """

    journals: set[str] = field(default_factory=set)
    volumes: set[VolumeFacts] = field(default_factory=set)
    issues: set[str] = field(default_factory=set)
    orcids: set[str] = field(default_factory=set)
    rors: set[str] = field(default_factory=set)
    works: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, candidates: Iterable[Candidate], edition: EditionFacts) -> Needs:
        """Return what these records point at."""
        needs = cls()
        for candidate in candidates:
            record = candidate.facts.record
            if candidate.facts.journal is not None:
                needs.journals.add(candidate.facts.journal)
            place = place_of(record, candidate.facts.journal)
            if place.volume is not None:
                needs.volumes.add(place.volume)
            if place.issue is not None:
                issue = place.issue
                needs.issues.add(edition.minter.issue(issue.journal, issue.volume, issue.issue, issue.year))
            for person in record.contributors:
                if person.orcid is not None:
                    needs.orcids.add(person.orcid)
                needs.rors.update(affiliation.ror for affiliation in person.affiliations if affiliation.ror is not None)
            needs.works.update(related_dois(record))
        return needs


Entry = tuple[str, list[bytes]]
"""A shared thing's key in its section (see `members`), and its nodes, one line of JSON each."""


def journal_entries(index: IndexReader, edition: EditionFacts, keys: Iterable[str] | None = None) -> Iterator[Entry]:
    """Yield journals with their volumes and issues; only those of some keys, None for all."""
    for key, identity, numbers in index.journals(keys):
        lines = [encode_node(shape_journal(journal_facts(index, key, identity, numbers), edition))]
        lines += [encode_node(shape_volume(volume, edition)) for volume in volume_facts(index, key, numbers)]
        lines += [encode_node(shape_issue(issue, edition)) for issue in issue_facts(index, key, numbers)]
        yield key, lines


def person_entries(index: IndexReader, edition: EditionFacts, orcids: Iterable[str] | None = None) -> Iterator[Entry]:
    """Yield people by ORCID iD; only some, None for all."""
    for orcid, statements in index.stated("person", orcids):
        yield orcid, [encode_node(shape_person(person_of(orcid, statements), edition))]


def organisation_entries(
    index: IndexReader, edition: EditionFacts, rors: Iterable[str] | None = None
) -> Iterator[Entry]:
    """Yield organisations by ROR iD; only some, None for all."""
    for ror, statements in index.stated("organisation", rors):
        yield ror, [encode_node(shape_organisation(organisation_of(ror, statements), edition))]


def work_entries(index: IndexReader, edition: EditionFacts, dois: Iterable[str] | None = None) -> Iterator[Entry]:
    """Yield cited works that are not held, by DOI; only some, None for all."""
    chosen = index.cited_works() if dois is None else sorted(index.only_cited(dois))
    for doi in chosen:
        yield doi, [encode_node(shape_cited_work(doi, edition))]


def source_entries(index: IndexReader, edition: EditionFacts, sha256s: Iterable[str] | None = None) -> Iterator[Entry]:
    """Yield inputs by SHA-256; only some, None for all."""
    for sha256, statements in index.stated("source", sha256s):
        yield sha256, [encode_node(shape_source(source_of(statements), edition))]


def run_entries(
    index: IndexReader, edition: EditionFacts, run_facts: Callable[[str, tuple[str, ...]], RunFacts]
) -> Iterator[Entry]:
    """Yield the runs that made the current records as they are.

    Args:
        index: The sealed index.
        edition: The edition's facts.
        run_facts: Returns what is known of a run, from its id and the SHA-256 of what it read.
    """
    for run, sources in index.runs():
        yield run, [encode_node(shape_run(run_facts(run, sources), edition))]


def software_entries(
    index: IndexReader, edition: EditionFacts, run_facts: Callable[[str, tuple[str, ...]], RunFacts]
) -> Iterator[Entry]:
    """Yield the versions of the software that those runs were runs of."""
    for version in sorted({run_facts(run, sources).software for run, sources in index.runs()}):
        yield version, [encode_node(shape_software(version, edition))]


def shared_lines(index: IndexReader, edition: EditionFacts, needs: Needs) -> Iterator[bytes]:
    """Yield the nodes of the shared things that some articles point at, one line of JSON each."""
    for key, identity, numbers in index.journals(needs.journals):
        yield encode_node(shape_journal(journal_facts(index, key, identity, numbers), edition))
        for volume in volume_facts(index, key, numbers):
            if volume in needs.volumes:
                yield encode_node(shape_volume(volume, edition))
        for issue in issue_facts(index, key, numbers):
            if edition.minter.issue(key, issue.volume, issue.issue, issue.year) in needs.issues:
                yield encode_node(shape_issue(issue, edition))
    for entries, keys in (
        (person_entries, needs.orcids),
        (organisation_entries, needs.rors),
    ):
        for _, lines in entries(index, edition, keys):
            yield from lines
    for doi in sorted(needs.works - index.held(needs.works)):
        yield encode_node(shape_cited_work(doi, edition))


def journal_facts(index: IndexReader, key: str, identity: JournalIdentity, numbers: Sequence[str]) -> JournalFacts:
    """Return what is known of one journal.

    Args:
        index: The sealed index.
        key: The journal's key.
        identity: Its ISSNs.
        numbers: The statements that records make of it, as `RecordIndex.journals` yields them.
    """
    titles = [s for _, statements in index.stated("title", numbers) for s in statements]
    publishers = [s for _, statements in index.stated("publisher", numbers) for s in statements]
    return journal_of(key, identity, titles, publishers)


def journal_of(
    key: str, identity: JournalIdentity, titles: Sequence[Statement], publishers: Sequence[Statement]
) -> JournalFacts:
    """Return a journal by what records state of its titles and its publisher.

    One title a language is the title, the others are alternatives. A title without a language stands beside titles
    that have one only if it comes from as near a source; one that repeats another's text is left out.
    """
    chosen, alternatives = _titles(titles)
    return JournalFacts(
        key=key,
        titles=chosen,
        alternatives=alternatives,
        issn=identity.issn,
        eissn=identity.eissn,
        issn_l=identity.issn_l,
        publisher=msgspec.json.decode(_foremost(publishers).value, type=str) if publishers else None,
    )


def _titles(statements: Sequence[Statement]) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Return a journal's titles, one a language, and the other forms that records print."""
    merged = _summed(statements)
    ordered = [msgspec.json.decode(s.value, type=tuple[str | None, str]) for s in sorted(merged, key=_precedence)]
    nearest = min((s.rank for s in merged), default=0)
    ranks = {msgspec.json.decode(s.value, type=tuple[str | None, str]): s.rank for s in merged}
    tagged = {text for lang, text in ordered if lang is not None}
    chosen: dict[str | None, str] = {}
    rest: list[Text] = []
    for lang, text in ordered:
        if lang is None and text in tagged:
            continue
        if lang in chosen or (lang is None and tagged and ranks[lang, text] > nearest):
            rest.append(Text(text=text, lang=lang))
        else:
            chosen[lang] = text
    titles = tuple(Text(text=chosen[lang], lang=lang) for lang in sorted(chosen, key=lambda lang: lang or "\U0010ffff"))
    return titles, tuple(sorted(rest, key=lambda text: (text.lang or "\U0010ffff", text.text)))


def volume_facts(index: IndexReader, key: str, numbers: Sequence[str]) -> Iterator[VolumeFacts]:
    """Yield the volumes of one journal that published articles appeared in."""
    return volumes_of(key, [statement for _, statements in index.stated("volume", numbers) for statement in statements])


def volumes_of(key: str, statements: Iterable[Statement]) -> Iterator[VolumeFacts]:
    """Yield the volumes of one journal that records state, in order."""
    for volume in sorted({msgspec.json.decode(statement.value, type=str) for statement in statements}):
        yield VolumeFacts(key, volume)


def issue_facts(index: IndexReader, key: str, numbers: Sequence[str]) -> Iterator[IssueFacts]:
    """Yield the issues of one journal that published articles appeared in."""
    return issues_of(key, [statement for _, statements in index.stated("issue", numbers) for statement in statements])


def issues_of(key: str, statements: Iterable[Statement]) -> Iterator[IssueFacts]:
    """Yield the issues of one journal that records state; the year of one that has a volume only where all agree."""
    years: dict[tuple[str, str, str], set[str]] = {}
    for statement in statements:
        number, year = issue_number(statement.value)
        stated = years.setdefault(number, set())
        stated.update([] if year is None else [year])
    for (volume, _, issue), stated in sorted(years.items()):
        yield IssueFacts(key, volume or None, issue, next(iter(stated)) if len(stated) == 1 else None)


def issue_number(value: bytes) -> tuple[tuple[str, str, str], str | None]:
    """Return what tells an issue from others of its journal, and its year, out of a statement's value."""
    volume, issue, year = msgspec.json.decode(value, type=tuple[str | None, str, str | None])
    apart = year if volume is None else None  # without a volume the year tells issues apart
    return (volume or "", apart or "", issue), year


def person_of(orcid: str, statements: Sequence[Statement]) -> PersonFacts:
    """Return every form of a person's name that records print."""
    names = (msgspec.json.decode(s.value, type=tuple[str | None, str, str | None, str | None]) for s in statements)
    return PersonFacts(
        orcid, tuple(OtherName(lang=lang, name=name, given=given, family=family) for lang, name, given, family in names)
    )


def organisation_of(ror: str, statements: Sequence[Statement]) -> OrganisationFacts:
    """Return an organisation's names, and its country by the foremost record that prints one."""
    names: dict[Text, None] = {}
    countries: list[Statement] = []
    for statement in statements:
        lang, name, country = msgspec.json.decode(statement.value, type=tuple[str | None, str, str | None])
        names[Text(text=name, lang=lang)] = None
        if country is not None:
            countries.append(msgspec.structs.replace(statement, value=msgspec.json.encode(country)))
    foremost = msgspec.json.decode(_foremost(countries).value, type=str) if countries else None
    return OrganisationFacts(ror, tuple(names), foremost)


def source_of(statements: Sequence[Statement]) -> Source:
    """Return an input as the foremost record names it."""
    return msgspec.json.decode(_foremost(statements).value, type=Source)


def _summed(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements of one value as one, whatever thing they are about."""
    summed: dict[bytes, Statement] = {}
    for statement in statements:
        known = summed.get(statement.value)
        if known is not None:
            rank, records = min(known.rank, statement.rank), known.records + statement.records
            statement = msgspec.structs.replace(statement, rank=rank, records=records)
        summed[statement.value] = statement
    return list(summed.values())


def _precedence(statement: Statement) -> tuple[int, int, bytes]:
    """Return the sort key of a statement: nearness, then number of records, then the text."""
    return statement.rank, -statement.records, statement.value


def _foremost(statements: Iterable[Statement]) -> Statement:
    """Return the statement that comes first."""
    return min(_summed(statements), key=_precedence)
