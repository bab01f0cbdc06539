"""Queries of strangers, each in a process of its own.

Oxigraph evaluates natively but cannot cancel a query, so what bounds a query is the process it runs in: a worker is
killed at the deadline, when the client leaves, and by its own memory cap, and another takes its place. One worker more
than may run at once is kept ready, so that nobody waits for the successor of a killed one.

The deadline bounds how long a query holds a worker: waiting in the queue does not count, evaluation and delivery do,
except that the last megabyte of a result is kept here, so that a slow reader of a small result holds nothing. A reader
that is too slow for a large result is cut off like a slow query: workers are few, and who wants all data has the dumps.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import ExitStack, asynccontextmanager
from mmap import mmap
from pathlib import Path
from typing import IO, Final, Protocol, cast

import msgspec

from triplepress.errors import QueryError, QueryMemory, QueryTimeout, StoreBusy, StoreError
from triplepress.rdf.formats import FORMATS, Format
from triplepress.settings import Settings
from triplepress.store.frames import HEADER, Failure, Head, Kind, Query, ResultKind, pack

_log = logging.getLogger(__name__)
_KEPT: Final = 1024 * 1024
_SPARE: Final = 1
_START_SECONDS: Final = 30.0
_STDERR_SHOWN: Final = 2000
# SPARQL leaves the order of, say, a date and a number open, and Oxigraph's sort gives up on some mixtures of them.
_NO_ORDER: Final = "ORDER BY has values of kinds that have no common order, such as dates and numbers; order by STR(…)"
_STOPPED: Final = "the query engine stopped unexpectedly; try again, and ask for less at a time"
_HEAD: Final = msgspec.msgpack.Decoder(Head)
_FAILURE: Final = msgspec.msgpack.Decoder(Failure)
_CLOSING: Final = "the server is shutting down; try again in a moment"


class _Worker(asyncio.Protocol):
    """A worker process as the pool sees it: a query goes out, frames come in and are handed to `taker` as they come.

    Attributes:
        process: The process.
        stderr: Where it says why it ends.
        opened: Its first frame.
        taker: The query that it works for, None while it is idle.
        lost: Whether its end of the socket is closed; it is then as good as dead.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], stderr: IO[bytes], mark: mmap, left: Callable[[_Worker], None]
    ) -> None:
        """Wait for the first frame; `left` is told when the process ends while nobody waits for it."""
        self._mark = mark
        self._left = left
        self.process = process
        self.stderr = stderr
        self.opened: asyncio.Future[tuple[Kind, bytes]] = asyncio.get_running_loop().create_future()
        self.taker: _Taker | None = None
        self.lost = False
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take hold of the socket."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take frames apart; most answers come whole, in one piece."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEADER.size:
            kind, length = HEADER.unpack_from(buffer, start)
            end = start + HEADER.size + length
            if len(buffer) < end:
                break
            self._take(Kind(kind), bytes(buffer[start + HEADER.size : end]))
            start = end
        del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits that the process has ended."""
        self.lost = True
        if not self.opened.done():
            self.opened.set_exception(exc or EOFError())
            self.opened.exception()  # nobody may be waiting any more
        if self.taker is not None:
            self.taker.lost()
        else:
            self._left(self)

    @property
    def received(self) -> bool:
        """Whether the query that it was last sent has reached it."""
        return self._mark[0] != 0

    def ask(self, query: bytes, taker: _Taker) -> None:
        """Send a query, as msgpack."""
        self.taker = taker
        self._mark[0] = 0
        if self._transport is None or self.lost:
            taker.lost()
        else:
            self._transport.write(pack(Kind.QUERY, query))

    def pause(self) -> None:
        """Read no more for now: the worker waits in its next write."""
        if self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and self._paused:
            self._paused = False
            self._transport.resume_reading()

    def kill(self) -> None:
        """End the process now; safe to call twice."""
        if self.process.poll() is None:
            self.process.kill()
        if self._transport is not None:
            self._transport.abort()

    async def buried(self) -> str:
        """Return what the process said before it ended; it has been killed or is about to end."""
        await asyncio.to_thread(self.process.wait)
        if self.stderr.closed:
            return ""
        with self.stderr:
            self.stderr.seek(0)
            return self.stderr.read(_STDERR_SHOWN).decode("utf-8", "replace").strip()

    def _take(self, kind: Kind, body: bytes) -> None:
        if not self.opened.done():
            self.opened.set_result((kind, body))
        elif self.taker is not None:
            self.taker.take(kind, body)


class _Taker(Protocol):
    """Who waits for a worker's frames."""

    def take(self, kind: Kind, body: bytes) -> None:
        """Take a frame."""

    def lost(self) -> None:
        """Hear that the worker is gone."""


