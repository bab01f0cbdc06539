"""The entries of a dump told apart again: what one article, or one shared thing, says in each format.

What an entry says is a function of its own node, and a dump is its entries one after another; so a changed entry can be
put in the place of the old one, and two dumps can be compared entry by entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final

from triplepress.store.members import key_of_iri

# The subject that begins a line of N-Triples.
_NTRIPLES: Final = re.compile(rb"^<([^>]*)>[^\n]*\n", re.MULTILINE)
# A block of Turtle, as `rdf.turtle` writes it: an empty line, then the subject in the first column.
_TURTLE: Final = re.compile(rb"\n<([^>]*)>(?:[^\n]+|\n(?!<))*", re.MULTILINE)
# A node of JSON-LD, as `rdf.nodes` writes it: its IRI comes first, or behind the one class that its kind has.
_NODE: Final = re.compile(rb'\{(?:"type":"[^"]*",)?"id":"([^"]*)"')
_CELL: Final = re.compile(rb'(?:"((?:[^"]|"")*)"|([^,"]*)),')

Entry = tuple[str, bytes]


def split_ntriples(text: bytes, root: str) -> Iterator[Entry]:
    """Yield the key and the lines of each entry of N-Triples, in their order."""
    return _grouped(((match[1], match[0]) for match in _NTRIPLES.finditer(text)), root)


def split_turtle(text: bytes, root: str) -> Iterator[Entry]:
    """Yield the key and the blocks of each entry of Turtle (without prefix lines), in their order."""
    return _grouped(((match[1], match[0]) for match in _TURTLE.finditer(text)), root)


def split_nodes(text: bytes, root: str) -> Iterator[Entry]:
    """Yield the key and the lines of each entry of a JSON-LD graph, without the comma behind the last."""
    lines = text.split(b",\n") if text else []
    grouped = groupby(lines, lambda line: _key(_first(_NODE, line), root))
    for key, group in grouped:
        yield key, b",\n".join(group)


def split_citations(text: bytes, article: Callable[[str], str], root: str) -> Iterator[Entry]:
    """Yield the key and the rows of each citing article.

    Args:
        text: Rows of `citations.csv`, without the header.
        article: Returns the IRI of the work with a DOI.
        root: The base IRI without its final slash.
    """
    rows = text.splitlines(keepends=True)

    def citing(row: bytes) -> str:
        cell = _CELL.match(row)
        quoted, plain = (cell[1], cell[2]) if cell else (None, row)
        doi = (plain if quoted is None else quoted.replace(b'""', b'"')).decode()
        return key_of_iri(article(doi), root)

    for key, group in groupby(rows, citing):
        yield key, b"".join(group)


def _grouped(parts: Iterable[tuple[bytes, bytes]], root: str) -> Iterator[Entry]:
    """Join the parts of one entry, which stand together."""
    known: dict[bytes, str] = {}

    def key(part: tuple[bytes, bytes]) -> str:
        thing = part[0].partition(b"#")[0]
        found = known.get(thing)
        if found is None:
            found = known[thing] = _key(thing, root)
        return found

    for name, group in groupby(parts, key):
        yield name, b"".join(text for _, text in group)


def _key(iri: bytes, root: str) -> str:
    return key_of_iri(iri.decode(), root)


def _first(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    """Return the first group of a pattern that must match."""
    match = pattern.match(text)
    if match is None:
        raise ValueError(f"not a node of a dump: {text[:80]!r}")
    return match[1]
