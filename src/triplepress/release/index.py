"""The records of one edition on disk: merged by DOI, counted, and asked for what they share.

An edition may hold more records than memory, so nothing here grows with it but SQLite's own file. What records state
about shared things (journals, issues, people, organisations, sources) is kept as counts; a record that is set aside is
subtracted again, so it counts nowhere. Everything that is read back comes in an order of its own, so an edition does
not depend on the order of its inputs.
"""

from __future__ import annotations

import hashlib
import pickle
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec

from triplepress.errors import RecordError
from triplepress.rdf.facts import ArticleFacts, WorkFacts
from triplepress.rdf.shaping import place_of, related_dois
from triplepress.rdf.shaping.citations import author_identifiers
from triplepress.record import (
    ArticleRecord,
    Finding,
    Rejected,
    Source,
    Withdrawn,
    decode_stored,
    encode_record,
)
from triplepress.release.journals import JournalIdentity, JournalStatement, choose_keys, identify, statement_of
from triplepress.release.merge import FARTHEST, key_of, merge_records, rank_of, strangers_among
from triplepress.validation.results import Result

# What the column `state` says of a row.
_CURRENT: Final = 0
_SUPERSEDED: Final = 1
_SET_ASIDE: Final = 2
_WITHDRAWN: Final = 3

_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
PRAGMA temp_store = FILE;
CREATE TABLE record (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL, statement INTEGER, issued TEXT,
  orcids TEXT NOT NULL, rors TEXT NOT NULL, state INTEGER NOT NULL, kind TEXT NOT NULL, local_id TEXT, modified TEXT,
  run TEXT, findings BLOB, results BLOB
);
CREATE TABLE statement (id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE, records INTEGER NOT NULL, key TEXT);
CREATE TABLE stated (
  kind TEXT NOT NULL, thing TEXT NOT NULL, value BLOB NOT NULL, rank INTEGER NOT NULL, records INTEGER NOT NULL,
  PRIMARY KEY (kind, thing, value, rank)
) WITHOUT ROWID;
CREATE TABLE cites (record INTEGER NOT NULL, doi TEXT NOT NULL, reference INTEGER NOT NULL, PRIMARY KEY (record, doi))
  WITHOUT ROWID;
