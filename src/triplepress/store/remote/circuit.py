"""Nobody waits for an engine that is known to be away."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from triplepress.errors import StoreDown

_FAILURES: Final = 3
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 8.0


class Circuit:
    """Refuses requests at once after several failures in a row, and lets one through now and then to see.

    Args:
        clock: Seconds that only grow.

    Attributes:
        retry_after: Whole seconds until it is worth trying again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start closed: everything is let through."""
        self._clock = clock
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._closed_at = 0.0
        self._reason = ""

    @property
    def retry_after(self) -> int:
        """Whole seconds until it is worth trying again, at least one."""
        return max(1, math.ceil(self._closed_at - self._clock()))

    def enter(self) -> None:
        """Let a request through.

        Raises:
            StoreDown: The engine was away a moment ago.
        """
        if self._failures < _FAILURES:
            return
        if self._clock() < self._closed_at:
            raise StoreDown(self._reason, self.retry_after)
        # One goes to see; the others are refused until it is back, or until its time is over, too.
        self._closed_at = self._clock() + self._pause

    def failed(self, reason: str) -> None:
        """Note that the engine could not be reached, or was slow at little."""
        self._failures += 1
        self._reason = reason
        if self._failures >= _FAILURES:
            self._closed_at = self._clock() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def succeeded(self) -> None:
        """Note that the engine answered."""
        self._failures = 0
        self._pause = _FIRST_PAUSE
