"""Lines with a tag each, as RIS and MEDLINE have them: cut into entries, one in memory at a time.

Both formats are `TAG  - value` and differ in what begins and ends an entry. Programs that write them leave out the last
line of an entry, wrap values without indenting them, put one blank where two belong and write notes between the
entries; none of this may cost an entry or half of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple

from triplepress.sources.content import DAMAGED

_BOM: Final = b"\xef\xbb\xbf"
_PIECE: Final = 64 * 1024


class Dialect(NamedTuple):
    """How a format marks its lines and entries.

    Attributes:
        tag: A line with a tag: groups `tag` and `value`.
        starts: The tag that begins an entry; None where a blank line ends one.
        ends: The tag that ends an entry.
        lists: Tags of which each further line is a value of its own.
    """

    tag: re.Pattern[str]
    starts: str | None = None
    ends: str | None = None
    lists: frozenset[str] = frozenset()


@dataclass
class Entry:
    """One entry.

    Attributes:
        line: The number of its first line, from 1.
        values: Tag and value of each line that has a tag, in order; lines that go on are joined to it.
        problem: Why it cannot be read, or None.
    """

    line: int
    values: list[tuple[str, str]] = field(default_factory=list)
    problem: str | None = None

    def all(self, *tags: str) -> list[str]:
        """Return the values of these tags that are not empty: those of the first tag, then those of the next."""
        return [value for tag in tags for name, value in self.values if name == tag and value]

    def first(self, *tags: str) -> str | None:
        """Return the first value of the first of these tags that has one."""
        return next(iter(self.all(*tags)), None)


def read_entries(stream: IO[bytes], dialect: Dialect, limit: int) -> Iterator[Entry]:
    """Yield the entries of a file.

    Args:
        stream: Unpacked bytes, UTF-8.
        dialect: The format.
        limit: The most bytes of one entry.
    """
    entry: Entry | None = None
    size = 0
    number = 0
    while True:
        number += 1
        try:
            raw = stream.readline(_PIECE)
            while not raw.endswith(b"\n") and len(raw) <= limit and (more := stream.readline(_PIECE)):
                raw += more
        except DAMAGED as error:
            yield Entry(number, problem=f"the compressed file is damaged or cut short: {error}")
            raw = b""
        if not raw:
            break
        if number == 1:
            raw = raw.removeprefix(_BOM)
        try:
            line = raw.decode("utf-8").strip("\r\n\ufeff")
        except UnicodeDecodeError:
            line = raw.decode("utf-8", errors="replace").strip("\r\n")
            (entry := entry or Entry(number)).problem = f"line {number} is not UTF-8"
        match = dialect.tag.match(line)
        name = match["tag"] if match else None
        begins = name == dialect.starts and not _only(entry, dialect.starts) if dialect.starts else not line.strip()
        if begins:
            if entry is not None:
                yield entry
            entry, size = None, 0
        size += len(raw)
        if name == dialect.ends and dialect.ends is not None:
            if entry is not None:
                yield entry
            entry, size = None, 0
        elif match and name and (entry is not None or dialect.starts in (None, name)):
            (entry := entry or Entry(number)).values.append((name, (match["value"] or "").strip()))
        elif line.strip() and entry is not None and entry.values:
            _go_on(entry, line.strip(), dialect)
        if entry is not None and size > limit:
            entry.problem, entry.values = f"longer than {limit} bytes", entry.values[:1]
    if entry is not None:
        yield entry


def _only(entry: Entry | None, tag: str | None) -> bool:
    """Tell whether an entry has nothing but this tag yet: some programs write two types at its head."""
    return entry is not None and all(name == tag for name, _ in entry.values)


def _go_on(entry: Entry, text: str, dialect: Dialect) -> None:
    """Add a line without a tag to the value before it."""
    name, value = entry.values[-1]
    if name in dialect.lists:
        entry.values.append((name, text))
    else:
        entry.values[-1] = (name, f"{value} {text}".strip())
