"""References without a DOI, matched by a join: works and references meet at the keys that they have in common.

No index of works is needed, so there may be as many as there are: a key gathers at most a few hundred works, each of
which is weighed there against the references that look for it; what was weighed goes back to the citing record, which
chooses among all its candidates. Keys, weights and choice are those of the local build.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from triplepress.rdf.facts import MatchFacts
from triplepress.references import KnownWork
from triplepress.references.evidence import Evidence, weigh
from triplepress.references.folded import FoldedReference, FoldedWork, fold_reference, fold_work
from triplepress.references.keys import keys_of_work
from triplepress.references.match import LARGEST_BLOCK, chosen
from triplepress.release.compression import gunzip
from triplepress.release.counting import REJECTED
from triplepress.release.dumps import MATCHED_DUMP, Pieces, Pressed
from triplepress.release.manifest import Matches
from triplepress.release.matcher import Matcher, MatchSettings, read_line
from triplepress.release.matching import MATCHED_WORKS, MATCHES
from triplepress.release.reading import Inputs
from triplepress.release.spark.job import Job, Ranges
from triplepress.release.spark.merging import Record, merge
from triplepress.release.spark.parts import Members, Parts
from triplepress.release.spark.reading import read_inputs
from triplepress.release.spark.session import Cluster
from triplepress.release.statements import unpack_line
from triplepress.store.members import Section

# A reference: the key of its record, its place in the list, its number in the record.
_Asking = tuple[str, int, str]
# What meets at a key; works come first. What is said of a work that may be described.
_WORK, _REFERENCE = 0, 1
_MATCHED, _NAMED = "matched", "named"
_BATCH: Final = 200  # records or works whose statements are written at once
_SAMPLED: Final = 64


@dataclass
class _Found:
    """What one task matched.

    Attributes:
        references: How many references.
        triples: Number of triples.
        known: How many works there are to match with.
        held: How many of these the edition holds.
        dois: Some of the works that references were matched to.
    """

    references: int = 0
    triples: int = 0
    known: int = 0
    held: int = 0
    dois: list[str] = field(default_factory=list)


class SparkMatches:
    """What a run of the matching found.

    Args:
        matches: Counts.
        unread: How many inputs of the catalogues could not be read.
        parts: Where the members of the dump are; None where nothing was matched.
    """

    def __init__(self, matches: Matches, unread: int = 0, parts: Parts | None = None) -> None:
        """Keep what was found."""
        self.matches = matches
        self.unread = unread
        self._parts = parts

    def members(self) -> Iterator[Pressed]:
        """Yield the members of the dump, in order."""
        if self._parts is not None:
            for stage in ("matched", "matched-works"):
                yield from self._parts.read(f"{stage}-joined", 0)

    def quads(self) -> Iterator[bytes]:
        """Yield the N-Quads of the graph of matches, a member's at a time."""
        with Pieces() as pieces:
            for member in self.members():
                yield gunzip(pieces.read(member.pieces[MATCHED_DUMP]))


def match(
    cluster: Cluster, job: Job, ranges: Ranges, refused: frozenset[str], catalogue: Inputs | None
) -> SparkMatches:
    """Match every reference that has no DOI.

    Args:
        cluster: The cluster.
        job: The build.
        ranges: The partitions of the records.
        refused: Keys of records that are not published; they are no works to match with.
        catalogue: Inputs with what is known beside the edition's own works; None for none.
    """
    unread = 0
    listed = catalogue is not None
    if catalogue is not None:
        read, parts = read_inputs(cluster, job, "catalogue-read", catalogue)
        unread = sum(number for (_, what, _), number in read.tally.items() if what == REJECTED)
        merge(cluster, job, read, parts, stage="catalogue", ranges=ranges)
    number = len(ranges)
    rows = cluster.rows(list(range(number)))
    meeting = cluster.sorted(
        rows.flatMap(partial(_looking, job, refused, listed)), number, partial(_place_of_key, number)
    )
    weighed = cluster.sorted(meeting.mapPartitions(_weighed), number, partial(_place_of_asking, ranges))
    total = _Found()
    for found in cluster.run("match", weighed, partial(_match, job, refused, listed)):
        total.references += found.references
        total.triples += found.triples
        total.known += found.known
        total.held += found.held
        total.dois += found.dois
    _join(job.parts, "matched", number, MATCHES)
    named = cluster.rows(list(range(number))).flatMap(partial(_naming, job, refused, listed))
    cuts = Ranges.among(total.dois, number)
    works = 0
    tasks = cluster.run("match", cluster.sorted(named, len(cuts), cuts), partial(_describe, job, listed))
    for matched, triples in tasks:
        works += matched
        total.triples += triples
    _join(job.parts, "matched-works", len(cuts), MATCHED_WORKS)
    counts = Matches(
        references=total.references,
        works=works,
        triples=total.triples,
        known=total.known,
        catalogue=total.known - total.held,
    )
    return SparkMatches(counts, unread, job.parts)


