"""The page of a work that is cited here, but whose own record is not held: what is known of it, and who cites it."""

from __future__ import annotations

from triplepress.identifiers import doi_iri
from triplepress.web import queries
from triplepress.web.pages.listing import cards_of, listing
from triplepress.web.pages.related import METHODS, probably_cited_by
from triplepress.web.pages.shown import Page, Shown
from triplepress.web.view import View


async def cited_work_page(shown: Shown) -> Page:
    """Return template and values for a cited work."""
    naming = View(await shown.edition.store.construct(queries.bound(queries.NAMED_BY, shown.iri)))
    texts = []
    for reference in naming.subjects("biro:references", shown.iri):
        article = reference.partition("#")[0]
        texts.append(
            (
                article,
                reference.partition("#")[2],
                naming.text(reference, "fabio:hasSequenceIdentifier"),
                naming.text(reference, "c4o:hasContent"),
            )
        )
    cited_by = await listing(
        shown.edition,
        shown.request,
        shown.lang,
        shown.iri,
        counting=queries.COUNT_CITED_BY,
        pattern=queries.CITING,
        fragment="cited-by",
    )
    # The printed texts stand beside those citing articles that are on this page of the list.
    on_page = {card.iri for card in cited_by.items}
    return "cited_work.html", {
        "doi": shown.view.text(shown.iri, "prism:doi"),
        "doi_iri": doi_iri(shown.thing.name) if shown.thing.kind == "doi" else None,
        "probably_cited_by": await probably_cited_by(shown),
        "methods": METHODS,
        "texts": [text for text in texts if text[0] in on_page],
        "cards": {card.iri: card for card in await cards_of(shown.edition, sorted(on_page), shown.lang)},
        "cited_by": cited_by,
    }
