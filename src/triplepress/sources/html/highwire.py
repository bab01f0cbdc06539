"""Highwire Press tags: `citation_title`, `citation_author` and the others that Google Scholar reads."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from triplepress.record import Affiliation, Contributor, File
from triplepress.sources.checks import Checks
from triplepress.sources.html.page import Meta, Page
from triplepress.sources.html.references import read_references
from triplepress.sources.html.statement import KINDS, Statement, page_date, split_keywords, tagged_texts
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.values import is_web_address, known, without_mail

# What a page is about where it has one of these and no journal.
_OTHER: Final = {
    "citation_conference_title": "conference-paper",
    "citation_conference": "conference-paper",
    "citation_dissertation_institution": "thesis",
    "citation_dissertation_name": "thesis",
    "citation_technical_report_institution": "report",
    "citation_inbook_title": "book-chapter",
    "citation_book_title": "book-chapter",
    "citation_isbn": "book",
    "citation_patent_number": "patent",
    "citation_arxiv_id": "preprint",
}
_AUTHORS: Final = {"citation_author": "author", "citation_editor": "editor"}


def read_highwire(page: Page, checks: Checks) -> Statement:
    """Return what the Highwire tags of a page say."""
    journal = tagged_texts(page.all("citation_journal_title"))
    if not journal:
        abbreviated = page.all("citation_journal_abbrev", "citation_journal_title_abbrev")
        journal = tagged_texts(abbreviated, keep=lambda text: not text.isdigit())
    issns: list[tuple[str | None, str]] = [
        ("electronic", text) for text in page.texts("citation_eissn", "citation_e_issn")
    ]
    issns += [(None, part) for text in page.texts("citation_issn") for part in re.split(r"[;,]\s*", text) if part]
    titles = tagged_texts(page.all("citation_title"))
    kind = (page.first("citation_article_type") or "").strip().lower()
    first, last = known(page.first("citation_firstpage")), known(page.first("citation_lastpage"))
    first, last = (None if text == "0" else text for text in (first, last))
    return Statement(
        article=bool(titles and (journal or issns)),
        other=None if journal else next((kind for name, kind in _OTHER.items() if page.first(name)), None),
        kind=KINDS.get(kind),
        dois=page.texts("citation_doi"),
        pmid=next((text for text in page.texts("citation_pmid") if re.fullmatch("[0-9]{1,8}", text)), None),
        titles=titles,
        abstracts=tagged_texts(page.all("citation_abstract"), keep=lambda text: len(text) > 20),
        keywords=split_keywords(tagged_texts(page.all("citation_keywords", "citation_keyword"))),
        languages=page.texts("citation_language"),
        dates=_dates(
            page, checks, "citation_publication_date", "citation_cover_date", "citation_date", "citation_year"
        ),
        available=page_date(page.first("citation_online_date")),
        journal=journal,
        issns=issns,
        publisher=plain_text(page.first("citation_publisher") or "") or None,
        volume=known(plain_text(page.first("citation_volume") or "")),
        issue=known(plain_text(page.first("citation_issue", "citation_number") or "")),
        pages=f"{first}-{last}" if first and last and first != last and "-" not in first else first,
        article_number=known(page.first("citation_article_number", "citation_elocation_id")),
        contributors=_contributors(page, checks),
        references=read_references(page.texts("citation_reference"), checks),
        addresses=page.texts("citation_abstract_html_url", "citation_public_url"),
        files=[
            File(url=address, media_type=media_type)
            for name, media_type in (
                ("citation_pdf_url", "application/pdf"),
                ("citation_xml_url", "application/xml"),
                ("citation_fulltext_html_url", "text/html"),
            )
            for address in dict.fromkeys(page.texts(name))
            if is_web_address(address)
        ],
    )


def _dates(page: Page, checks: Checks, *names: str) -> list[str]:
    """Return the dates of these names that can be read."""
    found = []
    for text in page.texts(*names):
        date = page_date(text)
        if date is None:
            checks.warn("issued", f"“{text}” is no date that can be read without a guess")
        else:
            found.append(date)
    return found


def _contributors(page: Page, checks: Checks) -> list[Contributor]:
    """Return authors and editors; institution and iD stand behind the name that they belong to."""
    people: list[Contributor] = []
    for meta in page.metas:
        role = _AUTHORS.get(meta.name)
        if role is not None:
            person = _person(meta, role)
            if person is not None:
                people.append(person)
        elif people and meta.name in {"citation_author_institution", "citation_author_affiliation"}:
            name = without_mail(plain_text(meta.content))
            if name:
                people[-1] = replace(people[-1], affiliations=[*people[-1].affiliations, Affiliation(name=name)])
        elif people and meta.name in {"citation_author_orcid", "citation_orcid"} and people[-1].orcid is None:
            people[-1] = replace(people[-1], orcid=checks.orcid(meta.content))
    if not people:
        stated = [part for text in page.texts("citation_authors") for part in text.split(";") if part.strip()]
        people = [person for part in stated if (person := _person(Meta("", part, None), "author"))]
    people = [
        *_once([each for each in people if each.role == "author"], checks),
        *(p for p in people if p.role != "author"),
    ]
    counts: dict[str, int] = {}
    numbered = []
    for each in people:
        counts[each.role] = counts.get(each.role, 0) + 1
        numbered.append(replace(each, position=counts[each.role]))
    return numbered


def _person(meta: Meta, role: str) -> Contributor | None:
    """Return the person of one name, or None where there is none."""
    stated = without_mail(plain_text(meta.content)).strip(" ,;")
    if not stated:
        return None
    name, given, family = name_parts(stated)
    return Contributor(position=1, role=role, name=name, given=given, family=family)


def _once(people: list[Contributor], checks: Checks) -> list[Contributor]:
    """Return a list of authors once where the page has the whole of it several times, as SciELO's have."""
    names = [each.name for each in people]
    for length in range(2, len(names) // 2 + 1):
        if len(names) % length == 0 and names == names[:length] * (len(names) // length):
            checks.warn("contributors", f"the page states its {length} authors {len(names) // length} times")
            copies = [people[at::length] for at in range(length)]
            return [max(copy, key=lambda each: (len(each.affiliations), each.orcid is not None)) for copy in copies]
    return people
