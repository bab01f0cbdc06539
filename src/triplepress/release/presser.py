"""The press in a process of its own: takes keys, reads the index itself, and leaves finished members in a spool.

What goes between processes is small: a stretch of keys there, places in a file and what was found back.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.record import ArticleRecord, Finding, encode_record
from triplepress.release.compression import gzip_member
from triplepress.release.dumps import (
    CITATIONS_DUMP,
    JSONLD_DUMP,
    RECORDS,
    TURTLE_DUMP,
    Piece,
    Pieces,
    Pressed,
    Spool,
    citation_rows,
    pack_texts,
)
from triplepress.release.index import Candidate, IndexReader
from triplepress.release.press import Batch, Impression, Kept, Press
from triplepress.release.shared import (
    Entry,
    Needs,
    journal_entries,
    organisation_entries,
    person_entries,
    shared_lines,
    work_entries,
)
from triplepress.release.splicing import Splice, exchanged, spliced
from triplepress.release.statistics import Statistics, count_triples
from triplepress.store.members import ARTICLES, JOURNALS, NTRIPLES_DUMP, ORGANISATIONS, PEOPLE, WORKS
from triplepress.validation.report import Language, ReportEntry
from triplepress.validation.results import Result
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import Gate

# The spool of entries before and after an update.
_CHANGED: Final = "changed.nt.gz"
# The sections whose entries are shaped from the index alone.
SHAPED: Final = {
    JOURNALS.name: journal_entries,
    PEOPLE.name: person_entries,
    ORGANISATIONS.name: organisation_entries,
    WORKS.name: work_entries,
}


@dataclass(frozen=True)
class PressSettings:
    """What a presser is made of.

    Attributes:
        index: The folder of the index.
        spools: An empty folder for the members; None judges only.
        edition: The edition's facts.
        language: Language of the findings, `en` or `ru`.
    """

    index: Path
    spools: Path | None
    edition: EditionFacts
    language: Language


@dataclass(frozen=True, slots=True)
class Stretch:
    """Articles to press: from one key up to, not including, another.

    Attributes:
        start: The first key; it begins a member.
        end: The key after the last; None to the end.
        judged: How many of the records both engines judge.
    """

    start: str
    end: str | None
    judged: int = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """Shared things to press: the members of one section.

    Attributes:
        section: Its name.
        members: The entries of each member; an entry without nodes is shaped from the index.
    """

    section: str
    members: Sequence[Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that the gate refused: its number, its key, its line of `rejected.jsonl`, the gate's own results."""

    id: int
    key: str
    line: bytes
    results: Sequence[Result]


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """What was found about a record that is published: its number, its entry of the report, the gate's own results."""

    id: int
    entry: bytes
    results: Sequence[Result]
    warnings: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task.

    Attributes:
        members: Its members, in the order of the dumps, with the counts of their triples.
        refused: The records that are not published.
        found: Those that are, about which something was found.
        results: What was found about shared things.
        engine: The validation engine that judged.
    """

    members: Sequence[tuple[Pressed, Statistics]] = ()
    refused: Sequence[RefusedRecord] = ()
    found: Sequence[FoundRecord] = ()
    results: Sequence[Result] = ()
    engine: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is different: the path of its IRI, unquoted, and where its triples before and now lie."""

    path: str
    before: Piece
    after: Piece


@dataclass(frozen=True, slots=True)
class Spliced:
    """What became of a splice: its members, what is different, and what that adds to the counts of the triples."""

    members: Sequence[Pressed]
    changed: Sequence[Difference]
    statistics: Statistics


