"""The answer of one query to an engine, while it comes in; satisfies `Result`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from triplepress.rdf.formats import Format
from triplepress.store.frames import ResultKind

_KEPT: Final = 1024 * 1024


class RemoteResult:
    """Bytes of an answer; at most a megabyte waits for a slow reader.

    Attributes:
        kind: `boolean`, `bindings` or `graph`.
        format: The format of the bytes, None when the client takes none for this kind (there are no bytes then).
        volatile: Whether the query answers differently each time (RAND, NOW, ...).
    """

    def __init__(self, kind: ResultKind, format_: Format | None, *, volatile: bool) -> None:
        """Begin without bytes."""
        self.kind = kind
        self.format = format_
        self.volatile = volatile
        self._pieces: deque[bytes] = deque()
        self._kept = 0
        self._complete = False
        self._failure: BaseException | None = None
        self._changed = asyncio.Condition()

    @property
    def size(self) -> int | None:
        """How many bytes are still to be read, None while that is not known."""
        return self._kept if self._complete else None

    @property
    def failed(self) -> bool:
        """Whether it has broken off, though bytes of it may still be read."""
        return self._failure is not None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the bytes of the result as they come; raise what it failed with."""
        while True:
            async with self._changed:
                await self._changed.wait_for(self._is_known)
                if not self._pieces:
                    if self._failure is not None:
                        raise self._failure
                    return
                piece = self._pieces.popleft()
                self._kept -= len(piece)
                self._changed.notify_all()
            yield piece

    async def begun(self) -> None:
        """Wait for the first bytes, the end, or the failure, which is raised."""
        async with self._changed:
            await self._changed.wait_for(self._is_known)
        if self._failure is not None:
            raise self._failure

    async def put(self, piece: bytes) -> None:
        """Keep a piece; wait while the reader is behind."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._kept < _KEPT)
            self._pieces.append(piece)
            self._kept += len(piece)
            self._changed.notify_all()

    async def finish(self, failure: BaseException | None = None) -> None:
        """Say that nothing more comes."""
        async with self._changed:
            self._complete = failure is None
            self._failure = failure
            self._changed.notify_all()

    def _is_known(self) -> bool:
        """Return whether there are bytes, or the end."""
        return bool(self._pieces) or self._complete or self._failure is not None
