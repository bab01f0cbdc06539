"""Counts of triples by class and property, taken from the N-Triples as they pass."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import msgspec

# No subject or predicate has a blank within, and one stands between the terms; a line break is none of a literal's.
_PREDICATE: Final = re.compile(rb"\n[^ ]+ <([^ ]+)> ")
# The subject of lines that stand together.
_SUBJECT: Final = re.compile(rb"\n([^ ]+ )[^\n]*(?:\n\1[^\n]*)*")
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
        return Statistics(
            self.triples + other.triples,
            self.subjects + other.subjects,
            self.things + other.things,
            _sum(self.classes, other.classes),
            _sum(self.properties, other.properties),
            _sum(self.links, other.links),
        )

    def __sub__(self, other: Statistics) -> Statistics:
        """Return the statistics without those of a part, which shares no subject with the rest."""
        return Statistics(
            self.triples - other.triples,
            self.subjects - other.subjects,
            self.things - other.things,
            _sum(self.classes, other.classes, -1),
            _sum(self.properties, other.properties, -1),
            _sum(self.links, other.links, -1),
        )


def count_triples(ntriples: bytes, root: str) -> Statistics:
    """Return the statistics of N-Triples as `Mapping.to_ntriples` writes them.

    Args:
        ntriples: The triples, each once, one a line.
        root: The base IRI without its final slash.
    """
    text = b"\n" + ntriples
    properties = Counter(_PREDICATE.findall(text))
    subjects = set(_SUBJECT.findall(text))
    things = f"<{root}/id/".encode()
    links = _objects(ntriples, _SAME_AS)
    homes = ((name, f"<{start}".encode()) for name, start in LINKED.items())
    counted = ((name, sum(link.startswith(home) for link in links)) for name, home in homes)
    return Statistics(
        triples=properties.total(),
        subjects=len(subjects),
        things=sum(subject.startswith(things) and b"#" not in subject for subject in subjects),
        classes=_decoded(Counter(name[1:-1] for name in _objects(ntriples, _TYPE))),
        properties=_decoded(properties),
        links=Counter({name: number for name, number in counted if number}),
    )


def _objects(ntriples: bytes, predicate: bytes) -> list[bytes]:
    """Return the IRIs in angle brackets that a predicate leads to.

    A literal may quote the predicate; then its quotation mark follows before the line ends.
    """
    found = (part.partition(b" .\n")[0] for part in ntriples.split(predicate + b" ")[1:])
    return [node for node in found if b'"' not in node]


def _decoded(counter: Counter[bytes]) -> Counter[str]:
    """Return a counter with its keys as text."""
    return Counter({key.decode(): number for key, number in counter.items()})


def _sum(one: Counter[str], other: Counter[str], sign: int = 1) -> Counter[str]:
    """Return the sum, or with a sign of -1 the difference, of two counters, without zeros; negatives stay."""
    total = one.copy()
    for key, number in other.items():
        total[key] += sign * number
        if not total[key]:
            del total[key]
    return total
