"""A connection, below what answers on it."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from triplepress.web import protocol
from triplepress.web.answers import Answer, Answers, Asked
from triplepress.web.cache import Cache


class _Told(asyncio.Protocol):
    """Knows when its connection is gone."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Take note."""
        self.lost.set()


def test_a_kept_answer_does_not_end_the_one_behind_it() -> None:
    """Two requests in one segment: the first is answered from what is kept, the second takes longer than connections
    are kept for.
    """
    answers: Answers = Cache(10**6)
    answers.put(Asked(b"/kept", b"", b""), Answer(200, b"HTTP/1.1 200 OK\r\n", b"\r\n", b"", None, b"\r\n"), 0)
    current = SimpleNamespace(edition=SimpleNamespace(answers=answers))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["current"] = current
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await asyncio.sleep(1.5)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"slow"})

    async def ask() -> bytes:
        settings: Any = {"http": protocol.AnsweringProtocol, "lifespan": "on", "log_level": "error"}
        server = uvicorn.Server(uvicorn.Config(app, port=0, timeout_keep_alive=1, **settings))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
        last = b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        writer.write(b"GET /kept HTTP/1.1\r\nHost: x\r\n\r\n" + last)
        answer = await reader.read()
        writer.close()
        server.should_exit = True
        await serving
        return answer

    assert b"slow" in asyncio.run(ask())


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
