"""Turtle that people like to read: prefixes, one block a subject, a blank line between blocks, lists over lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import pyoxigraph
from pyoxigraph import RdfFormat

# In Oxigraph's Turtle a literal's line breaks are escaped and what continues a subject is indented, so a line that
# starts in the first column starts a subject.
_SUBJECT: Final = re.compile(rb"^(?=[^\s@])", re.MULTILINE)
# Several values of one property, none of them a literal: IRIs hold no blanks, so every " , " is a separator.
_LIST: Final = re.compile(rb'^\t[^"\n]* , [^"\n]*$', re.MULTILINE)
_PREFIX_LINES: Final = re.compile(rb"(?:@prefix [^\n]*\n)*")


def turtle_header(prefixes: Mapping[str, str]) -> bytes:
    """Return the prefix lines of a Turtle document."""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.items()).encode()


def to_turtle(ntriples: bytes, prefixes: Mapping[str, str], *, header: bool = True) -> bytes:
    """Return N-Triples as Turtle, in their order: triples of one subject must stand together to be one block.

    Args:
        ntriples: N-Triples, UTF-8.
        prefixes: Namespace IRIs by prefix.
        header: Whether the prefix lines come first; a dump that is written batch by batch has them once.

    Returns:
        Turtle, UTF-8, without @base.
    """
    triples = pyoxigraph.parse(ntriples, format=RdfFormat.N_TRIPLES)
    written = pyoxigraph.serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(prefixes)) or b""
    body = _SUBJECT.sub(b"\n", _PREFIX_LINES.sub(b"", written, count=1))
    body = _LIST.sub(lambda line: line[0].replace(b" , ", b" ,\n\t\t"), body)
    return turtle_header(prefixes) + body if header else body
