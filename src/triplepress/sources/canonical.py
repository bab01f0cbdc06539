"""Canonical records, one JSON object a line: what `triplepress records` prints, read again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final

import msgspec
from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Rejected, Source, decode_record
from triplepress.sources.content import DAMAGED
from triplepress.sources.rejection import reject

KIND: Final = "record"
_OBJECT: Final = re.compile(rb'^[ \t\xef\xbb\xbf]*\{[ \t]*["}]', re.MULTILINE)
_FIELDS: Final = frozenset(ArticleRecord.__struct_fields__)
_CHUNK: Final = 1024 * 1024


def is_canonical(head: bytes) -> bool:
    """Tell whether the first part of a file has a line that starts like a JSON object; other lines may be broken."""
    return bool(_OBJECT.search(head))


def is_record(value: Mapping[str, Any]) -> bool:
    """Tell whether most keys of a JSON object are fields of a record; others may be slips."""
    return len(value.keys() & _FIELDS) * 2 > len(value)


def read_object(value: Mapping[str, Any], place: Source) -> ArticleRecord | Rejected:
    """Return the record in one JSON object of a list or a document, or why there is none."""
    return _record(msgspec.json.encode(value), place)


def read_canonical(stream: IO[bytes], source: Source, limit: int) -> Iterator[ArticleRecord | Rejected]:
    """Yield the record of each line; blank lines are passed over, a bad one does not stop the others.

    Memory stays flat: a line is held at a time, and one above the limit never as a whole.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; a record that states no sources of its own gets it, with its line, of kind `record`.
        limit: The longest line that is read, in bytes.
    """
    number = 0
    while True:
        number += 1
        try:
            line = stream.readline(limit + 2)
            too_long = len(line.rstrip(b"\r\n")) > limit
            if too_long and not line.endswith(b"\n"):
                _skip_line(stream)
        except DAMAGED as error:
            message = f"the compressed file is damaged or cut short: {error}"
            yield reject(
                source, message, "Make or fetch it again; the lines before are read", position=f"line {number}"
            )
            return
        if not line:
            return
        place = replace(source, position=f"line {number}")
        if too_long:
            yield reject(
                place,
                f"the line is longer than {limit} bytes",
                "Write one record a line, or raise max_input_bytes",
                stage="record",
            )
        elif line.strip():
            yield _record(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line, place)


def _skip_line(stream: IO[bytes]) -> None:
    """Read on to the end of the line, keeping nothing."""
    while (piece := stream.readline(_CHUNK)) and not piece.endswith(b"\n"):
        pass


def _record(line: bytes, place: Source) -> ArticleRecord | Rejected:
    """Return the record in one line, or why there is none."""
    try:
        record = decode_record(line)
    except RecordError as error:
        doi, title = _names(line)
        return reject(
            place,
            error.reason,
            error.remedy or "Correct the line",
            field=error.field,
            value=error.value or None,
            doi=doi,
            title=title,
            stage="record",
        )
    return record if record.sources else replace(record, sources=[place])


def _names(line: bytes) -> tuple[str | None, str | None]:
    """Return DOI and title of a line that is no record, as far as they can be told: they help to find it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(value, dict):
        return None, None
    doi, titles = value.get("doi"), value.get("titles")
    first = titles[0] if isinstance(titles, list) and titles else None
    title = first.get("text") if isinstance(first, dict) else None
    return (doi if isinstance(doi, str) else None, title if isinstance(title, str) else None)
