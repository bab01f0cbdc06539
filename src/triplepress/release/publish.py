"""An edition from beginning to end: read, merged, pressed, described, and put in place at one stroke.

Everything is built in a hidden folder beside the releases. Only when it is complete and durable does it get its name,
and only then is `current` switched. Killed at any point, the old edition stays; the next run removes what was left.
A small update takes the same steps, but goes on from the index of the current release, and copies what has not changed.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.rdf.mapping import CONTEXT_NAME, Mapping
from triplepress.record import Rejected
from triplepress.release.building import INDEX, STATISTICS, Builder, Outcome, Stages, Written, room_for
from triplepress.release.clock import as_date_time
from triplepress.release.diff import Pair, joined
from triplepress.release.dumps import Pressed
from triplepress.release.edition import PressRun, Progress
from triplepress.release.index import RecordIndex
from triplepress.release.index.going_on import ContinuedIndex
from triplepress.release.loading import link_store, patch_store
from triplepress.release.manifest import EditionSettings, Matches, versions_in_use
from triplepress.release.matches import NAME as MATCHES
from triplepress.release.matching import WORKS, MatchRun
from triplepress.release.reading import Filling, Inputs, Items, file_digest, fill, processes_of
from triplepress.release.revisions import read_revisions
from triplepress.release.spooled import SpooledTexts
from triplepress.release.statistics import Statistics
from triplepress.release.switch import clean_up, locked, new_build
from triplepress.release.update import NotConforming, UpdateRun
from triplepress.release.withdrawn import as_revisions, read_withdrawn
from triplepress.resources import resource
from triplepress.settings import Settings
from triplepress.store.members import key_of_iri, read_members

# What the index keeps of how it was made.
_MADE_WITH: Final = "made with"
_CATALOGUE: Final = "catalogue"
# The files of the index that tell what was matched.
_MATCH_FILES: Final = (WORKS, MATCHES)
# An update that touches a larger part of the articles is pressed as a whole: splicing would cost more.
_LARGEST_UPDATE: Final = 0.3
# Settings that only the description of an edition shows.
_DESCRIBING: Final = frozenset({"title", "description", "publisher", "contact", "catalogues", "match_references"})


def publish_release(
    items: Inputs | Items,
    settings: Settings,
    *,
    catalogue: Inputs | Items = (),
    update: bool = False,
    force: bool = False,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> Outcome:
    """Build an edition of what the inputs give and make it the current one.

    Args:
        items: The inputs; or records, and what was set aside or skipped on the way.
        settings: The settings in force; `graph` is the folder of the releases.
        catalogue: What holds works that references may be matched to beside the edition's own.
        update: Go on from the current release: what the inputs say now takes the place of what they said; unchanged
            files are not read again, and what other inputs gave stays.
        force: Replace the current edition even by an empty or sharply smaller one.
        progress: Called with the stage, how much is done, and how much there is where that is known.
        on_set_aside: Told of each record or input that is set aside, as it happens.

    Raises:
        ReleaseError: Nothing can be published, the edition would shrink, another publisher is at work, there is no
            room, there is no release that an update could go on from, or what it is given are no files. The old edition
            stays.
    """
    if update and not isinstance(items, Inputs):
        raise ReleaseError(
            "an update needs the files that its records come from, to tell what they take the place of; give Inputs, or"
            " publish in full"
        )
    graph = Path(settings.graph)
    with locked(graph), room_for(graph):
        left = clean_up(graph)
        build = new_build(graph)
        try:
            builder = _LocalBuilder(graph, build, settings, Stages(progress), progress, on_set_aside)
            if left:
                names = ", ".join(left)
                builder.notes.append(f"an earlier run did not finish; what it left behind was removed: {names}")
            if update and isinstance(items, Inputs):
                return builder.update(items, catalogue, force=force)
            return builder.build(items, catalogue, force=force)
        finally:
            shutil.rmtree(build, ignore_errors=True)  # gone already when all went well


class _LocalBuilder(Builder):
    """Builds on this machine."""

    def build(self, items: Inputs | Items, catalogue: Inputs | Items, *, force: bool) -> Outcome:
        """Build the release in full, put it in place, and say what was done."""
        self._work.mkdir()
        with closing(RecordIndex(self._build / INDEX, self._kept.journals if self._kept else None)) as index:
            with self._stages.stage("read"):
                fill(index, items, self._settings, self._progress, self._on_set_aside)
            with self._stages.stage("merge"):
                if self._previous is not None:
                    index.add_revisions(as_revisions(read_withdrawn(self._previous)))
                    index.add_revisions(read_revisions(self._previous))
                self._tell(index.seal(as_date_time(self._started), self._run))
            return self._press(index, catalogue, force=force)

    def update(self, items: Inputs, catalogue: Inputs | Items, *, force: bool) -> Outcome:
        """Bring the current release up to date, put it in place, and say what was done."""
        previous = self._previous
        if previous is None or self._kept is None:
            raise ReleaseError(f"{self._graph}: there is no release to go on from; publish without --update first")
        if not (previous / INDEX).is_dir():
            raise ReleaseError(f"{previous}: has no index to go on from; publish once without --update")
        self._work.mkdir()
        with self._stages.stage("copy"):
            shutil.copytree(previous / INDEX, self._build / INDEX)
        with closing(ContinuedIndex(self._build / INDEX, self._kept.journals)) as index:
            accounts = index.accounts()
            with self._stages.stage("read"):
                self._read_again(index, items)
            moment = as_date_time(self._started)
            as_made = index.kept(_MADE_WITH) == self._made_with()
            index.judge_again(moment if as_made else None)
            if (
                not index.touched
                and index.accounts() == accounts
                and as_made
                and self._kept.settings == EditionSettings.of(self._settings)
                and (not self._settings.build_store or (previous / "store").is_dir())
                and self._kept_matches(index, catalogue)
            ):
                return self._unchanged(previous)
            with self._stages.stage("merge"):
                index.add_revisions(as_revisions(read_withdrawn(previous)))
                self._tell(index.seal(moment, self._run))
            before = index.kept(STATISTICS)
            small = len(index.changes().articles) <= _LARGEST_UPDATE * max(1, index.published)
            if before is not None and as_made and small:
                try:
                    return self._splice(index, catalogue, pickle.loads(before), force=force)  # noqa: S301 - a run of this program wrote it
                except NotConforming:
                    shutil.rmtree(self._work)
                    self._work.mkdir()
            return self._press(index, catalogue, force=force)

    # -- in full ---------------------------------------------------------------------------------------------------

    def _press(self, index: RecordIndex, catalogue: Inputs | Items, *, force: bool) -> Outcome:
        """Press everything in the index."""
        mapping = Mapping.load()
        processes = processes_of(self._settings)
        with closing(PressRun(index, self._pressing(index), processes, self._progress, self._on_set_aside)) as run:
            with self._stages.stage("press"):
                run.press_articles()
            counts, sources = self._counted(index, force=force)
            with self._stages.stage("press"):
                run.press_shared(self._run_facts, self._note_gone(index))
            run.close()  # the processes that match are others
            with self._matching(index, catalogue, mapping) as matching:
                dumps = self._write(run, matching, mapping)
                warnings = self._write_records(index)
                index.keep(_MADE_WITH, self._made_with())
                written = Written(counts, sources, self._matches(matching), dumps, warnings)
            return self._finish(index, run, mapping, written)

    @contextmanager
    def _matching(
        self, index: RecordIndex, catalogue: Inputs | Items, mapping: Mapping, *, new: bool = True
    ) -> Iterator[MatchRun | None]:
        """Give the matches of all references, made anew; none where none are wanted."""
        if new:
            for name in _MATCH_FILES:
                (index.folder / name).unlink(missing_ok=True)
        if not self._settings.match_references:
            yield None
            return
        with closing(
            MatchRun(
                index,
                self._edition,
                mapping,
                self._work,
                self._progress,
                processes=processes_of(self._settings),
                folder=index.folder,
                new=new,
            )
        ) as matching:
            if new:
                with self._stages.stage("match"):
                    matching.run(self._catalogued(catalogue))
                self._note_unread(matching.unread)
                index.keep(_CATALOGUE, _digest_of(catalogue))
            yield matching

    # -- in small --------------------------------------------------------------------------------------------------

    def _read_again(self, index: ContinuedIndex, items: Inputs) -> None:
        """Put what has changed among the inputs into the index, in the place of what they gave before."""
        known = index.files()
        there: set[str] = set()

        def changed() -> Iterator[str | Rejected]:
            for file in items.files:
                location = file.source.location if isinstance(file, Rejected) else file
                there.add(location)
                sha256, manner = known.get(location, (None, ""))
                as_read = sha256 is not None and manner == items.manner
                if as_read and not isinstance(file, Rejected) and file_digest(file) == sha256:
                    continue
                if location in known:
                    index.forget_file(location)
                yield file

        progress = self._progress
        show = None if progress is None else lambda number: progress("read", number, None)
        Filling(index, items, processes_of(self._settings), show, self._on_set_aside).read(changed())
        for location in known:
            if location not in there and items.covers(location):
                index.forget_file(location)
        if there and known and not any(map(items.covers, known)):
            self.notes.append(
                "none of these inputs was in the edition before, so they are added to it. A file that was read under"
                " another name is another file here; name the inputs as they were named then"
            )

    def _unchanged(self, previous: Path) -> Outcome:
        """Return what is said of an update that changes nothing."""
        kept = self._kept
        if kept is None:
            raise ValueError("there is no release")
        self.notes.append(f"nothing has changed: release {previous.name} stays")
        return Outcome(
            release=previous.name,
            **msgspec.structs.asdict(kept.counts),
            triples=kept.triples,
            seconds=self._stages.total,
            warnings=kept.warnings,
            matched=kept.matches.references,
            sources=kept.sources,
            path=str(previous),
            notes=self.notes,
        )

    def _splice(
        self, index: ContinuedIndex, catalogue: Inputs | Items, statistics: Statistics, *, force: bool
    ) -> Outcome:
        """Press what is different, and copy the rest."""
        previous = self._previous
        if previous is None:
            raise ValueError("there is no release")
        mapping = Mapping.load()
        processes = processes_of(self._settings)
        with closing(
            UpdateRun(index, self._pressing(index), previous, statistics, processes, self._progress, self._on_set_aside)
        ) as run:
            with self._stages.stage("press"):
                run.press_articles()
            counts, sources = self._counted(index, force=force)
            with self._stages.stage("press"):
                run.press_shared(self._run_facts, self._note_gone(index))
            same = self._kept_matches(index, catalogue)
            with self._matching(index, catalogue, mapping, new=not same) as matching:
                if same and matching is not None:
                    with self._stages.stage("match"):
                        matching.update(run.changes.records)
                parts = _MatchedMembers(matching, previous) if same and matching is not None else matching
                found = _Differences(run, matching if same else None, self._edition.root)
                patched = same and (previous / "store").is_dir()
                load = (lambda _: self._patch_store(previous, found)) if patched else None
                dumps = self._write(run, parts, mapping, load=load)
                warnings = self._write_records(index)
                written = Written(counts, sources, self._matches(matching), dumps, warnings)
            if not run.engine and self._kept is not None:
                run.engine = self._kept.engine
            return self._finish(index, run, mapping, written, differences=found if same else None)

    def _kept_matches(self, index: ContinuedIndex, catalogue: Inputs | Items) -> bool:
        """Tell whether the matches of the release can be gone on from."""
        settings = self._kept.settings if self._kept is not None else None
        if settings is None or settings.match_references != self._settings.match_references:
            return False
        if not self._settings.match_references:
            return True
        there = all((index.folder / name).is_file() for name in _MATCH_FILES)
        return there and index.kept(_CATALOGUE) == _digest_of(catalogue)

    def _patch_store(self, previous: Path, differences: Iterable[Pair]) -> None:
        """Make the store from that of the release before; what differs is read twice, for it may be much."""
        link_store(previous / "store", self._build / "store")
        patch_store(
            self._build / "store",
            (_only_in(before, after) for _, before, after in differences),
            (_only_in(after, before) for _, before, after in differences),
        )

    def _made_with(self) -> bytes:
        """Return a digest of all that has a say in what the same records become."""
        settings = msgspec.structs.asdict(EditionSettings.of(self._settings))
        parts = [
            {name: value for name, value in settings.items() if name not in _DESCRIBING},
            versions_in_use(),
            resource("mappings", CONTEXT_NAME).read_bytes(),
            resource("ontology", "shapes.ttl").read_bytes(),
        ]
        return hashlib.sha256(msgspec.json.encode(parts)).digest()

    @staticmethod
    def _matches(matching: MatchRun | None) -> Matches:
        """Return the counts of what was matched."""
        return Matches() if matching is None else matching.matches


class _MatchedMembers:
    """The members of an updated graph of matches; those that are as they were lie in the release before."""

    def __init__(self, matching: MatchRun, previous: Path) -> None:
        self._matching = matching
        self._previous = previous

    def members(self) -> Iterator[Pressed]:
        """Yield the members, in their order."""
        yield from self._matching.members(read_members(self._previous), self._previous)


class _Differences:
    """What an update makes different, by the path of each entry, what was matched among it.

    It may be read more than once; what the entries say stays on disk, and one is in memory at a time.
    """

    def __init__(self, run: UpdateRun, matching: MatchRun | None, root: str) -> None:
        self._run = run
        self._matched = SpooledTexts(_matched(matching, root) if matching is not None else ())

    def __iter__(self) -> Iterator[Pair]:
        """Yield the entries in the order of their paths, each once."""
        facts = ((path, (before, after)) for path, before, after in self._run.differences())
        for path, found in joined(facts, iter(self._matched)):
            yield path, b"".join(before for before, _ in found), b"".join(after for _, after in found)


def _matched(matching: MatchRun, root: str) -> Iterator[Pair]:
    """Yield what was matched differently, by the path of the entry that it is about."""
    for change in matching.changes():
        line = change.old or change.new
        yield key_of_iri(line[1 : line.index(b">")].decode(), root), change.old, change.new


def _only_in(one: bytes, other: bytes) -> bytes:
    """Return the lines of a text that another does not have."""
    return b"".join(set(one.splitlines(True)).difference(other.splitlines(True)))


def _digest_of(catalogue: Inputs | Items) -> bytes:
    """Return a digest of the files of the catalogues and how they are read; without files, it is equal to none."""
    if not isinstance(catalogue, Inputs):
        return os.urandom(32) if catalogue else b""
    files = [file if isinstance(file, Rejected) else (file, file_digest(file)) for file in catalogue.files]
    return hashlib.sha256(msgspec.json.encode((catalogue.manner, files))).digest() if files else b""
