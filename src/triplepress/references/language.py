"""The language of a cited work: only where the text says so, or its script leaves no doubt."""

from __future__ import annotations

import re
from typing import Final

_STATED: Final = re.compile(
    r"[\[(]\s?(?:(?:article\s)?in|на|em)\s(?P<name>russ(?:ian)?|engl?(?:ish)?|ukr(?:ainian)?|germ?(?:an)?|fr(?:ench)?"
    r"|span(?:ish)?|portuguese|chin(?:ese)?|jap(?:anese)?|ital(?:ian)?|pol(?:ish)?|kaz(?:akh)?"
    r"|рус(?:ском)?|англ(?:ийском)?|укр(?:аинском)?|нем(?:ецком)?|фр(?:анцузском)?)\b\.?(?:\sяз(?:ыке)?\.?)?\s?[;)\],]",
    re.IGNORECASE,
)
_TAGS: Final = {
    "rus": "ru",
    "eng": "en",
    "ukr": "uk",
    "ger": "de",
    "fre": "fr",
    "fr": "fr",
    "spa": "es",
    "por": "pt",
    "chi": "zh",
    "jap": "ja",
    "ita": "it",
    "pol": "pl",
    "kaz": "kk",
    "рус": "ru",
    "анг": "en",
    "укр": "uk",
    "нем": "de",
    "фр": "fr",
    "фра": "fr",
}
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7a3]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_NOT_RUSSIAN: Final = re.compile(r"[\u0400\u0402-\u040f\u0450\u0452-\u04ff]")
# ы and э exclude Ukrainian, Bulgarian, Serbian and Macedonian; these words exclude the Turkic and Mongolic languages.
_RUSSIAN_LETTER: Final = re.compile(r"[ыэё]", re.IGNORECASE)
_RUSSIAN_WORD: Final = re.compile(r"(?<!\w)(?:и|в|на|с|для|из|от|или|как|при|об|о|к|по)(?!\w)")


def language_of(text: str, title: str | None) -> str | None:
    """Return the tag of the language a reference's work is in, or None where that is not certain.

    Example:
        >>> language_of("Ivanov I. Title. Journal. 2020. (In Russ.)", "Title")
        'ru'
        >>> language_of("Smith J. Title. 2020.", "Title") is None
        True
    """
    if "(" in text or "[" in text:
        stated = _STATED.search(text)
        if stated:
            return _TAGS.get(stated["name"].lower()[:3])
    if not title or title.isascii():
        return None
    if _KANA.search(title):
        return "ja"
    if _HANGUL.search(title):
        return "ko"
    if (
        _CYRILLIC.search(title)
        and not _NOT_RUSSIAN.search(title)
        and _RUSSIAN_LETTER.search(title)
        and _RUSSIAN_WORD.search(title)
    ):
        return "ru"
    return None
