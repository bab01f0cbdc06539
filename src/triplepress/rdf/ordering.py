"""The triples of one resource in the order in which a person would tell them."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    # By subject, then by property: most have one value, which needs no comparing.
    subjects: dict[str, dict[str, list[str]]] = {}
    for line in dict.fromkeys(ntriples.decode().split("\n")[:-1]):
        subject, predicate, value = line.split(" ", 2)
        subjects.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def by_subject(subject: str) -> tuple[Any, ...]:
        return _rank(subject, first), _natural(subject.strip("<>")), subject

    def by_property(predicate: str) -> tuple[int, str]:
        return places.get(predicate, last), predicate

    def by_value(value: str) -> tuple[Any, ...]:
        term = value[:-2]  # without " ."
        return places.get(term, last), _natural(term), term

    return "".join(
        f"{subject} {predicate} {value}\n"
        for subject in sorted(subjects, key=by_subject)
        for predicate in sorted(subjects[subject], key=by_property)
        for value in _sorted(subjects[subject][predicate], by_value)
    ).encode()


def _sorted(values: list[str], key: Callable[[str], tuple[Any, ...]]) -> list[str]:
    """Return values in order; one value has no need of its key."""
    return sorted(values, key=key) if len(values) > 1 else values


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
