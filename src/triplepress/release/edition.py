"""All records of an edition through the press, batch by batch, until what is set aside counts nowhere.

A record that the gate refuses was counted until then: as a held cited work, as a witness of its journal's numbers. So
the members that knew it are pressed again without it. Few records are refused, so few members are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.rdf.facts import RunFacts
from triplepress.record import Rejected
from triplepress.release.dumps import Pieces, Pressed, texts_of
from triplepress.release.index import RecordIndex
from triplepress.release.presser import Outcome, Presser, PressSettings, Shared, Stretch
from triplepress.release.processes import Processes
from triplepress.release.shared import Entry, run_entries, software_entries, source_entries
from triplepress.release.statistics import Statistics, count_triples
from triplepress.store.members import (
    ARTICLES,
    JOURNALS,
    NTRIPLES_DUMP,
    ORGANISATIONS,
    PEOPLE,
    RUNS,
    SOFTWARE,
    SOURCES,
    WITHDRAWN,
    WORKS,
    Section,
)
from triplepress.validation.results import Result

BATCH: Final = 100  # records; memory stays flat, and the volume engine is at its best
# pySHACL, the judge, is a hundred times slower than the volume engine and takes a second to begin: in a bulk run it
# sees a sample, two records of the tenth batch and of every fiftieth after it. Fewer batches are no bulk run.
_JUDGED_BATCHES: Final = 50
_JUDGED_FIRST: Final = 9
_JUDGED_RECORDS: Final = 2
_SHARED_BATCH: Final = 2000  # nodes of shared things, which are small
# Fewer batches than this are pressed before other processes have begun.
_LEAST: Final = 6

# Called with the stage, how much of it is done, and how much there is where that is known.
Progress = Callable[[str, int, int | None], None]
RunFactsOf = Callable[[str, tuple[str, ...]], RunFacts]


class PressRun:
    """Presses the records of an index.

    Args:
        index: The sealed index.
        settings: What each press is made of.
        processes: How many processes press.
        progress: Told how many records are done.
        on_set_aside: Told of each record that the gate refuses.

    Attributes:
        engine: The validation engine that judged.
        statistics: Counts of all that was pressed.
    """

    def __init__(
        self,
        index: RecordIndex,
        settings: PressSettings,
        processes: int = 1,
        progress: Progress | None = None,
        on_set_aside: Callable[[Rejected], None] | None = None,
    ) -> None:
        """Cut the records into members."""
        self._index = index
        self._settings = settings
        self.processes = Processes(partial(Presser, settings), processes)
        self._progress = progress
        self._on_set_aside = on_set_aside
        self._starts: list[str] = []
        # Packed: a member's places are small, but there are many of them.
        self._articles: dict[int, bytes] = {}
        self._others: list[bytes] = []
        self.engine = ""
        self.statistics = Statistics()

    def close(self) -> None:
        """End the processes."""
        self.processes.close()

    # -- articles --------------------------------------------------------------------------------------------------

    def press_articles(self) -> None:
        """Press every member, and again those that knew a record which was refused."""
        self._index.clear_findings()
        self._index.commit()
        batches = list(self._batches())
        stretches = [
            Stretch(
                self._starts[first],
                self._start(end),
                _JUDGED_RECORDS if n % _JUDGED_BATCHES == _JUDGED_FIRST else 0,
            )
            for n, (first, end) in enumerate(batches)
        ]
        places = [first for first, _ in batches]
        while stretches:
            refused = self._press(places, stretches)
            waiting = self._knowing(refused) if refused else []
            places, stretches = waiting, [Stretch(self._starts[n], self._start(n + 1)) for n in waiting]

    def _batches(self) -> Iterator[tuple[int, int]]:
        """Find the members; yield the first and the one after the last of each batch of them."""
        first, records = 0, 0
        for place, key in enumerate(self._index.keys()):
            if place == 0 or ARTICLES.begins(key):
                if records >= BATCH:
                    yield first, len(self._starts)
                    first, records = len(self._starts), 0
                self._starts.append(key)
            records += 1
        if records:
            yield first, len(self._starts)

    def _start(self, place: int) -> str | None:
        """Return the first key of a member; None behind the last."""
        return self._starts[place] if place < len(self._starts) else None

    def _press(self, places: Sequence[int], stretches: Sequence[Stretch]) -> set[str]:
        """Press some batches; return the keys of the records that were refused."""
        total, done = self._index.published, 0
        refused: dict[int, tuple[bytes, Sequence[Result]]] = {}
        keys: set[str] = set()
        outcomes = self.processes.map(Presser.articles, stretches, least=_LEAST)
        for place, outcome in zip(places, outcomes, strict=True):
            self.engine = outcome.engine
            for number, (pressed, statistics) in enumerate(outcome.members, place):
                if number in self._articles:
                    self.statistics -= self._counted(_DECODER.decode(self._articles[number]))
                self.statistics += statistics
                self._articles[number] = _ENCODER.encode(pressed)
            for found in outcome.found:
                self._index.keep_findings(found.id, found.entry, found.results, found.warnings)
            for each in outcome.refused:
                refused[each.id] = (each.line, each.results)
                keys.add(each.key)
                if self._on_set_aside is not None:
                    self._on_set_aside(msgspec.json.decode(each.line, type=Rejected))
            done += BATCH
            self._show(min(done, total), total)
        for number, (line, results) in refused.items():
            self._index.set_aside(number, line, results)
        self._index.commit()
        return keys

    def _knowing(self, refused: set[str]) -> list[int]:
        """Return the members whose records knew any of the refused ones, and those that these were in."""
        keys = refused | self._index.keys_stating(self._index.choose_journals())
        works = {key.removeprefix("doi/") for key in keys if key.startswith("doi/")}
        keys |= self._index.keys_citing(works)
        self._index.commit()
        return sorted({bisect_right(self._starts, key) - 1 for key in keys})

    # -- shared things ---------------------------------------------------------------------------------------------

    def press_shared(self, run_facts: RunFactsOf, withdrawn: Iterable[Entry] = ()) -> None:
        """Press what the published records point at, each thing exactly once.

        Args:
            run_facts: Returns what is known of a run, from its id and the SHA-256 of what it read.
            withdrawn: What is said of records that are gone.

        Raises:
            ReleaseError: A shared thing does not conform, though all records that state it do.
        """
        self._index.clear_shared_findings()
        for outcome in self.processes.map(Presser.shared, self._shared_tasks(run_facts, withdrawn), least=_LEAST):
            self._keep_shared(outcome)
        self._index.commit()

    def _shared_tasks(self, run_facts: RunFactsOf, withdrawn: Iterable[Entry]) -> Iterator[Shared]:
        """Yield all shared things, section after section; those that a process can shape itself by key alone."""
        index, edition = self._index, self._settings.edition
        entries: tuple[tuple[Section, Iterable[Entry]], ...] = (
            (JOURNALS, ((key, []) for key in sorted(index.journal_keys()))),
            (PEOPLE, ((orcid, []) for orcid in index.things("person"))),
            (ORGANISATIONS, ((ror, []) for ror in index.things("organisation"))),
            (WORKS, ((doi, []) for doi in index.cited_works())),
            (WITHDRAWN, withdrawn),
            (SOURCES, source_entries(index, edition)),
            (RUNS, run_entries(index, edition, run_facts)),
            (SOFTWARE, software_entries(index, edition, run_facts)),
        )
        for section, found in entries:
            yield from shared_tasks(section, found)

    def _keep_shared(self, outcome: Outcome) -> None:
        """Keep what became of shared things.

        Raises:
            ReleaseError: One of them does not conform.
        """
        for result in outcome.results:
            if result.severity == "Violation":
                said = result.messages.get(self._settings.language) or next(iter(result.messages.values()), "")
                raise ReleaseError(f"{result.focus_node} does not conform: {said}")
        self._index.keep_shared_findings(outcome.results)
        for pressed, statistics in outcome.members:
            self.statistics += statistics
            self._others.append(_ENCODER.encode(pressed))

    # -- what was made ---------------------------------------------------------------------------------------------

    def members(self) -> Iterator[Pressed]:
        """Yield all members, in the order of the dumps."""
        for number in sorted(self._articles):
            yield _DECODER.decode(self._articles[number])
        yield from map(_DECODER.decode, self._others)

    def _counted(self, pressed: Pressed) -> Statistics:
        """Return the counts of a member that is pressed again; they were not kept, for few are."""
        with Pieces() as pieces:
            text = b"".join(texts_of(NTRIPLES_DUMP, [pressed], pieces))
        return count_triples(text, self._settings.edition.root)

    def _show(self, done: int, total: int) -> None:
        """Tell how far the press is."""
        if self._progress is not None:
            self._progress("press", done, total)


def shared_tasks(section: Section, entries: Iterable[Entry]) -> Iterator[Shared]:
    """Yield a section's entries cut into members, some members at a time."""
    members: list[list[Entry]] = []
    number = 0
    for place, entry in enumerate(entries):
        if place == 0 or section.begins(entry[0]):
            if number >= _SHARED_BATCH:
                yield Shared(section.name, members)
                members, number = [], 0
            members.append([])
        members[-1].append(entry)
        number += 1
    if members:
        yield Shared(section.name, members)


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Pressed)
