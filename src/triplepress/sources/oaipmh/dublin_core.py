"""Unqualified Dublin Core, as OJS, Elpub, DSpace and others put it into `oai_dc`.

An article's own DOI stands in `dc:identifier` alone: a `dc:relation` names galleys, cited works or the publisher's
version, which is another record's business. Of a date, a language or a description that several elements state
differently none is picked at will.

References:
    DCMI Metadata Element Set, version 1.1; OJS, "Dublin Core metadata format"; DRIVER guidelines 2.0 (types).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import zip_longest
from typing import Final

from lxml import etree
from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import normalise_doi, parse_doi_field, parse_issn
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Citation,
    Contributor,
    File,
    Journal,
    OrganisationName,
    OtherName,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.citations import Citation as Place
from triplepress.sources.citations import read_citation
from triplepress.sources.languages import language_code, tagged
from triplepress.sources.licences import licence_iri
from triplepress.sources.names import name_parts
from triplepress.sources.oaipmh.protocol import Header, first_text, plain, texts
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import date_in, is_web_address, without_mail
from triplepress.sources.xml import children, language_of

# Types as repositories write them, letters only, and what they are; `None` says nothing either way.
_KINDS: Final = {
    "article": "journal-article",
    "articulo": "journal-article",
    "artigo": "journal-article",
    "makale": "journal-article",
    "статья": "journal-article",
    "journalarticle": "journal-article",
    "researcharticle": "journal-article",
    "originalarticle": "journal-article",
    "peerreviewedarticle": "journal-article",
    "doctypearticle": "journal-article",
    "рецензируемаястатья": "journal-article",
    "contributiontojournal": "journal-article",
    "review": "journal-article",
    "bookreview": "book-review",
    "reviewarticle": "review-article",
    "editorial": "editorial",
    "letter": "letter",
    "casereport": "case-report",
    "correction": "correction",
    "erratum": "correction",
}
_VAGUE: Final = frozenset(
    {
        "text",
        "",
        "publishedversion",
        "acceptedversion",
        "submittedversion",
        "updatedversion",
        "draft",
        "nonpeerreviewedarticle",
    }
    | {"other", "info", "version", "peerreviewed", "article0"}
)
_ARTICLE_NUMBER: Final = 121  # BASE's normalised type of an article in a journal
_NO_DATE: Final = "2100"  # 9999 and the like stand for an unknown year
_ABSTRACT: Final = 80  # characters: a shorter description is a remark
_REMARK: Final = re.compile(
    r"(?:comment|comments|submitted by|made available|approved for entry|peer reviewed)\b", re.I
)


def read_dublin_core(
    element: etree._Element, header: Header, source: Source
) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the record of one `oai_dc:dc`, or of another wrapping of the same fifteen elements.

    Args:
        element: The element that holds them.
        header: The record's header.
        source: Where it was found.
    """
    del header
    kind, stated = _kind(element)
    places = _places(element)
    issns = _issns(element)
    doi, checks = _doi(element)
    if kind is None and (stated is not None or not (places or issns)):
        yield Skipped(source=source, doi=doi, kind=stated or "without a type or a journal")
        return
    try:
        yield _record(element, source, kind or "journal-article", doi, places, issns, checks)
    except RecordError as error:
        yield reject_value(source, error, doi=doi)


def _record(
    element: etree._Element,
    source: Source,
    kind: str,
    doi: str | None,
    places: list[tuple[Place, str | None]],
    issns: list[tuple[str | None, str]],
    checks: Checks,
) -> ArticleRecord:
    """Return the record of an article."""
    place = places[0][0] if places else None
    issued, available = _dates(element, place, checks)
    titles = _tagged(element, "title")
    journal_titles = tagged((found.journal, lang) for found, lang in places)
    languages = {code for text in texts(element, "language") if (code := language_code(text))}
    pages = [links for text in texts(element, "identifier") if (links := _address(text))]
    numbers = checks.issns(issns)
    citation = next((text for text in texts(element, "identifier") if _is_citation(text, titles)), None)
    return ArticleRecord(
        doi=doi,
        kind=kind,
        titles=titles,
        abstracts=_abstracts(element, checks),
        keywords=_keywords(element),
        language=languages.pop() if len(languages) == 1 else None,
        issued=issued,
        available=available,
        journal=Journal(titles=journal_titles, publisher=first_text(element, "publisher"), **numbers)
        if journal_titles or issns
        else None,
        volume=place.volume if place else None,
        issue=place.issue if place else None,
        pages=_joined(place) if place else None,
        first_page=place.first_page if place else None,
        last_page=place.last_page if place else None,
        contributors=_creators(element, checks),
        licences=list(
            dict.fromkeys(iri for text in texts(element, "rights", "license") if (iri := licence_iri(text)) is not None)
        ),
        relations=_relations(element, doi),
        landing_pages=[link for link in dict.fromkeys(pages) if not _is_file(link)],
        files=[File(url=link) for link in dict.fromkeys([*pages, *_relation_links(element)]) if _is_file(link)],
        citation=Citation(text=citation) if citation else None,
        sources=[source],
        warnings=checks.warnings,
    )


