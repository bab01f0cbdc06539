"""The counts of a report, made on the way while its entries are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from triplepress.validation.report.entries import ReportEntry
from triplepress.validation.results import SEVERITIES


class Summary:
    """Counts entries and their findings; it grows with the number of shapes and fields, not with the entries.

    Attributes:
        records: Entries.
        set_aside: Those that are not published.
        warnings: Warnings about what is published.
    """

    def __init__(self) -> None:
        """Start from nothing."""
        self.records = 0
        self.set_aside = 0
        self.warnings = 0
        self._severities: Counter[str] = Counter()
        self._shapes: Counter[str | None] = Counter()
        self._fields: Counter[str | None] = Counter()

    def counting(self, entries: Iterable[ReportEntry]) -> Iterator[ReportEntry]:
        """Pass entries on, counting them."""
        for entry in entries:
            self.add(entry)
            yield entry

    def add(self, entry: ReportEntry) -> None:
        """Count one entry."""
        self.records += 1
        self.set_aside += not entry.published
        for finding in entry.findings:
            self._severities[finding.severity] += 1
            self._shapes[finding.shape] += 1
            self._fields[finding.field] += 1
            self.warnings += entry.published and finding.severity == "Warning"

    @property
    def findings(self) -> int:
        """How many findings there are."""
        return self._severities.total()

    @property
    def by_severity(self) -> dict[str, int]:
        """Findings by severity, the gravest first."""
        return {severity: self._severities[severity] for severity in SEVERITIES}

    @property
    def by_shape(self) -> dict[str, int]:
        """Findings by the IRI of the shape, the most frequent first; those of no shape are left out."""
        return ranked(self._shapes)

    @property
    def by_field(self) -> dict[str, int]:
        """Findings by field, the most frequent first; those of no field are left out."""
        return ranked(self._fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary that `report.json` begins with."""
        return {
            "records": self.records,
            "set_aside": self.set_aside,
            "by_severity": self.by_severity,
            "by_shape": self.by_shape,
            "by_field": self.by_field,
        }


def ranked(counted: Counter[str | None]) -> dict[str, int]:
    """Return what was counted, the most frequent first and then by name, without what has no name."""
    named = {name: number for name, number in counted.items() if name}
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
