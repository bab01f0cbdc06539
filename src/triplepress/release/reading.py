"""What is read, on its way into the index: every result is counted, what cannot be published is set aside.

Files are read in processes, some at a time, and what they give is put into the index in the order of the files. A file
too large for that is read here, result by result, so that memory stays flat.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn, encode_record
from triplepress.release.counting import READ, REJECTED, SKIPPED, WITHDRAWAL
from triplepress.release.index import RecordIndex
from triplepress.release.press import finding_of, rejected
from triplepress.release.processes import Processes, processors
from triplepress.release.statements import RecordRow, kind_of, row_of
from triplepress.settings import Settings

Item = ArticleRecord | Rejected | Skipped | Withdrawn
Items = Iterable[Item]
# Reads one file: a function that can be pickled, or a partial of one.
ReadFile = Callable[[str], Iterable[Item]]
STDIN: Final = "-"

# One task of a process: files of so many bytes together, or so many files.
_TASK_BYTES: Final = 4 * 1024 * 1024
_TASK_FILES: Final = 64
# A file above this size is read result by result.
_LARGE: Final = 32 * 1024 * 1024
# Fewer tasks than this are done before other processes have begun.
_LEAST: Final = 3
_EVERY: Final = 100  # results between two words about the progress


@dataclass(frozen=True)
class Inputs:
    """The inputs of an edition.

    Attributes:
        files: The files, in the order of the inputs, and what cannot be opened; may be gone through again.
        read: Reads one of them.
        covers: Tells whether a location is one of these inputs, or was found in one.
        manner: A digest of all that has a say in what a file gives, beside its bytes.
    """

    files: Iterable[str | Rejected]
    read: ReadFile
    covers: Callable[[str], bool] = field(default=lambda _location: True)
    manner: str = ""


class Result(msgspec.Struct, frozen=True, array_like=True):
    """One result of a file: one of the last four is there.

    Attributes:
        kind: The kind of source that it is counted under.
        source: Where it comes from, if it says so.
        row: A record, prepared for the index.
        rejected: An input that is set aside.
        skipped: One that is no article.
        withdrawn: A source's word that a record is gone.
    """

    kind: str
    source: Source | None
    row: RecordRow | None = None
    rejected: Rejected | None = None
    skipped: Skipped | None = None
    withdrawn: Withdrawn | None = None


class FileResults(msgspec.Struct, frozen=True, array_like=True):
    """All results of one file: its location, the SHA-256 of its bytes, and what it gave."""

    location: str
    sha256: str | None
    results: list[Result]


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[FileResults])


def result_of(item: Item) -> Result:
    """Return one result, prepared for the index; a record that cannot be told from others is set aside."""
    if isinstance(item, ArticleRecord):
        source = item.sources[0] if item.sources else None
        try:
            return Result(kind_of(item), source, row=row_of(item))
        except RecordError as error:
            return Result(kind_of(item), source, rejected=rejected(item, "record", [finding_of(error)]))
    if isinstance(item, Withdrawn):
        return Result(item.source.kind, item.source, withdrawn=item)
    if isinstance(item, Skipped):
        return Result(item.source.kind, item.source, skipped=item)
    return Result(item.source.kind, item.source, rejected=item)


class FileReader:
    """Reads files and prepares what they give; each process has one.

    Args:
        read: Reads one file.
    """

    def __init__(self, read: ReadFile) -> None:
        """Keep the function."""
        self._read = read

    def results(self, locations: list[str]) -> bytes:
        """Return the results of some small files, packed."""
        return _ENCODER.encode(
            [
                FileResults(location, file_digest(location), [result_of(item) for item in self._read(location)])
                for location in locations
            ]
        )


def fill_index(
    index: RecordIndex, items: Iterable[Item], on_set_aside: Callable[[Rejected], None] | None = None
) -> None:
    """Put results that come from no file of the inputs into the index.

    Args:
        index: The index, not yet sealed.
        items: What was read elsewhere.
        on_set_aside: Told of each input that is set aside.
    """
    for item in items:
        take_in(index, result_of(item), on_set_aside)


class Filling:
    """Puts what the inputs give into an index.

    Args:
        index: The index, not yet sealed.
        inputs: The inputs.
        processes: How many processes read.
        progress: Called with the number of results so far.
        on_set_aside: Told of each input that is set aside.
    """

    def __init__(
        self,
        index: RecordIndex,
        inputs: Inputs,
        processes: int,
        progress: Callable[[int], None] | None = None,
        on_set_aside: Callable[[Rejected], None] | None = None,
    ) -> None:
        """Read nothing yet."""
        self._index = index
        self._inputs = inputs
        self._processes = processes
        self._progress = progress
        self._on_set_aside = on_set_aside
        self._number = 0

    def read(self, files: Iterable[str | Rejected] | None = None) -> None:
        """Read the inputs, or only some of their files."""
        with Processes(partial(FileReader, self._inputs.read), self._processes) as processes:
            tasks = self._tasks(self._inputs.files if files is None else files)
            for packed in processes.map(FileReader.results, tasks, least=_LEAST):
                for file in _DECODER.decode(packed):
                    self._index.begin_file(file.location, file.sha256, self._inputs.manner)
                    for result in file.results:
                        self._take_in(result)

    def _tasks(self, files: Iterable[str | Rejected]) -> Iterator[list[str]]:
        """Yield small files, some at a time; what cannot wait for a process is taken in on the way."""
        waiting: list[str] = []
        size = 0
        for file in files:
            length = _LARGE if isinstance(file, Rejected) else _length(file)
            if isinstance(file, Rejected):
                self._index.begin_file(file.source.location, None, self._inputs.manner)
                self._take_in(result_of(file))
            elif length >= _LARGE:
                self._index.begin_file(file, file_digest(file), self._inputs.manner)
                for item in self._inputs.read(file):
                    self._take_in(result_of(item))
            else:
                waiting.append(file)
                size += length
                if size >= _TASK_BYTES or len(waiting) == _TASK_FILES:
                    yield waiting
                    waiting, size = [], 0
        if waiting:
            yield waiting

    def _take_in(self, result: Result) -> None:
        """Put one result into the index, and tell how many there are."""
        take_in(self._index, result, self._on_set_aside)
        self._number += 1
        if self._progress is not None and self._number % _EVERY == 0:
            self._progress(self._number)


def fill(
    index: RecordIndex,
    items: Inputs | Items,
    settings: Settings,
    progress: Callable[[str, int, int | None], None] | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> None:
    """Put inputs, or what was read elsewhere, into an index that is not yet sealed."""
    if isinstance(items, Inputs):
        show = None if progress is None else lambda number: progress("read", number, None)
        Filling(index, items, processes_of(settings), show, on_set_aside).read()
    else:
        fill_index(index, items, on_set_aside)


def processes_of(settings: Settings) -> int:
    """Return how many processes read and press."""
    return settings.processes or processors()


def take_in(index: RecordIndex, result: Result, on_set_aside: Callable[[Rejected], None] | None = None) -> None:
    """Put one result into the index, and count it."""
    index.count(result.kind, READ)
    if result.source is not None:
        index.note_input(result.source)
    if result.row is not None:
        index.add_row(result.row)
    elif result.withdrawn is not None:
        index.withdraw(result.withdrawn)
        index.count(result.kind, SKIPPED, WITHDRAWAL)
    elif result.skipped is not None:
        index.count(result.kind, SKIPPED, result.skipped.kind)
    elif result.rejected is not None:
        source = result.rejected.source
        index.count(result.kind, REJECTED)
        index.set_aside_input(source.location, source.position, encode_record(result.rejected))
        if on_set_aside is not None:
            on_set_aside(result.rejected)


def _length(location: str) -> int:
    """Return the length of a file in bytes; what is no file, such as standard input, counts as large."""
    try:
        status = Path(location).stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) and location != STDIN else _LARGE


def file_digest(location: str) -> str | None:
    """Return the SHA-256 of a file, or None where it is none, or cannot be read."""
    path = Path(location)
    try:
        if location == STDIN or not path.is_file():
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
