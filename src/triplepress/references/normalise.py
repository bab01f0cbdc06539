"""Printed text made even before it is parsed: markup, entities, blanks, the number of the entry."""

from __future__ import annotations

import html
import re
from typing import Final

from triplepress.references.characters import LOWER, UPPER

# An element's tag; never a SICI's "<693::AID-ASI4>" nor an address in angle brackets.
_ONE_TAG: Final = r"</?[A-Za-z][A-Za-z0-9:_-]*(?:\s[^<>]*)?/?>"
_TAG: Final = re.compile(_ONE_TAG)
# "<volume>5</volume><issue>3</issue>" is not 53.
_TAGS_BETWEEN_DIGITS: Final = re.compile(rf"(?<=[0-9])(?:{_ONE_TAG})+(?=[0-9])")
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_BLANK_BEFORE_MARK: Final = re.compile(r" +([,;.])(?= |$)")
_LABEL: Final = re.compile(
    rf"(?:\[\s*[0-9]{{1,4}}\s*\]|\(\s*[0-9]{{1,3}}\s*\)|[0-9]{{1,3}}[.)](?=\s?[^\s0-9])|[0-9]{{1,3}}(?= [{UPPER}]))\s*"
)
_LEADING: Final = re.compile(r"[\s.,;:•*·\-–—]+(?=\S)")
# "Proble- my": a word broken at the end of a line.
_BROKEN_WORD: Final = re.compile(rf"(?<=[{LOWER}])- (?=[{LOWER}]{{2}})(?!(?:and|or|und|et|y|e|и|или|oder|to)\b)")


def even_text(text: str) -> str:
    """Return `text` on one line without markup, entities, invisible characters, and without its number in the list.

    Example:
        >>> even_text("[12] Smith J. , Doe A. <i>Title</i> &amp; more.")
        'Smith J., Doe A. Title & more.'
    """
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", _TAGS_BETWEEN_DIGITS.sub(" ", text))
    if not text.isascii():
        for character in _INVISIBLE:  # str.translate is many times slower, and these are rare
            if character in text:
                text = text.replace(character, "")
    text = " ".join(text.split())
    if " ," in text or " ." in text or " ;" in text:
        text = _BLANK_BEFORE_MARK.sub(r"\1", text)
    if "- " in text:
        text = _BROKEN_WORD.sub("", text)
    if text and not text[0].isalpha():
        leading = _LEADING.match(text)
        if leading:
            text = text[leading.end() :]
        label = _LABEL.match(text)
        if label and label.end() < len(text):
            text = text[label.end() :]
            leading = _LEADING.match(text)
            if leading:
                text = text[leading.end() :]
    return text
