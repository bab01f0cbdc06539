"""The graph that the pages show is the graph of the example edition."""

from __future__ import annotations

import pyoxigraph
import pytest

from tests.docs.conftest import CHECKOUT, Block, blocks


@pytest.fixture(scope="module")
def example() -> set[pyoxigraph.Triple]:
    """The triples of `graph/articles.ttl`."""
    return triples((CHECKOUT / "graph" / "articles.ttl").read_bytes(), pyoxigraph.RdfFormat.TURTLE)


def triples(text: bytes, form: pyoxigraph.RdfFormat) -> set[pyoxigraph.Triple]:
    """Return the triples in a document."""
    return {quad.triple for quad in pyoxigraph.parse(text, format=form)}


@pytest.mark.parametrize("block", blocks("turtle"), ids=str)
def test_shown_triples_are_in_the_example_edition(block: Block, example: set[pyoxigraph.Triple]) -> None:
    shown = triples(block.text.encode(), pyoxigraph.RdfFormat.TURTLE)
    assert shown
    assert not shown - example


def test_both_files_say_the_same(example: set[pyoxigraph.Triple]) -> None:
    jsonld = triples((CHECKOUT / "graph" / "articles.jsonld").read_bytes(), pyoxigraph.RdfFormat.JSON_LD)
    assert jsonld == example
    assert len(example) > 300
