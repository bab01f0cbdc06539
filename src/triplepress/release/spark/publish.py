"""An edition built on Spark from beginning to end; the local build's functions describe it and put it in place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from triplepress.errors import ReleaseError
from triplepress.rdf.mapping import Mapping
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_run, shape_software
from triplepress.record import Rejected
from triplepress.release.building import Builder, Outcome, Stages, Written, room_for
from triplepress.release.clock import as_date_time
from triplepress.release.counting import Counts
from triplepress.release.edition import Progress
from triplepress.release.manifest import Matches
from triplepress.release.reading import Inputs
from triplepress.release.shared import Entry
from triplepress.release.spark.accounts import Accounts
from triplepress.release.spark.job import Job
from triplepress.release.spark.matching import match
from triplepress.release.spark.merging import merge
from triplepress.release.spark.parts import Parts
from triplepress.release.spark.pressing import press_articles
from triplepress.release.spark.reading import read_inputs
from triplepress.release.spark.session import Cluster, connected
from triplepress.release.spark.things import press_things
from triplepress.release.switch import clean_up, locked, new_build
from triplepress.settings import Settings
from triplepress.store.members import RUNS, SOFTWARE, WITHDRAWN, Section

# What tasks need, beside what reads the inputs: the stages that bring all others with them.
_MODULES = ("triplepress.release.spark.accounts", "triplepress.release.spark.matching")


def publish_on_spark(
    inputs: Inputs,
    settings: Settings,
    *,
    catalogue: Inputs | None = None,
    force: bool = False,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> Outcome:
    """Build an edition of what the inputs give on a cluster, and make it the current one.

    Args:
        inputs: The inputs; every executor sees the files, and the graph folder, under the same paths as the driver.
        settings: The settings in force; `master` is the cluster.
        catalogue: Inputs with works that references may be matched to beside the edition's own.
        force: Replace the current edition even by an empty or sharply smaller one.
        progress: Called with the stage, how many of its tasks are done, and how many there are.
        on_set_aside: Told of each record or input that is set aside, when all are known.

    Raises:
        ReleaseError: Nothing can be published, the edition would shrink, another publisher is at work, there is no
            room, or the cluster fails. The old edition stays.
    """
    graph = Path(settings.graph).absolute()
    modules = (*_MODULES, getattr(inputs.read, "func", inputs.read).__module__)
    with locked(graph), room_for(graph), connected(settings.master, modules, progress) as cluster:
        left = clean_up(graph)
        build = new_build(graph)
        try:
            builder = _SparkBuilder(graph, build, settings, Stages(progress), progress, on_set_aside)
            if left:
                names = ", ".join(left)
                builder.notes.append(f"an earlier run did not finish; what it left behind was removed: {names}")
            return builder.build_on(cluster, inputs, catalogue, force=force)
        finally:
            shutil.rmtree(build, ignore_errors=True)  # gone already when all went well


def check_complete(counts: Counts) -> None:
    """Check that something became of every result that was read.

    Raises:
        ReleaseError: Records were lost on their way, or counted twice.
    """
    became = counts.published + counts.merged + counts.skipped + counts.rejected
    if became != counts.read:
        raise ReleaseError(
            f"{counts.read:,} results were read, and {became:,} became something: stages did not see the same parts."
            " The old edition stays; check that all machines see one graph folder, and publish again"
        )


class _SparkBuilder(Builder):
    """The state of one build on a cluster."""

    def build_on(self, cluster: Cluster, inputs: Inputs, catalogue: Inputs | None, *, force: bool) -> Outcome:
        """Build the release, put it in place, and say what was done."""
        job = Job(self._settings, Parts.begun(self._work), as_date_time(self._started), self._run)
        with self._stages.stage("read"):
            read, parts = read_inputs(cluster, job, "read", inputs)
        with self._stages.stage("merge"):
            merged, ranges = merge(cluster, job, read, parts, previous=self._previous)
        with self._stages.stage("press"):
            kept = self._kept.journals if self._kept else {}
            articles = press_articles(cluster, job, ranges, merged.statements, kept)
        accounts = Accounts(job, (read, parts), merged, ranges, articles)
        self._tell(accounts.set_aside())
        counts, sources = self._counted(accounts, force=force)
        check_complete(counts)
        with self._stages.stage("press"):
            gone = [(WITHDRAWN, entry) for entry in self._note_gone(accounts)]
            accounts.find_runs(cluster)
            others = [*gone, *self._others(accounts.runs())]
            refused = frozenset(articles.refused)
            accounts.keep_things(press_things(cluster, job, ranges, refused, articles.journals, others))
        matching = None
        if self._settings.match_references:
            with self._stages.stage("match"):
                matching = match(cluster, job, ranges, refused, catalogue)
            self._note_unread(matching.unread)
        mapping = Mapping.load()
        dumps = self._write(accounts, matching, mapping)
        warnings = self._write_records(accounts)
        matches = Matches() if matching is None else matching.matches
        return self._finish(accounts, accounts, mapping, Written(counts, sources, matches, dumps, warnings))

    def _others(self, runs: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[Section, Entry]]:
        """Yield the entries that no record states: the runs, and the software."""
        software: set[str] = set()
        for run, sources in runs:
            facts = self._run_facts(run, sources)
            software.add(facts.software)
            yield RUNS, (run, [encode_node(shape_run(facts, self._edition))])
        for version in sorted(software):
            yield SOFTWARE, (version, [encode_node(shape_software(version, self._edition))])
