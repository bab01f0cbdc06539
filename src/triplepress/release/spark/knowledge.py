"""What a batch must know of records elsewhere: held works that it cites, and what all records say of what it points at.

Every record states things, about itself as a work that may be cited and about what it shares with others; every batch
asks for the things that it names. Statements and questions about one thing meet in one place, and the answer goes to
the batches that asked. What is stated often is counted before it travels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final
from zlib import crc32

import msgspec

from triplepress.rdf.facts import WorkFacts
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_issue, shape_journal, shape_organisation, shape_person
from triplepress.release.index import Statement
from triplepress.release.journals import JournalIdentity, JournalStatement
from triplepress.release.shared import issue_number, issues_of, journal_of, organisation_of, person_of
from triplepress.release.spark.batches import BATCH, RecordBatch, batches
from triplepress.release.spark.job import Job, Ranges
from triplepress.release.spark.merging import Record
from triplepress.release.spark.session import Cluster

if TYPE_CHECKING:
    from pyspark import RDD

# Things of which statements wait in a task before they are sent.
_WAITING: Final = 50_000
# Between the parts of a thing's name; no identifier has it.
SEPARATOR: Final = "\x1f"

# What is stated about a thing: kind, value as JSON, rank, and by how many records; or a work itself.
States = Counter[tuple[str, bytes, int]]


@dataclass
class Meeting:
    """What one task has to say about one thing, and the batches of it that ask.

    Attributes:
        states: What its records state.
        work: What is to be known of the thing, if it is a work that is held.
        asking: The first keys of the batches that name it.
    """

    states: States
    work: WorkFacts | None
    asking: set[str]


@dataclass(frozen=True)
class Journals:
    """The journals of the edition, as all its records identify them.

    Attributes:
        keys: The journal's key for each statement.
        identities: The ISSNs by key.
    """

    keys: Mapping[JournalStatement, str]
    identities: Mapping[str, JournalIdentity]

    def key(self, statement: JournalStatement | None) -> str | None:
        """Return the key of the journal that a record states."""
        return None if statement is None else self.keys[statement]


@dataclass(frozen=True)
class Round:
    """One round of the press.

    Attributes:
        number: From 0.
        refused: Keys of records that the gate has refused in the rounds before; they count nowhere.
        members: First keys of the members that are pressed; None for all.
        journals: The journals.
    """

    number: int
    refused: frozenset[str]
    members: frozenset[str] | None
    journals: Journals

    def batches(self, records: Iterable[Record]) -> Iterator[tuple[RecordBatch, bool]]:
        """Yield the batches of a partition, each with whether it is pressed."""
        for batch in batches(records, size=BATCH if self.members is None else 1):
            yield batch, self.members is None or batch.start in self.members


# What a batch gets to know: a held work, or the node of a shared thing as a line of JSON.
Answer = WorkFacts | bytes


def answers(cluster: Cluster, job: Job, this: Round, ranges: Ranges) -> RDD[tuple[str, Answer]]:
    """Return what the batches of a round must know, each in its own partition, in the order of their first keys."""
    number = len(ranges)
    met = cluster.rows(list(range(number))).flatMap(partial(_meetings, job, this))
    things = cluster.sorted(met, number, partial(place_of_thing, number))
    told = things.mapPartitions(partial(_answers, job, this))
    return cluster.sorted(told, number, ranges)


def place_of_thing(number: int, thing: str) -> int:
    """Return the partition where all about one thing meets."""
    return crc32(thing.encode()) % number


def _meetings(job: Job, this: Round, number: int) -> Iterator[tuple[str, Meeting]]:
    """Yield what the records of one part state, and what its batches ask."""
    waiting: dict[str, Meeting] = {}

    def about(thing: str) -> Meeting:
        meeting = waiting.get(thing)
        if meeting is None:
            meeting = waiting[thing] = Meeting(Counter(), None, set())
        return meeting

    for batch, asks in this.batches(job.parts.read("records", number)):
        for record in batch.records:
            row = record.row
            if row.key in this.refused:
                continue
            for thing, kind, value, rank in stated(record, this.journals):
                meeting = about(thing)
                if kind != "asked":
                    meeting.states[kind, value, rank] += 1
                if asks:
                    meeting.asking.add(batch.start)
            if row.key.startswith("doi/"):
                about(f"work{SEPARATOR}{row.key[4:]}").work = work_of(record, this.journals)
            if asks:
                for doi, _ in row.cites:
                    about(f"work{SEPARATOR}{doi}").asking.add(batch.start)
        if len(waiting) > _WAITING:
            yield from waiting.items()
            waiting.clear()
    yield from waiting.items()


def stated(record: Record, journals: Journals) -> Iterator[tuple[str, str, bytes, int]]:
    """Yield what a record states about what its batch must know: the thing's name, then kind, value and rank.

    A journal that a record states nothing about but its ISSN is `asked` for all the same. Volumes need no other record,
    and sources are no matter of a batch.
    """
    journal = journals.key(record.row.journal)
    if journal is not None:
        yield f"journal{SEPARATOR}{journal}", "asked", b"", 0
    for each in record.row.stated:
        if each.kind in {"title", "publisher"}:
            yield f"journal{SEPARATOR}{journal}", each.kind, each.value, each.rank
        elif each.kind == "issue":
            issue = msgspec.json.encode(issue_number(each.value)[0]).decode()
            yield f"issue{SEPARATOR}{journal}{SEPARATOR}{issue}", each.kind, each.value, each.rank
        elif each.kind in {"person", "organisation"}:
            yield f"{each.kind}{SEPARATOR}{each.thing}", each.kind, each.value, each.rank


def work_of(record: Record, journals: Journals) -> WorkFacts:
    """Return what a citing record must know of a held one."""
    row = record.row
    return WorkFacts(
        row.key[4:], row.issued, journals.key(row.journal), frozenset(row.orcids.split()), frozenset(row.rors.split())
    )


def statements(thing: str, states: States, kind: str) -> list[Statement]:
    """Return what is stated of one kind about a thing, in the order of the values."""
    ranks: dict[bytes, int] = {}
    records: Counter[bytes] = Counter()
    for (stated_kind, value, rank), number in states.items():
        if stated_kind == kind:
            ranks[value] = min(rank, ranks.get(value, rank))
            records[value] += number
    return [Statement(thing, value, ranks[value], records[value]) for value in sorted(ranks)]


def meet(meetings: Iterable[tuple[str, Meeting]]) -> Iterator[tuple[str, Meeting]]:
    """Yield all about each thing as one, from what several tasks have to say, sorted by its name."""
    for thing, group in groupby(meetings, itemgetter(0)):
        whole = Meeting(Counter(), None, set())
        for _, meeting in group:
            whole.states.update(meeting.states)
            whole.work = whole.work or meeting.work
            whole.asking |= meeting.asking
        yield thing, whole


def _answers(job: Job, this: Round, meetings: Iterator[tuple[str, Meeting]]) -> Iterator[tuple[str, Answer]]:
    """Yield what each asking batch gets to know about a thing."""
    for thing, meeting in meet(meetings):
        if meeting.asking:
            answer = _answer(job, this, thing, meeting)
            if answer is not None:
                for start in sorted(meeting.asking):
                    yield start, answer


def _answer(job: Job, this: Round, thing: str, meeting: Meeting) -> Answer | None:
    """Return what is to be known about a thing; None of a work that is not held."""
    kind, _, name = thing.partition(SEPARATOR)
    edition = job.edition
    if kind == "work":
        return meeting.work
    if kind == "journal":
        titles, publishers = (statements(name, meeting.states, each) for each in ("title", "publisher"))
        return encode_node(shape_journal(journal_of(name, this.journals.identities[name], titles, publishers), edition))
    found = statements(name, meeting.states, kind)
    if kind == "issue":
        (issue,) = issues_of(name.partition(SEPARATOR)[0], found)
        return encode_node(shape_issue(issue, edition))
    if kind == "person":
        return encode_node(shape_person(person_of(name, found), edition))
    return encode_node(shape_organisation(organisation_of(name, found), edition))
