"""The corpora of the reference benchmark: JATS tags, JATS elements beside the text, Crossref, our own Russian set."""

# ruff: noqa: ANN401 - lxml trees and foreign JSON have no narrower type
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.reference_corpora.scoring import FIELDS, Gold

_TITLES = ("article-title", "chapter-title", "part-title")
_PARSER = etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)
_TOUCHING = {"surname", "given-names", "name", "string-name", "pub-id", "suffix", "collab", "year", "volume", "fpage"}


def jats_references(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield every `ref` of every JATS file with a key that names it."""
    for path in sorted(folder.glob("*.xml")):
        for number, ref in enumerate(etree.parse(path, _PARSER).iter("ref"), start=1):
            yield f"{path.name}#{ref.get('id') or number}", ref


def printed_text(element: Any) -> str:
    """Return the text of a citation as a reader of the page sees it.

    Text nodes in order; a blank where two elements that print apart (names, identifiers) touch without one.
    """
    pieces: list[str] = []

    def walk(node: Any) -> None:
        if node.tag in _TOUCHING and pieces and pieces[-1][-1:].isalnum() | (pieces[-1][-1:] in (".", ")")):
            pieces.append(" ")
        if node.text:
            pieces.append(node.text)
        for child in node:
            if isinstance(child.tag, str):
                walk(child)
            if child.tail:
                pieces.append(child.tail)

    walk(element)
    return " ".join("".join(pieces).split())


def _content(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def gold_fields(citation: Any) -> dict[str, str | tuple[str, ...]]:
    """Return what the tags of one JATS citation say, under our names.

    `source` is the container of an article or chapter; alone it is the container where the citation is tagged as a
    journal's or has a volume, else it is the work's own title.
    """
    fields: dict[str, str | tuple[str, ...]] = {}
    first = {child.tag: child for child in reversed(list(citation.iter())) if isinstance(child.tag, str)}
    title = next((first[tag] for tag in _TITLES if tag in first), None)
    source = first.get("source")
    if title is not None and _content(title):
        fields["title"] = _content(title)
    if source is not None and _content(source):
        contained = "title" in fields or citation.get("publication-type") == "journal" or "volume" in first
        fields["container" if contained else "title"] = _content(source)
    for name, tags in {
        "year": ("year",),
        "volume": ("volume",),
        "issue": ("issue", "supplement"),
        "first_page": ("fpage", "elocation-id"),
        "last_page": ("lpage",),
    }.items():
        for tag in tags:
            if tag in first and _content(first[tag]):
                fields[name] = _content(first[tag]).rstrip(".,;")
                break
    if "first_page" not in fields and "page-range" in first:
        pages = re.split(r"[-–—]", _content(first["page-range"]), maxsplit=1)
        fields["first_page"] = pages[0]
        if len(pages) > 1:
            fields["last_page"] = pages[1]
    fields["authors"] = tuple(_authors(citation, title if title is not None else source))
    for element in citation.iter("pub-id", "ext-link", "issue-id", "object-id", "elocation-id", "uri", "comment"):
        value = _content(element) if element.tag != "ext-link" else _content(element) + " "
        match = re.search(r"10\.\d{4,9}/[^\s<>]+", value)
        if match:
            fields["doi"] = match[0].rstrip(".,;").lower()
            break
    return {name: value for name, value in fields.items() if value}


def _authors(citation: Any, title: Any) -> Iterator[str]:
    """Yield the family names (or collective names) of the authors, not of editors or translators."""
    groups = [group for group in citation.iter("person-group") if group.get("person-group-type") in (None, "author")]
    others = [group for group in citation.iter("person-group") if group not in groups]
    for element in citation.iter():
        if element is title and not groups:
            return
        if element.tag not in {"surname", "collab"} or any(
            other in others for other in element.iterancestors("person-group")
        ):
            continue
        if groups and not any(group is groups[0] for group in element.iterancestors("person-group")):
            continue
        if _content(element):
            yield _content(element)


def jats_inner_tags(shared: Path) -> Iterator[Gold]:
    """Yield each `mixed-citation` that is tagged itself: its text against its own tags."""
    for key, ref in jats_references(shared / "data/jats"):
        for number, citation in enumerate(ref.iter("mixed-citation")):
            if any(tag in _TAGGED for tag in (child.tag for child in citation.iter())):
                yield Gold(f"{key}/{number}", printed_text(citation), gold_fields(citation))


def jats_beside(shared: Path) -> Iterator[Gold]:
    """Yield each untagged `mixed-citation` with the one `element-citation` beside it."""
    for key, ref in jats_references(shared / "data/jats"):
        mixed = list(ref.iter("mixed-citation"))
        elements = list(ref.iter("element-citation", "nlm-citation"))
        if len(mixed) == len(elements) == 1 and not any(child.tag in _TAGGED for child in mixed[0].iter()):
            text = printed_text(mixed[0])
            if text:
                yield Gold(key, text, gold_fields(elements[0]))


_TAGGED = {"year", "source", "article-title", "volume", "fpage"}


def crossref_works(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield the works of all three generations of Crossref's JSON lines."""
    for name in ("works.jsonl", "works_2015_api.jsonl", "citeproc_doi_org.jsonl"):
        with (shared / "data/crossref" / name).open(encoding="utf-8") as lines:
            for line in lines:
                work = json.loads(line)
                yield work.get("message", work)


def crossref_both(shared: Path) -> Iterator[Gold]:
    """Yield each Crossref reference with both a printed text and fields.

    Crossref's fields are a selection (first author, first page), so a field that is not stated is not scored. A
    `volume-title` may be the work's title or its container's, and a `journal-title` may be a book's.
    """
    for work in crossref_works(shared):
        for reference in work.get("reference") or []:
            text = reference.get("unstructured")
            if not text or not set(reference) & (_CROSSREF_FIELDS.keys() - {"DOI"}):
                continue
            fields: dict[str, str | tuple[str, ...]] = {
                ours: str(reference[theirs])
                for theirs, ours in _CROSSREF_FIELDS.items()
                if reference.get(theirs) and ours
            }
            either = None
            if reference.get("volume-title"):
                either = str(reference["volume-title"])
            if reference.get("author"):
                fields["authors"] = (str(reference["author"]),)
            if not any(str(value).strip() for value in fields.values()) and not either:
                continue
            yield Gold(
                f"{work['DOI']}#{reference.get('key')}", text, fields, frozenset(), either, first_author_only=True
            )


_CROSSREF_FIELDS = {
    "author": "", "year": "year", "volume": "volume", "issue": "issue", "first-page": "first_page",
    "journal-title": "container", "article-title": "title", "volume-title": "", "DOI": "doi",
}  # fmt: skip


def own_references(folder: Path) -> Iterator[Gold]:
    """Yield our own Russian and transliterated references."""
    with (folder / "russian_references.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            entry = json.loads(line)
            fields = {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in entry["fields"].items()
                if name in FIELDS
            }
            yield Gold(f"{number} {entry['style']}", entry["text"], fields)
