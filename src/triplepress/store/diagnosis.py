"""Where a query is wrong, put so that its author can use it.

Oxigraph judges; but it reports the place to which its tokeniser had read ahead, one or two words past the mistake, and
rules of its grammar instead of words. rdflib's parser, asked for a second opinion on a query that is already refused,
reports where the part begins that it cannot read. Together they enclose the mistake.
"""

from __future__ import annotations

import re
import signal
from types import FrameType
from typing import Final

from triplepress.errors import QueryError
from triplepress.store.guard import last_token, position

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
# A rule of the grammar that is a sentence, such as `The SELECT contains a variable that is unbound`.
_SENTENCE: Final = re.compile(r"(?:^|, )([A-Z][A-Za-z]*(?: [\w*'?()-]+){3,})(?=,|$)")
_SHOWN: Final = 60
# The second opinion is given in Python: for what a person writes, and not for ever.
_MAX_CHARACTERS: Final = 8192
_SECONDS: Final = 2.0


def syntax_error(query: str, message: str) -> QueryError:
    """Return what is wrong with a query that does not parse.

    To be called on the main thread, where time can be bounded.

    Args:
        query: The text as the client sent it.
        message: The engine's own words.

    Returns:
        An error whose message names the place and what stands there; line and column from 1, in characters.

    Example:
        >>> str(syntax_error("ASK { ?s ex:p ?o }", "error at 1:15: expected OPTIONAL"))
        'line 1, column 10: the prefix “ex:” is not declared'
    """
    match = _PLACE.match(message)
    if match is None:
        return QueryError(message)
    end = _offset(query, int(match[1]), int(match[2]))
    start = _second_opinion(query)
    token = last_token(query, end)
    if start is None or start > end:
        start = token.start() if token else end
    line, column = position(query, start)
    sentence = next((text for text in _SENTENCE.findall(match[3]) if text.upper() != text), None)
    shown = query[start:end].strip().split("\n", 1)[0].rstrip()
    if sentence is not None:
        found = sentence[0].lower() + sentence[1:]
    elif token is not None and token.lastgroup == "name" and not _is_declared(query, token["prefix"]):
        line, column = position(query, token.start())
        found = f"the prefix “{token['prefix']}:” is not declared"
    elif not query[start:].strip():
        found = "the query ends too early"
    else:
        found = f"“{shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}” is not understood"
    return QueryError(f"line {line}, column {column}: {found}", line=line, column=column)


def _offset(query: str, line: int, column: int) -> int:
    """Return the 0-based offset of a place, at most the end of the text."""
    start = 0
    for _ in range(line - 1):
        start = query.find("\n", start) + 1
        if not start:
            return len(query)
    return min(start + column - 1, len(query))


def _is_declared(query: str, prefix: str) -> bool:
    """Return whether a query declares a prefix."""
    return re.search(rf"prefix\s+{re.escape(prefix)}\s*:", query, re.IGNORECASE) is not None


def _second_opinion(query: str) -> int | None:
    """Return where the part of a query begins that rdflib cannot read, None where it reads all or gives up."""
    if len(query) > _MAX_CHARACTERS:
        return None
    # Only a worker that has met a mistake needs it.
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        parseQuery(query)
    except ParseBaseException as error:
        return int(error.loc)
    except Exception:  # noqa: BLE001 - an opinion that is not given, for whatever reason, changes nothing
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return None


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    """End the second opinion."""
    raise TimeoutError
