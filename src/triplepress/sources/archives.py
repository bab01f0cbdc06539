"""Archives: tar (packed or not) and zip, read member by member in their order, never unpacked to a folder.

A member's name is only ever part of a location, so a name such as `../../etc/passwd` leads nowhere. What unpacks to far
more than any text does is a bomb, and is left at once.
"""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Final, Literal, NamedTuple, cast

from msgspec.structs import replace

from triplepress.record import Rejected, Source
from triplepress.sources.content import DAMAGED, Content
from triplepress.sources.rejection import reject

Kind = Literal["tar", "zip"]

# What zip and tar raise for a member that is damaged, encrypted or packed in a way that Python does not know.
_BAD_MEMBER: Final = (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError)
_BLOCK: Final = 512
_CHUNK: Final = 1024 * 1024
_IN_MEMORY: Final = 8 * 1024 * 1024
# Gzip packs zeros a thousand times, metadata five to fifteen times.
_MOST_RATIO: Final = 200
_ALWAYS_ALLOWED: Final = 256 * 1024 * 1024
# By these a zip file tells that it is a document of an office suite or an e-book.
_DOCUMENT_MARKS: Final = frozenset({"[Content_Types].xml", "mimetype", "META-INF/container.xml"})


class TooMuch(Exception):  # noqa: N818 - it says what happened; it never leaves `sources`
    """An archive unpacks to far more than any archive of records does."""


class Member(NamedTuple):
    """One file in an archive: its name, and its bytes, to be read before the next member is asked for."""

    name: str
    stream: IO[bytes]


def archive_kind(content: Content, head: bytes) -> Kind | None:
    """Return which kind of archive an input is, None for none: a document of an office suite is none.

    Args:
        content: The input.
        head: Its first bytes, unpacked.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and content.packed is None:
        try:
            with zipfile.ZipFile(content.open()) as archive:
                return None if _DOCUMENT_MARKS.intersection(archive.namelist()) else "zip"
        except zipfile.BadZipFile:
            return "zip"  # to be refused as a damaged one
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return "tar"


def read_members(content: Content, kind: Kind, source: Source) -> Iterator[Member | Rejected]:
    """Yield the files of an archive, hidden ones and macOS's companions left out; what cannot be read is a `Rejected`.

    Args:
        content: The archive.
        kind: See `archive_kind`.
        source: The archive as a source.

    Raises:
        TooMuch: While a member is read.
    """
    meter = _Meter(content.size)
    found = _tar_members(content, source, meter) if kind == "tar" else _zip_members(content, source, meter)
    count = 0
    for member in found:
        count += 1
        yield member
    if not count:
        yield reject(source, "the archive is empty", "Make it again, or leave it out")


@contextmanager
def spooled(member: Member) -> Iterator[Content]:
    """Hold a member's bytes for as long as they are read: they are read twice, and a stream of a tar only once.

    Above 8 MB they stand in a temporary file.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        while chunk := member.stream.read(_CHUNK):
            spool.write(chunk)
        yield Content(cast("IO[bytes]", spool))


class _Meter:
    """Counts what an archive has unpacked to."""

    def __init__(self, packed: int) -> None:
        self._left = max(_ALWAYS_ALLOWED, packed * _MOST_RATIO)

    def count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise TooMuch


class _Metered:
    """A stream whose bytes are counted as they are read."""

    def __init__(self, stream: IO[bytes], meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._meter.count(len(piece))
        return piece


def _is_wanted(name: str) -> bool:
    """Tell whether a member is more than a system's own companion of another: `._x`, `.DS_Store`, `__MACOSX/`."""
    parts = PurePosixPath(name).parts
    return not any((part.startswith(".") and part not in {".", ".."}) or part == "__MACOSX" for part in parts)


def _tar_members(content: Content, source: Source, meter: _Meter) -> Iterator[Member | Rejected]:
    """Yield the members of a tar file in one pass."""
    last = None
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Metered(content.open(), meter)), mode="r|") as archive:
            for info in archive:
                if not _is_wanted(info.name) or info.isdir():
                    continue
                stream = archive.extractfile(info) if info.isreg() else None
                if stream is None:
                    place = replace(source, location=f"{source.location}/{info.name}")
                    yield reject(place, "a link or device in an archive, not a file", "Pack the file itself")
                    continue
                yield Member(info.name, stream)
                last = info.name
    except TooMuch as error:  # while what nobody asked for was passed over
        yield bad_member(source, error)
    except (tarfile.TarError, *DAMAGED) as error:
        position = None if last is None else f"after {last}"
        message = f"the archive is damaged or cut short: {error}"
        yield reject(source, message, "Make or fetch it again; the members before are read", position=position)


def _zip_members(content: Content, source: Source, meter: _Meter) -> Iterator[Member | Rejected]:
    """Yield the members of a zip file in the order of its directory."""
    try:
        archive = zipfile.ZipFile(content.open())
    except zipfile.BadZipFile as error:
        yield reject(source, f"the ZIP archive is damaged or cut short: {error}", "Make or fetch it again")
        return
    with archive:
        for info in archive.infolist():
            if info.is_dir() or not _is_wanted(info.filename):
                continue
            place = replace(source, location=f"{source.location}/{info.filename}")
            try:
                stream = archive.open(info)
            except _BAD_MEMBER as error:
                yield bad_member(place, error)
                continue
            with stream:
                yield Member(info.filename, cast("IO[bytes]", _Metered(stream, meter)))


def bad_member(place: Source, error: Exception) -> Rejected:
    """Return why a member of an archive cannot be read."""
    if isinstance(error, TooMuch):
        message = f"the archive unpacks to more than {_MOST_RATIO} times its size: no records do"
        return reject(place, message, "Check where it comes from; unpack it and name the files to read them")
    if isinstance(error, RuntimeError) and "password" in str(error):
        return reject(place, "the member is encrypted", "Pack it again without a password")
    return reject(place, f"the member cannot be unpacked: {error}", "Make or fetch the archive again")


BAD_MEMBER: Final = (TooMuch, tarfile.TarError, *_BAD_MEMBER)
