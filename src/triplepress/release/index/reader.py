"""What can be asked of an index: in the order of the keys, so that no answer depends on the order of the inputs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec

from triplepress.rdf.facts import ArticleFacts, PastState, WorkFacts
from triplepress.record import ArticleRecord
from triplepress.release.history import unpack_history
from triplepress.release.index.schema import CURRENT, SET_ASIDE, open_to_read
from triplepress.release.journals import JournalIdentity, JournalStatement, identify
from triplepress.release.statements import unpack_line, unpack_record

NAME: Final = "records.sqlite"
# What the index keeps of the journals of the edition before.
KEPT_JOURNALS: Final = "kept journals"
_CANDIDATES: Final = (
    "SELECT record.id, record.key, body.value, statement.key, modified, run, history"
    " FROM record JOIN body ON body.record = record.id LEFT JOIN statement ON statement.id = record.statement"
    " WHERE state = ? AND {} ORDER BY record.key"
)
# Above any key.
_LAST: Final = "\U0010ffff"


class Statement(msgspec.Struct, frozen=True):
    """One thing that records state about something shared.

    Attributes:
        thing: What it is about: an ISSN, an ORCID iD, a SHA-256, …
        value: The statement, as JSON.
        rank: How near to the article the nearest source of it stands, 0 nearest.
        records: How many records state it.
    """

    thing: str
    value: bytes
    rank: int
    records: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record on its way to the press.

    Attributes:
        id: Its number in the index.
        key: What makes it one article (`merge.key_of`).
        facts: The record and what is known around it.
    """

    id: int
    key: str
    facts: ArticleFacts


class Revision(msgspec.Struct, frozen=True):
    """When the content of a record last changed, and in which run.

    Attributes:
        key: What makes it one article.
        digest: SHA-256 of its content (see `statements.digest_of`), 32 bytes.
        modified: xsd:dateTime.
        run: Id of the run.
        history: The states that it was in before, oldest first.
        until: xsd:dateTime since which no edition holds it; None where the one before did.
    """

    key: str
    digest: bytes
    modified: str
    run: str
    history: tuple[PastState, ...] = ()
    until: str | None = None


