"""Tables as text, CSV and TSV: row by row, each with the line that it ends at."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import IO, Final, NamedTuple, cast

from triplepress.sources.content import DAMAGED

DELIMITERS: Final = (",", "\t", ";", "|")
_LONE: Final = re.compile("[\ud800-\udfff]")
_BOM: Final = "\ufeff"


class Row(NamedTuple):
    """One row.

    Attributes:
        line: The number of its last line, from 1; a cell may hold line ends.
        cells: Its cells; empty where it cannot be read.
        problem: Why it cannot be read, or None.
    """

    line: int
    cells: list[str]
    problem: str | None = None


def split_row(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line, without outer white space.

    Example:
        >>> split_row('doi,"Title, in full", ', ",")
        ['doi', 'Title, in full', '']
    """
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def delimiter_of(line: str) -> str:
    """Return what divides the cells of a header: that which gives the most.

    Example:
        >>> delimiter_of("doi;title;authors, in order"), delimiter_of("doi")
        (';', ',')
    """
    return max(DELIMITERS, key=lambda delimiter: len(split_row(line, delimiter)))


def header_of(head: bytes) -> list[str]:
    """Return the cells of a file's first line that is not blank; empty where it is not UTF-8."""
    line = next((line for line in head.splitlines() if line.strip(b"\xef\xbb\xbf \t\r\n,;|")), b"")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return []
    return split_row(text, delimiter_of(text))


def read_rows(stream: IO[bytes], limit: int, delimiter: str | None = None) -> Iterator[Row]:
    """Yield the rows of a table that are not blank, the header first; a bad one does not stop the others.

    Args:
        stream: Unpacked bytes, UTF-8.
        limit: The most characters of one cell.
        delimiter: What divides cells; None takes what divides those of the first line.
    """
    csv.field_size_limit(max(csv.field_size_limit(), min(limit, 2**31 - 1)))  # the library has one limit for all
    # An undecodable byte becomes a lone surrogate, so that it costs its row and not the file.
    text = io.TextIOWrapper(cast("io.BufferedReader", stream), encoding="utf-8", errors="surrogateescape", newline="")
    number = 0
    try:
        first = ""
        while not first.strip(f"{_BOM} \t\r\n,;|") and (first := text.readline(limit + 1)):
            number += 1
        first = first.removeprefix(_BOM)
        reader = csv.reader(_chain(first, text), delimiter=delimiter or delimiter_of(first))
        number -= 1
        width = 0  # of the header; further cells that are empty are only separators
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number + reader.line_num, [], f"the row is broken: {error}")
                continue
            line = number + reader.line_num
            if any(_LONE.search(cell) for cell in cells):
                yield Row(line, [], "the row is not UTF-8")
            elif any(cell.strip() for cell in cells):
                width = width or len(cells)
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                yield Row(line, [cell.strip() for cell in cells])
    except DAMAGED as error:
        yield Row(number + 1, [], f"the compressed file is damaged or cut short: {error}")
    finally:
        text.detach()


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    """Yield a line that was read already, then the others."""
    if first:
        yield first
    yield from rest
