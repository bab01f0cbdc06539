"""Counts of triples by class and property, taken from the N-Triples as they pass."""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

_TYPE: Final = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_SAME_AS: Final = b"<http://www.w3.org/2002/07/owl#sameAs>"
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

    def __sub__(self, other: Statistics) -> Statistics:
        """Return the statistics of what is left without some of the subjects; `Counter` drops what comes to nothing."""
        return Statistics(*(getattr(self, name) - getattr(other, name) for name in self.__struct_fields__))


def count_triples(ntriples: bytes, root: str) -> Statistics:
    """Return the statistics of N-Triples as `Mapping.to_ntriples` writes them.

    Args:
        ntriples: The triples, each once, one a line.
        root: The base IRI without its final slash.
    """
    # One space between the terms; no subject or predicate has one within.
    rows = [line.split(b" ", 2) for line in ntriples.splitlines()]
    subjects = {row[0] for row in rows}
    things = f"<{root}/id/".encode()
    links = [row[2] for row in rows if row[1] == _SAME_AS]
    return Statistics(
        triples=len(rows),
        subjects=len(subjects),
        things=sum(subject.startswith(things) and b"#" not in subject for subject in subjects),
        classes=_decoded(Counter(row[2].removesuffix(b" .") for row in rows if row[1] == _TYPE)),
        properties=_decoded(Counter(row[1] for row in rows)),
        links=Counter({name: sum(o.startswith(f"<{start}".encode()) for o in links) for name, start in LINKED.items()}),
    )


def _decoded(counter: Counter[bytes]) -> Counter[str]:
    """Return a counter of IRIs in angle brackets with the bare IRIs as text."""
    return Counter({key[1:-1].decode(): number for key, number in counter.items()})
