"""The shapes graph as the guards read it: an index of its triples, and the few walks they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from triplepress.validation.results import SH

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TARGETS: Final = tuple(SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))
# Parameters that make a shape report something itself; sh:property hands over to shapes of their own.
CONSTRAINTS: Final = frozenset(
    SH + name
    for name in (
        "class",
        "datatype",
        "nodeKind",
        "minCount",
        "maxCount",
        "minExclusive",
        "minInclusive",
        "maxExclusive",
        "maxInclusive",
        "minLength",
        "maxLength",
        "pattern",
        "languageIn",
        "uniqueLang",
        "equals",
        "disjoint",
        "lessThan",
        "lessThanOrEquals",
        "not",
        "and",
        "or",
        "xone",
        "node",
        "qualifiedValueShape",
        "closed",
        "hasValue",
        "in",
        "sparql",
    )
)


@dataclass(frozen=True, slots=True)
class ShapesGraph:
    """The triples by subject and predicate, in the order of the document."""

    triples: dict[Node, dict[str, list[Node]]]

    @classmethod
    def of(cls, quads: Iterable[ox.Quad]) -> ShapesGraph:
        """Index the triples of a shapes graph."""
        triples: dict[Node, dict[str, list[Node]]] = {}
        for quad in quads:
            triples.setdefault(quad.subject, defaultdict(list))[quad.predicate.value].append(quad.object)
        return cls(triples)

    def objects(self, subject: Node, predicate: str) -> list[Node]:
        """Return the objects of a subject's triples with a predicate (full IRI)."""
        return self.triples.get(subject, {}).get(predicate, [])

    def named(self, subject: Node, predicate: str) -> str | None:
        """Return the IRI of the first object that has one."""
        return next((node.value for node in self.objects(subject, predicate) if isinstance(node, ox.NamedNode)), None)

    def texts(self, subject: Node, predicate: str) -> dict[str, str]:
        """Return the texts of a subject's property by language, that without a language under the empty key."""
        literals = (node for node in self.objects(subject, predicate) if isinstance(node, ox.Literal))
        return {literal.language or "": literal.value for literal in literals}

    def with_predicate(self, predicate: str) -> Iterator[tuple[Node, Node]]:
        """Yield subject and object of every triple with a predicate."""
        for subject, predicates in self.triples.items():
            for node in predicates.get(predicate, ()):
                yield subject, node

    def targeted(self) -> list[Node]:
        """Return the shapes that choose focus nodes themselves, in the order of the document."""
        found = []
        for subject, predicates in self.triples.items():
            is_class = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#Class") in predicates.get(RDF + "type", ())
            is_shape = ox.NamedNode(SH + "NodeShape") in predicates.get(RDF + "type", ())
            if any(target in predicates for target in _TARGETS) or (is_class and is_shape):
                found.append(subject)
        return found

    def reporting(self) -> list[tuple[Node, Node | None]]:
        """Return every shape whose findings stand in a report, with the shape that names it as its property, if any.

        Those are the targeted shapes and what they reach by sh:property; what stands under sh:or, sh:node and their
        like reports through the shape that names it.
        """
        found: dict[tuple[Node, Node | None], None] = {(shape, None): None for shape in self.targeted()}
        queue = list(found)
        while queue:
            shape, _ = queue.pop()
            for node in self.objects(shape, SH + "property"):
                if (node, shape) not in found:
                    found[node, shape] = None
                    queue.append((node, shape))
        return list(found)

    def prefixes(self, constraint: Node) -> str:
        """Return the PREFIX lines that sh:prefixes of a constraint stands for."""
        lines = []
        for ontology in self.objects(constraint, SH + "prefixes"):
            for declaration in self.objects(ontology, SH + "declare"):
                prefix = self.texts(declaration, SH + "prefix").get("", "")
                namespace = self.texts(declaration, SH + "namespace").get("", "")
                lines.append(f"PREFIX {prefix}: <{namespace}>\n")
        return "".join(lines)

    def constrains(self, shape: Node) -> bool:
        """Tell whether a shape has a constraint of its own."""
        return not CONSTRAINTS.isdisjoint(self.triples.get(shape, {}))
