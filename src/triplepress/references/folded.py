"""Texts folded once, to be compared many times: case, diacritics, marks and zeros before numbers make no difference."""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Final

import msgspec

from triplepress.references.known import KnownWork, Sought

_WORD: Final = re.compile(r"[^\W_]+")
_MARKUP: Final = re.compile(r"<[^<>]*>")
# Every character that joins the one before it; those beyond the first plane apart, for a long class is slow there.
_JOINING: Final = [character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.combining(character)]
_LAST: Final = "\uffff"
_COMBINING: Final = re.compile(f"[{''.join(filter(_LAST.__ge__, _JOINING))}]")
_RARE_COMBINING: Final = re.compile(f"[{''.join(filter(_LAST.__lt__, _JOINING))}]")
_PAGES: Final = re.compile(r"[-‐‑‒–—−]")
# Words that tell nothing of what a title is about.
STOP: Final = frozenset(
    {"the", "a", "an", "of", "and", "in", "on", "for", "to", "with", "by", "from", "at", "as", "is", "s"}
    | {"der", "die", "das", "und", "de", "la", "le", "el", "et", "i", "y", "e", "da", "do"}
    | {"v", "na", "dlya", "и", "в", "на", "с", "для", "по", "о", "из"}
)
_AUTHORS: Final = 4  # as many as are compared


def words(text: str) -> list[str]:
    """Return the words of a title: case folded, diacritics and markup dropped, in order.

    Example:
        >>> words("On the <i>Größe</i> of Café-Society")
        ['on', 'the', 'grosse', 'of', 'cafe', 'society']
    """
    if "<" in text:
        text = _MARKUP.sub("", text)
    if text.isascii():
        return _WORD.findall(text.lower())
    text = _COMBINING.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if max(text, default="") > _LAST:
        text = _RARE_COMBINING.sub("", text)
    return _WORD.findall(text)


def plain(text: str | None) -> str:
    """Return letters and digits only, folded as `words` does."""
    return "".join(words(text)) if text else ""


def telling(title: list[str]) -> list[str]:
    """Return the words of a title without those that tell nothing."""
    return [word for word in title if word not in STOP]


class FoldedWork(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A known work as it is compared.

    Attributes:
        doi: Canonical DOI.
        titles: Each as its words, blanks between.
        author: The first author's family name, as its words; "" where none is known.
        year: The year, if it is a number.
        containers: Each periodical's name as its telling words.
        volume: The volume, without zeros before it; so are the next two.
        issue: The issue.
        page: The first page or article number.
    """

    doi: str
    titles: tuple[str, ...] = ()
    author: str = ""
    year: int | None = None
    containers: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    page: str = ""


class FoldedReference(msgspec.Struct, frozen=True):
    """What a reference says, as it is compared: as in `FoldedWork`, with its printed text and the first few authors."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    container: str = ""
    volume: str = ""
    issue: str = ""
    page: str = ""


def fold_work(work: KnownWork) -> FoldedWork:
    """Return a known work as it is compared."""
    return FoldedWork(
        work.doi,
        tuple(filter(None, (" ".join(words(title)) for title in work.titles))),
        " ".join(words(work.authors[0])) if work.authors else "",
        year_number(work.year),
        tuple(filter(None, (" ".join(telling(words(name))) for name in work.containers))),
        number(work.volume),
        number(work.issue),
        page_number(work.first_page),
    )


def fold_reference(reference: Sought) -> FoldedReference:
    """Return what a reference says, as it is compared."""
    return FoldedReference(
        plain(reference.text),
        " ".join(words(reference.title)) if reference.title else "",
        tuple([" ".join(words(name)) for name in reference.authors[:_AUTHORS]]),
        year_number(reference.year),
        " ".join(telling(words(reference.container))) if reference.container else "",
        number(reference.volume),
        number(reference.issue),
        page_number(reference.first_page),
    )


def year_number(text: str | None) -> int | None:
    """Return a year, or None where its first four characters are no number."""
    return int(text[:4]) if text and text[:4].isdecimal() else None


def number(text: str | None) -> str:
    """Return a volume or issue, folded, without zeros before it; "" for None."""
    if not text:
        return ""
    if text.isascii() and text.isalnum():
        return text.lower().lstrip("0")
    return plain(text).lstrip("0")


def page_number(text: str | None) -> str:
    """Return the first of one or more pages, or an article number, as `number` does."""
    return number(_PAGES.split(text.strip(), maxsplit=1)[0]) if text else ""