def _place_of_key(number: int, key: tuple[int, int]) -> int:
    """Return the partition where a key's works and references meet."""
    return key[0] % number


def _place_of_asking(ranges: Ranges, asking: _Asking) -> int:
    """Return the partition of a reference's record."""
    return ranges(asking[0])


def _records(job: Job, refused: frozenset[str], number: int) -> Iterator[Record]:
    """Yield the published records of one part."""
    for record in job.parts.read("records", number):
        if record.row.key not in refused:
            yield record


def _listed(job: Job, refused: frozenset[str], listed: bool, number: int) -> Iterator[Record]:
    """Yield the works of the catalogues, where there are any, in one range of keys that the edition does not hold."""
    if not listed:
        return
    held = {record.row.key for record in _records(job, refused, number)}
    for record in job.parts.read("catalogue", number):
        if record.row.key.startswith("doi/") and record.row.key not in held:
            yield record


def _looking(
    job: Job, refused: frozenset[str], listed: bool, number: int
) -> Iterator[tuple[tuple[int, int], FoldedWork | tuple[_Asking, FoldedReference]]]:
    """Yield the keys of works and of references, each with what it leads to."""
    for record in _records(job, refused, number):
        work, seeker = read_line(record.row.key, unpack_line(record.row.body))
        yield from _keys(work)
        for wanted in seeker.wanted if seeker is not None else ():
            asking, reference = (record.row.key, wanted.place, wanted.number), fold_reference(wanted.sought)
            for key in array("q", wanted.keys):
                yield (key, _REFERENCE), (asking, reference)
    for record in _listed(job, refused, listed, number):
        work, _ = read_line(record.row.key, unpack_line(record.row.body))
        yield from _keys(work)


def _keys(work: KnownWork | None) -> Iterator[tuple[tuple[int, int], FoldedWork]]:
    """Yield the keys of a work."""
    if work is not None:
        folded = fold_work(work)
        for key in keys_of_work(folded):
            yield (key, _WORK), folded


def _weighed(
    pairs: Iterable[tuple[tuple[int, int], FoldedWork | tuple[_Asking, FoldedReference]]],
) -> Iterator[tuple[_Asking, tuple[str, Evidence]]]:
    """Yield the evidence for each work that shares a key with a reference; a key that too many share tells nothing."""
    for _, group in groupby(pairs, lambda pair: pair[0][0]):
        works: list[FoldedWork] = []
        for (_, kind), value in group:
            if kind == _WORK:
                if len(works) <= LARGEST_BLOCK:
                    works.append(value)  # type: ignore[arg-type]  # the kind says so
            elif len(works) <= LARGEST_BLOCK:
                asking, reference = value  # type: ignore[misc]  # likewise
                for work in works:
                    yield asking, (work.doi, weigh(reference, work))


