"""The "for citation" line: authors, title, journal, then year;volume(issue):pages, as far as it has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from triplepress.identifiers import find_dois
from triplepress.sources.elpub.language import stated_languages
from triplepress.sources.elpub.names import CitedName, cited_names, leading_names
from triplepress.sources.elpub.page import Line, Part

# "2024;11(1):8-19." "2023;(2):92-99" "2025;23(1(80)):5-9" "2012;22." "2024."; a volume may be "11-12" or "XI".
_IMPRINT: Final = re.compile(
    r"(?<![0-9])(?P<year>(?:1[5-9]|20)[0-9]{2})\s*"
    r"(?:;\s*(?P<volume>[^\s;:().]+(?:\s[^\s;:().]+)?)?\s*(?:\((?P<issue>(?:[^()]|\([^()]*\))+)\))?"
    r"\s*(?::\s*(?P<pages>[^\s;:()]+(?:\s?[-‐‑‒–—−]\s?[^\s;:()]+)?(?:,\s?[0-9][^\s;:()]*)*))?|(?=\.))"
)
_DASHES: Final = re.compile(r"\s?[-‐‑‒–—−]\s?")
_EDN: Final = re.compile(r"\bEDN\s*:?\s*(?:https?://elibrary\.ru/)?(?P<edn>[A-Z]{6})\b(?![A-Z])", re.IGNORECASE)
_DOI_TAIL: Final = re.compile(r"\s*(?:https?://(?:dx\.)?doi\.org/|doi\s*:)\s*\S+.*$", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class CitationLine:
    """What one citation line says.

    Attributes:
        text: The line as printed.
        lang: The language of its heading.
        authors: The authors in it whose family name is told from the initials.
        authors_whole: Whether those are all.
        journal: The journal's name as printed there, where title and imprint stand around it.
        languages: The languages that it says the article is in.
        dois: The DOIs in it.
    """

    text: str
    lang: str
    authors: list[CitedName] = field(default_factory=list)
    authors_whole: bool = False
    journal: str | None = None
    year: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    languages: list[str] = field(default_factory=list)
    dois: list[str] = field(default_factory=list)


def read_citations(parts: list[Part], titles: list[str], journals: list[str]) -> list[CitationLine]:
    """Return the citation lines of a page, those printed twice once.

    Args:
        parts: The sections under a citation heading, the page's own language first.
        titles: The article's titles, by which authors and journal are told apart.
        journals: The journal's names, for a line without the title.
    """
    lines: dict[str, CitationLine] = {}
    for part in parts:
        for paragraph in _entries(part):
            text = " ".join(line.text for line in paragraph)
            if text not in lines and is_citation(text):
                lines[text] = _read(text, part.lang, titles, journals)
    return list(lines.values())


def read_edn(lines: list[Line]) -> str | None:
    """Return the eLIBRARY document number that a line of the page states, six letters, or None."""
    for line in lines:
        match = _EDN.search(line.text)
        if match:
            return match["edn"].upper()
    return None


def is_citation(text: str) -> bool:
    """Tell whether a paragraph under a citation heading is the line itself: full text may follow it on some pages."""
    return bool(
        re.search(r"(?:1[5-9]|20)[0-9]{2}\s*;", text)
        or find_dois(text)
        or stated_languages(text)
        or (len(text) < 1000 and re.search(r"\.\s*(?:1[5-9]|20)[0-9]{2}\s*\.", text))
        or (len(text) < 500 and leading_names(text))
    )


def _entries(part: Part) -> list[list[Line]]:
    """Return the paragraphs of a section; EDN lines are none, and a line after a DOI starts the next."""
    entries: list[list[Line]] = []
    for paragraph in part.paragraphs():
        entries.append([])
        for line in paragraph:
            if _EDN.fullmatch(line.text.strip(" .")):
                continue
            if entries[-1] and find_dois(entries[-1][-1].text):
                entries.append([])
            entries[-1].append(line)
    return [entry for entry in entries if entry]


def _read(text: str, lang: str, titles: list[str], journals: list[str]) -> CitationLine:
    """Return what one line says."""
    found = CitationLine(text=text, lang=lang, languages=stated_languages(text))
    after = 0
    for title in titles:
        place = _find(title, text)
        if place:
            found.authors, found.authors_whole = cited_names(text[: place[0]])
            after = place[1]
            break
    else:
        found.authors = leading_names(text)
    for journal in journals:
        place = _find(journal, text[after:])
        if place:
            found.journal = text[after + place[0] : after + place[1]].strip(" .")
            after += place[1]
            break
    rest = _DOI_TAIL.sub("", text[after:])
    imprints = [match for match in _IMPRINT.finditer(rest) if ";" in match[0]] or list(_IMPRINT.finditer(rest))
    # Without title and journal before it, a year alone may be part of either.
    if imprints and (after or ";" in imprints[-1][0]):
        match = imprints[0] if after else imprints[-1]
        found.year, found.volume, found.issue = match["year"], match["volume"], match["issue"]
        found.pages = _DASHES.sub("-", match["pages"].rstrip(" .,")) or None if match["pages"] else None
        if after and found.journal is None and titles:
            found.journal = rest[: match.start()].strip(" .") or None
    elif after and found.journal is None and titles:
        found.journal = re.sub(r"\((?:in|на)\s[^()]*\)", "", rest, flags=re.IGNORECASE).strip(" .") or None
    found.dois = find_dois(text)
    return found


def _find(part: str, text: str) -> tuple[int, int] | None:
    """Return start and end of one text in another, whatever the case and the blanks."""
    words = part.strip(" .").split()
    if not words:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), text, re.IGNORECASE)
    return match.span() if match else None
