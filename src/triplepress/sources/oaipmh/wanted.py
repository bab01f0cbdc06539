"""What a harvest is asked for, how it treats the repository, and what it brought: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be harvested.

    Attributes:
        url: The repository's base URL.
        set: A set of the repository's, None for all.
        since: From when on, a day or a moment; None goes on from the last harvest of the folder.
        until: Up to when.
        prefix: The metadata format; None takes the best that the repository offers.
        afresh: Whether everything is harvested again, and the pages of earlier harvests are removed when that is done.
    """

    url: str
    set: str | None = None
    since: str | None = None
    until: str | None = None
    prefix: str | None = None
    afresh: bool = False


@dataclass(slots=True)
class Harvested:
    """What a harvest brought.

    Attributes:
        folder: Where the pages are.
        url: The repository's address.
        prefix: The metadata format.
        since: From when on it was asked for; None for everything.
        records: How many records the pages of this harvest hold, deleted ones included.
        deleted: How many of them are marked as deleted.
        pages: How many pages they fill.
        resumed: Whether it went on after an interruption.
        restarts: How often a token had expired.
        deletions: What the repository says of deleted records: `persistent`, `transient` or `no`.
        broken: The pages that are not well-formed, each with what is wrong and where.
    """

    folder: str
    url: str
    prefix: str
    since: str | None = None
    records: int = 0
    deleted: int = 0
    pages: int = 0
    resumed: bool = False
    restarts: int = 0
    deletions: str = "no"
    broken: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manners:
    """How a repository is treated.

    Attributes:
        delay: The least seconds between two requests, and the first wait after a failure; it doubles with each.
        timeout: Seconds until a request that brings nothing counts as failed.
        attempts: How often one request is sent before the harvest stops.
        contact: Whom to ask about the requests, told in the `From` and `User-Agent` fields.
    """

    delay: float = 1.0
    timeout: float = 60.0
    attempts: int = 8
    contact: str = ""