class Presser:
    """A press with its own reader of the index and its own spools.

    Args:
        settings: What it is made of.
    """

    def __init__(self, settings: PressSettings) -> None:
        """Load the mapping and the gate."""
        self.index = IndexReader.open(settings.index)
        self.press = Press(
            Mapping.load(), Gate(load_shapes(root=settings.edition.root)), settings.edition, settings.language
        )
        self._spools = settings.spools
        self._open: dict[str, Spool] = {}

    def close(self) -> None:
        """Close the files."""
        self.index.close()
        for spool in self._open.values():
            spool.close()

    @property
    def edition(self) -> EditionFacts:
        """The edition's facts."""
        return self.press.edition

    def articles(self, stretch: Stretch) -> Outcome:
        """Press some articles, member by member."""
        candidates = self.index.candidates(stretch.start, stretch.end)
        member = _members(self.index.keys(stretch.start, stretch.end))
        cuts = [n for n, (a, b) in enumerate(pairwise(candidates), 1) if member[a.key] != member[b.key]]
        pressed = self.press.press(self._batch(candidates, cuts), impress=self._spools is not None)
        if stretch.judged:
            self.press.judge(self._batch(candidates[: stretch.judged]))
        refused = [
            RefusedRecord(each.candidate.id, each.candidate.key, encode_record(each.rejected), each.results)
            for each in pressed.refused
        ]
        found = [self._found(kept) for kept in pressed.kept if kept.findings or kept.results]
        if self._spools is None:
            return Outcome((), refused, found, (), self.press.gate.engine)
        gone = {each.id for each in refused}
        texts = {
            member[group[0].key]: (article_texts([c for c in group if c.id not in gone], impression), impression)
            for group, impression in zip(Batch(candidates, (), cuts).members(), pressed.impressions, strict=True)
            if group
        }
        nothing: tuple[dict[str, bytes], Impression] = ({}, Impression())
        made = []
        for key in dict.fromkeys(member.values()):  # also those whose records were all refused
            packed, impression = texts.get(key, nothing)
            made.append(self._kept(ARTICLES.name, key, packed, impression.statistics))
        self._flush()
        return Outcome(made, refused, found, (), self.press.gate.engine)

    def apart(self, keys: list[str]) -> Outcome:
        """Press some articles, each as a member of its own."""
        candidates = self.index.candidates_of(keys)
        pressed = self.press.press(self._batch(candidates, range(1, len(candidates))))
        refused = [
            RefusedRecord(each.candidate.id, each.candidate.key, encode_record(each.rejected), each.results)
            for each in pressed.refused
        ]
        gone = {each.id for each in refused}
        made = [
            self._kept(ARTICLES.name, candidate.key, article_texts([candidate], impression), impression.statistics)
            for candidate, impression in zip(candidates, pressed.impressions, strict=False)
            if candidate.id not in gone
        ]
        self._flush()
        found = [self._found(kept) for kept in pressed.kept if kept.findings or kept.results]
        return Outcome(made, refused, found, (), self.press.gate.engine)

    def splice(self, splice: Splice) -> Spliced:
        """Exchange some entries of members."""
        minter, root = self.edition.minter, self.edition.root
        members: list[Pressed] = []
        changed: list[Difference] = []
        statistics = Statistics()
        with Pieces() as pieces:
            for key, texts in spliced(splice, pieces, minter):
                members.append(self._kept(splice.section.name, key, texts, statistics)[0])
            for path, before, after in exchanged(splice, pieces, minter):
                statistics = statistics + count_triples(after, root) - count_triples(before, root)
                changed.append(Difference(path, self._piece(before), self._piece(after)))
        self._flush()
        return Spliced(members, changed, statistics)

    def _piece(self, text: bytes) -> Piece:
        """Write a text to a spool."""
        spool = self._spool(_CHANGED)
        segment = spool.append(gzip_member(text))
        return Piece(str(spool.path), segment.offset, segment.length)

    def shared(self, task: Shared) -> Outcome:
        """Press some shared things, member by member."""
        members = [self._entries(task.section, entries) for entries in task.members]
        lines = [[line for _, nodes in entries for line in nodes] for entries in members]
        texts = [self.press.mapping.to_ntriples(member) for member in lines]
        results = self.press.gate.validate(b"".join(texts)).results
        made: list[tuple[Pressed, Statistics]] = []
        if self._spools is not None:
            for entries, member, text in zip(members, lines, texts, strict=True):
                if entries:
                    impression = self.press.impression(member, text)
                    packed = impression_texts(impression)
                    made.append(self._kept(task.section, entries[0][0], packed, impression.statistics))
        self._flush()
        return Outcome(made, results=results)

    def _entries(self, section: str, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries of a member with their nodes."""
        if section not in SHAPED:
            return list(entries)
        return list(SHAPED[section](self.index, self.edition, [key for key, _ in entries]))

    def _batch(self, candidates: Sequence[Candidate], cuts: Sequence[int] = ()) -> Batch:
        """Return some records with the shared things that they point at."""
        needs = Needs.of(candidates, self.edition)
        return Batch(candidates, list(shared_lines(self.index, self.edition, needs)), cuts)

    def _found(self, kept: Kept) -> FoundRecord:
        """Return what was found about a published record, as the index keeps it."""
        record = kept.candidate.facts.record
        warnings = sum(finding.severity == "Warning" for finding in kept.findings)
        return FoundRecord(
            kept.candidate.id, encode_entry(entry_of(record, kept.findings, self.edition)), kept.results, warnings
        )

    def _kept(
        self, section: str, key: str, texts: dict[str, bytes], statistics: Statistics
    ) -> tuple[Pressed, Statistics]:
        """Write a member's texts to the spools."""
        pieces: dict[str, Piece] = {}
        for name, packed in pack_texts(texts).items():
            spool = self._spool(name)
            segment = spool.append(packed)
            pieces[name] = Piece(str(spool.path), segment.offset, segment.length)
        return Pressed(section, key, pieces), statistics

    def _spool(self, name: str) -> Spool:
        """Return this process's spool for one of the files."""
        spool = self._open.get(name)
        if spool is None:
            if self._spools is None:
                raise ValueError("this press only judges")
            unique = f"{os.getpid()}-{secrets.token_hex(4)}-{Path(name).name}"
            spool = self._open[name] = Spool(self._spools / unique)
        return spool

    def _flush(self) -> None:
        """Let the process that asked read the members."""
        for spool in self._open.values():
            spool.flush()


def article_texts(candidates: Iterable[Candidate], impression: Impression) -> dict[str, bytes]:
    """Return what some articles add to each file."""
    rows: list[bytes] = []
    lines: list[bytes] = []
    for candidate in candidates:
        record = candidate.facts.record
        lines.append(encode_record(record) + b"\n")
        if record.doi is not None:
            cited = sorted({reference.doi for reference in record.references if reference.doi})
            rows.append(citation_rows(record.doi, cited))
    return {**impression_texts(impression), CITATIONS_DUMP: b"".join(rows), RECORDS: b"".join(lines)}


def impression_texts(impression: Impression) -> dict[str, bytes]:
    """Return what an impression adds to each file."""
    return {NTRIPLES_DUMP: impression.ntriples, TURTLE_DUMP: impression.turtle, JSONLD_DUMP: impression.nodes}


def entry_of(record: ArticleRecord, findings: Sequence[Finding], edition: EditionFacts) -> ReportEntry:
    """Return the entry of a published record in the report."""
    return ReportEntry(
        record=edition.minter.article(record),
        doi=record.doi,
        title=record.titles[0].text if record.titles else None,
        source=record.sources[0] if record.sources else None,
        findings=tuple(findings),
    )


def encode_entry(entry: ReportEntry) -> bytes:
    """Return an entry of the report as bytes."""
    return msgspec.msgpack.encode(entry)


def decode_entry(packed: bytes) -> ReportEntry:
    """Return the entry that `encode_entry` made bytes of."""
    return msgspec.msgpack.decode(packed, type=ReportEntry)


def _members(keys: Iterable[str]) -> dict[str, str]:
    """Return the first key of the member that each key of a stretch is in; the stretch begins a member."""
    first: dict[str, str] = {}
    current = ""
    for key in keys:
        if not first or ARTICLES.begins(key):
            current = key
        first[key] = current
    return first
