"""The page of anything else that has an IRI: a run, a source, the software, the dataset, a graph: its statements."""

from __future__ import annotations

from typing import Final

from triplepress.web import queries
from triplepress.web.pages.listing import listing
from triplepress.web.pages.shown import Page, Shown

# More values of one property than this are folded on the page; all are in the data.
_FOLD: Final = 100


async def resource_page(shown: Shown) -> Page:
    """Return template and values for a thing of any kind."""
    view, iri = shown.view, shown.iri
    parts = sorted(
        {
            term
            for _, terms in view.statements(iri)
            for term in (getattr(term, "value", "") for term in terms)
            if term.startswith(f"{iri}#") and term in view
        }
    )
    records = None
    if shown.thing.kind in {"run", "source"}:
        records = await listing(
            shown.edition,
            shown.request,
            shown.lang,
            iri,
            counting=queries.COUNT_RECORDS_OF,
            pattern=queries.RECORDS_OF,
            fragment="records",
        )
    return "resource.html", {
        "title": view.label(iri, shown.lang),
        "subjects": [iri, *parts],
        "records": records,
        "fold": _FOLD,
    }
