"""DOAJ's articles in XML, as its OAI-PMH endpoint sends them and publishers upload them.

References:
    DOAJ, "doajArticles.xsd".
"""

from __future__ import annotations

from lxml import etree

from triplepress.errors import RecordError
from triplepress.record import Affiliation, ArticleRecord, Contributor, File, Journal, Rejected, Source, Text
from triplepress.sources.checks import Checks
from triplepress.sources.languages import language_code, tagged
from triplepress.sources.oaipmh.protocol import first_text, plain
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import date_in, is_web_address, known, without_mail
from triplepress.sources.xml import child, children, language_of

_MEDIA_TYPES = {"pdf": "application/pdf", "html": "text/html", "xml": "application/xml", "epub": "application/epub+zip"}


def read_doaj(element: etree._Element, source: Source) -> ArticleRecord | Rejected:
    """Return the record of one `doajArticle`."""
    checks = Checks()
    doi = checks.doi(first_text(element, "doi"))
    first, last = known(first_text(element, "startPage")), known(first_text(element, "endPage"))
    links = [
        (link, _MEDIA_TYPES.get((found.get("format") or "").lower()))
        for found in children(element, "fullTextUrl")
        if is_web_address(link := plain(found))
    ]
    try:
        return ArticleRecord(
            doi=doi,
            titles=tagged((text, _language(found)) for found in children(element, "title") if (text := plain(found))),
            abstracts=tagged(
                (text, _language(found)) for found in children(element, "abstract") if (text := plain(found))
            ),
            keywords=[
                Text(text=text, lang=language_code(_language(group)))
                for group in children(element, "keywords")
                for word in children(group, "keyword")
                if (text := plain(word))
            ],
            language=language_code(first_text(element, "language")),
            issued=_issued(element, checks),
            journal=_journal(element, checks),
            volume=known(first_text(element, "volume")),
            issue=known(first_text(element, "issue")),
            pages=f"{first}-{last}" if first and last and first != last else first,
            first_page=first,
            last_page=last,
            contributors=_authors(element, checks),
            landing_pages=list(dict.fromkeys(link for link, kind in links if kind in {None, "text/html"})),
            files=[
                File(url=link, media_type=kind)
                for link, kind in dict.fromkeys(links)
                if kind not in {None, "text/html"}
            ],
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi)


def _language(element: etree._Element) -> str | None:
    """Return the language that an element states, in DOAJ's attribute or in XML's."""
    return element.get("language") or language_of(element)


def _issued(element: etree._Element, checks: Checks) -> str | None:
    """Return the date of publication."""
    stated = first_text(element, "publicationDate")
    date = date_in(stated)
    if stated and date is None:
        checks.warn("issued", f"“{stated}” is no date")
    return date


def _journal(element: etree._Element, checks: Checks) -> Journal | None:
    """Return the journal."""
    numbers = checks.issns(
        (kind, text)
        for kind, name in (("print", "issn"), ("electronic", "eissn"))
        if (text := first_text(element, name))
    )
    titles = tagged((text, _language(found)) for found in children(element, "journalTitle") if (text := plain(found)))
    return Journal(titles=titles, publisher=first_text(element, "publisher"), **numbers) if titles or numbers else None


def _authors(element: etree._Element, checks: Checks) -> list[Contributor]:
    """Return the authors, their organisations looked up in the record's own list."""
    names = {
        found.get("affiliationId"): without_mail(plain(found))
        for found in children(child(element, "affiliationsList"), "affiliationName")
    }
    authors: list[Contributor] = []
    for author in children(child(element, "authors"), "author"):
        name = first_text(author, "name")
        if not name:
            checks.warn("contributors", "the record states an author without a name")
            continue
        organisations = [names.get(plain(found)) for found in children(author, "affiliationId")]
        authors.append(
            Contributor(
                position=len(authors) + 1,
                name=name,
                orcid=checks.orcid(first_text(author, "orcid_id")),
                affiliations=[Affiliation(name=text) for text in organisations if text],
            )
        )
    return authors
