"""A query worker: a process that opens the store read-only and answers one query after another.

Started by `QueryPool` with one end of a socket; it leaves when the other end closes. The query is checked, parsed,
evaluated and serialised on one thread, since a result of pyoxigraph must not cross threads. Nothing here knows a
deadline: the pool kills a worker that takes too long.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import socket
import sys
import threading
from mmap import mmap
from pathlib import Path
from typing import IO, Final, cast

import msgspec
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from triplepress.errors import QueryError, StoreError
from triplepress.rdf.formats import FORMATS, TURTLE
from triplepress.store.diagnosis import syntax_error
from triplepress.store.embedded import open_store
from triplepress.store.frames import HEADER, Failure, Head, Kind, Query, ResultKind, pack
from triplepress.store.guard import check_query, declared_prefixes, is_volatile

_PIECE: Final = 64 * 1024
_CLONE_NEWNET: Final = 0x40000000
_CLONE_NEWUSER: Final = 0x10000000
# The pages answer first when the processors are busy.
_NICENESS: Final = 5


def main() -> None:
    """Serve queries until the pool closes its end.

    The command line is the file descriptors of the socket and of a byte that is set when a query has been received
    (memory shared with the pool, so that it costs nothing), the store's folder, and the memory cap in bytes.
    """
    descriptor, marking, path, memory = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    mark = mmap(marking, 1)
    leave_network()
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=descriptor) as connection:
        threading.Thread(target=_leave_with_pool, args=(connection,), daemon=True).start()
        try:
            store = open_store(path)
        except StoreError as error:
            connection.sendall(pack(Kind.FAILED, msgspec.msgpack.encode(Failure("store", str(error)))))
            return
        cap_memory(memory)
        connection.sendall(pack(Kind.READY))
        decoder = msgspec.msgpack.Decoder(Query)
        while (body := _receive(connection)) is not None:
            mark[0] = 1
            _answer(store, decoder.decode(body), connection)


def leave_network() -> bool:
    """Cut this process off from every network, where the system allows it.

    A new network namespace has no interface that is up; the socket to the pool stays. Without privileges it takes a
    user namespace as well; some systems forbid both, and then the lexer alone stands before a service call.

    Returns:
        Whether it was done.

    References:
        unshare(2), network_namespaces(7).
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return any(library.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWNET | _CLONE_NEWUSER))


def cap_memory(allowance: int) -> None:
    """Let this process allocate only so much more than it has; the allocation that goes beyond ends it.

    Args:
        allowance: Bytes on top of what is allocated now, the open store included. Mapped files do not count.
    """
    # Data, not address space: the engine reserves hundreds of megabytes of addresses that it never touches.
    used = 0
    with contextlib.suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as lines:
        used = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmData"))
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = used + allowance if hard == resource.RLIM_INFINITY else min(used + allowance, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _leave_with_pool(connection: socket.socket) -> None:
    """End this process as soon as the pool's end of the socket is closed, whatever the query is doing."""
    poller = select.poll()
    poller.register(connection.fileno(), 0)
    poller.poll()
    os._exit(0)


def _receive(connection: socket.socket) -> bytes | None:
    """Return the body of the next frame, None when the pool has closed its end.

    The pool sends one query and waits for its answer, so what comes is one frame and nothing behind it.
    """
    frame = bytearray()
    length = HEADER.size
    while len(frame) < length:
        piece = connection.recv(_PIECE)
        if not piece:
            return None
        frame += piece
        if len(frame) >= HEADER.size:
            length = HEADER.size + HEADER.unpack_from(frame)[1]
    return bytes(frame[HEADER.size :])


class _EnoughError(Exception):
    """As many lines as were asked for have been written."""


class _Pieces:
    """A binary stream that sends what is written as frames; small writes are gathered.

    What announces the result and what ends it go along with the first and the last piece: a small answer is one send.
    """

    def __init__(self, connection: socket.socket, head: bytes, lines: int | None) -> None:
        """Send over `connection`, first the frame `head`, then at most so many lines."""
        self._connection = connection
        self._frames = head
        self._lines = lines
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        if self._lines is not None:
            self._take_lines(data, self._lines)
        else:
            self._buffer += data
        if len(self._buffer) >= _PIECE:
            self._send()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the serialiser flushes at its end only, and there `finish` sends the rest."""

    def finish(self) -> None:
        """Send what is gathered, and the end."""
        self._send(pack(Kind.END))

    def _take_lines(self, data: bytes, lines: int) -> None:
        """Take bytes up to the last line wanted."""
        end = 0
        while lines and (newline := data.find(b"\n", end)) >= 0:
            end, lines = newline + 1, lines - 1
        self._lines = lines
        self._buffer += data if lines else data[:end]
        if not lines:
            raise _EnoughError

    def _send(self, last: bytes = b"") -> None:
        """Send what is gathered; waits while the client is slower than the query."""
        body = pack(Kind.DATA, bytes(self._buffer)) if self._buffer else b""
        frames, self._frames = self._frames + body + last, b""
        self._buffer.clear()
        self._connection.sendall(frames)


def _answer(store: Store, query: Query, connection: socket.socket) -> None:
    """Run one query and send its result, or why there is none."""
    try:
        _evaluate(store, query, connection)
    except QueryError as error:
        failure = Failure("query", str(error), error.line, error.column)
    except MemoryError:
        failure = Failure("memory", "")
    except (OSError, StoreError) as error:
        failure = Failure("store", str(error))
    else:
        return
    connection.sendall(pack(Kind.FAILED, msgspec.msgpack.encode(failure)))


def _evaluate(store: Store, query: Query, connection: socket.socket) -> None:
    """Check, parse, evaluate, serialise and send."""
    check_query(query.text)
    graphs: dict[str, list[NamedNode]] = {}
    if query.default_graphs is not None:
        graphs["default_graph"] = [NamedNode(iri) for iri in query.default_graphs]
    if query.named_graphs is not None:
        graphs["named_graphs"] = [NamedNode(iri) for iri in query.named_graphs]
    try:
        result = store.query(query.text, base_iri=query.base, **graphs)  # type: ignore[arg-type]  # a list of NamedNode is a list of both
    except SyntaxError as error:
        raise syntax_error(query.text, str(error)) from error
    except (RuntimeError, ValueError) as error:
        raise QueryError(str(error)) from error
    kind: ResultKind
    match result:
        case QuerySolutions():
            kind, name = "bindings", query.results_format
        case QueryBoolean():
            kind, name = "boolean", query.results_format
        case _:
            kind, name = "graph", query.graph_format
    head = pack(Kind.HEAD, msgspec.msgpack.encode(Head(kind, name, is_volatile(query.text))))
    pieces = _Pieces(connection, head, query.lines)
    if name is not None and not query.head_only:
        try:
            _serialize(result, name, query.text, cast("IO[bytes]", pieces))
        except _EnoughError:
            pass
        except (RuntimeError, ValueError) as error:
            raise QueryError(str(error)) from error
    pieces.finish()


def _serialize(result: QuerySolutions | QueryBoolean | QueryTriples, name: str, query: str, output: IO[bytes]) -> None:
    """Write a result in the format of that name."""
    native = FORMATS[name].native
    if not isinstance(result, QueryTriples):
        result.serialize(output, cast("QueryResultsFormat", native))
    elif name == TURTLE.name and (prefixes := declared_prefixes(query)):
        # Turtle is for reading: with the prefixes that its reader chose.
        serialize(result, output, format=RdfFormat.TURTLE, prefixes=prefixes)
    else:
        result.serialize(output, cast("RdfFormat", native))


if __name__ == "__main__":
    main()
