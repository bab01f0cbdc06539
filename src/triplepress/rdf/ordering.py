"""The triples of one resource in the order in which a person would tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple

from triplepress.rdf.context import RDF_TYPE, Context

_DIGITS: Final = re.compile(r"(\d+)")


def parse_ntriples(ntriples: bytes) -> list[Triple]:
    """Return the triples of an N-Triples document, each once."""
    quads = pyoxigraph.parse(ntriples, format=RdfFormat.N_TRIPLES)
    return list(dict.fromkeys(quad.triple for quad in quads))


def ordered(triples: Iterable[Triple], context: Context, first: str | None = None) -> list[Triple]:
    """Return triples by subject, property and value, whatever order a store gave them in.

    Args:
        triples: Of one resource and what surrounds it.
        context: Its order of terms is the order of properties; the class comes before all others.
        first: The IRI of the resource: it comes first, then its own hash IRIs, then all else.

    Returns:
        The same triples; numbers within IRIs count as numbers, so `#author-2` stands before `#author-10`.
    """
    places = {RDF_TYPE: -1} | {term.iri: place for place, term in reversed(list(enumerate(context.terms.values())))}

    def key(triple: Triple) -> tuple[object, ...]:
        predicate = triple.predicate.value
        return (
            _rank(triple.subject, first),
            _natural(_text(triple.subject)),
            places.get(predicate, len(places)),
            predicate,
            places.get(_text(triple.object), len(places)),
            _natural(str(triple.object)),
        )

    return sorted(triples, key=key)


def _rank(subject: NamedNode | BlankNode | Triple, first: str | None) -> int:
    """Return 0 for the resource itself, 1 for its parts, 2 for all else."""
    if first is None or not isinstance(subject, NamedNode):
        return 2
    if subject.value == first:
        return 0
    return 1 if subject.value.startswith(f"{first}#") else 2


def _text(term: object) -> str:
    """Return an IRI or a label without the brackets around it, or a literal as it is written."""
    return term.value if isinstance(term, NamedNode) else str(term)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key in which runs of digits count as numbers."""
    return [
        (0, int(part), part) if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in _DIGITS.split(text)
    ]
