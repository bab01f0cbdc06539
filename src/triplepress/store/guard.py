r"""Refuses what a query must not ask of a public endpoint: SERVICE, and every update.

SERVICE would make the server fetch for a stranger. No parser at hand gives a tree to look into, so this is a lexer. It
has to be at least as generous as the engine's own parser, which is a scannerless one: there `trueSERVICE<…>` and
`SERVICESILENTex:a` are service calls, and whether `<` opens an IRI or compares depends on what stands around it. So:

- the text is read twice, as it stands and with its codepoint escapes (`\u0053`) decoded, since either reading may hide
  what the other shows (SPARQL 1.1 Query, 19.2);
- where `<` could open an IRI or compare, both are followed;
- a bare word that contains `service` is refused; no keyword or function has such a name. A prefixed name is refused
  only where its prefix contains it and a group follows, which outside GRAPH no valid query has;
- where a reading is only one of two, the whole head of a service call must be there.

References:
    SPARQL 1.1 Query Language, section 19.8 (grammar); SPARQL 1.1 Federated Query.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from triplepress.errors import QueryError

_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_PLX: Final = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?#@%-]"
_LOCAL: Final = rf"(?:[{_BASE}_0-9:]|{_PLX})(?:(?:[{_NAME}.:-]|{_PLX})*(?:[{_NAME}:-]|{_PLX}))?"
_PREFIX: Final = rf"(?:[{_BASE}](?:[{_NAME}.-]*[{_NAME}-])?)?"

# In the order in which they are tried; the last one always matches.
_TOKEN: Final = re.compile(
    "|".join(
        (
            r"(?P<space>[ \t\r\n]+|\#[^\r\n]*)",
            r"(?P<string>\"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
            r"|\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')",
            r"(?P<iri><(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>)",
            rf"(?P<variable>[?$][{_BASE}_0-9][{_NAME}]*)",
            r"(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)",
            rf"(?P<blank>_:[{_BASE}_0-9](?:[{_NAME}.-]*[{_NAME}-])?)",
            r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)",
            rf"(?P<name>(?P<prefix>{_PREFIX}):(?:{_LOCAL})?)",
            rf"(?P<word>[{_NAME}]+)",
            r"(?P<other>.)",
        )
    ),
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_GAP: Final = r"(?:[ \t\r\n]|\#[^\r\n]*(?:[\r\n]|\Z))*"
_IRI: Final = r"<[^<>\"{}|^`\x00-\x20]*>"
_HEAD: Final = re.compile(
    rf"service{_GAP}(?:silent{_GAP})?(?:[?$][{_NAME}]+|{_IRI}|{_PREFIX}:(?:{_LOCAL})?){_GAP}\{{", re.IGNORECASE
)
_GROUP: Final = re.compile(rf"{_GAP}\{{")
_UPDATES: Final = frozenset(
    {"insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with", "using"}
)
# Nothing of the kind anywhere, not even behind an escape: most queries need not be read word by word.
_MAY_BE_VOLATILE: Final = re.compile(r"rand|now|uuid|bnode|\\u", re.IGNORECASE)
_VOLATILE_CALL: Final = re.compile(r"\b(?:rand|now|uuid|struuid|bnode)\s*\(", re.IGNORECASE)
_PROLOGUE: Final = frozenset({"prefix", "base", "version"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the text from `start` on."""

    start: int
    certain: bool = True
    after_graph: bool = False


def check_query(query: str) -> None:
    """Refuse a query that is an update or calls another service.

    Args:
        query: The text as the client sent it.

    Raises:
        QueryError: It does; with line and column of the keyword.

    Example:
        >>> check_query("SELECT * { ?s ex:service 'SERVICE' } # SERVICE <http://example.org/> {}")
        >>> check_query("ASK { SERVICE <http://example.org/> {} }")
        Traceback (most recent call last):
        ...
        triplepress.errors.QueryError: SERVICE is not served here: ask that endpoint yourself and join the results
    """
    at = find_update(query)
    if at is not None:
        line, column = position(query, at)
        raise QueryError("updates are not served: this edition is read-only", line=line, column=column)
    at = find_service(query)
    if at is not None:
        line, column = position(query, at)
        message = "SERVICE is not served here: ask that endpoint yourself and join the results"
        raise QueryError(message, line=line, column=column)


def find_service(query: str) -> int | None:
    """Return the 0-based offset of the first service call in a query, None without one."""
    found = _scan(query)
    if found is not None:
        return found
    decoded, offsets = _decode(query)
    if not offsets:
        return None
    found = _scan(decoded)
    return None if found is None else _original(offsets, found)


