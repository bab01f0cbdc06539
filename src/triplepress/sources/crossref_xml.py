"""Crossref's XML: what it gives out (unixref, unixsd, query results) and what members deposit.

REST messages are made from these very documents, so each article is turned into such a message and read as one: there
is one reader for what Crossref says, and one set of names for the fields of a reference.

References:
    Crossref, metadata deposit schema 4.3.0 to 5.3.1; UNIXREF 1.0 and 1.1; query output schema 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree
from msgspec.structs import replace

from triplepress.record import ArticleRecord, Rejected, Skipped, Source, language_tag
from triplepress.sources.crossref import read_work
from triplepress.sources.rejection import reject
from triplepress.sources.xml import child, children, descendants, language_of, local_name, parse_xml

_ROOTS: Final = frozenset({"doi_batch", "crossref_result", "doi_records", "doi_record", "crossref", "query_result"})
# Elements that describe one work, and the type that Crossref's REST API gives it.
_WORKS: Final = {
    "journal_article": "journal-article",
    "conference_paper": "proceedings-article",
    "posted_content": "posted-content",
    "content_item": "book-chapter",
    "dataset": "dataset",
    "standard_metadata": "standard",
    "report-paper_metadata": "report",
    "report-paper_series_metadata": "report-series",
    "dissertation": "dissertation",
    "peer_review": "peer-review",
    "pending_publication": "pending-publication",
    "book_metadata": "book",
    "book_series_metadata": "book",
    "book_set_metadata": "book-set",
    "proceedings_metadata": "proceedings",
    "proceedings_series_metadata": "proceedings",
    "database_metadata": "database",
    "grant": "grant",
    "component": "component",
}
# Deposits that add to a work without describing it.
_ADDITIONS: Final = {
    "crossmark_data",
    "lic_ref_data",
    "doi_citations",
    "doi_resources",
    "fundref_data",
    "doi_relations",
}
_CITED: Final = {
    "doi": "DOI",
    "cYear": "year",
    "unstructured_citation": "unstructured",
    "isbn": "ISBN",
    "issn": "ISSN",
    "journal_title": "journal-title",
    "article_title": "article-title",
    "volume_title": "volume-title",
    "series_title": "series-title",
    "first_page": "first-page",
    "edition_number": "edition",
    "component_number": "component",
    "std_designator": "standard-designator",
    "standards_body": "standards-body",
    "elocation_id": "article-number",
}


def is_crossref_xml(root: str | None) -> bool:
    """Tell whether a document with a root of this name is Crossref's."""
    return root in _ROOTS


def read_crossref_xml(data: bytes, source: Source) -> Iterator[ArticleRecord | Skipped | Rejected]:
    """Yield what is read of each work in one document.

    Args:
        data: The document's bytes.
        source: Where it was found.
    """
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        message = f"the XML is not well-formed: {error.msg}"
        yield reject(source, message, "Correct the file, or export it again", position=f"line {line}, column {column}")
        return
    yield from read_works(root, source)


def read_works(root: etree._Element, source: Source) -> Iterator[ArticleRecord | Skipped | Rejected]:
    """Yield what is read of each work below an element, its place counted among them.

    Args:
        root: A whole document, or the `crossref` element that another document carries.
        source: Where it was found; one that has a place already keeps it.
    """
    count = 0
    for element in root.iter():
        name = local_name(element)
        if name not in _WORKS and name not in _ADDITIONS and not _is_unresolved(element):
            continue
        if name in _WORKS and not children(element, "doi_data") and name != "pending_publication":
            continue  # a book or a series that is described only for its parts
        if name == "component" and "sa_component" not in map(local_name, element.iterancestors()):
            continue  # a part of the work that it stands in
        count += 1
        place = source if source.position else replace(source, position=f"item {count}")
        if name in _ADDITIONS:
            doi = _text(child(element, "doi")) or None
            yield Skipped(source=place, doi=doi.lower() if doi else None, kind=f"deposit of {name} alone")
        elif name not in _WORKS:
            message = f"Crossref answers: {_text(child(element, 'msg')) or element.get('status')}"
            yield reject(place, message, "Check the DOI that was asked for", value=_text(child(element, "doi")) or None)
        else:
            yield _read(element, place)
    if not count:
        yield reject(source, "no work in this document of Crossref's", "Export it again; it may be an answer of none")


