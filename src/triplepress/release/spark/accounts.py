"""What a build on Spark has come to, as the reports and the description of a release ask for it.

It answers as the index of a local build does, in the same orders, out of the parts: part by part, so that the driver's
memory does not grow with the edition. Only what was set aside is brought into an order of its own here.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter
from typing import NamedTuple

import msgspec

from triplepress.record import ArticleRecord, Rejected, Text
from triplepress.release.dumps import Pressed
from triplepress.release.index import Revision
from triplepress.release.journals import JournalIdentity
from triplepress.release.spark.job import Job, Ranges
from triplepress.release.spark.merging import Merged, Record
from triplepress.release.spark.pressing import Found, PressedArticles, PressedBatch
from triplepress.release.spark.reading import Read, SetAside
from triplepress.release.spark.session import Cluster
from triplepress.release.spark.things import PressedThings
from triplepress.release.statements import unpack_record
from triplepress.release.statistics import Statistics
from triplepress.release.withdrawals import WithdrawnRecord
from triplepress.validation.results import Result

_SCHEMA = "CREATE TABLE set_aside (location TEXT, position TEXT, line BLOB, body BLOB)"


class _Member(NamedTuple):
    """One member of the articles, as it was pressed last."""

    pressed: Pressed
    statistics: Statistics
    found: list[Found]


class Accounts:
    """The accounts of one build.

    Args:
        job: The build.
        read: What was read, in how many parts.
        merged: What became of it.
        ranges: The partitions of the records.
        articles: What the press made of them.
    """

    def __init__(
        self, job: Job, read: tuple[Read, int], merged: Merged, ranges: Ranges, articles: PressedArticles
    ) -> None:
        """Keep what each stage came to."""
        self._job = job
        self._read, self._read_parts = read
        self._merged = merged
        self._taken_back = sorted(merged.withdrawn, key=itemgetter(0))
        self._titles: dict[str, list[Text]] = {}
        for _, record, titles in self._taken_back:
            self._titles.setdefault(record.key, titles)
        self._parts = range(len(ranges))
        self._articles = articles
        self._things = PressedThings(0)
        self._runs: list[tuple[str, tuple[str, ...]]] = []
        self._named: set[str] = set()
        self._held = self.keys()
        self._next: str | None = ""

    def keep(self, name: str, value: bytes) -> None:
        """Keep nothing: no small update goes on from here."""

    def close(self) -> None:
        """Let go of nothing: the parts go with the build's folder."""

    # -- inputs ----------------------------------------------------------------------------------------------------

    def tallied(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield how many results there were: kind of source, `read` and so on, type, how many; in order."""
        yield from sorted((*what, number) for what, number in self._read.tally.items())

    def became(self) -> Iterator[tuple[str, str, int]]:
        """Yield what became of the records of each kind of source: kind, `published` and so on, how many; in order."""
        found = Counter(self._merged.became)
        for kind in self._articles.refused.values():
            found[kind, "published"] -= 1
            found[kind, "rejected"] += 1
        yield from sorted((kind, what, number) for (kind, what), number in found.items() if number)

    def inputs(self) -> Iterator[tuple[str, str, str | None, int]]:
        """Yield the input files: location, kind, SHA-256, number of results; in order."""
        noted = [(*what, number) for what, number in self._read.inputs.items()]
        places = sorted(location for location, _, _, _ in noted)
        for file, (sha256, number) in self._read.files.items():
            if not _is_start_of_any(file, places):
                noted.append((file, "record", sha256 or "", number))
        for location, kind, digest, number in sorted(noted):
            yield location, kind, digest or None, number

    @property
    def withdrawn(self) -> Sequence[WithdrawnRecord]:
        """The records that their sources took back, in the order of their identifiers."""
        return [record for _, record, _ in self._taken_back]

    def titles_of_withdrawn(self, key: str) -> list[Text]:
        """Return the titles of a record that its source took back."""
        return self._titles.get(key, [])

    def departed(self) -> Iterator[str]:
        """Yield the keys of the records that the edition before held and this one does not, in order."""
        for number in self._parts:
            gone = list(self._job.parts.read("records-departed", number))
            for record in self._job.parts.read("records", number):
                if record.known and record.row.key in self._articles.refused:
                    gone.append(record.row.key)
            yield from sorted(gone)

    def is_held(self, key: str) -> bool:
        """Tell whether there is a published record of a key; keys are asked for in their order."""
        while self._next is not None and self._next < key:
            self._next = next(self._held, None)
        return self._next == key

    def is_refused(self, key: str) -> bool:
        """Tell whether the inputs hold a record of a key, but none that is published."""
        return key in self._articles.refused

    # -- records ---------------------------------------------------------------------------------------------------

    @property
    def published(self) -> int:
        """How many articles there are, without those set aside."""
        return self._merged.records - len(self._articles.refused)

    def _records(self) -> Iterator[Record]:
        """Yield the published records, in the order of their keys."""
        for number in self._parts:
            for record in self._job.parts.read("records", number):
                if record.row.key not in self._articles.refused:
                    yield record

    def bodies(self) -> Iterator[tuple[str, ArticleRecord]]:
        """Yield the keys and values of the published records, in order."""
        for record in self._records():
            yield record.row.key, unpack_record(record.row.body)

    def revisions(self) -> Iterator[Revision]:
        """Yield when each published record last changed, in the order of their keys."""
        for record in self._records():
            yield Revision(record.row.key, record.row.digest, record.modified, record.run, record.history)

    def keys(self) -> Iterator[str]:
        """Yield the keys of the published records, in order."""
        for record in self._records():
            yield record.row.key

    def journals(self) -> Iterator[tuple[str, JournalIdentity, tuple[str, ...]]]:
        """Yield journals by key with their ISSNs."""
        for key, identity in self._articles.journals.identities.items():
            yield key, identity, ()

    def note_runs(self, runs: Iterable[str]) -> None:
        """Remember runs that something else than a published record names."""
        self._named.update(runs)

    def find_runs(self, cluster: Cluster) -> None:
        """Find the runs that made the published records as they are."""
        rows = cluster.rows(list(self._parts))
        found: set[tuple[str, str]] = set()
        for runs in cluster.run("press", rows, partial(_runs, self._job, frozenset(self._articles.refused))):
            found |= runs
        names = sorted({run for run, _ in found} | self._named)
        self._runs = [
            (name, tuple(sorted(sha256 for run, sha256 in found if run == name and sha256))) for name in names
        ]

    def runs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the runs, each with the SHA-256 of what it read, in order."""
        yield from self._runs

    # -- findings --------------------------------------------------------------------------------------------------

    def set_aside_lines(self) -> Iterator[tuple[bytes, ArticleRecord | None]]:
        """Yield the lines of `rejected.jsonl` by place, each with the record where it became one."""
        path = self._job.parts.folder / "set-aside.sqlite"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; {_SCHEMA}"
            )
            db.execute("BEGIN")
            db.executemany(
                "INSERT INTO set_aside VALUES (?, ?, ?, ?)",
                ((each.location, each.position, each.line, each.body) for each in self._set_aside()),
            )
            rows = db.execute("SELECT line, body FROM set_aside ORDER BY location, length(position), position, line")
            for line, body in rows:
                yield line, None if body is None else unpack_record(body)

    def _set_aside(self) -> Iterator[SetAside]:
        parts = self._job.parts
        for number in range(self._read_parts):
            yield from parts.read("read-set-aside", number)
        for number in self._parts:
            yield from parts.read("records-set-aside", number)
            for this in range(self._articles.rounds):
                for batch in parts.read(f"pressed-{this}", number):
                    yield from batch.aside

    def set_aside(self) -> Iterator[Rejected]:
        """Yield what was set aside, in no order of its own."""
        for each in self._set_aside():
            yield msgspec.json.decode(each.line, type=Rejected)

    def findings(self) -> Iterator[bytes]:
        """Yield the entries of the report about published records, encoded, in the order of their keys."""
        for member in self._members():
            for found in member.found:
                if found.entry is not None:
                    yield found.entry

    def results(self) -> Iterator[Result]:
        """Yield the gate's results about published and refused records, in the order of their keys."""
        for member in self._members():
            for found in member.found:
                yield from found.results

    def shared_results(self) -> Iterator[Result]:
        """Yield the gate's results about shared things, in the order of their IRIs."""
        yield from sorted(self._things.results, key=attrgetter("focus_node"))

    # -- what was made ---------------------------------------------------------------------------------------------

    def keep_things(self, things: PressedThings) -> None:
        """Take in what the press made of shared things."""
        self._things = things

    @property
    def statistics(self) -> Statistics:
        """Counts of all that was pressed."""
        total = Statistics()
        for statistics in chain((each.statistics for each in self._members()), (s for _, s in self._thing_members())):
            total += statistics
        return total

    def members(self) -> Iterator[Pressed]:
        """Yield all members, in the order of the dumps."""
        for member in self._members():
            yield member.pressed
        for pressed, _ in self._thing_members():
            yield pressed

    @property
    def engine(self) -> str:
        """Name and version of the validation engine."""
        return self._job.press.gate.engine

    def _thing_members(self) -> Iterator[tuple[Pressed, Statistics]]:
        for number in range(self._things.parts):
            yield from self._job.parts.read("things", number)

    def _members(self) -> Iterator[_Member]:
        """Yield the members of the articles in order, each as it was pressed last."""
        for number in self._parts:
            later: dict[str, PressedBatch] = {}
            refused: dict[str, list[Found]] = {}
            for this in range(1, self._articles.rounds):
                for batch in self._job.parts.read(f"pressed-{this}", number):
                    later[batch.start] = batch
                    refused.setdefault(batch.start, []).extend(each for each in batch.found if each.entry is None)
            for batch in self._job.parts.read("pressed-0", number):
                yield from _last(batch, later, refused)


