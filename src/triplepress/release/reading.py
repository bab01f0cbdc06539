"""What is read, on its way into the index: every result is counted, what cannot be published is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Rejected, Skipped, Withdrawn, encode_record
from triplepress.release.counting import WITHDRAWAL, Tally
from triplepress.release.index import RecordIndex
from triplepress.release.press import finding_of, rejected


class InputLog:
    """The files that were opened, and which one is being read now."""

    def __init__(self) -> None:
        """Start with none."""
        self.files: dict[str, int] = {}
        self._current = ""

    def seen(self, location: str, count: int) -> None:
        """Take note that a file has given so many results so far."""
        self.files[location] = count
        self._current = location

    def is_of_current(self, location: str) -> bool:
        """Tell whether a place is the file that is being read, or within it."""
        return bool(self._current) and location.startswith(self._current)


def fill_index(
    index: RecordIndex,
    items: Iterable[ArticleRecord | Rejected | Skipped | Withdrawn],
    log: InputLog,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> Tally:
    """Put all that is read into the index.

    Args:
        index: The index, not yet sealed.
        items: What the inputs give.
        log: Knows which file is being read.
        on_set_aside: Told of each input that is set aside.

    Returns:
        The numbers; `rejected` counts what never got into the index.
    """
    tally = Tally()
    for item in items:
        source = (item.sources[0] if item.sources else None) if isinstance(item, ArticleRecord) else item.source
        kind = "record" if source is None else source.kind
        tally.read[kind] += 1
        if source is not None and log.is_of_current(source.location):
            index.note_input(source)
        if isinstance(item, Withdrawn):
            index.withdraw(item)
            tally.skip(kind, WITHDRAWAL)
            continue
        if isinstance(item, Skipped):
            tally.skip(kind, item.kind)
            continue
        if isinstance(item, ArticleRecord):
            try:
                index.add(item)
                continue
            except RecordError as error:
                item = rejected(item, "record", [finding_of(error)])
        tally.rejected[kind] += 1
        index.set_aside_input(item.source.location, item.source.position, encode_record(item))
        if on_set_aside is not None:
            on_set_aside(item)
    return tally
