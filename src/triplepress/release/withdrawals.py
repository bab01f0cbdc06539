"""Records that their sources took back, and when a source's later word counts for more."""

from __future__ import annotations

import re

import msgspec

from triplepress.record import ArticleRecord, Source, Withdrawn


class WithdrawnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that its source took back.

    Attributes:
        key: What made it one article; other sources may still give that article.
        local_id: The source's own identifier.
        doi: Canonical DOI, if it had one.
        withdrawn: When, as the source says (`YYYY-MM-DD` or an xsd:dateTime).
        location: Where the source says so.
        position: Where in it.
    """

    key: str
    local_id: str
    doi: str | None
    withdrawn: str | None
    location: str
    position: str | None


def given_after(record: ArticleRecord, withdrawal: Withdrawn) -> bool:
    """Tell whether a source gave a record again after it had withdrawn it.

    Within one file the later place counts, between files the time of retrieval; where neither is known the withdrawal
    stands, for what was taken back must not be published by mistake. So the order of the inputs decides nothing.

    Args:
        record: A record under the identifier that was withdrawn.
        withdrawal: The source's word.
    """
    if len(record.sources) > 1:
        return True  # others say it too, and what each of them said can no longer be told apart
    given, word = record.sources[0] if record.sources else Source(kind="record", location=""), withdrawal.source
    if (given.location, given.sha256) == (word.location, word.sha256):
        return _place(given.position) > _place(word.position)
    since = word.retrieved or withdrawal.withdrawn
    return given.retrieved is not None and since is not None and given.retrieved > since


def _place(position: str | None) -> tuple[int, ...]:
    """Return the numbers in a position such as `records/12`, to compare it by."""
    return tuple(int(number) for number in re.findall(r"[0-9]{1,18}", position or ""))
