"""A connection, below what answers on it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from triplepress.web import protocol


class _Told(asyncio.Protocol):
    """Knows when its connection is gone."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Take note."""
        self.lost.set()


def test_what_nobody_reads_does_not_keep_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_LINGER_SECONDS", 0.05)

    async def close() -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            transport, told = await asyncio.get_running_loop().create_connection(_Told, sock=ours)
            joining = protocol._Joining(transport)
            joining.write(bytes(8 * 1024 * 1024))
            joining.close()
            async with asyncio.timeout(30):
                await told.lost.wait()

    asyncio.run(close())


def test_what_is_still_being_read_is_sent_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_LINGER_SECONDS", 0.2)
    size = 8 * 1024 * 1024

    async def close() -> int:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        with theirs:
            transport, _ = await loop.create_connection(_Told, sock=ours)
            joining = protocol._Joining(transport)
            joining.write(bytes(size))
            joining.close()
            got = 0
            while piece := await loop.sock_recv(theirs, 256 * 1024):
                got += len(piece)
                await asyncio.sleep(0.02)
            return got

    assert asyncio.run(close()) == size
