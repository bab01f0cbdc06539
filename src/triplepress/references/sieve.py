"""Most keys that references look for are no work's: a file of bits that tells so without a look at the index.

A bit that is not set: no work has such a key. A bit that is set: look it up. The file is mapped, so that processes
share it, and is never larger than 32 MB; with more than some eight million keys it lets more through, and stays right.

References:
    B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13 (7), 1970, with one hash function.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final, Self

from triplepress.references.keys import BITS

_BITS_A_KEY: Final = 32  # three in a hundred unknown keys pass
_LEAST: Final = 15  # as powers of two, in bits: a page,
_MOST: Final = 28  # and 32 MB


class KeySieve:
    """Tells which keys are surely no work's.

    Args:
        path: A file that `write` made.
    """

    def __init__(self, path: Path) -> None:
        """Map the file."""
        with path.open("rb") as file:
            self._bits = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._shift = BITS + 1 - (8 * len(self._bits)).bit_length()

    @staticmethod
    def write(path: Path, keys: Iterable[int], number: int) -> None:
        """Write the file.

        Args:
            path: Where it is made.
            keys: The keys of all works, in order.
            number: How many they are, about.
        """
        power = min(_MOST, max(_LEAST, (number * _BITS_A_KEY).bit_length()))
        shift = BITS - power + 3
        with path.open("wb") as file:
            file.truncate(1 << power - 3)
            for start, group in groupby(keys, lambda key: key >> shift + _PAGE):
                page = bytearray(1 << _PAGE)
                for key in group:
                    page[key >> shift & _IN_PAGE] |= 1 << (key >> shift - 3 & 7)
                file.seek(start << _PAGE)
                file.write(page)

    def __enter__(self) -> Self:
        """Return the sieve."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._bits.close()

    def passing(self, keys: Iterable[int]) -> list[int]:
        """Return the keys that may be a work's."""
        bits, low = self._bits, self._shift
        high = low + 3
        return [key for key in keys if bits[key >> high] >> (key >> low & 7) & 1]


_PAGE: Final = 12  # bits of a place within 4,096 bytes
_IN_PAGE: Final = (1 << _PAGE) - 1
