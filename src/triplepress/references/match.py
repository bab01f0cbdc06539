"""From a reference without a DOI to a known work: candidates from an index on disk, each weighed, one clear winner.

A match is a guess with a score: it goes to the graph of matched statements and never passes for the source's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import combinations
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from triplepress.errors import StoreError
from triplepress.record import Reference
from triplepress.references.evidence import Evidence, plain, weigh, words
from triplepress.references.known import KnownWork, Sought, sought
from triplepress.references.parsed import ParsedReference

# A key that more works share tells nothing ("volume 1, page 1"); such a block is not read.
_LARGEST_BLOCK: Final = 300
# How far the best candidate must stand above the next, in the units of `evidence`.
_MARGIN: Final = 1.0
_LONG_WORDS: Final = 4


class Match(NamedTuple):
    """The work a reference is matched to.

    `score` is 0.5 to 1; `method` says what carried it: `title`, `title+location` or `location`.
    """

    doi: str
    score: float
    method: str


class MatchIndex:
    """Known works on disk, found by what references say of them.

    Args:
        path: The SQLite file, made where it is not there; `:memory:` keeps it in memory.

    Raises:
        StoreError: The file cannot be opened or is no index.

    Example:
        >>> with MatchIndex(":memory:") as index:
        ...     title = "On the water balance of small rivers"
        ...     index.add(KnownWork(doi="10.5555/a", titles=(title,), authors=("Lee",), year="2019"))
        ...     index.match(Reference(position=1, text=f"Lee K. {title}. Hydrol. 2019;14:31-44."))
        Match(doi='10.5555/a', score=0.8808, method='title')
    """

    def __init__(self, path: Path | str) -> None:
        """Open or make the index."""
        try:
            self._connection = sqlite3.connect(str(path), isolation_level=None)
            self._connection.executescript(_SCHEMA)
            self._connection.execute("begin")
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be used as an index of works: {error}; name another file") from error
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(KnownWork)

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
        if self._connection.in_transaction:
            self._connection.execute("commit")
        self._connection.close()

    def add(self, work: KnownWork) -> None:
        """Add a work; one of the same DOI is replaced."""
        number = _hash("doi", work.doi)
        execute = self._connection.execute
        old = execute("select value from works where id = ?", (number,)).fetchone()
        if old:
            execute("delete from works where id = ?", (number,))
            keys = _keys_of_work(self._decoder.decode(old[0]))
            self._connection.executemany("delete from keys where key = ? and work = ?", [(key, number) for key in keys])
        execute("insert into works values (?, ?)", (number, self._encoder.encode(work)))
        self._connection.executemany(
            "insert or ignore into keys values (?, ?)", [(key, number) for key in _keys_of_work(work)]
        )

    def __len__(self) -> int:
        """Return how many works it knows."""
        count: int = self._connection.execute("select count(*) from works").fetchone()[0]
        return count

    def candidates(self, reference: Sought) -> Iterator[KnownWork]:
        """Yield the works that share a key with the reference: words of the title, or volume, year and first page."""
        seen: set[int] = set()
        for key in _keys_of_sought(reference):
            block = self._connection.execute(
                "select work from keys where key = ? limit ?", (key, _LARGEST_BLOCK + 1)
            ).fetchall()
            if len(block) <= _LARGEST_BLOCK:
                seen.update(row[0] for row in block)
        for number in seen:
            row = self._connection.execute("select value from works where id = ?", (number,)).fetchone()
            if row:
                yield self._decoder.decode(row[0])

    def match(self, reference: Reference | ParsedReference) -> Match | None:
        """Return the work that a reference is to, or None where none is sure or two are as likely.

        Args:
            reference: Its stated fields are used first, then what was (or can be) parsed from its text. Its DOI is not.
        """
        wanted = sought(reference)
        text = plain(wanted.text)
        best: tuple[Evidence, KnownWork] | None = None
        next_best = 0.0
        for work in self.candidates(wanted):
            evidence = weigh(wanted, work, text)
            if best is None or evidence.total > best[0].total:
                next_best = best[0].total if best else 0.0
                best = (evidence, work)
            else:
                next_best = max(next_best, evidence.total)
        if best is None or not best[0].enough or best[0].total - next_best < _MARGIN:
            return None
        return Match(best[1].doi, best[0].score, best[0].method)


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


_SCHEMA: Final = """
pragma journal_mode = off;
pragma synchronous = off;
create table if not exists works (id integer primary key, value blob not null);
create table if not exists keys (key integer not null, work integer not null, primary key (key, work)) without rowid;
"""


def _hash(*parts: str) -> int:
    """Return a key as a signed 64-bit integer."""
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest(), "big", signed=True)


def _title_keys(title: str) -> Iterator[int]:
    """Yield a key for each pair of the longest words: a wrong or missing word leaves the others."""
    longest = sorted(set(words(title)), key=lambda word: (-len(word), word))[:_LONG_WORDS]
    if len(longest) == 1:
        yield _hash("title", longest[0])
    for one, other in combinations(sorted(longest), 2):
        yield _hash("title", one, other)


def _location_keys(year: str | None, volume: str | None, page: str | None) -> Iterator[int]:
    """Yield a key for volume with first page, and for year with first page."""
    first = plain(page.split("-")[0].split("–")[0]).lstrip("0") if page else ""
    if first and volume:
        yield _hash("volume", plain(volume), first)
    if first and year:
        yield _hash("year", year[:4], first)


def _keys_of_work(work: KnownWork) -> set[int]:
    keys = {key for title in work.titles for key in _title_keys(title)}
    keys.update(key for title in work.titles for key in _title_keys(" ".join(words(title)[:8])))
    keys.update(_location_keys(work.year, work.volume, work.first_page))
    return keys


def _keys_of_sought(reference: Sought) -> set[int]:
    keys: set[int] = set()
    for title in (reference.title, reference.container if reference.title is None else None):
        if title:
            keys.update(_title_keys(title))
            keys.update(_title_keys(" ".join(words(title)[:8])))
    keys.update(_location_keys(reference.year, reference.volume, reference.first_page))
    return keys
