"""The home page: the edition's figures, what it holds, and where to look."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal
from starlette.requests import Request
from starlette.responses import Response

from triplepress.store.protocol import Row
from triplepress.web import queries
from triplepress.web.description import dataset_description
from triplepress.web.edition import Edition
from triplepress.web.pages.listing import Listing, cards_of, is_iri, newest, number, page_within
from triplepress.web.rendering import site_of
from triplepress.web.view import Said, View, best_of

_ON_HOME: Final = 20
_MOST_CITED: Final = 10
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
    figures = await figures_of(edition, root)
    total = figures["articles"]
    page = page_within(request, total, _ON_HOME)
    items = await cards_of(edition, await articles_of(edition, figures, _ON_HOME, (page - 1) * _ON_HOME), lang)
    most_cited = await cards_of(edition, [iri for iri, _ in figures["most_cited"]], lang)
    return site.render(
        request,
        "home.html",
        {
            "figures": figures,
            "bars": bars(figures["years"]),
            "articles": Listing(items, total, page, _ON_HOME, fragment="articles"),
            "journals": [(iri, _title_of(iri, titles, lang), n) for iri, titles, n in figures["journal_counts"]],
            "most_cited": list(zip(most_cited, [n for _, n in figures["most_cited"]], strict=True)),
        },
        data_path="/data/dataset",
        headers=headers,
    )


async def prepare_home(edition: Edition, root: str) -> None:
    """Make what the home page of a release is made of, before anybody asks: the counts go through the whole store."""
    await articles_of(edition, await figures_of(edition, root), _ON_HOME, 0)


async def figures_of(edition: Edition, root: str) -> dict[str, Any]:
    """Return the edition's figures, made once a release."""
    figures: dict[str, Any] = await edition.once("figures", lambda: _figures(edition, root))
    return figures


async def _figures(edition: Edition, root: str) -> dict[str, Any]:
    """Return the edition's figures: counts from its description, the rest asked."""
    view = View(dataset_description(edition))
    entities: dict[str, int] = {}
    for partition in view.iris(f"{root}/dataset", "void:classPartition"):
        cls, said = view.iri(partition, "void:class"), view.text(partition, "void:entities")
        if cls is not None and said is not None and said.isdigit():
            entities[cls] = int(said)
    counts = [(row.get("year"), number(row.get("n"))) for row in await edition.store.select(queries.ARTICLES_BY_YEAR)]
    years: dict[str | None, int] = defaultdict(int)
    for year, n in counts:
        years[year.value if isinstance(year, Literal) else None] += n
    titles = defaultdict(list)
    for row in await edition.store.select(queries.JOURNAL_TITLES):
        if is_iri(journal := row["s"]) and isinstance(title := row["title"], Literal):
            titles[journal.value].append(Said(title.value, title.language))
    journals = _by_count(await edition.store.select(queries.JOURNALS))
    triples = view.text(f"{root}/dataset", "void:triples")
    return {
        "articles": sum(years.values()),
        "journals": len(journals),
        "references": entities.get("http://purl.org/spar/biro/BibliographicReference"),
        "citations": entities.get("http://purl.org/spar/cito/Citation"),
        "triples": int(triples) if triples and triples.isdigit() else None,
        "years": dict(years),
        "articles_of": sorted(
            ((str(year) if isinstance(year, Literal) else None, n) for year, n in counts),
            key=lambda pair: pair[0] or "",
            reverse=True,
        ),
        "journal_counts": [(iri, titles.get(iri, []), n) for iri, n in journals],
        "most_cited": _by_count(await edition.store.select(queries.MOST_CITED))[:_MOST_CITED],
    }


def _by_count(rows: Sequence[Row]) -> list[tuple[str, int]]:
    """Return the IRIs of some rows with their numbers, the greatest first, equal ones by IRI."""
    found = [(term.value, number(row.get("n"))) for row in rows if is_iri(term := row["s"])]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _title_of(iri: str, titles: list[Said], lang: str) -> Said:
    """Return what a journal is called, the last part of its IRI where nothing says."""
    return best_of(titles, lang) or Said(iri.rpartition("/")[2], None)


async def articles_of(edition: Edition, figures: dict[str, Any], limit: int, offset: int) -> list[str]:
    """Return the IRIs of one page of all articles, the newest first: only the years on that page are asked for.

    Args:
        edition: The release that is asked.
        figures: Its figures.
        limit: How many are wanted.
        offset: How many come before them.
    """
    found: list[str] = []
    for year, n in figures["articles_of"]:
        if offset < n and len(found) < limit:
            found += await newest(edition, queries.articles_of(year), n, limit - len(found), offset)
        offset = max(0, offset - n)
    return found


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
