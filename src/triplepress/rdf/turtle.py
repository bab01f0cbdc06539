"""Turtle that people like to read: prefixes, one block a subject, a blank line between blocks, lists over lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyoxigraph
from pyoxigraph import RdfFormat

_PREFIX_LINES: Final = re.compile(rb"(?:@prefix [^\n]*\n)*")
_END: Final = b" .\n"
_SEPARATOR: Final = b" , "


def turtle_header(prefixes: Mapping[str, str]) -> bytes:
    """Return the prefix lines of a Turtle document."""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items()).encode()


def to_turtle(ntriples: bytes, prefixes: Mapping[str, str], *, header: bool = True) -> bytes:
    """Return N-Triples as Turtle, in their order: triples of one subject must stand together to be one block.

    Args:
        ntriples: N-Triples as Oxigraph writes them, UTF-8; their IRIs and language tags are not checked again.
        prefixes: Namespace IRIs by prefix.
        header: Whether the prefix lines come first; a dump that is written batch by batch has them once.

    Returns:
        Turtle, UTF-8, without @base.
    """
    triples = pyoxigraph.parse(ntriples, format=RdfFormat.N_TRIPLES, lenient=True)
    written = pyoxigraph.serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""
    body = _listed(_parted(_PREFIX_LINES.sub(b"", written, count=1)))
    return turtle_header(prefixes) + body if header else body


def _parted(blocks: bytes) -> bytes:
    """Return blocks of Turtle with a blank line before each.

    In Oxigraph's Turtle a literal's line breaks are escaped, so a full stop at the end of a line ends a subject.
    """
    return (b"\n" + blocks.replace(_END, _END + b"\n"))[:-1] if blocks else b""


def _listed(body: bytes) -> bytes:
    """Return Turtle with several values of one property, none of them a literal, over as many lines.

    IRIs hold no blanks, so where no literal is, every " , " is a separator.
    """
    parts: list[bytes] = []
    done = 0
    while (comma := body.find(_SEPARATOR, done)) >= 0:
        start, end = body.rfind(b"\n", done, comma) + 1, body.find(b"\n", comma)
        line = body[start:end]
        parts.append(body[done:start])
        parts.append(line.replace(_SEPARATOR, b" ,\n\t\t") if line.startswith(b"\t") and b'"' not in line else line)
        done = end
    return b"".join(parts) + body[done:]
