"""What was matched, record by record, and what each record looks for, on disk: kept with a release for the next one.

With it an update knows which records must be matched again when a work comes, changes or goes: those that look for it,
now or before. Everything else stays as it is.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from triplepress.errors import ReleaseError

NAME: Final = "matches.sqlite"
_VERSION: Final = 1
_LEVEL: Final = 1
_BATCH: Final = 500
# Half a key is enough to tell who may look for it; who does so by chance is matched again in vain.
_HALF: Final = 0xFFFFFFFF


class Matched(msgspec.Struct, frozen=True, array_like=True):
    """What the references of one record were matched to.

    Attributes:
        key: What makes the record one article.
        dois: The works, each once, in order.
        references: How many references were matched.
        quads: What is stated about it, as N-Quads.
    """

    key: str
    dois: tuple[str, ...]
    references: int
    quads: bytes


class Change(msgspec.Struct, frozen=True, array_like=True):
    """N-Quads that an update put in the place of others; either may be empty."""

    old: bytes
    new: bytes


def pack_sought(keys: Iterable[int]) -> bytes:
    """Return the keys that a record looks for, as four bytes each; without any, nothing."""
    return array("I", [key & _HALF for key in keys]).tobytes()


class MatchReader:
    """Reads the tables of one release.

    Args:
        db: A connection to them.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        """Keep the connection."""
        self._db = db
        self._unpacker = zstandard.ZstdDecompressor()

    @classmethod
    def open(cls, path: Path) -> MatchReader:
        """Return a reader of what was written and committed, for any thread or process."""
        return cls(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _execute(self, query: str, *parameters: object) -> sqlite3.Cursor:
        return self._db.execute(query, parameters)

    def keys(self, table: str) -> Iterator[str]:
        """Yield the keys of `matched` (records) or `work` (DOIs), in order."""
        for (key,) in self._execute(f"select key from {_TABLES[table]} order by key"):  # noqa: S608 - a name of ours
            yield key

    def texts(self, table: str, start: str, end: str | None) -> Iterator[bytes]:
        """Yield the N-Quads of the entries of a table from one key up to, not including, another."""
        rows = self._execute(
            f"select quads from {_TABLES[table]} where key >= ? and key < ? order by key",  # noqa: S608 - as above
            start,
            "\U0010ffff" if end is None else end,
        )
        for (quads,) in rows:
            yield self._unpacker.decompress(quads)


class MatchTables(MatchReader):
    """The tables of one release, while they are filled or brought up to date.

    Args:
        path: The SQLite file.
        new: Whether it is made; else one that is there is gone on from, and what changes is remembered.

    Raises:
        ReleaseError: The file that is there was made by another version.
    """

    def __init__(self, path: Path, *, new: bool) -> None:
        """Make the file, or open it."""
        super().__init__(sqlite3.connect(path, isolation_level=None))
        self.path = path
        self._new = new
        self._db.executescript(_PRAGMAS + (_SCHEMA if new else "") + _PASSING)
        if self._number("pragma user_version") != _VERSION:
            self.close()
            raise ReleaseError(f"{path}: made by another version of triplepress; publish again in full")
        self._execute("begin")
        self._packer = zstandard.ZstdCompressor(level=_LEVEL)

    def commit(self) -> None:
        """Let readers see everything so far."""
        self._execute("commit")
        self._execute("begin")

    def close(self) -> None:
        """Write what is left, and close the file."""
        if self._db.in_transaction:
            self._execute("commit")
        self._db.close()

    def _number(self, query: str) -> int:
        """Return the one number that a query answers with."""
        return int(self._execute(query).fetchone()[0] or 0)

    # -- what records look for -------------------------------------------------------------------------------------

    def seek(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep what records look for: their keys, and the keys of works as `pack_sought` gives them."""
        self._db.executemany("insert or replace into seeker values (?, ?)", (row for row in rows if row[1]))

    def forget(self, key: str) -> None:
        """Drop what a record looks for and was matched to."""
        self._execute("delete from seeker where key = ?", key)
        self.put(Matched(key, (), 0, b""))

    def seekers(self, touched: set[int]) -> Iterator[str]:
        """Yield the records that may look for any of these keys of works, in order."""
        halves = {key & _HALF for key in touched}
        if not halves:
            return
        for key, sought in self._execute("select key, sought from seeker order by key"):
            if not halves.isdisjoint(array("I", sought)):
                yield key

    # -- what they were matched to ---------------------------------------------------------------------------------

    def put(self, matched: Matched) -> bool:
        """Put a record's matches in the place of those that it had; return whether they are others."""
        if self._new:  # in the order of the keys, and sorted by work when all are there
            self._execute("insert into matched values (?, ?, ?, ?)", *self._row(matched))
            self._db.executemany("insert into found values (?, ?)", [(doi, matched.key) for doi in matched.dois])
            return True
        old = self._quads("select quads from matched where key = ?", matched.key)
        if old == matched.quads:
            return False
        self._execute("delete from matched where key = ?", matched.key)
        self._execute("delete from target where key = ?", matched.key)
        if matched.quads:
            self._execute("insert into matched values (?, ?, ?, ?)", *self._row(matched))
            self._db.executemany("insert into target values (?, ?)", [(doi, matched.key) for doi in matched.dois])
        self._execute("insert into change values ('matched', ?, ?, ?)", matched.key, old, matched.quads)
        return True

    def _row(self, matched: Matched) -> tuple[str, int, int, bytes]:
        quads = matched.quads
        return matched.key, matched.references, quads.count(b"\n"), self._packer.compress(quads)

    def _quads(self, query: str, key: str) -> bytes:
        row = self._execute(query, key).fetchone()
        return b"" if row is None else self._unpacker.decompress(row[0])

    def seal(self) -> None:
        """Sort what a full run found by work."""
        self._execute("insert into target select doi, key from found order by doi, key")
        self._execute("create index target_key on target (key)")
        self._execute("delete from found")

    def describe(
        self, named: Callable[[Sequence[str]], set[str]], quads: Callable[[Sequence[str]], Iterable[bytes]]
    ) -> None:
        """Keep a description of each work that matches name and nothing else does, and of no other.

        Args:
            named: Returns which of some works are held, or named by a source.
            quads: Returns the N-Quads that describe each of some works.
        """
        self._execute("delete from lonely")
        dois = (doi for (doi,) in self._execute("select distinct doi from target order by doi"))
        while batch := list(islice(dois, _BATCH)):
            known = named(batch)
            self._db.executemany("insert into lonely values (?)", [(doi,) for doi in batch if doi not in known])
        gone = self._execute("select key, quads from work where key not in (select doi from lonely)").fetchall()
        for doi, old in gone:
            self._execute("delete from work where key = ?", doi)
            self._execute("insert into change values ('work', ?, ?, x'')", doi, self._unpacker.decompress(old))
        self._execute("delete from lonely where doi in (select key from work)")
        new = self._execute("select doi from lonely order by doi")
        while batch := [doi for (doi,) in new.fetchmany(_BATCH)]:
            for doi, text in zip(batch, quads(batch), strict=True):
                row = (doi, text.count(b"\n"), self._packer.compress(text))
                self._execute("insert into work values (?, ?, ?)", *row)
                if not self._new:
                    self._execute("insert into change values ('work', ?, x'', ?)", doi, text)

    # -- reading back ----------------------------------------------------------------------------------------------

    @property
    def references(self) -> int:
        """How many references were matched."""
        return self._number('select sum("references") from matched')

    @property
    def works(self) -> int:
        """How many works they were matched to."""
        return self._number("select count(distinct doi) from target")

    @property
    def triples(self) -> int:
        """How many quads there are."""
        return self._number("select sum(triples) from matched") + self._number("select sum(triples) from work")

    def changed(self, table: str) -> list[str]:
        """Return the keys of the entries that were changed since the file was opened, in order."""
        rows = self._execute("select distinct key from change where kind = ? order by key", table)
        return [key for (key,) in rows]

    def changes(self) -> Iterator[Change]:
        """Yield what was changed since the file was opened."""
        for old, new in self._execute("select old, new from change order by kind, key, rowid"):
            yield Change(old, new)


_TABLES: Final = {"matched": "matched", "work": "work"}
_PRAGMAS: Final = """
pragma journal_mode = off;
pragma synchronous = off;
pragma temp_store = file;
"""
_SCHEMA: Final = """
pragma user_version = 1;
create table seeker (key text primary key, sought blob not null) without rowid;
create table matched (key text primary key, "references" integer not null, triples integer not null,
  quads blob not null) without rowid;
create table target (doi text not null, key text not null, primary key (doi, key)) without rowid;
create table work (key text primary key, triples integer not null, quads blob not null) without rowid;
"""
# What only this run needs.
_PASSING: Final = """
create temp table found (doi text not null, key text not null);
create temp table lonely (doi text primary key) without rowid;
create temp table change (kind text not null, key text not null, old blob not null, new blob not null);
"""
