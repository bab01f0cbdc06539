"""Cited works as `citation_reference` states them: fields, printed text, or one after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from triplepress.identifiers import find_dois
from triplepress.record import Reference
from triplepress.sources.checks import Checks
from triplepress.sources.html.page import folded

_FIELD: Final = re.compile(r"(?:^|[;,\s])\s*(?P<name>citation_[a-z_]+)\s*=")
_IDENTIFIERS: Final = {"citation_pmid": "pmid", "citation_arxiv_id": "arxiv", "citation_isbn": "isbn"}


def read_references(contents: Sequence[str], checks: Checks) -> list[Reference]:
    """Return the cited works, in order.

    A list may come twice, as printed texts and as fields: where a text holds the title of the fields of the same place
    in the other half, they are one reference.

    Args:
        contents: The contents of the `citation_reference` elements.
        checks: Takes the warnings.
    """
    parsed = [_parsed(content) for content in contents]
    free = [text for text, fields in parsed if text and not fields]
    structured = [fields for text, fields in parsed if fields and not text]
    if len(free) == len(structured) > 0 and len(parsed) == 2 * len(free):
        pairs = list(zip(free, structured, strict=True))
        if all(_same(text, fields) for text, fields in pairs):
            parsed = pairs
    return [_reference(position, text, fields, checks) for position, (text, fields) in enumerate(parsed, start=1)]


def _parsed(content: str) -> tuple[str, dict[str, Any]]:
    """Return the printed text before the fields, and the fields; one that is repeated is a list.

    Example:
        >>> _parsed("Author A. Title. 2020; citation_title=Title; citation_author=A; citation_author=B;")
        ('Author A. Title. 2020', {'citation_title': 'Title', 'citation_author': ['A', 'B']})
    """
    matches = list(_FIELD.finditer(content))
    if not matches:
        return folded(content), {}
    fields: dict[str, Any] = {}
    for at, match in enumerate(matches):
        end = matches[at + 1].start() if at + 1 < len(matches) else len(content)
        value = folded(content[match.end() : end]).strip("; ")
        name = match["name"]
        if not value:
            continue
        if name in fields:
            before = fields[name]
            fields[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            fields[name] = value
    return folded(content[: matches[0].start()]).strip("; "), fields


def _same(text: str, fields: dict[str, Any]) -> bool:
    """Tell whether a printed text holds the title of some fields."""
    title = fields.get("citation_title")
    return isinstance(title, str) and _letters(title) in _letters(text)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _reference(position: int, text: str, fields: dict[str, Any], checks: Checks) -> Reference:
    """Return one reference; a DOI of its own field counts before one in the text."""
    rest = dict(fields)
    stated = rest.pop("citation_doi", None)
    doi = checks.doi(stated, f"references[{position}].doi") if isinstance(stated, str) else None
    if doi is None and text:
        found = find_dois(text)
        doi = found[0] if len(found) == 1 else None
        if len(found) > 1:
            checks.warn(f"references[{position}].doi", f"the entry names {len(found)} DOIs: {', '.join(found)}")
    identifiers = {
        scheme: value for name, scheme in _IDENTIFIERS.items() if isinstance(value := rest.pop(name, None), str)
    }
    return Reference(position=position, text=text or None, doi=doi, identifiers=identifiers, fields=rest)
