"""The texts of a page: its abstract and its keywords."""

from __future__ import annotations

import re
from typing import Final

from triplepress.record import Text
from triplepress.sources.elpub.language import tag
from triplepress.sources.elpub.page import Part

# A comma inside brackets does not end a keyword.
_COMMA: Final = re.compile(r",(?![^()\[\]]*[)\]])")


def read_keywords(parts: list[Part]) -> list[Text]:
    """Return the keywords of all keyword sections: apart at semicolons, else at commas, else at line ends.

    Only the first paragraph counts: on some pages the article's full text follows.
    """
    found: dict[tuple[str, str | None], Text] = {}
    for part in parts:
        paragraphs = part.paragraphs()
        if not paragraphs:
            continue
        lines = [line.text for line in paragraphs[0]]
        text = " ".join(lines)
        if ";" in text:
            pieces = text.split(";")
        elif "," in text:
            pieces = _COMMA.split(text)
        else:
            pieces = lines
        last = len(pieces) - 1
        for at, piece in enumerate(pieces):
            word = piece.strip().removesuffix(".") if at == last else piece.strip()
            if word:
                keyword = Text(text=word, lang=tag(word, part.lang))
                found.setdefault((keyword.text, keyword.lang), keyword)
    return list(found.values())


def read_abstracts(parts: list[Part]) -> list[Text]:
    """Return the abstract of each language; paragraphs stay apart, lines wrapped inside one are joined."""
    found: dict[str | None, Text] = {}
    for part in parts:
        text = "\n\n".join(" ".join(line.text for line in paragraph) for paragraph in part.paragraphs())
        if text:
            abstract = Text(text=text, lang=tag(text, part.lang))
            found.setdefault(abstract.lang, abstract)
    return list(found.values())
