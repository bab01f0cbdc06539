"""The store of pages and data, in an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from triplepress.errors import QueryCut, QueryError, QueryTimeout, StoreError, StoreSlow
from triplepress.store.protocol import Row
from triplepress.store.remote.answers import read_boolean, read_rows, read_triples, refuse_cut
from triplepress.store.remote.dataset import Dataset
from triplepress.store.remote.engine import RESULTS, TRIPLES, Engine
from triplepress.store.remote.graphs import ReleaseGraphs
from triplepress.store.remote.mark import Mark, mark_query, read_mark

_Answer = TypeVar("_Answer")
# Rows that are asked for to learn how many an engine gives at most: more than anybody would set, and soon counted.
_PROBE: Final = 200_000
_LOOK_SECONDS: Final = 5.0


class RemoteStore:
    """One release in an engine; satisfies `GraphStore`.

    Args:
        engine: The engine.
        graphs: The names of the release's graphs.
        dataset: What of the engine the release is.
        most: How many solutions the engine makes a graph of at most, None where it makes it of all.
    """

    def __init__(self, engine: Engine, graphs: ReleaseGraphs, dataset: Dataset, most: int | None) -> None:
        """Keep the parts."""
        self._engine = engine
        self._graphs = graphs
        self._dataset = dataset
        self._most = most

    async def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query; see `GraphStore.select`."""
        return await self._answer(query, RESULTS, read_rows)

    async def construct(self, query: str) -> bytes:
        """Return the triples of a CONSTRUCT or DESCRIBE query as N-Triples; see `GraphStore.construct`."""
        triples = await self._answer(query, TRIPLES, read_triples)
        if self._most is not None and triples.count(b"\n") >= self._most:
            raise QueryCut(self._most)
        return triples

    async def ask(self, query: str) -> bool:
        """Return the answer of an ASK query; see `GraphStore.ask`."""
        return await self._answer(query, RESULTS, read_boolean)

    async def entry(self, iri: str) -> None:
        """Return None: an engine is asked by queries; see `GraphStore.entry`."""

    async def is_there(self) -> bool:
        """Return whether the engine still has the release; an engine that does not say is taken to have it."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                return await find_mark(self._engine, self._graphs) is not None
        except (TimeoutError, StoreError):
            return True

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.close()

    async def _answer(self, query: str, accept: str, read: Callable[[bytes], _Answer]) -> _Answer:
        """Ask, and read the whole answer beside the event loop.

        Raises:
            StoreSlow: It did not come in time: pages ask for little, so that is the engine's fault.
            StoreError: The engine does not take the query, for which whoever asked for a page can do nothing.
        """
        engine = self._engine
        try:
            async with (
                asyncio.timeout(engine.timeout),
                engine.ask(self._dataset.place(query), accept) as response,
            ):
                refuse_cut(response)
                content = await response.aread()
        except (TimeoutError, QueryTimeout) as error:
            engine.circuit.failed("it does not answer in time")
            raise StoreSlow(engine.timeout, engine.circuit.retry_after) from error
        except QueryError as error:
            raise StoreError(f"{error} (a query of this page's own; see the engine's limits)") from error
        renaming = self._dataset.renaming()
        return await asyncio.to_thread(read, renaming.feed(content) + renaming.end())


async def find_mark(engine: Engine, graphs: ReleaseGraphs) -> Mark | None:
    """Return the mark of a release, None where the engine does not have all of it."""
    async with engine.ask(mark_query(graphs), RESULTS) as response:
        return read_mark(read_rows(await response.aread()), graphs)


async def most_rows(engine: Engine, dataset: Dataset, triples: int) -> int | None:
    """Return how many rows an engine gives at most, None where it gives as many as there are, or does not say.

    Only Virtuoso says so, in the head of an answer that it cut; the rows themselves are not read. A query may have more
    rows than the release has triples, so the probe has, too.

    Args:
        engine: The engine.
        dataset: What of it the release is.
        triples: How many triples the default graph has.
    """
    once, again = "?s ?p ?o", ["?a ?b ?c", "?d ?e ?f"]
    times = next((number for number in range(len(again)) if triples ** (number + 1) >= _PROBE), len(again))
    for pattern in dict.fromkeys((" . ".join([once, *again[:times]]), once)):
        query = dataset.place(f"SELECT (1 AS ?row) WHERE {{ {pattern} }} LIMIT {_PROBE}")
        try:
            async with asyncio.timeout(engine.timeout), engine.ask(query, RESULTS) as response:
                if not response.headers.get("Server", "").startswith("Virtuoso"):
                    return None
                refuse_cut(response)
                return None
        except QueryCut as cut:
            return cut.rows
        except QueryError:  # Virtuoso's estimate of what a product costs; it does not see the limit
            continue
        except TimeoutError as error:
            raise StoreError("the engine behind this edition is slow to open; try again") from error
    return None
