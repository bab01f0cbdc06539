"""Words that no language has, made of syllables: a vocabulary for each script, and titles and sentences of them."""

from __future__ import annotations

import random
from functools import cache
from typing import Final

_SYLLABLES: Final = {
    "en": "ba ce di fo gu ka le mi no pu ra se ti vo zu bra cle dri flo gro ken lan mer nis por ral sen tor vel",
    "ru": "ба ве ги до жу за ке ли мо ну па ре си то фу бра кле дри гро хан мер нис пор рал сен тор вел щи ям",
    "es": "ba ce di fo gu ja le mi ño pu ra se ti vo zu bra cle dri flo grá ken lan mer nís por ral sen tór vel",
    "pt": "ba ce di fo gu ja lhe mi no pu rã se ti vo zu bra cle dri flo grã nha lan mer nis por ral sên tor vel",
    "de": "ba de gi fo gu ka le mi nö pu ra se ti vo zu brä kle dri flo grü ken lan mer nis pfor ral sen tor wel",
}
_ENDINGS: Final = {
    "en": "a al ic ine ism ist ity on or us",
    "ru": "а ание ень ий ик ия ость ство ый ь",
    "es": "a al ado ción ico idad ismo ista o or",
    "pt": "a al ado ção ico idade ismo ista o or",
    "de": "e en er heit ig isch keit ung us z",
}
_JOINTS: Final = {
    "en": "and as at by for from in of of of on the the to under with",
    "ru": "в в для и и из как на о по при с",
    "es": "a con de de de del el en la las por y",
    "pt": "a com da de de do e em na o por",
    "de": "auf bei das der der die für im in mit und von",
}
_WORDS: Final = 4_000
_PHRASES: Final = 8_000
_SENTENCES: Final = 2_000


@cache
def vocabulary(language: str) -> tuple[str, ...]:
    """Return the invented words of a language, the first used most."""
    chance = random.Random(f"words/{language}")  # noqa: S311 - the same words every time
    syllables, endings = _SYLLABLES[language].split(), _ENDINGS[language].split()
    made: dict[str, None] = {}
    while len(made) < _WORDS:
        stem = "".join(chance.choices(syllables, k=chance.choice((1, 2, 2, 3))))
        made[stem + chance.choice(endings)] = None
    return tuple(made)


@cache
def _phrases(language: str) -> tuple[str, ...]:
    """Return phrases of three or four words: joining some is far quicker than drawing each word."""
    chance = random.Random(f"phrases/{language}")  # noqa: S311 - as above
    joints = _JOINTS[language].split()
    made = []
    for _ in range(_PHRASES):
        found = [word(chance, language) for _ in range(chance.choice((2, 3)))]
        found.insert(1, chance.choice(joints))
        made.append(" ".join(found))
    return tuple(made)


@cache
def _sentences(language: str) -> tuple[str, ...]:
    chance = random.Random(f"sentences/{language}")  # noqa: S311 - as above
    return tuple(f"{title(chance, language, chance.randint(60, 160))}." for _ in range(_SENTENCES))


def word(chance: random.Random, language: str) -> str:
    """Return a word, the common ones more often."""
    return vocabulary(language)[int(_WORDS * chance.random() ** 2)]


def name(chance: random.Random, language: str) -> str:
    """Return a family name, a town or the like."""
    return word(chance, language).capitalize()


def title(chance: random.Random, language: str, letters: int) -> str:
    """Return words of about so many letters in all, at least one, the first with a capital letter."""
    known, draw = _phrases(language), chance.random
    found: list[str] = []
    left = letters
    while left > 12:
        phrase = known[int(draw() * _PHRASES)]
        found.append(phrase)
        left -= len(phrase) + 1
    whole = " ".join(found) or word(chance, language)
    return whole[0].upper() + whole[1:]


def text(chance: random.Random, language: str, letters: int) -> str:
    """Return sentences of about so many letters, cut after a word."""
    known = _sentences(language)
    found: list[str] = []
    left = letters
    while left > 0:
        sentence = known[int(chance.random() * _SENTENCES)]
        found.append(sentence)
        left -= len(sentence) + 1
    whole = " ".join(found)
    return whole if len(whole) <= letters else whole[:letters].rpartition(" ")[0] or whole[:letters]