class QueryResult:
    """The answer of one query, streamed.

    Iterating gives its bytes; it raises what `QueryPool.run` raises when the query fails on the way, and what came
    until then is not a complete result.

    Attributes:
        kind: `boolean`, `bindings` or `graph`.
        format: The format of the bytes, None when the client takes none for this kind (there are no bytes then).
        volatile: Whether the query answers differently each time (RAND, NOW, ...).
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.kind: ResultKind = "boolean"
        self.format: Format | None = None
        self.volatile = False
        self._pieces: deque[bytes] = deque()
        self._kept = 0
        self._complete = False
        self._failure: BaseException | None = None
        self._reader: asyncio.Future[None] | None = None
        self._source: _Worker | None = None

    @property
    def size(self) -> int | None:
        """How many bytes are still to be read, None while that is not known."""
        return self._kept if self._complete else None

    @property
    def failed(self) -> bool:
        """Whether it has broken off, though bytes of it may still be read."""
        return self._failure is not None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the bytes of the result as they come."""
        while True:
            await self._changed()
            if not self._pieces:
                if self._failure is not None:
                    raise self._failure
                return
            piece = self._pieces.popleft()
            self._kept -= len(piece)
            if self._source is not None and self._kept < _KEPT:
                self._source.resume()
            yield piece

    async def _begun(self) -> None:
        """Wait for the first bytes, the end, or the failure, which is raised."""
        await self._changed()
        if self._failure is not None:
            raise self._failure

    async def _changed(self) -> None:
        """Wait for bytes, the end, or the failure."""
        while not (self._pieces or self._complete or self._failure):
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader

    def _announce(self, head: Head) -> None:
        """Take what the worker says first."""
        self.kind, self.volatile = head.kind, head.volatile
        self.format = FORMATS[head.format] if head.format is not None else None

    def _put(self, piece: bytes, source: _Worker) -> None:
        """Keep a piece; its source waits while the reader is behind."""
        self._pieces.append(piece)
        self._kept += len(piece)
        if self._kept >= _KEPT:
            self._source = source
            source.pause()
        self._wake()

    def _finish(self, failure: BaseException | None = None) -> None:
        """Say that nothing more comes."""
        self._complete = failure is None
        self._failure = failure
        self._source = None
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class _Run:
    """One query on its way: its worker, its deadline, its result. Frames come in by `take`, without a task of its own.

    Attributes:
        over: Whether the worker has been given back.
    """

    def __init__(self, pool: QueryPool, worker: _Worker, query: bytes, seconds: float) -> None:
        """Hand the query over."""
        self.result = QueryResult()
        self.over = False
        self._pool = pool
        self._worker = worker
        self._query = query
        self._seconds = seconds
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._too_late)
        worker.ask(query, self)

    def take(self, kind: Kind, body: bytes) -> None:
        """Take a frame of the answer."""
        match kind:
            case Kind.DATA:
                self.result._put(body, self._worker)
            case Kind.HEAD:
                self.result._announce(_HEAD.decode(body))
            case Kind.FAILED:
                failure = self._pool._failure(_FAILURE.decode(body))
                self._end(failure, healthy=not isinstance(failure, QueryMemory))
            case _:
                self._end(None, healthy=True)

    def lost(self) -> None:
        """Find out why the worker is gone, or ask another if it was killed before it had the query."""
        if not self.over:
            self._pool._background(self._explain() if self._worker.received else self._ask_another())

    def leave(self) -> None:
        """End the query if it is not over: nobody reads its result."""
        if not self.over:
            self._end(StoreError(_STOPPED), healthy=False)

    def _too_late(self) -> None:
        self._end(QueryTimeout(self._seconds), healthy=False)

    async def _explain(self) -> None:
        failure = await self._pool._post_mortem(self._worker)
        if not self.over:
            self._end(failure, healthy=False)

    async def _ask_another(self) -> None:
        self._deadline.cancel()
        self._pool._bury(self._worker)
        try:
            replacement = await self._pool._take()
        except StoreError as error:
            if not self.over:
                self._end(error, healthy=False)
            return
        self._pool._busy -= 1
        if self.over:
            self._pool._put_back(replacement)
        else:
            self._worker = replacement
            self._deadline = asyncio.get_running_loop().call_later(self._seconds, self._too_late)
            replacement.ask(self._query, self)

    def _end(self, failure: StoreError | None, *, healthy: bool) -> None:
        self.over = True
        self._deadline.cancel()
        self._worker.taker = None
        self._worker.resume()
        self._pool._release(self._worker, healthy=healthy)
        self.result._finish(failure)


