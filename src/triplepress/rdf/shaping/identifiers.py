"""Identifiers as nodes of their own: the OCDM layer, off unless the edition asks for it."""

from __future__ import annotations

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import IdentifierNode, IdentifierScheme


def identifier_nodes(
    thing: str, identifiers: list[tuple[IdentifierScheme, str | None]], edition: EditionFacts
) -> list[IdentifierNode]:
    """Return a node for each stated identifier of a thing, or none where the layer is off.

    The node is a hash IRI of the thing, so that it belongs to that thing alone: datacite:hasIdentifier is
    inverse-functional.
    """
    if not edition.ocdm:
        return []
    return [
        IdentifierNode(
            id=edition.minter.sub(thing, "id", scheme.removeprefix("datacite:")), scheme=scheme, literal_value=value
        )
        for scheme, value in identifiers
        if value is not None
    ]
