"""The press: a batch of records in, its triples in three formats out, what the gate refuses set aside.

`Press` is pure: the same batch gives the same result, wherever and whenever it is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from pyoxigraph import Literal

from triplepress.errors import RecordError
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.mapping import Mapping as RdfMapping
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import place_of, related_dois, shape_article
from triplepress.record import ArticleRecord, Finding, Rejected, Source, Stage
from triplepress.release.index import Candidate
from triplepress.release.statistics import Statistics, count_triples
from triplepress.validation.report import Language
from triplepress.validation.report import finding_of as finding_from_result
from triplepress.validation.results import SEVERITIES, Report, Result


class Gate(Protocol):
    """Judges triples; `validation.validate.Gate` is one."""

    @property
    def engine(self) -> str:
        """Name and version of the engine."""

    def validate(self, ntriples: bytes) -> Report:
        """Return the report on one batch of N-Triples."""

    def judge(self, ntriples: bytes) -> Report:
        """Return the report of the engine that decides, having compared it with the volume engine's."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some hundred records.

    Attributes:
        candidates: The records.
        shared: The nodes of the shared things that they point at, one line of JSON each.
        cuts: The places among the records, in order, at which the dumps are cut; 0 and the end go without saying.
    """

    candidates: Sequence[Candidate]
    shared: Sequence[bytes] = ()
    cuts: Sequence[int] = ()

    def members(self) -> Iterator[Sequence[Candidate]]:
        """Yield the records between two cuts."""
        for start, end in pairwise((0, *self.cuts, len(self.candidates))):
            yield self.candidates[start:end]


@dataclass(frozen=True, slots=True)
class Impression:
    """What the records between two cuts add to the dumps.

    Attributes:
        ntriples: N-Triples.
        turtle: The same triples as Turtle, without the prefix lines.
        nodes: The same triples as nodes of a JSON-LD graph: lines with a comma between them, none at the end.
        statistics: Counts of the triples.
    """

    ntriples: bytes = b""
    turtle: bytes = b""
    nodes: bytes = b""
    statistics: Statistics = field(default_factory=Statistics)


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not published, its line of `rejected.jsonl`, and the gate's own results."""

    candidate: Candidate
    rejected: Rejected
    results: Sequence[Result] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that is published, with what was found about it all the same."""

    candidate: Candidate
    findings: Sequence[Finding]
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of one batch.

    Attributes:
        impressions: What it adds to the dumps, from cut to cut; none where they were not asked for.
        refused: The records that are not published.
        kept: The others.
    """

    impressions: Sequence[Impression]
    refused: Sequence[Refused]
    kept: Sequence[Kept]


class Press:
    """Shapes, maps and validates batches.

    Args:
        mapping: The mapping.
        gate: The gate.
        edition: The edition's facts.
        language: Language of the findings, `en` or `ru`.
    """

    def __init__(self, mapping: RdfMapping, gate: Gate, edition: EditionFacts, language: Language = "en") -> None:
        """Keep the parts."""
        self.mapping = mapping
        self.gate = gate
        self.edition = edition
        self.language = language

    def press(self, batch: Batch, *, impress: bool = True) -> Pressed:
        """Return what became of a batch.

        Args:
            batch: The records and what they point at.
            impress: Whether the triples are wanted, not only the judgement.
        """
        refused: list[Refused] = []
        lines: dict[int, bytes] = {}
        for candidate in batch.candidates:
            try:
                lines[candidate.id] = encode_node(shape_article(candidate.facts, self.edition))
            except RecordError as error:
                refused.append(Refused(candidate, rejected(candidate.facts.record, "record", [finding_of(error)])))
        shaped = [candidate for candidate in batch.candidates if candidate.id in lines]
        members = [[each.id for each in member if each.id in lines] for member in batch.members()]
        texts = [self.mapping.to_ntriples([lines[number] for number in member]) for member in members]
        found = self._judge(shaped, b"".join((*texts, self.mapping.to_ntriples(batch.shared))))
        kept: list[Kept] = []
        for candidate in shaped:
            record, results = candidate.facts.record, found.get(candidate.id, [])
            findings = self.findings(results)
            if any(result.severity == "Violation" for result in results):
                refused.append(Refused(candidate, rejected(record, "validate", findings), results))
                del lines[candidate.id]
            else:
                kept.append(Kept(candidate, [*_own_warnings(record), *findings], results))
        if not impress:
            return Pressed((), refused, kept)
        impressions = []
        for member, ntriples in zip(members, texts, strict=True):
            left = [lines[number] for number in member if number in lines]
            text = ntriples if len(left) == len(member) else self.mapping.to_ntriples(left)
            impressions.append(self.impression(left, text))
        return Pressed(impressions, refused, kept)

    def judge(self, batch: Batch) -> None:
        """Have some records judged by both engines.

        Raises:
            EnginesDisagree: They do not find the same, so the volume engine cannot be trusted with the rest either.
        """
        lines = list(batch.shared)
        for candidate in batch.candidates:
            with suppress(RecordError):  # such a record is refused before any engine sees it
                lines.append(encode_node(shape_article(candidate.facts, self.edition)))
        self.gate.judge(self.mapping.to_ntriples(lines))

    def impression(self, lines: Sequence[bytes], ntriples: bytes) -> Impression:
        """Return what nodes and their triples add to the dumps."""
        return Impression(
            ntriples,
            self.mapping.to_turtle(ntriples, header=False) if ntriples else b"",
            self.mapping.separator.join(lines),
            count_triples(ntriples, self.edition.root),
        )

    def findings(self, results: Iterable[Result]) -> list[Finding]:
        """Return results as findings in the report's language; see `findings_of`."""
        return findings_of(results, self.language)

    def _judge(self, candidates: Sequence[Candidate], ntriples: bytes) -> dict[int, list[Result]]:
        """Return the results by candidate: about its own nodes, and violations of shared things that it causes."""
        minter = self.edition.minter
        owners: dict[str, Candidate] = {}
        for candidate in candidates:
            article = minter.article(candidate.facts.record)
            owners[article] = owners[minter.document(article)] = candidate
        found: dict[int, list[Result]] = {}
        users: dict[str, list[Candidate]] | None = None
        for result in self.gate.validate(ntriples).results:
            thing = result.focus_node.partition("#")[0]
            if thing in owners:
                found.setdefault(owners[thing].id, []).append(result)
            elif result.severity == "Violation":  # lesser findings about shared things are told once, at the end
                if users is None:
                    users = self._users(candidates)
                for candidate in _to_blame(result, users.get(thing, [])):
                    found.setdefault(candidate.id, []).append(result)
        return found

    def _users(self, candidates: Iterable[Candidate]) -> dict[str, list[Candidate]]:
        """Return the records that point at each shared thing, by its IRI."""
        users: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            for iri in dict.fromkeys(self._pointed_at(candidate)):
                users.setdefault(iri, []).append(candidate)
        return users

    def _pointed_at(self, candidate: Candidate) -> Iterable[str]:
        """Yield the IRIs of the shared things that a record points at."""
        minter, record = self.edition.minter, candidate.facts.record
        place = place_of(record, candidate.facts.journal)
        if place.journal is not None:
            journal = minter.journal(place.journal)
            yield journal
            if place.volume is not None:
                yield minter.volume(journal, place.volume.volume)
            if place.issue is not None:
                yield minter.issue(journal, place.issue.volume, place.issue.issue, place.issue.year)
        for person in record.contributors:
            if person.orcid is not None:
                yield minter.person(person.orcid)
            for affiliation in person.affiliations:
                if affiliation.ror is not None:
                    yield minter.organisation(affiliation.ror)
        for doi in related_dois(record):
            yield minter.work(doi)


