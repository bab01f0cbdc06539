"""The store of an edition, loaded in portions: what a bulk load holds in memory grows with what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store

# Bytes of text in one load. For 0.9 M triples 64 MB took half the memory of a single load (494 MB for 982) and no more
# time; 16 MB took a quarter, and half as much again on disk.
_PORTION: Final = 64 * 1024 * 1024


def load_store(path: Path, ntriples: Iterable[bytes], nquads: Iterable[bytes], portion: int = _PORTION) -> None:
    """Make a store: N-Triples in its default graph, then N-Quads in the graphs that they name.

    Args:
        path: The folder that is made.
        ntriples: Whole lines, in pieces of any length.
        nquads: The same.
        portion: Bytes that are loaded at a time, to the next end of a piece.
    """
    store = Store(str(path))
    for pieces, kind in ((ntriples, RdfFormat.N_TRIPLES), (nquads, RdfFormat.N_QUADS)):
        for text in _portions(pieces, portion):
            store.bulk_load(input=text, format=kind)
    store.flush()


def _portions(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield pieces joined to some size each."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting.clear()
            length = 0
    if waiting:
        yield b"".join(waiting)