class IndexReader:
    """Asks an index.

    Args:
        db: A connection to it.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        """Keep the connection."""
        self._db = db
        self._kept: Mapping[str, JournalIdentity] | None = None

    @classmethod
    def open(cls, folder: Path) -> IndexReader:
        """Return a reader of the index in a folder, which another process may have open too."""
        return cls(open_to_read(folder, NAME))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _value(self, query: str, *parameters: object) -> Any:  # noqa: ANN401 - a column's value
        """Return the one value that a query answers with."""
        return self._db.execute(query, parameters).fetchone()[0]

    # -- articles --------------------------------------------------------------------------------------------------

    @property
    def published(self) -> int:
        """How many articles there are, without those set aside."""
        return int(self._value("SELECT count(*) FROM record WHERE state = ?", CURRENT))

    def keys(self, start: str = "", end: str | None = None) -> Iterator[str]:
        """Yield the keys from one up to, not including, another, also of articles that the gate refused, in order.

        The dumps are cut at these, so that a record which is refused, or no longer, moves no cut.
        """
        rows = self._db.execute(
            "SELECT DISTINCT key FROM record WHERE state IN (?, ?) AND key >= ? AND key < ? ORDER BY key",
            (CURRENT, SET_ASIDE, start, _LAST if end is None else end),
        )
        for (key,) in rows:
            yield key

    def candidates(self, start: str, end: str | None) -> list[Candidate]:
        """Return the current records from one key up to, not including, another, with what is known around each."""
        condition = "record.key >= ? AND record.key < ?"
        return self._candidates(condition, start, _LAST if end is None else end)

    def candidates_of(self, keys: Iterable[str]) -> list[Candidate]:
        """Return the current records of some keys, in order, with what is known around each."""
        return self._candidates("record.key IN (SELECT value FROM json_each(?))", as_json(keys))

    def _candidates(self, condition: str, *parameters: str) -> list[Candidate]:
        rows = self._db.execute(_CANDIDATES.format(condition), (CURRENT, *parameters)).fetchall()
        records = [unpack_record(row[2]) for row in rows]
        held = self.works({r.doi for record in records for r in record.references if r.doi})
        return [
            Candidate(
                number,
                key,
                ArticleFacts(
                    record=record,
                    journal=journal,
                    modified=modified,
                    run=run,
                    cited={r.doi: held[r.doi] for r in record.references if r.doi in held},
                    history=unpack_history(history),
                ),
            )
            for record, (number, key, _, journal, modified, run, history) in zip(records, rows, strict=True)
        ]

    def works(self, dois: Iterable[str]) -> dict[str, WorkFacts]:
        """Return what a citing record must know of those of these works that are held."""
        rows = self._db.execute(
            "SELECT record.key, issued, statement.key, orcids, rors"
            " FROM record LEFT JOIN statement ON statement.id = record.statement"
            " WHERE record.key IN (SELECT 'doi/' || value FROM json_each(?)) AND state = ?",
            (as_json(dois), CURRENT),
        )
        return {
            key[4:]: WorkFacts(key[4:], issued, journal, frozenset(orcids.split()), frozenset(rors.split()))
            for key, issued, journal, orcids, rors in rows
        }

    def held(self, dois: Iterable[str]) -> set[str]:
        """Return which of these DOIs are works that are held."""
        return set(self.works(dois))

    def records(self) -> Iterator[bytes]:
        """Yield the current records as lines of JSON, in the order of their keys."""
        for _, line in self.lines():
            yield line

    def lines(self, start: str = "", end: str | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield the keys and lines of JSON of the current records from one key up to, not including, another."""
        rows = self._db.execute(
            "SELECT key, value FROM record JOIN body ON body.record = record.id"
            " WHERE state = ? AND key >= ? AND key < ? ORDER BY key",
            (CURRENT, start, _LAST if end is None else end),
        )
        for key, body in rows:
            yield key, unpack_line(body)

    def bodies(self, start: str = "", end: str | None = None) -> Iterator[tuple[str, ArticleRecord]]:
        """Yield the keys and values of the current records from one key up to, not including, another."""
        rows = self._db.execute(
            "SELECT key, value FROM record JOIN body ON body.record = record.id"
            " WHERE state = ? AND key >= ? AND key < ? ORDER BY key",
            (CURRENT, start, _LAST if end is None else end),
        )
        for key, body in rows:
            yield key, unpack_record(body)

    def revisions(self) -> Iterator[Revision]:
        """Yield when each current record last changed, in the order of their keys."""
        rows = self._db.execute(
            "SELECT key, digest, modified, run, history FROM record WHERE state = ? ORDER BY key", (CURRENT,)
        )
        for key, digest, modified, run, history in rows:
            yield Revision(key, digest, modified, run, unpack_history(history))

    def is_held(self, key: str) -> bool:
        """Tell whether there is a current record of a key."""
        return bool(self._value("SELECT EXISTS (SELECT 1 FROM record WHERE key = ? AND state = ?)", key, CURRENT))

    # -- what articles share ---------------------------------------------------------------------------------------

    def journal_keys(self) -> set[str]:
        """Return the keys of all journals of current records."""
        return {key for (key,) in self._db.execute("SELECT DISTINCT key FROM statement WHERE records > 0")}

    def journals(self, keys: Iterable[str] | None = None) -> Iterator[tuple[str, JournalIdentity, tuple[str, ...]]]:
        """Yield journals by key: their ISSNs, and the numbers under which `stated` knows them, as texts."""
        known = self.journal_keys()
        for key in sorted(known if keys is None else known.intersection(keys)):
            rows = self._db.execute(
                "SELECT id, value, records FROM statement WHERE key = ? AND records > 0 ORDER BY id", (key,)
            )
            found = rows.fetchall()
            statements = {msgspec.json.decode(value, type=JournalStatement): records for _, value, records in found}
            identity = identify(key, statements, known, self._kept_journals().get(key))
            yield key, identity, tuple(str(number) for number, _, _ in found)

    def _kept_journals(self) -> Mapping[str, JournalIdentity]:
        """Return the journals of the edition before, by key, as whoever made the index kept them."""
        if self._kept is None:
            row = self._db.execute("SELECT value FROM known WHERE name = ?", (KEPT_JOURNALS,)).fetchone()
            self._kept = {} if row is None else msgspec.json.decode(row[0], type=dict[str, JournalIdentity])
        return self._kept

    def stated(self, kind: str, things: Iterable[str] | None = None) -> Iterator[tuple[str, list[Statement]]]:
        """Yield what current records state about the shared things of one kind.

        Args:
            kind: `title`, `publisher`, `volume` or `issue` (things are the numbers of journal statements), `person`
                (ORCID iDs), `organisation` (ROR iDs), `source` (SHA-256).
            things: Only these; None for all.

        Yields:
            The thing and its statements, things and statements in order; a thing of which nothing is left is left out.
        """
        if things is None:
            rows = self._db.execute(
                "SELECT thing, value, min(rank), sum(records) FROM stated WHERE kind = ? AND records > 0"
                " GROUP BY thing, value ORDER BY thing, value",
                (kind,),
            )
        else:
            rows = self._db.execute(
                "SELECT thing, value, min(rank), sum(records) FROM stated WHERE kind = ? AND records > 0"
                " AND thing IN (SELECT value FROM json_each(?)) GROUP BY thing, value ORDER BY thing, value",
                (kind, as_json(things)),
            )
        for thing, group_rows in groupby(rows, key=itemgetter(0)):
            yield thing, [Statement(*row) for row in group_rows]

    def things(self, kind: str) -> Iterator[str]:
        """Yield the shared things of one kind that current records state anything about, in order."""
        rows = self._db.execute(
            "SELECT thing FROM stated WHERE kind = ? AND records > 0 GROUP BY thing ORDER BY thing", (kind,)
        )
        for (thing,) in rows:
            yield thing

    def cited_works(self) -> Iterator[str]:
        """Yield the DOIs of works that current records cite, or relate to, and that are not held, in order."""
        rows = self._db.execute(
            "SELECT DISTINCT doi FROM cites WHERE NOT EXISTS"
            " (SELECT 1 FROM record WHERE key = 'doi/' || doi AND state = ?) ORDER BY doi",
            (CURRENT,),
        )
        for (doi,) in rows:
            yield doi

    def cited_among(self, dois: Iterable[str]) -> set[str]:
        """Return which of these DOIs current records name."""
        rows = self._db.execute(
            "SELECT DISTINCT doi FROM cites WHERE doi IN (SELECT value FROM json_each(?))", (as_json(dois),)
        )
        return {doi for (doi,) in rows}

    def only_cited(self, dois: Iterable[str]) -> set[str]:
        """Return which of these DOIs current records name, without those of works that are held."""
        cited = self.cited_among(dois)
        return cited - self.held(cited)

    def citations(self) -> Iterator[tuple[str, str]]:
        """Yield each pair of citing and cited DOI of the current records once, in order."""
        rows = self._db.execute(
            "SELECT substr(key, 5), doi FROM record JOIN cites ON cites.record = record.id"
            " WHERE state = ? AND key LIKE 'doi/%' AND reference = 1 ORDER BY key, doi",
            (CURRENT,),
        )
        yield from rows

    def runs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the runs that made the current records as they are or were, and those that `note_runs` named, in order.

        Each has the SHA-256 of what it read of the current records.
        """
        rows = self._db.execute(
            "SELECT DISTINCT run, sha256 FROM record LEFT JOIN drawn ON drawn.record = record.id"
            " WHERE state = ? ORDER BY run, sha256",
            (CURRENT,),
        )
        found: dict[str, tuple[str, ...]] = {run: () for (run,) in self._db.execute("SELECT run FROM named_run")}
        histories = self._db.execute(
            "SELECT DISTINCT history FROM record WHERE state = ? AND history != ''", (CURRENT,)
        )
        for (history,) in histories:
            found.update((state.run, ()) for state in unpack_history(history))
        for run, group in groupby(rows, key=itemgetter(0)):
            found[run] = tuple(sha256 for _, sha256 in group if sha256)
        yield from sorted(found.items())

    def keys_citing(self, dois: Iterable[str]) -> set[str]:
        """Return the keys of the current records that cite any of these works."""
        rows = self._db.execute(
            "SELECT key FROM cites JOIN record ON record.id = cites.record"
            " WHERE doi IN (SELECT value FROM json_each(?)) AND state = ?",
            (as_json(dois), CURRENT),
        )
        return {key for (key,) in rows}

    def keys_stating(self, statements: Iterable[int]) -> set[str]:
        """Return the keys of the current records that make these journal statements."""
        rows = self._db.execute(
            "SELECT key FROM record WHERE statement IN (SELECT value FROM json_each(?)) AND state = ?",
            (as_json(statements), CURRENT),
        )
        return {key for (key,) in rows}


def as_json(values: Iterable[str | int]) -> str:
    """Return values as the JSON array that `json_each` reads: one parameter for any number of them."""
    return msgspec.json.encode(sorted(values)).decode()
