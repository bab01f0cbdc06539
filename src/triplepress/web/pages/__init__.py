"""The pages: one module a kind of page; the page of a thing is chosen here."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from triplepress.web.description import is_held
from triplepress.web.edition import Edition
from triplepress.web.pages.agent import organisation_page, person_page
from triplepress.web.pages.article import article_page
from triplepress.web.pages.cited_work import cited_work_page
from triplepress.web.pages.journal import issue_page, journal_page, volume_page
from triplepress.web.pages.resource import resource_page
from triplepress.web.pages.shown import Page, Shown
from triplepress.web.pages.withdrawn import withdrawn_page
from triplepress.web.rendering import site_of
from triplepress.web.things import Thing
from triplepress.web.view import View

_PAGES = {
    "journal": journal_page,
    "volume": volume_page,
    "issue": issue_page,
    "orcid": person_page,
    "ror": organisation_page,
}


async def page_of_thing(
    request: Request, edition: Edition, thing: Thing, own: bytes, headers: Mapping[str, str]
) -> Response:
    """Return the page of a thing.

    Args:
        request: What is answered.
        edition: The release it is answered from.
        thing: What the page is about.
        own: What is said of it, N-Triples.
        headers: Headers of the answer.
    """
    shown = Shown(request, edition, thing, View(own), site_of(request))
    if thing.kind in {"doi", "local"}:
        make = article_page if is_held(own, shown.iri) else cited_work_page
    else:
        make = _PAGES.get(thing.kind, resource_page)
    return _rendered(shown, await make(shown), 200, headers)


async def page_of_withdrawn(
    request: Request, edition: Edition, thing: Thing, known: bytes, headers: Mapping[str, str]
) -> Response:
    """Return the page of a record that the edition no longer holds, with 410; `known` is what is known, N-Triples."""
    shown = Shown(request, edition, thing, View(known), site_of(request))
    return _rendered(shown, await withdrawn_page(shown), 410, headers)


def _rendered(shown: Shown, page: Page, status: int, headers: Mapping[str, str]) -> Response:
    """Return the page of a thing."""
    template, context = page
    values = {"shown": shown, "view": shown.view, "iri": shown.iri, "thing": shown.thing, **context}
    return shown.site.render(
        shown.request, template, values, data_path=shown.thing.data_path, status=status, headers=headers
    )
