"""pySHACL, the judge: the reference of the ecosystem, and slow.

It sees the tests, samples of bulk runs, and everything where the extra `bulk` is not installed.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import pyshacl
from rdflib import Graph, Namespace
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from triplepress.errors import ShapesError
from triplepress.validation.engines.paths import path_text
from triplepress.validation.engines.terms import from_rdflib, ill_typed_is_no_news, rdflib_graph
from triplepress.validation.results import Result, node_name, severity_of

_SH: Final = Namespace("http://www.w3.org/ns/shacl#")


@lru_cache(maxsize=256)
def _prepared(query: str) -> Query:
    return prepareQuery(query)


class _DataGraph(Graph):
    """A graph that parses each query once: pySHACL asks the same text for every focus node.

    rdflib's SPARQL parser takes some hundred milliseconds for the longer constraints, 98 % of a whole validation.
    """

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:  # noqa: ANN401 - rdflib's
        """Evaluate a query; see `rdflib.Graph.query`."""
        query = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(query, *args, **kwargs)


class Judge:
    """pySHACL over rdflib graphs in memory; never over a store of Oxigraph's, on which it does not finish.

    Args:
        shapes: The shapes graph as N-Triples.
    """

    def __init__(self, shapes: bytes) -> None:
        """Read the shapes once."""
        self._shapes = rdflib_graph(shapes)

    @property
    def name(self) -> str:
        """The engine's name and version."""
        return f"pyshacl {version('pyshacl')}"

    def validate(self, ntriples: bytes) -> list[Result]:
        """Return the results for one batch; see `Engine.validate`."""
        data = rdflib_graph(ntriples, _DataGraph(bind_namespaces="none"))
        with ill_typed_is_no_news():
            try:
                _, graph, text = pyshacl.validate(data, shacl_graph=self._shapes, inplace=True, inference="none")
            except Exception as error:
                raise ShapesError(f"pySHACL cannot execute the shapes: {error}; correct the shapes") from error
        if not isinstance(graph, Graph):  # it hands a failure back as a value
            raise ShapesError(f"pySHACL cannot execute the shapes: {text}; correct the shapes")
        return results_of(graph)


def results_of(graph: Graph) -> list[Result]:
    """Return the results of a validation report that is an rdflib graph."""
    return [_result(graph, node) for node in graph.objects(None, _SH.result)]


def _result(graph: Graph, node: Node) -> Result:
    focus = graph.value(node, _SH.focusNode)
    value = graph.value(node, _SH.value)
    if focus is None:
        raise ShapesError("a validation report has a result without a focus node")
    shape = graph.value(node, _SH.sourceShape)
    return Result(
        focus_node=node_name(from_rdflib(focus)),
        path=path_text(graph, graph.value(node, _SH.resultPath)),
        value=None if value is None else from_rdflib(value),
        severity=severity_of(str(graph.value(node, _SH.resultSeverity))),
        shape="" if shape is None else node_name(from_rdflib(shape)),
        component=str(graph.value(node, _SH.sourceConstraintComponent)),
    )
