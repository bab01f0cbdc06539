"""A query that only tests `$this` is refused when shapes are judged: engines bind it there each in their own way."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from triplepress.errors import ShapesError
from triplepress.validation.anchors import refuse_unanchored
from triplepress.validation.results import SH
from triplepress.validation.shapes_graph import ShapesGraph


def _shapes(query: str) -> ShapesGraph:
    shape, constraint = ox.NamedNode("https://a.example/#shape"), ox.BlankNode()
    return ShapesGraph.of(
        [
            ox.Quad(shape, ox.NamedNode(SH + "sparql"), constraint),
            ox.Quad(constraint, ox.NamedNode(SH + "select"), ox.Literal(query)),
        ]
    )


@pytest.mark.parametrize(
    "where",
    [
        "{ $this <x:a> ?b }",
        "{ ?b <x:a> $this . FILTER (?b != $this) }",
        "{ { $this <x:a> ?b } UNION { $this <x:c> ?b } }",
        "{ $this <x:a> ?b . FILTER NOT EXISTS { $this <x:c> ?b . FILTER EXISTS { ?b <x:d> $this } } }",
        "{ $this <x:a> ?b . OPTIONAL { ?b <x:c> ?d . FILTER (?d = $this) } BIND (STR($this) AS ?text) }",
        "{ { $this <x:a> ?b . FILTER (?b > 1) } ?b <x:c> ?d }",
        "{ $this <x:a>/^<x:b> ?b } GROUP BY $this HAVING (COUNT(?b) > 1)",
    ],
)
def test_a_query_that_finds_its_focus_node_is_taken(where: str) -> None:
    refuse_unanchored(_shapes(f"SELECT $this WHERE {where}"))


@pytest.mark.parametrize(
    "where",
    [
        "{ ?b <x:a> ?c . FILTER (?b = $this) }",
        "{ { $this <x:a> ?b } UNION { ?b <x:c> ?d } }",
        "{ $this <x:a> ?b . { ?c <x:a> ?d . FILTER (?c != $this) } }",
        "{ $this <x:a> ?b . OPTIONAL { ?b <x:c> ?d . { ?d <x:e> ?f . FILTER (?f = $this) } } }",
        "{ ?b <x:a> ?c . OPTIONAL { $this <x:c> ?c } }",
        "{ $this <x:a> ?b } GROUP BY ?b",
    ],
)
def test_a_query_that_only_tests_it_is_refused(where: str) -> None:
    with pytest.raises(ShapesError, match=r"https://a\.example/#shape: engines differ on \$this"):
        refuse_unanchored(_shapes(f"SELECT $this WHERE {where}"))


def test_a_query_that_rdflib_cannot_read_is_refused() -> None:
    with pytest.raises(ShapesError, match="rdflib cannot read its query"):
        refuse_unanchored(_shapes("SELECT $this WHERE {"))
