"""An Elpub page cut into its parts: head, sections, foot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from triplepress.sources.elpub import headings
from triplepress.sources.elpub.headings import Section

_VIEWS: Final = re.compile(r"(?:views|просмотров)\s*:?\s*[0-9\s]*", re.IGNORECASE)
_ISSN: Final = re.compile(r"(?:e-?|p-?)?issn\b", re.IGNORECASE)
_DOI_LINE: Final = re.compile(
    r"(?:doi\s*[:=]?\s*)?(?:https?://(?:dx\.)?doi\.org/|(?:dx\.)?doi\.org/)\S.*|(?:doi\s*[:=]?\s*)10\.\S.*|10\.[0-9]{4,}/\S.*",
    re.IGNORECASE,
)
_LICENCE_IMAGE: Final = re.compile(r"(?:creative commons licen[sc]e|лицензия creative commons)\.?", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One line of the page: its number from 1, and its text without blanks at the ends."""

    number: int
    text: str


@dataclass(slots=True)
class Part:
    """One section: the language of its heading, and its lines, blank ones included."""

    section: Section
    lang: str
    lines: list[Line] = field(default_factory=list)

    def paragraphs(self) -> list[list[Line]]:
        """Return the lines between blank ones."""
        return paragraphs(self.lines)


@dataclass(slots=True)
class Page:
    """The parts of a page.

    Attributes:
        interface: `en` or `ru`, the language of the page's own words; None where it has none.
        journal: The journal's name line, or None.
        head: The lines between the journal's line and the first section, the DOI's line left out.
        doi: The DOI's line as printed, or None.
        parts: The sections, in order.
        foot: What follows the last section: licence and ISSN lines.
        told: Whether the page has the head of an Elpub page.
    """

    interface: str | None
    journal: Line | None
    head: list[Line]
    doi: Line | None
    parts: list[Part]
    foot: list[Line]
    told: bool

    def sections(self, name: Section) -> list[Part]:
        """Return the parts of one name, those in the interface's language first."""
        found = [part for part in self.parts if part.section == name]
        return sorted(found, key=lambda part: part.lang != self.interface)


def paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Return the lines between blank ones."""
    found: list[list[Line]] = [[]]
    for line in lines:
        if line.text:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def split_page(text: str) -> Page:
    """Return the parts of a page; whatever is missing is None or empty.

    Args:
        text: The whole page; any kind of line end.
    """
    lines = [
        Line(number, line.strip(" \t\xa0\ufeff\u200b").strip())
        for number, line in enumerate(re.split(r"\r\n|[\n\r\v\f\x85]", text), 1)
    ]
    head: list[Line] = []
    parts: list[Part] = []
    foot: list[Line] = []
    in_foot = False
    for line in lines:
        found = headings.heading(line.text)
        if found and found[0] == "full text" and not parts:
            found = None  # a link of the page's head
        if found:
            in_foot = False
            parts.append(Part(found[0], found[1], [Line(line.number, found[2])] if found[2] else []))
        elif _starts_foot(line.text, parts):
            in_foot = True
            foot.append(line)
        elif in_foot:
            foot.append(line)
        elif parts:
            parts[-1].lines.append(line)
        else:
            head.append(line)
    return _page(head, parts, foot)


def _starts_foot(text: str, parts: list[Part]) -> bool:
    """Tell whether a line is the first after the sections: views, licence or ISSN."""
    if _VIEWS.fullmatch(text) or _LICENCE_IMAGE.fullmatch(text):
        return True
    if not _ISSN.match(text):
        return False
    return not parts or parts[-1].section in {"citation", "review", "authors", "aside", "full text"} or len(text) < 40


def _page(head: list[Line], parts: list[Part], foot: list[Line]) -> Page:
    """Return the page with its head taken apart: journal above the search link, title and DOI below."""
    langs = [part.lang for part in parts]
    interface = max(dict.fromkeys(langs), key=langs.count) if langs else None  # the first of equals
    search = next((at for at, line in enumerate(head) if headings.fold(line.text) in headings.SEARCH), None)
    preview = any(headings.fold(line.text) == "preview" for line in head)
    journal: Line | None = None
    if search is not None:
        interface = headings.SEARCH[headings.fold(head[search].text)]
        above = [line for line in head[:search] if line.text and headings.fold(line.text) not in headings.NOISE]
        journal = above[-1] if above else None
        head = head[search + 1 :]
    at = next((at for at, line in enumerate(head) if _DOI_LINE.fullmatch(line.text)), None)
    doi = None
    if at is not None:
        doi = head[at]
        head = head[:at]
    head = [line for line in head if headings.fold(line.text) not in headings.NOISE]
    return Page(
        interface=interface,
        journal=journal,
        head=head,
        doi=doi,
        parts=parts,
        foot=foot,
        told=search is not None or preview,
    )
