"""What was found by comparing a reference with known works: statements for a graph of their own.

A match is no statement of a source. It stands outside the facts, says how it was found and how sure it is, and gives
the work no identity that the work's own record or a reference would have to state.
"""

from __future__ import annotations

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
    minter = edition.minter
    article = minter.article(record)
    numbers = reference_numbers(record)
    nodes: list[Node] = []
    for match in matches:
        reference = minter.sub(article, "ref", numbers[match.place])
        nodes.append(MatchedReferenceNode(id=reference, references=minter.work(match.doi)))
        nodes.append(
            MatchNode(
                id=minter.sub(article, "match", numbers[match.place]),
                derived_from=[reference],
                technique=match.method,
                score=f"{match.score:.4f}".rstrip("0").rstrip("."),
            )
        )
    return nodes


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
