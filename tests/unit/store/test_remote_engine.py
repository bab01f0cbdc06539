"""What pages and queries make of an engine that refuses, or answers slowly; the engine is a small server here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs

import pytest

from triplepress.errors import QueryError, StoreError
from triplepress.rdf.formats import JSON
from triplepress.settings import Settings
from triplepress.store.remote.address import EngineAddress
from triplepress.store.remote.engine import Engine
from triplepress.store.remote.graphs import release_graphs
from triplepress.store.remote.mark import Mark
from triplepress.store.remote.queries import RemoteQueries
from triplepress.store.remote.store import RemoteStore

BASE = "http://127.0.0.1:8000/"
GRAPHS = release_graphs(BASE, "20260101T000000Z-00000000")
DATASET = Mark({GRAPHS.facts: 5}, {}).dataset(GRAPHS, f"{BASE}sparql")
YES = b'{"head":{},"boolean":true}'


class SmallEngine(ThreadingHTTPServer):
    """Says yes to everything, refuses what has `refused` in it, and keeps waiting who asks for what is `slow`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.slow: list[str] = []
        self.go_on = threading.Event()


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer a query."""
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
        engine = cast("SmallEngine", self.server)
        body = b"SR353: Sorted TOP clause" if "refused" in query else YES
        self.send_response(400 if "refused" in query else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "slow" in query:
            self.wfile.write(body[:1])
            self.wfile.flush()
            body = body[1:]
            engine.slow.append(query)
            engine.go_on.wait(60)
        self.wfile.write(body)


@pytest.fixture
def engine() -> Iterator[SmallEngine]:
    with SmallEngine() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


def _address(engine: SmallEngine) -> EngineAddress:
    return EngineAddress(f"http://127.0.0.1:{engine.server_address[1]}/query")


def test_a_query_of_a_page_that_is_refused_is_no_fault_of_who_asked(engine: SmallEngine) -> None:
    async def ask() -> None:
        store = RemoteStore(Engine(_address(engine), timeout=30, connections=4), GRAPHS, DATASET, None)
        try:
            assert await store.ask("ASK { ?s ?p ?o }")
            await store.ask("ASK { ?s ?p 'refused' }")
        finally:
            await store.close()

    with pytest.raises(StoreError, match="SR353: Sorted TOP clause") as caught:
        asyncio.run(ask())
    assert not isinstance(caught.value, QueryError)


def test_pages_do_not_wait_for_queries_that_wait_for_the_engine(engine: SmallEngine) -> None:
    settings = Settings(base=BASE, workers=2, query_timeout=60)

    async def ask() -> bool:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        asked = Engine(_address(engine), timeout=60, connections=8)
        queries, store = RemoteQueries(asked, DATASET, None, settings), RemoteStore(asked, GRAPHS, DATASET, None)
        await queries.start()

        async def slow(number: int) -> None:
            query = f"ASK {{ ?s ?p 'slow {number}' }}"
            async with queries.run(query, results_format=JSON, graph_format=None) as result:
                assert b"".join([piece async for piece in result])

        tasks = [asyncio.create_task(slow(number)) for number in range(settings.workers)]
        try:
            while len(engine.slow) < settings.workers:
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.2)  # until the first bytes wait to be read on
            async with asyncio.timeout(10):  # long before the queries are given up
                return await store.ask("ASK { ?s ?p ?o }")
        finally:
            engine.go_on.set()
            with suppress(StoreError):
                await asyncio.gather(*tasks)
            await queries.close()
            await store.close()

    assert asyncio.run(ask())
