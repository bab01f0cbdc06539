"""The dumps: everything the edition says, in three formats, its citations as a table, and its records.

Each is a series of members, made where the batch was pressed and then put behind one another; see `members` for where
they begin. Nothing is compressed twice, and what a small update does not touch is copied as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
import zstandard

from triplepress.rdf.formats import JSON_LD, N_QUADS, N_TRIPLES, TURTLE
from triplepress.rdf.mapping import Mapping
from triplepress.release.compression import gunzip, gzip_member
from triplepress.store.members import NTRIPLES_DUMP, Member, Segment

TURTLE_DUMP: Final = "dumps/articles.ttl.gz"
JSONLD_DUMP: Final = "dumps/articles.jsonld.gz"
CITATIONS_DUMP: Final = "dumps/citations.csv.gz"
MATCHED_DUMP: Final = "dumps/matched.nq.gz"  # only where something was matched
RECORDS: Final = "records.jsonl.zst"
# The files that are cut at the same keys, by their names within a release; those of `dumps/` with their media type.
FILES: Final = {
    NTRIPLES_DUMP: N_TRIPLES.media_type,
    TURTLE_DUMP: TURTLE.media_type,
    JSONLD_DUMP: JSON_LD.media_type,
    CITATIONS_DUMP: "text/csv",
    RECORDS: None,
}
_CITATIONS_HEADER: Final = b"citing,cited\r\n"
_RECORDS_LEVEL: Final = 3


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A member that is ready: the file that it lies in, and where."""

    path: str
    offset: int
    length: int


class Pressed(msgspec.Struct, frozen=True, array_like=True):
    """The members of one stretch of entries, not yet in the files of a release.

    Attributes:
        section: The section's name.
        key: The first key.
        pieces: By the name of the file they are for; a file in which the entries say nothing is left out.
    """

    section: str
    key: str
    pieces: dict[str, Piece]


class Spool:
    """A file of pieces that are appended and read back by place.

    Args:
        path: Where the file is made.
    """

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self.path = path
        self._file = path.open("x+b")
        self._end = 0

    def append(self, content: bytes) -> Segment:
        """Write one piece and return its place."""
        self._file.write(content)
        segment = Segment(self._end, len(content))
        self._end += len(content)
        return segment

    def flush(self) -> None:
        """Let other processes read what was written."""
        self._file.flush()

    def read(self, segment: Segment) -> bytes:
        """Return the piece at a place; may be called from any thread."""
        self._file.flush()
        return os.pread(self._file.fileno(), segment.length, segment.offset)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Pieces:
    """Reads pieces from the files they lie in; each file is opened once."""

    def __init__(self) -> None:
        """Open none yet."""
        self._open: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        for number in self._open.values():
            os.close(number)
        self._open.clear()

    def read(self, piece: Piece) -> bytes:
        """Return the bytes of a piece; may be called from any thread."""
        number = self._open.get(piece.path)
        if number is None:
            number = self._open.setdefault(piece.path, os.open(piece.path, os.O_RDONLY))
        return os.pread(number, piece.length, piece.offset)


