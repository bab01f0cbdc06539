"""Kinds of article: FaBiO classes that are Expressions, and COAR types for kinds that FaBiO counts among the Works.

frbr:Work and frbr:Expression are disjoint, and an article is an Expression here, so a class such as fabio:Corrigendum
would make the data inconsistent; such a kind is stated with dcterms:type instead.
"""

from __future__ import annotations

from typing import Final

from triplepress.rdf.nodes import ArticleType

_COAR: Final = "http://purl.org/coar/resource_type/"

_CLASSES: Final[dict[str, tuple[ArticleType, ...]]] = {
    "review-article": ("ReviewArticle", "JournalArticle"),
    "editorial": ("JournalEditorial",),
    "letter": ("Letter",),
    "brief-report": ("BriefReport",),
    "rapid-communication": ("RapidCommunication",),
    "news": ("JournalNewsItem",),
    # the realisation of a retraction, and therefore an Expression, unlike fabio:Retraction
    "retraction": ("RetractionNotice", "JournalArticle"),
}

_COAR_TYPES: Final = {
    "correction": "c_7acd",  # corrigendum
    "corrigendum": "c_7acd",
    "erratum": "c_7acd",
    "book-review": "c_ba08",
    "systematic-review": "c_dcae04bc",  # review article
    "case-report": "c_7877",  # clinical study
    "opinion": "D97F-VB57",  # commentary
    "commentary": "D97F-VB57",
    "reply": "D97F-VB57",
    "data-paper": "c_beb9",
    "software-paper": "c_7bab",
    "working-paper": "c_8042",
}


def article_types(kind: str) -> list[ArticleType]:
    """Return the classes of an article of a record's `kind`; any kind without one of its own is a journal article."""
    return list(_CLASSES.get(kind, ("JournalArticle",)))


def coar_type(kind: str) -> str | None:
    """Return the COAR resource type of a kind that FaBiO has no Expression class for, or None.

    References:
        COAR, Resource Types, version 3.2.
    """
    concept = _COAR_TYPES.get(kind)
    return None if concept is None else _COAR + concept
