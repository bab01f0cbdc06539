"""The home page: the edition's figures, what it holds, and where to look."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode
from starlette.requests import Request
from starlette.responses import Response

from triplepress.web import queries
from triplepress.web.description import dataset_description
from triplepress.web.edition import Edition
from triplepress.web.pages.listing import Listing, cards_of, number, page_number
from triplepress.web.rendering import site_of
from triplepress.web.view import Said, View

_ON_HOME: Final = 20
# More bars than this do not fit a phone; years are then drawn by groups.
_MAX_BARS: Final = 40


class Bar(NamedTuple):
    """One bar of the picture: its years, how many articles, and where it stands, in units of the drawing."""

    label: str
    articles: int
    x: float
    y: float
    width: float
    height: float
    labelled: bool


async def home_page(request: Request, edition: Edition, headers: dict[str, str]) -> Response:
    """Return the home page."""
    site = site_of(request)
    lang, root = site.language(request), site.settings.root
    figures = await edition.once("figures", lambda: _figures(edition, root))
    total = figures["articles"]
    page = min(page_number(request), max(1, math.ceil(total / _ON_HOME)))
    rows = await edition.store.select(queries.articles_page(_ON_HOME, (page - 1) * _ON_HOME))
    items = await cards_of(edition, [row["s"].value for row in rows if isinstance(row["s"], NamedNode)], lang)
    most_cited = await cards_of(edition, [iri for iri, _ in figures["most_cited"]], lang)
    return site.render(
        request,
        "home.html",
        {
            "figures": figures,
            "bars": bars(figures["years"]),
            "articles": Listing(items, total, page, _ON_HOME, fragment="articles"),
            "journals": await _journals(edition, figures["journal_counts"], lang),
            "most_cited": list(zip(most_cited, [n for _, n in figures["most_cited"]], strict=True)),
        },
        data_path="/data/dataset",
        headers=headers,
    )


async def _figures(edition: Edition, root: str) -> dict[str, Any]:
    """Return the edition's figures: counts from its description, the rest asked once a release."""
    view = View(dataset_description(edition))
    entities: dict[str, int] = {}
    for partition in view.iris(f"{root}/dataset", "void:classPartition"):
        cls, said = view.iri(partition, "void:class"), view.text(partition, "void:entities")
        if cls is not None and said is not None and said.isdigit():
            entities[cls] = int(said)
    years = {
        (term.value if isinstance(term := row.get("year"), Literal) else None): number(row.get("n"))
        for row in await edition.store.select(queries.ARTICLES_BY_YEAR)
    }
    journals = await edition.store.select(queries.JOURNALS)
    cited = await edition.store.select(queries.MOST_CITED)
    triples = view.text(f"{root}/dataset", "void:triples")
    return {
        "articles": sum(years.values()),
        "journals": len(journals),
        "references": entities.get("http://purl.org/spar/biro/BibliographicReference"),
        "citations": entities.get("http://purl.org/spar/cito/Citation"),
        "triples": int(triples) if triples and triples.isdigit() else None,
        "years": years,
        "journal_counts": [
            (row["s"].value, number(row.get("n"))) for row in journals if isinstance(row["s"], NamedNode)
        ],
        "most_cited": [(row["s"].value, number(row.get("n"))) for row in cited if isinstance(row["s"], NamedNode)],
    }


async def _journals(edition: Edition, counts: list[tuple[str, int]], lang: str) -> list[tuple[str, Said, int]]:
    """Return every journal with its title and its number of articles."""
    if not counts:
        return []
    cards = {card.iri: card.title for card in await cards_of(edition, [iri for iri, _ in counts], lang)}
    return [(iri, cards.get(iri) or Said(iri.rpartition("/")[2], None), n) for iri, n in counts]


def bars(years: dict[str | None, int], *, width: float = 640, height: float = 120) -> list[Bar]:
    """Return the bars of articles a year, empty years included, undated articles left to the caption.

    Args:
        years: Articles by year of publication; None for undated ones.
        width: The drawing's width, in its own units.
        height: Its height.

    Example:
        >>> [(bar.label, bar.articles) for bar in bars({"2021": 2, "2023": 1, None: 4})]
        [('2021', 2), ('2022', 0), ('2023', 1)]
    """
    dated = {int(year): count for year, count in years.items() if year is not None and year.isdigit()}
    if not dated:
        return []
    first, last = min(dated), max(dated)
    step = math.ceil((last - first + 1) / _MAX_BARS)
    groups = [(start, min(start + step - 1, last)) for start in range(first, last + 1, step)]
    counts = [sum(count for year, count in dated.items() if start <= year <= end) for start, end in groups]
    top = max(counts)
    slot = min(width / len(groups), 72)
    wide = slot * 0.72
    every = math.ceil(len(groups) / 10)
    return [
        Bar(
            label=str(start) if start == end else f"{start}–{end}",
            articles=count,
            x=round(place * slot + (slot - wide) / 2, 1),
            y=round(height - count / top * height, 1),
            width=round(wide, 1),
            height=round(count / top * height, 1),
            labelled=place % every == 0,
        )
        for place, ((start, end), count) in enumerate(zip(groups, counts, strict=True))
    ]
