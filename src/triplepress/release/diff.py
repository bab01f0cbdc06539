"""What two releases say differently: entry by entry, in the order of the keys, one entry of each at a time.

Dumps are cut where the content alone decides, so a member that two releases share is the same bytes in both, and is
neither decompressed nor read. A release without a table of members, or whose entries come in another order, is sorted
in a temporary file first.
"""

from __future__ import annotations

import gzip
import heapq
import os
import sqlite3
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain, groupby, islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final, Literal, TypeVar

import msgspec
from pyoxigraph import Literal as Text
from pyoxigraph import RdfFormat, parse

from triplepress.errors import ReleaseError
from triplepress.rdf.minting import Minter
from triplepress.release.compression import gunzip
from triplepress.release.entries import Entry, split_ntriples
from triplepress.release.manifest import read_manifest
from triplepress.release.revisions import read_revisions
from triplepress.store.members import ARTICLES, NTRIPLES_DUMP, Member, key_of_iri, read_members
from triplepress.store.members import NAME as MEMBERS

# The files that hold all that a release says, one statement a line; the second only where something was matched.
STATEMENTS: Final = (NTRIPLES_DUMP, "dumps/matched.nq.gz")
_TOPIC: Final = b" <http://xmlns.com/foaf/0.1/primaryTopic> "
_TITLE: Final = b" <http://purl.org/dc/terms/title> "
_ROWS: Final = 20_000  # lines that are split at a time where there is no table of members
_FIRST: Final = itemgetter(0)

Kind = Literal["added", "removed", "changed", "affected"]
_Value = TypeVar("_Value")
# The key of an entry, and its lines in the release before and in the one after.
Pair = tuple[str, bytes, bytes]


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry that two releases say differently.

    Attributes:
        key: The path of its IRI below the base, unquoted: `id/doi/…`, `id/journal/…`, `run/…`.
        change: `added` or `removed`; `changed` where the content of the record (or of the shared thing) did;
            `affected` where a record is the same and only what is known around it differs.
        record: Whether it is an article that one of the two releases holds.
        doi: Its DOI, if it has one.
        title: Its first title, in the later release that has one.
        removed: How many statements are only in the first release.
        added: How many are only in the second.
    """

    key: str
    change: Kind
    record: bool
    doi: str | None = None
    title: str | None = None
    removed: int = 0
    added: int = 0


class Tally(msgspec.Struct, kw_only=True):
    """How many entries of a kind were added, removed, changed, or affected by others' change."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    affected: int = 0

    def count(self, change: Kind) -> None:
        """Count one."""
        setattr(self, change, getattr(self, change) + 1)


class Statements(msgspec.Struct, kw_only=True):
    """How many statements are in one of two releases only."""

    removed: int = 0
    added: int = 0