class QueryPool:
    """Worker processes over one release's store.

    A new release has a new pool; the old one is closed when the last request that holds it ends.

    Args:
        path: The folder of the store.
        settings: How many queries run (`workers`) and wait (`query_queue`) at once, how long one may hold a worker
            (`query_timeout`) and how much it may allocate (`query_memory`); relative IRIs in a query are resolved
            against the endpoint's own, `{base}/sparql`.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        """Remember the limits; `start` starts the workers."""
        self.path = path
        self.timeout = settings.query_timeout
        self.memory = settings.query_memory
        self._base = f"{settings.base}sparql"
        self._workers = settings.workers
        self._queue = settings.query_queue
        self._waiting = 0
        self._slots = asyncio.Semaphore(settings.workers)
        self._idle: list[_Worker] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._alive: set[_Worker] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The process ids of the workers that live."""
        return tuple(worker.process.pid for worker in self._alive)

    async def start(self) -> None:
        """Start the workers and wait until all are ready.

        Raises:
            StoreError: The store cannot be opened.
        """
        try:
            await self._fill()
        except StoreError:
            await self.close()
            raise

    async def close(self) -> None:
        """End every worker; queries that run fail."""
        self._closed = True
        for worker in list(self._alive):
            self._bury(worker)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @asynccontextmanager
    async def run(
        self,
        text: str,
        *,
        results_format: Format | None,
        graph_format: Format | None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        timeout: float | None = None,
        head_only: bool = False,
        lines: int | None = None,
    ) -> AsyncGenerator[QueryResult, None]:
        """Run one query; leaving the block early ends it.

        Args:
            text: SPARQL 1.1.
            results_format: The format for SELECT and ASK, None when the client takes none.
            graph_format: The format for CONSTRUCT and DESCRIBE, None when the client takes none.
            default_graphs: IRIs whose merge is the default graph, None for what the query says.
            named_graphs: IRIs of the named graphs, None for what the query says.
            timeout: A shorter deadline in seconds; a longer one than the pool's does not count.
            head_only: Whether only the kind and format are wanted; the query is not evaluated to its end.
            lines: How many lines of the result are wanted, None for all of it; for line-based formats (TSV, N-Triples).

        Yields:
            The result, once its first bytes are there, so that what fails before them is raised here.

        Raises:
            QueryError: The query is not valid, or not allowed.
            QueryTimeout: The deadline passed.
            QueryMemory: The query needs more memory than it may take.
            StoreBusy: Too many queries wait, or this one waited too long.
            StoreError: The engine failed.
        """
        seconds = self.timeout if timeout is None else min(timeout, self.timeout)
        query = Query(
            text=text,
            base=self._base,
            default_graphs=None if default_graphs is None else tuple(default_graphs),
            named_graphs=None if named_graphs is None else tuple(named_graphs),
            results_format=results_format.name if results_format else None,
            graph_format=graph_format.name if graph_format else None,
            head_only=head_only,
            lines=lines,
        )
        run = _Run(self, await self._acquire(), msgspec.msgpack.encode(query), seconds)
        try:
            await run.result._begun()
            yield run.result
        finally:
            run.leave()

    def _failure(self, failed: Failure) -> StoreError:
        """Return the error that a worker reports."""
        match failed.fault:
            case "query":
                return QueryError(failed.message, line=failed.line, column=failed.column)
            case "memory":
                return QueryMemory(self.memory)
            case _:
                return StoreError(f"the store does not answer: {failed.message}")

    async def _post_mortem(self, worker: _Worker) -> StoreError:
        """Return why a worker is gone."""
        worker.kill()
        said = await worker.buried()
        if self._closed:
            return StoreError(_CLOSING)
        status = worker.process.returncode
        if "memory allocation" in said or "MemoryError" in said:
            return QueryMemory(self.memory)
        if "overflowed its stack" in said or status == -signal.SIGSEGV:
            return QueryError("the query is nested too deeply; write it flatter")
        if "total order" in said:
            return QueryError(_NO_ORDER)
        _log.error("a query worker ended with status %s: %s", status, said)
        return StoreError(_STOPPED)

    async def _acquire(self) -> _Worker:
        """Return a worker for one query, waiting in the queue if there is room in it."""
        if self._closed:
            raise StoreError(_CLOSING)
        if self._slots.locked() and self._waiting >= self._queue:
            raise StoreBusy(math.ceil(self.timeout))
        self._waiting += 1
        try:
            async with asyncio.timeout(self.timeout):
                await self._slots.acquire()
        except TimeoutError as error:
            raise StoreBusy(math.ceil(self.timeout)) from error
        finally:
            self._waiting -= 1
        try:
            return await self._take()
        except BaseException:
            self._slots.release()
            raise

    async def _take(self) -> _Worker:
        """Return a live worker, a new one if none is ready."""
        while not self._closed:
            while self._idle:
                worker = self._idle.pop()
                if not worker.lost:
                    self._busy += 1
                    return worker
                self._bury(worker)
            if self._starting:
                await asyncio.wait(self._starting, return_when=asyncio.FIRST_COMPLETED)
            else:
                # A client that leaves meanwhile leaves the worker to the next one.
                start = self._begin_start()
                await asyncio.wait({start})
                start.result()
        raise StoreError(_CLOSING)

    def _release(self, worker: _Worker, *, healthy: bool) -> None:
        """Take a worker back, or end it and start another in its place."""
        self._busy -= 1
        if healthy and self._missing() > 0 and not self._closed:
            self._idle.append(worker)
        else:
            self._bury(worker)
        if self._missing() > 0 and not self._closed:
            self._background(self._refill())
        self._slots.release()

    def _left(self, worker: _Worker) -> None:
        """Replace a worker that ended while it waited: somebody has killed it."""
        if worker in self._idle:
            self._idle.remove(worker)
            self._bury(worker)
            if self._missing() > 0 and not self._closed:
                self._background(self._refill())

    def _put_back(self, worker: _Worker) -> None:
        """Take back a worker that was not asked after all."""
        if self._missing() > 0 and not self._closed and not worker.lost:
            self._idle.append(worker)
        else:
            self._bury(worker)

    def _missing(self) -> int:
        """Return how many workers there are too few."""
        return self._workers + _SPARE - len(self._idle) - len(self._starting) - self._busy

    async def _fill(self) -> None:
        """Start the workers that are missing, all at once, and wait until they are ready."""
        starts = [self._begin_start() for _ in range(self._missing())]
        started = await asyncio.gather(*starts, return_exceptions=True)
        for outcome in started:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _refill(self) -> None:
        """Start the workers that are missing, in the background."""
        try:
            await self._fill()
        except StoreError as error:
            # The next query starts its own worker, and tells its client if that fails too.
            if not self._closed:
                _log.warning("%s", error)

    def _begin_start(self) -> asyncio.Task[None]:
        """Start one worker in the background; it counts as starting from now on."""
        task = self._background(self._start_one())
        self._starting.add(task)
        task.add_done_callback(lambda done: self._starting.discard(done))
        return task

    async def _start_one(self) -> None:
        """Start one worker and let it wait for a query."""
        worker = await self._spawn()
        # Now, not when the task is seen to be done: nobody is to count it twice.
        self._starting = {task for task in self._starting if task is not asyncio.current_task()}
        if self._closed:
            self._bury(worker)
        else:
            self._idle.append(worker)

    async def _spawn(self) -> _Worker:
        """Start a worker and wait until it has opened the store.

        Raises:
            StoreError: It could not.
        """
        try:
            worker = await self._begin()
        except OSError as error:  # no file or process is left to be had
            raise StoreError(f"no query worker could be started: {error}") from error
        self._alive.add(worker)
        try:
            async with asyncio.timeout(_START_SECONDS):
                kind, body = await worker.opened
        except (EOFError, OSError) as error:
            self._alive.discard(worker)
            worker.kill()
            raise StoreError(f"no query worker could be started: {await worker.buried()}") from error
        except BaseException:
            self._bury(worker)
            raise
        if kind is not Kind.READY:
            self._bury(worker)
            raise StoreError(msgspec.msgpack.decode(body, type=Failure).message)
        return worker

    async def _begin(self) -> _Worker:
        """Start the process of a worker.

        Raises:
            OSError: There is no room for a file or a process more.
        """
        # Safe path: the working folder's modules are not the worker's. A fresh interpreter, never a fork of this
        # process, which has threads.
        command = [sys.executable, "-P", "-m", "triplepress.store.worker"]
        with ExitStack() as begun:
            ours, theirs = socket.socketpair()
            begun.enter_context(ours)
            with theirs:
                stderr = begun.enter_context(tempfile.TemporaryFile())
                with tempfile.TemporaryFile() as marking:
                    marking.truncate(1)
                    mark = begun.enter_context(mmap(marking.fileno(), 1))
                    process = await asyncio.to_thread(
                        subprocess.Popen,
                        [*command, str(theirs.fileno()), str(marking.fileno()), str(self.path), str(self.memory)],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=stderr,
                        pass_fds=[theirs.fileno(), marking.fileno()],
                        env=os.environ | {"RUST_BACKTRACE": "0"},
                    )
            loop = asyncio.get_running_loop()
            _, worker = await loop.create_unix_connection(lambda: _Worker(process, stderr, mark, self._left), sock=ours)
            begun.pop_all()  # they live as long as the worker
        return worker

    def _bury(self, worker: _Worker) -> None:
        """End a worker; its process is waited for in the background."""
        if worker in self._alive:
            self._alive.discard(worker)
            worker.kill()
            self._background(_wait_for(worker))

    def _background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run a coroutine beside everything else, and keep hold of it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[None]) -> None:
        """Let go of a task that is done; who waited for its error has it."""
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()


async def _wait_for(worker: _Worker) -> None:
    """Wait until a process that was killed is gone, so that none is left behind."""
    await worker.buried()
