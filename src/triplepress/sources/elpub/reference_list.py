"""The list of references: one entry after another, each text as printed."""

from __future__ import annotations

import re
from typing import Final

from triplepress.identifiers import scan_dois
from triplepress.record import RecordWarning, Reference
from triplepress.sources.elpub.page import Line, Part

_NUMBER: Final = re.compile(
    r"(?:\[(?P<square>[0-9]{1,4})\]|(?P<plain>[0-9]{1,4})[.)])(?:\s+|$)|(?P<bare>[0-9]{1,4})\s+(?=\D)"
)
# How far a number may be ahead of the one before: an entry or two may be missing, a page number may not start one.
_GAP: Final = 3


def read_references(part: Part) -> tuple[list[Reference], list[RecordWarning]]:
    """Return the entries of a reference list, in order.

    A numbered list is cut at its numbers, an unnumbered one at its blank lines. A line break inside an entry becomes a
    blank; nothing else of the text is changed.

    Returns:
        The references (`position` is the printed number), and what a reader should know about them.
    """
    entries = _numbered(part.lines) or _unnumbered(part)
    warnings: list[RecordWarning] = []
    numbers = [number for number, _ in entries]
    if numbers != list(range(1, len(numbers) + 1)) and numbers:
        warnings.append(
            RecordWarning(field="references", message=f"the list is not numbered 1 to {len(numbers)} without gaps")
        )
    return [_reference(number, text, warnings) for number, text in entries if text], warnings


def _numbered(lines: list[Line]) -> list[tuple[int, str]]:
    """Return number and text of each entry, or nothing if the list does not start with a number."""
    entries: list[tuple[int, list[str]]] = []
    after_blank = True
    for line in lines:
        if not line.text:
            after_blank = True
            continue
        match = _NUMBER.match(line.text)
        number = int(match["square"] or match["plain"] or match["bare"]) if match else None
        last = entries[-1][0] if entries else None
        if match and number is not None and _is_next(number, last, after_blank=after_blank, bare=bool(match["bare"])):
            entries.append((number, [line.text[match.end() :]]))
        elif entries:
            entries[-1][1].append(line.text)
        else:
            return []
        after_blank = False
    return [(number, " ".join(piece for piece in pieces if piece)) for number, pieces in entries]


def _is_next(number: int, last: int | None, *, after_blank: bool, bare: bool) -> bool:
    """Tell whether a number at the start of a line is that of the next entry."""
    if last is None:
        return number == 1 or (not bare and number <= _GAP)
    if number == last + 1:
        return not bare or after_blank
    return after_blank and not bare and last < number <= last + _GAP


def _unnumbered(part: Part) -> list[tuple[int, str]]:
    """Return a running number and the text of each paragraph."""
    texts = (" ".join(line.text for line in paragraph) for paragraph in part.paragraphs())
    return list(enumerate(texts, 1))


def _reference(position: int, text: str, warnings: list[RecordWarning]) -> Reference:
    """Return one entry; a second DOI, and what only looks like one, is put among the warnings."""
    found = list(scan_dois(text))
    dois = list(dict.fromkeys(place.doi for place in found if place.doi is not None))
    field = f"references[{position}].doi"
    for place in found:
        if place.doi is None:
            message = f"“{place.printed[:200]}” looks like a DOI and is none; the entry is kept as text"
            warnings.append(RecordWarning(field=field, message=message))
    if len(dois) > 1:
        message = f"the entry names {len(dois)} DOIs; {dois[0]} is taken, not {', '.join(dois[1:])}"
        warnings.append(RecordWarning(field=field, message=message[:500]))
    return Reference(position=position, text=text, doi=dois[0] if dois else None)
