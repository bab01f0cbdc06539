"""Long lists in pages of visible size, and one line about each article in them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeGuard

from pyoxigraph import Literal, NamedNode
from starlette.requests import Request

from triplepress.store.protocol import Row
from triplepress.web import queries
from triplepress.web.edition import Edition
from triplepress.web.view import Said, best_of, value_of

PAGE_SIZE: Final = 50
# Some 2 MB of IRIs. A longer list is sorted by the engine, a page at a time.
_READ_WHOLE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Card:
    """One line about a work: `title` None where only its DOI is known; `authors` in order."""

    iri: str
    title: Said | None
    date: str | None
    doi: str | None
    journal: Said | None
    authors: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list.

    Attributes:
        items: What is on this page.
        total: How many there are on all pages.
        page: This page, from 1.
        parameter: The query parameter that turns the pages.
        fragment: The id of the list on the page.
    """

    items: Sequence[Card] = field(default_factory=tuple)
    total: int = 0
    page: int = 1
    size: int = PAGE_SIZE
    parameter: str = "page"
    fragment: str = "main"

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, math.ceil(self.total / self.size))

    @property
    def first(self) -> int:
        """The number of the first item shown, from 1."""
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The number of the last item shown."""
        return self.first + len(self.items) - 1


def page_number(request: Request) -> int:
    """Return the page that a request asks for, 1 unless `?page=` is a sensible number."""
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1  # ten million


async def count(edition: Edition, query: str, iri: str) -> int:
    """Return the number that a counting query says; `?n`."""
    rows = await edition.store.select(queries.bound(query, iri))
    return number(rows[0].get("n")) if rows else 0


def number(term: object) -> int:
    """Return an integer literal's value, 0 for anything else."""
    return int(term.value) if isinstance(term, Literal) else 0


async def listing(
    edition: Edition,
    request: Request,
    lang: str,
    iri: str,
    *,
    counting: str,
    pattern: str,
    fragment: str = "main",
) -> Listing:
    """Return one page of the works that belong to a thing, the newest first.

    Args:
        edition: The release that is asked.
        request: Says which page.
        lang: The language that titles are preferred in.
        iri: The thing.
        counting: The query that counts them.
        pattern: The pattern that binds `?s` to them; `$thing` stands for the thing.
        fragment: The id of the list on the page.
    """
    total = await count(edition, counting, iri)
    page = page_within(request, total, PAGE_SIZE)
    found = await newest(edition, queries.bound_pattern(pattern, iri), total, PAGE_SIZE, (page - 1) * PAGE_SIZE)
    return Listing(await cards_of(edition, found, lang), total, page, PAGE_SIZE, fragment=fragment)


async def in_print_order(edition: Edition, request: Request, lang: str, iri: str, *, fragment: str) -> Listing:
    """Return one page of the articles that lie directly in a volume or an issue, as they are printed."""
    total = await count(edition, queries.COUNT_PARTS, iri)
    page = page_within(request, total, PAGE_SIZE)
    query = queries.bound(queries.PARTS_PAGE, iri, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    found = iris_of(await edition.store.select(query))
    return Listing(await cards_of(edition, found, lang), total, page, PAGE_SIZE, fragment=fragment)


def page_within(request: Request, total: int, size: int) -> int:
    """Return the page that a request asks for, the last one when there are not so many."""
    return min(page_number(request), max(1, math.ceil(total / size)))


async def newest(edition: Edition, pattern: str, total: int, limit: int, offset: int) -> list[str]:
    """Return the IRIs of one page of a list: the newest first, undated ones last, those of one year by IRI.

    Args:
        edition: The release that is asked.
        pattern: SPARQL that binds `?s` to what is listed; names as in `queries.PREFIXES`.
        total: How many there are.
        limit: How many are wanted.
        offset: How many come before them.
    """
    if total > _READ_WHOLE:
        return iris_of(await edition.store.select(queries.newest_page(pattern, limit, offset)))
    key = f"newest {pattern}"
    content = edition.cache.get(key)
    if content is None:
        rows = await edition.store.select(queries.newest(pattern))
        years = [(row["s"].value, value_of(row["year"]) if "year" in row else "") for row in rows if is_iri(row["s"])]
        ordered = sorted(sorted(years), key=lambda pair: pair[1], reverse=True)
        content = "\n".join(iri for iri, _ in ordered).encode()
        edition.cache.put(key, content, len(content))
    return content.decode().split("\n")[offset : offset + limit] if content else []


def is_iri(term: object) -> TypeGuard[NamedNode]:
    """Return whether a term is an IRI."""
    return isinstance(term, NamedNode)


def iris_of(rows: Sequence[Row]) -> list[str]:
    """Return what `?s` is bound to in each row, IRIs only."""
    return [term.value for row in rows if is_iri(term := row["s"])]


async def cards_of(edition: Edition, iris: Sequence[str], lang: str) -> list[Card]:
    """Return one line about each of some works, in their order, each once."""
    wanted = list(dict.fromkeys(iris))
    if not wanted:
        return []
    texts: dict[str, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    people: dict[str, dict[tuple[int, str], list[Said]]] = defaultdict(lambda: defaultdict(list))
    for row in await edition.store.select(queries.cards(wanted)):
        of = row["s"].value  # type: ignore[union-attr]  # bound by VALUES to an IRI
        for name in ("title", "date", "doi", "journal"):
            term = row.get(name)
            if isinstance(term, Literal):
                texts[of][name].append(Said(term.value, term.language))
        name_term = row.get("name")
        if isinstance(name_term, Literal):
            person = row["person"].value  # type: ignore[union-attr]  # an agent is an IRI by the profile
            people[of][number(row.get("position")), person].append(Said(name_term.value, name_term.language))
    return [
        Card(
            iri=iri,
            title=best_of(texts[iri]["title"], lang),
            date=next((said.text for said in texts[iri]["date"]), None),
            doi=next((said.text for said in texts[iri]["doi"]), None),
            journal=best_of(texts[iri]["journal"], lang),
            authors=tuple(
                said for _, names in sorted(people[iri].items()) if (said := best_of(names, lang)) is not None
            ),
        )
        for iri in wanted
    ]
