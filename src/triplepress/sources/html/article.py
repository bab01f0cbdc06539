"""The record of an article's page: field by field from the vocabulary that says it best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import parse_doi_field
from triplepress.record import (
    ArticleRecord,
    Citation,
    Contributor,
    File,
    Journal,
    Rejected,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.html.dublin_core import read_dublin_core
from triplepress.sources.html.elpub_body import with_elpub_body
from triplepress.sources.html.highwire import read_highwire
from triplepress.sources.html.json_ld import orcids_by_name, read_json_ld
from triplepress.sources.html.page import Page, decode_page, folded, parse_page
from triplepress.sources.html.refusal import kind_of, wall_of
from triplepress.sources.html.statement import Statement
from triplepress.sources.languages import language_code
from triplepress.sources.licences import licence_iri
from triplepress.sources.markup import plain_text
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import is_web_address

KIND: Final = "html"
_START: Final = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<!--.*?-->|<\?xml[^>]*\?>)*<(?:!doctype\s+html|html|head|meta|title|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_SAVE: Final = "Save the page of one article from a browser as HTML, when it shows the article"


def is_html(head: bytes) -> bool:
    r"""Tell whether the first part of a file is that of an HTML page.

    Example:
        >>> is_html(b"\n<!DOCTYPE html><html>"), is_html(b"<article>")
        (True, False)
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    return bool(_START.match(head))


def read_html(data: bytes, source: Source) -> ArticleRecord | Rejected | Skipped:
    """Return the record of the article whose page this is.

    Args:
        data: The page's bytes.
        source: The file.

    Returns:
        The record; `Skipped` for the page of a data set, a book and the like; `Rejected` for a page that is none of a
        work: a guard against robots, an issue, a viewer, a home page.
    """
    text = decode_page(data)
    if not isinstance(text, str):
        return reject(source, text.message, text.remedy, position=text.position)
    page = parse_page(text)
    if page is None:
        return reject(source, "there is nothing on the page", _SAVE)
    checks = Checks()
    statements = (read_highwire(page, checks), read_dublin_core(page), read_json_ld(page, checks))
    doi = _doi(statements, checks)
    other = next((each.other for each in statements if each.other), None)
    said = any(each.article for each in statements)
    if other is not None and not statements[0].article:
        return Skipped(source=source, doi=doi, kind=other)
    titles = _titles(statements, page)
    if not titles or not (said or doi):
        return _refusal(page, text, source, titles)
    try:
        record = _record(page, statements, source, doi, titles, checks)
        return with_elpub_body(record, page, source)
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=titles[0].text)


def _refusal(page: Page, text: str, source: Source, titles: Sequence[Text]) -> Rejected:
    """Return why the page is no article's."""
    wall = wall_of(page, text)
    title = titles[0].text if titles else page.title or None
    if wall:
        message = f"the page is not the journal's: {wall} stopped the visit (“{page.title[:80]}”)"
        return reject(source, message, "Open the article in a browser, wait until it is there, and save it again")
    kind = kind_of(page)
    if kind:
        return reject(source, f"this is {kind}, not the page of one article", _SAVE, title=title)
    message = "this HTML page states no article in a journal: it has no citation_title, Dublin Core or ScholarlyArticle"
    return reject(source, message, f"{_SAVE}, or save its text", title=title)


def _first(statements: Iterable[Statement], name: str) -> Any:  # noqa: ANN401 - fields of several types
    """Return the first value of a field that a vocabulary states."""
    return next((value for each in statements if (value := getattr(each, name))), None)


def _record(
    page: Page, statements: Sequence[Statement], source: Source, doi: str | None, titles: list[Text], checks: Checks
) -> ArticleRecord:
    """Return the record of an article's page."""
    languages = {code for text in (_first(statements, "languages") or []) if (code := language_code(text))}
    addresses = _addresses(page, statements)
    citation = page.first(
        "dcterms.bibliographiccitation", "dc.identifier.citation", "dc.identifier.bibliographiccitation"
    )
    issued, available = _dates(statements, checks)
    licences = [*page.links("license"), *(text for each in statements for text in each.licences)]
    return ArticleRecord(
        doi=doi,
        local_id=None if doi else _local_id(addresses),
        pmid=_first(statements, "pmid"),
        kind=_first(statements, "kind") or "journal-article",
        titles=titles,
        abstracts=_by_language(_texts(statements, "abstracts"), "abstracts", checks),
        keywords=_first(statements, "keywords") or [],
        language=languages.pop() if len(languages) == 1 else None,
        issued=issued,
        available=available,
        received=_first(statements, "received"),
        accepted=_first(statements, "accepted"),
        journal=_journal(statements, checks),
        volume=_first(statements, "volume"),
        issue=_first(statements, "issue"),
        article_number=_first(statements, "article_number"),
        contributors=_contributors(page, statements),
        licences=list(dict.fromkeys(iri for text in licences if (iri := licence_iri(text)))),
        references=_first(statements, "references") or [],
        landing_pages=addresses,
        files=list(dict.fromkeys(_files(statements, addresses))),
        citation=Citation(text=plain_text(citation)) if citation else None,
        sources=[source],
        warnings=checks.warnings,
        **checks.pages(_first(statements, "pages")),
    )


