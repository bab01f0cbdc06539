"""An edition from beginning to end: read, merged, pressed, described, and put in place at one stroke.

Everything is built in a hidden folder beside the releases. Only when it is complete and durable does it get its name,
and only then is `current` switched. Killed at any point, the old edition stays; the next run removes what was left.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from triplepress import __version__
from triplepress.errors import ReleaseError
from triplepress.rdf.facts import EditionFacts, RunFacts
from triplepress.rdf.formats import N_QUADS
from triplepress.rdf.mapping import Mapping
from triplepress.record import Rejected
from triplepress.release.clock import as_date_time, as_release_time, as_run_id, fixed_time, now
from triplepress.release.compression import gzip_member
from triplepress.release.counting import Counts, SourceCounts, counts_of
from triplepress.release.description import EditionDescription, describe_edition, vocabularies_in_use
from triplepress.release.dumps import NTRIPLES_DUMP, Dump, Dumps, Pieces, texts_of, write_checksums, write_dump
from triplepress.release.edition import PressRun, Progress
from triplepress.release.index import RecordIndex
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
from triplepress.release.matching import MatchRun
from triplepress.release.members import write_members
from triplepress.release.presser import PressSettings
from triplepress.release.reading import Inputs, Items, fill, processes_of
from triplepress.release.reports import set_aside_entries, write_reports
from triplepress.release.revisions import read_revisions, write_revisions
from triplepress.release.switch import (
    clean_up,
    current_release,
    locked,
    new_build,
    releases_folder,
    switch_to,
    sync_folder,
    sync_tree,
)
from triplepress.settings import Settings
from triplepress.validation.report import report_lines

# The part of the old edition's articles below which a new one looks like an accident.
_SHRUNK: Final = 0.8
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_EXAMPLES: Final = 3
# The folder of the index, from which a small update goes on.
INDEX: Final = "index"
# The dump of the graph of matches, apart from those of the facts.
MATCHED: Final = "matched.nq.gz"
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


def publish_release(
    items: Inputs | Items,
    settings: Settings,
    *,
    catalogue: Items = (),
    force: bool = False,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> Outcome:
    """Build an edition of what the inputs give and make it the current one.

    Args:
        items: The inputs; or records, and what was set aside or skipped on the way.
        settings: The settings in force; `graph` is the folder of the releases.
        catalogue: Records of works that references may be matched to beside the edition's own.
        force: Replace the current edition even by an empty or sharply smaller one.
        progress: Called with the stage, how much is done, and how much there is where that is known.
        on_set_aside: Told of each record or input that is set aside, as it happens.

    Raises:
        ReleaseError: Nothing can be published, the edition would shrink, another publisher is at work, or there is no
            room. The old edition stays.
    """
    graph = Path(settings.graph)
    with locked(graph), _room_for(graph):
        left = clean_up(graph)
        build = new_build(graph)
        try:
            builder = _Builder(graph, build, settings, Stages(progress), progress, on_set_aside)
            if left:
                names = ", ".join(left)
                builder.notes.append(f"an earlier run did not finish; what it left behind was removed: {names}")
            return builder.build(items, catalogue, force=force)
        finally:
            shutil.rmtree(build, ignore_errors=True)  # gone already when all went well


@contextmanager
def _room_for(graph: Path) -> Iterator[None]:
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


class _Written(msgspec.Struct, frozen=True):
    """What a build has come to before it is described: what became of the inputs, and the files."""

    counts: Counts
    sources: list[SourceCounts]
    matches: Matches
    dumps: list[Dump]
    warnings: int


class _Builder:
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

    def build(self, items: Inputs | Items, catalogue: Items, *, force: bool) -> Outcome:
        """Build the release, put it in place, and say what was done."""
        self._work.mkdir()
        folder = self._build / INDEX
        with closing(RecordIndex(folder, self._kept.journals if self._kept else None)) as index:
            with self._stages.stage("read"):
                fill(index, items, self._settings, self._progress, self._on_set_aside)
            with self._stages.stage("merge"):
                if self._previous is not None:
                    index.add_revisions(read_revisions(self._previous))
                for stranger in index.seal(as_date_time(self._started), self._run):
                    if self._on_set_aside is not None:
                        self._on_set_aside(stranger)
            mapping = Mapping.load()
            matching = MatchRun(index, self._edition, mapping, self._work, self._progress)
            parts = PressSettings(folder, self._work, self._edition, self._settings.language)
            processes = processes_of(self._settings)
            with (
                closing(PressRun(index, parts, processes, self._progress, self._on_set_aside)) as run,
                closing(matching),
            ):
                with self._stages.stage("press"):
                    run.press_articles()
                counts, sources = self._counted(index, force=force)
                with self._stages.stage("press"):
                    run.press_shared(self._run_facts)
                if self._settings.match_references:
                    with self._stages.stage("match"):
                        self._match(matching, catalogue)
                dumps = self._write(run, matching, mapping)
                warnings = self._write_records(index)
                written = _Written(counts, sources, matching.matches, dumps, warnings)
                return self._finish(index, run, mapping, written)

    def _match(self, matching: MatchRun, catalogue: Items) -> None:
        """Match what has no DOI, and say what could not be read for it."""
        matching.run(catalogue)
        if matching.unread:
            self.notes.append(
                f"{matching.unread:,} inputs of the catalogues could not be read, and are not matched with"
            )

    def _counted(self, index: RecordIndex, *, force: bool) -> tuple[Counts, list[SourceCounts]]:
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

    def _write(self, run: PressRun, matching: MatchRun, mapping: Mapping) -> list[Dump]:
        """Write dumps and store, side by side."""
        folder = self._build / "dumps"
        folder.mkdir()
        with ThreadPoolExecutor(1) as beside, Pieces() as pieces:
            with self._stages.stage("dumps"):
                texts = texts_of(NTRIPLES_DUMP, run.members(), pieces)
                store = beside.submit(load_store, self._build / "store", texts, matching.quads())
                with Dumps(self._build, mapping) as files:
                    write_members(self._build, (files.write(member, pieces) for member in run.members()))
                dumps = files.dumps
                if matching.matches.references:
                    quads = (gzip_member(text) for text in matching.quads())
                    dumps.append(write_dump(folder, MATCHED, N_QUADS.media_type, quads))
            with self._stages.stage("store"):
                store.result()
        write_checksums(folder, dumps)
        return dumps

    def _write_records(self, index: RecordIndex) -> int:
        """Write revisions, what was set aside, and the reports; return the number of warnings."""
        with self._stages.stage("describe"):
            write_revisions(self._build, index.revisions())
            with (self._build / "rejected.jsonl").open("wb") as file:
                file.writelines(report_lines(set_aside_entries(index, self._edition)))
            return write_reports(self._build, index, self._edition, self._settings)

    def _finish(self, index: RecordIndex, run: PressRun, mapping: Mapping, written: _Written) -> Outcome:
        """Describe the release, give it its name, and switch to it."""
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
        )
        index.close()
        run.close()
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
        """Tell whether an earlier release is this very edition."""
        return all((release / name).read_bytes() == (self._build / name).read_bytes() for name in _TELLING)

    def _examples(self, index: RecordIndex) -> Iterator[str]:
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
