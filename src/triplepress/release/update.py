"""A small update through the press: what is different is pressed apart and spliced into the dumps, the rest is copied.

Everything is done as in a full build, only for fewer keys: what the gate refuses counts nowhere, and what knew it is
pressed again. So the dumps come out as a full build would make them, byte for byte but for the history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

import msgspec

from triplepress.record import Rejected
from triplepress.release.building import INDEX
from triplepress.release.compression import gunzip
from triplepress.release.dumps import Piece, Pieces, Pressed
from triplepress.release.edition import BATCH, Progress, RunFactsOf
from triplepress.release.index import IndexReader
from triplepress.release.index.going_on import Changes, ContinuedIndex
from triplepress.release.presser import Difference, Presser, PressSettings, Shared
from triplepress.release.processes import Processes
from triplepress.release.shared import Entry, run_entries, software_entries, source_entries
from triplepress.release.splicing import Splice
from triplepress.release.statistics import Statistics
from triplepress.store.members import (
    ARTICLES,
    JOURNALS,
    ORGANISATIONS,
    PEOPLE,
    RUNS,
    SECTIONS,
    SOFTWARE,
    SOURCES,
    WITHDRAWN,
    WORKS,
    Section,
    read_members,
)
from triplepress.validation.results import Result

_LEAST: Final = 4  # fewer tasks than this are done before other processes have begun
_SHARED_BATCH: Final = 500  # nodes of shared things
# Made anew as a whole: they are few, or most of them differ.
_WHOLE: Final = (WITHDRAWN, RUNS, SOFTWARE)


class NotConforming(Exception):  # noqa: N818 - no error: the whole edition is pressed then, which says whose fault it is
    """A shared thing does not conform any more, so all records that use it have to be judged again."""


class UpdateRun:
    """Presses what an update makes different.

    Args:
        index: The index, sealed again.
        settings: What each press is made of.
        previous: The release that is gone on from.
        statistics: The counts of its triples.
        processes: How many processes press.
        progress: Told how many records are done.
        on_set_aside: Told of each record that the gate refuses.

    Attributes:
        engine: The validation engine that judged; none where no article had to be pressed.
        statistics: Counts of all triples, of the new edition once it is spliced.
        changes: What may be different.
    """

    def __init__(
        self,
        index: ContinuedIndex,
        settings: PressSettings,
        previous: Path,
        statistics: Statistics,
        processes: int = 1,
        progress: Progress | None = None,
        on_set_aside: Callable[[Rejected], None] | None = None,
    ) -> None:
        """Read where the members of the release stand."""
        self._index = index
        self._settings = settings
        self._processes = Processes(partial(Presser, settings), processes)
        self._progress = progress
        self._on_set_aside = on_set_aside
        self._previous = previous
        self._old = _old_members(previous)
        # By section and key; None for what says nothing any more.
        self._new: dict[str, dict[str, Pressed | None]] = {section.name: {} for section in SECTIONS}
        self._spliced: dict[str, list[Pressed]] = {}
        self._different: list[Difference] = []
        self.engine = ""
        self.statistics = statistics
        self.changes = Changes()

    def close(self) -> None:
        """End the processes."""
        self._processes.close()

    # -- pressing apart --------------------------------------------------------------------------------------------

    def press_articles(self) -> None:
        """Press every article that is different, and again those that knew a record which was refused."""
        self._index.commit()
        new = self._new[ARTICLES.name]
        self.changes = self._index.changes()
        waiting = set(self.changes.articles)
        while waiting:
            refused = self._press(sorted(waiting))
            moved = self._index.choose_journals() if refused else set()
            self.changes = self._index.changes()
            waiting = self.changes.articles - new.keys()
            if refused:
                renamed = self._index.keys_stating(moved)
                works = {key.removeprefix("doi/") for key in refused | renamed if key.startswith("doi/")}
                waiting |= renamed | (self._index.keys_citing(works) - refused)
                self._index.commit()

    def _press(self, keys: Sequence[str]) -> set[str]:
        """Press some articles; return the keys of those that were refused."""
        new = self._new[ARTICLES.name]
        new.update(dict.fromkeys(keys))
        refused: dict[int, tuple[bytes, Sequence[Result]]] = {}
        names: set[str] = set()
        self._index.forget_findings(keys)
        self._index.commit()
        tasks = (list(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))
        for done, outcome in enumerate(self._processes.map(Presser.apart, tasks, least=_LEAST), 1):
            self.engine = outcome.engine
            new.update((pressed.key, pressed) for pressed, _ in outcome.members)
            for found in outcome.found:
                self._index.keep_findings(found.id, found.entry, found.results, found.warnings)
            for each in outcome.refused:
                refused[each.id] = (each.line, each.results)
                names.add(each.key)
                if self._on_set_aside is not None:
                    self._on_set_aside(msgspec.json.decode(each.line, type=Rejected))
            if self._progress is not None:
                self._progress("press", min(done * BATCH, len(keys)), len(keys))
        for number, (line, results) in refused.items():
            self._index.set_aside(number, line, results)
        self._index.commit()
        return names

    def press_shared(self, run_facts: RunFactsOf, withdrawn: Iterable[Entry] = ()) -> None:
        """Press the shared things that may be different, and splice everything.

        Args:
            run_facts: Returns what is known of a run, from its id and the SHA-256 of what it read.
            withdrawn: What is said of records that are gone: all of it.

        Raises:
            NotConforming: A shared thing does not conform.
        """
        changes, index, edition = self.changes, self._index, self._settings.edition
        by_key = {
            JOURNALS: changes.journals,
            PEOPLE: changes.people,
            ORGANISATIONS: changes.organisations,
            WORKS: self._moved_works(),
        }
        entries: dict[Section, Iterable[Entry]] = {
            section: [(key, []) for key in sorted(keys)] for section, keys in by_key.items()
        }
        entries[WITHDRAWN] = withdrawn
        entries[SOURCES] = source_entries(index, edition, changes.sources)
        entries[RUNS] = run_entries(index, edition, run_facts)
        entries[SOFTWARE] = software_entries(index, edition, run_facts)
        for section, keys in (by_key | {SOURCES: changes.sources}).items():
            self._new[section.name].update(dict.fromkeys(keys))
            index.forget_shared_findings(f"{edition.root}/{section.path}{key}" for key in keys)
        tasks = (task for section, found in entries.items() for task in _apart(section, found))
        for outcome in self._processes.map(Presser.shared, tasks, least=_LEAST):
            if any(result.severity == "Violation" for result in outcome.results):
                raise NotConforming
            index.keep_shared_findings(outcome.results)
            for pressed, _ in outcome.members:
                self._new[pressed.section][pressed.key] = pressed
        index.commit()
        self._splice()

    def _moved_works(self) -> set[str]:
        """Return the works that are new among those that are only cited, or no longer among them.

        Of such a work nothing is said but its DOI, so one that stays is the same, however many records name it anew.
        """
        with closing(IndexReader.open(self._previous / INDEX)) as before:
            return before.only_cited(self.changes.works) ^ self._index.only_cited(self.changes.works)

    # -- splicing --------------------------------------------------------------------------------------------------

    def _splice(self) -> None:
        """Exchange what is different in the members that it is in."""
        taken: list[tuple[Section, range]] = []
        splices: list[Splice] = []
        for section in SECTIONS:
            for place, splice in self._splices(section):
                taken.append((section, place))
                splices.append(splice)
        members: dict[str, list[Pressed | None]] = {name: list(old) for name, old in self._old.items()}
        made: dict[str, dict[int, Sequence[Pressed]]] = {section.name: {} for section in SECTIONS}
        outcomes = self._processes.map(Presser.splice, splices, least=_LEAST)
        for (section, places), done in zip(taken, outcomes, strict=True):
            self._different += done.changed
            self.statistics += done.statistics
            made[section.name][places.start] = done.members
            members[section.name][places.start : places.stop] = [None] * len(places)
        for section in SECTIONS:
            found = self._spliced[section.name] = []
            for number, kept in enumerate([*members[section.name], None]):
                found += made[section.name].get(number, ())
                found += [] if kept is None else [kept]

    def _splices(self, section: Section) -> Iterator[tuple[range, Splice]]:
        """Yield the splices of one section, each with the places of the old members that it takes."""
        old, new = self._old[section.name], self._new[section.name]
        if section in _WHOLE:
            if old or new:
                whole = [pressed for _, pressed in sorted(new.items()) if pressed is not None]
                yield range(len(old)), Splice(section, old, whole, whole=True)
            return
        starts = [member.key for member in old]
        taken: dict[int, list[str]] = {}
        for key in new:
            taken.setdefault(max(0, bisect_right(starts, key) - 1), []).append(key)
        for place in _stretches(taken, starts, new, self._is_silent):
            # Where there was no member, there is no place either, and all that is new belongs to the one stretch.
            keys = [key for number in place for key in taken.get(number, ())] if old else list(new)
            pressed = sorted((each for key in keys if (each := new[key]) is not None), key=attrgetter("key"))
            start = starts[place.start] if place.start and starts else ""
            end = starts[place.stop] if place.stop < len(starts) else None
            silent = (
                [key for key in self._index.keys(start, end) if self._is_silent(key)] if section == ARTICLES else []
            )
            yield (
                place,
                Splice(
                    section, old[place.start : place.stop], pressed, [key for key in keys if new[key] is None], silent
                ),
            )

    def _is_silent(self, key: str) -> bool:
        """Tell whether the gate refuses the record of a key."""
        return self._index.is_refused(key)

    # -- what was made ---------------------------------------------------------------------------------------------

    def members(self) -> Iterator[Pressed]:
        """Yield all members, in the order of the dumps; those that are copied lie in the release before."""
        for section in SECTIONS:
            yield from self._spliced[section.name]

    def differences(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield what is different: the path of an IRI, unquoted, and its triples before and now; by path, each once."""
        by_path = attrgetter("path")
        with Pieces() as pieces:
            for path, group in groupby(sorted(self._different, key=by_path), by_path):
                found = list(group)
                before = b"".join(gunzip(pieces.read(each.before)) for each in found)
                yield path, before, b"".join(gunzip(pieces.read(each.after)) for each in found)


