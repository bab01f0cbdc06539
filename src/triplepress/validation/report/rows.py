"""A finding a row, for a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from triplepress.record import Severity
from triplepress.validation.report.entries import ReportEntry, place_of


class Row(msgspec.Struct, frozen=True):
    """One line of a table in the terminal."""

    severity: Severity
    record: str
    place: str
    field: str
    message: str
    remedy: str
    value: str | None = None


def report_rows(entries: Iterable[ReportEntry]) -> Iterator[Row]:
    """Yield the report as lines of a table, in the entries' order."""
    for entry in entries:
        name = entry.doi or entry.title or entry.record or ""
        place = place_of(entry.source)
        for finding in entry.findings:
            field = finding.field or ""
            yield Row(finding.severity, name, place, field, finding.message, finding.remedy, finding.value)
