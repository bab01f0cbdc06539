"""The bytes of one input: hashed, unpacked, and read no further than the limit allows."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import IO, Any, Final, cast

import zstandard

from triplepress.sources.inputs import STDIN

# What the kind is told from, in bytes.
HEAD_BYTES: Final = 64 * 1024
_CHUNK: Final = 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
# What unpacking raises for a damaged or cut file.
DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)


class Content:
    """One open input.

    Attributes:
        size: The number of its bytes as they are on disk.
        packed: `gzip`, `zstd`, or None.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        """Take a file that can be read twice, and see whether it is packed."""
        self._raw = raw
        self.size = raw.seek(0, os.SEEK_END)
        raw.seek(0)
        start = raw.read(4)
        self.packed = "gzip" if start.startswith(_GZIP) else "zstd" if start == _ZSTD else None

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes as they are on disk, hexadecimal; they are read in pieces."""
        digest = hashlib.sha256()
        self._raw.seek(0)
        while chunk := self._raw.read(_CHUNK):
            digest.update(chunk)
        return digest.hexdigest()

    def open(self) -> IO[bytes]:
        """Return the unpacked bytes from their beginning, as a buffered stream."""
        self._raw.seek(0)
        if self.packed == "gzip":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=self._raw, mode="rb"))
        if self.packed == "zstd":
            reader = zstandard.ZstdDecompressor().stream_reader(
                self._raw, read_across_frames=True, closefd=False, read_size=_CHUNK
            )
            return io.BufferedReader(_ZstdStream(reader, self._raw), _CHUNK)
        return self._raw

    def head(self) -> bytes:
        """Return the first bytes, unpacked.

        Raises:
            EOFError, zlib.error, ZstdError: It is packed and damaged.
        """
        return self.open().read(HEAD_BYTES)


class _ZstdStream(io.RawIOBase):
    """zstandard's reader as Python's own streams are: a file that was cut short is an error, not its end."""

    def __init__(self, reader: zstandard.ZstdDecompressionReader, raw: IO[bytes]) -> None:
        super().__init__()
        self._reader = reader
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the name of a buffer's type came with Python 3.12
        view = memoryview(buffer).cast("B")
        piece = self._reader.read(len(view))
        view[: len(piece)] = piece
        if not piece and not _zstd_is_whole(self._raw):
            raise zstandard.ZstdError("the last frame has no end")
        return len(piece)


def _zstd_is_whole(raw: IO[bytes]) -> bool:
    """Tell whether the last frame of a Zstandard file has its end: only the headers of its blocks are read.

    References:
        RFC 8878, sections 3.1.1 (frames), 3.1.1.2 (blocks) and 3.1.2 (skippable frames).
    """
    size = raw.seek(0, os.SEEK_END)
    at = 0
    while at < size:
        raw.seek(at)
        start = raw.read(18)  # the longest frame header
        if len(start) < 8:
            return False
        if 0x184D2A50 <= int.from_bytes(start[:4], "little") <= 0x184D2A5F:
            at += 8 + int.from_bytes(start[4:8], "little")
            continue
        at += zstandard.frame_header_size(start)
        last = False
        while not last:
            raw.seek(at)
            block = int.from_bytes(raw.read(3), "little")
            last = bool(block & 1)
            at += 3 + (1 if block >> 1 & 3 == 1 else block >> 3)
            if at > size:
                return False
        at += 4 if zstandard.get_frame_parameters(start).has_checksum else 0
    return at == size


@contextmanager
def open_content(location: str) -> Iterator[Content]:
    """Open an input for as long as it is read.

    Args:
        location: A path, or `-` for standard input, which is spooled to a temporary file above 8 MB: it is read twice,
            once for its hash.

    Raises:
        OSError: It cannot be read.
    """
    if location == STDIN:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            while chunk := sys.stdin.buffer.read(_CHUNK):
                spool.write(chunk)
            spool.seek(0)
            yield Content(cast("IO[bytes]", spool))
        return
    # What was a file a moment ago may be a pipe by now: opening it must not wait for a writer.
    descriptor = os.open(location, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as raw:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(None, "it is not a file any more")
        yield Content(raw)
