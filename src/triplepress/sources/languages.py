"""Languages as repositories write them: codes of two and three letters, locales, English names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import pycountry

from triplepress.record import Text, language_tag


@lru_cache(maxsize=1024)
def language_code(stated: str | None) -> str | None:
    """Return the language that a repository states as a BCP 47 tag, or None where it cannot be told.

    A country is left out: repositories write the locale of their form (`en_US`), not of the text.

    Example:
        >>> language_code("rus"), language_code("en_US"), language_code("English"), language_code("zh-Hant-TW")
        ('ru', 'en', 'en', 'zh-hant')
        >>> language_code("xx-unknown"), language_code("")
        (None, None)
    """
    text = (stated or "").strip()
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_@].*)?", text)
    primary = match[1].lower() if match else ""
    if len(primary) == 2:
        found = pycountry.languages.get(alpha_2=primary)
    elif len(primary) == 3:
        found = pycountry.languages.get(alpha_3=primary) or pycountry.languages.get(bibliographic=primary)
    else:
        found = pycountry.languages.get(name=text) if text else None
    if found is None:
        return None
    code = getattr(found, "alpha_2", found.alpha_3)
    return language_tag(f"{code}-{match[2]}" if match and match[2] else code)


def tagged(items: Iterable[tuple[str, str | None]]) -> list[Text]:
    """Return texts with their languages, each text once; two of one language keep the locale that tells them apart.

    Args:
        items: Text and language as stated.
    """
    pairs = list(dict.fromkeys(items))
    short = [language_code(stated) for _, stated in pairs]
    found: dict[Text, None] = {}
    for (text, stated), lang in zip(pairs, short, strict=True):
        whole = language_tag((stated or "").replace("_", "-"))
        found[Text(text=text, lang=whole if lang is not None and short.count(lang) > 1 and whole else lang)] = None
    return list(found)
