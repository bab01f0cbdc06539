"""What the matcher knows of a work, and what it asks for: the same few fields on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from triplepress.record import ArticleRecord, Reference
from triplepress.references.parse import parse_reference
from triplepress.references.parsed import ParsedReference


class KnownWork(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, array_like=True):
    """A work that references may be matched to: its canonical `doi`, `authors` as family names in order, `year`."""

    doi: str
    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: str | None = None
    containers: tuple[str, ...] = ()
    volume: str | None = None
    issue: str | None = None
    first_page: str | None = None

    @classmethod
    def from_record(cls, record: ArticleRecord) -> KnownWork | None:
        """Return what a record says of its work, or None without a DOI: nothing could be linked to it."""
        if record.doi is None:
            return None
        authors = [person for person in record.contributors if person.role == "author"]
        return cls(
            doi=record.doi,
            titles=tuple(title.text for title in record.titles),
            authors=tuple(person.family or person.name for person in authors),
            year=record.issued[:4] if record.issued else None,
            containers=tuple(title.text for title in record.journal.titles) if record.journal else (),
            volume=record.volume,
            issue=record.issue,
            first_page=record.first_page or record.article_number,
        )


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """The fields a reference is matched by: as its source states them, else as parsed from its text."""

    text: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    year: str | None = None
    container: str | None = None
    volume: str | None = None
    issue: str | None = None
    first_page: str | None = None


# The names that sources have for the same field (Crossref, JATS, CSL, our own).
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "title": ("title", "article-title", "article_title", "chapter-title", "volume-title", "volume_title"),
    "container": (
        "container",
        "journal-title",
        "journal_title",
        "container-title",
        "container_title",
        "source",
        "journal",
        "series-title",
    ),
    "year": ("year", "issued", "date"),
    "volume": ("volume",),
    "issue": ("issue",),
    "first_page": ("first_page", "first-page", "fpage", "page", "pages", "elocation-id", "article_number"),
}
_AUTHORS: Final = ("authors", "author")


def sought(reference: Reference | ParsedReference) -> Sought:
    """Return what to look for: stated fields before parsed ones, field by field."""
    if isinstance(reference, ParsedReference):
        return _from_parsed(reference, None)
    stated = reference.fields
    parsed: Mapping[str, Any] = reference.parsed
    if not parsed and reference.text:
        parsed = parse_reference(reference.text).as_fields()
    values = {ours: _text(stated, theirs) or _text(parsed, (ours,)) for ours, theirs in _NAMES.items()}
    year = values["year"]
    return Sought(
        text=reference.text,
        title=values["title"],
        authors=_families(stated) or _families(parsed),
        year=year[:4] if year else None,
        container=values["container"],
        volume=values["volume"],
        issue=values["issue"],
        first_page=values["first_page"],
    )


def _from_parsed(parsed: ParsedReference, text: str | None) -> Sought:
    return Sought(
        text=text,
        title=parsed.title,
        authors=tuple(author.family for author in parsed.authors),
        year=parsed.year,
        container=parsed.container,
        volume=parsed.volume,
        issue=parsed.issue,
        first_page=parsed.first_page,
    )


def _text(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first of several fields that holds a text or a number."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return None


def _families(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the family names in an `author` text, or in a list of names or of objects with `family`."""
    for name in _AUTHORS:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return (value.strip(),)
        if isinstance(value, list | tuple) and value:
            names = [
                item.get("family") or item.get("name") or "" if isinstance(item, dict) else str(item) for item in value
            ]
            return tuple(item for item in names if item)
    return ()
