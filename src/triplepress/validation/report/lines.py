"""An entry a line, for scripts: `rejected.jsonl` and `check --json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from triplepress.record import Source
from triplepress.validation.report.entries import ReportEntry


def report_lines(entries: Iterable[ReportEntry]) -> Iterator[bytes]:
    """Yield an entry a line, as in `rejected.jsonl` and `check --json`; each ends in a line feed."""
    for entry in entries:
        yield msgspec.json.encode(line_of(entry)) + b"\n"


def line_of(entry: ReportEntry) -> dict[str, Any]:
    """Return an entry as the object of its line."""
    return {
        "source": _source(entry.source),
        "doi": entry.doi,
        "title": entry.title,
        "stage": entry.stage,
        "findings": entry.findings,
    }


def _source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    shown = {"kind": source.kind, "location": source.location, "position": source.position, "sha256": source.sha256}
    return shown | ({"retrieved": source.retrieved} if source.retrieved else {})
