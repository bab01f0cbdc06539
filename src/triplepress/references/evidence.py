"""What speaks for and against a reference being to a work: each field weighed, agreements and contradictions."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Final, NamedTuple

from triplepress.references.known import KnownWork, Sought

_WORD: Final = re.compile(r"[^\W_]+")
_MARKUP: Final = re.compile(r"<[^<>]*>")
# What appears about a work under nearly its title is another work.
_SECONDARY: Final = frozenset(
    [
        "correction",
        "corrigendum",
        "corrigenda",
        "erratum",
        "errata",
        "addendum",
        "retraction",
        "retracted",
        "withdrawn",
        "reply",
        "response",
        "comment",
        "comments",
        "commentary",
        "review",
        "supplementary",
        "supplement",
        "rejoinder",
        "editorial",
        "expression",
        "concern",
        "peer",
        "decision",
        "исправление",
        "опровержение",
        "рецензия",
        "ответ",
        "комментарий",
    ]
)
_STOP: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "in",
        "on",
        "for",
        "to",
        "with",
        "by",
        "from",
        "at",
        "as",
        "is",
        "der",
        "die",
        "das",
        "und",
        "de",
        "la",
        "le",
        "el",
        "et",
        "i",
        "y",
        "e",
        "da",
        "do",
        "v",
        "na",
        "s",
        "dlya",
        "и",
        "в",
        "на",
        "с",
        "для",
        "по",
        "о",
        "из",
    ]
)

# In the units of the weights below: a long title alike (5) with a year, or volume, page, year and author without one.
_THRESHOLD: Final = 5.5


class Evidence(NamedTuple):
    """The sum of what was weighed, and what carried it."""

    total: float
    method: str

    @property
    def enough(self) -> bool:
        """Tell whether it is enough to state a match."""
        return self.total >= _THRESHOLD

    @property
    def score(self) -> float:
        """Return the sum as a figure between 0 and 1: a logistic curve, 0.5 at the threshold."""
        return round(1 / (1 + math.exp(_THRESHOLD - self.total)), 4)


def words(text: str) -> list[str]:
    """Return the words of a title: case folded, diacritics and markup dropped, in order."""
    if "<" in text:
        text = _MARKUP.sub("", text)
    text = unicodedata.normalize("NFKD", text.casefold().replace("ё", "е").replace("й", "и"))
    return _WORD.findall("".join(character for character in text if not unicodedata.combining(character)))


def plain(text: str | None) -> str:
    """Return letters and digits only, folded as `words` does."""
    return "".join(words(text)) if text else ""


def weigh(reference: Sought, work: KnownWork, text: str) -> Evidence:
    """Return the evidence that `reference` is to `work`.

    Args:
        reference: What the reference says.
        work: A candidate.
        text: The reference's printed text, folded by `plain`; "" where there is none.
    """
    title, known = _title(reference, work, text)
    year = _year(reference.year, work.year)
    volume = _same(reference.volume, work.volume, 1.5, -2.0)
    page = _page(reference.first_page, work.first_page)
    issue = _same(reference.issue, work.issue, 0.3, -0.3)
    author = _author(reference, work, text)
    container = _container(reference.container, work.containers)
    total = title + year + volume + page + issue + author + container
    if page < 0 and any(_is_secondary(words(known_title)) for known_title in work.titles):
        return Evidence(min(total, 0.0), "none")  # a comment on a work, elsewhere: it may as well be the work
    if title >= 3:
        if author <= 0 and year <= 0 and page <= 0 and container <= 0:
            return Evidence(min(total, 0.0), "title")  # a title alone is not enough
        return Evidence(total, "title+location" if page > 0 and volume > 0 else "title")
    if known and title < 0:
        return Evidence(min(total, 0.0), "none")
    if page > 0 and volume > 0 and year > 0 and (author > 0 or container > 0):
        return Evidence(total + 1.0, "location")
    return Evidence(min(total, _THRESHOLD - 0.1), "none")


def _title(reference: Sought, work: KnownWork, text: str) -> tuple[float, bool]:
    """Return the weight of the titles and whether both sides have one."""
    best, compared = 0.0, False
    sought = words(reference.title) if reference.title else []
    for title in work.titles:
        known = words(title)
        if not known:
            continue
        length = sum(len(word) for word in known)
        inside = length >= 24 and len(known) >= 4 and "".join(known) in text
        if not sought and not inside:
            continue
        compared = True
        similarity = 1.0 if inside else _similarity(sought, known)
        if _is_secondary(known) != _is_secondary(sought or known) or (
            inside and sought and _is_secondary(sought) != _is_secondary(known)
        ):
            similarity = min(similarity, 0.4)
        weight = _title_weight(similarity, min(len(known), len(sought) or len(known)), length)
        best = max(best, weight) if best or weight >= 0 else weight
        if best == 0.0 and weight < 0:
            best = weight
    return best, compared


def _title_weight(similarity: float, count: int, length: int) -> float:
    if similarity >= 0.9:
        full = 5.0 if count >= 5 and length >= 30 else 3.5 if count >= 3 and length >= 16 else 2.0
        return full if similarity >= 0.97 else full - 1.0
    if similarity >= 0.78:
        return 3.0 if count >= 6 else 1.0
    return 0.0 if similarity >= 0.6 else -6.0


def _similarity(one: list[str], other: list[str]) -> float:
    """Return how alike two titles are, 0 to 1: shared words over all; the beginning of a title is nearly the title."""
    if "".join(one) == "".join(other):
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 5 and long[: len(short)] == short:
        return 0.95  # without its subtitle
    first = {word for word in one if word not in _STOP}
    second = {word for word in other if word not in _STOP}
    if not first or not second:
        return 0.0
    shared = len(first & second)
    shared += sum(1 for word in first - second if any(_misspelt(word, w) for w in second - first))
    return 2 * shared / (len(first) + len(second))


def _misspelt(one: str, other: str) -> bool:
    """Tell whether two long words differ by an ending or one letter."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 5:
        return False
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    return one[at + 1 :] == other[at + 1 :] or one[at:] == other[at + 1 :] or one[at + 1 :] == other[at:]


