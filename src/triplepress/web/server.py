"""The server processes: one, or several that share one listening socket under a supervisor.

The supervisor is uvicorn's: it starts each process afresh, replaces one that has died or hangs, and ends all when
it is told to. Each opens the current release for itself, follows `graph/current`, and has its share of the query
workers; what they hold of the release's files, they share through the page cache.

References:
    uvicorn, Deployment.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from triplepress.settings import Settings
from triplepress.web.app import create_app
from triplepress.web.protocol import AnsweringProtocol

_SHUTDOWN_SECONDS: Final = 10
# A process that says nothing for so long is replaced; on a loaded machine an answer may well take some seconds.
_HUNG_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Application:
    """Makes the application in the process that serves it.

    Attributes:
        settings: Those of one server process.
    """

    settings: Settings

    def __call__(self) -> object:
        """Return the application; in a process of several, one that ends with its supervisor."""
        parent = multiprocessing.parent_process()
        if parent is not None:
            threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
        return create_app(self.settings, Path(self.settings.graph))


class _InTurn(socket.socket):
    """A listening socket that gives one connection whenever it is ready, not all that wait."""

    _given = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Return a connection and its address; every other call says that none waits."""
        self._given = not self._given
        if not self._given:
            raise BlockingIOError
        return super().accept()


class SharingLoop(asyncio.SelectorEventLoop):
    """An event loop whose process leaves connections to the others that listen on the same socket.

    asyncio takes all connections that wait as soon as it wakes, so of many that come together most would go to the one
    process that woke first, and stay there.
    """

    async def create_server(self, protocol_factory: Any, *args: Any, sock: Any = None, **options: Any) -> Any:  # noqa: ANN401 - asyncio's own signature
        """Listen, one connection at a time."""
        shared = None if sock is None else _InTurn(fileno=os.dup(sock.fileno()))
        return await super().create_server(protocol_factory, *args, sock=shared, **options)


class Supervisor(Multiprocess):
    """uvicorn's supervisor, which sees at once that a process has died while it waits for that process's answer."""

    def keep_subprocess_alive(self) -> None:
        """Replace each process that has died or hangs."""
        for process in self.processes:
            # Each process has its own copy of this end of the pipe. As long as ours is open as well, a process that
            # dies before it has answered leaves a pipe without an end, and is waited for as if it were hung.
            process.child_conn.close()
        super().keep_subprocess_alive()


def server_config(settings: Settings, *, root_path: str = "") -> uvicorn.Config:
    """Return how uvicorn serves an edition.

    Args:
        settings: `servers` says how many processes; each is given its share of `workers`, one at least.
        root_path: A path that a proxy has taken off and wants put back, as ASGI means it.
    """
    servers = server_count(settings)
    own = msgspec.structs.replace(settings, workers=math.ceil(settings.workers / servers))
    return uvicorn.Config(
        Application(own),
        factory=True,
        http=AnsweringProtocol,
        lifespan="on",
        ws="none",
        workers=servers,
        loop="triplepress.web.server:SharingLoop" if servers > 1 else "auto",
        access_log=settings.access_log,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        root_path=root_path,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        timeout_worker_healthcheck=_HUNG_SECONDS,
    )


def server_count(settings: Settings) -> int:
    """Return how many processes serve."""
    return settings.servers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0])


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a socket until the process is told to end by SIGINT or SIGTERM.

    Args:
        settings: The settings in force.
        listening: A socket that listens; it stays open.
    """
    # Connections inherit it. asyncio sets it itself only where a socket was made with the protocol's number; without it
    # an answer of two writes waits for the client's delayed acknowledgement, some 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = server_config(settings)
    if config.workers > 1:
        Supervisor(config, [listening]).run()
    else:
        uvicorn.Server(config).run(sockets=[listening])


def _end_with(sentinel: int) -> None:
    """End this process, after its requests, when its supervisor is gone without having said so."""
    multiprocessing.connection.wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
