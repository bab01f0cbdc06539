"""Property paths of a report graph, written in SPARQL's syntax."""

from __future__ import annotations

from typing import Final

from rdflib import BNode, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import RDF
from rdflib.term import Node

_SH: Final = Namespace("http://www.w3.org/ns/shacl#")
_POSTFIX: Final = {_SH.zeroOrMorePath: "*", _SH.oneOrMorePath: "+", _SH.zeroOrOnePath: "?"}


def path_text(graph: Graph, path: Node | None) -> str | None:
    """Return a path: the bare IRI of a property, else the path in SPARQL syntax, as in `^<http://…/primaryTopic>`.

    References:
        SHACL, section 2.3.1 (property paths).
    """
    if path is None or isinstance(path, URIRef):
        return None if path is None else str(path)
    return _render(graph, path)


def _render(graph: Graph, path: Node) -> str:
    if not isinstance(path, BNode):
        return f"<{path}>"
    inverse = graph.value(path, _SH.inversePath)
    if inverse is not None:
        return f"^{_grouped(graph, inverse)}"
    alternatives = graph.value(path, _SH.alternativePath)
    if alternatives is not None:
        return "|".join(_grouped(graph, member) for member in Collection(graph, alternatives))
    for predicate, sign in _POSTFIX.items():
        inner = graph.value(path, predicate)
        if inner is not None:
            return f"{_grouped(graph, inner)}{sign}"
    if graph.value(path, RDF.first) is not None:
        return "/".join(_grouped(graph, member) for member in Collection(graph, path))
    return f"_:{path}"


def _grouped(graph: Graph, path: Node) -> str:
    text = _render(graph, path)
    return f"({text})" if isinstance(path, BNode) else text
