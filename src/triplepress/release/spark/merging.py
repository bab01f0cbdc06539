"""The records in the order of their keys: what was withdrawn taken out, those of one key merged, each with its date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from triplepress.rdf.facts import PastState
from triplepress.record import ArticleRecord, Text, Withdrawn, encode_record
from triplepress.release.history import succeeded
from triplepress.release.journals import JournalStatement
from triplepress.release.merge import merge_records, stranger_rejected, strangers_among
from triplepress.release.revisions import read_revisions
from triplepress.release.spark.job import Job, Ranges
from triplepress.release.spark.reading import Read, SetAside
from triplepress.release.spark.session import Cluster
from triplepress.release.statements import RecordRow, kind_of, row_of, unpack_record
from triplepress.release.withdrawals import WithdrawnRecord, given_after
from triplepress.release.withdrawn import as_revisions, read_withdrawn

if TYPE_CHECKING:
    from pyspark import RDD


class Record(NamedTuple):
    """One record of the edition.

    Attributes:
        row: What it states.
        modified: xsd:dateTime of the last change of its content.
        run: Id of the run that made this state of it.
        history: The states that it was in before, oldest first.
        known: Whether the edition before held it.
    """

    row: RecordRow
    modified: str
    run: str
    history: tuple[PastState, ...] = ()
    known: bool = False


@dataclass
class Merged:
    """What the merge of one partition came to.

    Attributes:
        records: How many records there are.
        became: What became of all, by kind of source: `published`, `merged`, `withdrawn`, `rejected`.
        statements: How many records make each statement about their journal.
        withdrawn: The records that were taken back, each behind what they are sorted by, and its titles.
    """

    records: int = 0
    became: Counter[tuple[str, str]] = field(default_factory=Counter)
    statements: Counter[JournalStatement] = field(default_factory=Counter)
    withdrawn: list[tuple[tuple[str, str, bytes], WithdrawnRecord, list[Text]]] = field(default_factory=list)

    def add(self, other: Merged) -> None:
        """Take in another partition."""
        self.records += other.records
        self.became += other.became
        self.statements += other.statements
        self.withdrawn += other.withdrawn


class Revised(NamedTuple):
    """The last state of a record that an edition before held; as in `Revision`."""

    digest: bytes
    modified: str
    run: str
    history: tuple[PastState, ...]
    until: str | None


def merge(
    cluster: Cluster,
    job: Job,
    read: Read,
    parts: int,
    *,
    stage: str = "records",
    ranges: Ranges | None = None,
    previous: Path | None = None,
) -> tuple[Merged, Ranges]:
    """Bring all that was read into the order of the keys, and merge what has the same one.

    Args:
        cluster: The cluster.
        job: The build.
        read: What was read.
        parts: How many parts it is in.
        stage: The name of the parts: `records`; `records-set-aside` for records that bear another work's key, and
            `records-departed` for the keys that only the edition before had.
        ranges: The partitions; None cuts them anew.
        previous: The folder of the edition before, whose records keep their dates; None for none.
    """
    if ranges is None:
        ranges = Ranges.among(_sampled(read), max(cluster.parallelism, read.records // 20_000))
    source = "read" if stage == "records" else f"{stage}-read"
    pairs: RDD[Any] = cluster.rows(list(range(parts))).flatMap(partial(_keyed, job, source))
    if previous is not None:
        pairs = pairs.union(cluster.rows([previous]).flatMap(_revised))
    ordered = cluster.sorted(pairs, len(ranges), ranges)
    withdrawals: dict[str, list[tuple[bytes, Withdrawn]]] = {}
    for withdrawal in read.withdrawals:
        withdrawals.setdefault(withdrawal.local_id, []).append((msgspec.json.encode(withdrawal), withdrawal))
    for words in withdrawals.values():
        words.sort(key=itemgetter(0))
    total = Merged()
    for merged in cluster.run("merge", ordered, partial(_merge, job, stage, withdrawals)):
        total.add(merged)
    return total, ranges


def _sampled(read: Read) -> Sequence[str]:
    """Return the keys of the sample that there are records of, whatever was withdrawn.

    A member begins with a record. Where a partition began at a key without one, so would a member, at the next key.
    """
    withdrawn = {each.local_id for each in read.withdrawals}
    return [key for _, key, local_id in read.starts if local_id not in withdrawn]


def _keyed(job: Job, stage: str, number: int) -> Iterator[tuple[str, RecordRow]]:
    """Yield the rows of one part with their keys."""
    for row in job.parts.read(stage, number):
        yield row.key, row


def _revised(folder: Path) -> Iterator[tuple[str, Revised]]:
    """Yield what the edition before knows of its records' changes, and of records that it no longer held."""
    for revision in chain(read_revisions(folder), as_revisions(read_withdrawn(folder))):
        yield (
            revision.key,
            Revised(revision.digest, revision.modified, revision.run, revision.history, revision.until),
        )


