"""Which language a text of a page is in, as far as the page says: its interface and its script, never a guess."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LETTERS: Final = re.compile(r"[^\W\d_]+")
# The blocks of the two scripts, Unicode's Blocks.txt; what is no letter in them is left out before.
_SCRIPTS: Final = (
    ("Latn", re.compile("[A-Za-z\xaa\xba\xc0-\u024f\u1e00-\u1eff]+")),
    ("Cyrl", re.compile("[\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f]+")),
)
# The modern alphabet; a Cyrillic text with other letters (Ukrainian, Kazakh, Serbian, …) is not Russian.
_NOT_RUSSIAN: Final = re.compile("(?![А-Яа-яЁё])[\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f]")
# "(In Russ.)" and its like: the language of the article's text.
_STATED: Final = re.compile(r"\(\s*(?:in|на)\s+(?P<names>[^()]{2,60})\)", re.IGNORECASE)
_WORDS: Final = {
    word: code
    for code, words in {
        "ru": "russ russian рус русском русск",
        "en": "eng engl english англ английском",
        "de": "germ german нем немецком",
        "fr": "fr french фр французском",
        "es": "span spanish исп испанском",
        "it": "ital italian итал итальянском",
        "zh": "chin chinese кит китайском",
        "uk": "ukr ukrainian укр украинском",
        "be": "belarus belarusian бел белорусском",
        "kk": "kaz kazakh каз казахском",
        "ky": "kyrg kyrgyz кирг кырг киргизском кыргызском",
        "uz": "uzb uzbek узб узбекском",
        "tt": "tat tatar тат татарском",
    }.items()
    for word in words.split()
}
_BETWEEN: Final = frozenset({"in", "на", "and", "и", "языке", "языках", "яз"})


def script(text: str) -> str | None:
    """Return `Latn` or `Cyrl` for the script of most letters, or None for another one or none.

    A look-alike of the other script in an initial (`M.В. Ivanov`) does not change it.
    """
    letters = "".join(_LETTERS.findall(text))
    for code, pattern in _SCRIPTS:
        if sum(map(len, pattern.findall(letters))) * 2 > len(letters):
            return code
    return None


def tag(text: str, interface: str | None) -> str | None:
    """Return the language of a text that stands on a page in the language of its interface, or None.

    Args:
        text: A title, an abstract, a name.
        interface: `en` or `ru`, from the words around the text; None where there are none.

    Example:
        >>> tag("Rare earths", "en"), tag("Редкие земли", "en"), tag("Сирек жер", "ru"), tag("Жібек", "ru")
        ('en', None, 'ru', None)
    """
    written = script(text)
    if interface == "en" and written == "Latn":
        return "en"
    if interface == "ru" and written == "Cyrl":
        return None if _NOT_RUSSIAN.search(unicodedata.normalize("NFC", text)) else "ru"
    return None


def stated_languages(text: str) -> list[str]:
    """Return the languages that a citation line says the article is in, each once, in order.

    Example:
        >>> stated_languages("2024;11(1):8-19. (In Russ.)"), stated_languages("(in the archive)")
        (['ru'], [])
    """
    found: dict[str, None] = {}
    for match in _STATED.finditer(text):
        words = [word for word in re.findall(r"[^\W\d_]+", match["names"].lower()) if word not in _BETWEEN]
        if words and all(word in _WORDS for word in words):
            found |= dict.fromkeys(_WORDS[word] for word in words)
    return list(found)
