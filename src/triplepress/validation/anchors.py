"""Whether a constraint's query finds `$this` itself, so that it means the same for one focus node and for all at once.

Engines bind `$this` in ways of their own where a query only tests it: in a branch that never meets it, in the filter of
a group that it is not in. A query that finds it in a pattern wherever it uses it leaves them no choice, and can be
asked of a whole batch (see `engines.setwise`).
"""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable

from triplepress.errors import ShapesError
from triplepress.validation.results import SH
from triplepress.validation.shapes_graph import ShapesGraph

_THIS: Final = Variable("this")
_THROUGH: Final = frozenset({"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "AggregateJoin", "ToMultiSet"})


def refuse_unanchored(graph: ShapesGraph) -> None:
    """Refuse queries that test `$this` where none of their patterns finds it; a matter of seconds.

    Raises:
        ShapesError: It names the shape.
    """
    for shape, constraint in graph.with_predicate(SH + "sparql"):
        for query in graph.texts(constraint, SH + "select").values():
            name = shape.value if isinstance(shape, NamedNode) else str(shape)
            try:
                algebra = prepareQuery(graph.prefixes(constraint) + query).algebra
            except Exception as error:
                raise ShapesError(f"{name}: rdflib cannot read its query: {error}; correct it", shape=name) from error
            if not _anchored(algebra):
                message = f"{name}: engines differ on $this where no pattern finds it; name it in a triple pattern of"
                raise ShapesError(f"{message} every branch and of every group that tests it", shape=name)


def _anchored(part: CompValue) -> bool:
    """Tell whether every solution of a part of a query's algebra binds `$this` in a pattern.

    References:
        SPARQL 1.1 Query Language, section 18.2 (translation to the algebra).
    """
    match part.name:
        case "BGP":
            return any(_THIS in triple for triple in part.triples)
        case "Join":
            return (_anchored(part.p1) or _anchored(part.p2)) and _sound(part.p1) and _sound(part.p2)
        case "LeftJoin":
            return _anchored(part.p1) and _sound(part.p2)
        case "Union":
            return _anchored(part.p1) and _anchored(part.p2)
        case "Filter" | "Extend":
            return _anchored(part.p)
        case "Group":
            return _THIS in (part.expr or ()) and _anchored(part.p)
        case name if name in _THROUGH:
            return _anchored(part.p)
        case _:
            return False


def _sound(part: CompValue) -> bool:
    """Tell whether a part of a join has `$this` in its patterns, or not at all."""
    return _anchored(part) or not _mentions(part)


def _mentions(value: object) -> bool:
    """Tell whether `$this` stands anywhere in a piece of the algebra, the sets of variables in scope aside."""
    if isinstance(value, Node):
        return value == _THIS
    if isinstance(value, CompValue):
        return any(_mentions(item) for key, item in value.items() if key not in {"_vars", "lazy"})
    if isinstance(value, list | tuple | set):
        return any(_mentions(item) for item in value)
    return False
