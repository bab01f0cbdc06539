from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from triplepress.errors import QueryError, StoreError
from triplepress.store.embedded import EmbeddedStore
from triplepress.store.protocol import GraphStore

S, P = NamedNode("http://example.org/s"), NamedNode("http://example.org/p")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = Store(str(tmp_path / "store"))
    store.extend(
        [Quad(S, P, Literal("один", language="ru")), Quad(S, P, Literal("2"), NamedNode("http://example.org/g"))]
    )
    store.flush()
    return tmp_path / "store"


def test_it_is_a_graph_store(path: Path) -> None:
    async def ask() -> None:
        store = EmbeddedStore(path)
        assert isinstance(store, GraphStore)
        assert await store.select("SELECT ?s ?o ?none { ?s ?p ?o }") == [{"s": S, "o": Literal("один", language="ru")}]
        ntriples = await store.construct("CONSTRUCT WHERE { ?s ?p ?o }")
        assert [quad.predicate for quad in parse(ntriples, format=RdfFormat.N_TRIPLES)] == [P]
        assert await store.ask("ASK { ?s ?p ?o }") is True
        assert await store.ask("ASK { ?s ?p '2' }") is False
        await store.close()
        assert store.ready

    asyncio.run(ask())


def test_many_queries_at_once(path: Path) -> None:
    async def ask() -> list[bool]:
        store = EmbeddedStore(path, threads=3)
        answers = await asyncio.gather(*(store.ask("ASK { ?s ?p ?o }") for _ in range(100)))
        await store.close()
        return answers

    assert asyncio.run(ask()) == [True] * 100


@pytest.mark.parametrize("query", ["SELECT", "ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_what_is_no_select_is_an_error(query: str, path: Path) -> None:
    async def ask() -> None:
        store = EmbeddedStore(path)
        try:
            await store.select(query)
        finally:
            await store.close()

    with pytest.raises(QueryError):
        asyncio.run(ask())


def test_no_store_is_said_so_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="publish"):
        EmbeddedStore(tmp_path / "none")
    assert not (tmp_path / "none").exists()