def _is_unresolved(element: etree._Element) -> bool:
    """Tell whether an element is the answer to a query that found nothing."""
    return local_name(element) == "query" and element.get("status") in {"unresolved", "malformed"}


def _read(element: etree._Element, place: Source) -> ArticleRecord | Skipped | Rejected:
    """Return what is read of one work, with the languages that REST messages leave out."""
    result = read_work(_message(element), place)
    abstracts = [each for each in children(element, "abstract") if language_tag(language_of(each))]
    if isinstance(result, ArticleRecord) and result.abstracts and abstracts:
        texts = [replace(result.abstracts[0], lang=language_of(abstracts[0]))]
        return replace(result, abstracts=texts)
    return result


def _message(element: etree._Element) -> dict[str, Any]:
    """Return a work as Crossref's REST API states it."""
    journal = next((above for above in element.iterancestors() if local_name(above) == "journal"), None)
    metadata, issue = child(journal, "journal_metadata"), child(journal, "journal_issue")
    titles = child(element, "titles")
    doi_data = child(element, "doi_data")
    pages = child(element, "pages")
    first, last = _text(child(pages, "first_page")), _text(child(pages, "last_page"))
    item_numbers = [
        _text(number)
        for number in descendants(element, "item_number")
        if number.get("item_number_type") in {"article-number", "article_number"}
    ]
    message: dict[str, Any] = {
        "DOI": _text(child(doi_data, "doi")),
        "type": _WORKS[local_name(element)],
        "title": [_markup(each) for each in children(titles, "title")],
        "subtitle": [_markup(each) for each in children(titles, "subtitle")],
        "original-title": [_markup(each) for each in children(titles, "original_language_title")],
        "container-title": [_text(each) for each in children(metadata, "full_title")[:1]],
        "issn-type": [
            {"type": each.get("media_type") or "print", "value": _text(each)} for each in children(metadata, "issn")
        ],
        "language": element.get("language") or (metadata.get("language") if metadata is not None else None),
        "volume": _text(child(issue, "journal_volume", "volume")),
        "issue": _text(child(issue, "issue")),
        "page": f"{first}-{last}" if first and last else first,
        "article-number": item_numbers[0] if item_numbers else None,
        "publisher": _publisher(element),
        "resource": {"primary": {"URL": _text(child(doi_data, "resource"))}},
        "link": list(_links(doi_data)),
        "license": [
            {"URL": _text(each), "content-version": each.get("applies_to") or "unspecified"}
            for each in descendants(element, "license_ref")
        ],
        "abstract": next((_markup(each) for each in children(element, "abstract")), None),
        "assertion": [
            {"name": each.get("name"), "value": _text(each)}
            for holder in descendants(element, "custom_metadata")
            for each in children(holder, "assertion")
        ],
        "update-to": [{"type": each.get("type"), "DOI": _text(each)} for each in descendants(element, "update")],
        "relation": _relations(element),
        "reference": [_cited(each) for each in descendants(element, "citation")],
    }
    for person in children(child(element, "contributors"), "person_name", "organization"):
        message.setdefault(person.get("contributor_role") or "author", []).append(_contributor(person))
    return message | _dates(element, issue)


