"""Counts of triples by class and property, taken from the N-Triples as they pass."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import msgspec

# A line of N-Triples as the mapping writes it: one space between the terms, IRIs only as subjects and predicates.
_LINE: Final = re.compile(rb"^<([^>]*)> <([^>]*)> ", re.MULTILINE)
_CLASS: Final = re.compile(rb"^<[^>]*> <http://www\.w3\.org/1999/02/22-rdf-syntax-ns#type> <([^>]*)> \.$", re.MULTILINE)
_LINK: Final = re.compile(rb"^<[^>]*> <http://www\.w3\.org/2002/07/owl#sameAs> <(https://[^/>]*/)", re.MULTILINE)

# Where the things that are the same as ours are at home, by the start of their IRIs.
LINKED: Final = {"doi": "https://doi.org/", "orcid": "https://orcid.org/", "ror": "https://ror.org/"}


class Statistics(msgspec.Struct, frozen=True):
    """What a set of triples holds.

    Attributes:
        triples: Number of triples.
        subjects: Number of distinct subjects.
        things: Number of distinct subjects that are things with an address of their own: below `/id/`, no hash IRI.
        classes: Number of instances by class IRI.
        properties: Number of triples by property IRI.
        links: Number of `owl:sameAs` by what they lead to: `doi`, `orcid`, `ror`.
    """

    triples: int = 0
    subjects: int = 0
    things: int = 0
    classes: Counter[str] = msgspec.field(default_factory=Counter)
    properties: Counter[str] = msgspec.field(default_factory=Counter)
    links: Counter[str] = msgspec.field(default_factory=Counter)

    def __add__(self, other: Statistics) -> Statistics:
        """Return the statistics of two sets of triples that share no subject."""
        return Statistics(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


def count_triples(ntriples: bytes, root: str) -> Statistics:
    """Return the statistics of N-Triples as `Mapping.to_ntriples` writes them.

    Args:
        ntriples: The triples, each once, one a line.
        root: The base IRI without its final slash.
    """
    pairs = _LINE.findall(ntriples)
    subjects = {subject for subject, _ in pairs}
    things = f"{root}/id/".encode()
    links = Counter(_LINK.findall(ntriples))
    return Statistics(
        triples=len(pairs),
        subjects=len(subjects),
        things=sum(subject.startswith(things) and b"#" not in subject for subject in subjects),
        classes=_decoded(Counter(_CLASS.findall(ntriples))),
        properties=_decoded(Counter(predicate for _, predicate in pairs)),
        links=Counter({name: links[start.encode()] for name, start in LINKED.items()}),
    )


def _decoded(counter: Counter[bytes]) -> Counter[str]:
    """Return a counter with its keys as text."""
    return Counter({key.decode(): number for key, number in counter.items()})
