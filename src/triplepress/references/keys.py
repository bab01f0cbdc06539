"""What a reference and the work that it is to have in common, as numbers to look works up by.

A key joins so much that few works share it, however many there are: four of the five longest words of a title, or page
and two of volume, year and first author. Each side has several, so that a wrong or missing word leaves others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from triplepress.references.folded import STOP, FoldedWork, number, page_number, words, year_number
from triplepress.references.known import Sought

# Bits of a key; six bytes are what SQLite stores one in.
BITS: Final = 48
_MASK: Final = (1 << BITS) - 1
# How many of the longest words of a title the keys are made of.
_LONGEST: Final = 5
_BEGINNING: Final = 8  # words; a subtitle is often left out
_NAME_WORDS: Final = 4
_LETTERS: Final = 255  # of a word that count
_CACHED: Final = 1 << 16
_YEAR: Final = 0x9E3779B97F4B  # spreads years over the bits


@lru_cache(_CACHED)
def _hash(text: str) -> int:
    """Return a number for a text; the sum of such numbers stands for all the texts, in any order."""
    return int.from_bytes(blake2b(text.encode(), digest_size=BITS // 8).digest(), "big")


@lru_cache(_CACHED)
def _ranked(word: str) -> int:
    """Return a word's number with its length above it, so that longer words are less."""
    return (_LETTERS - min(len(word), _LETTERS)) << BITS | _hash(word)


def keys_of_work(work: FoldedWork) -> set[int]:
    """Return the keys that a work is found by."""
    keys: set[int] = set()
    for title in work.titles:
        keys.update(_title_keys(title.split(" ")))
    if work.page:
        keys.update(_location_keys(work.page, work.volume, work.year, (work.year,), work.author.split(" ")))
    return keys


def keys_of_sought(reference: Sought) -> list[int]:
    """Return the keys that a reference looks for; where it has no title, its container may be the work (a book)."""
    keys: list[int] = []
    title = reference.title or reference.container
    if title:
        keys += _title_keys(words(title))
        after = title.partition(": ")[2]  # "Name of a program: the title of what describes it"
        if after:
            keys += _title_keys(words(after))
    if reference.first_page and (page := page_number(reference.first_page)):
        year = year_number(reference.year)
        # In print a work is of the year before or after it was online.
        near = () if year is None else (year - 1, year, year + 1)
        author = words(reference.authors[0]) if reference.authors else []
        keys += _location_keys(page, number(reference.volume), year, near, author)
    return keys


def _title_keys(title: list[str]) -> list[int]:
    """Return the keys of a title, and of its beginning."""
    ranked = sorted(map(_ranked, {*title} - STOP))[:_LONGEST]
    keys = _word_keys(ranked)
    if len(title) > _BEGINNING:
        beginning = sorted(map(_ranked, {*title[:_BEGINNING]} - STOP))[:_LONGEST]
        if beginning != ranked:
            keys += _word_keys(beginning)
    return keys


def _word_keys(ranked: list[int]) -> list[int]:
    """Return a key for all words but each one; where they are few, one more for all."""
    number = len(ranked)
    total = sum(ranked)
    keys = [(total - word) & _MASK for word in ranked] if number > 1 else []
    if number < _LONGEST:
        keys.append(total & _MASK)
    return keys


def _location_keys(
    page: str, volume: str, year: int | None, near: tuple[int | None, ...], author: list[str]
) -> Iterator[int]:
    """Yield a key for page, volume and each near year, and with each word of the first author for two of the three."""
    place = _hash(f"page {page}")
    in_volume = place + _hash(f"volume {volume}") if volume else None
    in_year = place + _YEAR * year if year else None
    if in_volume:
        for number in near:
            if number is not None:
                yield (in_volume + _YEAR * number) & _MASK
    for word in [word for word in author if len(word) > 1][:_NAME_WORDS]:
        name = _hash(f"author {word}")
        if in_volume:
            yield (in_volume + name) & _MASK
        if in_year:
            yield (in_year + name) & _MASK