def _merge(
    job: Job,
    stage: str,
    withdrawals: Mapping[str, Sequence[tuple[bytes, Withdrawn]]],
    number: int,
    pairs: Iterator[tuple[str, RecordRow | Revised]],
) -> Merged:
    """Merge the records of one partition."""
    merged = Merged()
    aside: list[SetAside] = []
    departed: list[str] = []

    def records() -> Iterator[Record]:
        for key, group in groupby(pairs, itemgetter(0)):
            rows: list[RecordRow] = []
            revised: Revised | None = None
            for _, value in group:
                if isinstance(value, Revised):
                    revised = value
                elif not _is_withdrawn(merged, key, value, withdrawals):
                    rows.append(value)
            if not rows:
                if revised is not None and revised.until is None:
                    departed.append(key)
                continue
            row = rows[0] if len(rows) == 1 else _united(merged, aside, rows)
            if row.journal is not None:
                merged.statements[row.journal] += 1
            merged.records += 1
            merged.became[row.kind, "published"] += 1
            yield _dated(job, row, revised)

    job.parts.write(stage, number, records())
    job.parts.write(f"{stage}-set-aside", number, aside)
    job.parts.write(f"{stage}-departed", number, departed)
    return merged


def _dated(job: Job, row: RecordRow, revised: Revised | None) -> Record:
    """Return a record with the dates of its states."""
    if revised is None:
        return Record(row, job.modified, job.run)
    known = revised.until is None
    if known and revised.digest == row.digest:
        return Record(row, revised.modified, revised.run, revised.history, known)
    history = succeeded(revised.history, revised.modified, revised.run, job.modified, revised.until)
    return Record(row, job.modified, job.run, history, known)


def _is_withdrawn(
    merged: Merged, key: str, row: RecordRow, withdrawals: Mapping[str, Sequence[tuple[bytes, Withdrawn]]]
) -> bool:
    """Tell whether its source took a record back and did not give it again, and count it if so."""
    words = withdrawals.get(row.local_id) if row.local_id is not None else None
    if not words:
        return False
    record = unpack_record(row.body)
    for value, withdrawal in words:
        if not given_after(record, withdrawal):
            merged.became[row.kind, "withdrawn"] += 1
            withdrawn = WithdrawnRecord(
                key=key,
                local_id=withdrawal.local_id,
                doi=record.doi,
                withdrawn=withdrawal.withdrawn,
                location=withdrawal.source.location,
                position=withdrawal.source.position,
            )
            merged.withdrawn.append(((withdrawal.local_id, key, value), withdrawn, record.titles))
            return True
    return False


def _united(merged: Merged, aside: list[SetAside], rows: Sequence[RecordRow]) -> RecordRow:
    """Return one row in the place of all those of a key; set aside those that are other works."""
    versions = [unpack_record(row.body) for row in rows]
    strangers = set(strangers_among(versions))
    for place in sorted(strangers):
        merged.became[rows[place].kind, "rejected"] += 1
        aside.append(_stranger(versions[place], rows[place].body))
    left = [place for place in range(len(rows)) if place not in strangers]
    if len(left) == 1:
        return rows[left[0]]
    versions = [versions[place] for place in left]
    united = merge_records(versions)
    kinds = Counter(kind_of(version) for version in versions)
    kind = kind_of(united) if kind_of(united) in kinds else min(kinds)
    kinds[kind] -= 1
    merged.became.update({(name, "merged"): number for name, number in kinds.items() if number})
    return msgspec.structs.replace(row_of(united), kind=kind)


def _stranger(record: ArticleRecord, body: bytes) -> SetAside:
    """Return the line of a record that bears the identifier of another work."""
    rejected = stranger_rejected(record)
    source = rejected.source
    return SetAside(source.location, source.position or "", encode_record(rejected), body)
