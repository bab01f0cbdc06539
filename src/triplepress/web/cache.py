"""What has been made once and is not made again while a release is served: bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Generic, TypeVar

_K = TypeVar("_K", bound=str | tuple[bytes, ...])
_V = TypeVar("_V")
ITEM_BYTES: Final = 2 * 1024 * 1024
"""What is larger than this is worth more memory than time."""
# What an item takes beside its bytes: measured, 240 for a result of a query, 580 for an answer with its headers.
_ITEM_OVERHEAD: Final = 600


class Cache(Generic[_K, _V]):
    """Values by what was asked, the least recently used going first.

    Args:
        capacity: Bytes that are kept; 0 keeps nothing.
    """

    def __init__(self, capacity: int) -> None:
        """Start empty."""
        self.capacity = capacity
        self.size = 0
        self._items: OrderedDict[_K, tuple[_V, int]] = OrderedDict()

    def get(self, key: _K) -> _V | None:
        """Return what is kept under a key, None when nothing is."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: _K, value: _V, size: int) -> None:
        """Keep a value of so many bytes under a key, unless it is too large to be worth it.

        What it takes beside its content counts as well: there is no end to queries without an answer.
        """
        if size > ITEM_BYTES:
            return
        size += _ITEM_OVERHEAD + (sum(map(len, key)) if isinstance(key, tuple) else len(key))
        if size > self.capacity:
            return
        self.size += size - self._items.pop(key, (None, 0))[1]
        self._items[key] = (value, size)
        while self.size > self.capacity:
            _, (_, dropped) = self._items.popitem(last=False)
            self.size -= dropped