class _File:
    """One file of a release while it is written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> Segment:
        """Append a member and return its place."""
        self._file.write(content)
        self._hash.update(content)
        segment = Segment(self.size, len(content))
        self.size += len(content)
        return segment

    def close(self) -> None:
        self._file.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


class Dump(msgspec.Struct, frozen=True):
    """One file of `dumps/`: its name, length in bytes, SHA-256 (hexadecimal) and media type before compression."""

    name: str
    bytes: int
    sha256: str
    media_type: str


class Dumps:
    """The files of a release that are cut into members, while they are written.

    Args:
        folder: The release, with an empty folder `dumps/`.
        mapping: Knows what stands before, between and after the members.

    Attributes:
        dumps: The finished dumps, once the files are closed.
    """

    def __init__(self, folder: Path, mapping: Mapping) -> None:
        """Begin no file yet."""
        self._folder = folder
        self._mapping = mapping
        self._files: dict[str, _File] = {}
        self._open = ExitStack()
        self._between = gzip_member(mapping.separator)
        self._has_nodes = False
        self.dumps: list[Dump] = []

    def __enter__(self) -> Self:
        """Begin each file."""
        with ExitStack() as opened:
            opened.push(self._open)  # closed again where a file cannot be begun
            for name in FILES:
                self._begin(name)
            self._files[TURTLE_DUMP].write(gzip_member(self._mapping.to_turtle(b"")))
            self._files[JSONLD_DUMP].write(gzip_member(self._mapping.opening))
            self._files[CITATIONS_DUMP].write(gzip_member(_CITATIONS_HEADER))
            opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what comes last, unless an error is on its way, and close the files."""
        with self._open:
            if kind is None:
                self._files[JSONLD_DUMP].write(gzip_member(self._mapping.closing))
                if not self._files[NTRIPLES_DUMP].size:
                    self._files[NTRIPLES_DUMP].write(gzip_member(b""))
        for name, file in self._files.items():
            media_type = N_QUADS.media_type if name == MATCHED_DUMP else FILES[name]
            if media_type is not None:
                self.dumps.append(Dump(name.removeprefix("dumps/"), file.size, file.sha256, media_type))

    def _begin(self, name: str) -> None:
        """Begin one file; all are closed together, each whatever becomes of the others."""
        file = self._files[name] = _File(self._folder / name)
        self._open.callback(file.close)

    def write(self, pressed: Pressed, pieces: Pieces) -> Member:
        """Append the members of some entries, and return where they stand."""
        places: dict[str, Segment] = {}
        for name, piece in pressed.pieces.items():
            if name not in self._files:  # the graph of matches, apart from the facts
                self._begin(name)
            if name == JSONLD_DUMP:
                if self._has_nodes:
                    self._files[name].write(self._between)
                self._has_nodes = True
            places[name] = self._files[name].write(pieces.read(piece))
        return Member(pressed.section, pressed.key, places)


def pack_texts(texts: dict[str, bytes]) -> dict[str, bytes]:
    """Return texts compressed as the files need them, by the name of the file; an empty one is left out."""
    frames = zstandard.ZstdCompressor(level=_RECORDS_LEVEL)
    return {
        name: frames.compress(text) if name == RECORDS else gzip_member(text) for name, text in texts.items() if text
    }


def unpack_text(name: str, member: bytes) -> bytes:
    """Return the text of a member of one of the files."""
    return zstandard.ZstdDecompressor().decompress(member) if name == RECORDS else gunzip(member)


def write_dump(folder: Path, name: str, media_type: str, members: Iterable[bytes]) -> Dump:
    """Write one dump that stands apart from the others.

    Args:
        folder: The folder `dumps/`.
        name: The file's name, which ends in `.gz`.
        media_type: What is compressed.
        members: Its gzip members; none makes an empty file of one member.

    Returns:
        The dump's entry for manifest and description.
    """
    file = _File(folder / name)
    try:
        for member in members:
            file.write(member)
        if not file.size:
            file.write(gzip_member(b""))
    finally:
        file.close()
    return Dump(name, file.size, file.sha256, media_type)


def citation_rows(citing: str, cited: Iterable[str]) -> bytes:
    """Return the rows of `citations.csv` of one article: citing and cited DOI, quoted where RFC 4180 wants it."""
    first = _cell(citing)
    return "".join(f"{first},{_cell(doi)}\r\n" for doi in cited).encode()


def _cell(text: str) -> str:
    """Return one cell of a CSV row."""
    return '"' + text.replace('"', '""') + '"' if any(character in text for character in ',"\r\n') else text


def write_checksums(folder: Path, dumps: Iterable[Dump]) -> None:
    """Write `SHA256SUMS`, as `sha256sum -c` reads it."""
    lines = "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps)
    (folder / "SHA256SUMS").write_text(lines, encoding="utf-8")


def texts_of(name: str, pressed: Iterable[Pressed], pieces: Pieces) -> Iterator[bytes]:
    """Yield the texts of one file, stretch by stretch, without what stands before, between and after them."""
    for each in pressed:
        piece = each.pieces.get(name)
        if piece is not None:
            yield unpack_text(name, pieces.read(piece))
