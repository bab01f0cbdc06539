"""What the published records point at, each thing described once from what all of them say, through the press."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter

from triplepress.errors import ReleaseError
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import (
    shape_cited_work,
    shape_issue,
    shape_journal,
    shape_organisation,
    shape_person,
    shape_source,
    shape_volume,
)
from triplepress.release.dumps import Pressed
from triplepress.release.presser import impression_texts
from triplepress.release.shared import (
    Entry,
    issues_of,
    journal_of,
    organisation_of,
    person_of,
    source_of,
    volumes_of,
)
from triplepress.release.spark.job import SAMPLED, Job, Ranges
from triplepress.release.spark.knowledge import SEPARATOR, Journals, Meeting, meet, place_of_thing, statements
from triplepress.release.spark.merging import Record
from triplepress.release.spark.parts import Members
from triplepress.release.spark.session import Cluster
from triplepress.release.statistics import Statistics
from triplepress.store.members import JOURNALS, ORGANISATIONS, PEOPLE, SECTIONS, SOURCES, WORKS, Section
from triplepress.validation.results import Result

_WAITING = 50_000  # things whose statements wait in a task before they are sent
_NODES = 2000  # nodes of shared things that the gate judges at once
_PLACES = {section.name: place for place, section in enumerate(SECTIONS)}
_OF_KIND = {"person": PEOPLE, "organisation": ORGANISATIONS, "source": SOURCES}


@dataclass
class PressedThings:
    """What the press made of shared things.

    Attributes:
        parts: How many parts `things` hold the members, in the order of the dumps.
        results: The gate's results.
    """

    parts: int
    results: list[Result] = field(default_factory=list)


@dataclass
class _Entries:
    """What one task made of the statements that met in it.

    Attributes:
        number: How many entries.
        starts: A sample of the names that may begin a partition, each with its rank.
    """

    number: int = 0
    starts: list[tuple[int, str]] = field(default_factory=list)


def press_things(
    cluster: Cluster,
    job: Job,
    ranges: Ranges,
    refused: frozenset[str],
    journals: Journals,
    others: Iterable[tuple[Section, Entry]] = (),
) -> PressedThings:
    """Press the things that published records share, each exactly once.

    Args:
        cluster: The cluster.
        job: The build.
        ranges: The partitions of the records.
        refused: Keys of records that are not published.
        journals: The journals of those that are.
        others: Entries that no record states: runs, software.

    Raises:
        ReleaseError: A shared thing does not conform, though all records that state it do.
    """
    number = len(ranges)
    stated = cluster.rows(list(range(number))).flatMap(partial(_stated, job, refused, journals))
    met = cluster.sorted(stated, number, partial(place_of_thing, number))
    total = _Entries()
    for entries in cluster.run("press", met, partial(_entries, job, journals)):
        total.number += entries.number
        total.starts += entries.starts
    cuts = Ranges.among([name for _, name in heapq.nsmallest(SAMPLED * number, total.starts)], number)
    named = cluster.rows(list(range(number))).flatMap(partial(_read, job))
    extra = [(_name(section, entry[0]), entry[1]) for section, entry in others]
    pairs = named.union(cluster.rows([extra]).flatMap(_as_they_are)) if extra else named
    pressed = PressedThings(len(cuts))
    for results in cluster.run("press", cluster.sorted(pairs, len(cuts), cuts), partial(_press, job)):
        pressed.results += results
    return pressed


def _name(section: Section, key: str) -> str:
    """Return the name that a thing is sorted by: section, then key."""
    return f"{_PLACES[section.name]:02d}{SEPARATOR}{key}"


def _parted(name: str) -> tuple[Section, str]:
    """Return section and key of a thing's name."""
    place, _, key = name.partition(SEPARATOR)
    return SECTIONS[int(place)], key


def _stated(job: Job, refused: frozenset[str], journals: Journals, number: int) -> Iterator[tuple[str, Meeting]]:
    """Yield what the published records of one part state about everything that they share."""
    waiting: dict[str, Meeting] = {}
    for record in job.parts.read("records", number):
        if record.row.key in refused:
            continue
        for name, kind, value, rank in _statements(record, journals):
            waiting.setdefault(name, Meeting(Counter(), None, set())).states[kind, value, rank] += 1
        if len(waiting) > _WAITING:
            yield from waiting.items()
            waiting.clear()
    yield from waiting.items()


