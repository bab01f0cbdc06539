"""The inputs, read file by file on the executors."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

from triplepress.errors import SourceError
from triplepress.record import Rejected, Withdrawn, encode_record
from triplepress.release.counting import READ, REJECTED, SKIPPED, WITHDRAWAL
from triplepress.release.reading import STDIN, Inputs, ReadFile, Result, file_digest, result_of
from triplepress.release.spark.job import SAMPLED, Job
from triplepress.release.spark.session import Cluster
from triplepress.release.statements import RecordRow
from triplepress.store.members import ARTICLES

_BYTES: Final = 128 * 1024 * 1024  # of inputs in one task


@dataclass(frozen=True)
class SetAside:
    """One line of `rejected.jsonl`.

    Attributes:
        location: The file.
        position: Where in it; empty where that is not known.
        line: The `Rejected`, as JSON.
        body: The record, packed, where the input became one.
    """

    location: str
    position: str
    line: bytes
    body: bytes | None = None


@dataclass
class Read:
    """What one task read.

    Attributes:
        tally: How many results there were: kind of source, `read`, `skipped` or `rejected`, type of what is skipped.
        inputs: How many results came from each file: location, kind, SHA-256.
        files: The SHA-256 of each file that was opened, and how many results it gave.
        withdrawals: Records that their sources took back.
        records: How many records there were.
        starts: Some keys that begin a member of the dumps, each behind its rank, with the `local_id` of
            its record or an empty text: a sample by the lowest ranks.
    """

    tally: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    inputs: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    files: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    withdrawals: list[Withdrawn] = field(default_factory=list)
    records: int = 0
    starts: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: Read) -> None:
        """Take in what another task read."""
        self.tally += other.tally
        self.inputs += other.inputs
        self.files |= other.files
        self.withdrawals += other.withdrawals
        self.records += other.records
        self.starts += other.starts


def read_inputs(cluster: Cluster, job: Job, stage: str, inputs: Inputs) -> tuple[Read, int]:
    """Read files into parts of rows.

    Args:
        cluster: The cluster.
        job: The build.
        stage: The name of the parts: `read`, say, and `read-set-aside` for what is no record.
        inputs: The inputs: files that every executor sees under the same path.

    Returns:
        What was read, and how many parts there are.

    Raises:
        SourceError: Standard input is among them.
        ReleaseError: A file cannot be seen from the executors.
    """
    files: list[str] = []
    others: list[Rejected] = []
    for each in inputs.files:
        if isinstance(each, Rejected):
            others.append(each)
        elif each == STDIN:
            raise SourceError("standard input cannot be read by a cluster; save it to a file", location=STDIN)
        else:
            files.append(each)
    tasks: list[tuple[list[str], list[Rejected]]] = [(dealt, []) for dealt in _dealt(files, cluster.parallelism)]
    if others:
        tasks.append(([], others))
    total = Read()
    for read in cluster.run("read", cluster.rows(tasks), partial(_read, job, stage, inputs.read)):
        total.add(read)
    return total, len(tasks)


def _dealt(files: Sequence[str], least: int) -> list[list[str]]:
    """Return files in lists of about equal length in bytes."""
    sizes = {name: Path(name).stat().st_size for name in files}
    number = min(len(files), max(least, sum(sizes.values()) // _BYTES + 1))
    heap: list[tuple[int, int, list[str]]] = [(0, place, []) for place in range(number)]
    for name in sorted(files, key=lambda name: (-sizes[name], name)):
        size, place, dealt = heapq.heappop(heap)
        dealt.append(name)
        heapq.heappush(heap, (size + sizes[name], place, dealt))
    return [dealt for _, _, dealt in sorted(heap, key=lambda each: each[1])]


def _read(
    job: Job, stage: str, read_file: ReadFile, number: int, tasks: Iterator[tuple[list[str], list[Rejected]]]
) -> Read:
    """Read the files of one task."""
    read = Read()
    aside: list[SetAside] = []

    def rows() -> Iterator[RecordRow]:
        for files, others in tasks:
            for other in others:
                read.files[other.source.location] = (None, 1)
                _count(read, aside, result_of(other), other.source.location)
            for file in files:
                yield from _file(read, aside, read_file, file)

    job.parts.write(stage, number, rows())
    job.parts.write(f"{stage}-set-aside", number, aside)
    read.starts = heapq.nsmallest(SAMPLED, read.starts)
    return read


def _file(read: Read, aside: list[SetAside], read_file: ReadFile, file: str) -> Iterator[RecordRow]:
    """Yield the rows of one file."""
    # The driver saw it. Where this executor does not, the run must not go on with a hole in it: Spark tries elsewhere.
    # One that nobody may read is the reader's, which sets it aside with the reason.
    with suppress(PermissionError), Path(file).open("rb") as opened:
        opened.read(1)
    number = 0
    for item in read_file(file):
        number += 1
        result = result_of(item)
        _count(read, aside, result, file)
        if result.row is not None:
            yield result.row
    read.files[file] = (file_digest(file), number)


def _count(read: Read, aside: list[SetAside], result: Result, file: str) -> None:
    """Count one result; keep the line of what is set aside."""
    read.tally[result.kind, READ, ""] += 1
    source = result.source
    if source is not None and source.location.startswith(file):  # not of a record that was made elsewhere
        read.inputs[source.location, source.kind, source.sha256 or ""] += 1
    if result.row is not None:
        read.records += 1
        _sample(read, result.row)
    elif result.withdrawn is not None:
        read.withdrawals.append(result.withdrawn)
        read.tally[result.kind, SKIPPED, WITHDRAWAL] += 1
    elif result.skipped is not None:
        read.tally[result.kind, SKIPPED, result.skipped.kind] += 1
    elif result.rejected is not None:
        place = result.rejected.source
        read.tally[result.kind, REJECTED, ""] += 1
        aside.append(SetAside(place.location, place.position or "", encode_record(result.rejected)))


def _sample(read: Read, row: RecordRow) -> None:
    """Keep a key that begins a member, if it is among those of the lowest ranks."""
    if not ARTICLES.begins(row.key):
        return
    rank = int.from_bytes(blake2b(row.key.encode(), digest_size=8, person=b"sample").digest(), "big")
    read.starts.append((rank, row.key, row.local_id or ""))
    if len(read.starts) > 16 * SAMPLED:
        read.starts = heapq.nsmallest(SAMPLED, read.starts)
