"""A release in an engine, opened: its store for pages, and the one for queries of strangers."""

from __future__ import annotations

import asyncio
from typing import Final

from triplepress.errors import StoreError, StoreSlow, TriplepressError
from triplepress.settings import Settings
from triplepress.store.remote.address import EngineAddress
from triplepress.store.remote.engine import Engine
from triplepress.store.remote.graphs import release_graphs
from triplepress.store.remote.queries import RemoteQueries
from triplepress.store.remote.store import RemoteStore, find_mark, most_rows

# Requests of pages that may be under way beside the queries of strangers: what a page asks, it asks one by one.
_PAGES: Final = 16


async def open_remote(
    address: EngineAddress, settings: Settings, base: str, release: str
) -> tuple[RemoteStore, RemoteQueries]:
    """Return one release in an engine, opened.

    Args:
        address: Where the engine is.
        settings: Limits of queries.
        base: The base IRI that the release was made with.
        release: Its id.

    Raises:
        StoreError: The engine cannot be reached, or does not have all of the release.
    """
    graphs = release_graphs(base, release)
    engine = Engine(address, timeout=settings.query_timeout, connections=settings.workers + _PAGES)
    try:
        try:
            async with asyncio.timeout(engine.timeout):
                mark = await find_mark(engine, graphs)
        except TimeoutError as error:
            raise StoreSlow(engine.timeout, 1) from error
        if mark is None:
            raise StoreError(f"the engine does not have release {release}; run triplepress load {release}")
        dataset = mark.dataset(graphs, f"{settings.base}sparql")
        most = await most_rows(engine, dataset, mark.triples[graphs.facts])
        queries = RemoteQueries(engine, dataset, most, settings)
        await queries.start()
    except TriplepressError:
        await engine.close()
        raise
    return RemoteStore(engine, graphs, dataset, most), queries
