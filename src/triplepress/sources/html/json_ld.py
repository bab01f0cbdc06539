"""schema.org in JSON-LD blocks: the node that is an article, and what its issue, volume and journal say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from triplepress.identifiers import find_dois
from triplepress.record import Affiliation, Contributor, Reference, Text
from triplepress.sources.checks import Checks
from triplepress.sources.html.page import Page
from triplepress.sources.html.statement import Statement, page_date, split_keywords
from triplepress.sources.names import name_parts
from triplepress.sources.values import as_clean, as_objects, as_text, as_texts, known, without_mail

_ARTICLES: Final = frozenset({"ScholarlyArticle", "MedicalScholarlyArticle"})
# An article of any kind: only together with a journal or a DOI is it one of a journal.
_MAYBE: Final = frozenset({"Article", "TechArticle"})
_OTHERS: Final = {
    "Dataset": "dataset",
    "SoftwareSourceCode": "software",
    "SoftwareApplication": "software",
    "Book": "book",
    "Chapter": "book-chapter",
    "Thesis": "thesis",
    "Report": "report",
    "BlogPosting": "blog-post",
    "NewsArticle": "news-article",
    "PublicationIssue": "journal-issue",
    "Periodical": "journal",
}
_ORCID: Final = re.compile(r"orcid\.org/", re.IGNORECASE)
_DOI: Final = re.compile(r"\s*(?:doi[\s:]|https?://(?:dx\.|www\.)?doi\.org/|10\.[0-9]{4,9}/)", re.IGNORECASE)

Node = Mapping[str, Any]


def read_json_ld(page: Page, checks: Checks) -> Statement:
    """Return what the JSON-LD of a page says of its article."""
    named = {node["@id"]: node for node in page.nodes if isinstance(node.get("@id"), str)}
    article = next((node for node in page.nodes if _types(node) & _ARTICLES), None)
    maybe = article or next((node for node in page.nodes if _types(node) & _MAYBE), None)
    other = next((_OTHERS[kind] for node in page.nodes for kind in _types(node) if kind in _OTHERS), None)
    if maybe is None:
        return Statement(other=other)
    parents = list(_parents(maybe, named))
    journal = next((node for node in parents if "Periodical" in _types(node)), parents[-1] if parents else {})
    title = as_clean(maybe.get("headline")) or as_clean(maybe.get("name"))
    abstract = as_clean(maybe.get("abstract"))
    journal_name = as_clean(journal.get("name"))
    publisher = _resolved(journal.get("publisher") or maybe.get("publisher"), named)
    first, last = known(as_text(maybe.get("pageStart"))), known(as_text(maybe.get("pageEnd")))
    return Statement(
        article=article is not None,
        dois=list(_dois(maybe)),
        titles=[Text(text=title)] if title else [],
        abstracts=[Text(text=abstract)] if abstract else [],
        keywords=split_keywords(
            [Text(text=clean) for text in as_texts(maybe.get("keywords")) if (clean := as_clean(text))]
        ),
        languages=[
            text
            for item in _list(maybe.get("inLanguage"))
            if (text := as_text(item) or as_text(_resolved(item, named).get("alternateName")))
        ],
        dates=[date for text in as_texts(maybe.get("datePublished")) if (date := page_date(text))],
        journal=[Text(text=journal_name)] if journal_name else [],
        issns=[(None, text) for node in parents for text in as_texts(node.get("issn"))],
        publisher=as_clean(publisher.get("name")),
        volume=known(_stated("volumeNumber", maybe, parents)),
        issue=known(_stated("issueNumber", maybe, parents)),
        pages=(f"{first}-{last}" if last and last != first else first)
        if first
        else known(as_text(maybe.get("pagination"))),
        contributors=list(_people(maybe, named, checks)),
        licences=[text for item in _list(maybe.get("license")) if (text := _address(item))],
        references=list(_references(maybe)),
        addresses=[text for text in as_texts(maybe.get("url")) if not _DOI.match(text)],
    )


def _types(node: Node) -> set[str]:
    """Return the names of a node's types, without their namespace."""
    return {re.split(r"[/#:]", text)[-1] for text in as_texts(node.get("@type"))}


def _list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON a page states
    return value if isinstance(value, list) else [] if value is None else [value]


def _resolved(value: Any, named: Mapping[str, Node]) -> Node:  # noqa: ANN401
    """Return the node that a value is or names; the first of a list."""
    first = next(iter(_list(value)), None)
    if isinstance(first, str):
        return named.get(first) or {"name": first}
    if not isinstance(first, dict):
        return {}
    identifier = first.get("@id")
    return named.get(identifier, first) if isinstance(identifier, str) and len(first) == 1 else first