def _is_secondary(title: list[str]) -> bool:
    return bool(_SECONDARY.intersection(title[:3]))


def _year(one: str | None, other: str | None) -> float:
    if not one or not other or not one[:4].isdigit() or not other[:4].isdigit():
        return 0.0
    gap = abs(int(one[:4]) - int(other[:4]))
    return 1.0 if gap == 0 else 0.2 if gap == 1 else -2.5


def _same(one: str | None, other: str | None, agree: float, differ: float) -> float:
    first, second = plain(one).lstrip("0"), plain(other).lstrip("0")
    if not first or not second:
        return 0.0
    return agree if first == second else differ


def _page(one: str | None, other: str | None) -> float:
    first, second = (_FIRST_PAGE.split(page.strip(), maxsplit=1)[0] if page else "" for page in (one, other))
    a, b = plain(first).lstrip("0"), plain(second).lstrip("0")
    if not a or not b:
        return 0.0
    if a == b or a.lstrip("esp") == b.lstrip("esp"):
        return 2.5
    return -2.5 if a.isdigit() == b.isdigit() else -0.5


_FIRST_PAGE: Final = re.compile(r"[-‐‑‒–—−]")


def _author(reference: Sought, work: KnownWork, text: str) -> float:
    """Return the weight of the first author: found, contradicted, or not told."""
    if not work.authors:
        return 0.0
    known = plain(work.authors[0])
    if len(known) < 2:
        return 0.0
    if reference.authors:
        first = plain(reference.authors[0])
        if first and (known in first or first in known):
            return 1.5
        if len(known) >= 4 and known in text:
            return 1.0
        return 0.5 if any(plain(name) in (known,) for name in reference.authors[1:4]) else -2.0
    return 1.0 if len(known) >= 4 and known in text else 0.0


def _container(one: str | None, others: tuple[str, ...]) -> float:
    """Return the weight of the periodical's name: alike, as an abbreviation, or not told (names differ too freely)."""
    if not one or not others:
        return 0.0
    short = [word for word in words(one) if word not in _STOP]
    for other in others:
        long = [word for word in words(other) if word not in _STOP]
        if short and long and (short == long or _abbreviates(short, long) or _abbreviates(long, short)):
            return 1.0
    return -0.3


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """Tell whether each word of `short` begins a word of `long`, in order ("J Biol Chem"), or is its initials."""
    at = 0
    for word in short:
        while at < len(long) and not (
            long[at].startswith(word) or (word[0] == long[at][0] and _inside(word, long[at]))
        ):
            at += 1
        if at == len(long):
            return len(short) == 1 and short[0] == "".join(word[0] for word in long)
        at += 1
    return len(short) >= max(1, len(long) - 2)


def _inside(short: str, long: str) -> bool:
    """Tell whether the letters of `short` occur in `long` in order ("natl" in "national")."""
    letters = iter(long)
    return len(short) >= 3 and all(letter in letters for letter in short)
