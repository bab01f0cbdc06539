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
import contextlib
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

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
_CLOSING: Final = "the server is shutting down; try again in a moment"


@dataclass(eq=False)
class _Worker:
    """A worker process as the pool sees it."""

    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stderr: IO[bytes]

    async def read(self) -> tuple[Kind, bytes]:
        """Return the next frame.

        Raises:
            asyncio.IncompleteReadError: The worker is gone.
        """
        kind, length = HEADER.unpack(await self.reader.readexactly(HEADER.size))
        return Kind(kind), await self.reader.readexactly(length) if length else b""

    def kill(self) -> None:
        """End the process now; safe to call twice."""
        if self.process.poll() is None:
            self.process.kill()
        self.writer.transport.abort()

    async def buried(self) -> str:
        """Return what the process said before it ended; it has been killed or is about to end."""
        await asyncio.to_thread(self.process.wait)
        if self.stderr.closed:
            return ""
        with self.stderr:
            self.stderr.seek(0)
            return self.stderr.read(_STDERR_SHOWN).decode("utf-8", "replace").strip()


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
        self._changed = asyncio.Condition()

    @property
    def size(self) -> int | None:
        """How many bytes are still to be read, None while that is not known."""
        return self._kept if self._complete else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the bytes of the result as they come."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._pieces or self._complete or self._failure)
                if not self._pieces:
                    if self._failure is not None:
                        raise self._failure
                    return
                piece = self._pieces.popleft()
                self._kept -= len(piece)
                self._changed.notify_all()
            yield piece

    async def _begun(self) -> None:
        """Wait for the first bytes, the end, or the failure, which is raised."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._pieces or self._complete or self._failure)
        if self._failure is not None:
            raise self._failure

    def _announce(self, head: Head) -> None:
        """Take what the worker says first."""
        self.kind, self.volatile = head.kind, head.volatile
        self.format = FORMATS[head.format] if head.format is not None else None

    async def _put(self, piece: bytes) -> None:
        """Keep a piece; wait while the reader is behind."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._kept < _KEPT)
            self._pieces.append(piece)
            self._kept += len(piece)
            self._changed.notify_all()

    async def _finish(self, failure: BaseException | None = None) -> None:
        """Say that nothing more comes."""
        async with self._changed:
            self._complete = failure is None
            self._failure = failure
            self._changed.notify_all()


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
        worker = await self._acquire()
        result = QueryResult()
        pump = asyncio.create_task(self._pump(worker, query, result, seconds))
        try:
            await result._begun()
            yield result
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump

    async def _pump(self, worker: _Worker, query: Query, result: QueryResult, seconds: float) -> None:
        """Send a query to a worker and bring its answer into the result; the worker is given back at the end."""
        failure: StoreError | None = StoreError(_STOPPED)
        healthy = False
        try:
            async with asyncio.timeout(seconds):
                while not await self._hand_over(worker, query):
                    # It was killed from outside while it waited, and nobody had noticed yet.
                    self._bury(worker)
                    replacement = await self._take()
                    self._busy -= 1
                    worker = replacement
                failure = await self._bring(worker, result)
                healthy = not isinstance(failure, QueryMemory)
        except TimeoutError:
            failure = QueryTimeout(seconds)
        except (asyncio.IncompleteReadError, OSError):
            failure = await self._post_mortem(worker)
        except StoreError as error:
            failure = error
        finally:
            self._release(worker, healthy=healthy)
            await result._finish(failure)

    async def _hand_over(self, worker: _Worker, query: Query) -> bool:
        """Give a query to a worker and wait until it has it; return whether it is alive."""
        try:
            worker.writer.write(pack(Kind.QUERY, msgspec.msgpack.encode(query)))
            await worker.read()
        except (asyncio.IncompleteReadError, OSError):
            return False
        return True

    async def _bring(self, worker: _Worker, result: QueryResult) -> StoreError | None:
        """Bring a worker's answer into the result; return why it failed, None when it is complete."""
        while True:
            kind, body = await worker.read()
            match kind:
                case Kind.DATA:
                    await result._put(body)
                case Kind.HEAD:
                    result._announce(msgspec.msgpack.decode(body, type=Head))
                case Kind.FAILED:
                    return self._failure(msgspec.msgpack.decode(body, type=Failure))
                case _:
                    return None

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
                if worker.process.poll() is None:
                    self._busy += 1
                    return worker
                # It was killed from outside while it waited.
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
        ours, theirs = socket.socketpair()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        # Safe path: the working folder's modules are not the worker's. A fresh interpreter, never a fork of this
        # process, which has threads.
        command = [sys.executable, "-P", "-m", "triplepress.store.worker"]
        with theirs:
            process = await asyncio.to_thread(
                subprocess.Popen,
                [*command, str(theirs.fileno()), str(self.path), str(self.memory)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"RUST_BACKTRACE": "0"},
            )
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        worker = _Worker(process, reader, writer, stderr)
        self._alive.add(worker)
        try:
            async with asyncio.timeout(_START_SECONDS):
                kind, body = await worker.read()
        except (asyncio.IncompleteReadError, OSError) as error:
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
