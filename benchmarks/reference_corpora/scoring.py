"""How parsed fields are held against gold ones.

Values are compared whole, after this and nothing else: NFKC, case folded, all but letters and digits dropped. Authors
are compared name by name on the family name (given names, suffixes and particles before it are not scored), all other
fields as one value.
A year counts by its four digits; "Suppl." before a number in an issue is dropped; an abbreviated last page is made
complete against its first page on both sides. A gold value that the printed text does not hold (a publisher's tags
sometimes know more than the text) is left out for every parser alike, and counted as `unprinted`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

FIELDS = ("authors", "year", "title", "container", "volume", "issue", "first_page", "last_page", "doi")


@dataclass(frozen=True)
class Gold:
    """One reference: its text, what it says, and which fields the source would have stated if they were there.

    `closed` are the fields whose absence in `fields` means that the reference has none; a value predicted for another
    absent field is not counted at all. `either` is a title of which the source does not say whether it is the work's
    or the container's.
    """

    key: str
    text: str
    fields: dict[str, str | tuple[str, ...]]
    closed: frozenset[str] = frozenset(FIELDS)
    either: str | None = None
    first_author_only: bool = False


@dataclass
class Tally:
    """True positives, false positives and false negatives of one field."""

    true: int = 0
    false: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 0 to 1."""
        return 2 * self.true / (2 * self.true + self.false + self.missed) if self.true else 0.0

    @property
    def precision(self) -> float:
        """Return the share of predicted values that are right."""
        return self.true / (self.true + self.false) if self.true else 0.0

    @property
    def recall(self) -> float:
        """Return the share of gold values that were found."""
        return self.true / (self.true + self.missed) if self.true else 0.0

    @property
    def support(self) -> int:
        """Return the number of gold values."""
        return self.true + self.missed


@dataclass
class Score:
    """The tallies of one parser on one corpus."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in FIELDS})
    unprinted: int = 0
    errors: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    @property
    def overall(self) -> Tally:
        """Return the sum over all fields (micro average)."""
        every = self.tallies.values()
        return Tally(sum(t.true for t in every), sum(t.false for t in every), sum(t.missed for t in every))


def folded(text: str) -> str:
    """Return letters and digits only, NFKC, case folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def comparable(name: str, value: str) -> str:
    """Return a field's value as it is compared."""
    if name == "doi":
        return value.casefold()
    if name == "year":
        match = re.search(r"1[5-9]\d\d|20\d\d", value)
        return match[0] if match else ""
    value = folded(value)
    if name == "issue":
        value = re.sub(r"^(?:supplement|suppl|supl)", "", value) or value
    return value


_PARTICLES = {
    "de",
    "da",
    "do",
    "dos",
    "das",
    "del",
    "della",
    "di",
    "du",
    "van",
    "von",
    "der",
    "den",
    "ten",
    "ter",
    "la",
    "le",
    "el",
    "al",
}


def family(name: str) -> str:
    """Return a family name as it is compared: publishers differ on whether a particle belongs to it, so none does."""
    words = name.split()
    while len(words) > 1 and words[0].casefold() in _PARTICLES:
        words = words[1:]
    return folded(" ".join(words))


def last_page(first: str, last: str) -> str:
    """Return a last page complete: "85" after "447" is 485."""
    if last.isdigit() and (match := re.fullmatch(r"([^\W\d]*)(\d+)", first)):
        digits = match[2]
        return match[1] + (digits[: len(digits) - len(last)] + last if len(last) < len(digits) else last)
    return last


def printed(name: str, value: str, gold: Gold, text: str) -> bool:
    """Tell whether the printed text holds a gold value."""
    if name == "doi":
        return folded(value) in text or value.lower() in gold.text.lower()
    if name == "last_page":
        first = gold.fields.get("first_page")
        if isinstance(first, str) and folded(first) == folded(value):
            return False
        digits = re.sub(r"^[^\W\d]+", "", folded(value))
        return any(re.search(rf"(?<!\d){re.escape(digits[at:])}(?!\d)", gold.text) for at in range(len(digits)))
    return comparable(name, value) in text


def add(score: Score, gold: Gold, found: dict[str, str | tuple[str, ...]]) -> None:
    """Hold one parsed reference against its gold fields."""
    text = folded(gold.text)
    for name in FIELDS:
        tally = score.tallies[name]
        if name == "authors":
            _add_authors(score, gold, found, text)
            continue
        value, guess = gold.fields.get(name), found.get(name)
        want = comparable(name, value) if isinstance(value, str) else ""
        got = comparable(name, guess) if isinstance(guess, str) else ""
        if want and not printed(name, str(value), gold, text):
            score.unprinted += 1
            want = ""
            if got and name not in gold.closed:
                continue
        if name == "last_page":
            want = last_page(folded(str(gold.fields.get("first_page") or "")), want)
            got = last_page(folded(str(found.get("first_page") or "")), got)
            if got and got == folded(str(found.get("first_page") or "")):
                got = ""
        if want == got:
            tally.true += bool(want)
            continue
        if not want and name not in gold.closed:
            continue
        tally.false += bool(got)
        tally.missed += bool(want)
        score.errors.append((name, gold.key, str(value), str(guess), gold.text))
    if gold.either and comparable("title", gold.either) in text:
        want = comparable("title", gold.either)
        guesses = [comparable("title", str(found[name])) for name in ("container", "title") if found.get(name)]
        tally = score.tallies["container"]
        if want in guesses:
            tally.true += 1
        else:
            tally.missed += 1
            tally.false += bool(guesses)
            score.errors.append(
                ("either", gold.key, gold.either, str([found.get("title"), found.get("container")]), gold.text)
            )


def _add_authors(score: Score, gold: Gold, found: dict[str, str | tuple[str, ...]], text: str) -> None:
    tally = score.tallies["authors"]
    stated = tuple(gold.fields.get("authors") or ())
    guesses = tuple(family(name) for name in found.get("authors") or ())
    if not stated and "authors" not in gold.closed:
        return
    wanted = tuple(family(name) for name in stated)
    kept = tuple(name for name in wanted if name in text)
    score.unprinted += len(wanted) - len(kept)
    if gold.first_author_only:
        if not kept:
            return
        guesses = guesses[:1]
        if guesses and guesses[0] and guesses[0] in kept[0]:  # "Ehrenhauser F.S." or "F.S. Ehrenhauser"
            guesses = kept
    right = sum((Counter(kept) & Counter(guesses)).values())
    tally.true += right
    tally.false += len(guesses) - right
    tally.missed += len(kept) - right
    if right != len(kept) or right != len(guesses):
        score.errors.append(("authors", gold.key, str(stated), str(found.get("authors")), gold.text))
