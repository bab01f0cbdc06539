"""The steps that every build of an edition takes, in full or small: it is counted, written, described, put in place."""

from __future__ import annotations

import errno
import filecmp
import pickle
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import msgspec

from triplepress import __version__
from triplepress.errors import ReleaseError
from triplepress.rdf.facts import EditionFacts, RunFacts
from triplepress.rdf.mapping import Mapping
from triplepress.record import Rejected
from triplepress.release.clock import as_date_time, as_release_time, as_run_id, fixed_time, now
from triplepress.release.counting import Counts, SourceCounts, counts_of
from triplepress.release.description import EditionDescription, describe_edition, vocabularies_in_use
from triplepress.release.diff import Edition, Pair
from triplepress.release.dumps import (
    MATCHED_DUMP,
    Dump,
    Dumps,
    Pieces,
    Pressed,
    texts_of,
    write_checksums,
)
from triplepress.release.edition import Progress
from triplepress.release.index import RecordIndex
from triplepress.release.ledger import Ledger
from triplepress.release.loading import load_store
from triplepress.release.manifest import (
    EditionSettings,
    Input,
    Manifest,
    Matches,
    Run,
    read_manifest,
    versions_in_use,
    write_manifest,
)
from triplepress.release.patches import write_patch
from triplepress.release.presser import PressSettings
from triplepress.release.reading import Inputs, Item, Items
from triplepress.release.reports import set_aside_entries, write_reports
from triplepress.release.revisions import write_revisions
from triplepress.release.shared import Entry
from triplepress.release.statistics import Statistics
from triplepress.release.switch import current_release, releases_folder, switch_to, sync_folder, sync_tree
from triplepress.release.withdrawn import departed as find_departed
from triplepress.release.withdrawn import (
    never_published,
    read_withdrawn,
    runs_named,
    updated,
    withdrawn_entries,
    write_withdrawn,
)
from triplepress.settings import Settings
from triplepress.store.members import NTRIPLES_DUMP, Member, write_members
from triplepress.validation.report import report_lines

