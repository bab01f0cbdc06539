"""Parts: what the tasks of one stage hand to those of a later one, in files that driver and executors share.

A part appears under its name when it is complete. A task that is run twice, after a failure or beside a slow twin,
writes the same part twice, and one of the two stays.
"""

from __future__ import annotations

import os
import pickle
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import zstandard

from triplepress.release.dumps import Piece, Pressed, pack_texts

_BATCH: Final = 100  # rows that are written together: what they share is written once
_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all stages of one build.

    Attributes:
        folder: Where they lie; every executor sees it under this path.
    """

    folder: Path

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
        """Open a file that takes the name of a part when all is well."""
        path = self.path(stage, number)
        path.parent.mkdir(parents=True, exist_ok=True)
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
        """Yield the rows of one part; none where the part was never written."""
        try:
            file = self.path(stage, number).open("rb")
        except FileNotFoundError:
            return
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