class Summary(msgspec.Struct, kw_only=True):
    """What became of one release on the way to another.

    Attributes:
        before: Id of the first release.
        after: Id of the second.
        records: Articles that either holds.
        things: What articles point at: journals, people, organisations, cited works, inputs, runs, records that left.
        statements: Statements of the facts and of the graph of matches.
    """

    before: str
    after: str
    records: Tally = msgspec.field(default_factory=Tally)
    things: Tally = msgspec.field(default_factory=Tally)
    statements: Statements = msgspec.field(default_factory=Statements)

    def count(self, change: Change) -> None:
        """Count one entry."""
        (self.records if change.record else self.things).count(change.change)
        self.statements.removed += change.removed
        self.statements.added += change.added


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that differs, with the lines (N-Triples, or N-Quads) that only one of the releases has."""

    change: Change
    removed: list[bytes]
    added: list[bytes]


class Edition(msgspec.Struct, frozen=True):
    """A release, or one that is being built and has its dumps, its members and its revisions already.

    Attributes:
        folder: Its folder.
        release: Its id.
        root: Its base IRI without the final slash.
    """

    folder: Path
    release: str
    root: str

    @classmethod
    def of(cls, folder: Path) -> Edition:
        """Return a complete release."""
        return cls(folder, folder.name, read_manifest(folder).settings.base.removesuffix("/"))


def differences(before: Edition, after: Edition) -> Iterator[Difference]:
    """Yield what differs between two releases, in the order of the keys.

    Raises:
        ReleaseError: One of them cannot be read.
    """
    with ExitStack() as opened:
        yield from compare(before, after, _pairs(before, after, opened))


def compare(before: Edition, after: Edition, pairs: Iterable[Pair]) -> Iterator[Difference]:
    """Yield what differs, from pairs of entries: all that differ, and any that do not.

    Args:
        before: A release.
        after: Another.
        pairs: By key in their order, each key once: the entry's lines before and after, none where it is not there.
    """
    records = _Lookahead(_records(before, after))
    with _Titles(after) as titles:
        for key, old, new in pairs:
            difference = _difference(key, old, new, records.take(key), titles)
            if difference is not None:
                yield difference
    for key, kind in records.rest():  # what is no statement has changed: how its sources were united, say
        yield Difference(Change(key=key, change=kind, record=True, doi=_doi(key)), [], [])


def joined(*streams: Iterable[tuple[str, _Value]]) -> Iterator[tuple[str, list[_Value]]]:
    """Yield the values of several streams by key, each stream being in the order of its keys.

    Example:
        >>> list(joined([("a", 1), ("c", 2)], [("a", 3), ("b", 4)]))
        [('a', [1, 3]), ('b', [4]), ('c', [2])]
    """
    for key, group in groupby(heapq.merge(*streams, key=_FIRST), key=_FIRST):
        yield key, [value for _, value in group]


def _difference(key: str, old: bytes, new: bytes, kind: Kind | None, titles: _Titles) -> Difference | None:
    """Return how an entry differs, None where it does not.

    Args:
        key: Its key.
        old: Its lines before.
        new: Its lines after.
        kind: What became of the record, None where it is none.
        titles: The titles of records whose own lines are in both releases, and so not among these.
    """
    as_it_was = kind in {None, "affected"}
    if old == new and as_it_was:
        return None
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    had, has = set(before), set(after)
    removed = [line for line in before if line not in has]
    added = [line for line in after if line not in had]
    if not removed and not added and as_it_was:
        return None  # the same in another order
    is_record = kind is not None or _TOPIC in old or _TOPIC in new
    change = Change(
        key=key,
        change=kind or "affected" if is_record else _presence(old, new),
        record=is_record,
        doi=_doi(key),
        title=(_title(after) or _title(before) or titles.of(key)) if is_record else None,
        removed=len(removed),
        added=len(added),
    )
    return Difference(change, removed, added)


def _presence(old: bytes, new: bytes) -> Kind:
    """Return what became of a thing that is no record."""
    if old and new:
        return "changed"
    return "added" if new else "removed"


def _doi(key: str) -> str | None:
    return key.removeprefix("id/doi/") if key.startswith("id/doi/") else None


def _title(lines: list[bytes]) -> str | None:
    """Return the first title that an article has: its own node comes first of all its nodes."""
    for line in lines:
        if _TITLE in line:
            for quad in parse(line, format=RdfFormat.N_QUADS):
                if isinstance(quad.object, Text):
                    return quad.object.value
    return None


# -- records -----------------------------------------------------------------------------------------------------------


def _records(before: Edition, after: Edition) -> Iterator[tuple[str, Kind]]:
    """Yield the keys of the entries that are records, and whether each is new, gone, or has another content.

    They come in the order of the records. A record that is the same may still be affected.
    """
    minter = Minter(after.root)
    old = ((r.key, (False, r.digest)) for r in read_revisions(before.folder))
    new = ((r.key, (True, r.digest)) for r in read_revisions(after.folder))
    for key, found in joined(old, new):
        side = found[-1][0]
        name = key_of_iri(minter.article_of_key(key), after.root)
        if len(found) == 1:
            yield name, "added" if side else "removed"
        else:
            yield name, "affected" if found[0][1] == found[1][1] else "changed"


class _Lookahead:
    """A stream by key, asked for keys in almost the same order; what was passed over is kept until it is asked for.

    Records that are the same are not kept: there may be millions of them.
    """

    def __init__(self, stream: Iterator[tuple[str, Kind]]) -> None:
        self._stream = stream
        self._next = next(stream, None)
        self._passed: dict[str, Kind] = {}

    def take(self, key: str) -> Kind | None:
        """Return what stands under a key, once."""
        while self._next is not None and self._next[0] <= key:
            name, kind = self._next
            self._next = next(self._stream, None)
            if name == key:
                return kind
            if kind != "affected":
                self._passed[name] = kind
        return self._passed.pop(key, None)

    def rest(self) -> Iterator[tuple[str, Kind]]:
        """Yield what was never asked for, and is not the same."""
        yield from sorted(self._passed.items())
        last = () if self._next is None else (self._next,)
        yield from ((name, kind) for name, kind in chain(last, self._stream) if kind != "affected")


class _Titles:
    """The titles of a release's articles; what is asked for in the order of the dump is read once."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._opened = ExitStack()
        self._side: _Side | None = None
        self._starts: list[str] = []
        self._read: tuple[int, dict[str, list[bytes]]] = -1, {}

    def __enter__(self) -> _Titles:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def of(self, key: str) -> str | None:
        """Return the title of the article with a key; None where there is none, or no table that says where it is."""
        if self._side is None:
            self._side = _Side(self._edition, NTRIPLES_DUMP, self._opened)
            articles = takewhile(lambda member: member.section == ARTICLES.name, self._side.members or ())
            self._starts = [ARTICLES.path + member.key for member in articles]
        number = bisect_right(self._starts, key) - 1
        if number < 0:
            return None
        if self._read[0] != number:
            entries = split_ntriples(gunzip(self._side.read(number)), self._edition.root)
            self._read = number, {name: lines.splitlines(keepends=True) for name, lines in entries}
        return _title(self._read[1].get(key, []))


