"""Streams that are kept to be read more than once: a little of each in memory, the rest in a temporary file."""

from __future__ import annotations

import pickle
import tempfile
import weakref
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")
_IN_MEMORY: Final = 8 << 20  # bytes
_BATCH: Final = 100  # values that are written together: what they share is written once


class Spooled(Generic[_T]):
    """The values of a stream, in its order.

    The file has no name, so nothing is left when the process is killed, and is closed when nobody holds this any more.

    Args:
        values: The stream, read to its end at once.
    """

    def __init__(self, values: Iterable[_T] = ()) -> None:
        """Write the values down."""
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the finalizer
        weakref.finalize(self, self._file.close)
        self._number = 0
        iterator = iter(values)
        while batch := list(islice(iterator, _BATCH)):
            pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            self._number += len(batch)
        self._end = self._file.tell()

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._number

    def __iter__(self) -> Iterator[_T]:
        """Yield the values from the first on."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            batch: list[_T] = pickle.load(self._file)  # noqa: S301 - this very object wrote it
            place = self._file.tell()
            yield from batch


class SpooledTexts:
    """What entries say before and after, in the order of their keys; only keys and places are in memory.

    Args:
        entries: Key, text before and text after of each, in any order. What comes under one key is joined as it comes.
    """

    def __init__(self, entries: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Write the texts down."""
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by the finalizer
        weakref.finalize(self, self._file.close)
        self._places: list[tuple[str, int, int, int]] = []
        for key, *texts in entries:
            before, after = (zlib.compress(text, 1) for text in texts)
            self._places.append((key, self._file.tell(), len(before), len(after)))
            self._file.write(before + after)
        self._places.sort()  # by key, then as they came

    def __iter__(self) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
        """Yield each key once, with the text before and after."""
        for key, places in groupby(self._places, itemgetter(0)):
            pairs = [self._read(*place) for _, *place in places]
            yield key, (b"".join(before for before, _ in pairs), b"".join(after for _, after in pairs))

    def _read(self, place: int, before: int, after: int) -> tuple[bytes, bytes]:
        self._file.seek(place)
        return zlib.decompress(self._file.read(before)), zlib.decompress(self._file.read(after))
