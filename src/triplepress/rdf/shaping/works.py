"""Other works that an article names: what it cites, corrects, retracts, reviews or answers."""

from __future__ import annotations

from typing import Final

from triplepress.identifiers import doi_iri
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import CitedWorkNode, StatusNode
from triplepress.rdf.shaping.identifiers import identifier_nodes
from triplepress.record import ArticleRecord

# Types of a record's `relations`, and the field of the article's node that states them. CiTO has terms for what one
# text does to another; versions are Dublin Core's, translations and supplements FRBR's. A preprint is a version, never
# the same as the article. For an expression of concern no vocabulary has a term, so it is a related work like others.
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
    "is-comment-on": "discusses",
    "has-comment": "is_discussed_by",
    "documents": "documents",
    "is-documented-by": "is_documented_by",
    "describes": "documents",
    "is-described-by": "is_documented_by",
    "compiles": "compiles",
    "is-compiled-by": "is_compiled_by",
    "has-preprint": "has_version",
    "is-preprint-of": "is_version_of",
    "has-manuscript": "has_version",
    "is-manuscript-of": "is_version_of",
    "has-version": "has_version",
    "is-version-of": "is_version_of",
    "is-new-version-of": "replaces",
    "replaces": "replaces",
    "is-previous-version-of": "is_replaced_by",
    "is-replaced-by": "is_replaced_by",
    "is-translation-of": "translation_of",
    "has-translation": "translation",
    "is-supplement-to": "supplement_of",
    "is-supplemented-by": "supplement",
    "is-addendum-to": "supplement_of",
    "has-addendum": "supplement",
    "is-derived-from": "source",
    "references": "refers_to",
    "is-referenced-by": "is_referred_to_by",
    "expresses-concern-about": "relation",
    "has-expression-of-concern": "relation",
    "has-companion": "relation",
    "has-related-material": "relation",
    "is-related-material": "relation",
    "is-related-to": "relation",
}
# A source that says one of these of an article says that it was retracted, whether it names the notice or not.
_RETRACTED: Final = frozenset({"is-retracted", "is-retracted-by"})


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


def status_nodes(record: ArticleRecord, article: str, edition: EditionFacts) -> list[StatusNode]:
    """Return the status of an article of which its own record says that it was retracted; what a notice says, it says.

    Args:
        record: The record.
        article: The article's IRI.
        edition: The edition's facts.
    """
    if not any(relation.type in _RETRACTED for relation in record.relations):
        return []
    return [StatusNode(id=edition.minter.sub(article, "status", 1), status="pso:retracted-from-publication")]
