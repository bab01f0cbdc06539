"""What Oxigraph's parser says about a query, put so that its author can use it.

The parser says `error at 1:10: expected one of "}", [_], …`: the furthest place it got to, and what it tried there.
"""

from __future__ import annotations

import re
from typing import Final

from triplepress.errors import QueryError

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_KEYWORD: Final = re.compile(r"(?:^|, )([A-Z][A-Z ]*[A-Z])(?=,|$)")
# A rule of the grammar that is a sentence, such as `The SELECT contains a variable that is unbound`.
_SENTENCE: Final = re.compile(r"(?:^|, )([A-Z][A-Za-z*]*(?: [\w*'?()-]+){2,})(?=,|$)")
# Words that the parser takes and this edition does not, or that are no standard SPARQL.
_NOT_OFFERED: Final = frozenset({"SERVICE", "LATERAL"})
_SHOWN: Final = 24


def syntax_error(query: str, message: str) -> QueryError:
    """Return what is wrong with a query that does not parse.

    Args:
        query: The text as the client sent it.
        message: The parser's own words.

    Returns:
        An error whose message names the place, what stands there and what could; line and column from 1, the column in
        characters.

    Example:
        >>> str(syntax_error("ASK { ?s ?p ", 'error at 1:13: expected one of "?", "<"'))
        'line 1, column 13: something is missing at the end or before it; expected ? or <'
    """
    match = _PLACE.match(message)
    if match is None:
        return QueryError(message)
    line, column = int(match[1]), int(match[2])
    lines = query.split("\n")
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    sentences = [text for text in _SENTENCE.findall(match[3]) if text.upper() != text]
    if sentences:
        found = sentences[0][0].lower() + sentences[0][1:]
    elif not rest.strip() and not "".join(lines[line:]).strip():
        found = "something is missing at the end or before it"
    else:
        shown = rest.split(None, 1)[0][:_SHOWN] if rest.strip() else "the end of the line"
        found = f"“{shown}” is not understood" if rest.strip() else f"{shown} is not expected"
    expected = [text.replace('\\"', '"') for text in _LITERAL.findall(match[3])] + _KEYWORD.findall(match[3])
    expected = [text for text in expected if text not in _NOT_OFFERED]
    if expected and not sentences:
        *most, last = list(dict.fromkeys(expected))[:8]
        found += f"; expected {', '.join(most)} or {last}" if most else f"; expected {last}"
    return QueryError(f"line {line}, column {column}: {found}", line=line, column=column)
