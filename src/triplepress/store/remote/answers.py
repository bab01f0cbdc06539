"""An engine's answers, read and written anew.

Every engine is asked in two formats only, SPARQL JSON and N-Triples, which all of them write; whatever a client takes
is made of these here, natively. So an answer is the same in every byte that matters, whichever engine gave it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import IO, Final, cast

import httpx2
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)

from triplepress.errors import QueryCut, StoreError
from triplepress.rdf.formats import TURTLE, Format
from triplepress.store.frames import ResultKind
from triplepress.store.guard import declared_prefixes
from triplepress.store.protocol import Row

_ASK_COLUMN: Final = "__ASK_RETVAL"
NOT_AN_ANSWER: Final = "the engine behind this edition sent what is no answer"


def refuse_cut(response: httpx2.Response) -> None:
    """Refuse an answer that its engine says it cut.

    Virtuoso does so with all that is longer than its `ResultSetMaxRows`, with status 200 and this header.

    Raises:
        QueryCut: It was.
    """
    rows = response.headers.get("X-SPARQL-MaxRows", "")
    if rows.isdigit():
        raise QueryCut(int(rows))


def read_rows(content: bytes) -> list[Row]:
    """Return the solutions of an answer in SPARQL JSON.

    Raises:
        StoreError: It holds none.
    """
    try:
        solutions = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(solutions, QuerySolutions):
            names = [variable.value for variable in solutions.variables]
            return [
                {name: term for name, term in zip(names, solution, strict=True) if term is not None}
                for solution in solutions
            ]
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"{NOT_AN_ANSWER}: {error}") from error
    raise StoreError(NOT_AN_ANSWER)


def read_boolean(content: bytes) -> bool:
    """Return the answer of an ASK in SPARQL JSON.

    Raises:
        StoreError: It holds none.
    """
    try:
        answer = parse_query_results(content, format=QueryResultsFormat.JSON)
        if isinstance(answer, QueryBoolean):
            return bool(answer)
        # Virtuoso answers many an ASK with a table: a row with 1 for yes, none for no.
        if [variable.value for variable in answer.variables] == [_ASK_COLUMN]:
            return any(getattr(solution[0], "value", "0") != "0" for solution in answer)
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"{NOT_AN_ANSWER}: {error}") from error
    raise StoreError(NOT_AN_ANSWER)


_PAIR: Final = re.compile(rb"\\(.)")


def repaired(ntriples: bytes) -> bytes:
    r"""Return N-Triples without the escape that is none: Virtuoso writes `<\/b>` in a text for `</b>`.

    Args:
        ntriples: Whole lines.
    """
    if rb"\/" not in ntriples:
        return ntriples
    # Pair by pair: in `\\/` the first backslash escapes the second.
    return _PAIR.sub(lambda match: b"/" if match[1] == b"/" else match[0], ntriples)


def whole_lines(take: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return a function that gives what `take` gives, in whole lines, repaired; empty at the end."""
    kept = b""

    def take_lines() -> bytes:
        nonlocal kept
        while piece := take():
            kept += piece
            end = kept.rfind(b"\n") + 1
            if end:
                lines, kept = kept[:end], kept[end:]
                return repaired(lines)
        lines, kept = kept, b""
        return repaired(lines)

    return take_lines


def read_triples(content: bytes) -> bytes:
    """Return the triples of an answer as N-Triples, each one once and as this house writes them.

    Virtuoso separates by tabs, escapes what is not ASCII, and repeats a triple that several solutions make.

    Raises:
        StoreError: It is no N-Triples.
    """
    try:
        triples = dict.fromkeys(parse(repaired(content), format=RdfFormat.N_TRIPLES))
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"{NOT_AN_ANSWER}: {error}") from error
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


class _EnoughError(Exception):
    """As many lines as were asked for have been written."""


class Pieces(io.RawIOBase):
    """What a serialiser writes, passed on in pieces of some size.

    Args:
        give: Takes a piece; may wait.
        lines: How many lines are wanted, None for all.
    """

    _SIZE: Final = 64 * 1024

    def __init__(self, give: Callable[[bytes], None], lines: int | None) -> None:
        """Start empty."""
        super().__init__()
        self._give = give
        self._lines = lines
        self._buffer = bytearray()

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are what the serialisers write
        """Take some bytes, up to the last line wanted."""
        if self._lines is None:
            self._buffer += data
        else:
            end, left = 0, self._lines
            while left and (newline := data.find(b"\n", end)) >= 0:
                end, left = newline + 1, left - 1
            self._lines = left
            self._buffer += data if left else data[:end]
            if not left:
                raise _EnoughError
        if len(self._buffer) >= self._SIZE:
            self.rest()
        return len(data)

    def rest(self) -> None:
        """Pass on what is gathered."""
        if self._buffer:
            self._give(bytes(self._buffer))
            self._buffer.clear()


class Incoming(io.RawIOBase):
    """A body that is read while it comes in.

    Args:
        take: Returns the next piece, empty at the end; may wait.
    """

    def __init__(self, take: Callable[[], bytes]) -> None:
        """Start with nothing."""
        super().__init__()
        self._take = take
        self._piece = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer of bytes
        """Fill a buffer with what is there; 0 at the end."""
        if not self._piece and not self._ended:
            self._piece = memoryview(self._take())
            # A parser may look again behind the end, where nobody gives anything any more.
            self._ended = not self._piece
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        return size


def convert(incoming: Incoming, pieces: Pieces, kind: ResultKind, wanted: Format, query: str, most: int | None) -> None:
    """Read an answer and write it in another format; to be called on one thread, which waits with both ends.

    Args:
        incoming: SPARQL JSON, or N-Triples of a graph.
        pieces: Takes the result.
        kind: What the query makes.
        wanted: The format to write.
        query: The query, for the prefixes of Turtle.
        most: How many solutions the engine makes a graph of at most, None where it makes it of all.

    Raises:
        StoreError: It is no answer, or one that its engine cut.
    """
    output = cast("IO[bytes]", pieces)
    try:
        if kind == "graph":
            _convert_graph(incoming, output, wanted, query, most)
        elif kind == "boolean":
            answer = b'{"head":{},"boolean":%s}' % (b"true" if read_boolean(incoming.readall()) else b"false")
            boolean = parse_query_results(answer, format=QueryResultsFormat.JSON)
            boolean.serialize(output, cast("QueryResultsFormat", wanted.native))
        else:
            results = parse_query_results(cast("IO[bytes]", incoming), format=QueryResultsFormat.JSON)
            results.serialize(output, cast("QueryResultsFormat", wanted.native))
    except _EnoughError:
        pass
    except (SyntaxError, ValueError, EOFError) as error:
        raise StoreError(f"{NOT_AN_ANSWER}: {error}") from error
    pieces.rest()


def _convert_graph(incoming: Incoming, output: IO[bytes], wanted: Format, query: str, most: int | None) -> None:
    """Write a graph in another format."""
    count = 0

    def counted() -> object:
        nonlocal count
        for triple in parse(cast("IO[bytes]", incoming), format=RdfFormat.N_TRIPLES):
            count += 1
            yield triple
        if most is not None and count >= most:
            # Virtuoso cuts a graph without a word.
            raise QueryCut(most)

    prefixes = declared_prefixes(query) if wanted is TURTLE else {}
    serialize(counted(), output, format=cast("RdfFormat", wanted.native), prefixes=prefixes or None)  # type: ignore[arg-type]
