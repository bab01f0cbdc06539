"""The page of a record that the edition no longer holds: what it was, since when it is gone, why, and who cites it."""

from __future__ import annotations

from typing import NamedTuple

from triplepress.identifiers import doi_iri
from triplepress.web import queries
from triplepress.web.pages.listing import listing
from triplepress.web.pages.shown import Page, Shown
from triplepress.web.view import View


class PastState(NamedTuple):
    """A state that a record is no longer in: its anchor, the run that made it, from when to when it stood."""

    anchor: str
    run: str | None
    since: str | None
    until: str | None


async def withdrawn_page(shown: Shown) -> Page:
    """Return template and values for a record that is gone."""
    view, document = shown.view, shown.root + shown.thing.data_path
    cited_by = await listing(
        shown.edition,
        shown.request,
        shown.lang,
        shown.iri,
        counting=queries.COUNT_CITED_BY,
        pattern=queries.CITING,
        fragment="cited-by",
    )
    titles = view.texts(document, "dcterms:title")
    title = view.best(document, shown.lang, "dcterms:title")
    return "withdrawn.html", {
        "title": title,
        "other_titles": [other for other in titles if other != title],
        "doi_iri": doi_iri(shown.thing.name) if shown.thing.kind == "doi" else None,
        "reason": view.best(document, shown.lang, "dcterms:description"),
        "gone_since": view.text(document, "prov:invalidatedAtTime"),
        "gone_in": view.iri(document, "prov:wasInvalidatedBy"),
        "states": past_states(view, document),
        "cited_by": cited_by,
    }


def past_states(view: View, document: str) -> list[PastState]:
    """Return the earlier states of a record, the last one first.

    Args:
        view: What is said of the record's document.
        document: Its IRI.
    """
    found: dict[str, PastState] = {}
    at = view.iri(document, "prov:wasRevisionOf")
    while at is not None and at not in found:
        found[at] = PastState(
            at.partition("#")[2],
            view.iri(at, "prov:wasGeneratedBy"),
            view.text(at, "prov:generatedAtTime"),
            view.text(at, "prov:invalidatedAtTime"),
        )
        at = view.iri(at, "prov:wasRevisionOf")
    return list(found.values())
