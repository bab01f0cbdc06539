from __future__ import annotations

import asyncio
import errno
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from triplepress.errors import QueryError, QueryTimeout, StoreError
from triplepress.rdf.formats import CSV, JSON, N_TRIPLES, TSV, TURTLE, Format
from triplepress.settings import Settings
from triplepress.store.workers import QueryPool, QueryResult

SETTINGS = Settings(workers=1, query_timeout=20)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool") / "store"
    store = Store(str(folder))
    predicate = NamedNode("http://example.org/p")
    store.bulk_extend(
        Quad(NamedNode(f"http://example.org/s{number}"), predicate, Literal(f"line\n{number}"))
        for number in range(5000)
    )
    store.flush()
    return folder


def with_pool(path: Path, work: Callable[[QueryPool], Awaitable[None]], settings: Settings = SETTINGS) -> None:
    async def run() -> None:
        pool = QueryPool(path, settings)
        await pool.start()
        try:
            await work(pool)
        finally:
            await pool.close()
        assert pool.process_ids == ()

    asyncio.run(run())


async def ask(
    pool: QueryPool, query: str, results: Format | None = JSON, graph: Format | None = TURTLE, lines: int | None = None
) -> tuple[QueryResult, bytes]:
    async with pool.run(query, results_format=results, graph_format=graph, lines=lines) as result:
        return result, b"".join([piece async for piece in result])


def test_no_room_for_a_worker_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    async def start() -> None:
        monkeypatch.setattr(subprocess, "Popen", refuse)
        await QueryPool(path, SETTINGS).start()

    opened = _open_files()
    with pytest.raises(StoreError, match=r"no query worker could be started.*temporarily unavailable"):
        asyncio.run(start())
    assert _open_files() <= opened


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_kinds_and_formats(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        for query, kind, chosen in (
            ("ASK {}", "boolean", JSON),
            ("SELECT * { ?s ?p ?o }", "bindings", JSON),
            ("CONSTRUCT WHERE { ?s ?p ?o }", "graph", TURTLE),
            ("DESCRIBE <http://example.org/s1>", "graph", TURTLE),
        ):
            result, content = await ask(pool, query)
            assert (result.kind, result.format) == (kind, chosen)
            assert content
        result, content = await ask(pool, "ASK {}", results=None)
        assert (result.format, content) == (None, b"")

    with_pool(path, work)


def test_so_many_lines_and_no_more(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        before = pool.process_ids
        for results, graph, query in (
            (TSV, None, "SELECT ?o { ?s ?p ?o }"),
            (None, N_TRIPLES, "CONSTRUCT WHERE { ?s ?p ?o }"),
        ):
            assert (await ask(pool, query, results, graph, lines=7))[1].count(b"\n") == 7
        assert (await ask(pool, "SELECT ?o { ?s ?p ?o } LIMIT 2", TSV, lines=7))[1].count(b"\n") == 3
        assert set(pool.process_ids) == set(before)

    with_pool(path, work)


def test_a_small_result_has_its_size(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        async with pool.run("ASK {}", results_format=CSV, graph_format=None) as result:
            assert result.size == 4

    with_pool(path, work)


def test_a_worker_outlives_a_mistake(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        before = set(pool.process_ids)
        for query in (
            "ASK {",
            "ASK { SERVICE <http://example.org/> {} }",
            "SELECT (<http://x/f>(1) AS ?x) { ?s ?p ?o }",
        ):
            with pytest.raises(QueryError):
                await ask(pool, query)
        assert set(pool.process_ids) == before

    with_pool(path, work)


def test_a_result_left_early_frees_its_worker(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
        for _ in range(3):
            async with pool.run(query, results_format=CSV, graph_format=None) as result:
                assert await anext(aiter(result))
        assert (await ask(pool, "ASK {}"))[0].kind == "boolean"

    with_pool(path, work)


def test_workers_that_end_together_are_replaced_one_by_one(path: Path) -> None:
    async def leave(pool: QueryPool) -> None:
        query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
        async with pool.run(query, results_format=CSV, graph_format=None) as result:
            await anext(aiter(result))

    async def work(pool: QueryPool) -> None:
        before = set(pool.process_ids)
        await asyncio.gather(leave(pool), leave(pool), leave(pool))
        async with asyncio.timeout(30):
            while len(pool.process_ids) < 4 or len(set(pool.process_ids) - before) < 3:
                await asyncio.sleep(0.05)
        # Time for one too many to appear.
        await asyncio.sleep(1)
        assert len(pool.process_ids) == 4

    with_pool(path, work, Settings(workers=3, query_timeout=20))


def test_a_shorter_deadline_counts_and_a_longer_one_does_not(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        for wanted, counted in ((0.3, 0.3), (60.0, 1.0)):
            with pytest.raises(QueryTimeout) as stopped:
                async with pool.run(query, results_format=JSON, graph_format=None, timeout=wanted):
                    pass
            assert stopped.value.seconds == counted

    with_pool(path, work, Settings(workers=1, query_timeout=1.0))


def test_relative_iris_are_the_endpoints(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        assert b"http://127.0.0.1:8000/id/x" in (await ask(pool, "SELECT (<id/x> AS ?x) {}"))[1]

    with_pool(path, work)


def test_turtle_has_the_querys_prefixes(path: Path) -> None:
    async def work(pool: QueryPool) -> None:
        query = "PREFIX ex: <http://example.org/> CONSTRUCT WHERE { ex:s1 ?p ?o }"
        assert b"ex:s1 ex:p " in (await ask(pool, query))[1]

    with_pool(path, work)


def test_no_store_is_an_error_and_leaves_no_process(tmp_path: Path) -> None:
    async def run() -> None:
        pool = QueryPool(tmp_path / "none", SETTINGS)
        with pytest.raises(StoreError, match="publish"):
            await pool.start()
        assert pool.process_ids == ()
        with pytest.raises(StoreError):
            await ask(pool, "ASK {}")

    asyncio.run(run())


def test_values_without_a_common_order_are_the_querys_mistake(path: Path) -> None:
    # A fixed mixture at which Oxigraph's sort gives up and takes its process along.
    dates = [f'"{1900 + number}-01-11"^^<http://www.w3.org/2001/XMLSchema#date>' for number in range(120)]
    numbers = [str(number) for number in range(120)]
    mixed = sorted(
        [*dates, *numbers, *(f'"{number}"' for number in numbers)], key=lambda v: zlib.crc32(f"0{v}".encode())
    )

    async def work(pool: QueryPool) -> None:
        with pytest.raises(QueryError, match="no common order"):
            await ask(pool, f"SELECT ?o {{ VALUES ?o {{ {' '.join(mixed)} }} }} ORDER BY ?o")
        _, content = await ask(pool, f"SELECT ?o {{ VALUES ?o {{ {' '.join(mixed)} }} }} ORDER BY STR(?o)", CSV)
        assert content.count(b"\n") == 1 + len(mixed)

    with_pool(path, work)
