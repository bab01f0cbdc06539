"""The pages of a journal, a volume and an issue."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from pyoxigraph import Literal, NamedNode

from triplepress.web import queries
from triplepress.web.pages.listing import in_print_order, listing
from triplepress.web.pages.shown import Page, Shown


async def journal_page(shown: Shown) -> Page:
    """Return template and values for a journal."""
    view, iri = shown.view, shown.iri
    articles = await listing(
        shown.edition,
        shown.request,
        shown.lang,
        iri,
        counting=queries.COUNT_IN_JOURNAL,
        pattern=queries.IN_JOURNAL,
        fragment="articles",
    )
    titles = view.texts(iri, "dcterms:title")
    title = shown.label(iri)
    return "journal.html", {
        "title": title,
        "other_titles": [said for said in titles if said != title],
        "alternatives": view.texts(iri, "dcterms:alternative"),
        "volumes": await volumes_of(shown),
        "articles": articles,
    }


async def volumes_of(shown: Shown) -> list[tuple[str | None, str | None, str | None, list[dict[str, Any]]]]:
    """Return a journal's volumes, latest first: IRI, number, year, issues; issues without volume stand by year."""
    volumes: dict[tuple[str | None, str | None, str | None], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in await shown.edition.store.select(queries.bound(queries.ISSUES, shown.iri)):
        volume, issue, year = row.get("volume"), row.get("issue"), _text(row.get("year"))
        if isinstance(volume, NamedNode):
            key: tuple[str | None, str | None, str | None] = (volume.value, _text(row.get("v")), None)
        else:
            key = (None, None, year)
        of = volumes[key]
        if isinstance(issue, NamedNode):
            of[issue.value] = {"iri": issue.value, "number": _text(row.get("i")), "year": year}
    shaped = []
    for (iri, number, year), issues in volumes.items():
        years = sorted({issue["year"] for issue in issues.values() if issue["year"]})
        ordered = sorted(issues.values(), key=lambda issue: natural(issue["number"]))
        shaped.append((iri, number, year or (years[-1] if years else None), ordered))
    return sorted(shaped, key=lambda volume: (volume[2] or "", natural(volume[1])), reverse=True)


def _text(term: object) -> str | None:
    return term.value if isinstance(term, Literal) else None


def natural(text: str | None) -> list[tuple[int, str]]:
    """Return a key that sorts issue 10 after issue 2, and `1-2` after `1`.

    Example:
        >>> sorted(["10", "2", "1-2", "1"], key=natural)
        ['1', '1-2', '2', '10']
    """
    return [(int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.findall(r"\d+|\D+", text or "")]


async def volume_page(shown: Shown) -> Page:
    """Return template and values for a volume."""
    return "volume.html", await _part(shown) | {
        "issues": [issue for _, _, _, issues in await volumes_of(shown) for issue in issues]
    }


async def issue_page(shown: Shown) -> Page:
    """Return template and values for an issue."""
    return "issue.html", await _part(shown)


async def _part(shown: Shown) -> dict[str, Any]:
    """Return what a volume and an issue share: the way up, and the articles that lie directly in it."""
    view = shown.view
    way: list[str] = []
    todo = view.iris(shown.iri, "frbr:partOf")
    while todo:
        whole = todo.pop()
        if whole not in way:
            way.insert(0, whole)
            todo += view.iris(whole, "frbr:partOf")
    articles = await in_print_order(shown.edition, shown.request, shown.lang, shown.iri, fragment="articles")
    journal = next((iri for iri in way if "/vol/" not in iri.removeprefix(shown.root) and "/year/" not in iri), None)
    return {
        "way": way,
        "journal": journal,
        "volume": next((iri for iri in way if view.text(iri, "prism:volume")), None),
        "number": view.text(shown.iri, "prism:issueIdentifier") or view.text(shown.iri, "prism:volume"),
        "year": view.text(shown.iri, "fabio:hasPublicationYear"),
        "articles": articles,
    }
