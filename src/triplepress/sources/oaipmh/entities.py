"""Named entities of a stream, resolved as it is read: a DTD that would declare them is never loaded."""

from __future__ import annotations

import re
from typing import IO, Final

from triplepress.sources.xml import resolve_entities

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
# An entity at the end of a piece that may go on in the next one.
_OPEN: Final = re.compile(rb"&[A-Za-z0-9]{0,40}\Z")


class EntityStream:
    """A stream in which standard entities stand as character references, for a parser that reads in pieces."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Take the stream from where it stands."""
        self._stream = stream
        self._kept = b""
        self._raw: bool | None = None

    def read(self, size: int = -1) -> bytes:
        """Return about `size` bytes, all of them for -1; nothing at the end."""
        while True:
            piece = self._stream.read(size)
            if self._raw is None:
                self._raw = piece.startswith(_UTF16)  # bytes are no characters there
            if self._raw:
                return piece
            data = self._kept + piece
            self._kept = b""
            tail = _OPEN.search(data, max(0, len(data) - 42)) if piece else None
            if tail:
                data, self._kept = data[: tail.start()], data[tail.start() :]
            if data or not piece:
                return resolve_entities(data)
