"""What speaks for and against a reference being to a work: each field weighed, agreements and contradictions."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from triplepress.references.folded import STOP, FoldedReference, FoldedWork

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
# In the units of the weights below: a long title alike (5) with a year, or volume, page, year and author without one.
_THRESHOLD: Final = 5.5
# Titles less alike than this contradict each other.
_ALIKE: Final = 0.6


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


def weigh(reference: FoldedReference, work: FoldedWork) -> Evidence:
    """Return the evidence that `reference` is to `work`."""
    title, known = _title(reference, work)
    year = _year(reference.year, work.year)
    volume = _same(reference.volume, work.volume, 1.5, -2.0)
    page = _page(reference.page, work.page)
    issue = _same(reference.issue, work.issue, 0.3, -0.3)
    author = _author(reference, work)
    container = _container(reference.container, work.containers)
    total = title + year + volume + page + issue + author + container
    if page < 0 and any(_is_secondary(known_title.split(" ")) for known_title in work.titles):
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


def _title(reference: FoldedReference, work: FoldedWork) -> tuple[float, bool]:
    """Return the weight of the titles and whether both sides have one."""
    best, compared = 0.0, False
    sought = reference.title.split(" ") if reference.title else []
    for title in work.titles:
        known = title.split(" ")
        joined = "".join(known)
        length = len(joined)
        inside = length >= 24 and len(known) >= 4 and joined in reference.text
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
    return 0.0 if similarity >= _ALIKE else -6.0


def _similarity(one: list[str], other: list[str]) -> float:
    """Return how alike two titles are, 0 to 1: shared words over all; the beginning of a title is nearly the title.

    Where they are too little alike to be told apart from others by it, the rest is not counted.
    """
    if "".join(one) == "".join(other):
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 5 and long[: len(short)] == short:
        return 0.95  # without its subtitle
    first, second = set(one) - STOP, set(other) - STOP
    if not first or not second:
        return 0.0
    every = len(first) + len(second)
    shared = len(first & second)
    left, right = first - second, second - first
    for place, word in enumerate(left):
        if 2 * (shared + len(left) - place) < _ALIKE * every:
            break
        shared += any(_misspelt(word, w) for w in right)
    return 2 * shared / every


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


def _year(one: int | None, other: int | None) -> float:
    if one is None or other is None:
        return 0.0
    gap = abs(one - other)
    return 1.0 if gap == 0 else 0.2 if gap == 1 else -2.5


def _same(one: str, other: str, agree: float, differ: float) -> float:
    if not one or not other:
        return 0.0
    return agree if one == other else differ


def _page(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    if one == other or one.lstrip("esp") == other.lstrip("esp"):
        return 2.5
    return -2.5 if one.isdigit() == other.isdigit() else -0.5


def _author(reference: FoldedReference, work: FoldedWork) -> float:
    """Return the weight of the first author: found, contradicted, or not told."""
    known = work.author.replace(" ", "")
    if len(known) < 2:
        return 0.0
    if reference.authors:
        first = reference.authors[0].replace(" ", "")
        if first and (known in first or first in known):
            return 1.5
        if len(known) >= 4 and known in reference.text:
            return 1.0
        return 0.5 if any(name.replace(" ", "") == known for name in reference.authors[1:]) else -2.0
    return 1.0 if len(known) >= 4 and known in reference.text else 0.0


def _container(one: str, others: tuple[str, ...]) -> float:
    """Return the weight of the periodical's name: alike, as an abbreviation, or not told (names differ too freely)."""
    if not one or not others:
        return 0.0
    short = one.split(" ")
    for other in others:
        long = other.split(" ")
        if short == long or _abbreviates(short, long) or _abbreviates(long, short):
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
