"""Whatever is done to a graph, pySHACL and the volume engine find the same in it.

What pySHACL reports and the volume engine does not would be published unseen, so it is a failure without exception.
The other way round it would keep out what may be published; on this profile's shapes there is no such case.
"""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.validation.mutations import MUTATIONS, conforming_graph, ntriples
from triplepress.validation.results import Result
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import Gate, comparable

_ROOT = "https://data.example.org"
_GRAPH = sorted(conforming_graph(), key=str)
_NODES = sorted({t.object for t in _GRAPH if isinstance(t.object, ox.NamedNode)}, key=str)
_PREDICATES = sorted({t.predicate for t in _GRAPH}, key=str)
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATATYPES = [
    ox.NamedNode(_XSD + name)
    for name in (
        "string",
        "integer",
        "date",
        "gYear",
        "gYearMonth",
        "dateTime",
        "duration",
        "boolean",
        "positiveInteger",
    )
]
_TEXTS = (
    *(
        "",
        " ",
        "\u00a0",
        "x",
        "0",
        "-1",
        "01",
        "1.0",
        "8",
        "19",
        "2024",
        "2024-13",
        "2024-02-30",
        "20240101",
        "20",
        "P1Y",
    ),
    *("-P1Y", "PT0S", "P", "2313-8920", "2313-892X", "10.1234/Citing", "10.1234/ж", "10.1234/a%2Fb", "10.1234/a#b"),
    *("2026-11-22T09:40:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:40:00", "+0099", "٢٠٢٤", "a" * 300, "true", "1"),
)

_GROUPS = 32

Triples = list[ox.Triple]


@pytest.fixture(scope="module")
def gates() -> tuple[Gate, Gate]:
    shapes = load_shapes(root=_ROOT)
    return Gate(shapes, "pyshacl"), Gate(shapes, "shacl")


@st.composite
def _literals(draw: st.DrawFn) -> ox.Literal:
    text = draw(st.sampled_from(_TEXTS))
    if draw(st.booleans()):
        return ox.Literal(text, language=draw(st.sampled_from(["en", "ru", "de"])))
    return ox.Literal(text, datatype=draw(st.sampled_from(_DATATYPES)))


def _edit(draw: Callable[[st.SearchStrategy[object]], object], graph: Triples) -> Triples:
    """Return a graph with one triple changed in one of the ways that data goes wrong."""
    at = draw(st.integers(0, len(graph) - 1))
    assert isinstance(at, int)
    triple = graph[at]
    kind = draw(st.sampled_from(["delete", "double", "retype", "literal", "node", "predicate", "subject", "forget"]))
    rest = graph[:at] + graph[at + 1 :]
    literal, node, predicate = draw(_literals()), draw(st.sampled_from(_NODES)), draw(st.sampled_from(_PREDICATES))
    datatype = draw(st.sampled_from(_DATATYPES))
    assert isinstance(literal, ox.Literal)
    assert isinstance(node, ox.NamedNode)
    assert isinstance(predicate, ox.NamedNode)
    assert isinstance(datatype, ox.NamedNode)
    match kind:
        case "delete":
            return rest
        case "double":
            return [*graph, ox.Triple(triple.subject, triple.predicate, literal)]
        case "retype" if isinstance(triple.object, ox.Literal):
            changed = ox.Literal(triple.object.value, datatype=datatype)
            return [*rest, ox.Triple(triple.subject, triple.predicate, changed)]
        case "literal":
            return [*rest, ox.Triple(triple.subject, triple.predicate, literal)]
        case "node":
            return [*graph, ox.Triple(triple.subject, triple.predicate, node)]
        case "predicate":
            return [*rest, ox.Triple(triple.subject, predicate, triple.object)]
        case "subject":
            return [*rest, ox.Triple(node, triple.predicate, triple.object)]
        case _:
            return [t for t in graph if t.subject != triple.subject] or graph


@st.composite
def _broken_graphs(draw: st.DrawFn) -> bytes:
    graph = _GRAPH
    for _ in range(draw(st.integers(1, 12))):
        graph = _edit(draw, graph)
    return ntriples(set(graph))


def _differences(gates: tuple[Gate, Gate], data: bytes) -> tuple[set[Result], set[Result]]:
    judge, volume = (set(map(comparable, gate.validate(data).results)) for gate in gates)
    return judge - volume, volume - judge


@given(_broken_graphs())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_both_engines_find_the_same_in_broken_graphs(gates: tuple[Gate, Gate], data: bytes) -> None:
    missed, added = _differences(gates, data)
    assert missed == set()
    assert added == set()


@pytest.mark.parametrize("group", range(_GROUPS))
def test_both_engines_find_the_same_in_every_known_breakage(gates: tuple[Gate, Gate], group: int) -> None:
    graph = conforming_graph()
    for mutation in MUTATIONS[group::_GROUPS]:  # several at once, for pySHACL takes its time over every graph
        graph = mutation.change(graph)
    missed, added = _differences(gates, ntriples(graph))
    assert missed == set()
    assert added == set()