def _match(
    job: Job,
    refused: frozenset[str],
    listed: bool,
    number: int,
    weighed: Iterator[tuple[_Asking, tuple[str, Evidence]]],
) -> _Found:
    """Choose among the candidates of each reference of one partition, and write what is stated of that."""
    found = _Found()
    found.held = sum(record.row.key.startswith("doi/") for record in _records(job, refused, number))
    found.known = found.held + sum(1 for _ in _listed(job, refused, listed, number))
    matcher = _matcher(job)
    dois: set[str] = set()

    def texts() -> Iterator[tuple[str, bytes]]:
        matched = _matched(weighed)
        while batch := list(islice(matched, _BATCH)):
            for each in matcher.stated(batch):
                found.references += each.references
                found.triples += each.quads.count(b"\n")
                dois.update(each.dois)
                yield each.key, each.quads

    with Members(job.parts, "matched-members", number) as members:
        job.parts.write("matched", number, _cut(texts(), MATCHES, members))
    ordered = sorted(dois)
    job.parts.write("matched-dois", number, ordered)
    found.dois = ordered[:: len(ordered) // _SAMPLED + 1]
    return found


def _matched(
    weighed: Iterator[tuple[_Asking, tuple[str, Evidence]]],
) -> Iterator[tuple[str, list[tuple[str, MatchFacts]]]]:
    """Yield the records of which references were matched, each with its matches in the order of its list."""
    for key, references in groupby(weighed, lambda pair: pair[0][0]):
        matches = []
        for (_, place, number), group in groupby(references, itemgetter(0)):
            candidates = dict(candidate for _, candidate in group)  # several keys may lead to one work
            match_found = chosen((evidence, doi) for doi, evidence in candidates.items())
            if match_found is not None and f"doi/{match_found.doi}" != key:  # a match to the article itself is none
                facts = MatchFacts(place, match_found.doi, match_found.score, match_found.method)
                matches.append((number, facts))
        if matches:
            yield key, matches


def _naming(job: Job, refused: frozenset[str], listed: bool, number: int) -> Iterator[tuple[str, str]]:
    """Yield the works that references were matched to, and, where some may be no others', those that are named."""
    for doi in job.parts.read("matched-dois", number):
        yield doi, _MATCHED
    if not listed:
        return
    named: set[str] = set()
    for record in _records(job, refused, number):
        named.update(doi for doi, _ in record.row.cites)
        if record.row.key.startswith("doi/"):
            named.add(record.row.key.removeprefix("doi/"))
    for doi in named:
        yield doi, _NAMED


def _describe(job: Job, listed: bool, number: int, pairs: Iterator[tuple[str, str]]) -> tuple[int, int]:
    """Describe the works of one partition that matches name and nothing else does.

    Returns:
        How many works references were matched to, and the number of triples.
    """
    matcher = _matcher(job)
    works = triples = 0

    def unnamed() -> Iterator[str]:
        nonlocal works
        for doi, group in groupby(pairs, itemgetter(0)):
            said = {what for _, what in group}
            if _MATCHED in said:
                works += 1
                if listed and _NAMED not in said:
                    yield doi

    def texts() -> Iterator[tuple[str, bytes]]:
        nonlocal triples
        found = unnamed()
        while batch := list(islice(found, _BATCH)):
            for doi, text in zip(batch, matcher.describe(batch), strict=True):
                triples += text.count(b"\n")
                yield doi, text

    with Members(job.parts, "matched-works-members", number) as members:
        job.parts.write("matched-works", number, _cut(texts(), MATCHED_WORKS, members))
    return works, triples


def _matcher(job: Job) -> Matcher:
    """Return what states matches; it opens no index."""
    folder = job.parts.folder
    return Matcher(MatchSettings(folder, folder, folder, folder, job.edition), job.press.mapping)


# -- the members of the dump -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """Some texts that follow one another.

    Attributes:
        key: The first key.
        text: The texts, where the next partition may go on with them.
        pressed: The finished member, where it cannot.
    """

    key: str
    text: bytes = b""
    pressed: Pressed | None = None


def _cut(texts: Iterable[tuple[str, bytes]], section: Section, members: Members) -> Iterator[_Piece]:
    """Yield the members of one partition; of the first and the last there may be more in others."""
    key, waiting = "", list[bytes]()
    for next_key, text in texts:
        if waiting and section.begins(next_key):
            yield _piece(key, b"".join(waiting), section, members)
            waiting = []
        if not waiting:
            key = next_key
        waiting.append(text)
    if waiting:
        yield _Piece(key, b"".join(waiting))


def _piece(key: str, text: bytes, section: Section, members: Members) -> _Piece:
    """Return what stands before a key that begins a member: a whole member if it begins with such a key itself."""
    if section.begins(key):
        return _Piece(key, pressed=members.add(section.name, key, {MATCHED_DUMP: text}))
    return _Piece(key, text)


def _join(parts: Parts, stage: str, number: int, section: Section) -> None:
    """Put the members together that go beyond one partition, and write all members in order."""

    def joined(members: Members) -> Iterator[Pressed]:
        key, waiting = "", list[bytes]()
        for part in range(number):
            for piece in parts.read(stage, part):
                if waiting and section.begins(piece.key):
                    yield members.add(section.name, key, {MATCHED_DUMP: b"".join(waiting)})
                    waiting = []
                if piece.pressed is not None:
                    yield piece.pressed
                    continue
                if not waiting:
                    key = piece.key
                waiting.append(piece.text)
        if waiting:
            yield members.add(section.name, key, {MATCHED_DUMP: b"".join(waiting)})

    with Members(parts, f"{stage}-joined-members", 0) as members:
        parts.write(f"{stage}-joined", 0, joined(members))