# -- entries -----------------------------------------------------------------------------------------------------------


def _pairs(before: Edition, after: Edition, opened: ExitStack) -> Iterator[Pair]:
    """Yield the entries of two releases side by side, without those of members that they share."""
    streams: list[list[Iterator[Entry]]] = [[], []]
    for name in STATEMENTS:
        sides = [_Side(edition, name, opened) for edition in (before, after)]
        if sides[0].root == sides[1].root:
            _leave_out_shared(sides[0], sides[1])
        for place, side in enumerate(sides):
            streams[place] += side.streams()
    marked = (_marked(place, joined(*each)) for place, each in enumerate(streams))
    for key, found in joined(*marked):
        lines = dict(found)
        yield key, lines.get(0, b""), lines.get(1, b"")


def _marked(place: int, entries: Iterator[tuple[str, list[bytes]]]) -> Iterator[tuple[str, tuple[int, bytes]]]:
    for key, pieces in entries:
        yield key, (place, b"".join(pieces))


class _Side:
    """One file of one of two releases.

    Attributes:
        root: The base IRI without its final slash.
        members: The file's members; None where there is no table of them.
        left_out: The numbers of those that the other release has too.
    """

    def __init__(self, edition: Edition, name: str, opened: ExitStack) -> None:
        self.root = edition.root
        self.members: list[Member] | None = None
        self.left_out: set[int] = set()
        self._name = name
        self._opened = opened
        path = edition.folder / name
        if not path.exists() and name == NTRIPLES_DUMP:
            raise ReleaseError(f"{path} is not there; name another release, or publish again")
        self._file: BinaryIO | None = opened.enter_context(path.open("rb")) if path.exists() else None
        if (edition.folder / MEMBERS).exists():
            found = [member for member in read_members(edition.folder) if name in member.places]
            self.members = found or None

    def read(self, number: int) -> bytes:
        """Return the compressed bytes of one of the members."""
        if self._file is None or self.members is None:
            return b""
        place = self.members[number].places[self._name]
        return os.pread(self._file.fileno(), place.length, place.offset)

    def streams(self) -> list[Iterator[Entry]]:
        """Return streams of entries, each in the order of its keys."""
        if self._file is None:
            return []
        if self.members is None:
            return [self._sorted(self._whole(self._file))]
        return [self._section(name) for name in dict.fromkeys(member.section for member in self.members)]

    def _section(self, section: str) -> Iterator[Entry]:
        """Yield the entries of a section."""
        last = ""
        for number, member in enumerate(self.members or ()):
            if member.section != section or number in self.left_out:
                continue
            for key, lines in split_ntriples(gunzip(self.read(number)), self.root):
                if key < last:
                    raise ReleaseError(f"{self._name}: {key} stands after {last}; publish again in full")
                last = key
                yield key, lines

    def _whole(self, file: BinaryIO) -> Iterator[Entry]:
        """Yield the entries of a file that has no members to tell apart; a long one may come in pieces."""
        with gzip.open(file) as text:
            while lines := list(islice(text, _ROWS)):
                yield from split_ntriples(b"".join(lines), self.root)

    def _sorted(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Yield entries in the order of their keys, sorted on disk; pieces of one entry follow one another."""
        folder = self._opened.enter_context(tempfile.TemporaryDirectory(prefix="triplepress-"))
        with closing(sqlite3.connect(Path(folder) / "entries.sqlite", isolation_level=None)) as db:
            db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE entry (key, value)")
            db.execute("BEGIN")
            db.executemany(
                "INSERT INTO entry VALUES (?, ?)", ((key, zlib.compress(lines, 1)) for key, lines in entries)
            )
            for key, value in db.execute("SELECT key, value FROM entry ORDER BY key, rowid"):
                yield key, zlib.decompress(value)


def _leave_out_shared(one: _Side, other: _Side) -> None:
    """Note the members that are the same bytes in both releases."""
    if one.members is None or other.members is None:
        return
    known = {(member.section, member.key): number for number, member in enumerate(other.members)}
    for number, member in enumerate(one.members):
        twin = known.get((member.section, member.key))
        if twin is not None and one.read(number) == other.read(twin):
            one.left_out.add(number)
            other.left_out.add(twin)