def _doi(statements: Sequence[Statement], checks: Checks) -> str | None:
    """Return the first DOI that is one. What only ends like it is the same without its prefix; another is a warning."""
    found: dict[str, None] = {}
    broken: list[str] = []
    for text in (text for each in statements for text in each.dois):
        try:
            found[parse_doi_field(text)] = None
        except RecordError:
            broken.append(text)
    doi = next(iter(found), None)
    for text in broken:
        if doi is None or not doi.endswith(f"/{text.strip().lower()}"):
            checks.warn("doi", f"“{text[:200]}” is no DOI")
    if len(found) > 1:
        checks.warn("doi", f"the page states further DOIs: {', '.join(list(found)[1:])}; {doi} is taken")
    return doi


def _texts(statements: Iterable[Statement], name: str) -> list[Text]:
    """Return the texts of a field, a text once: with the language that another vocabulary states for it."""
    stated: list[Text] = [text for each in statements for text in getattr(each, name)]
    languages = {folded(text.text).casefold(): text.lang for text in reversed(stated) if text.lang}
    return list(
        {
            folded(text.text).casefold(): replace(text, lang=text.lang or languages.get(folded(text.text).casefold()))
            for text in reversed(stated)
        }.values()
    )[::-1]


def _by_language(texts: Sequence[Text], field: str, checks: Checks) -> list[Text]:
    """Return the first text of each language; which language a second one without a tag is in, nothing says."""
    found: dict[str | None, Text] = {}
    for text in texts:
        if found.setdefault(text.lang, text) is not text:
            checks.warn(field, f"the page states another one in the same or no language: {text.text[:120]}")
    return list(found.values())


def _titles(statements: Sequence[Statement], page: Page) -> list[Text]:
    """Return the titles; the Open Graph's only where there is no other, for it often has the journal's name in it."""
    texts = _texts(statements, "titles")
    if not texts:
        texts = [Text(text=plain_text(text)) for text in page.texts("og.title")[:1]]
    found: dict[str | None, Text] = {}
    for text in texts:
        found.setdefault(text.lang, text)
    return list(found.values())


def _dates(statements: Sequence[Statement], checks: Checks) -> tuple[str | None, str | None]:
    """Return the date of the issue, fuller where another statement agrees with it, and that of the page online."""
    stated = list(dict.fromkeys(date for each in statements for date in each.dates))
    available = _first(statements, "available")
    if not stated:
        return None, available
    first = stated[0]
    other = [date for date in stated if date[:4] != first[:4]]
    if other:
        checks.warn("issued", f"the page states several years: {', '.join([first, *other])}; the first is taken")
    return max((date for date in stated if date.startswith(first)), key=len), available


def _journal(statements: Sequence[Statement], checks: Checks) -> Journal | None:
    """Return the journal: its name, its ISSNs with those first whose kind is said, its publisher."""
    stated = [(kind, number.strip()) for each in statements for kind, number in each.issns]
    typed = [(kind, number) for kind, number in stated if kind]
    known = {re.sub(r"\W", "", number).upper() for _, number in typed}
    untyped = [(None, number) for kind, number in stated if not kind and re.sub(r"\W", "", number).upper() not in known]
    issns = checks.issns([*typed, *dict.fromkeys(untyped)] if typed else list(dict.fromkeys(untyped)))
    titles: list[Text] = _first(statements, "journal") or []
    if not titles and not issns:
        return None
    return Journal(
        titles=list({text.lang: text for text in reversed(titles)}.values())[::-1],
        publisher=_first(statements, "publisher"),
        **issns,
    )


def _contributors(page: Page, statements: Sequence[Statement]) -> list[Contributor]:
    """Return the people of the first vocabulary that has any, with the iDs that JSON-LD states for their names."""
    people: list[Contributor] = _first(statements, "contributors") or []
    orcids = orcids_by_name(page)
    names = [each.name.casefold() for each in people]
    return [
        replace(each, orcid=orcids.get(name)) if each.orcid is None and names.count(name) == 1 else each
        for each, name in zip(people, names, strict=True)
    ]


def _addresses(page: Page, statements: Sequence[Statement]) -> list[str]:
    """Return the addresses of the article's page; a resolver's is none."""
    stated = [text for each in statements for text in each.addresses]
    stated += [*page.links("canonical"), *page.texts("og.url")]
    return [
        address
        for address in dict.fromkeys(stated)
        if is_web_address(address) and not re.match(r"https?://(?:dx\.|www\.)?doi\.org/", address, re.IGNORECASE)
    ]


def _files(statements: Sequence[Statement], addresses: Sequence[str]) -> Iterable[File]:
    """Yield the files of the full text; the landing page itself is none."""
    return (file for each in statements for file in each.files if file.url not in addresses)


def _local_id(addresses: Sequence[str]) -> str | None:
    """Return what the journal's site calls an article without a DOI: its address without the scheme."""
    with suppress(IndexError):
        parts = urlsplit(addresses[0])
        return f"{parts.netloc.lower()}{parts.path}{'?' if parts.query else ''}{parts.query}"
    return None
