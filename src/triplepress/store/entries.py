"""What a release says of one article, read from where it lies in the N-Triples dump.

In the store the text of each term lies somewhere else: three hundred statements are a thousand places of the disk. In
the dump they are one stretch of a gzip member.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

import deflate

from triplepress.errors import ReleaseError
from triplepress.rdf.minting import Minter
from triplepress.store.members import ARTICLES, NTRIPLES_DUMP, Segment, key_of_iri, read_members


class _Lines(Protocol):
    """N-Triples: `bytes`, or the `bytearray` that comes out of a gzip member."""

    def find(self, sub: bytes, start: int = ..., /) -> int: ...
    def rfind(self, sub: bytes, start: int, end: int, /) -> int: ...
    def startswith(self, prefix: bytes | tuple[bytes, ...], start: int = ..., /) -> bool: ...
    def __getitem__(self, part: slice, /) -> bytes | bytearray: ...


class Entries:
    """The articles of a release, each found by its IRI; safe to use from several threads.

    Of the table of members only where the articles begin is kept: some 150 bytes for each 25 of them.

    Args:
        release: The release's folder.
        root: The base IRI that it was made with, without its final slash.
    """

    def __init__(self, release: Path, root: str) -> None:
        """Read nothing yet."""
        self._release = release
        self._root = root
        self._minter: Final = Minter(root)
        self._lock = Lock()
        self._loaded = False
        self._dump = -1
        self._keys: list[str] = []
        self._offsets = array("Q")
        self._lengths = array("Q")

    def load(self) -> None:
        """Read the table and open the dump, unless that is done; a release without either has no entries."""
        with self._lock:
            if self._loaded:
                return
            try:
                for key, place in self._members():
                    self._keys.append(key)
                    self._offsets.append(place.offset)
                    self._lengths.append(place.length)
                self._dump = os.open(self._release / NTRIPLES_DUMP, os.O_RDONLY)
            except (ReleaseError, OSError):
                # What an older version made has no such table, and a dump may have been taken away: the store answers.
                self._keys.clear()
            self._loaded = True

    def read(self, iri: str) -> bytes | None:
        """Return what the release says of an article, of its parts, and of the document about it.

        Args:
            iri: The article's own IRI, as it is minted.

        Returns:
            The lines of its entry, N-Triples; None where the dump has no such article, or cannot be read.
        """
        if not iri.startswith(f"{self._root}/{ARTICLES.path}") or "#" in iri:
            return None
        self.load()
        at = bisect_right(self._keys, key_of_iri(iri, self._root).removeprefix(ARTICLES.path)) - 1
        if at < 0:
            return None
        try:
            member = os.pread(self._dump, self._lengths[at], self._offsets[at])
            text = deflate.gzip_decompress(member)
        except (OSError, ValueError, deflate.DeflateError):
            # The store has the same statements; `triplepress verify` tells what has become of the dump.
            return None
        return entry_in(text, iri, self._minter.document(iri))

    def close(self) -> None:
        """Close the dump; nothing is read any more."""
        with self._lock:
            if self._dump >= 0:
                os.close(self._dump)
            self._dump, self._loaded = -1, True
            self._keys.clear()

    def _members(self) -> Iterator[tuple[str, Segment]]:
        """Yield the first key of each member of articles, and its place in the dump."""
        for member in takewhile(lambda each: each.section == ARTICLES.name, read_members(self._release)):
            if NTRIPLES_DUMP in member.places:  # not where the gate has refused all its records
                yield member.key, member.places[NTRIPLES_DUMP]


def entry_in(text: _Lines, iri: str, document: str) -> bytes | None:
    r"""Return the lines of one article's entry, which stand together; None where the article is not there.

    No literal has a line break of its own in N-Triples, so "\n<" is where a subject begins.

    Args:
        text: Entries of a dump, N-Triples.
        iri: The article.
        document: The document about it.

    Example:
        >>> text = b'<x:a> <x:p> "1" .\n<x:b> <x:p> "2" .\n<x:b#c> <x:p> "3" .\n<x:b2> <x:p> "4" .\n'
        >>> entry_in(text, "x:b", "x:data/b")
        b'<x:b> <x:p> "2" .\n<x:b#c> <x:p> "3" .\n'
    """
    subjects = tuple(b"<%s%s" % (each.encode(), end) for each in (iri, document) for end in (b"> ", b"#"))
    start = 0 if text.startswith(subjects[0]) else text.find(b"\n" + subjects[0]) + 1
    if not text.startswith(subjects[0], start):
        return None
    while start:
        before = text.rfind(b"\n", 0, start - 1) + 1
        if not text.startswith(subjects, before):
            break
        start = before
    end = start
    while text.startswith(subjects, end):
        end = text.find(b"\n", end) + 1
    return bytes(text[start:end])
