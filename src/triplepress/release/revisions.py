"""`revisions.tsv.zst`: when the content of each record changed, so that the next edition knows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import zstandard

from triplepress.errors import ReleaseError
from triplepress.release.history import pack_history, unpack_history
from triplepress.release.index import Revision

NAME: Final = "revisions.tsv.zst"
LEVEL: Final = 9
_PLAIN: Final = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
_ESCAPES: Final = str.maketrans({plain: escaped for escaped, plain in _PLAIN.items()})
_ESCAPED: Final = re.compile(r"\\[\\tnr]")


def write_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write lines, each given without its end, as one Zstandard file."""
    with path.open("wb") as file, zstandard.ZstdCompressor(level=LEVEL).stream_writer(file) as writer:
        for line in lines:
            writer.write(line + b"\n")


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a Zstandard file, without their ends."""
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
        for line in io.BufferedReader(reader):
            yield line.removesuffix(b"\n")


def write_revisions(folder: Path, revisions: Iterable[Revision]) -> None:
    """Write the table: key, SHA-256 of the content (hexadecimal), last change, run, earlier states as `pack_history`.

    In a key, tabs and line ends are escaped.
    """
    rows = ((r.key.translate(_ESCAPES), r.digest.hex(), r.modified, r.run, pack_history(r.history)) for r in revisions)
    write_lines(folder / NAME, ("\t".join(row).encode() for row in rows))


def read_revisions(folder: Path) -> Iterator[Revision]:
    """Yield the revisions of a release.

    Raises:
        ReleaseError: The table is damaged.
    """
    path = folder / NAME
    try:
        for line in read_lines(path):
            # A table of an earlier version has no earlier states.
            key, digest, modified, run, *history = line.decode().split("\t")
            past = unpack_history(history[0]) if history else ()
            yield Revision(_unescaped(key), bytes.fromhex(digest), modified, run, past)
    except (OSError, ValueError, zstandard.ZstdError) as error:
        raise ReleaseError(
            f"{path}: cannot be read ({error}); roll back to another release, or remove this one"
        ) from error


def _unescaped(text: str) -> str:
    """Return a cell as it was before `_ESCAPES`."""
    return _ESCAPED.sub(lambda match: _PLAIN[match[0]], text)