CREATE TABLE drawn (record INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (record, sha256)) WITHOUT ROWID;
CREATE TABLE revision (key TEXT PRIMARY KEY, digest BLOB NOT NULL, modified TEXT NOT NULL, run TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE input (location TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT NULL,
  PRIMARY KEY (location, kind, sha256)) WITHOUT ROWID;
CREATE TABLE withdrawal (id INTEGER PRIMARY KEY, value BLOB NOT NULL, local_id TEXT NOT NULL);
CREATE TABLE matched (doi TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE set_aside (location TEXT NOT NULL, position TEXT NOT NULL, line BLOB NOT NULL, record INTEGER);
"""
# How many keys are merged between two looks for more.
_KEYS: Final = 500


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
        digest: SHA-256 of its content (see `digest_of`), 32 bytes.
        modified: xsd:dateTime.
        run: Id of the run.
    """

    key: str
    digest: bytes
    modified: str
    run: str


class WithdrawnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that its source took back.

    Attributes:
        key: What made it one article; other sources may still give that article.
        local_id: The source's own identifier.
        doi: Canonical DOI, if it had one.
        withdrawn: When, as the source says (`YYYY-MM-DD` or an xsd:dateTime).
        location: Where the source says so.
        position: Where in it.
    """

    key: str
    local_id: str
    doi: str | None
    withdrawn: str | None
    location: str
    position: str | None


# What is no content of the record itself: where its bytes lay, and what was noted or parsed on the way.
_BESIDE: Final = frozenset({"sources", "warnings", "references"})
_CONTENT: Final = tuple(field for field in ArticleRecord.__struct_fields__ if field not in _BESIDE)


def digest_of(record: ArticleRecord) -> bytes:
    """Return the SHA-256 of a record's content: all it says, and the bytes it came from, but not where they lay.

    What was parsed from the references' texts is no content: a better parser changes no record.
    """
    content = [
        [getattr(record, field) for field in _CONTENT],
        [[r.position, r.text, r.doi, r.identifiers, r.fields] for r in record.references],
        [[source.kind, source.sha256] for source in record.sources],
    ]
    return hashlib.sha256(msgspec.json.encode(content)).digest()


def given_after(record: ArticleRecord, withdrawal: Withdrawn) -> bool:
    """Tell whether a source gave a record again after it had withdrawn it.

    Within one file the later place counts, between files the time of retrieval; where neither is known the withdrawal
    stands, for what was taken back must not be published by mistake. So the order of the inputs decides nothing.

    Args:
        record: A record under the identifier that was withdrawn.
        withdrawal: The source's word.
    """
    if len(record.sources) > 1:
        return True  # others say it too, and what each of them said can no longer be told apart
    given, word = record.sources[0] if record.sources else Source(kind="record", location=""), withdrawal.source
    if (given.location, given.sha256) == (word.location, word.sha256):
        return _place(given.position) > _place(word.position)
    since = word.retrieved or withdrawal.withdrawn
    return given.retrieved is not None and since is not None and given.retrieved > since


def _place(position: str | None) -> tuple[int, ...]:
    """Return the numbers in a position such as `records/12`, to compare it by."""
    return tuple(int(number) for number in re.findall(r"[0-9]{1,18}", position or ""))


class RecordIndex:
    """An SQLite file of records; filled with `add`, closed to new ones by `seal`, then read in the order of the keys.

    Args:
        path: Where the file is made; it must not be there.
        kept_journals: The journals of the edition before, by key, whose keys stay.
    """

    def __init__(self, path: Path, kept_journals: Mapping[str, JournalIdentity] | None = None) -> None:
        """Make the file."""
        self._kept = dict(kept_journals or {})
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")  # one transaction: the file is thrown away, never rolled back
        self._statements: dict[JournalStatement, int] = {}
        self._journal_keys: set[str] = set()
        self._merged: Counter[str] = Counter()
        self._withdrawn: list[WithdrawnRecord] = []

    def close(self) -> None:
        """Close the file; it can be deleted then."""
        self._db.close()

    # -- filling ---------------------------------------------------------------------------------------------------

    def add(self, record: ArticleRecord) -> None:
        """Take in one record.

        Raises:
            RecordError: It has neither DOI nor local id, so it cannot be told from others.
        """
        key = key_of(record)
        if key is None:
            raise RecordError("doi", "", "neither a DOI nor an id of its source", "Give the record one of the two")
        self._insert(key, record, encode_record(record))

    def add_revisions(self, revisions: Iterable[Revision]) -> None:
        """Take in what the edition before knows of its records' last changes."""
        self._db.executemany(
            "INSERT OR REPLACE INTO revision VALUES (?, ?, ?, ?)",
            ((r.key, r.digest, r.modified, r.run) for r in revisions),
        )

    def note_input(self, source: Source) -> None:
        """Count one result of an input file, whatever became of it."""
        self._db.execute(
            "INSERT INTO input VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET records = records + 1",
            (source.location, source.kind, source.sha256 or ""),
        )

    def inputs(self) -> Iterator[tuple[str, str, str | None, int]]:
        """Yield the input files that results came from: location, kind, SHA-256, number of results; in order."""
        for location, kind, sha256, records in self._db.execute("SELECT * FROM input ORDER BY location, kind, sha256"):
            yield location, kind, sha256 or None, records

    def withdraw(self, withdrawal: Withdrawn) -> None:
        """Keep a source's word that a record is gone; `seal` takes it out, wherever among the inputs it stood."""
        self._db.execute(
            "INSERT INTO withdrawal (value, local_id) VALUES (?, ?)",
            (msgspec.json.encode(withdrawal), withdrawal.local_id),
        )

    def set_aside_input(self, location: str, position: str | None, line: bytes) -> None:
        """Keep one line of `rejected.jsonl`."""
        self._db.execute("INSERT INTO set_aside VALUES (?, ?, ?, NULL)", (location, position or "", line))

    def _insert(self, key: str, record: ArticleRecord, body: bytes, kind: str | None = None) -> None:
        """Write one record and count what it states; `kind` is what it is counted under, None for its own."""
        statement = statement_of(record.journal)
        orcids, rors = author_identifiers(record)
        values = (
            key,
            body,
            digest_of(record),
            None if statement is None else self._statement_id(statement),
            record.issued,
            " ".join(sorted(orcids)),
            " ".join(sorted(rors)),
            _CURRENT,
            kind or kind_of(record),
            record.local_id,
        )
        number = self._db.execute(
            "INSERT INTO record (key, body, digest, statement, issued, orcids, rors, state, kind, local_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        ).lastrowid
        named = dict.fromkeys(related_dois(record), 0) | {r.doi: 1 for r in record.references if r.doi}
        self._db.executemany("INSERT INTO cites VALUES (?, ?, ?)", [(number, *row) for row in sorted(named.items())])
        drawn = {source.sha256 for source in record.sources if source.sha256}
        self._db.executemany("INSERT INTO drawn VALUES (?, ?)", [(number, sha256) for sha256 in sorted(drawn)])
        self._count(record, 1)

    def _statement_id(self, statement: JournalStatement) -> int:
        """Return the number of a journal statement, new or known."""
        number = self._statements.get(statement)
        if number is None:
            number = len(self._statements) + 1
            self._statements[statement] = number
            line = msgspec.json.encode(statement)
            self._db.execute("INSERT INTO statement (id, value, records) VALUES (?, ?, 0)", (number, line))
        return number

    def _count(self, record: ArticleRecord, step: int) -> None:
        """Add (1) or subtract (-1) everything a record states about shared things."""
        statement = statement_of(record.journal)
        rows = list(_stated(record, None if statement is None else self._statement_id(statement)))
        self._db.executemany(
            "INSERT INTO stated VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET records = records + excluded.records",
            [(*row, step) for row in rows],
        )
        if statement is not None:
            self._db.execute(
                "UPDATE statement SET records = records + ? WHERE id = ?", (step, self._statement_id(statement))
            )

    def seal(self, modified: str, run: str) -> list[Rejected]:
        """Take out what was withdrawn, merge the records of one key, choose the journals' keys, and date every record.

        Args:
            modified: xsd:dateTime of a record that is new or has changed since the revisions taken in.
            run: Id of the run that changes it.

        Returns:
            The records that bear the identifier of another work; they are set aside.
        """
        strangers: list[Rejected] = []
        self._take_out_withdrawn()
        self._db.execute("CREATE INDEX record_key ON record (key, state)")
        last = ""
        while doubled := self._db.execute(
            "SELECT key FROM record WHERE state = ? AND key > ? GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT ?",
            (_CURRENT, last, _KEYS),
        ).fetchall():
            for (key,) in doubled:
                strangers += self._merge(key)
            last = doubled[-1][0]
        self._db.execute("CREATE INDEX cites_doi ON cites (doi)")
        self._db.execute("UPDATE record SET modified = ?, run = ? WHERE state = ?", (modified, run, _CURRENT))
        self._db.execute(
            "UPDATE record SET (modified, run) = (revision.modified, revision.run) FROM revision"
            " WHERE record.key = revision.key AND record.digest = revision.digest AND record.state = ?",
            (_CURRENT,),
        )
        self.choose_journals()
        return strangers

    def _take_out_withdrawn(self) -> None:
        """Make each record count nowhere that its source took back, unless the source gave it again later."""
        if not self._value("SELECT count(*) FROM withdrawal"):
            return
        self._db.execute("CREATE INDEX record_local_id ON record (local_id)")
        pairs = self._db.execute(
            "SELECT record.id, record.key, withdrawal.value FROM withdrawal JOIN record USING (local_id)"
            " ORDER BY withdrawal.local_id, record.key, withdrawal.value"
        ).fetchall()
        gone: set[int] = set()
        for number, key, value in pairs:
            withdrawal = msgspec.json.decode(value, type=Withdrawn)
            record = decode_stored(self._value("SELECT body FROM record WHERE id = ?", number))
            if number in gone or given_after(record, withdrawal):
                continue
            gone.add(number)
            self._take_out(number, record, _WITHDRAWN)
            self._withdrawn.append(
                WithdrawnRecord(
                    key=key,
                    local_id=withdrawal.local_id,
                    doi=record.doi,
                    withdrawn=withdrawal.withdrawn,
                    location=withdrawal.source.location,
                    position=withdrawal.source.position,
                )
            )

    def _merge(self, key: str) -> list[Rejected]:
        """Put one record in the place of all those of a key; return those that are other works, now set aside."""
        rows = self._db.execute(
            "SELECT id, body FROM record WHERE key = ? AND state = ? ORDER BY id", (key, _CURRENT)
        ).fetchall()
        versions = [decode_stored(body) for _, body in rows]
        strangers = [self._set_aside_stranger(rows[place][0], versions[place]) for place in strangers_among(versions)]
        if strangers:
            rows = [row for row in rows if row[0] not in {number for number, _ in strangers}]
            versions = [decode_stored(body) for _, body in rows]
        refused = [rejected for _, rejected in strangers]
        if len(rows) == 1:
            return refused
        for (number, _), version in zip(rows, versions, strict=True):
            self._take_out(number, version, _SUPERSEDED)
        merged = merge_records(versions)
        kinds = Counter(kind_of(version) for version in versions)
        kind = kind_of(merged) if kind_of(merged) in kinds else min(kinds)
        self._insert(key, merged, encode_record(merged), kind)
        kinds[kind] -= 1
        self._merged += kinds
        return refused

    def _set_aside_stranger(self, number: int, record: ArticleRecord) -> tuple[int, Rejected]:
        """Set aside a record that bears the identifier of another work; return its number and its line."""
        source = record.sources[0] if record.sources else Source(kind="record", location="")
        finding = Finding(
            severity="Violation",
            field="local_id",
            value=record.local_id,
            message="another article of this kind of source has the same identifier and another title",
            remedy="Give one of the two a DOI, or an identifier of its own",
        )
        title = record.titles[0].text if record.titles else None
        rejected = Rejected(source=source, title=title, stage="record", findings=[finding])
        self._take_out(number, record, _SET_ASIDE)
        place = (source.location, source.position or "", encode_record(rejected), number)
        self._db.execute("INSERT INTO set_aside VALUES (?, ?, ?, ?)", place)
        return number, rejected

    def _take_out(self, number: int, record: ArticleRecord, state: int) -> None:
        """Make a record count nowhere."""
        self._db.execute("UPDATE record SET state = ?, findings = NULL WHERE id = ?", (state, number))
        self._count(record, -1)
        self._db.execute("DELETE FROM cites WHERE record = ?", (number,))
        self._db.execute("DELETE FROM drawn WHERE record = ?", (number,))

    # -- counts ----------------------------------------------------------------------------------------------------

    @property
    def merged(self) -> int:
        """How many records went into others of the same key."""
        return self._merged.total()

    def became(self) -> Iterator[tuple[str, str, int]]:
        """Yield what became of the records of each kind of source: kind, `published` and so on, how many; in order."""
        rows = self._db.execute(
            "SELECT kind, state, count(*) FROM record WHERE state != ? GROUP BY kind, state", (_SUPERSEDED,)
        )
        names = {_CURRENT: "published", _SET_ASIDE: "rejected", _WITHDRAWN: "withdrawn"}
        found = [(kind, names[state], number) for kind, state, number in rows]
        yield from sorted([*found, *((kind, "merged", number) for kind, number in self._merged.items() if number)])

    @property
    def withdrawn(self) -> Sequence[WithdrawnRecord]:
        """The records that their sources took back, in the order of their identifiers."""
        return self._withdrawn

    @property
    def published(self) -> int:
        """How many articles there are, without those set aside."""
        return int(self._value("SELECT count(*) FROM record WHERE state = ?", _CURRENT))

    @property
    def set_aside_records(self) -> int:
        """How many articles were set aside by `set_aside`."""
        return int(self._value("SELECT count(*) FROM record WHERE state = ?", _SET_ASIDE))

    def _value(self, query: str, *parameters: object) -> Any:  # noqa: ANN401 - a column's value
        """Return the one value that a query answers with."""
        return self._db.execute(query, parameters).fetchone()[0]

    # -- journals --------------------------------------------------------------------------------------------------

    def choose_journals(self) -> set[int]:
        """Choose the key of every journal statement that a current record makes.

        Returns:
            The statements (by number) that had another key before.
        """
        rows = self._db.execute("SELECT id, value, key FROM statement WHERE records > 0").fetchall()
        statements = {number: msgspec.json.decode(value, type=JournalStatement) for number, value, _ in rows}
        keys = choose_keys(statements.values(), self._kept)
        changed = {number for number, _, key in rows if key is not None and key != keys[statements[number]]}
        self._db.executemany(
            "UPDATE statement SET key = ? WHERE id = ?",
            [(keys[statement], number) for number, statement in statements.items()],
        )
        self._db.execute("UPDATE statement SET key = NULL WHERE records = 0")
        self._journal_keys = set(keys.values())
        self._db.execute("CREATE INDEX IF NOT EXISTS statement_key ON statement (key)")
        return changed

    def journals(self, keys: Iterable[str] | None = None) -> Iterator[tuple[str, JournalIdentity, tuple[str, ...]]]:
        """Yield journals by key: their ISSNs, and the numbers under which `stated` knows them, as texts."""
        for key in sorted(self._journal_keys if keys is None else self._journal_keys.intersection(keys)):
            rows = self._db.execute("SELECT id, value, records FROM statement WHERE key = ? ORDER BY id", (key,))
            found = rows.fetchall()
            statements = {msgspec.json.decode(value, type=JournalStatement): records for _, value, records in found}
            yield key, identify(key, statements, self._journal_keys), tuple(str(number) for number, _, _ in found)

    # -- reading back ----------------------------------------------------------------------------------------------

    def batches(self, size: int) -> list[str]:
        """Return the first key of each batch of some `size` current records, in order."""
        keys = self._db.execute("SELECT key FROM record WHERE state = ? ORDER BY key", (_CURRENT,))
        return [key for place, (key,) in enumerate(keys) if place % size == 0]

    def candidates(self, start: str, end: str | None) -> list[Candidate]:
        """Return the current records from one key up to, not including, another, with what is known around each."""
        rows = self._db.execute(
            "SELECT record.id, record.key, body, statement.key, modified, run"
            " FROM record LEFT JOIN statement ON statement.id = record.statement"
            " WHERE record.key >= ? AND record.key < ? AND state = ? ORDER BY record.key",
            (start, "\U0010ffff" if end is None else end, _CURRENT),
        ).fetchall()
        records = [decode_stored(row[2]) for row in rows]
        held = self._held({r.doi for record in records for r in record.references if r.doi})
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
                ),
            )
            for record, (number, key, _, journal, modified, run) in zip(records, rows, strict=True)
        ]

    def _held(self, dois: set[str]) -> dict[str, WorkFacts]:
        """Return what a citing record must know of those works that are held."""
        rows = self._db.execute(
            "SELECT record.key, issued, statement.key, orcids, rors"
            " FROM record LEFT JOIN statement ON statement.id = record.statement"
            " WHERE record.key IN (SELECT 'doi/' || value FROM json_each(?)) AND state = ?",
            (_json(dois), _CURRENT),
        )
        return {
            key[4:]: WorkFacts(key[4:], issued, journal, frozenset(orcids.split()), frozenset(rors.split()))
            for key, issued, journal, orcids, rors in rows
        }

    def held(self, dois: Iterable[str]) -> set[str]:
        """Return which of these DOIs are works that are held."""
        return set(self._held(set(dois)))

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
                (kind, _json(things)),
            )
        for thing, group_rows in groupby(rows, key=itemgetter(0)):
            yield thing, [Statement(*row) for row in group_rows]

    def cited_works(self) -> Iterator[str]:
        """Yield the DOIs of works that current records cite, or relate to, and that are not held, in order."""
        rows = self._db.execute(
            "SELECT DISTINCT doi FROM cites WHERE NOT EXISTS"
            " (SELECT 1 FROM record WHERE key = 'doi/' || doi AND state = ?) ORDER BY doi",
            (_CURRENT,),
        )
        for (doi,) in rows:
            yield doi

    def note_matched(self, dois: Iterable[str]) -> None:
        """Remember works that references were matched to."""
        self._db.executemany("INSERT OR IGNORE INTO matched VALUES (?)", ((doi,) for doi in dois))

    @property
    def matched_works(self) -> int:
        """How many works references were matched to."""
        return int(self._value("SELECT count(*) FROM matched"))

    def works_only_matched(self) -> Iterator[str]:
        """Yield the DOIs of works that are neither held nor named by any current record, in order."""
        rows = self._db.execute(
            "SELECT doi FROM matched WHERE NOT EXISTS (SELECT 1 FROM cites WHERE cites.doi = matched.doi)"
            " AND NOT EXISTS (SELECT 1 FROM record WHERE key = 'doi/' || matched.doi AND state = ?) ORDER BY doi",
            (_CURRENT,),
        )
        for (doi,) in rows:
            yield doi

    def citations(self) -> Iterator[tuple[str, str]]:
        """Yield each pair of citing and cited DOI of the current records once, in order."""
        rows = self._db.execute(
            "SELECT substr(key, 5), doi FROM record JOIN cites ON cites.record = record.id"
            " WHERE state = ? AND key LIKE 'doi/%' AND reference = 1 ORDER BY key, doi",
            (_CURRENT,),
        )
        yield from rows

    def runs(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the runs that made the current records as they are, each with the SHA-256 of what it read, in order."""
        rows = self._db.execute(
            "SELECT DISTINCT run, sha256 FROM record LEFT JOIN drawn ON drawn.record = record.id"
            " WHERE state = ? ORDER BY run, sha256",
            (_CURRENT,),
        )
        for run, group in groupby(rows, key=itemgetter(0)):
            yield run, tuple(sha256 for _, sha256 in group if sha256)

    def records(self) -> Iterator[bytes]:
        """Yield the current records as lines of JSON, in the order of their keys."""
        for (body,) in self._db.execute("SELECT body FROM record WHERE state = ? ORDER BY key", (_CURRENT,)):
            yield body

    def revisions(self) -> Iterator[Revision]:
        """Yield when each current record last changed, in the order of their keys."""
        rows = self._db.execute(
            "SELECT key, digest, modified, run FROM record WHERE state = ? ORDER BY key", (_CURRENT,)
        )
        for row in rows:
            yield Revision(*row)

    # -- setting aside ---------------------------------------------------------------------------------------------

    def set_aside(self, candidate: Candidate, line: bytes, results: Sequence[Result]) -> None:
        """Make a record count nowhere; keep its line for `rejected.jsonl`, and what the gate found."""
        record = candidate.facts.record
        source = record.sources[0] if record.sources else None
        self._take_out(candidate.id, record, _SET_ASIDE)
        self._keep_results(candidate, results)
        self._db.execute(
            "INSERT INTO set_aside VALUES (?, ?, ?, ?)",
            (source.location if source else "", (source.position if source else None) or "", line, candidate.id),
        )

    def set_aside_lines(self) -> Iterator[tuple[bytes, ArticleRecord | None]]:
        """Yield the lines of `rejected.jsonl` by place, each with the record where it became one."""
        rows = self._db.execute(
            "SELECT line, body FROM set_aside LEFT JOIN record ON record.id = set_aside.record"
            " ORDER BY location, length(position), position, line"
        )
        for line, body in rows:
            yield line, None if body is None else decode_stored(body)

    def keys_citing(self, dois: Iterable[str]) -> set[str]:
        """Return the keys of the current records that cite any of these works."""
        rows = self._db.execute(
            "SELECT key FROM cites JOIN record ON record.id = cites.record"
            " WHERE doi IN (SELECT value FROM json_each(?)) AND state = ?",
            (_json(dois), _CURRENT),
        )
        return {key for (key,) in rows}

    def keys_stating(self, statements: Iterable[int]) -> set[str]:
        """Return the keys of the current records that make these journal statements."""
        rows = self._db.execute(
            "SELECT key FROM record WHERE statement IN (SELECT value FROM json_each(?)) AND state = ?",
            (_json(statements), _CURRENT),
        )
        return {key for (key,) in rows}

    # -- findings --------------------------------------------------------------------------------------------------

    def keep_findings(self, candidate: Candidate, findings: Sequence[Finding], results: Sequence[Result]) -> None:
        """Keep what was found about a record that is published all the same."""
        self._db.execute(
            "UPDATE record SET findings = ? WHERE id = ?",
            (msgspec.json.encode(findings) if findings else None, candidate.id),
        )
        self._keep_results(candidate, results)

    def _keep_results(self, candidate: Candidate, results: Sequence[Result]) -> None:
        """Keep the gate's own results about a record."""
        self._db.execute(
            "UPDATE record SET results = ? WHERE id = ?", (pickle.dumps(results) if results else None, candidate.id)
        )

    def results(self) -> Iterator[Result]:
        """Yield the gate's results about current and refused records, in the order of their keys."""
        rows = self._db.execute("SELECT results FROM record WHERE results IS NOT NULL ORDER BY key")
        for (pickled,) in rows:
            yield from pickle.loads(pickled)  # noqa: S301 - this very run wrote it

    def findings(self) -> Iterator[tuple[ArticleRecord, list[Finding]]]:
        """Yield the current records about which something was found, in the order of their keys."""
        rows = self._db.execute(
            "SELECT body, findings FROM record WHERE state = ? AND findings IS NOT NULL ORDER BY key", (_CURRENT,)
        )
        for body, findings in rows:
            yield decode_stored(body), msgspec.json.decode(findings, type=list[Finding])


def kind_of(record: ArticleRecord) -> str:
    """Return the kind of the source that a record is counted under."""
    return record.sources[0].kind if record.sources else "record"


def _json(values: Iterable[str | int]) -> str:
    """Return values as the JSON array that `json_each` reads: one parameter for any number of them."""
    return msgspec.json.encode(sorted(values)).decode()


def _stated(record: ArticleRecord, statement: int | None) -> Iterator[tuple[str, str, bytes, int]]:
    """Yield what one record states about shared things: kind, thing, value as JSON, rank; each once."""
    rank = rank_of(record.sources[0]) if record.sources else FARTHEST
    rows: dict[tuple[str, str, bytes, int], None] = {}

    def state(kind: str, thing: str, value: object) -> None:
        rows[kind, thing, msgspec.json.encode(value), rank] = None

    if record.journal is not None and statement is not None:
        journal = str(statement)
        for title in record.journal.titles:
            state("title", journal, [title.lang, title.text])
        if record.journal.publisher:
            state("publisher", journal, record.journal.publisher)
        place = place_of(record, journal)
        if place.volume is not None:
            state("volume", journal, place.volume.volume)
        if place.issue is not None:
            state("issue", journal, [place.issue.volume, place.issue.issue, place.issue.year])
    for person in record.contributors:
        if person.orcid:
            state("person", person.orcid, [person.lang, person.name, person.given, person.family])
            for name in person.other_names:
                state("person", person.orcid, [name.lang, name.name, name.given, name.family])
        for affiliation in person.affiliations:
            if affiliation.ror:
                names = [(affiliation.lang, affiliation.name), *((o.lang, o.name) for o in affiliation.other_names)]
                for lang, name_text in names:
                    state("organisation", affiliation.ror, [lang, name_text, affiliation.country])
    for source in record.sources:
        if source.sha256:
            state("source", source.sha256, source)
    yield from rows
