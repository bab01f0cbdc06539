"""Small values that several formats state alike: web addresses, page ranges, dates in parts."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_NOTHING: Final = frozenset({"null", "none", "n/a", "undefined", "-", "–", "—"})
_PAGE: Final = re.compile(r"\s*(\w+)\s*[-–—]{1,2}\s*(\w+)\s*")


def known(text: str | None) -> str | None:
    """Return a volume, issue or page, or None where the source wrote a word for nothing.

    Example:
        >>> known("12"), known("null"), known(" ")
        ('12', None, None)
    """
    bare = (text or "").strip()
    return None if not bare or bare.lower() in _NOTHING else bare


def page_range(text: str | None) -> tuple[str | None, str | None]:
    """Return first and last page of `1-5`, `e116-e116` or `S1–S5`; of anything else the whole as the first.

    Example:
        >>> page_range("444-445"), page_range("e308"), page_range("1,7-9")
        (('444', '445'), ('e308', None), ('1,7-9', None))
    """
    stated = known(text)
    if stated is None:
        return None, None
    match = _PAGE.fullmatch(stated)
    return (match[1], match[2]) if match else (stated, None)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an absolute http(s) address without blanks.

    Example:
        >>> is_web_address("https://example.org/a"), is_web_address("www.example.org")
        (True, False)
    """
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:  # "http://[" and the like
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
