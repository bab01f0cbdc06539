"""Queries of strangers, asked of an engine: the counterpart of `QueryPool`.

A query is first read by a worker process of our own, over an empty store: what is no SPARQL 1.1, or is not allowed, is
told in the same words at the same place as without an engine, and never reaches it; and what kind of result it makes
is known, so that the engine is asked for exactly one format (Virtuoso chooses among several in ways of its own).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from triplepress.errors import QueryTimeout, StoreBusy, StoreDown, StoreError
from triplepress.rdf.formats import Format
from triplepress.settings import Settings
from triplepress.store.remote.answers import Incoming, Pieces, convert, refuse_cut, whole_lines
from triplepress.store.remote.dataset import Dataset, Placed
from triplepress.store.remote.engine import RESULTS, TRIPLES, Engine
from triplepress.store.remote.result import RemoteResult
from triplepress.store.workers import QueryPool

_WAITING: Final = 4  # pieces of an answer that wait to be read
_CLOSING: Final = "the server is shutting down; try again in a moment"


class RemoteQueries:
    """Runs queries in an engine, so many at once, the others waiting in a queue of bounded length.

    Args:
        engine: The engine.
        dataset: What of it the release is.
        most: How many solutions the engine makes a graph of at most, None where it makes it of all.
        settings: `workers`, `query_queue` and `query_timeout`, as for `QueryPool`.
    """

    def __init__(self, engine: Engine, dataset: Dataset, most: int | None, settings: Settings) -> None:
        """Remember the limits; `start` starts what reads queries."""
        self.timeout = settings.query_timeout
        self._engine = engine
        self._dataset = dataset
        self._most = most
        self._queue = settings.query_queue
        self._waiting = 0
        self._slots = asyncio.Semaphore(settings.workers)
        # Threads of their own: they wait for the engine, and pages must not wait for them.
        self._threads = ThreadPoolExecutor(settings.workers, "query")
        self._folder = tempfile.TemporaryDirectory(prefix="triplepress-")
        self._reader = QueryPool(Path(self._folder.name) / "empty", settings)
        self._running: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the workers that read queries.

        Raises:
            StoreError: They cannot be started.
        """
        await asyncio.to_thread(lambda: Store(str(self._reader.path)).flush())
        await self._reader.start()

    async def close(self) -> None:
        """End every query that runs."""
        self._closed = True
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._threads.shutdown(wait=False)
        await self._reader.close()
        await asyncio.to_thread(self._folder.cleanup)

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
    ) -> AsyncGenerator[RemoteResult, None]:
        """Run one query; leaving the block early ends it. See `QueryPool.run`.

        Raises:
            StoreDown: The engine cannot be reached.
        """
        seconds = self.timeout if timeout is None else min(timeout, self.timeout)
        async with self._reader.run(
            text, results_format=results_format, graph_format=graph_format, timeout=seconds, head_only=True
        ) as read:
            result = RemoteResult(read.kind, read.format, volatile=read.volatile)
        placed = self._dataset.place(text, default_graphs, named_graphs)
        wanted = result.format
        if wanted is None or head_only:
            await result.finish()
            yield result
            return
        await self._acquire()
        task = asyncio.create_task(self._pump(placed, text, wanted, result, seconds, lines))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await result.begun()
            yield result
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _acquire(self) -> None:
        """Wait for a turn, if there is room in the queue."""
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

    async def _pump(
        self, placed: Placed, text: str, wanted: Format, result: RemoteResult, seconds: float, lines: int | None
    ) -> None:
        """Bring an engine's answer into the result."""
        failure: BaseException | None = StoreError(_CLOSING)
        try:
            async with asyncio.timeout(seconds):
                await self._bring(placed, text, wanted, result, lines)
            failure = None
        except (TimeoutError, QueryTimeout):
            failure = QueryTimeout(seconds)
        except StoreError as error:
            failure = error
        finally:
            self._slots.release()
            await result.finish(failure)

    async def _bring(self, placed: Placed, text: str, wanted: Format, result: RemoteResult, lines: int | None) -> None:
        """Ask the engine, and write its answer anew on a thread, while it comes in."""
        kind = result.kind
        incoming: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        ends = _Ends(asyncio.get_running_loop())

        def take() -> bytes:
            piece: bytes = ends.wait(incoming.get())
            return piece

        def give(piece: bytes) -> None:
            ends.wait(result.put(piece))

        def work() -> None:
            source = Incoming(whole_lines(take) if kind == "graph" else take)
            convert(source, Pieces(give, lines), kind, wanted, text, self._most)

        async with self._engine.ask(placed, TRIPLES if kind == "graph" else RESULTS) as response:
            if lines is None:
                refuse_cut(response)
            working = asyncio.ensure_future(asyncio.get_running_loop().run_in_executor(self._threads, work))
            reading = asyncio.ensure_future(self._read(response.aiter_bytes(), incoming))
            try:
                # The thread is done first where it needs no more; what breaks in reading would keep it waiting.
                await asyncio.wait({working, reading}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done():
                    reading.result()
                await working
            finally:
                reading.cancel()
                ends.leave()
                await asyncio.gather(reading, working, return_exceptions=True)

    async def _read(self, pieces: Any, incoming: asyncio.Queue[bytes]) -> None:  # noqa: ANN401 - of the client
        """Put an answer into the queue, in the promised names; nothing at its end."""
        renaming = self._dataset.renaming()
        async for piece in pieces:
            ready = renaming.feed(piece)
            if ready:
                await incoming.put(ready)
        last = renaming.end()
        if last:
            await incoming.put(last)
        await incoming.put(b"")


class _Ends:
    """What a thread waits for on the event loop, until nobody wants its work any more."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: Future[Any] | None = None
        self._left = False

    def wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the coroutine returns
        """Run a coroutine on the loop and return what it returns; called by the thread.

        Raises:
            StoreDown: Nobody waits for the answer any more.
        """
        self._pending = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        if self._left:
            self._pending.cancel()
        try:
            return self._pending.result()
        except CancelledError as error:
            raise StoreDown("the query was ended", 1) from error

    def leave(self) -> None:
        """Let the thread end; called on the loop."""
        self._left = True
        if self._pending is not None:
            self._pending.cancel()