def _kind(element: etree._Element) -> tuple[str | None, str | None]:
    """Return the kind of article, or the type that says it is none; neither where nothing says anything."""
    other: str | None = None
    found: str | None = None
    for text in texts(element, "type"):
        name = re.sub(r"[\W\d_]+", "", text.rpartition("/")[2]).lower()
        if name in _KINDS:
            if found in (None, "journal-article"):
                found = _KINDS[name]
        elif name not in _VAGUE and other is None:
            other = text
    if found is None and first_text(element, "typenorm") == str(_ARTICLE_NUMBER):
        found = "journal-article"
    if found and other and re.search(r"conference|proceeding|preprint|thesis|dissertation|book|chapter", other, re.I):
        return None, other  # DSpace calls everything an article and then says what it really is
    return found, None if found else other


def _doi(element: etree._Element) -> tuple[str | None, Checks]:
    """Return the one DOI among the identifiers; of two different ones neither is known to be the article's."""
    checks = Checks()
    found: dict[str, None] = {}
    for text in texts(element, "identifier"):
        if re.match(r"(?:doi[\s:]|info:doi/|https?://(?:dx\.|www\.)?doi\.org/|10\.[0-9]{4,9}/)", text, re.IGNORECASE):
            try:
                found[parse_doi_field(text)] = None
            except RecordError as error:
                checks.warn("doi", str(error))
    if len(found) > 1:
        checks.warn("doi", f"the record states several DOIs, and which is its own cannot be told: {', '.join(found)}")
    return (next(iter(found)) if len(found) == 1 else None), checks


def _places(element: etree._Element) -> list[tuple[Place, str | None]]:
    """Return what the sources say of the article's place in its journal, with their languages."""
    return [
        (place, language_of(source))
        for source in children(element, "source")
        if (place := read_citation(plain(source))) is not None
    ]


def _issns(element: etree._Element) -> list[tuple[str | None, str]]:
    """Return the ISSNs among sources and identifiers, each once, with their kinds where these can be told.

    OJS, and Elpub after it, writes the electronic one and then the printed one beside the line of the journal. Of one
    alone, or of two from elsewhere, nothing says which it is. A range of years is none.
    """
    found: dict[str, str] = {}
    for name in ("source", "identifier"):
        for text in texts(element, name):
            bare = re.sub(r"^(?:urn:)?\s*e?-?issn[\s:]*", "", text, flags=re.IGNORECASE)
            if re.fullmatch(r"[0-9]{4}-[0-9]{3}[0-9Xx]", bare):
                with suppress(RecordError):
                    found.setdefault(parse_issn(bare), name)
    if list(found.values()) == ["source", "source"] and _places(element):
        return list(zip(("electronic", "print"), found, strict=True))
    return [(None, issn) for issn in found]


def _dates(element: etree._Element, place: Place | None, checks: Checks) -> tuple[str | None, str | None]:
    """Return the date of the issue, and the day of publication online where that is of another year.

    Moments (with a time of day) are those of the deposit. Several dates of one year give what they have in common.
    """
    stated = [text for text in texts(element, "date") if not re.search(r"T[0-9]{2}:|[0-9] [0-9]{2}:", text)]
    dates = {date for text in stated if (date := date_in(text)) and date < _NO_DATE}
    year = place.year if place else None
    if len(dates) > 1:
        finest = max(dates, key=len)
        years = {date[:4] for date in dates}
        if all(finest.startswith(date) for date in dates):
            dates = {finest}
        else:
            checks.warn("issued", f"the record states several dates: {', '.join(sorted(dates))}")
            dates = years if len(years) == 1 else set()
    date = next(iter(dates), None)
    if date is None or year is None or date.startswith(year):
        return date or year, None
    return year, date


def _tagged(element: etree._Element, name: str) -> list[Text]:
    """Return the texts of one element's occurrences with their languages."""
    return tagged((text, language_of(found)) for found in children(element, name) if (text := plain(found)))


