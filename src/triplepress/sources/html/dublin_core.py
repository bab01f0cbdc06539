"""Dublin Core in `DC.`, `DCTERMS.` and OJS's own qualifiers, and PRISM, as `meta` elements."""

from __future__ import annotations

import re
from typing import Final

from triplepress.record import Contributor
from triplepress.sources.html.page import Page
from triplepress.sources.html.statement import KINDS, Statement, is_whole, page_date, split_keywords, tagged_texts
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.values import known, without_mail

_DOI_LIKE: Final = re.compile(
    r"\s*(?:doi[\s:]|info:doi/|https?://(?:dx\.|www\.)?doi\.org/|10\.[0-9]{4,9}/)", re.IGNORECASE
)
_ARTICLES: Final = re.compile(r"article|статья|artigo|artículo|text\.serial\.journal", re.IGNORECASE)
# Types that say what a page is about where nothing speaks of a journal.
_OTHERS: Final = re.compile(
    r"(?P<kind>dataset|software|book|thesis|dissertation|image|interactiveresource|event|report|preprint|collection)",
    re.IGNORECASE,
)


def read_dublin_core(page: Page) -> Statement:
    """Return what the Dublin Core and PRISM elements of a page say."""
    journal = tagged_texts(page.all("prism.publicationname", "dc.source", "dcterms.ispartof"), keep=_is_name)[:1]
    types = [text.strip() for text in page.texts("dc.type", "dcterms.type", "dc.type.articletype")]
    other = next((match["kind"].lower() for text in types if (match := _OTHERS.search(text))), None)
    issns: list[tuple[str | None, str]] = [("print", text) for text in page.texts("prism.issn")]
    issns += [("electronic", text) for text in page.texts("prism.eissn")]
    issns += [(None, text) for text in page.texts("dc.source.issn")]
    first, last = known(page.first("prism.startingpage")), known(page.first("prism.endingpage"))
    pages = f"{first}-{last}" if first and last and first != last else first
    identifiers = page.texts("dc.identifier.doi", "dc.identifier", "dcterms.identifier")
    return Statement(
        article=bool(issns or journal or any(_ARTICLES.search(text) for text in types))
        and bool(page.first("dc.title")),
        other=None if any(_ARTICLES.search(text) for text in types) else other,
        kind=next((KINDS[text.lower()] for text in types if text.lower() in KINDS), None),
        dois=[*page.texts("prism.doi"), *(text for text in identifiers if _DOI_LIKE.match(text))],
        titles=tagged_texts(page.all("dc.title", "dcterms.title", "dc.title.alternative", "dcterms.alternative")),
        abstracts=tagged_texts(
            page.all("dcterms.abstract", "dc.description.abstract", "dc.description"), keep=is_whole
        ),
        keywords=split_keywords(tagged_texts(page.all("dc.subject", "dcterms.subject", "prism.keyword"))),
        languages=page.texts("dc.language", "dcterms.language"),
        dates=[
            date
            for text in page.texts(
                "prism.publicationdate", "dc.date.issued", "dcterms.issued", "dc.issued", "dc.date", "dcterms.date"
            )
            if (date := page_date(text))
        ],
        available=page_date(page.first("dc.date.available", "dcterms.available")),
        received=page_date(page.first("dc.date.datesubmitted", "dcterms.datesubmitted")),
        accepted=page_date(page.first("dc.date.dateaccepted", "dcterms.dateaccepted")),
        journal=journal,
        issns=issns,
        publisher=plain_text(page.first("dc.publisher", "dcterms.publisher") or "") or None,
        volume=known(page.first("prism.volume", "dc.source.volume")),
        issue=known(page.first("prism.number", "prism.issueidentifier", "dc.source.issue")),
        pages=pages or known(page.first("dc.identifier.pagenumber", "prism.pagerange")),
        contributors=_creators(page),
        licences=page.texts("dcterms.license", "dc.rights", "dcterms.rights"),
        addresses=page.texts("dc.identifier.uri", "prism.url"),
    )


def _is_name(text: str) -> bool:
    """Tell whether a source is the name of a journal and not an address, a number or a whole citation."""
    return not re.search(r"https?:|[0-9]{4}-[0-9]{3}[0-9Xx]|;", text) and len(text) < 200


def _creators(page: Page) -> list[Contributor]:
    """Return the creators; OJS calls them by their personal name."""
    metas = page.all("dc.creator.personalname") or page.all("dc.creator") or page.all("dcterms.creator")
    contributors: list[Contributor] = []
    for meta in metas:
        stated = without_mail(plain_text(meta.content)).strip(" ,;")
        if stated:
            name, given, family = name_parts(stated)
            contributors.append(Contributor(position=len(contributors) + 1, name=name, given=given, family=family))
    return contributors
