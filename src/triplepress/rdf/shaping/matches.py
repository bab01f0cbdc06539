"""What was found by comparing a reference with known works: statements for a graph of their own.

A match is no statement of a source. It stands outside the facts, says how it was found and how sure it is, and gives
the work no identity that the work's own record or a reference would have to state.
"""

from __future__ import annotations

from collections.abc import Iterator

from triplepress.rdf.facts import EditionFacts, MatchFacts
from triplepress.rdf.nodes import MatchedReferenceNode, MatchedWorkNode, MatchNode, Node
from triplepress.rdf.shaping.references import reference_numbers
from triplepress.record import ArticleRecord


def shape_matches(record: ArticleRecord, matches: list[MatchFacts], edition: EditionFacts) -> list[Node]:
    """Return the nodes of the matches of one article's references, in the order of the list.

    Args:
        record: The citing record.
        matches: What some of its references were matched to.
        edition: The edition's facts.
    """
    article, numbers = edition.minter.article(record), reference_numbers(record)
    return [node for match in matches for node in shape_match(article, numbers[match.place], match, edition)]


def shape_match(article: str, number: str, match: MatchFacts, edition: EditionFacts) -> Iterator[Node]:
    """Yield the nodes of one match.

    Args:
        article: The IRI of the citing article.
        number: What tells the reference from the others of the article (`reference_numbers`).
        match: What it was matched to.
        edition: The edition's facts.
    """
    reference = edition.minter.sub(article, "ref", number)
    yield MatchedReferenceNode(id=reference, references=edition.minter.work(match.doi))
    yield MatchNode(
        id=edition.minter.sub(article, "match", number),
        derived_from=[reference],
        technique=match.method,
        score=f"{match.score:.4f}".rstrip("0").rstrip("."),
    )


def shape_matched_work(doi: str, edition: EditionFacts) -> MatchedWorkNode:
    """Return the node of a work that nothing but a match names: what its IRI says of it, so that the IRI answers."""
    return MatchedWorkNode(id=edition.minter.work(doi), doi=doi)


def in_graph(ntriples: bytes, graph: str) -> bytes:
    """Return N-Triples as N-Quads of one named graph.

    Args:
        ntriples: As `Mapping.to_ntriples` writes them: one a line, each ending in ` .`.
        graph: The IRI of the graph.
    """
    end = f" <{graph}> .".encode()
    return b"".join(line.removesuffix(b" .") + end + b"\n" for line in ntriples.splitlines())
