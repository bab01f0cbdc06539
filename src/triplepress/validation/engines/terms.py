"""rdflib's terms and Oxigraph's: converted here and nowhere else.

rdflib rewrites literals as it makes them (`…Z` becomes `…+00:00`, `01` becomes `1`), which would hide from the gate
exactly what it is to judge; so no literal is normalised.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

from triplepress.errors import MappingError

_RDFLIB: Final = logging.getLogger("rdflib.term")


def rdflib_graph(ntriples: bytes, graph: rdflib.Graph | None = None) -> rdflib.Graph:
    """Return N-Triples as an in-memory rdflib graph, every literal as it was written.

    Args:
        ntriples: UTF-8.
        graph: An empty graph to fill; None makes a plain one.

    Raises:
        MappingError: It is not N-Triples.
    """
    graph = rdflib.Graph(bind_namespaces="none") if graph is None else graph
    try:
        with ill_typed_is_no_news():
            for quad in ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES):
                graph.add((_to_rdflib(quad.subject), _to_rdflib(quad.predicate), _to_rdflib(quad.object)))
    except SyntaxError as error:
        raise MappingError(
            f"the mapping made something that is not N-Triples: {error}; report this as a bug"
        ) from error
    return graph


def from_rdflib(node: Node) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return an rdflib term as Oxigraph's."""
    if isinstance(node, rdflib.Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    return ox.NamedNode(str(node))


def _to_rdflib(term: object) -> Node:
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        datatype = None if term.datatype == _STRING else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise TypeError(f"{term}: a triple is no value of this profile")


_STRING: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")


@contextmanager
def ill_typed_is_no_news() -> Iterator[None]:
    """Keep rdflib from logging every ill-typed literal with a traceback: finding those is what the gate is for."""

    def quiet(_: logging.LogRecord) -> bool:
        return False

    _RDFLIB.addFilter(quiet)
    try:
        yield
    finally:
        _RDFLIB.removeFilter(quiet)