def _last(batch: PressedBatch, later: dict[str, PressedBatch], refused: dict[str, list[Found]]) -> Iterator[_Member]:
    """Yield the members of a batch of the first round, or what became of them in later ones."""
    starts = [pressed.key for pressed, _ in batch.members]
    found: list[list[Found]] = [[] for _ in starts]
    for each in batch.found:
        found[bisect_right(starts, each.key) - 1].append(each)
    for (pressed, statistics), own in zip(batch.members, found, strict=True):
        again = later.get(pressed.key)
        if again is None:
            yield _Member(pressed, statistics, own)
            continue
        gone = [*(each for each in own if each.entry is None), *refused[pressed.key]]
        kept = [each for each in again.found if each.entry is not None]
        ((pressed_again, statistics_again),) = again.members
        yield _Member(pressed_again, statistics_again, sorted((*gone, *kept), key=itemgetter(0)))


def _runs(job: Job, refused: frozenset[str], number: int, _: Iterator[int]) -> set[tuple[str, str]]:
    """Return the runs that made the published records of one part, each with one SHA-256 of what it read.

    Runs that made earlier states of them read nothing of what they are now.
    """
    found: set[tuple[str, str]] = set()
    for record in job.parts.read("records", number):
        if record.row.key not in refused:
            found.update((record.run, sha256) for sha256 in record.row.drawn or [""])
            found.update((state.run, "") for state in record.history)
    return found


def _is_start_of_any(file: str, places: Sequence[str]) -> bool:
    """Tell whether any place, given in order, is this file or within it."""
    at = bisect_right(places, file)
    return (at > 0 and places[at - 1] == file) or (at < len(places) and places[at].startswith(file))
