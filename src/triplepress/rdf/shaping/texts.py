"""Texts with their languages as JSON-LD language maps."""

from __future__ import annotations

from collections.abc import Iterable

from triplepress.rdf.nodes import Texts
from triplepress.record import Text


def language_map(texts: Iterable[tuple[str | None, str | None]]) -> Texts:
    """Return (text, language) pairs as a language map, each text once a language, in the order they came.

    Args:
        texts: Pairs; a None text is left out, a None language stands under `@none` and becomes a plain string.
    """
    found: Texts = {}
    for text, language in texts:
        if text is None:
            continue
        same = found.setdefault(language or "@none", [])
        if text not in same:
            same.append(text)
    return found


def text_map(texts: Iterable[Text]) -> Texts:
    """Return a record's texts as a language map."""
    return language_map((text.text, text.lang) for text in texts)