def _dates(element: etree._Element, issue: etree._Element | None) -> dict[str, Any]:
    """Return the dates: the article's own, else its issue's; `issued` is the earliest, as in REST messages."""
    found: dict[str, list[str]] = {}
    for date in children(element, "publication_date", "posted_date") or children(issue, "publication_date"):
        parts = [_text(child(date, part)) for part in ("year", "month", "day")]
        kind = "published-online" if date.get("media_type") == "online" else "published-print"
        # A month above 12 is one of Crossref's numbers for seasons and quarters.
        stated = parts[:1] if parts[1].isdigit() and int(parts[1]) > 12 else [part for part in parts if part]
        found.setdefault(kind, stated)
    accepted = child(element, "acceptance_date")
    dates: dict[str, Any] = {kind: {"date-parts": [parts]} for kind, parts in found.items()}
    if accepted is not None:
        dates["accepted"] = {"date-parts": [[_text(child(accepted, part)) for part in ("year", "month", "day")]]}
    if found:
        earliest = min(found.values(), key=lambda parts: [part.zfill(4) for part in parts])
        dates["issued"] = {"date-parts": [earliest]}
    return dates


def _contributor(person: etree._Element) -> dict[str, Any]:
    """Return a person or an organisation."""
    affiliations: list[dict[str, Any]] = [{"name": _text(each)} for each in children(person, "affiliation")]
    for institution in descendants(person, "institution"):
        rors = [each for each in children(institution, "institution_id") if (each.get("type") or "").lower() == "ror"]
        affiliations.append(
            {
                "name": _text(child(institution, "institution_name")),
                "id": [{"id-type": "ROR", "id": _text(each)} for each in rors],
            }
        )
    if local_name(person) == "organization":
        return {"name": _markup(person), "affiliation": affiliations}
    return {
        "given": _text(child(person, "given_name")),
        "family": _text(child(person, "surname")),
        "suffix": _text(child(person, "suffix")),
        "ORCID": _text(child(person, "ORCID")),
        "affiliation": affiliations,
    }


def _cited(citation: etree._Element) -> dict[str, Any]:
    """Return an entry of the reference list under the names of REST messages."""
    entry: dict[str, Any] = {}
    for part in citation:
        name = local_name(part)
        value = _text(part) if name == "doi" else _markup(part)
        if name and value:
            entry.setdefault(_CITED.get(name, name), value)
    return entry


def _links(doi_data: etree._Element | None) -> Iterator[dict[str, Any]]:
    """Yield the files for text mining: the others are for crawlers of similarity services."""
    for collection in children(doi_data, "collection"):
        if collection.get("property") == "text-mining":
            for resource in descendants(collection, "resource"):
                yield {
                    "URL": _text(resource),
                    "content-type": resource.get("mime_type") or "unspecified",
                    "content-version": resource.get("content_version") or "vor",
                }


def _relations(element: etree._Element) -> dict[str, list[dict[str, Any]]]:
    """Return the relations under the names of REST messages: `isPreprintOf` is `is-preprint-of` there."""
    relations: dict[str, list[dict[str, Any]]] = {}
    for relation in descendants(element, "inter_work_relation", "intra_work_relation"):
        stated = relation.get("relationship-type") or "is-related-to"
        name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in stated)
        relations.setdefault(name, []).append({"id-type": relation.get("identifier-type"), "id": _text(relation)})
    return relations


def _publisher(element: etree._Element) -> str | None:
    """Return the publisher that Crossref names beside the record; a deposit names none for a journal."""
    for above in element.iterancestors():
        for item in children(above, "crm-item"):
            if item.get("name") == "publisher-name":
                return _text(item)
    return None


def _text(element: etree._Element | None) -> str:
    """Return an element's text on one line; empty for none."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())


def _markup(element: etree._Element) -> str:
    """Return what an element holds, with its markup: how it reads is told where all of Crossref's markup is."""
    if not len(element):
        return _escaped(element.text)
    parts = [_escaped(element.text)]
    for part in element:
        piece = str(etree.tostring(part, encoding="unicode", with_tail=False))
        parts += [piece, _escaped(part.tail)]
    return " ".join("".join(parts).split())


def _escaped(text: str | None) -> str:
    """Return a text as it stands in a document, on one line: an angle bracket in it must not become a tag."""
    return " ".join(f".{text or ''}.".split())[1:-1].replace("&", "&amp;").replace("<", "&lt;")
