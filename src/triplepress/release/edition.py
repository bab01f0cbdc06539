"""All records of an edition through the press, batch by batch, until what is set aside counts nowhere.

A record that the gate refuses was counted until then: as a held cited work, as a witness of its journal's numbers. So
the batches that knew it are pressed again without it. Few records are refused, so few batches are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.rdf.facts import RunFacts
from triplepress.record import Rejected, encode_record
from triplepress.release.dumps import Segment, Spool
from triplepress.release.index import Candidate, RecordIndex
from triplepress.release.press import Batch, Impression, Press, Pressed
from triplepress.release.shared import Needs, provenance_lines, shared_lines
from triplepress.release.statistics import Statistics
from triplepress.validation.results import Result

BATCH: Final = 100  # records; memory stays flat, and the volume engine is at its best
# pySHACL, the judge, is a hundred times slower than the volume engine: in a bulk run it sees a sample, two records of
# one batch in ten. An edition that fits in fewer batches is no bulk run.
_JUDGED_BATCHES: Final = 10
_JUDGED_RECORDS: Final = 2
_SHARED_BATCH: Final = 2000  # nodes of shared things, which are small

# Called with the stage, how much of it is done, and how much there is where that is known.
Progress = Callable[[str, int, int | None], None]


class _Spooled(msgspec.Struct, frozen=True):
    """Where one batch's impression stands in the spools."""

    ntriples: Segment
    turtle: Segment
    nodes: Segment
    statistics: Statistics


class PressRun:
    """Presses the records of an index.

    Args:
        index: The sealed index.
        press: The press.
        spools: An empty folder for the batches' triples; None judges only.
        progress: Told how many records are done.
        on_set_aside: Told of each record that the gate refuses.
    """

    def __init__(
        self,
        index: RecordIndex,
        press: Press,
        spools: Path | None,
        progress: Progress | None = None,
        on_set_aside: Callable[[Rejected], None] | None = None,
    ) -> None:
        """Cut the records into batches."""
        self._index = index
        self._press = press
        self._starts = index.batches(BATCH)
        self._spools = None if spools is None else [Spool(spools / name) for name in ("nt", "ttl", "jsonld")]
        self._articles: dict[int, _Spooled] = {}
        self._others: list[_Spooled] = []
        self._progress = progress
        self._on_set_aside = on_set_aside
        self._total = index.published

    def close(self) -> None:
        """Close the spools."""
        for spool in self._spools or ():
            spool.close()

    def press_articles(self) -> None:
        """Press every batch, and again those that knew a record which was refused."""
        waiting = list(range(len(self._starts)))
        while waiting:
            refused: set[str] = set()
            for place, number in enumerate(waiting):
                refused |= self._press_batch(number)
                self._show(min(self._total, (place + 1) * BATCH))
            waiting = self._knowing(refused) if refused else []

    def _press_batch(self, number: int) -> set[str]:
        """Press one batch; return the keys of the records that were refused."""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else None
        candidates = self._index.candidates(self._starts[number], end)
        pressed = self._press.press(self._batch(candidates), impress=self._spools is not None)
        self._keep(number, pressed)
        if number % _JUDGED_BATCHES == _JUDGED_BATCHES - 1:
            self._press.judge(self._batch(candidates[:_JUDGED_RECORDS]))
        return {refused.candidate.key for refused in pressed.refused}

    def _batch(self, candidates: Sequence[Candidate]) -> Batch:
        """Return some records with the shared things that they point at."""
        needs = Needs.of(candidates, self._press.edition)
        return Batch(candidates, list(shared_lines(self._index, self._press.edition, needs)))

    def _keep(self, number: int, pressed: Pressed) -> None:
        """Write down what became of a batch."""
        for refused in pressed.refused:
            self._index.set_aside(refused.candidate, encode_record(refused.rejected), refused.results)
            if self._on_set_aside is not None:
                self._on_set_aside(refused.rejected)
        for kept in pressed.kept:
            self._index.keep_findings(kept.candidate, kept.findings, kept.results)
        for impression in pressed.impressions:
            self._articles[number] = self._spool(impression)

    def _knowing(self, refused: set[str]) -> list[int]:
        """Return the batches whose records knew any of the refused ones."""
        keys = self._index.keys_stating(self._index.choose_journals())
        works = {key.removeprefix("doi/") for key in refused | keys if key.startswith("doi/")}
        keys |= self._index.keys_citing(works)
        return sorted({bisect_right(self._starts, key) - 1 for key in keys})

    def press_shared(self, run_facts: Callable[[str, tuple[str, ...]], RunFacts]) -> list[Result]:
        """Press what the published records point at, each thing exactly once.

        Args:
            run_facts: Returns what is known of a run, from its id and the SHA-256 of what it read.

        Returns:
            The gate's results about shared things.

        Raises:
            ReleaseError: A shared thing does not conform, though all records that state it do.
        """
        found: list[Result] = []
        lines = shared_lines(self._index, self._press.edition)
        for batch in _batches(lines, _SHARED_BATCH):
            found += self._press_others(batch)
        for batch in _batches(provenance_lines(self._index, self._press.edition, run_facts), _SHARED_BATCH):
            found += self._press_others(batch)
        return found

    def _press_others(self, lines: list[bytes]) -> list[Result]:
        """Press one batch of shared things."""
        ntriples = self._press.mapping.to_ntriples(lines)
        found = list(self._press.gate.validate(ntriples).results)
        for result in found:
            if result.severity == "Violation":
                finding = self._press.findings([result])[0]
                raise ReleaseError(f"{result.focus_node} does not conform: {finding.message} {finding.remedy}")
        if self._spools is not None:
            self._others.append(self._spool(self._press.impression(lines, ntriples)))
        return found

    def _spool(self, impression: Impression) -> _Spooled:
        """Write an impression to the spools."""
        ntriples, turtle, nodes = self._spools or []
        return _Spooled(
            ntriples.append(impression.ntriples),
            turtle.append(impression.turtle),
            nodes.append(impression.nodes),
            impression.statistics,
        )

    @property
    def statistics(self) -> Statistics:
        """Counts of all that was pressed."""
        total = Statistics()
        for spooled in (*self._articles.values(), *self._others):
            total += spooled.statistics
        return total

    def ntriples(self) -> Iterator[bytes]:
        """Yield the N-Triples of the edition."""
        for spooled in self._in_order():
            yield self._read(0, spooled.ntriples)

    def turtle(self) -> Iterator[bytes]:
        """Yield the Turtle of the edition."""
        yield self._press.mapping.to_turtle(b"")
        for spooled in self._in_order():
            yield self._read(1, spooled.turtle)

    def jsonld(self) -> Iterator[bytes]:
        """Yield the JSON-LD document of the edition: the context, then one node a line."""
        mapping = self._press.mapping
        yield mapping.opening
        first = True
        for spooled in self._in_order():
            nodes = self._read(2, spooled.nodes)
            if nodes:
                yield nodes if first else mapping.separator + nodes
                first = False
        yield mapping.closing

    def _in_order(self) -> Iterator[_Spooled]:
        for number in sorted(self._articles):
            yield self._articles[number]
        yield from self._others

    def _read(self, spool: int, segment: Segment) -> bytes:
        """Return one piece of a spool."""
        return (self._spools or [])[spool].read(segment)

    def _show(self, done: int) -> None:
        """Tell how far the press is."""
        if self._progress is not None:
            self._progress("press", done, self._total)


def _batches(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """Yield lines in lists of some size."""
    iterator = iter(lines)
    while batch := list(islice(iterator, size)):
        yield batch
