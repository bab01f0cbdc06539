"""What a harvest knows, beside the pages that it saved: written at one stroke after each page.

The state never runs ahead of the pages: a page is on disk before the state says so. A page that the state does not know
of (the process died between the two) is asked for again under the same name, so none is lost and none is there twice.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import SourceError

STATE: Final = ".harvest.json"
_LOCK: Final = ".harvest.lock"
_PART: Final = ".harvest.part"


class Cut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a list can be asked for again by date: every record from `date` on stands on page `page` or later.

    `date` is None for the beginning. `records` and `deleted` count what stands before the page.
    """

    page: int = 1
    date: str | None = None
    records: int = 0
    deleted: int = 0
    last: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A harvest that is not done.

    Attributes:
        number: Its number, which starts the names of its pages.
        since: The `from` of its first request.
        until: The `until` of its requests.
        asked: The `from` of the list that is being read now: another than `since` after a token had expired.
        afresh: Whether the pages of earlier runs are removed when it is done.
        page: The number of the page that comes next.
        token: The token to ask for it with; None at the beginning of a list.
        first: The date of the first response.
        records: How many records its pages hold.
        deleted: How many of them are marked as deleted.
        total: How many the repository said there are.
        last: The latest datestamp so far.
        ordered: Whether all datestamps came in their order so far.
        cut: Where the list can be asked for again.
        expired: The page at which a token expired last.
        stalled: How often it expired since without a page more.
    """

    number: int
    since: str | None = None
    until: str | None = None
    asked: str | None = None
    afresh: bool = False
    page: int = 1
    token: str | None = None
    first: str | None = None
    records: int = 0
    deleted: int = 0
    total: int | None = None
    last: str | None = None
    ordered: bool = True
    cut: Cut = Cut()
    expired: int = 0
    stalled: int = 0


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is known of one folder of pages.

    Attributes:
        url: The repository's address.
        set: The set that is harvested, None for all.
        prefix: The metadata format.
        days: Whether the repository's dates are days.
        deletions: What it says of deleted records.
        runs: The number of the last run that is done.
        oldest: The number of the oldest run whose pages count; what came before was harvested afresh.
        harvested: What changed before that moment is here.
        run: The run that is not done.
    """

    url: str
    set: str | None = None
    prefix: str
    days: bool = False
    deletions: str = "no"
    runs: int = 0
    oldest: int = 1
    harvested: str | None = None
    run: Run | None = None


def load_state(folder: Path) -> State | None:
    """Return the state of a folder, None for a new one.

    Raises:
        SourceError: The file is there and is no state.
    """
    path = folder / STATE
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        message = f"cannot be read as the state of a harvest ({error}); name another folder with --to"
        raise SourceError(message, location=str(path)) from error


def save_state(folder: Path, state: State) -> None:
    """Write the state at one stroke, durably."""
    write_whole(folder / STATE, msgspec.json.format(msgspec.json.encode(state), indent=2))


def page_path(folder: Path, run: int, page: int) -> Path:
    """Return where a page stands; sorted by name, pages stand in the order in which they came."""
    return folder / f"{run:04d}-{page:06d}.xml"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there as a whole or not at all, durably."""
    part = path.with_name(_PART)
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    number = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot, and then need not
            os.fsync(number)
    finally:
        os.close(number)


def drop_unknown(folder: Path, state: State) -> None:
    """Remove the pages that the state does not know of, and those of runs that count no more."""
    latest = state.runs if state.run is None else state.run.number
    for path in folder.glob("[0-9]*-[0-9]*.xml"):
        run, page = (int(part) for part in path.stem.split("-"))
        behind = state.run is not None and run == state.run.number and page >= state.run.page
        if run < state.oldest or run > latest or behind:
            path.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock: only one harvest at a time writes into it.

    Raises:
        SourceError: Another process holds it, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("a+b")
    except OSError as error:
        raise SourceError(f"{error.strerror or error}; name another folder with --to", location=str(folder)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "another harvest is at work in this folder; wait until it is done"
            raise SourceError(message, location=str(folder)) from error
        yield
