"""The reference list of a JATS article: printed text where there is one, fields as tagged, identifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois, parse_doi_field
from triplepress.record import RecordWarning, Reference
from triplepress.sources.jats.contributors import element_text
from triplepress.sources.xml import children, descendants, link_of, local_name

# Running text with tags in it, and fields with nothing between them (whose order is not the printed one).
_PRINTED: Final = frozenset({"mixed-citation", "citation", "nlm-citation"})
_CITATIONS: Final = _PRINTED | {"element-citation"}
_FIELDS: Final = frozenset(
    {"article-title", "chapter-title", "source", "year", "volume", "issue", "fpage", "lpage", "elocation-id"}
    | {"page-range", "publisher-name", "publisher-loc", "edition", "series", "conf-name", "month", "size", "comment"}
    | {"trans-title", "trans-source", "part-title", "data-title", "institution", "patent", "supplement", "version"}
)
# Elements that change the looks of a text, and never stand for a blank.
_STYLES: Final = frozenset(
    {"italic", "bold", "sup", "sub", "sc", "underline", "monospace", "roman", "sans-serif", "strike", "overline"}
    | {"styled-content", "named-content", "xref", "inline-graphic", "inline-formula"}
)
_IDENTIFIERS: Final = {
    "pmid": "pmid",
    "pmcid": "pmcid",
    "pmc": "pmcid",
    "isbn": "isbn",
    "arxiv": "arxiv",
    "issn": "issn",
}
_PUNCTUATION: Final = re.compile(r"[^\W\d_]\s*[.,;:(]\s*[\w(]")


def read_references(article: etree._Element, own_doi: str | None, warnings: list[RecordWarning]) -> list[Reference]:
    """Return the entries of all reference lists, numbered as on the page; works of one entry share its number.

    Args:
        article: The article; the lists of its sub-articles are theirs.
        own_doi: The article's own DOI, which no entry's text can be cited by.
        warnings: Takes what could not be used.
    """
    refs = [
        ref
        for ref in descendants(article, "ref")
        if not any(local_name(above) in {"sub-article", "response"} for above in ref.iterancestors())
    ]
    return [
        _reference(position, citations, own_doi, warnings)
        for position, ref in enumerate(refs, start=1)
        for citations in _works_of(ref)
    ]


def _works_of(ref: etree._Element) -> list[list[etree._Element]]:
    """Return the citations of one `ref`, grouped by the work they describe.

    A printed form beside an element-citation is the same work twice; two of one form are two works.
    """
    holders = [ref, *children(ref, "citation-alternatives")]
    found = [element for holder in holders for element in holder if local_name(element) in _CITATIONS]
    if not found:  # a plain note in the list
        notes = children(ref, "note", "p")
        return [notes[:1]] if notes else []
    groups: list[list[etree._Element]] = []
    for element in found:
        group = next((g for g in groups if all(local_name(other) != local_name(element) for other in g)), None)
        if group is None:
            groups.append([element])
        else:
            group.append(element)
    return groups


def _reference(
    position: int, citations: list[etree._Element], own_doi: str | None, warnings: list[RecordWarning]
) -> Reference:
    """Return one entry from its citation elements."""
    text: str | None = None
    fields: dict[str, Any] = {}
    identifiers: dict[str, str] = {}
    doi: str | None = None
    for citation in citations:
        if text is None and local_name(citation) != "element-citation":
            printed = _printed_text(citation)
            text = printed if local_name(citation) != "nlm-citation" or _reads_as_prose(citation) else None
        for name, value in _fields(citation).items():
            fields.setdefault(name, value)
        for scheme, value in _identifiers(citation).items():
            identifiers.setdefault(scheme, value)
        doi = doi or _stated_doi(citation, position, warnings)
    if doi is None:
        found = [hidden for hidden in find_dois(_all_text(citations)) if hidden != own_doi]
        doi = found[0] if len(found) == 1 else None  # of two in one entry nothing says which is cited
    return Reference(position=position, text=text or None, doi=doi, identifiers=identifiers, fields=fields)


def _printed_text(citation: etree._Element) -> str:
    """Return the running text of a citation without its label."""
    return " ".join(_inline(citation).split())


def _inline(element: etree._Element) -> str:
    """Return the text of an element of a citation.

    Where two elements meet with nothing between them, such as surname and given names or DOI and PMID, the journal's
    style sheet puts something, so a blank keeps them apart.
    """
    parts = [element.text or ""]
    apart = False
    for part in element:
        name = local_name(part)
        if name and name != "label":
            meets = apart and not parts[-1] and name not in _STYLES
            parts.append(" " if meets or name == "note" else "")
            parts.append(_inline(part))
            apart = name not in _STYLES
        parts.append(part.tail or "")
    return "".join(parts)


def _reads_as_prose(citation: etree._Element) -> bool:
    """Tell whether an NLM citation holds its punctuation, or only fields one after another."""
    between = "".join((part.tail or "") for part in citation).strip()
    return bool(re.search(r"[.,;:()]", between)) and bool(_PUNCTUATION.search(_printed_text(citation)))


def _all_text(citations: list[etree._Element]) -> str:
    """Return all text of some citations, elements kept apart, and where their links lead."""
    parts: list[str] = []
    for citation in citations:
        parts += [_printed_text(citation), " "]
        parts += [f" {link} " for element in descendants(citation, "ext-link", "uri") if (link := link_of(element))]
        parts += [f" {element_text(element)} " for element in descendants(citation, "pub-id", "comment", "ext-link")]
    return "".join(parts)


def _fields(citation: etree._Element) -> dict[str, Any]:
    """Return the tagged fields of a citation, under the names that JATS gives them."""
    fields: dict[str, Any] = {}
    kind = citation.get("publication-type") or citation.get("citation-type") or citation.get("publication-format")
    if kind:
        fields["publication-type"] = kind
    names = [name for element in descendants(citation, "name", "string-name") if (name := _person(element))]
    names += [name for element in descendants(citation, "collab") if (name := element_text(element))]
    if names:
        fields["authors"] = names
    for element in descendants(citation, *_FIELDS):
        text = element_text(element)
        if text and local_name(element) not in fields:
            fields[local_name(element)] = text
    return fields


def _person(element: etree._Element) -> str:
    """Return a cited person's name, family name first, as reference lists print it."""
    parts = [element_text(found) for found in children(element, "surname", "given-names", "suffix")]
    return " ".join(part for part in parts if part) or element_text(element)


def _identifiers(citation: etree._Element) -> Mapping[str, str]:
    """Return the identifiers other than the DOI that a citation tags."""
    found: dict[str, str] = {}
    for element in descendants(citation, "pub-id", "isbn", "issn"):
        kind = (element.get("pub-id-type") or local_name(element)).lower()
        text = element_text(element)
        if kind in _IDENTIFIERS and text:
            found.setdefault(_IDENTIFIERS[kind], text)
    return found


def _stated_doi(citation: etree._Element, position: int, warnings: list[RecordWarning]) -> str | None:
    """Return the DOI that a citation tags as one."""
    for element in descendants(citation, "pub-id", "ext-link", "object-id"):
        kind = (element.get("pub-id-type") or element.get("ext-link-type") or "").lower()
        if kind != "doi":
            continue
        for text in (element_text(element), link_of(element) or ""):
            try:
                return parse_doi_field(text)
            except RecordError:
                found = find_dois(text)
                if len(found) == 1:
                    return found[0]
        warnings.append(
            RecordWarning(field=f"references[{position}].doi", message=f"“{element_text(element)}” is no DOI")
        )
    return None
