"""The one table of formats, and which of them a file is in, told by what is in it, never by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Final

from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.sources import canonical
from triplepress.sources.elpub.record import KIND as ELPUB
from triplepress.sources.elpub.record import is_elpub, read_elpub
from triplepress.sources.rejection import reject

Result = ArticleRecord | Rejected | Skipped | Withdrawn


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table.

    Attributes:
        name: As in `--input-format` and in a record's `sources[].kind`.
        sniff: Whether the first bytes of a file (up to 64 KiB, unpacked) are this format's.
        read: The results of one file: its unpacked stream, the source to put into them, and the most bytes that one
            article may take.
        streams: Whether a file may hold many articles, so that the limit is on one of them and not on the file.
    """

    name: str
    sniff: Callable[[bytes], bool]
    read: Callable[[IO[bytes], Source, int], Iterable[Result]]
    streams: bool = False


def _sniff_elpub(head: bytes) -> bool:
    return is_elpub(head.decode("utf-8", errors="replace"))


def _read_elpub(stream: IO[bytes], source: Source, limit: int) -> Iterable[Result]:
    data = stream.read(limit + 1)
    if len(data) > limit:  # a small packed file may hold a huge one
        yield too_large(source, limit)
    else:
        yield read_elpub(data, source)


def too_large(source: Source, limit: int) -> Rejected:
    """Return the rejection for one article's file above the limit."""
    message = f"longer than {limit} bytes, too long for the page of one article"
    return reject(source, message, "Check the file; max_input_bytes raises the limit")


# The first row whose sniff says yes reads the file, so the more particular format stands first.
FORMATS: Final = (
    Format(canonical.KIND, canonical.is_canonical, canonical.read_canonical, streams=True),
    Format(ELPUB, _sniff_elpub, _read_elpub),
)


def format_names() -> tuple[str, ...]:
    """Return the names for `--input-format`."""
    return tuple(each.name for each in FORMATS)


def detect(head: bytes) -> Format | None:
    """Return the format of a file by its first bytes, or None."""
    return next((each for each in FORMATS if each.sniff(head)), None)
