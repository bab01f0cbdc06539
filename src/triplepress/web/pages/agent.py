"""The pages of a person with an ORCID iD and of an organisation with a ROR iD."""

from __future__ import annotations

from triplepress.web import queries
from triplepress.web.countries import country_name
from triplepress.web.pages.listing import listing
from triplepress.web.pages.shown import Page, Shown


async def person_page(shown: Shown) -> Page:
    """Return template and values for a person."""
    articles = await listing(
        shown.edition,
        shown.request,
        shown.lang,
        shown.iri,
        counting=queries.COUNT_WORKS_OF,
        pattern=queries.WORKS_BY,
        fragment="articles",
    )
    return "agent.html", _agent(shown) | {"articles": articles, "kind": "orcid"}


async def organisation_page(shown: Shown) -> Page:
    """Return template and values for an organisation."""
    articles = await listing(
        shown.edition,
        shown.request,
        shown.lang,
        shown.iri,
        counting=queries.COUNT_WORKS_AT,
        pattern=queries.WORKS_AT,
        fragment="articles",
    )
    return "agent.html", _agent(shown) | {"articles": articles, "kind": "ror"}


def _agent(shown: Shown) -> dict[str, object]:
    name = shown.label(shown.iri)
    return {
        "title": name,
        "other_names": [said for said in shown.view.texts(shown.iri, "foaf:name") if said != name],
        "same_as": shown.view.iris(shown.iri, "owl:sameAs"),
        "country": country_name(shown.view.iri(shown.iri, "dcterms:spatial"), shown.lang),
    }
