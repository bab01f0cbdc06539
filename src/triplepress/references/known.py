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


class Sought(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
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


# The same the other way round: which of ours a name is, and how much it counts for it, the first most.
_OURS: Final = {name: (place, rank) for place, names in enumerate(_NAMES.values()) for rank, name in enumerate(names)}
_LEAST: Final = len(_OURS)


def sought(reference: Reference | ParsedReference) -> Sought:
    """Return what to look for: stated fields before parsed ones, field by field."""
    if isinstance(reference, ParsedReference):
        return _from_parsed(reference, None)
    return sought_in(reference.text, reference.fields, reference.parsed)


def sought_in(text: str | None, stated: Mapping[str, Any], parsed: Mapping[str, Any]) -> Sought:
    """Return what to look for: stated fields before parsed ones, field by field.

    Args:
        text: The reference as printed; it is parsed where nobody did.
        stated: What the source states.
        parsed: What was parsed from the text.
    """
    if not parsed and text:
        parsed = parse_reference(text).as_fields()
    values: list[str | None] = [None] * len(_NAMES)
    ranks = [_LEAST] * len(_NAMES)
    for name, value in stated.items():
        known = _OURS.get(name)
        if known is not None and known[1] < ranks[known[0]] and (said := _text(value)):
            values[known[0]], ranks[known[0]] = said, known[1]
    if parsed:
        values = [value or _text(parsed.get(name)) for name, value in zip(_NAMES, values, strict=True)]
    title, container, year, volume, issue, first_page = values
    return Sought(
        text=text,
        title=title,
        authors=_families(stated) or (_families(parsed) if parsed else ()),
        year=year[:4] if year else None,
        container=container,
        volume=volume,
        issue=issue,
        first_page=first_page,
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


def _text(value: object) -> str | None:
    """Return a field, or the first of a list, that is a text or a number; a blank one is None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return _text(value[0]) if value and not isinstance(value[0], list) else None
    return str(value) if isinstance(value, int) else None


def _families(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the family names in an `author` text, or in a list of names or of objects with `family`."""
    for name in _AUTHORS:
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, str) and value.strip():
            return (value.strip(),)
        if isinstance(value, list | tuple) and value:
            names = [
                item.get("family") or item.get("name") or "" if isinstance(item, dict) else str(item) for item in value
            ]
            return tuple(item for item in names if item)
    return ()
