"""The mark of a release that is in an engine with all it has: a graph of its own, written last, dropped first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from triplepress.store.protocol import Row
from triplepress.store.remote.dataset import Dataset, Placed
from triplepress.store.remote.graphs import ReleaseGraphs

_TRIPLES: Final = "http://rdfs.org/ns/void#triples"
_STANDS_FOR: Final = "http://www.w3.org/2002/07/owl#sameAs"
_INTEGER: Final = "http://www.w3.org/2001/XMLSchema#integer"
# Virtuoso reads a duration as a number of months, and loses the days: P1Y2M3D comes back as 14. A datatype that it
# does not know stays as it is written; answers and queries exchange the two names.
DATATYPES_APART: Final = {"http://www.w3.org/2001/XMLSchema#duration": "urn:triplepress:duration"}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a mark says.

    Attributes:
        triples: Number of triples of each graph.
        names: Names that are other ones in the engine, by the promised ones.
    """

    triples: Mapping[str, int]
    names: Mapping[str, str]

    def ntriples(self) -> bytes:
        """Return the mark as it is stored."""
        lines = [f'<{graph}> <{_TRIPLES}> "{number}"^^<{_INTEGER}> .\n' for graph, number in self.triples.items()]
        lines += [f"<{held}> <{_STANDS_FOR}> <{promised}> .\n" for promised, held in self.names.items()]
        return "".join(lines).encode()

    def dataset(self, graphs: ReleaseGraphs, base: str) -> Dataset:
        """Return what queries to the release see; relative IRIs are resolved against `base`."""
        named = {promised: held for promised, held in graphs.promised.items() if held in self.triples}
        return Dataset(base, graphs.facts, graphs.none, named, self.names)


def mark_query(graphs: ReleaseGraphs) -> Placed:
    """Return the query for a release's mark."""
    return Placed("SELECT ?s ?p ?o WHERE { ?s ?p ?o }", (graphs.mark,), (graphs.none,))


def read_mark(rows: Iterable[Row], graphs: ReleaseGraphs) -> Mark | None:
    """Return the mark that the answer to `mark_query` holds, None where there is none."""
    triples: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in rows:
        subject, predicate, value = (getattr(row[name], "value", "") for name in ("s", "p", "o"))
        if predicate == _TRIPLES:
            triples[subject] = int(value)
        elif predicate == _STANDS_FOR:
            names[value] = subject
    return Mark(triples, names) if graphs.facts in triples else None
