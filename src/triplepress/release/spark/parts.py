"""Parts: what the tasks of one stage hand to those of a later one, in files that driver and executors share.

A part appears under its name when it is complete. A task that is run twice, after a failure or beside a slow twin,
writes the same part twice, and one of the two stays. A part that is not seen is an error, never an empty one: the
folder may not be mounted where a task runs, or show there what is no longer so.
"""

from __future__ import annotations

import os
import pickle
import secrets
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import zstandard

from triplepress.errors import PartError
from triplepress.release.dumps import Piece, Pressed, pack_texts

_BATCH: Final = 100  # rows that are written together: what they share is written once
_LEVEL: Final = 1
_SEEN_BY: Final = "this-folder"  # the file by which a machine sees that it has the right one


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all stages of one build.

    Attributes:
        folder: Where they lie; every executor sees it under this path.
        token: What a file there says: by it a machine sees that the folder is this very one.
    """

    folder: Path
    token: str

    @classmethod
    def begun(cls, folder: Path) -> Parts:
        """Make the folder, and return its parts: there are none yet."""
        folder.mkdir()
        parts = cls(folder, secrets.token_hex(16))
        (folder / _SEEN_BY).write_text(parts.token, encoding="ascii")
        return parts

    def check(self) -> None:
        """Check that the folder is seen from this machine.

        Raises:
            PartError: It is not, or another one is in its place.
        """
        path = self.folder / _SEEN_BY
        try:
            seen = path.read_text(encoding="ascii", errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            seen = ""
        if seen != self.token:
            raise PartError(str(path), socket.gethostname())

    def path(self, stage: str, number: int) -> Path:
        """Return where one part of a stage lies."""
        return self.folder / stage / f"{number:06d}"

    def write(self, stage: str, number: int, rows: Iterable[Any]) -> int:
        """Write one part, and return how many rows it has."""
        written = 0
        iterator = iter(rows)
        with (
            self.replacing(stage, number) as file,
            zstandard.ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False) as writer,
        ):
            while batch := list(islice(iterator, _BATCH)):
                pickle.dump(batch, writer, pickle.HIGHEST_PROTOCOL)
                written += len(batch)
        return written

    @contextmanager
    def replacing(self, stage: str, number: int) -> Iterator[BinaryIO]:
        """Open a file that takes the name of a part when all is well.

        Raises:
            PartError: The folder is not seen from this machine.
        """
        path = self.path(stage, number)
        self.check()
        path.parent.mkdir(exist_ok=True)  # without its parents: where there is no mount, none must be made up
        written = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
        try:
            with written.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)

    def read(self, stage: str, number: int) -> Iterator[Any]:
        """Yield the rows of one part.

        Raises:
            PartError: It is not seen from this machine.
        """
        self.check()
        path = self.path(stage, number)
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise PartError(str(path), socket.gethostname()) from error
        with file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            while batch := _next(reader):
                yield from batch


def _next(reader: zstandard.ZstdDecompressionReader) -> list[Any]:
    """Return the next rows of a part, none at its end."""
    try:
        batch: list[Any] = pickle.load(reader)  # noqa: S301 - a task of this very run wrote it
    except EOFError:
        return []
    return batch


class Members:
    """The finished members that one task makes, in one file, which gets its name when the task is done.

    Args:
        parts: The parts of the build.
        stage: The stage's name.
        number: The number of the task.
    """

    def __init__(self, parts: Parts, stage: str, number: int) -> None:
        """Know where the file will be."""
        self._path = str(parts.path(stage, number))
        self._replacing = parts.replacing(stage, number)
        self._file: BinaryIO | None = None
        self._end = 0

    def __enter__(self) -> Self:
        """Open the file."""
        self._file = self._replacing.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the file its name, unless an error is on its way."""
        self._replacing.__exit__(kind, error, trace)

    def add(self, section: str, key: str, texts: dict[str, bytes]) -> Pressed:
        """Compress what some entries add to each file, and return where it will stand.

        Args:
            section: The section's name.
            key: The first key.
            texts: By the name of the file in a release.
        """
        if self._file is None:
            raise ValueError("not open")
        pieces: dict[str, Piece] = {}
        for name, packed in pack_texts(texts).items():
            self._file.write(packed)
            pieces[name] = Piece(self._path, self._end, len(packed))
            self._end += len(packed)
        return Pressed(section, key, pieces)
