"""DOAJ's articles, as its API, its dump and its OAI-PMH records hold them in JSON: one article at a time.

References:
    DOAJ, API documentation, version 4, "Article" (`bibjson`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.identifiers import parse_doi_field
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    File,
    Journal,
    Rejected,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import (
    as_clean,
    as_object,
    as_objects,
    as_text,
    as_texts,
    is_web_address,
    known,
    month_number,
    without_mail,
)

KIND: Final = "doaj"
_MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "html": "text/html",
    "xml": "application/xml",
    "epub": "application/epub+zip",
}
# Typed by hand into the field for a DOI, and none.
_NO_DOI: Final = frozenset({"none", "no", "n/a", "nil", "doi", "-"})


def is_article(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is one of DOAJ's: its data stand in `bibjson`."""
    return "bibjson" in value


def read_article(article: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one article of DOAJ; `Skipped` for its records of journals."""
    data = as_object(article.get("bibjson"))
    checks = Checks()
    identifiers = [
        ((as_text(item.get("type")) or "").lower(), as_text(item.get("id")))
        for item in as_objects(data.get("identifier"))
    ]
    if "journal" not in data and "author" not in data:
        return Skipped(source=source, kind="journal")
    doi = _doi(identifiers, checks)
    title, abstract = as_clean(data.get("title")), as_clean(data.get("abstract"))
    journal = as_object(data.get("journal"))
    first, last = known(as_clean(data.get("start_page"))), known(as_clean(data.get("end_page")))
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else as_text(article.get("id")),
            titles=[Text(text=title)] if title else [],
            abstracts=[Text(text=abstract)] if abstract else [],
            keywords=[Text(text=clean) for word in as_texts(data.get("keywords")) if (clean := as_clean(word))],
            issued=_issued(data, checks),
            journal=_journal(journal, identifiers, checks),
            volume=known(as_clean(journal.get("volume"))),
            issue=known(as_clean(journal.get("number"))),
            pages=f"{first}-{last}" if first and last and first != last else first,
            first_page=first,
            last_page=last,
            contributors=_authors(data, checks),
            landing_pages=_addresses(data, pages=True),
            files=_files(data),
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


def _doi(identifiers: list[tuple[str, str | None]], checks: Checks) -> str | None:
    """Return the first DOI that is one."""
    for kind, text in identifiers:
        if kind == "doi" and text and text.strip().lower() not in _NO_DOI:
            try:
                return parse_doi_field(text)
            except RecordError as error:
                checks.warn("doi", str(error))
    return None


def _issued(data: Mapping[str, Any], checks: Checks) -> str | None:
    """Return year and month; the month is a number, or its English name."""
    month = as_text(data.get("month"))
    number = month_number(month)
    if month and number is None and month != "0":
        checks.warn("issued", f"“{month}” is no month that can be read without a guess")
    return checks.date([as_text(data.get("year")), *([number] if number else [])], "issued")


def _journal(journal: Mapping[str, Any], identifiers: list[tuple[str, str | None]], checks: Checks) -> Journal | None:
    """Return the journal; the list of its ISSNs counts only where the identifiers state none with its kind."""
    typed = [(kind, text) for kind, text in identifiers if kind in {"pissn", "eissn"} and text]
    issns = checks.issns(typed or [(None, text) for text in as_texts(journal.get("issns"))])
    title = as_clean(journal.get("title"))
    if not title and not issns:
        return None
    return Journal(titles=[Text(text=title)] if title else [], publisher=as_clean(journal.get("publisher")), **issns)


def _authors(data: Mapping[str, Any], checks: Checks) -> list[Contributor]:
    authors: list[Contributor] = []
    for author in as_objects(data.get("author")):
        name = as_clean(author.get("name"))
        if not name:
            checks.warn("contributors", "DOAJ states an author without a name")
            continue
        affiliations = [
            without_mail(clean) for text in as_texts(author.get("affiliation")) if (clean := as_clean(text))
        ]
        authors.append(
            Contributor(
                position=len(authors) + 1,
                name=name,
                orcid=checks.orcid(author.get("orcid_id")),
                affiliations=[Affiliation(name=text) for text in affiliations if text],
            )
        )
    return authors


def _media_type(link: Mapping[str, Any]) -> str | None:
    stated = (as_text(link.get("content_type")) or "").lower()
    return stated if "/" in stated else _MEDIA_TYPES.get(stated)


def _addresses(data: Mapping[str, Any], *, pages: bool) -> list[str]:
    """Return the addresses of landing pages, or of files: DOAJ calls both the full text."""
    found = [
        address
        for link in as_objects(data.get("link"))
        if (address := as_text(link.get("url")))
        and is_web_address(address)
        and (_media_type(link) in {None, "text/html"}) == pages
    ]
    return list(dict.fromkeys(found))


def _files(data: Mapping[str, Any]) -> list[File]:
    kinds = {as_text(link.get("url")): _media_type(link) for link in as_objects(data.get("link"))}
    return [File(url=address, media_type=kinds[address]) for address in _addresses(data, pages=False)]
