"""The triples of one resource in the order in which a person would tell them."""

from __future__ import annotations

import re
from typing import Any, Final

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

from triplepress.rdf.context import RDF_TYPE, Context

# Up to 18 digits at a time: a number of thousands of digits is none that Python would read.
_DIGITS: Final = re.compile(r"(\d{1,18})")


def parse_ntriples(ntriples: bytes) -> list[Triple]:
    """Return the triples of an N-Triples document, each once."""
    quads = pyoxigraph.parse(ntriples, format=RdfFormat.N_TRIPLES)
    return list(dict.fromkeys(quad.triple for quad in quads))


def in_order(ntriples: bytes, context: Context, first: str | None = None) -> bytes:
    """Return N-Triples by subject, property and value, each once, whatever order a store gave them in.

    Args:
        ntriples: Of one resource and what surrounds it, one triple a line with one space between its terms, as Oxigraph
            writes them: the lines are sorted without being parsed.
        context: Its order of terms is the order of properties; the class comes before all others.
        first: The IRI of the resource: it comes first, then its own hash IRIs, then all else.

    Returns:
        The same triples; numbers within IRIs count as numbers, so `#author-2` stands before `#author-10`.
    """
    places = {f"<{term.iri}>": place for place, term in reversed(list(enumerate(context.terms.values())))}
    last = len(places)
    places[f"<{RDF_TYPE}>"] = -1
    subjects: dict[str, tuple[int, list[Any]]] = {}

    def key(line: str) -> tuple[Any, ...]:
        subject, predicate, value = line.split(" ", 2)
        value = value[:-2]  # without " ."
        known = subjects.get(subject)
        if known is None:
            known = subjects[subject] = _rank(subject, first), _natural(subject.strip("<>"))
        return *known, places.get(predicate, last), predicate, places.get(value, last), _natural(value), value

    lines = sorted(dict.fromkeys(ntriples.decode().split("\n")[:-1]), key=key)
    return "".join(f"{line}\n" for line in lines).encode()


def _rank(subject: str, first: str | None) -> int:
    """Return 0 for the resource itself, 1 for its parts, 2 for all else."""
    if first is None:
        return 2
    if subject == f"<{first}>":
        return 0
    return 1 if subject.startswith(f"<{first}#") else 2


def _natural(text: str) -> list[Any]:
    """Return a sort key in which runs of digits count as numbers: texts and numbers in turn."""
    parts: list[Any] = _DIGITS.split(text)
    parts[1::2] = map(int, parts[1::2])
    return parts