def _to_blame(violation: Result, users: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the records that cause a violation of a shared thing.

    A shared thing says what all its records say. Where one value is at fault, only those that state it are to blame; if
    none of this batch does, a record of another batch is. Where something is lacking, or the value is not a record's
    own text, all of them are.
    """
    if not isinstance(violation.value, Literal):
        return users
    text = violation.value.value
    return [candidate for candidate in users if text in _texts_about_shared(candidate.facts.record)]


def _texts_about_shared(record: ArticleRecord) -> set[str]:
    """Return every text that a record states about shared things."""
    texts: set[str | None] = {record.volume, record.issue, record.issued and record.issued[:4]}
    if record.journal is not None:
        journal = record.journal
        texts |= {journal.issn, journal.eissn, journal.issn_l, journal.publisher}
        texts |= {title.text for title in journal.titles}
    for person in record.contributors:
        texts |= {person.orcid, person.name, person.given, person.family}
        texts |= {text for name in person.other_names for text in (name.name, name.given, name.family)}
        for affiliation in person.affiliations:
            texts |= {affiliation.ror, affiliation.name, affiliation.country}
            texts |= {name.name for name in affiliation.other_names}
    texts |= set(related_dois(record))
    return {text for text in texts if text is not None}


def findings_of(results: Iterable[Result], language: Language) -> list[Finding]:
    """Return results as findings, the gravest first and each once.

    Two constraints of one shape say the same to an editor: not an IRI, and not of that pattern.
    """
    ordered = sorted(results, key=lambda result: SEVERITIES.index(result.severity))
    said: dict[tuple[str | None, str | None, str | None], Finding] = {}
    for result in ordered:
        finding = finding_from_result(result, language)
        said.setdefault((finding.shape, finding.field, finding.value), finding)
    return list(said.values())


def finding_of(error: RecordError) -> Finding:
    """Return an error about a value as a finding."""
    return Finding(
        severity="Violation", field=error.field, value=error.value or None, message=error.reason, remedy=error.remedy
    )


def rejected(record: ArticleRecord, stage: Stage, findings: Sequence[Finding]) -> Rejected:
    """Return the line of `rejected.jsonl` of a record."""
    return Rejected(
        source=record.sources[0] if record.sources else Source(kind="record", location=""),
        doi=record.doi,
        title=record.titles[0].text if record.titles else None,
        stage=stage,
        findings=list(findings),
    )


def _own_warnings(record: ArticleRecord) -> list[Finding]:
    """Return what the reader of a record noted."""
    return [
        Finding(severity="Warning", field=warning.field, message=warning.message, remedy="")
        for warning in record.warnings
    ]
