"""What one vocabulary of a page says of the article, and the values that several of them write alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from triplepress.record import Contributor, File, Reference, Text
from triplepress.sources.html.page import Meta
from triplepress.sources.languages import language_code
from triplepress.sources.markup import plain_text
from triplepress.sources.values import date_in, date_of

# Types of articles as publishers name the sections of their issues.
KINDS: Final = {
    "review article": "review-article",
    "review": "review-article",
    "editorial": "editorial",
    "letter": "letter",
    "letter to the editor": "letter",
    "case report": "case-report",
    "book review": "book-review",
    "correction": "correction",
    "erratum": "correction",
    "corrigendum": "correction",
    "retraction": "retraction",
    "commentary": "commentary",
    "brief report": "brief-report",
    "short communication": "brief-report",
}
_CUT: Final = re.compile(r"(?:…|\.\.\.)\s*(?:more|read more)?\s*$", re.IGNORECASE)


@dataclass
class Statement:
    """What one vocabulary says; what it does not say is empty.

    Attributes:
        article: Whether it says that the page is an article's.
        other: What it says that the page is about, if that is no article in a journal.
        dois: Contents of the fields for a DOI, as they stand.
        dates: Dates of publication, the best one first.
        issns: Kind (`print`, `electronic` or None) and number.
        pages: First and last page, or both in one.
        licences: Names and addresses of licences, as they stand.
    """

    article: bool = False
    other: str | None = None
    kind: str | None = None
    dois: list[str] = field(default_factory=list)
    pmid: str | None = None
    titles: list[Text] = field(default_factory=list)
    abstracts: list[Text] = field(default_factory=list)
    keywords: list[Text] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    available: str | None = None
    received: str | None = None
    accepted: str | None = None
    journal: list[Text] = field(default_factory=list)
    issns: list[tuple[str | None, str]] = field(default_factory=list)
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    article_number: str | None = None
    contributors: list[Contributor] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)


def page_date(text: str | None) -> str | None:
    """Return a date as pages write it; of a day and month that may be one another only the year.

    Example:
        >>> page_date("2020/09/10"), page_date("03/2015"), page_date("00/1912"), page_date("Apr 22, 2019")
        ('2020-09-10', '2015-03', '1912', '2019-04-22')
        >>> page_date("05/06/2020"), page_date("25.06.2020"), page_date("spring")
        ('2020', '2020-06-25', None)
    """
    stated = (text or "").strip()
    if match := re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{4})", stated):
        return date_of([match[2], match[1]])
    if match := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", stated):
        return date_of([match[3], match[2], match[1]])
    if match := re.fullmatch(r"[0-9]{1,2}[/-][0-9]{1,2}[/-]([0-9]{4})", stated):
        return match[1]
    if match := re.fullmatch(r"([0-9]{4})(?:[/-]([0-9]{1,2}))?[/-]00?", stated):
        return date_of([part for part in match.groups() if part])
    if match := re.fullmatch(r"[A-Za-z]{3},? ([0-9]{1,2} [A-Za-z]{3,9} [0-9]{4})(?: .*)?", stated):  # RFC 5322
        stated = match[1]
    return date_in(stated)


def tagged_texts(metas: Sequence[Meta], *, keep: Callable[[str], bool] = bool) -> list[Text]:
    """Return the readable texts of some statements, each once, with the languages that they state."""
    found: dict[Text, None] = {}
    for meta in metas:
        text = plain_text(meta.content)
        if text and keep(text):
            found[Text(text=text, lang=language_code(meta.lang))] = None
    return list(found)


def is_whole(text: str) -> bool:
    """Tell whether a description is long enough for an abstract and not cut short.

    Example:
        >>> is_whole("We show that…"), is_whole("An abstract of some length. " * 4)
        (False, True)
    """
    return len(text) >= 80 and not _CUT.search(text)


def split_keywords(texts: Sequence[Text]) -> list[Text]:
    """Return keywords one by one; a single text with commas holds them all."""
    found: dict[Text, None] = {}
    for each in texts:
        separator = ";" if ";" in each.text else "," if len(texts) == 1 else "\0"
        for word in each.text.split(separator):
            if word.strip(" .,"):
                found[Text(text=word.strip(" .,"), lang=each.lang)] = None
    return list(found)
