"""Other works that an article names: what it cites, corrects, retracts, reviews or answers."""

from __future__ import annotations

from typing import Final

from triplepress.identifiers import doi_iri
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import CitedWorkNode
from triplepress.rdf.shaping.identifiers import identifier_nodes
from triplepress.record import ArticleRecord

# Types of a record's `relations` that CiTO has a property for: the field of the article's node. Others, such as
# is-version-of and has-preprint, are no citations and are not stated.
RELATION_FIELDS: Final = {
    "corrects": "corrects",
    "is-corrected-by": "is_corrected_by",
    "retracts": "retracts",
    "is-retracted-by": "is_retracted_by",
    "updates": "updates",
    "is-updated-by": "is_updated_by",
    "reviews": "reviews",
    "is-review-of": "reviews",
    "has-review": "is_reviewed_by",
    "is-reviewed-by": "is_reviewed_by",
    "replies-to": "replies_to",
    "is-reply-to": "replies_to",
    "has-reply": "has_reply_from",
    "has-reply-from": "has_reply_from",
}


def shape_cited_work(doi: str, edition: EditionFacts) -> CitedWorkNode:
    """Return the node of a work that is known only by its DOI: of its kind nothing is known, so the general class."""
    iri = edition.minter.work(doi)
    nodes = identifier_nodes(iri, [("datacite:doi", doi)], edition)
    return CitedWorkNode(
        id=iri, same_as=doi_iri(doi), doi=doi, identifiers=[node.id for node in nodes], included=[*nodes]
    )


def related_dois(record: ArticleRecord) -> list[str]:
    """Return the DOIs of all works that the article's graph points at, each once, in the record's order.

    Each of them needs a node of its own: an article's where it is held, else `shape_cited_work`.
    """
    found = dict.fromkeys(reference.doi for reference in record.references if reference.doi is not None)
    for relation in record.relations:
        if relation.doi is not None and relation.type in RELATION_FIELDS:
            found[relation.doi] = None
    return list(found)


def relation_links(record: ArticleRecord, edition: EditionFacts) -> dict[str, list[str]]:
    """Return the IRIs of related works by field of the article's node."""
    links: dict[str, dict[str, None]] = {}
    for relation in record.relations:
        field = RELATION_FIELDS.get(relation.type)
        if field is not None and relation.doi is not None:
            links.setdefault(field, {})[edition.minter.work(relation.doi)] = None
    return {field: list(iris) for field, iris in links.items()}
