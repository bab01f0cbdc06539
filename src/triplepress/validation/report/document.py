"""The report as one JSON document, written and read back entry by entry.

The summary stands first, and is known last: the entries wait in a temporary file beside the document. Each value of the
document has a line of its own, indented by two blanks a level, so an entry begins where a line says so, and a page of
entries is read without the rest.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from triplepress.validation.report.entries import ReportEntry
from triplepress.validation.report.lines import line_of
from triplepress.validation.report.summary import Summary

_INDENT: Final = b"\n" + b" " * 4  # of an entry within the document
_ENTRIES: Final = b'  "entries": ['
_BEGIN: Final = b"    {\n"  # the line that an entry begins with
_END: Final = b"  ]\n"  # the line after the last one


def write_report_json(path: Path, entries: Iterable[ReportEntry]) -> Summary:
    """Write the report as one JSON document: the summary, then every entry.

    Args:
        path: The file; a temporary one as large is needed in its folder.
        entries: What was found; read once, one entry at a time.

    Returns:
        The counts of the entries.
    """
    with path.open("wb") as file, tempfile.TemporaryFile(dir=path.parent) as body:
        return _write(file, body, entries)


def report_json(entries: Iterable[ReportEntry]) -> bytes:
    """Return the document of a small report."""
    file = BytesIO()
    _write(file, BytesIO(), entries)
    return file.getvalue()


def _write(file: IO[bytes], body: IO[bytes], entries: Iterable[ReportEntry]) -> Summary:
    """Write the document to a file, its entries first to another."""
    summary = Summary()
    separator = _INDENT
    for entry in summary.counting(entries):
        line = {"record": entry.record, "published": entry.published} | line_of(entry)
        # A line feed within a text is escaped: each one that is there is the form's.
        body.write(separator + _formatted(line).replace(b"\n", _INDENT))
        separator = b"," + _INDENT
    start = _formatted({"summary": summary.to_dict(), "entries": []})
    if not summary.records:
        file.write(start + b"\n")
        return summary
    file.write(start.removesuffix(b"]\n}"))
    body.seek(0)
    shutil.copyfileobj(body, file, 1 << 20)
    file.write(b"\n  ]\n}\n")
    return summary


def _formatted(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)


class ReportPages(msgspec.Struct, frozen=True):
    """Where the first pages of a `report.json` stand in it.

    Attributes:
        path: The document.
        summary: What it begins with.
        starts: Where each page begins, in bytes; then where the last of them ends.
    """

    path: Path
    summary: dict[str, Any]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, path: Path, size: int, pages: int) -> ReportPages:
        """Return where pages of some `size` entries begin, `pages` of them at most; no more is read than they need.

        Raises:
            FileNotFoundError: There is no such document.
        """
        starts: list[int] = []
        with path.open("rb") as file:
            head: list[bytes] = []
            at = seen = 0
            for line in file:
                at += len(line)
                if line.startswith(_ENTRIES):
                    break
                head.append(line)
            for line in file:
                if line == _BEGIN:
                    if seen % size == 0:
                        starts.append(at)
                    if len(starts) > pages:
                        break
                    seen += 1
                elif line == _END:
                    starts.append(at)
                    break
                at += len(line)
        summary = json.loads(b"".join(head).rstrip(b",\n") + b"}")["summary"]
        return cls(path, summary, tuple(starts))

    def page(self, number: int) -> list[dict[str, Any]]:
        """Return the entries of a page, from 1; none where there is no such page."""
        if not 0 < number < len(self.starts):
            return []
        start, end = self.starts[number - 1 : number + 1]
        with self.path.open("rb") as file:
            file.seek(start)
            entries: list[dict[str, Any]] = json.loads(b"[" + file.read(end - start).rstrip(b",\n") + b"]")
        return entries
