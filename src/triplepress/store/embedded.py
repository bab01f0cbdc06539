"""The release's own store, opened read-only in this process.

For the pages and the data behind every address: their queries are the server's own, small and trusted. What strangers
ask runs in worker processes (`workers.py`), since Oxigraph cannot cancel a query.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, RdfFormat, Store

from triplepress.errors import QueryError, StoreError
from triplepress.store.entries import Entries
from triplepress.store.protocol import Row

_Answer = TypeVar("_Answer")
_READ_AHEAD_BLOCK: Final = 8 * 1024 * 1024


class EmbeddedStore:
    """A read-only snapshot; satisfies `GraphStore`.

    A result of pyoxigraph must not cross threads (the process aborts), so each query is evaluated and turned into plain
    values in one call on one worker thread. The store's files are read ahead in the background as it opens: with a cold
    page cache a lookup took 100 to 900 ms instead of 1.

    Args:
        path: The folder of the store, `graph/releases/<id>/store`.
        entries: The articles of the release in its dump; None where there is only the store.
        threads: How many queries run at once; the engine lets go of the interpreter while it evaluates.

    Attributes:
        path: The folder of the store.

    Raises:
        StoreError: There is no store, or it cannot be read.
    """

    def __init__(self, path: Path, entries: Entries | None = None, threads: int = 4) -> None:
        """Open the store and start to read it ahead."""
        self.path = path
        self._entries = entries
        self._store = open_store(path)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._warming = self._threads.submit(self._warm)

    @property
    def ready(self) -> bool:
        """Whether the store's files have been read ahead; queries are answered before, only slower."""
        return self._warming.done()

    async def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query; see `GraphStore.select`."""
        return await self._run(self._select, query)

    async def construct(self, query: str) -> bytes:
        """Return the triples of a CONSTRUCT or DESCRIBE query as N-Triples; see `GraphStore.construct`."""
        return await self._run(self._construct, query)

    async def ask(self, query: str) -> bool:
        """Return the answer of an ASK query; see `GraphStore.ask`."""
        return await self._run(self._ask, query)

    async def entry(self, iri: str) -> bytes | None:
        """Return what the release's dump says of an article; see `GraphStore.entry`."""
        if self._entries is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._entries.read, iri)

    async def close(self) -> None:
        """Let go of the store once the queries that run are done."""
        await asyncio.to_thread(self._threads.shutdown)
        if self._entries is not None:
            self._entries.close()

    def _warm(self) -> None:
        """Read what the first requests would wait for."""
        if self._entries is not None:
            self._entries.load()
        read_ahead(self.path)

    async def _run(self, evaluate: Callable[[str], _Answer], query: str) -> _Answer:
        """Evaluate on one thread of the store's own."""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._threads, self._evaluate, evaluate, query)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    def _evaluate(self, evaluate: Callable[[str], _Answer], query: str) -> _Answer | StoreError:
        """Return the answer or the error, which is a new one: a traceback would carry the result to another thread."""
        try:
            return evaluate(query)
        except SyntaxError as error:
            return QueryError(str(error))
        except OSError as error:
            return StoreError(f"{self.path}: {error}; check the release with `triplepress releases`")
        except QueryError as error:
            return QueryError(str(error))

    def _select(self, query: str) -> list[Row]:
        """Return every solution as a plain mapping."""
        solutions = self._store.query(query)
        if not isinstance(solutions, QuerySolutions):
            raise QueryError("not a SELECT query")
        names = [variable.value for variable in solutions.variables]
        return [
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        ]

    def _construct(self, query: str) -> bytes:
        """Return the triples, serialised natively."""
        triples = self._store.query(query)
        if not isinstance(triples, QueryTriples):
            raise QueryError("not a CONSTRUCT or DESCRIBE query")
        return triples.serialize(format=RdfFormat.N_TRIPLES) or b""

    def _ask(self, query: str) -> bool:
        """Return the answer."""
        answer = self._store.query(query)
        if not isinstance(answer, QueryBoolean):
            raise QueryError("not an ASK query")
        return bool(answer)


def open_store(path: Path) -> Store:
    """Open a store read-only.

    Raises:
        StoreError: There is no store at the path, or it cannot be read.
    """
    try:
        return Store.read_only(str(path))
    except FileNotFoundError as error:
        hint = "publish an edition with one (`triplepress publish`), or name the engine that serves it (`store`)"
        raise StoreError(f"{path} is no store; {hint}") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: the store cannot be opened: {error}") from error


def read_ahead(path: Path) -> None:
    """Read the files of a store once, so that they are in the page cache."""
    for file in sorted(path.glob("*.sst")):
        try:
            with file.open("rb", buffering=0) as stream:
                if hasattr(os, "posix_fadvise"):
                    os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
                while stream.read(_READ_AHEAD_BLOCK):
                    pass
        except OSError:
            # Reading ahead is a kindness; a file that cannot be read shows itself in the query that needs it.
            continue
