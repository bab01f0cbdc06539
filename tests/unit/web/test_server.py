"""The listening socket, and how several processes share its connections."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from triplepress.web.server import SharingLoop

_SERVER = """
import socket, sys
from triplepress.settings import Settings
from triplepress.web.server import serve
serve(Settings(graph=sys.argv[2]), socket.socket(fileno=int(sys.argv[1])))
"""


def test_answers_do_not_wait_for_acknowledgements(tmp_path: Path) -> None:
    """Connections inherit TCP_NODELAY; the server's socket is this one, under another number."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert not listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        number = listening.fileno()
        command = [sys.executable, "-c", _SERVER, str(number), str(tmp_path)]
        with subprocess.Popen(command, pass_fds=[number]) as process:
            try:
                _wait_for(f"http://127.0.0.1:{listening.getsockname()[1]}/health", process)
                assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            finally:
                process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def test_a_process_leaves_connections_to_others() -> None:
    """Of ten that wait, one who listens on the same socket gets some, though the first has begun to accept."""
    left: list[socket.socket] = []

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(transport)

    made: list[asyncio.BaseTransport] = []

    async def accept(listening: socket.socket, waiting: int) -> None:
        def connection() -> Connection:
            with suppress(BlockingIOError):
                while len(left) < waiting // 2:
                    left.append(listening.accept()[0])
            return Connection()

        server = await asyncio.get_running_loop().create_server(connection, sock=listening)
        async with asyncio.timeout(30):
            while len(made) + len(left) < waiting:
                await asyncio.sleep(0.01)
        server.close()
        for transport in made:
            transport.close()
        await asyncio.sleep(0)

    with socket.create_server(("127.0.0.1", 0), backlog=20) as listening:
        listening.setblocking(False)
        clients = [socket.create_connection(listening.getsockname(), timeout=20) for _ in range(10)]
        with asyncio.Runner(loop_factory=SharingLoop) as runner:
            runner.run(accept(listening, len(clients)))
    for each in (*left, *clients):
        each.close()
    assert len(left) == len(clients) // 2
