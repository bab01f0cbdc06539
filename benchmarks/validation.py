"""Articles a second through each validation engine, in batches as a run hands them over.

Run: python benchmarks/validation.py [ARTICLES FOR THE VOLUME ENGINE] [ARTICLES FOR PYSHACL]
"""

from __future__ import annotations

import resource
import sys
import time

from triplepress.rdf.facts import ArticleFacts, EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_article, shape_cited_work
from triplepress.record import Affiliation, ArticleRecord, Contributor, Journal, Reference, Source, Text
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import EngineName, Gate

ROOT = "https://data.example.org"
BATCHES = (25, 100, 200)


def article(number: int) -> list[bytes]:
    """Return the nodes of one invented article with three authors and a dozen references, half of them with DOIs."""
    record = ArticleRecord(
        doi=f"10.1234/bench.{number}",
        titles=[Text(text=f"On press {number}", lang="en"), Text(text=f"О станке {number}", lang="ru")],
        abstracts=[Text(text="What a press does. " * 40, lang="en")],
        language="ru",
        issued="2024-05",
        journal=Journal(issn="2313-8920"),
        volume="11",
        issue="1",
        pages="8-19",
        first_page="8",
        last_page="19",
        licences=["https://creativecommons.org/licenses/by/4.0/"],
        contributors=[
            Contributor(name=f"A. Author {n}", position=n, affiliations=[Affiliation(name=f"Institute {n}", lang="en")])
            for n in (1, 2, 3)
        ],
        references=[
            Reference(position=n, text=f"Author N. Title. 20{n:02}.", doi=f"10.1234/{number}.{n}" if n % 2 else None)
            for n in range(1, 13)
        ],
        sources=[Source(kind="elpub", location=f"{number}.txt", sha256=f"{number:064x}")],
    )
    edition = EditionFacts(ROOT, "https://creativecommons.org/publicdomain/zero/1.0/")
    facts = ArticleFacts(record, "2313-8920", modified="2026-11-22T09:40:00Z", run="20261122T094000Z")
    cited = [shape_cited_work(reference.doi, edition) for reference in record.references if reference.doi]
    return [encode_node(shape_article(facts, edition)), *map(encode_node, cited)]


def measure(engine: EngineName, articles: int, size: int) -> float:
    """Print one engine's line of the table; return its articles a second of CPU time."""
    gate = Gate(load_shapes(root=ROOT), engine)
    mapping = Mapping.load()
    size = min(size, articles)
    batches = [
        mapping.to_ntriples([line for number in range(start, start + size) for line in article(number)])
        for start in range(0, articles, size)
    ]
    triples = sum(batch.count(b"\n") for batch in batches) / (len(batches) * size)
    gate.validate(batches[0][: batches[0].find(b"\n") + 1])  # what is done once: compiling, parsing queries
    began = time.process_time()
    results = sum(len(gate.validate(batch).results) for batch in batches)
    rate = len(batches) * size / (time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = f"{triples:.0f} triples an article, {results} results, peak {peak:.0f} MB"
    print(f"{gate.engine:16} batches of {size:3} {rate:8.1f} articles/s  ({measured})")
    return rate


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    few = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    volume = max(measure("shacl", many, size) for size in BATCHES)
    judge = measure("pyshacl", few, BATCHES[0])
    print(f"the volume engine is {volume / judge:.0f} times as fast")
