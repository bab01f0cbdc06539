"""Authors and other contributors with their affiliations, as the front matter of a JATS article states them."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from triplepress.errors import RecordError
from triplepress.identifiers import parse_orcid, parse_ror
from triplepress.record import Affiliation, Contributor, OtherName, RecordWarning
from triplepress.sources.markup import plain_text, render
from triplepress.sources.values import without_mail
from triplepress.sources.xml import child, children, descendants, language_of, local_name

# What stands inside an affiliation and is no part of the organisation's name: marks, addresses, mail.
_NOT_NAME: Final = frozenset(
    {"label", "sup", "addr-line", "country", "email", "phone", "fax", "uri", "ext-link", "institution-id", "xref"}
    | {"city", "state", "postal-code", "named-content"}
)
_ORIGINAL: Final = frozenset({"original", "normalized"})
_ROLES: Final = {
    "author": "author",
    "": "author",
    "editor": "editor",
    "translator": "translator",
    "compiler": "compiler",
}


def element_text(element: etree._Element | None) -> str:
    """Return the readable text of an element on one line; empty for none."""
    if element is None:
        return ""
    if len(element) or local_name(element) in {"sup", "sub", "fn", "xref"}:
        return " ".join(render(element).split())
    return " ".join((element.text or "").split())  # most have no markup in them


def read_contributors(meta: etree._Element, warnings: list[RecordWarning]) -> list[Contributor]:
    """Return the contributors of an article's metadata in the order of the page, positions counted in each role.

    Args:
        meta: `article-meta`, or the `front-stub` of a sub-article.
        warnings: Takes what could not be used.
    """
    by_id = {identifier: element for element in descendants(meta, "aff") if (identifier := element.get("id"))}
    corresponding = {fn.get("id") for fn in descendants(meta, "corresp")}
    contributors: list[Contributor] = []
    positions: dict[str, int] = {}
    affiliations: dict[int, list[Affiliation]] = {}
    for group in children(meta, "contrib-group"):
        of_group = [aff for aff in children(group, "aff", "aff-alternatives") if not aff.get("id")]
        for contrib in children(group, "contrib"):
            role = _ROLES.get((contrib.get("contrib-type") or group.get("content-type") or "").lower())
            if role is None:
                continue  # a reviewer or a funder is no contributor to the article
            name = _name(contrib)
            if name is None:
                warnings.append(RecordWarning(field="contributors", message="a contributor without a name"))
                continue
            positions[role] = positions.get(role, 0) + 1
            targets = [
                identifier for xref in descendants(contrib, "xref") for identifier in (xref.get("rid") or "").split()
            ]
            marked = contrib.get("corresp") == "yes" or any(target in corresponding for target in targets)
            elements = [by_id[target] for target in targets if target in by_id]
            elements += children(contrib, "aff", "aff-alternatives")
            stated: list[Affiliation] = []
            for element in elements or of_group:
                if id(element) not in affiliations:
                    affiliations[id(element)] = _affiliations(element)
                stated += [aff for aff in affiliations[id(element)] if aff not in stated]
            contributors.append(
                Contributor(
                    role=role,
                    position=positions[role],
                    name=name.name,
                    given=name.given,
                    family=name.family,
                    lang=name.lang,
                    other_names=_other_names(contrib),
                    organisation=child(contrib, "collab") is not None and not children(contrib, "name"),
                    orcid=_orcid(contrib, warnings),
                    corresponding=marked,
                    affiliations=stated,
                )
            )
    return contributors


def _name(contrib: etree._Element) -> OtherName | None:
    """Return a contributor's name as printed, the first where there are several."""
    names = _names(contrib)
    if names:
        return names[0]
    for holder in (contrib, child(contrib, "name-alternatives")):
        collab = child(holder, "collab")
        if collab is not None:
            # The members of a group stand inside its element; its name is the text before them.
            own = [collab.text or ""]
            for part in collab:
                if local_name(part) not in {"contrib-group", "xref", "fn", "aff", "address", "email", "label", "sup"}:
                    own.append(render(part))
                own.append(part.tail or "")
            text = " ".join("".join(own).split())
            if text:
                return OtherName(name=text)
    anonymous = child(contrib, "anonymous")
    return OtherName(name="Anonymous") if anonymous is not None else None


def _names(contrib: etree._Element) -> list[OtherName]:
    """Return the personal names of a contributor in all scripts."""
    names = []
    for holder in (contrib, child(contrib, "name-alternatives")):
        for element in children(holder, "name", "string-name"):
            given, family = element_text(child(element, "given-names")), element_text(child(element, "surname"))
            parts = [given, family]
            if element.get("name-style") == "eastern":
                parts.reverse()
            parts = [element_text(child(element, "prefix")), *parts, element_text(child(element, "suffix"))]
            printed = " ".join(part for part in parts if part)
            if local_name(element) == "string-name" and not (given and family):
                printed = element_text(element)
            if printed:
                names.append(
                    OtherName(name=printed, given=given or None, family=family or None, lang=language_of(element))
                )
    return names


def _other_names(contrib: etree._Element) -> list[OtherName]:
    return _names(contrib)[1:]


def _orcid(contrib: etree._Element, warnings: list[RecordWarning]) -> str | None:
    """Return the ORCID iD of a contributor, bare."""
    for element in descendants(contrib, "contrib-id", "uri", "ext-link"):
        kind = (element.get("contrib-id-type") or element.get("content-type") or "").lower()
        text = "".join(map(str, element.itertext())).strip()
        if kind == "orcid" or "orcid.org/" in text:
            try:
                return parse_orcid(text).removeprefix("https://orcid.org/")
            except RecordError as error:
                warnings.append(RecordWarning(field="contributors.orcid", message=str(error)))
    return None


def _affiliations(element: etree._Element) -> list[Affiliation]:
    """Return the organisation that an `aff` names, with its country and ROR iD; nothing where it names none."""
    if local_name(element) == "aff-alternatives":
        return [affiliation for aff in children(element, "aff")[:1] for affiliation in _affiliations(aff)]
    institutions = [
        found for found in descendants(element, "institution") if found.get("content-type") not in _ORIGINAL
    ]
    name = ", ".join(dict.fromkeys(text for found in institutions if (text := element_text(found))))
    if not name:
        name = _printed_name(element)
    if not name:
        originals = list(descendants(element, "institution"))
        name = element_text(originals[0]) if originals else ""
    if not name:  # some publishers put all they state, the organisation first, into the address
        name = "; ".join(text for found in descendants(element, "addr-line") if (text := element_text(found)))
    name = without_mail(plain_text(name)).strip(" ,;.:")
    if not name:
        return []
    ror = None
    for identifier in descendants(element, "institution-id"):
        if (identifier.get("institution-id-type") or "").lower() == "ror":
            try:
                ror = parse_ror("".join(map(str, identifier.itertext()))).removeprefix("https://ror.org/")
            except RecordError:
                continue  # an iD with a slip identifies nothing; the name stays
    country = next(descendants(element, "country"), None)
    return [Affiliation(name=name, lang=language_of(element), country=element_text(country) or None, ror=ror)]


def _printed_name(element: etree._Element) -> str:
    """Return an affiliation's running text without marks, addresses and mail."""
    parts = [element.text or ""]
    for part in element:
        if local_name(part) not in _NOT_NAME:
            parts.append(_printed_name(part) if len(part) else render(part))
        parts.append(part.tail or "")
    return re.sub(r"(?:\s*,){2,}", ",", " ".join("".join(parts).split())).strip(" ,;.")
