"""The named graphs of one release in an engine.

A release is loaded beside the one in use, under names of its own, and marked last: a reader who finds the mark finds
all of it. Facts and matches have the release in their names, so that every query sees both of one release, whatever is
being loaded or dropped meanwhile; clients go on to call the matches by the promised name (`dataset`).
"""

from __future__ import annotations

from dataclasses import dataclass

from triplepress.rdf.minting import Minter


@dataclass(frozen=True, slots=True)
class ReleaseGraphs:
    """The names of a release's graphs.

    Attributes:
        facts: What the sources state: the default graph of every query.
        matched: What was matched.
        inferred: What was inferred by rules.
        mark: One statement, `<facts> void:triples n`, that is there when all else is.
        none: A graph that is never filled: what a client names and the release does not have.
        promised: The names that clients use, each with the release's own: `{base}/graph/matched` and `…/inferred`.
    """

    facts: str
    matched: str
    inferred: str
    mark: str
    none: str
    promised: dict[str, str]


def release_graphs(base: str, release: str) -> ReleaseGraphs:
    """Return the names of a release's graphs.

    Args:
        base: The edition's base IRI, with or without its final slash.
        release: The release's id.

    Example:
        >>> release_graphs("https://data.example.org/", "20260101T000000Z-0123abcd").matched
        'https://data.example.org/graph/release/20260101T000000Z-0123abcd/matched'
    """
    minter = Minter(base.rstrip("/"))
    facts = f"{minter.root}/graph/release/{release}"
    matched, inferred = f"{facts}/matched", f"{facts}/inferred"
    return ReleaseGraphs(
        facts=facts,
        matched=matched,
        inferred=inferred,
        mark=f"{facts}/loaded",
        none=f"{facts}/none",
        promised={minter.graph("matched"): matched, minter.graph("inferred"): inferred},
    )