def _parents(node: Node, named: Mapping[str, Node]) -> Iterator[Node]:
    """Yield what an article is part of, the nearest first; a page may state a circle."""
    for _ in range(6):
        parents = [_resolved(item, named) for item in _list(node.get("isPartOf"))]
        parents = [
            parent for parent in parents if _types(parent) & {"PublicationIssue", "PublicationVolume", "Periodical"}
        ]
        if not parents:
            return
        yield from parents
        node = parents[-1]


def _stated(name: str, article: Node, parents: list[Node]) -> str | None:
    """Return the first value of a property among an article and what it is part of."""
    return next((text for node in (article, *parents) if (text := as_text(node.get(name)))), None)


def _address(item: Any) -> str | None:  # noqa: ANN401
    """Return a licence's address or name."""
    if isinstance(item, dict):
        return as_text(item.get("url")) or as_text(item.get("@id")) or as_text(item.get("name"))
    return as_text(item)


def _dois(node: Node) -> Iterator[str]:
    """Yield what may be the article's DOI."""
    for item in _list(node.get("identifier")):
        if isinstance(item, dict):
            label = f"{as_text(item.get('propertyID')) or ''} {as_text(item.get('name')) or ''}"
            value = as_text(item.get("value")) or as_text(item.get("@id"))
            if value and ("doi" in label.lower() or _DOI.match(value)):
                yield value
        elif isinstance(item, str) and _DOI.match(item):
            yield item
    for name in ("doi", "@id", "sameAs", "url"):
        yield from (text for text in as_texts(node.get(name)) if _DOI.match(text))


def _people(node: Node, named: Mapping[str, Node], checks: Checks) -> Iterator[Contributor]:
    """Yield the authors, or else the creators."""
    for position, item in enumerate(_list(node.get("author")) or _list(node.get("creator")), start=1):
        person = _resolved(item, named)
        given, family = as_clean(person.get("givenName")), as_clean(person.get("familyName"))
        stated = as_clean(person.get("name"))
        if stated and not family:
            stated, given, family = name_parts(stated)
        name = " ".join(part for part in (given, family) if part) if given and family else stated or family
        if name:
            yield Contributor(
                position=position,
                name=name,
                given=given,
                family=family,
                organisation="Organization" in _types(person),
                orcid=orcid_of(person, checks),
                affiliations=[
                    Affiliation(name=clean)
                    for each in _list(person.get("affiliation"))
                    if (text := as_clean(_resolved(each, named).get("name"))) and (clean := without_mail(text))
                ],
            )


def orcid_of(person: Node, checks: Checks) -> str | None:
    """Return the ORCID iD among a person's addresses."""
    identifiers = [
        as_text(item.get("value")) or as_text(item.get("@id")) for item in as_objects(person.get("identifier"))
    ]
    stated = [text for name in ("@id", "sameAs", "identifier", "url") for text in as_texts(person.get(name))]
    return next((checks.orcid(text) for text in [*stated, *filter(None, identifiers)] if _ORCID.search(text)), None)


def orcids_by_name(page: Page) -> dict[str, str]:
    """Return the iDs of all persons of the page's JSON-LD by their names; a name with two iDs has none."""
    found: dict[str, set[str]] = {}
    stack: list[Any] = list(page.nodes)
    checks = Checks()
    while stack:
        each = stack.pop()
        if isinstance(each, list):
            stack.extend(each)
        elif isinstance(each, dict):
            stack.extend(each.values())
            if "Person" in _types(each) and (name := as_clean(each.get("name"))) and (orcid := orcid_of(each, checks)):
                found.setdefault(name_parts(name)[0].casefold(), set()).add(orcid)
    return {name: iris.pop() for name, iris in found.items() if len(iris) == 1}


def _references(node: Node) -> Iterator[Reference]:
    """Yield the cited works: printed texts, or nodes of which the name and the DOI are kept."""
    for position, item in enumerate(_list(node.get("citation")), start=1):
        text = as_clean(item)
        if text:
            found = find_dois(text)
            yield Reference(position=position, text=text, doi=found[0] if len(found) == 1 else None)
        elif isinstance(item, dict):
            checks = Checks()
            fields = {
                name: value for name in ("name", "headline", "datePublished") if (value := as_clean(item.get(name)))
            }
            doi = next((doi for stated in _dois(item) if (doi := checks.doi(stated))), None)
            if fields or doi:
                yield Reference(position=position, doi=doi, fields=fields)
