"""What the server and a query worker say to each other over their socket.

A frame is one byte for its kind, four bytes for the length of its body (big-endian), and the body.
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import Final, Literal

import msgspec

ResultKind = Literal["boolean", "bindings", "graph"]
HEADER: Final = struct.Struct(">cI")


class Kind(Enum):
    """What a frame says; all but the first are from the worker."""

    QUERY = b"Q"
    """A `Query` to run."""
    READY = b"R"
    """The store is open."""
    HEAD = b"H"
    """A `Head`: the query is understood and its evaluation begins."""
    DATA = b"D"
    """A piece of the result."""
    END = b"E"
    """The result is complete; the worker takes the next query."""
    FAILED = b"F"
    """A `Failure` instead of a result, or of the rest of one; the worker takes the next query."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One query.

    Attributes:
        text: SPARQL 1.1.
        base: The IRI against which relative IRIs are resolved.
        default_graphs: IRIs of the graphs whose merge is the default graph; None keeps what the query says.
        named_graphs: IRIs of the named graphs; None keeps what the query says.
        results_format: Name of the format of a SELECT or ASK result, None when the client takes none.
        graph_format: Name of the format of a CONSTRUCT or DESCRIBE result, None when the client takes none.
        head_only: Whether only the kind of the result is asked for.
        lines: How many lines of the result are wanted, None for all of it; for line-based formats.
    """

    text: str
    base: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    results_format: str | None = None
    graph_format: str | None = None
    head_only: bool = False
    lines: int | None = None


class Head(msgspec.Struct, frozen=True):
    """The kind of a result, the name of its format (None: the client takes none), and whether it may change."""

    kind: ResultKind
    format: str | None
    volatile: bool


class Failure(msgspec.Struct, frozen=True):
    """Why there is no result; `fault` says whose."""

    fault: Literal["query", "memory", "store"]
    message: str
    line: int | None = None
    column: int | None = None


def pack(kind: Kind, body: bytes = b"") -> bytes:
    """Return a frame."""
    return HEADER.pack(kind.value, len(body)) + body
