"""From a reference without a DOI to a known work: candidates from an index on disk, each weighed, one clear winner.

A match is a guess with a score: it goes to the graph of matched statements and never passes for the source's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from triplepress.errors import StoreError
from triplepress.record import Reference
from triplepress.references.evidence import Evidence, weigh
from triplepress.references.folded import FoldedReference, FoldedWork, fold_reference, fold_work
from triplepress.references.keys import keys_of_sought, keys_of_work
from triplepress.references.known import KnownWork, Sought, sought
from triplepress.references.parsed import ParsedReference
from triplepress.references.sieve import KeySieve

# A key that more works share tells nothing ("volume 1, page 1, 2021"); such a block is not read.
LARGEST_BLOCK: Final = 300
# How far the best candidate must stand above the next, in the units of `evidence`.
_MARGIN: Final = 1.0

# Where what is known of a work comes from: its own record counts before what a catalogue says.
HELD: Final = 0
LISTED: Final = 1


class Match(NamedTuple):
    """The work a reference is matched to.

    `score` is 0.5 to 1; `method` says what carried it: `title`, `title+location` or `location`.
    """

    doi: str
    score: float
    method: str


class MatchIndex:
    """Known works on disk, found by what references say of them.

    Works may be added at any time; those of a first filling are sorted once, before the first look, so that it takes
    as long for each work however many there are.

    Args:
        path: The SQLite file, made where it is not there; `:memory:` keeps it in memory.
        readonly: Only look into a file that is there; others may do so at the same time.
        sieve: Tells most of the keys that no work has, so that they are never looked up; None looks all up.

    Raises:
        StoreError: The file cannot be opened or is no index.

    Example:
        >>> with MatchIndex(":memory:") as index:
        ...     title = "On the water balance of small rivers"
        ...     index.add(KnownWork(doi="10.5555/a", titles=(title,), authors=("Lee",), year="2019"))
        ...     index.match(Reference(position=1, text=f"Lee K. {title}. Hydrol. 2019;14:31-44."))
        Match(doi='10.5555/a', score=0.8808, method='title')
    """

    def __init__(self, path: Path | str, *, readonly: bool = False, sieve: KeySieve | None = None) -> None:
        """Open or make the index."""
        try:
            if readonly:
                self.connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
                self._require_version(path)
                self._execute("pragma cache_size = -8192")
            else:
                self.connection = sqlite3.connect(str(path), isolation_level=None)
                if self._execute("select count(*) from sqlite_master").fetchone()[0]:
                    self._require_version(path)
                self.connection.executescript(_SCHEMA)
                self._execute("begin")
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be used as an index of works: {error}; name another file") from error
        self._sieve = sieve
        self._added = 0
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(FoldedWork)

    def __enter__(self) -> Self:
        """Return the index itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the index; what was added stays."""
        self.close()

    def close(self) -> None:
        """Write what was added and close the file."""
        self.flush()
        self.connection.close()

    def flush(self) -> None:
        """Write what was added, for others that have the file open."""
        self._sort()
        if self.connection.in_transaction:
            self._execute("commit")
            self._execute("begin")

    def _require_version(self, path: Path | str) -> None:
        if self._execute("pragma user_version").fetchone()[0] != _VERSION:
            self.connection.close()
            raise StoreError(f"{path} cannot be used as an index of works: another version made it; name another file")

    def _execute(self, query: str, parameters: Iterable[object] = ()) -> sqlite3.Cursor:
        return self.connection.execute(query, tuple(parameters))

    # -- filling ---------------------------------------------------------------------------------------------------

    def add(self, work: KnownWork, *, rank: int = HELD) -> None:
        """Add a work; one of the same DOI and rank is replaced.

        Args:
            work: What is known of it.
            rank: `HELD` for the edition's own; `LISTED` counts only where the edition holds no such work.
        """
        folded = fold_work(work)
        self.add_folded(folded, keys_of_work(folded), rank=rank)

    def add_folded(self, work: FoldedWork, keys: Iterable[int], *, rank: int = HELD) -> None:
        """Add a work that is folded already, with its keys."""
        number = self._execute(
            "insert into works (doi, rank, value) values (?, ?, ?)", (work.doi, rank, self._encoder.encode(work))
        ).lastrowid
        self.connection.executemany("insert into added values (?, ?)", [(key, number) for key in keys])
        self._added += 1

    def _sort(self) -> None:
        """Take in what was added since: of several works of one DOI one has keys, and all keys go where they belong."""
        if not self._added:
            return
        self._added = 0
        first = self._execute("select coalesce(max(work), 0) from keyed").fetchone()[0]
        self._execute("create index if not exists works_doi on works (doi, rank)")
        doubled = self._execute(
            "select distinct one.doi from works as one join works as other using (doi)"
            " where one.id > ? and other.id < one.id",
            (first,),
        ).fetchall()
        for (doi,) in doubled:
            self._choose(doi)
        self._execute("insert into keys select key, work from added order by key, work")
        self._execute("delete from added")
        self._execute("update keyed set work = (select coalesce(max(id), 0) from works)")

    def _choose(self, doi: str) -> None:
        """Leave the last work of each rank, and keys only to the one of the lowest rank."""
        rows = self._execute(
            "select id, rank, value from works where doi = ? order by rank, id desc", (doi,)
        ).fetchall()
        ranks: set[int] = set()
        for number, rank, value in rows:
            if ranks:
                self._execute("delete from added where work = ?", (number,))
                self._delete_keys(number, self._keys(value))
            if rank in ranks:
                self._execute("delete from works where id = ?", (number,))
            ranks.add(rank)

    def _keys(self, value: bytes) -> set[int]:
        return keys_of_work(self._decoder.decode(value))

    def _delete_keys(self, number: int, keys: Iterable[int]) -> None:
        self.connection.executemany("delete from keys where key = ? and work = ?", [(key, number) for key in keys])

    def replace(self, doi: str, work: KnownWork | None, *, rank: int = HELD) -> set[int]:
        """Put what is known of a work in the place of what was; None takes it away.

        Args:
            doi: Canonical DOI.
            work: What is known of it now, if anything.
            rank: As for `add`.

        Returns:
            The keys of the work as it counted before and as it counts now; none if that is the same.
        """
        self._sort()
        before = self._counting(doi)
        if before is not None:
            self._delete_keys(before[0], self._keys(before[1]))
        self._execute("delete from works where doi = ? and rank = ?", (doi, rank))
        if work is not None:
            self._execute(
                "insert into works (doi, rank, value) values (?, ?, ?)",
                (doi, rank, self._encoder.encode(fold_work(work))),
            )
        after = self._counting(doi)
        if after is not None:
            self.connection.executemany(
                "insert into keys values (?, ?)", [(key, after[0]) for key in self._keys(after[1])]
            )
        states = [value for value in (before and before[1], after and after[1]) if value]
        if len(set(states)) == 1 and len(states) > 1:
            return set()
        return {key for value in states for key in self._keys(value)}

    def _counting(self, doi: str) -> tuple[int, bytes] | None:
        """Return number and value of the work that counts for a DOI."""
        found: tuple[int, bytes] | None = self._execute(
            "select id, value from works where doi = ? order by rank, id desc limit 1", (doi,)
        ).fetchone()
        return found

    # -- looking ---------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """Return how many works it knows."""
        self._sort()
        count: int = self._execute("select count(distinct doi) from works").fetchone()[0]
        return count

    def held(self) -> int:
        """Return how many of the works were added as `HELD`."""
        self._sort()
        count: int = self._execute("select count(*) from works where rank = ?", (HELD,)).fetchone()[0]
        return count

    def keys(self) -> Iterator[int]:
        """Yield the keys of all works, in order; one that several works share, as often."""
        self._sort()
        for (key,) in self._execute("select key from keys order by key"):
            yield key

    def key_count(self) -> int:
        """Return how many keys `keys` yields."""
        self._sort()
        count: int = self._execute("select count(*) from keys").fetchone()[0]
        return count

    def candidates(self, keys: Iterable[int]) -> Iterator[FoldedWork]:
        """Yield the works that have any of these keys: words of the title, or page, volume, year and author."""
        self._sort()
        if self._sieve is not None:
            keys = self._sieve.passing(keys)
        seen: set[int] = set()
        for key in keys:
            block = self.connection.execute(_BLOCK, (key,)).fetchall()
            if block and len(block) <= LARGEST_BLOCK:
                seen.update([row[0] for row in block])
        for number in seen:
            row = self.connection.execute("select value from works where id = ?", (number,)).fetchone()
            yield self._decoder.decode(row[0])

    def match(self, reference: Reference | ParsedReference) -> Match | None:
        """Return the work that a reference is to, or None where none is sure or two are as likely.

        Args:
            reference: Its stated fields are used first, then what was (or can be) parsed from its text. Its DOI is not.
        """
        wanted = sought(reference)
        return self.match_sought(wanted, keys_of_sought(wanted))

    def match_sought(self, wanted: Sought, keys: Iterable[int]) -> Match | None:
        """Return the work that a reference is to, as `match` does, by what it says and the keys of that."""
        return chosen(self._weighed(wanted, keys))

    def _weighed(self, wanted: Sought, keys: Iterable[int]) -> Iterator[tuple[Evidence, str]]:
        """Yield the evidence for each candidate, with its DOI."""
        reference: FoldedReference | None = None
        for work in self.candidates(keys):
            reference = reference or fold_reference(wanted)  # most have no candidate
            yield weigh(reference, work), work.doi


def chosen(weighed: Iterable[tuple[Evidence, str]]) -> Match | None:
    """Return the work that a reference is to, out of its candidates; None where none is sure or two are as likely.

    Args:
        weighed: The evidence for each candidate, in any order, with its DOI; each work once.
    """
    best: tuple[Evidence, str] | None = None
    next_best = 0.0
    for evidence, doi in weighed:
        if best is None or evidence.total > best[0].total:
            next_best = best[0].total if best else 0.0
            best = (evidence, doi)
        else:
            next_best = max(next_best, evidence.total)
    if best is None or not best[0].enough or best[0].total - next_best < _MARGIN:
        return None
    return Match(best[1], best[0].score, best[0].method)


def match_references(
    index: MatchIndex, references: Iterable[Reference], *, citing: str | None = None
) -> Iterator[tuple[int, Match]]:
    """Yield position and match of each reference that has no DOI of its own and is to a known work.

    Args:
        index: The works of the edition, and those of a supplied catalogue.
        references: The reference list of one article.
        citing: That article's DOI; a match to itself is not one.
    """
    for reference in references:
        if reference.doi is None:
            match = index.match(reference)
            if match and match.doi != citing:
                yield reference.position, match


_BLOCK: Final = f"select work from keys where key = ? limit {LARGEST_BLOCK + 1}"  # noqa: S608 - a number of our own
_VERSION: Final = 2  # as in the schema
_SCHEMA: Final = """
pragma user_version = 2;
pragma journal_mode = off;
pragma synchronous = off;
pragma temp_store = file;
create table if not exists works (
  id integer primary key, doi text not null, rank integer not null, value blob not null
);
create table if not exists keys (key integer not null, work integer not null, primary key (key, work)) without rowid;
create table if not exists keyed (work integer not null);
insert into keyed select 0 where not exists (select 1 from keyed);
create temp table added (key integer not null, work integer not null);
"""