def _abstracts(element: etree._Element, checks: Checks) -> list[Text]:
    """Return the descriptions that are long enough for an abstract, one a language."""
    found: dict[str | None, Text] = {}
    stated = [(plain(item), language_of(item)) for item in children(element, "description", "abstract")]
    for each in tagged((text, lang) for text, lang in stated if len(text) >= _ABSTRACT and not _REMARK.match(text)):
        if each.lang in found:
            checks.warn("abstracts", f"the record states another description: {each.text[:120]}…")
        found.setdefault(each.lang, each)
    return list(found.values())


def _keywords(element: etree._Element) -> list[Text]:
    """Return the subjects, of which OJS and Elpub write several into one element; addresses of concepts are none."""
    return list(
        dict.fromkeys(
            Text(text=word.strip(), lang=language_code(language_of(subject)))
            for subject in children(element, "subject")
            for word in plain(subject).split(";")
            if word.strip() and not word.strip().lower().startswith(("http:", "https:", "info:"))
        )
    )


def _creators(element: etree._Element, checks: Checks) -> list[Contributor]:
    """Return the authors; where their names come once a language, in equal number, each is one person."""
    groups: dict[str | None, list[etree._Element]] = {}
    for creator in children(element, "creator"):
        if plain(creator):
            groups.setdefault(language_code(language_of(creator)), []).append(creator)
    if not groups:
        return []
    (lang, main), *others = groups.items()
    paired = [(code, group) for code, group in others if len(group) == len(main)]
    for code, group in others:
        if len(group) != len(main):
            checks.warn("contributors", f"{len(group)} names in “{code}” stand beside {len(main)}, so none is matched")
    contributors = []
    for position, versions in enumerate(zip_longest(main, *(group for _, group in paired)), start=1):
        (name, given, family), affiliations = _creator(versions[0], lang)
        for (code, _), version in zip(paired, versions[1:], strict=True):
            affiliations = _beside(affiliations, _creator(version, code)[1])
        contributors.append(
            Contributor(
                position=position,
                name=name,
                given=given,
                family=family,
                lang=lang,
                other_names=[
                    OtherName(name=parts[0], given=parts[1], family=parts[2], lang=code)
                    for (code, _), version in zip(paired, versions[1:], strict=True)
                    if (parts := _creator(version, code)[0])[0] != name
                ],
                orcid=checks.orcid(next((value for key in ("id", "orcid") if (value := versions[0].get(key))), None)),
                affiliations=affiliations,
            )
        )
    return contributors


def _creator(element: etree._Element, lang: str | None) -> tuple[tuple[str, str | None, str | None], list[Affiliation]]:
    """Return a creator's name and its parts, and the organisations that OJS and Elpub write after a semicolon."""
    name, *rest = (part.strip() for part in without_mail(plain(element)).split(";"))
    return name_parts(name), [Affiliation(name=part, lang=lang) for part in rest if part]


def _beside(affiliations: list[Affiliation], others: list[Affiliation]) -> list[Affiliation]:
    """Return affiliations with their names in another language, where as many are stated in both."""
    if len(affiliations) != len(others):
        return affiliations
    return [
        each
        if each.name == other.name
        else replace(each, other_names=[*each.other_names, OrganisationName(name=other.name, lang=other.lang)])
        for each, other in zip(affiliations, others, strict=True)
    ]


def _joined(place: Place) -> str | None:
    """Return the pages as one text."""
    return f"{place.first_page}-{place.last_page}" if place.last_page else place.first_page


def _address(text: str) -> str | None:
    """Return a web address that is no DOI's."""
    return text if is_web_address(text) and not re.match(r"https?://(?:dx\.|www\.)?doi\.org/", text, re.I) else None


def _is_file(link: str) -> bool:
    """Tell whether an address is that of the full text itself; a galley's page is none."""
    return link.lower().endswith(".pdf") or "/article/download/" in link


def _relation_links(element: etree._Element) -> list[str]:
    """Return the addresses among the relations."""
    return [link for text in texts(element, "relation") if (link := _address(text))]


def _relations(element: etree._Element, own: str | None) -> list[Relation]:
    """Return the related works that are named by a DOI; how they are related, Dublin Core does not say."""
    found: dict[str, Relation] = {}
    for text in texts(element, "relation"):
        try:
            doi = normalise_doi(text)
        except RecordError:
            continue
        if doi != own:
            found[doi] = Relation(type="is-related-to", doi=doi)
    return list(found.values())


def _is_citation(text: str, titles: list[Text]) -> bool:
    """Tell whether an identifier is the printed citation of the article, which DSpace writes there."""
    return " " in text and any(len(title.text) > 15 and title.text.lower() in text.lower() for title in titles)
