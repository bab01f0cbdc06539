"""Articles of the workload in memory, at every step of the road: facts, nodes, triples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from benchmarks.invented import canonical
from benchmarks.invented.works import Workload
from triplepress.rdf.facts import ArticleFacts, EditionFacts
from triplepress.rdf.nodes import encode_node
from triplepress.rdf.shaping import shape_article, shape_cited_work

EDITION: Final = EditionFacts("https://data.example.org", "https://creativecommons.org/publicdomain/zero/1.0/")
BATCH: Final = 200
"""Articles that are mapped or judged at once, as a run hands them over."""

_T = TypeVar("_T")


def facts(articles: int, among: int) -> list[ArticleFacts]:
    """Return the records of the first articles of a workload with what shaping must know of them.

    Args:
        articles: How many.
        among: How many the workload has in all.
    """
    workload = Workload(among)
    made = []
    for number in range(articles):
        record = canonical.record(workload.article(number))
        journal = (record.journal.issn or record.journal.eissn) if record.journal else None
        made.append(ArticleFacts(record, journal, modified="2026-11-22T09:40:00Z", run="20261122T094000Z"))
    return made


def article_nodes(several: Iterable[ArticleFacts]) -> list[bytes]:
    """Return articles as nodes of JSON-LD: shaped and encoded."""
    return [encode_node(shape_article(each, EDITION)) for each in several]


def whole_nodes(each: ArticleFacts) -> list[bytes]:
    """Return the node of one article, and those of the works that it cites: what stands behind one DOI."""
    cited = dict.fromkeys(reference.doi for reference in each.record.references if reference.doi)
    return [*article_nodes([each]), *(encode_node(shape_cited_work(doi, EDITION)) for doi in cited)]


def batches(items: Sequence[_T], size: int = BATCH) -> Iterator[list[_T]]:
    """Yield items some at a time."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
