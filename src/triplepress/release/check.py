"""The same road as publishing, up to the gate: what would be published, what would be set aside, and why."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from triplepress import __version__
from triplepress.rdf.facts import RunFacts
from triplepress.record import Rejected
from triplepress.release.building import Stages, edition_facts
from triplepress.release.clock import as_date_time, as_run_id, now
from triplepress.release.counting import Counts, SourceCounts, counts_of
from triplepress.release.edition import PressRun, Progress
from triplepress.release.index import RecordIndex
from triplepress.release.manifest import read_manifest
from triplepress.release.presser import PressSettings
from triplepress.release.reading import Inputs, Items, fill, processes_of
from triplepress.release.reports import report_entries, report_results
from triplepress.release.spooled import Spooled
from triplepress.release.switch import current_release
from triplepress.settings import Settings
from triplepress.validation.report import ReportEntry, Summary
from triplepress.validation.results import Result


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What `check` found.

    Attributes:
        counts: What would become of the inputs' records; `published` is what would be.
        warnings: Warnings about what would be published.
        entries: What was set aside, then what was found about the rest; on disk where they are many.
        results: The gate's own results; on disk where they are many.
        seconds: How long it took.
        sources: The counts for each kind of source.
    """

    counts: Counts
    warnings: int
    entries: Spooled[ReportEntry]
    results: Spooled[Result]
    seconds: float
    sources: tuple[SourceCounts, ...] = ()


def check_records(
    items: Inputs | Items,
    settings: Settings,
    *,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> CheckOutcome:
    """Return what publishing these items would find; nothing is written but a temporary index.

    Args:
        items: The inputs; or records, and what was set aside or skipped on the way.
        settings: The settings in force; the journals of the current release keep their keys.
        progress: Called with the stage, how much is done, and how much there is where that is known.
        on_set_aside: Told of each record or input that would be set aside, as it happens.
    """
    stages = Stages(progress)
    current = current_release(Path(settings.graph))
    kept = None if current is None else read_manifest(current).journals
    moment = now()
    edition = edition_facts(settings)

    def run_facts(run: str, sources: tuple[str, ...]) -> RunFacts:
        return RunFacts(run, as_date_time(moment), as_date_time(moment), sources, __version__)

    with (
        tempfile.TemporaryDirectory(prefix="triplepress-") as folder,
        closing(RecordIndex(Path(folder), kept)) as index,
    ):
        with stages.stage("read"):
            fill(index, items, settings, progress, on_set_aside)
        with stages.stage("merge"):
            for stranger in index.seal(as_date_time(moment), as_run_id(moment)):
                if on_set_aside is not None:
                    on_set_aside(stranger)
        parts = PressSettings(Path(folder), None, edition, settings.language)
        with (
            stages.stage("check"),
            closing(PressRun(index, parts, processes_of(settings), progress, on_set_aside)) as run,
        ):
            run.press_articles()
            run.press_shared(run_facts)
        summary = Summary()
        entries = Spooled(summary.counting(report_entries(index, edition, settings.language)))
        results = Spooled(report_results(index))
        counts, sources = counts_of(index)
        return CheckOutcome(counts, summary.warnings, entries, results, stages.total, tuple(sources))
