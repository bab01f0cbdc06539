"""The dumps: everything the edition says, in three formats, and its citations as a table.

Batches are pressed once and kept compressed in spool files, for a batch may have to be made again. The dumps are then
written in one go as gzip members of equal length, without time or name, so their bytes depend on what they say alone.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
import zstandard

_BLOCK: Final = 1024 * 1024  # bytes of text in one gzip member
_LEVEL: Final = 6
_GZIP: Final = 31  # zlib's window bits for a gzip member; its header then has neither time nor name
_THREADS: Final = 2


class Segment(msgspec.Struct, frozen=True):
    """A place in a spool, in bytes."""

    offset: int
    length: int


class Spool:
    """A file of compressed pieces that are appended and read back by place.

    Args:
        path: Where the file is made.
    """

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._file = path.open("x+b")
        self._end = 0
        self._compressor = zstandard.ZstdCompressor(level=1)

    def append(self, content: bytes) -> Segment:
        """Write one piece and return its place."""
        compressed = self._compressor.compress(content)
        self._file.write(compressed)
        self._file.flush()
        segment = Segment(self._end, len(compressed))
        self._end += len(compressed)
        return segment

    def read(self, segment: Segment) -> bytes:
        """Return the piece at a place; may be called from any thread."""
        compressed = os.pread(self._file.fileno(), segment.length, segment.offset)
        return zstandard.ZstdDecompressor().decompress(compressed)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class GzipBlocks:
    """Writes a gzip file as members of equal length, compressed in parallel.

    Any gzip reader reads it as one file. Equal content gives equal bytes, however it was cut into writes.

    Args:
        path: Where the file is made.

    References:
        RFC 1952, section 2.2 (a file is a series of members).
    """

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._file = path.open("wb")
        self._pool = ThreadPoolExecutor(_THREADS)
        self._waiting: deque[Future[bytes]] = deque()
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left, unless an error is on its way, and close the file."""
        try:
            if kind is None:
                self._finish()
        finally:
            self._pool.shutdown(cancel_futures=True)
            self._file.close()

    def write(self, content: bytes) -> None:
        """Append text."""
        self._buffer += content
        while len(self._buffer) >= _BLOCK:
            self._compress(bytes(self._buffer[:_BLOCK]))
            del self._buffer[:_BLOCK]

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, hexadecimal; right once the writer is closed."""
        return self._hash.hexdigest()

    @property
    def size(self) -> int:
        """Length of the file in bytes; right once the writer is closed."""
        return self._size

    def _compress(self, block: bytes) -> None:
        """Hand one block to a thread; wait when enough are on their way."""
        self._waiting.append(self._pool.submit(_member, block))
        while len(self._waiting) > 2 * _THREADS:
            self._write(self._waiting.popleft().result())

    def _finish(self) -> None:
        """Write all that is left; an empty file is one empty member."""
        if self._buffer or not (self._waiting or self._size):
            self._compress(bytes(self._buffer))
            self._buffer.clear()
        while self._waiting:
            self._write(self._waiting.popleft().result())

    def _write(self, member: bytes) -> None:
        """Write one member."""
        self._file.write(member)
        self._hash.update(member)
        self._size += len(member)


def _member(block: bytes) -> bytes:
    """Return a block as one gzip member."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return compressor.compress(block) + compressor.flush()


class Dump(msgspec.Struct, frozen=True):
    """One file of `dumps/`: its name, length in bytes, SHA-256 (hexadecimal) and media type before compression."""

    name: str
    bytes: int
    sha256: str
    media_type: str


def write_dump(folder: Path, name: str, media_type: str, content: Iterable[bytes]) -> Dump:
    """Write one dump.

    Args:
        folder: The folder `dumps/`.
        name: The file's name, which ends in `.gz`.
        media_type: What is compressed.
        content: Its text in pieces of any length.

    Returns:
        The dump's entry for manifest and description.
    """
    with GzipBlocks(folder / name) as file:
        for piece in content:
            file.write(piece)
    return Dump(name, file.size, file.sha256, media_type)


def citations_table(citations: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield the lines of `citations.csv`: citing and cited DOI, quoted where RFC 4180 wants it."""
    yield b"citing,cited\r\n"
    for citing, cited in citations:
        yield f"{_cell(citing)},{_cell(cited)}\r\n".encode()


def _cell(text: str) -> str:
    """Return one cell of a CSV row."""
    return '"' + text.replace('"', '""') + '"' if any(character in text for character in ',"\r\n') else text


def write_checksums(folder: Path, dumps: Iterable[Dump]) -> None:
    """Write `SHA256SUMS`, as `sha256sum -c` reads it."""
    lines = "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps)
    (folder / "SHA256SUMS").write_text(lines, encoding="utf-8")
