"""Records through the press, in rounds, as in the local build.

A record that the gate refuses was counted until then, so what knew it is pressed again without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec

from triplepress.rdf.facts import ArticleFacts, EditionFacts, WorkFacts
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_cited_work, shape_volume
from triplepress.record import encode_record
from triplepress.release.dumps import Pressed
from triplepress.release.index import Candidate
from triplepress.release.journals import JournalIdentity, JournalStatement, choose_keys, identify
from triplepress.release.press import Batch
from triplepress.release.presser import article_texts, encode_entry, entry_of
from triplepress.release.shared import Needs
from triplepress.release.spark.batches import RecordBatch, batches
from triplepress.release.spark.job import Job, Ranges
from triplepress.release.spark.knowledge import Answer, Journals, Round, answers
from triplepress.release.spark.parts import Members
from triplepress.release.spark.reading import SetAside
from triplepress.release.spark.session import Cluster
from triplepress.release.statements import unpack_record
from triplepress.release.statistics import Statistics
from triplepress.store.members import ARTICLES
from triplepress.validation.results import Result

# As in the local build: pySHACL, the judge, sees two records of one batch in ten.
_JUDGED_BATCHES: Final = 10
_JUDGED_RECORDS: Final = 2


class _Identified(msgspec.Struct):
    """As much of a node as tells which it is."""

    id: str


_IDENTIFIED: Final = msgspec.json.Decoder(_Identified)


class Found(NamedTuple):
    """What was found about one record.

    Attributes:
        key: Its key.
        entry: Its entry of the report, encoded; None of one that is not published.
        results: The gate's own results.
        warnings: How many of the findings are warnings.
    """

    key: str
    entry: bytes | None
    results: tuple[Result, ...]
    warnings: int = 0


@dataclass(frozen=True)
class PressedBatch:
    """What became of one batch.

    Attributes:
        start: Its first key.
        members: Its members of the dumps, in order, each with the counts of its triples.
        found: What was found about its records, where that is anything.
        aside: The lines of the records that were refused.
    """

    start: str
    members: list[tuple[Pressed, Statistics]]
    found: list[Found]
    aside: list[SetAside]


@dataclass
class Refusals:
    """The records that one round refused: their keys with the kind of source, and their journal statements."""

    kinds: dict[str, str] = field(default_factory=dict)
    statements: Counter[JournalStatement] = field(default_factory=Counter)


@dataclass
class PressedArticles:
    """What the press made of all records.

    Attributes:
        rounds: How many rounds it took; parts `pressed-0` and so on hold the batches of each.
        refused: The keys of the records that were refused, with the kind of source each is counted under.
        journals: The journals of those that were not.
    """

    rounds: int
    refused: dict[str, str]
    journals: Journals


def press_articles(
    cluster: Cluster,
    job: Job,
    ranges: Ranges,
    statements: Counter[JournalStatement],
    kept_journals: Mapping[str, JournalIdentity],
) -> PressedArticles:
    """Press every batch, and again those that knew a record which was refused, until none is.

    Args:
        cluster: The cluster.
        job: The build.
        ranges: The partitions of the records.
        statements: What all records state of their journals, and how many.
        kept_journals: The journals of the edition before, by key.
    """
    statements = Counter(statements)
    refused: dict[str, str] = {}
    this = Round(0, frozenset(), None, _journals(statements, kept_journals))
    while True:
        known = answers(cluster, job, this, ranges)
        new = Refusals()
        for part in cluster.run("press", known, partial(_press, job, this)):
            new.kinds |= part.kinds
            new.statements += part.statements
        refused |= new.kinds
        if not new.kinds:
            return PressedArticles(this.number + 1, refused, this.journals)
        statements -= new.statements
        journals = _journals(statements, kept_journals)
        again = _knowing(cluster, job, ranges, frozenset(refused), new, this.journals, journals)
        this = Round(this.number + 1, frozenset(refused), frozenset(again), journals)


def _journals(statements: Counter[JournalStatement], kept: Mapping[str, JournalIdentity]) -> Journals:
    """Return the journals that records state."""
    keys = choose_keys(statements, kept)
    stated: dict[str, dict[JournalStatement, int]] = {}
    for statement, key in keys.items():
        stated.setdefault(key, {})[statement] = statements[statement]
    known = set(keys.values())
    return Journals(keys, {key: identify(key, stated[key], known, kept.get(key)) for key in sorted(stated)})


def _knowing(
    cluster: Cluster,
    job: Job,
    ranges: Ranges,
    refused: frozenset[str],
    new: Refusals,
    before: Journals,
    after: Journals,
) -> set[str]:
    """Return the first keys of the members whose records knew any of those refused in a round, and of their own.

    A record knows the works that it cites, and its journal: where that has another key now, so do those that cite it.
    Where it has other ISSNs, they may be wrong, and the records that state them are to blame.
    """
    rows = cluster.rows(list(range(len(ranges))))
    gone = frozenset(new.kinds)
    changed = frozenset(
        statement
        for statement, key in after.keys.items()
        if before.keys[statement] != key or before.identities[key] != after.identities[key]
    )
    stating: set[str] = set()
    if changed:
        for keys in cluster.run("press", rows, partial(_stating, job, refused, changed)):
            stating |= keys
    works = frozenset(key.removeprefix("doi/") for key in gone | stating if key.startswith("doi/"))
    again: set[str] = set()
    for starts in cluster.run("press", rows, partial(_touched, job, refused, gone | stating, works)):
        again |= starts
    return again


def _stating(
    job: Job, refused: frozenset[str], changed: frozenset[JournalStatement], number: int, _: Iterator[int]
) -> set[str]:
    """Return the keys of the records of one part whose journal has another key now."""
    rows = (record.row for record in job.parts.read("records", number))
    return {row.key for row in rows if row.journal in changed and row.key not in refused}


def _touched(
    job: Job, refused: frozenset[str], keys: frozenset[str], works: frozenset[str], number: int, _: Iterator[int]
) -> set[str]:
    """Return the first keys of the members of one part that hold any of these keys, or cite any of these works."""
    return {
        member.start
        for member in batches(job.parts.read("records", number), size=1)
        for record in member.records
        if record.row.key in keys
        or (record.row.key not in refused and any(doi in works for doi, _ in record.row.cites))
    }


def _press(job: Job, this: Round, number: int, known: Iterator[tuple[str, Answer]]) -> Refusals:
    """Press the batches of one partition."""
    refusals = Refusals()

    def pressed(members: Members) -> Iterator[PressedBatch]:
        found = _told(this.batches(job.parts.read("records", number)), known)
        for place, ((batch, chosen), told) in enumerate(found, 1):
            if chosen:
                yield _pressed(job, this, batch, told, refusals, members, judged=place % _JUDGED_BATCHES == 0)

    with Members(job.parts, f"members-{this.number}", number) as members:
        job.parts.write(f"pressed-{this.number}", number, pressed(members))
    return refusals


def _told(
    found: Iterable[tuple[RecordBatch, bool]], known: Iterator[tuple[str, Answer]]
) -> Iterator[tuple[tuple[RecordBatch, bool], list[Answer]]]:
    """Yield each batch with what it gets to know; both come in the order of the first keys."""
    groups = groupby(known, itemgetter(0))
    group = next(groups, None)
    for batch, chosen in found:
        if group is not None and group[0] == batch.start:
            yield (batch, chosen), [answer for _, answer in group[1]]
            group = next(groups, None)
        else:
            yield (batch, chosen), []
    if group is not None:
        raise AssertionError(f"an answer for a batch that is not there: {group[0]}")


def _pressed(
    job: Job,
    this: Round,
    batch: RecordBatch,
    told: list[Answer],
    refusals: Refusals,
    members: Members,
    *,
    judged: bool,
) -> PressedBatch:
    """Press one batch: write its members, and note what is refused."""
    press = job.press
    rows = {record.row.key: record.row for record in batch.records}
    entry = _batch(job, this, batch, told)
    pressed = press.press(entry)
    if judged:
        press.judge(_sample(entry, told, press.edition))
    found = [
        Found(
            kept.candidate.key,
            encode_entry(entry_of(kept.candidate.facts.record, kept.findings, press.edition)),
            tuple(kept.results),
            sum(finding.severity == "Warning" for finding in kept.findings),
        )
        for kept in pressed.kept
        if kept.findings or kept.results
    ]
    aside = []
    gone: set[int] = set()
    for refused in pressed.refused:
        row = rows[refused.candidate.key]
        gone.add(refused.candidate.id)
        refusals.kinds[row.key] = row.kind
        if row.journal is not None:
            refusals.statements[row.journal] += 1
        source = refused.rejected.source
        aside.append(SetAside(source.location, source.position or "", encode_record(refused.rejected), row.body))
        found.append(Found(row.key, None, tuple(refused.results)))
    starts = [batch.records[place].row.key for place in (0, *batch.cuts)]
    made = []
    for start, candidates, impression in zip(starts, entry.members(), pressed.impressions, strict=True):
        left = [candidate for candidate in candidates if candidate.id not in gone]
        texts = article_texts(left, impression) if left else {}
        made.append((members.add(ARTICLES.name, start, texts), impression.statistics))
    return PressedBatch(batch.start, made, sorted(found, key=itemgetter(0)), aside)


def _batch(job: Job, this: Round, batch: RecordBatch, told: list[Answer]) -> Batch:
    """Return the records of a batch as the press takes them."""
    edition = job.edition
    held = {answer.doi: answer for answer in told if isinstance(answer, WorkFacts)}
    candidates: list[Candidate] = []
    cuts: list[int] = []
    for place, record in enumerate(batch.records):
        if place in batch.cuts:
            cuts.append(len(candidates))
        if record.row.key in this.refused:
            continue
        content = unpack_record(record.row.body)
        cited = {r.doi: held[r.doi] for r in content.references if r.doi in held}
        facts = ArticleFacts(
            record=content,
            journal=this.journals.key(record.row.journal),
            modified=record.modified,
            run=record.run,
            cited=cited,
            history=record.history,
        )
        candidates.append(Candidate(place, record.row.key, facts))
    shared = [answer for answer in told if isinstance(answer, bytes)]
    shared += _own_nodes(Needs.of(candidates, edition), held, edition)
    return Batch(candidates, shared, cuts)


def _own_nodes(needs: Needs, held: Container[str], edition: EditionFacts) -> Iterator[bytes]:
    """Yield the nodes of shared things that no other record has a say in: volumes, and works that are not held."""
    for volume in sorted(needs.volumes, key=repr):
        yield encode_node(shape_volume(volume, edition))
    for doi in sorted(needs.works):
        if doi not in held:
            yield encode_node(shape_cited_work(doi, edition))


def _sample(batch: Batch, told: list[Answer], edition: EditionFacts) -> Batch:
    """Return a few records for both engines to judge, with nothing but what they point at: pySHACL reads all of it."""
    candidates = batch.candidates[:_JUDGED_RECORDS]
    needs, minter = Needs.of(candidates, edition), edition.minter
    named = needs.issues | {minter.journal(key) for key in needs.journals}
    named |= {minter.person(orcid) for orcid in needs.orcids} | {minter.organisation(ror) for ror in needs.rors}
    shared = [line for line in told if isinstance(line, bytes) and _IDENTIFIED.decode(line).id in named]
    held = {answer.doi for answer in told if isinstance(answer, WorkFacts)}
    return Batch(candidates, [*shared, *_own_nodes(needs, held, edition)])
