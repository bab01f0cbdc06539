"""Asks each query of the shapes once a batch instead of once a focus node.

An engine that executes SHACL to the letter prepares and evaluates a SPARQL constraint anew for every focus node: at
twenty-five works an article that is nine tenths of a validation. Evaluated with `$this` free, the same query answers
for all focus nodes in one join. So the shapes of the volume engine are rewritten: where a constraint stood, a shape
with one invented focus node asks the question of the whole batch, and names the focus node of each finding as the
finding's path, which SHACL lets a query choose. The shapes that are published stay as they are, and pySHACL, which
executes them to the letter, judges the rewriting with all else.

It means the same only for a query that finds `$this` in its own patterns; `anchors` sees to that when shapes are
judged.

References:
    SHACL, sections 5.3.1 (pre-binding of `$this`) and 5.3.2 (mapping of solutions to results).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from triplepress.validation.results import SH
from triplepress.validation.shapes_graph import RDF, Node, ShapesGraph

# The invented focus node, and what the shapes that ask in the place of others are called before their number.
BATCH: Final = "urn:triplepress:batch"
_QUESTION: Final = "urn:triplepress:question:"
_SUBCLASS: Final = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
_SEVERITY: Final = ox.NamedNode(SH + "severity")
_THIS: Final = re.compile(
    r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\"{}|^`\\\s]*>|#[^\n]*)|[$?]this\b", re.DOTALL
)
_LEFT: Final = re.compile(r"[$?](this|path)\b")
# How a focus node is known to be a target of a shape.
_TARGETS: Final[Mapping[str, str]] = {
    "targetClass": "EXISTS {{ ?focus a/" + _SUBCLASS + "* <{0}> }}",
    "targetSubjectsOf": "EXISTS {{ ?focus <{0}> ?targetObject }}",
    "targetObjectsOf": "EXISTS {{ ?targetSubject <{0}> ?focus }}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The shape in whose place a question is asked.

    Attributes:
        shape: The shape's IRI.
        path: IRI of its property; None for a node shape.
    """

    shape: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Setwise:
    """A shapes graph with questions in the place of constraints.

    Attributes:
        ntriples: The shapes graph.
        asked: By the IRI of the shape that asks, the one in whose place it does.
    """

    ntriples: bytes
    asked: Mapping[str, Asked]


def setwise(shapes: bytes) -> Setwise:
    """Return a shapes graph that asks what it can once a batch.

    What is reached in other ways than from a target, or is more than one query of `$this`, stays as it is.

    Args:
        shapes: The shapes graph as N-Triples.
    """
    triples = [quad.triple for quad in ox.parse(shapes, format=ox.RdfFormat.N_TRIPLES)]
    graph = ShapesGraph.of(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    asked: dict[str, Asked] = {}
    replaced: set[tuple[Node, Node]] = set()
    questions: list[ox.Triple] = []
    for shape, constraint in graph.with_predicate(SH + "sparql"):
        about = _asked(graph, shape)
        targeted = _targeted(graph, shape)
        query = _query(graph, constraint)
        if about is None or not targeted or query is None:
            continue
        replaced.add((shape, constraint))
        for node in targeted:
            name = f"{_QUESTION}{len(asked) + 1}"
            asked[name] = about
            questions += _question(name, graph.named(shape, SH + "severity"), _of_all(query, _targets(graph, node)))
    kept = (t for t in triples if t.predicate.value != SH + "sparql" or (t.subject, t.object) not in replaced)
    return Setwise(ox.serialize([*kept, *questions], format=ox.RdfFormat.N_TRIPLES) or b"", asked)


def _asked(graph: ShapesGraph, shape: Node) -> Asked | None:
    """Return what a result of a shape says of it, unless its path is longer than one property."""
    paths = graph.objects(shape, SH + "path")
    path = graph.named(shape, SH + "path")
    if not isinstance(shape, ox.NamedNode) or len(paths) != (path is not None):
        return None
    return Asked(shape.value, path)


def _targeted(graph: ShapesGraph, shape: Node) -> list[Node]:
    """Return the targeted node shapes by which a shape gets its focus nodes, if those are all the ways there are."""
    users = list(_users(graph, shape))
    if any(predicate != SH + "property" for _, predicate in users):
        return []
    holders = [node for node, _ in users]
    if any(graph.objects(node, SH + "path") or any(_users(graph, node)) for node in holders):
        return []
    if _targets(graph, shape):
        holders.append(shape)
    simple = all(_targets(graph, node) for node in holders)
    active = not any(graph.objects(node, SH + "deactivated") for node in (shape, *holders))
    return holders if simple and active else []


def _users(graph: ShapesGraph, shape: Node) -> Iterator[tuple[Node, str]]:
    """Yield the nodes that name a shape, each with the predicate by which it does."""
    for subject, predicates in graph.triples.items():
        for predicate, nodes in predicates.items():
            if shape in nodes:
                yield subject, predicate


def _targets(graph: ShapesGraph, shape: Node) -> list[str]:
    """Return the tests that tell the focus nodes of a shape; none where one of its targets is of another kind."""
    is_class = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#Class") in graph.objects(shape, RDF + "type")
    if is_class or graph.objects(shape, SH + "targetNode"):
        return []
    return [
        test.format(node.value)
        for name, test in _TARGETS.items()
        for node in graph.objects(shape, SH + name)
        if isinstance(node, ox.NamedNode)
    ]


def _query(graph: ShapesGraph, constraint: Node) -> str | None:
    """Return a constraint's query with its prefixes and `?focus` for `$this`, if it can be asked of all nodes."""
    selects = graph.texts(constraint, SH + "select")
    if len(selects) != 1 or graph.objects(constraint, SH + "deactivated"):
        return None
    text = next(iter(selects.values()))
    renamed = _THIS.sub(lambda match: match[1] or "?focus", text)
    if "?focus" in text or "$focus" in text or _LEFT.search(renamed):
        return None
    return graph.prefixes(constraint) + "\n" + renamed


def _of_all(query: str, tests: list[str]) -> str:
    """Return the query that asks another one of all focus nodes that pass one of some tests."""
    prologue, select, rest = re.split(r"(?<![?$\w:])(SELECT)\b", query, maxsplit=1, flags=re.IGNORECASE)
    found = f"{{ {select}{rest}\n}} FILTER (isIRI(?focus) && ({' || '.join(tests)}))"
    return f"{prologue}SELECT $this (?focus AS ?path) ?value WHERE {{ {found} }}"


def _question(name: str, severity: str | None, query: str) -> Iterator[ox.Triple]:
    """Yield the triples of a shape that asks a query once."""
    shape, constraint = ox.NamedNode(name), ox.NamedNode(f"{name}:query")
    yield ox.Triple(shape, ox.NamedNode(RDF + "type"), ox.NamedNode(SH + "NodeShape"))
    yield ox.Triple(shape, ox.NamedNode(SH + "targetNode"), ox.NamedNode(BATCH))
    yield ox.Triple(shape, ox.NamedNode(SH + "sparql"), constraint)
    yield ox.Triple(constraint, ox.NamedNode(SH + "select"), ox.Literal(query))
    if severity is not None:
        yield ox.Triple(shape, _SEVERITY, ox.NamedNode(severity))
