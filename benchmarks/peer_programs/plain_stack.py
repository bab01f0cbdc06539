"""The plain stack: a loop over articles with rdflib, pySHACL and oxrdflib; runs in the peers' own environment."""

from __future__ import annotations

import gzip
import json
import pickle
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyshacl
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

BATCH = 25

Triple = tuple[str, str, Any]


@lru_cache(maxsize=256)
def prepared(query: str) -> Any:  # noqa: ANN401 - rdflib's
    """Parse a query once: pySHACL asks the same text again and again."""
    return prepareQuery(query)


class Data(Graph):
    """A graph that parses each query once."""

    def query(self, query_object: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - rdflib's
        """Evaluate a query."""
        return super().query(prepared(query_object) if isinstance(query_object, str) else query_object, *args, **kwargs)


def articles(path: Path) -> Iterator[tuple[bytes, list[Triple]]]:
    """Yield each article's line of Crossref JSON and its triples' terms."""
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 - written by the benchmark a moment ago
            except EOFError:
                return


def add(graph: Graph, triples: list[Triple]) -> None:
    """Add an article's triples."""
    for subject, predicate, value in triples:
        if isinstance(value, str):
            graph.add((URIRef(subject), URIRef(predicate), URIRef(value)))
        else:
            text, language, datatype = value
            term = Literal(text, lang=language) if language else Literal(text, datatype=URIRef(datatype))
            graph.add((URIRef(subject), URIRef(predicate), term))


def main(folder: Path) -> None:
    """Press all articles, and print seconds and triples."""
    shapes = Graph().parse(folder / "shapes.nt", format="nt")
    store = Graph(store="Oxigraph", identifier="http://example.org/g")
    store.open(str(folder / "store"), create=True)
    pyshacl.validate(Data(), shacl_graph=shapes, inplace=True)  # what is done once
    handed = list(articles(folder / "articles.pickle"))
    outs = [folder / name for name in ("out.nt.gz", "out.ttl.gz", "out.jsonld.gz")]
    files = [gzip.open(out, "wb", compresslevel=6) for out in outs]  # noqa: SIM115 - closed below, and timed
    began = time.perf_counter()
    for start in range(0, len(handed), BATCH):
        graph = Data(bind_namespaces="none")
        for line, triples in handed[start : start + BATCH]:
            json.loads(line)
            add(graph, triples)
        pyshacl.validate(graph, shacl_graph=shapes, inplace=True, inference="none")
        for file, kind in zip(files, ("nt", "turtle", "json-ld"), strict=True):
            file.write(graph.serialize(format=kind, encoding="utf-8"))
        store.addN((subject, predicate, value, store) for subject, predicate, value in graph)
    for file in files:
        file.close()
    triples_stored = len(store)
    store.close()
    print(json.dumps({"seconds": time.perf_counter() - began, "triples": triples_stored}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
