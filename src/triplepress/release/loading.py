"""The store of an edition, loaded in portions: what a bulk load holds in memory grows with what it is given.

A load of one portion parses, sorts and writes one after the other, on one core; so two portions are loaded at a time.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store, parse

# Bytes of text in one load, and how many are under way. For 4.2 M triples two of 32 MB took the memory of one of 64 MB
# (some 500 MB) and half of its time on two cores; one of everything took four times the memory.
_PORTION: Final = 32 * 1024 * 1024
_AT_ONCE: Final = 2
# What belongs to one opening of a store.
_OWN: Final = frozenset({"LOCK", "LOG"})


def load_store(path: Path, ntriples: Iterable[bytes], nquads: Iterable[bytes], portion: int = _PORTION) -> None:
    """Make a store: N-Triples in its default graph, then N-Quads in the graphs that they name.

    Args:
        path: The folder that is made.
        ntriples: Whole lines, in pieces of any length, as Oxigraph writes them: their IRIs are not checked again.
        nquads: The same.
        portion: Bytes that are loaded at a time, to the next end of a piece.
    """
    store = Store(str(path))
    with ThreadPoolExecutor(_AT_ONCE) as loaders:
        under_way: set[Future[None]] = set()
        for pieces, kind in ((ntriples, RdfFormat.N_TRIPLES), (nquads, RdfFormat.N_QUADS)):
            for text in _portions(pieces, portion):
                if len(under_way) == _AT_ONCE:
                    done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    _raise_of(done)
                under_way.add(loaders.submit(store.bulk_load, input=text, format=kind, lenient=True))
        _raise_of(under_way)
    store.flush()


def _raise_of(loads: Iterable[Future[None]]) -> None:
    """Wait for loads, and raise what one of them raised."""
    for load in loads:
        load.result()


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


def link_store(old: Path, new: Path) -> None:
    """Make a copy of a store that shares the files which never change with it.

    RocksDB writes its tables (`.sst`) once; everything else is small and copied.
    """
    new.mkdir()
    for file in old.iterdir():
        if file.name in _OWN or not file.is_file():
            continue
        if file.suffix == ".sst":
            try:
                os.link(file, new / file.name)
                continue
            except OSError:  # another file system, or one without links
                pass
        shutil.copyfile(file, new / file.name)


def patch_store(path: Path, removed: Iterable[bytes], added: Iterable[bytes]) -> None:
    """Take statements out of a store and put others in.

    Args:
        path: The store.
        removed: N-Triples or N-Quads, whole lines; all of it goes before anything comes.
        added: The same.
    """
    store = Store(str(path))
    for text in removed:
        for quad in parse(text, format=RdfFormat.N_QUADS):
            store.remove(quad)
    for text in added:
        store.extend(parse(text, format=RdfFormat.N_QUADS))
    store.flush()