def find_update(query: str) -> int | None:
    """Return the 0-based offset of the keyword that makes a text an update, None for a query."""
    decoded, offsets = _decode(query)
    naming = False
    for match in _TOKEN.finditer(decoded):
        kind = match.lastgroup
        if kind == "word":
            word = match["word"].lower()
            if word in _UPDATES:
                return _original(offsets, match.start())
            if word not in _PROLOGUE:
                return None
            naming = True
        elif kind != "space" and not (naming and kind in {"name", "iri", "string"}):
            return None
    return None


def is_volatile(query: str) -> bool:
    """Return whether a query may answer differently each time it is asked (RAND, NOW, UUID, ...).

    One that only has such a call in a text counts, too: it is asked again rather than kept.
    """
    if not _MAY_BE_VOLATILE.search(query):
        return False
    decoded = _decode(query)[0]
    # A call between < and > without blanks reads like a part of an IRI, and what follows perhaps like a text.
    if _VOLATILE_CALL.search(decoded):
        return True
    words = {match["word"].lower() for match in _TOKEN.finditer(decoded) if match.lastgroup == "word"}
    return not words.isdisjoint({"rand", "now", "uuid", "struuid", "bnode"})


def declared_prefixes(query: str) -> dict[str, str]:
    """Return the prefixes that a query's prologue declares with absolute IRIs, by name without colon."""
    prefixes: dict[str, str] = {}
    name: str | None = None
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup
        if kind == "word" and match["word"].lower() not in _PROLOGUE:
            break
        if kind == "name":
            name = match["prefix"]
        elif kind == "iri":
            if name is not None and re.match(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\\]*>", match[0]):
                prefixes[name] = match[0][1:-1]
            name = None
    return prefixes


def tokens(query: str) -> Iterator[re.Match[str]]:
    """Return an iterator over the words of a query, spaces among them; `lastgroup` is a word's kind."""
    return _TOKEN.finditer(query)


def last_token(query: str, end: int) -> re.Match[str] | None:
    """Return the last token that begins before an offset, None without one; its `lastgroup` is its kind."""
    found = None
    for match in _TOKEN.finditer(query):
        if match.start() >= end:
            break
        if match.lastgroup != "space":
            found = match
    return found


def position(query: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1 and in characters, of an offset."""
    line = query.count("\n", 0, offset) + 1
    return line, offset - query.rfind("\n", 0, offset)


def _scan(text: str) -> int | None:
    """Return the offset of the first service call under any reading of a text."""
    if "service" not in text.lower():
        return None
    found: list[int] = []
    seen: set[_Reading] = set()
    waiting = [_Reading(0)]
    while waiting:
        reading = waiting.pop()
        if reading not in seen:
            seen.add(reading)
            at = _follow(text, reading, waiting, seen)
            if at is not None:
                found.append(at)
    return min(found, default=None)


def _follow(text: str, reading: _Reading, waiting: list[_Reading], seen: set[_Reading]) -> int | None:
    """Follow one reading to its end or its first service call; other readings met on the way go to `waiting`."""
    start, after_graph, end = reading.start, reading.after_graph, len(text)
    while start < end:
        match = _TOKEN.match(text, start)
        if match is None:
            return None
        kind = match.lastgroup
        if kind == "space":
            start = match.end()
            continue
        if kind == "iri":
            waiting.append(_Reading(start + 1, certain=False))
        elif kind in {"word", "name"}:
            at = _service_in(text, match, certain=reading.certain, after_graph=after_graph)
            if at is not None:
                return at
        after_graph = kind == "word" and match[0].lower().endswith("graph")
        start = match.end()
        if not reading.certain:
            # Two uncertain readings that meet go on as one: the scan stays linear in the text.
            here = _Reading(start, certain=False, after_graph=after_graph)
            if here in seen:
                return None
            seen.add(here)
    return None


def _service_in(text: str, match: re.Match[str], *, certain: bool, after_graph: bool) -> int | None:
    """Return where in a bare word or prefixed name a service call begins, None where none can."""
    name = match["prefix"] if match.lastgroup == "name" else match[0]
    at = name.lower().find("service")
    if at < 0:
        return None
    at += match.start()
    if match.lastgroup == "name":
        return at if not after_graph and _GROUP.match(text, match.end()) else None
    return at if certain or _HEAD.match(text, at) else None


def _decode(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with its codepoint escapes decoded, and where each escape was.

    Returns:
        The decoded text; for each escape its end in the decoded and in the original text. Escapes of what is no
        character stay.
    """
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    last = length = 0
    for match in _ESCAPE.finditer(text):
        code = int(match[1] or match[2], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            continue
        parts += (text[last : match.start()], chr(code))
        length += match.start() - last + 1
        last = match.end()
        offsets.append((length, last))
    parts.append(text[last:])
    return "".join(parts), offsets


def _original(offsets: list[tuple[int, int]], found: int) -> int:
    """Return the offset in the original text of an offset in the decoded one."""
    index = bisect_right(offsets, found, key=lambda pair: pair[0])
    decoded_end, end = offsets[index - 1] if index else (0, 0)
    return end + found - decoded_end
