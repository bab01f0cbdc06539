"""An index being filled: records in, those of one key merged, what is withdrawn or refused taken out again."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.record import ArticleRecord, Finding, Rejected, Source, Text, Withdrawn, encode_record
from triplepress.release.history import pack_history
from triplepress.release.index import schema
from triplepress.release.index.reader import KEPT_JOURNALS, NAME, IndexReader, Revision, as_json
from triplepress.release.index.schema import CURRENT, SET_ASIDE, STRANGER, SUPERSEDED, WITHDRAWN
from triplepress.release.journals import JournalIdentity, JournalStatement, choose_keys
from triplepress.release.merge import merge_records, strangers_among
from triplepress.release.statements import RecordRow, kind_of, row_of, unpack_record
from triplepress.release.withdrawals import WithdrawnRecord, given_after
from triplepress.validation.results import Result

# How many keys are merged between two looks for more.
_KEYS: Final = 500


class RecordIndex(IndexReader):
    """A folder with an SQLite file of records; filled with `add`, closed to new ones by `seal`, then read.

    Args:
        folder: Where it is made, or was.
        kept_journals: The journals of the edition before, by key, whose keys stay.
        new: Whether it is made; else one that is there is gone on from.

    Raises:
        ReleaseError: The index that is there was made by another version.
    """

    def __init__(
        self, folder: Path, kept_journals: Mapping[str, JournalIdentity] | None = None, *, new: bool = True
    ) -> None:
        """Make the file, or open it."""
        folder.mkdir(exist_ok=True)
        super().__init__((schema.create if new else schema.open_to_write)(folder, NAME))
        self.folder = folder
        self._open = True
        self._kept = dict(kept_journals or {})
        self._identities: dict[str, JournalIdentity] = {}
        self._file: int | None = None
        self._location = ""
        if self._value("PRAGMA user_version") != schema.VERSION:
            self.close()
            raise ReleaseError(f"{folder}: made by another version of triplepress; publish again in full")
        self.keep(KEPT_JOURNALS, msgspec.json.encode(self._kept))  # whoever reads it has to know them too
        rows = self._db.execute("SELECT value, id FROM statement")
        self._statements = {msgspec.json.decode(value, type=JournalStatement): number for value, number in rows}

    def commit(self) -> None:
        """Let other processes see everything so far."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Write what is left, and close the file; closing it again does nothing."""
        if self._open:
            self._open = False
            self._db.execute("COMMIT")
            self._db.close()

    # -- filling ---------------------------------------------------------------------------------------------------

    def begin_file(self, location: str, sha256: str | None, manner: str = "") -> None:
        """Say that what is added from now on comes out of an input file, read in some manner (`reading.Inputs`)."""
        self._db.execute(
            "INSERT INTO file (location, sha256, manner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (location, sha256, manner),
        )
        self._file = self._value("SELECT id FROM file WHERE location = ?", location)
        self._location = location

    def files(self) -> dict[str, tuple[str | None, str]]:
        """Return the SHA-256 of each input file that was begun, and the manner in which it was read, by location."""
        rows = self._db.execute("SELECT location, sha256, manner FROM file")
        return {location: (sha256, manner) for location, sha256, manner in rows}

    def add(self, record: ArticleRecord) -> None:
        """Take in one record.

        Raises:
            RecordError: It has neither DOI nor local id, so it cannot be told from others.
        """
        self.add_row(row_of(record))

    def add_row(self, row: RecordRow) -> None:
        """Take in one record, prepared by `statements.row_of`."""
        self._insert(row, self._file)

    def add_revisions(self, revisions: Iterable[Revision]) -> None:
        """Take in what the edition before knows of its records' changes, and of records that it no longer held."""
        self._db.executemany(
            "INSERT OR REPLACE INTO revision VALUES (?, ?, ?, ?, ?, ?)",
            ((r.key, r.digest, r.modified, r.run, pack_history(r.history), r.until) for r in revisions),
        )

    def note_runs(self, runs: Iterable[str]) -> None:
        """Remember runs that something else than a current record names."""
        self._db.executemany("INSERT OR IGNORE INTO named_run VALUES (?)", ((run,) for run in runs))

    def note_input(self, source: Source) -> None:
        """Count one result of the file that is read, whatever became of it.

        Records that were made elsewhere name the sources that they were made of, which are no inputs here.
        """
        if self._file is None or not source.location.startswith(self._location):
            return
        self._db.execute(
            "INSERT INTO input VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET records = records + 1",
            (self._file, source.location, source.kind, source.sha256 or ""),
        )

    def count(self, kind: str, what: str, type_of: str = "") -> None:
        """Count one result of a kind of source: `read`, and `skipped` (with its type) or `rejected`."""
        self._db.execute(
            "INSERT INTO tally VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET number = number + 1",
            (self._file or 0, kind, what, type_of),
        )

    def inputs(self) -> Iterator[tuple[str, str, str | None, int]]:
        """Yield the input files: location, kind, SHA-256, number of results; in order.

        A file that only holds records made elsewhere has the kind `record`.
        """
        rows = self._db.execute(
            "SELECT location, kind, sha256, sum(records) FROM input GROUP BY location, kind, sha256"
            " UNION ALL SELECT location, 'record', coalesce(sha256, ''), coalesce((SELECT sum(number) FROM tally"
            " WHERE tally.file = file.id AND what = 'read'), 0)"
            " FROM file WHERE NOT EXISTS (SELECT 1 FROM input WHERE input.file = file.id)"
            " ORDER BY 1, 2, 3"
        )
        for location, kind, sha256, records in rows:
            yield location, kind, sha256 or None, records

    def withdraw(self, withdrawal: Withdrawn) -> None:
        """Keep a source's word that a record is gone; `seal` takes it out, wherever among the inputs it stood."""
        self._db.execute(
            "INSERT INTO withdrawal (value, local_id, file) VALUES (?, ?, ?)",
            (msgspec.json.encode(withdrawal), withdrawal.local_id, self._file),
        )

    def set_aside_input(self, location: str, position: str | None, line: bytes) -> None:
        """Keep one line of `rejected.jsonl`."""
        self._db.execute(
            "INSERT INTO set_aside VALUES (?, ?, ?, NULL, ?)", (location, position or "", line, self._file)
        )

    def _insert(self, row: RecordRow, file: int | None, kind: str | None = None) -> None:
        """Write one record and count what it states.

        Args:
            row: The record.
            file: The number of the file it came from; None also for one that was merged.
            kind: What it is counted under, None for its own; given for a record that was merged.
        """
        values = (
            row.key,
            row.digest,
            None if row.journal is None else self._statement_number(row.journal),
            row.issued,
            row.orcids,
            row.rors,
            CURRENT,
            kind or row.kind,
            row.local_id,
            file,
            kind is not None,
        )
        number = self._db.execute(
            "INSERT INTO record (key, digest, statement, issued, orcids, rors, state, kind, local_id, file, merged)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        ).lastrowid
        self._db.execute("INSERT INTO body VALUES (?, ?)", (number, row.body))
        self._count_in(int(number or 0), row)

    def _count_in(self, number: int, row: RecordRow) -> None:
        """Let a record that is current count everywhere."""
        self._db.executemany("INSERT INTO cites VALUES (?, ?, ?)", [(number, *each) for each in row.cites])
        self._db.executemany("INSERT INTO drawn VALUES (?, ?)", [(number, sha256) for sha256 in row.drawn])
        self._count(row, 1)

    def _count_out(self, number: int, row: RecordRow) -> None:
        """Let a record count nowhere."""
        self._count(row, -1)
        self._db.execute("DELETE FROM cites WHERE record = ?", (number,))
        self._db.execute("DELETE FROM drawn WHERE record = ?", (number,))

    def _statement_number(self, statement: JournalStatement) -> int:
        """Return the number of a journal statement, new or known."""
        number = self._statements.get(statement)
        if number is None:
            number = len(self._statements) + 1
            self._statements[statement] = number
            line = msgspec.json.encode(statement)
            self._db.execute("INSERT INTO statement (id, value, records) VALUES (?, ?, 0)", (number, line))
        return number

    def _count(self, row: RecordRow, step: int) -> None:
        """Add (1) or subtract (-1) everything a record states about shared things."""
        journal = None if row.journal is None else self._statement_number(row.journal)
        self._db.executemany(
            "INSERT INTO stated VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET records = records + excluded.records",
            [(s.kind, str(journal) if s.thing is None else s.thing, s.value, s.rank, step) for s in row.stated],
        )
        if journal is not None:
            self._db.execute("UPDATE statement SET records = records + ? WHERE id = ?", (step, journal))

    def _row(self, number: int) -> RecordRow:
        """Return the row of a record that is there, as it was taken in."""
        return row_of(self._record(number))

    def _record(self, number: int) -> ArticleRecord:
        """Return a record that is there."""
        return unpack_record(self._value("SELECT value FROM body WHERE record = ?", number))

    # -- sealing ---------------------------------------------------------------------------------------------------

    def seal(self, modified: str, run: str) -> list[Rejected]:
        """Take out what was withdrawn, merge the records of one key, choose the journals' keys, and date every record.

        Args:
            modified: xsd:dateTime of a record that is new or has changed since the revisions taken in.
            run: Id of the run that changes it.

        Returns:
            The records that bear the identifier of another work; they are set aside.
        """
        strangers: list[Rejected] = []
        self._db.execute("CREATE INDEX record_local_id ON record (local_id) WHERE local_id IS NOT NULL")
        self._take_out_withdrawn()
        self._db.execute("CREATE INDEX record_key ON record (key, state)")
        last = ""
        while doubled := self._db.execute(
            "SELECT key FROM record WHERE state = ? AND key > ? GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT ?",
            (CURRENT, last, _KEYS),
        ).fetchall():
            for (key,) in doubled:
                strangers += self._merge(key)
            last = doubled[-1][0]
        self._db.execute("CREATE INDEX cites_doi ON cites (doi)")
        self._db.execute("CREATE INDEX record_statement ON record (statement)")
        self._db.execute("CREATE INDEX record_file ON record (file)")
        self._db.execute("UPDATE record SET modified = ?, run = ? WHERE state = ?", (modified, run, CURRENT))
        self._db.execute(
            "UPDATE record SET (modified, run, history) = (revision.modified, revision.run, revision.history)"
            " FROM revision WHERE record.key = revision.key AND record.digest = revision.digest AND until IS NULL"
            " AND record.state = ?",
            (CURRENT,),
        )
        # The others that were there before: what they were joins their history, as `history.succeeded` says it.
        self._db.execute(
            "UPDATE record SET history = revision.history || iif(revision.history = '', '', ',')"
            " || revision.modified || ' ' || revision.run || ' ' || coalesce(until, ?) FROM revision"
            " WHERE record.key = revision.key AND (record.digest != revision.digest OR until IS NOT NULL)"
            " AND record.state = ?",
            (modified, CURRENT),
        )
        self._db.execute("CREATE INDEX statement_key ON statement (key)")
        self.choose_journals()
        self.commit()
        return strangers

    def _take_out_withdrawn(self, local_ids: Iterable[str] | None = None) -> None:
        """Make each record count nowhere that its source took back, unless the source gave it again later."""
        pairs = self._db.execute(
            "SELECT record.id, record.key, withdrawal.value FROM withdrawal JOIN record USING (local_id)"
            " WHERE state = ? AND (? IS NULL OR local_id IN (SELECT value FROM json_each(?)))"
            " ORDER BY withdrawal.local_id, record.key, withdrawal.value",
            (CURRENT, *(2 * [None if local_ids is None else as_json(local_ids)])),
        ).fetchall()
        gone: set[int] = set()
        for number, key, value in pairs:
            withdrawal = msgspec.json.decode(value, type=Withdrawn)
            record = self._record(number)
            if number in gone or given_after(record, withdrawal):
                continue
            gone.add(number)
            self._take_out(number, row_of(record), WITHDRAWN)
            found = WithdrawnRecord(
                key=key,
                local_id=withdrawal.local_id,
                doi=record.doi,
                withdrawn=withdrawal.withdrawn,
                location=withdrawal.source.location,
                position=withdrawal.source.position,
            )
            self._db.execute(
                "INSERT INTO withdrawn VALUES (?, ?, ?, ?)",
                (number, found.local_id, key, msgspec.json.encode(found)),
            )

    def _merge(self, key: str) -> list[Rejected]:
        """Put one record in the place of all those of a key; return those that are other works, now set aside."""
        rows = self._db.execute(
            "SELECT id, value FROM record JOIN body ON body.record = id WHERE key = ? AND state = ? ORDER BY id",
            (key, CURRENT),
        ).fetchall()
        versions = [unpack_record(body) for _, body in rows]
        strangers = [self._set_aside_stranger(rows[place][0], versions[place]) for place in strangers_among(versions)]
        if strangers:
            rows = [row for row in rows if row[0] not in {number for number, _ in strangers}]
            versions = [unpack_record(body) for _, body in rows]
        refused = [rejected for _, rejected in strangers]
        if len(rows) == 1:
            return refused
        for (number, _), version in zip(rows, versions, strict=True):
            self._take_out(number, row_of(version), SUPERSEDED)
        merged = merge_records(versions)
        kinds = Counter(kind_of(version) for version in versions)
        self._insert(row_of(merged), None, kind_of(merged) if kind_of(merged) in kinds else min(kinds))
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
        self._take_out(number, row_of(record), STRANGER)
        place = (source.location, source.position or "", encode_record(rejected), number)
        self._db.execute("INSERT INTO set_aside VALUES (?, ?, ?, ?, NULL)", place)
        return number, rejected

    def _take_out(self, number: int, row: RecordRow, state: int) -> None:
        """Make a record count nowhere."""
        self._db.execute("UPDATE record SET state = ? WHERE id = ?", (state, number))
        self._db.execute("DELETE FROM found.finding WHERE record = ?", (number,))
        self._count_out(number, row)

    def choose_journals(self) -> set[int]:
        """Choose the key of every journal statement that a current record makes.

        Returns:
            The statements (by number) that had another key when the keys were last chosen, or whose journal had other
            ISSNs: a record that is refused takes its vote along, and what wins then may be no ISSN either.
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
        before, self._identities = self._identities, {key: identity for key, identity, _ in self.journals()}
        moved = {key for key, identity in self._identities.items() if before.get(key, identity) != identity}
        return changed | {number for number, statement in statements.items() if keys[statement] in moved}

    # -- counts ----------------------------------------------------------------------------------------------------

    @property
    def merged(self) -> int:
        """How many records went into others of the same key."""
        return sum(number for _, what, number in self.became() if what == "merged")

    def became(self) -> Iterator[tuple[str, str, int]]:
        """Yield what became of the records of each kind of source: kind, `published` and so on, how many; in order."""
        rows = self._db.execute("SELECT kind, state, sum(merged), count(*) FROM record GROUP BY kind, state").fetchall()
        names = {CURRENT: "published", SET_ASIDE: "rejected", STRANGER: "rejected", WITHDRAWN: "withdrawn"}
        found: Counter[tuple[str, str]] = Counter()
        for kind, state, merged, number in rows:
            found[kind, names.get(state, "merged")] += number
            found[kind, "merged"] -= merged  # one of the records that were merged is counted as what they became
        yield from sorted((kind, what, number) for (kind, what), number in found.items() if number)

    def tallied(self) -> Iterator[tuple[str, str, str, int]]:
        """Yield what `count` has counted: kind of source, `read` and so on, type, how many; in order."""
        yield from self._db.execute("SELECT kind, what, type, sum(number) FROM tally GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")

    @property
    def withdrawn(self) -> Sequence[WithdrawnRecord]:
        """The records that their sources took back, in the order of their identifiers."""
        rows = self._db.execute("SELECT value FROM withdrawn ORDER BY local_id, key, value")
        return [msgspec.json.decode(value, type=WithdrawnRecord) for (value,) in rows]

    def titles_of_withdrawn(self, key: str) -> list[Text]:
        """Return the titles of a record that its source took back."""
        rows = self._db.execute(
            "SELECT value FROM record JOIN body ON body.record = id WHERE key = ? AND state = ? ORDER BY value",
            (key, WITHDRAWN),
        )
        return [title for (body,) in rows.fetchall()[:1] for title in unpack_record(body).titles]

    def departed(self) -> Iterator[str]:
        """Yield the keys of the records that the edition before held and this one does not, in order."""
        rows = self._db.execute(
            "SELECT key FROM revision WHERE until IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM record WHERE record.key = revision.key AND state = ?) ORDER BY key",
            (CURRENT,),
        )
        for (key,) in rows:
            yield key

    def is_refused(self, key: str) -> bool:
        """Tell whether the inputs hold a record of a key, but none that is published."""
        query = "SELECT EXISTS (SELECT 1 FROM record WHERE key = ? AND state IN (?, ?))"
        return bool(self._value(query, key, SET_ASIDE, STRANGER)) and not self.is_held(key)

    @property
    def set_aside_records(self) -> int:
        """How many articles were set aside, by `set_aside` or as strangers."""
        return int(self._value("SELECT count(*) FROM record WHERE state IN (?, ?)", SET_ASIDE, STRANGER))

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
            (CURRENT,),
        )
        for (doi,) in rows:
            yield doi

    def keep(self, name: str, value: bytes) -> None:
        """Keep something about the edition as a whole."""
        self._db.execute("INSERT OR REPLACE INTO known VALUES (?, ?)", (name, value))

    def kept(self, name: str) -> bytes | None:
        """Return what was kept under a name."""
        row = self._db.execute("SELECT value FROM known WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def clear_findings(self) -> None:
        """Forget what was found about current records."""
        self._db.execute(
            "DELETE FROM found.finding WHERE record IN (SELECT id FROM record WHERE state = ?)", (CURRENT,)
        )

    # -- setting aside ---------------------------------------------------------------------------------------------

    def set_aside(self, number: int, line: bytes, results: Sequence[Result]) -> None:
        """Make a record count nowhere; keep its line for `rejected.jsonl`, and what the gate found."""
        record = self._record(number)
        source = record.sources[0] if record.sources else None
        self._take_out(number, row_of(record), SET_ASIDE)
        self.keep_findings(number, None, results, 0)
        self._db.execute(
            "INSERT INTO set_aside VALUES (?, ?, ?, ?, NULL)",
            (source.location if source else "", (source.position if source else None) or "", line, number),
        )

    def set_aside_lines(self) -> Iterator[tuple[bytes, ArticleRecord | None]]:
        """Yield the lines of `rejected.jsonl` by place, each with the record where it became one."""
        rows = self._db.execute(
            "SELECT line, value FROM set_aside LEFT JOIN body USING (record)"
            " ORDER BY location, length(position), position, line"
        )
        for line, body in rows:
            yield line, None if body is None else unpack_record(body)

    # -- findings --------------------------------------------------------------------------------------------------

    def keep_findings(self, number: int, entry: bytes | None, results: Sequence[Result], warnings: int) -> None:
        """Keep what was found about a record.

        Args:
            number: The record's number.
            entry: Its entry of the report, encoded; None where there is nothing to report, or it is refused.
            results: The gate's own results.
            warnings: How many of the findings are warnings.
        """
        self._db.execute("DELETE FROM found.finding WHERE record = ?", (number,))
        if entry is not None or results:
            pickled = pickle.dumps(tuple(results)) if results else None
            self._db.execute("INSERT INTO found.finding VALUES (?, ?, ?, ?)", (number, entry, pickled, warnings))

    def clear_shared_findings(self) -> None:
        """Forget what was found about shared things."""
        self._db.execute("DELETE FROM found.shared")

    def forget_shared_findings(self, things: Iterable[str]) -> None:
        """Forget what was found about some shared things, given by IRI."""
        self._db.executemany("DELETE FROM found.shared WHERE thing = ?", [(thing,) for thing in things])

    def keep_shared_findings(self, results: Iterable[Result]) -> None:
        """Keep the gate's results about shared things."""
        about = attrgetter("focus_node")
        for thing, found in groupby(sorted(results, key=about), about):
            self._db.execute("INSERT OR REPLACE INTO found.shared VALUES (?, ?)", (thing, pickle.dumps(tuple(found))))

    def shared_results(self) -> Iterator[Result]:
        """Yield the gate's results about shared things, in the order of their IRIs."""
        for (pickled,) in self._db.execute("SELECT results FROM found.shared ORDER BY thing"):
            yield from pickle.loads(pickled)  # noqa: S301 - a run of this program wrote it

    def results(self) -> Iterator[Result]:
        """Yield the gate's results about current and refused records, in the order of their keys."""
        rows = self._db.execute(
            "SELECT results FROM found.finding JOIN record ON record.id = finding.record"
            " WHERE results IS NOT NULL ORDER BY key"
        )
        for (pickled,) in rows:
            yield from pickle.loads(pickled)  # noqa: S301 - a run of this program wrote it

    def findings(self) -> Iterator[bytes]:
        """Yield the entries of the report about current records, encoded, in the order of their keys."""
        rows = self._db.execute(
            "SELECT entry FROM found.finding JOIN record ON record.id = finding.record"
            " WHERE state = ? AND entry IS NOT NULL ORDER BY key",
            (CURRENT,),
        )
        for (entry,) in rows:
            yield entry

    @property
    def warnings(self) -> int:
        """How many warnings there are about current records."""
        return int(
            self._value(
                "SELECT coalesce(sum(warnings), 0) FROM found.finding JOIN record ON record.id = finding.record"
                " WHERE state = ?",
                CURRENT,
            )
        )
