"""The interface's languages: English in the templates, the others in tables beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

# The languages of the interface, each by its own name.
LANGUAGES: Final = (("en", "English"), ("ru", "Русский"))
_CODES: Final = frozenset(code for code, _ in LANGUAGES)


@cache
def table(lang: str) -> Mapping[str, str]:
    """Return the translations into one language, keyed by the English text; empty for English itself.

    Raises:
        FileNotFoundError: There is no table for the language; `choose_language` never returns such a one.
    """
    if lang == "en":
        return {}
    return {
        english: str(text)
        for english, text in tomllib.loads(files(__package__).joinpath(f"{lang}.toml").read_text("utf-8")).items()
    }


class Translator:
    """Says an English text of the interface in one language.

    Example:
        >>> Translator("ru")("Cited by"), Translator("en")("Page {n} of {all}", n=2, all=3)
        ('Кем цитируется', 'Page 2 of 3')
    """

    def __init__(self, lang: str) -> None:
        """Take the table of `lang`, one of `LANGUAGES`."""
        self.lang = lang
        self._table = table(lang)

    def __call__(self, text: str, **values: object) -> str:
        """Return `text` in this language with `values` put in; English where a translation is missing."""
        said = self._table.get(text, text)
        return said.format(**values) if values else said


def choose_language(asked: str | None, accept_language: str | None, default: str) -> str:
    """Return the interface language: the one asked for in the address, else the browser's best, else the default.

    Args:
        asked: The value of `?lang=`, or None.
        accept_language: The `Accept-Language` header, or None.
        default: The edition's own language.

    Example:
        >>> choose_language(None, "fr, ru-RU;q=0.8, en;q=0.5", "en")
        'ru'

    References:
        RFC 9110, section 12.5.4; RFC 4647, section 3.4 (lookup).
    """
    if asked in _CODES:
        return asked
    best, best_quality = default, 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        name, _, value = parameters.strip().partition("=")
        try:
            quality = float(value) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if code in _CODES and quality > best_quality:
            best, best_quality = code, quality
    return best
