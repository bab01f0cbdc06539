"""The character classes of reference text: scripts of Europe in one place, since `re` has no Unicode properties."""

from __future__ import annotations

import unicodedata
from typing import Final


def _ranges(category: str) -> str:
    """Return the letters of a general category below U+0530 and in Latin Extended Additional, as class ranges."""
    points = [
        point
        for block in (range(0x41, 0x530), range(0x1E00, 0x1F00))
        for point in block
        if unicodedata.category(chr(point)) == category
    ]
    pieces: list[str] = []
    start = previous = points[0]
    for point in [*points[1:], 0]:
        if point == previous + 1:
            previous = point
            continue
        pieces.append(chr(start) if start == previous else f"{chr(start)}-{chr(previous)}")
        start = previous = point
    return "".join(pieces)


# For use inside a character class: Latin, Greek and Cyrillic letters.
UPPER: Final = _ranges("Lu")
LOWER: Final = _ranges("Ll")
APOSTROPHES: Final = "'’ʼʹ`´"
# Hyphen-minus, hyphen, non-breaking hyphen, figure dash, en dash, em dash, minus.
DASHES: Final = "\\-‐‑‒–—−"
HYPHENS: Final = "\\-‐‑"
