"""However its lines are cut and portioned, a store holds what was given, each in its graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store

from triplepress.release.loading import load_store

_TRIPLES = [f"<https://a.example/{n}> <https://a.example/p> <https://a.example/{n + 1}> .\n".encode() for n in range(9)]
_QUADS = [line.replace(b" .\n", b" <https://a.example/matched> .\n") for line in _TRIPLES[:4]]


@pytest.mark.parametrize("portion", [1, 100, 10**6])
def test_a_store_holds_what_was_given(tmp_path: Path, portion: int) -> None:
    load_store(tmp_path / "store", iter([b"".join(_TRIPLES[:3]), b"", *_TRIPLES[3:]]), iter(_QUADS), portion)
    store = Store.read_only(str(tmp_path / "store"))
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == len(_TRIPLES)
    assert len(list(store.quads_for_pattern(None, None, None, NamedNode("https://a.example/matched")))) == len(_QUADS)


def test_nothing_makes_an_empty_store(tmp_path: Path) -> None:
    load_store(tmp_path / "store", iter([]), iter([]))
    assert len(Store.read_only(str(tmp_path / "store"))) == 0