def _statements(record: Record, journals: Journals) -> Iterator[tuple[str, str, bytes, int]]:
    """Yield what one record states: the thing's name, kind, value, rank."""
    row = record.row
    journal = journals.key(row.journal)
    if journal is not None:
        yield _name(JOURNALS, journal), "named", b"", 0
    for each in row.stated:
        section = _OF_KIND.get(each.kind, JOURNALS)
        yield _name(section, each.thing or str(journal)), each.kind, each.value, each.rank
    for doi, _ in row.cites:
        yield _name(WORKS, doi), "named", b"", 0
    if row.key.startswith("doi/"):
        yield _name(WORKS, row.key[4:]), "held", b"", 0


def _entries(job: Job, journals: Journals, number: int, met: Iterator[tuple[str, Meeting]]) -> _Entries:
    """Write the entries of the things of one partition."""
    found = _Entries()

    def entries() -> Iterator[tuple[str, list[bytes]]]:
        for name, meeting in meet(met):
            section, key = _parted(name)
            lines = _lines(job, journals, section, key, meeting)
            if not lines:
                continue
            found.number += 1
            if section.begins(key):
                rank = int.from_bytes(blake2b(name.encode(), digest_size=8, person=b"sample").digest(), "big")
                found.starts.append((rank, name))
            yield name, lines

    job.parts.write("entries", number, entries())
    found.starts = heapq.nsmallest(SAMPLED, found.starts)
    return found


def _lines(job: Job, journals: Journals, section: Section, key: str, meeting: Meeting) -> list[bytes]:
    """Return the nodes of a thing; none of a work that is held, for it is an article."""
    edition, states = job.edition, meeting.states
    if section is WORKS:
        held = ("held", b"", 0) in states
        return [] if held else [encode_node(shape_cited_work(key, edition))]
    if section is PEOPLE:
        return [encode_node(shape_person(person_of(key, statements(key, states, "person")), edition))]
    if section is ORGANISATIONS:
        return [encode_node(shape_organisation(organisation_of(key, statements(key, states, "organisation")), edition))]
    if section is SOURCES:
        return [encode_node(shape_source(source_of(statements(key, states, "source")), edition))]
    titles, publishers, volumes, issues = (
        statements(key, states, kind) for kind in ("title", "publisher", "volume", "issue")
    )
    return [
        encode_node(shape_journal(journal_of(key, journals.identities[key], titles, publishers), edition)),
        *(encode_node(shape_volume(volume, edition)) for volume in volumes_of(key, volumes)),
        *(encode_node(shape_issue(issue, edition)) for issue in issues_of(key, issues)),
    ]


def _read(job: Job, number: int) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the entries of one part."""
    yield from job.parts.read("entries", number)


def _as_they_are(rows: list[tuple[str, list[bytes]]]) -> list[tuple[str, list[bytes]]]:
    return rows


def _press(job: Job, number: int, pairs: Iterator[tuple[str, list[bytes]]]) -> list[Result]:
    """Press the members of one partition, and return the gate's results."""
    found: list[Result] = []

    def pressed(members: Members) -> Iterator[tuple[Pressed, Statistics]]:
        waiting: list[tuple[Section, str, list[bytes]]] = []
        nodes = 0
        for section, key, lines in _members(pairs):
            waiting.append((section, key, lines))
            nodes += len(lines)
            if nodes >= _NODES:
                yield from _judged(job, waiting, members, found)
                waiting, nodes = [], 0
        yield from _judged(job, waiting, members, found)

    with Members(job.parts, "thing-members", number) as members:
        job.parts.write("things", number, pressed(members))
    return found


def _members(pairs: Iterator[tuple[str, list[bytes]]]) -> Iterator[tuple[Section, str, list[bytes]]]:
    """Yield the members of one partition: section, first key, all nodes."""
    current: tuple[Section, str, list[bytes]] | None = None
    for name, group in groupby(pairs, itemgetter(0)):
        section, key = _parted(name)
        lines = [line for _, lines in group for line in lines]
        if current is None or current[0] is not section or section.begins(key):
            if current is not None:
                yield current
            current = (section, key, lines)
        else:
            current[2].extend(lines)
    if current is not None:
        yield current


def _judged(
    job: Job, waiting: list[tuple[Section, str, list[bytes]]], members: Members, found: list[Result]
) -> Iterator[tuple[Pressed, Statistics]]:
    """Judge some members, and write them."""
    press = job.press
    texts = [press.mapping.to_ntriples(lines) for _, _, lines in waiting]
    for result in press.gate.validate(b"".join(texts)).results if texts else ():
        if result.severity == "Violation":
            raise ReleaseError(f"{result.focus_node} does not conform: {result.message(press.language)}")
        found.append(result)
    for (section, key, lines), text in zip(waiting, texts, strict=True):
        impression = press.impression(lines, text)
        yield members.add(section.name, key, impression_texts(impression)), impression.statistics