# The part of the old edition's articles below which a new one looks like an accident.
_SHRUNK: Final = 0.8
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_EXAMPLES: Final = 3
# The folder of the index, from which a small update goes on.
INDEX: Final = "index"
# What the index keeps of the triples.
STATISTICS: Final = "statistics"
MATCHED: Final = Path(MATCHED_DUMP).name
# Files that, when they are equal, make two releases of one id the same edition.
_TELLING: Final = ("void.ttl", "rejected.jsonl", "report.json", "dumps/SHA256SUMS")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What `publish` did.

    Attributes:
        release: The release's id.
        read: How many results the inputs gave: the sum of the next four.
        published: Articles in the edition.
        merged: Records that went into others of the same article.
        skipped: Sound inputs that are no journal articles.
        rejected: What was set aside.
        triples: Triples in each dump.
        seconds: How long it took.
        warnings: Warnings about what is published.
        matched: References that were matched to a known work, in the graph of their own.
        sources: The counts for each kind of source.
        path: The release's folder.
        notes: What a person should know beside: what a killed run left behind, a changed base, nothing new.
    """

    release: str
    read: int
    published: int
    merged: int
    skipped: int
    rejected: int
    triples: int
    seconds: float
    warnings: int
    matched: int
    path: str
    sources: list[SourceCounts] = []
    notes: list[str] = []

    def to_json(self) -> bytes:
        """Return the object that `publish --json` prints: the counts and the seconds; the manifest has all else."""
        names = [name for name in self.__struct_fields__ if name not in {"matched", "path", "sources", "notes"}]
        return msgspec.json.encode({name: getattr(self, name) for name in names})


class Stages:
    """Measures stages, and tells of each when it begins.

    Args:
        progress: Called with the stage, how much is done, and how much there is where that is known.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        """Start the clock."""
        self._begun = time.perf_counter()
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens within."""
        if self._progress is not None:
            self._progress(name, 0, None)
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0) + time.perf_counter() - begun, 3)

    @property
    def total(self) -> float:
        """Seconds since the start."""
        return round(time.perf_counter() - self._begun, 3)


def edition_facts(settings: Settings) -> EditionFacts:
    """Return what all nodes of an edition share, by its settings."""
    return EditionFacts(settings.root, settings.metadata_licence, settings.abstracts, tuple(settings.layers))


@contextmanager
def room_for(graph: Path) -> Iterator[None]:
    """Turn a full disk into a clear error, whichever library met it."""
    hint = "the old edition stays as it is. Make room, or name another folder with --graph, and publish again"
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM or "space left" in str(error).lower() or "too large" in str(error).lower():
            raise ReleaseError(f"{graph}: there is no room for the new edition ({error}); {hint}") from error
        raise ReleaseError(f"{graph}: the new edition cannot be written ({error}); {hint}") from error
    except (sqlite3.Error, RuntimeError) as error:
        raise ReleaseError(f"{graph}: the new edition cannot be written ({error}); {hint}") from error


class Written(msgspec.Struct, frozen=True):
    """What a build has come to before it is described: what became of the inputs, and the files."""

    counts: Counts
    sources: list[SourceCounts]
    matches: Matches
    dumps: list[Dump]
    warnings: int


class Members(Protocol):
    """What was pressed; `edition.PressRun` is one."""

    @property
    def engine(self) -> str:
        """Name and version of the validation engine."""

    @property
    def statistics(self) -> Statistics:
        """Counts of the triples."""

    def members(self) -> Iterator[Pressed]:
        """Yield the members of the dumps, in their order."""


class MatchesOf(Protocol):
    """What was matched; `matching.MatchRun` is one."""

    def members(self) -> Iterable[Pressed]:
        """Yield the members of the dump of matches, in their order."""


class Builder:
    """The state of one build."""

    def __init__(
        self,
        graph: Path,
        build: Path,
        settings: Settings,
        stages: Stages,
        progress: Progress | None,
        on_set_aside: Callable[[Rejected], None] | None,
    ) -> None:
        """Look at what there is already."""
        self._graph = graph
        self._build = build
        self._work = build / "work"
        self._settings = settings
        self._stages = stages
        self._progress = progress
        self._on_set_aside = on_set_aside
        self._edition = edition_facts(settings)
        self.notes: list[str] = []
        self._previous = current_release(graph)
        self._kept = None if self._previous is None else read_manifest(self._previous)
        self._started = now()
        self._runs = {run.id: run for run in self._kept.runs} if self._kept else {}
        self._run = _new_run_id(self._started, self._runs)

    def _pressing(self, index: RecordIndex) -> PressSettings:
        """Return what each press of this build is made of."""
        return PressSettings(index.folder, self._work, self._edition, self._settings.language)

    def _tell(self, refused: Iterable[Rejected]) -> None:
        """Tell of what is set aside."""
        for each in refused:
            if self._on_set_aside is not None:
                self._on_set_aside(each)

    def _catalogued(self, catalogue: Inputs | Items) -> Iterator[Item]:
        """Yield what the catalogues hold."""
        if not isinstance(catalogue, Inputs):
            yield from catalogue
            return
        for file in catalogue.files:
            yield from (file,) if isinstance(file, Rejected) else catalogue.read(file)

    def _note_unread(self, number: int) -> None:
        """Say how many inputs of the catalogues could not be read."""
        if number:
            self.notes.append(f"{number:,} inputs of the catalogues could not be read, and are not matched with")

    def _note_gone(self, index: Ledger) -> Iterator[Entry]:
        """Write the table of records that are gone, and yield what is said of them."""
        moment = as_date_time(self._started)
        previous = self._previous
        said = {each.key: each for each in index.withdrawn}
        departed = (
            find_departed(previous, index.departed(), moment, self._run, withdrawn=said, is_refused=index.is_refused)
            if previous is not None
            else ()
        )
        taken_back = never_published(index.withdrawn, index.titles_of_withdrawn, moment, self._run)
        before = read_withdrawn(previous) if previous is not None else ()
        write_withdrawn(self._build, updated(before, departed, taken_back, index.is_held))
        index.note_runs(runs_named(read_withdrawn(self._build)))
        return withdrawn_entries(read_withdrawn(self._build), self._edition)

    def _counted(self, index: Ledger, *, force: bool) -> tuple[Counts, list[SourceCounts]]:
        """Return what became of the inputs, unless it is too little to replace the current edition."""
        counts, sources = counts_of(index)
        if counts.published == 0 and not force:
            what = f"{counts.rejected} set aside, {counts.skipped} skipped" if counts.read else "the inputs are empty"
            raise ReleaseError(f"nothing can be published: {what}; correct the inputs, or give --force")
        before = self._kept.counts.published if self._kept else 0
        if counts.published < _SHRUNK * before and not force:
            raise ReleaseError(
                f"the new edition would have {counts.published} articles, the current one has {before}; it stays as it"
                " is. Check the inputs, or give --force if this is meant"
            )
        if self._kept and self._kept.settings.base != self._settings.base:
            self.notes.append(
                f"the base has changed from {self._kept.settings.base} to {self._settings.base}: every IRI of the"
                " edition is another now, and links to the old ones lead nowhere unless they are redirected"
            )
        return counts, sources

    def _run_facts(self, run: str, sources: tuple[str, ...]) -> RunFacts:
        """Return what is known of a run; this one ends when it is first asked for."""
        known = self._runs.get(run)
        if known is None:
            known = Run(id=run, started=as_date_time(self._started), ended=as_date_time(now()), software=__version__)
            self._runs[run] = known
        return RunFacts(run, known.started, known.ended, sources, known.software)

    def _write(
        self,
        run: Members,
        matching: MatchesOf | None,
        mapping: Mapping,
        *,
        load: Callable[[Pieces], None] | None = None,
    ) -> list[Dump]:
        """Write dumps and store, side by side.

        Args:
            run: What was pressed.
            matching: What was matched, None for nothing.
            mapping: The mapping.
            load: Makes the store; None loads everything.
        """
        folder = self._build / "dumps"
        folder.mkdir()
        matched = list(matching.members()) if matching is not None else []
        with ThreadPoolExecutor(1) as beside, Pieces() as pieces:
            with self._stages.stage("dumps"):
                loading = (load or partial(self._load, run, matched)) if self._settings.build_store else _no_store
                store = beside.submit(loading, pieces)
                with Dumps(self._build, mapping) as files:
                    write_members(self._build, self._written(run, matched, files, pieces))
                dumps = files.dumps
            with self._stages.stage("store"):
                store.result()
        write_checksums(folder, dumps)
        return dumps

    def _load(self, run: Members, matched: Sequence[Pressed], pieces: Pieces) -> None:
        """Load everything into a new store."""
        facts = texts_of(NTRIPLES_DUMP, run.members(), pieces)
        load_store(self._build / "store", facts, texts_of(MATCHED_DUMP, matched, pieces))

    def _written(self, run: Members, matched: Sequence[Pressed], files: Dumps, pieces: Pieces) -> Iterator[Member]:
        """Write every member, and yield where it stands."""
        for pressed in run.members():
            yield files.write(pressed, pieces)
        for pressed in matched:
            yield files.write(pressed, pieces)

    def _write_records(self, index: Ledger) -> int:
        """Write revisions, what was set aside, and the reports; return the number of warnings."""
        with self._stages.stage("describe"):
            write_revisions(self._build, index.revisions())
            with (self._build / "rejected.jsonl").open("wb") as file:
                file.writelines(report_lines(set_aside_entries(index, self._edition)))
            return write_reports(self._build, index, self._edition, self._settings)

    def _finish(
        self,
        index: Ledger,
        run: Members,
        mapping: Mapping,
        written: Written,
        *,
        differences: Iterable[Pair] | None = None,
    ) -> Outcome:
        """Describe the release, give it its name, and switch to it.

        Args:
            index: The index.
            run: What was pressed.
            mapping: The mapping.
            written: What it has come to.
            differences: What may differ from the release before; None compares the two.
        """
        statistics = run.statistics
        moment = fixed_time() or now()
        journals = (self._kept.journals if self._kept else {}) | {
            key: identity for key, identity, _ in index.journals()
        }
        runs = {name for name, _ in index.runs()}
        while True:
            release = f"{as_release_time(moment)}-{written.dumps[0].sha256[:8]}"
            description = EditionDescription(
                release=release,
                created=as_date_time(moment),
                statistics=statistics,
                dumps=tuple(dump for dump in written.dumps if dump.name != MATCHED),
                matched=written.matches.triples,
                matched_dump=next((dump for dump in written.dumps if dump.name == MATCHED), None),
                vocabularies=vocabularies_in_use(statistics, mapping.prefixes.values()),
                examples=tuple(self._examples(index)),
            )
            (self._build / "void.ttl").write_bytes(
                describe_edition(description, self._settings, self._edition, mapping.prefixes)
            )
            final = releases_folder(self._graph) / release
            if not final.exists() or self._is_same(final):
                break
            moment += timedelta(seconds=1)  # another edition of this very second: a release is never overwritten
        if self._previous is not None and not final.exists():
            with self._stages.stage("describe"):
                write_patch(
                    Edition.of(self._previous),
                    Edition(self._build, release, self._edition.root),
                    differences,
                )
        manifest = Manifest(
            release=release,
            created=as_date_time(moment),
            counts=written.counts,
            sources=written.sources,
            withdrawn=list(index.withdrawn),
            triples=statistics.triples,
            matches=written.matches,
            warnings=written.warnings,
            seconds=self._stages.total,
            timings=self._stages.seconds,
            engine=run.engine,
            versions=versions_in_use(),
            settings=EditionSettings.of(self._settings),
            inputs=[Input(location=a, kind=b, sha256=c, records=d) for a, b, c, d in index.inputs()],
            dumps=written.dumps,
            runs=[known for name, known in sorted(self._runs.items()) if name in runs],
            journals=dict(sorted(journals.items())),
            build_store=self._settings.build_store,
        )
        index.keep(STATISTICS, pickle.dumps(statistics))
        index.close()
        self._put_in_place(final, manifest)
        return Outcome(
            release=release,
            **msgspec.structs.asdict(written.counts),
            triples=statistics.triples,
            seconds=self._stages.total,
            warnings=written.warnings,
            matched=written.matches.references,
            sources=written.sources,
            path=str(final),
            notes=self.notes,
        )

    def _put_in_place(self, final: Path, manifest: Manifest) -> None:
        """Make the release durable, name it, switch to it."""
        with self._stages.stage("switch"):
            shutil.rmtree(self._work)
            if final.exists():
                self.notes.append(f"nothing has changed: release {final.name} is this very edition")
            else:
                write_manifest(self._build, manifest)
                sync_tree(self._build)
                self._build.rename(final)
                sync_folder(final.parent)
            switch_to(self._graph, final)

    def _is_same(self, release: Path) -> bool:
        """Tell whether an earlier release is this very edition, with a store if this one has one."""
        return ((release / "store").is_dir() or not (self._build / "store").is_dir()) and all(
            filecmp.cmp(release / name, self._build / name, shallow=False) for name in _TELLING
        )

    def _examples(self, index: Ledger) -> Iterator[str]:
        """Yield the IRIs of the first few articles."""
        for _, record in islice(index.bodies(), _EXAMPLES):
            yield self._edition.minter.article(record)


def _new_run_id(started: datetime, known: dict[str, Run]) -> str:
    """Return the id of a run that starts now; with a fixed time it is the same run again."""
    run = name = as_run_id(started)
    number = 1
    while name in known and fixed_time() is None:
        number += 1
        name = f"{run}-{number}"
    return name


def _no_store(_: Pieces) -> None:
    """Make no store: another engine will serve the edition."""
