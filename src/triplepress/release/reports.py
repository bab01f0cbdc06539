"""The edition's validation report: what was set aside, then what was found about the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from triplepress.rdf.facts import EditionFacts
from triplepress.record import Rejected
from triplepress.release.index import RecordIndex
from triplepress.release.press import Press
from triplepress.settings import Settings
from triplepress.validation.report import ReportEntry, report_html, report_json, report_turtle
from triplepress.validation.results import Report, Result


def report_entries(index: RecordIndex, press: Press, found: Iterable[Result]) -> Iterator[ReportEntry]:
    """Yield the entries of the report.

    Args:
        index: The index, after the press.
        press: The press; it mints IRIs and words the findings.
        found: The gate's results about shared things.

    Yields:
        What was set aside, by place; then what was found about published records, by key; then about shared things.
    """
    minter = press.edition.minter
    yield from set_aside_entries(index, press.edition)
    for record, findings in index.findings():
        yield ReportEntry(
            record=minter.article(record),
            doi=record.doi,
            title=record.titles[0].text if record.titles else None,
            source=record.sources[0] if record.sources else None,
            findings=tuple(findings),
        )
    about: dict[str, list[Result]] = {}
    for result in found:
        about.setdefault(result.focus_node, []).append(result)
    for thing, results in sorted(about.items()):
        yield ReportEntry(record=thing, findings=tuple(press.findings(results)))


def set_aside_entries(index: RecordIndex, edition: EditionFacts) -> Iterator[ReportEntry]:
    """Yield the entries of what was set aside, by place; each is a line of `rejected.jsonl` too."""
    for line, record in index.set_aside_lines():
        entry = ReportEntry.of_rejected(msgspec.json.decode(line, type=Rejected))
        yield entry if record is None else msgspec.structs.replace(entry, record=edition.minter.article(record))


def write_reports(folder: Path, index: RecordIndex, press: Press, found: list[Result], settings: Settings) -> int:
    """Write `report.json`, `report.html` and `report.ttl`; return the number of warnings about what is published."""
    entries = list(report_entries(index, press, found))
    (folder / "report.json").write_bytes(report_json(entries))
    page = report_html(entries, settings.language, title=settings.title)
    (folder / "report.html").write_text(page, encoding="utf-8")
    results = dict.fromkeys(
        (*index.results(), *found)
    )  # a shared thing's result is told of every record that causes it
    report = Report(tuple(results), press.gate.engine)
    (folder / "report.ttl").write_bytes(report_turtle([report], press.edition.root))
    return warnings_among(entries)


def warnings_among(entries: Iterable[ReportEntry]) -> int:
    """Return the number of warnings about what is published."""
    return sum(finding.severity == "Warning" for entry in entries if entry.published for finding in entry.findings)