def _old_members(release: Path) -> dict[str, list[Pressed]]:
    """Return the members of a release by section, as pieces of its files."""
    members: dict[str, list[Pressed]] = {section.name: [] for section in SECTIONS}
    for member in read_members(release):
        pieces = {name: Piece(str(release / name), place.offset, place.length) for name, place in member.places.items()}
        if member.section in members:
            members[member.section].append(Pressed(member.section, member.key, pieces))
    return members


def _stretches(
    taken: Mapping[int, Sequence[str]],
    starts: Sequence[str],
    new: Mapping[str, Pressed | None],
    is_silent: Callable[[str], bool],
) -> Iterator[range]:
    """Yield the places of members that are spliced together.

    A member whose first key is gone goes on in the one before it, which is taken as well then.
    """
    joined: list[range] = []
    for place in sorted(taken):
        start = place
        while start and new.get(starts[start], ...) is None and not is_silent(starts[start]):
            start -= 1
        while joined and joined[-1].stop > start:
            start = min(start, joined.pop().start)
        joined.append(range(start, place + 1 if starts else place))
    yield from joined


def _apart(section: Section, entries: Iterable[Entry]) -> Iterator[Shared]:
    """Yield entries, each as a member of its own, some at a time."""
    members: list[list[Entry]] = []
    for entry in entries:
        members.append([entry])
        if len(members) == _SHARED_BATCH:
            yield Shared(section.name, members)
            members = []
    if members:
        yield Shared(section.name, members)
