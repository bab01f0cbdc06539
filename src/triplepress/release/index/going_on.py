"""An index that is gone on from: what some input files say now takes the place of what they said.

Every key that a change may concern is put back to its records as they were read, before anything is merged, withdrawn
or refused; then those keys alone are sealed again. What was before is kept here, to tell what has become different.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from triplepress.rdf.facts import PastState, WorkFacts
from triplepress.record import Rejected, Withdrawn
from triplepress.release.history import pack_history, succeeded, unpack_history
from triplepress.release.index.filling import RecordIndex
from triplepress.release.index.reader import as_json
from triplepress.release.index.schema import CURRENT, SET_ASIDE
from triplepress.release.journals import JournalIdentity, JournalStatement
from triplepress.release.statements import RecordRow
from triplepress.validation.results import Result


class _Before(NamedTuple):
    """What was known of a key that was published: its content, its last change, and what citing records know of it."""

    digest: bytes
    body: bytes  # SHA-256 of the record as it is packed: a file that is read again may hold many, and none is shown
    modified: str
    run: str
    history: str
    work: WorkFacts | None


@dataclass
class Changes:
    """What an update makes different, by the keys of the sections of the dumps (see `members`).

    Attributes:
        articles: Records that are new, changed or gone, and those that know them.
        journals: Journals that some of these state anything about.
        people: Likewise, by ORCID iD.
        organisations: Likewise, by ROR iD.
        works: Works that these name, or are: each may have become cited, held, or neither.
        sources: Files that these are drawn from.
        records: The keys of the records that are themselves new, changed or gone.
    """

    articles: set[str] = field(default_factory=set)
    journals: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    organisations: set[str] = field(default_factory=set)
    works: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)


class ContinuedIndex(RecordIndex):
    """A copy of the index of a release, on its way to the next.

    Args:
        folder: The copy.
        kept_journals: The journals of the edition before, by key, whose keys stay.

    Raises:
        ReleaseError: It was made by another version.
    """

    def __init__(self, folder: Path, kept_journals: Mapping[str, JournalIdentity] | None = None) -> None:
        """Open the file, and remember the journals' keys."""
        super().__init__(folder, kept_journals, new=False)
        self._before: dict[str, _Before | None] = {}
        self._things: set[tuple[str, str]] = set()
        self._works: set[str] = set()
        self._found: set[str] = set()
        self._numbers: set[int] = set()
        self._journals = dict(self._db.execute("SELECT id, key FROM statement"))
        # What the rows say of the last change is newer, and which runs the withdrawn name is found out again.
        self._db.execute("DELETE FROM revision")
        self._db.execute("DELETE FROM named_run")

    # -- inputs ----------------------------------------------------------------------------------------------------

    def forget_file(self, location: str) -> None:
        """Take out everything that an input file gave."""
        file = self._value("SELECT id FROM file WHERE location = ?", location)
        self._touch_all("SELECT DISTINCT key FROM record WHERE file = ?", file)
        for (number,) in self._db.execute("SELECT id FROM record WHERE file = ?", (file,)).fetchall():
            self._remove(number)
        words = self._db.execute("SELECT DISTINCT local_id FROM withdrawal WHERE file = ?", (file,)).fetchall()
        for (local_id,) in words:
            self._touch_all("SELECT DISTINCT key FROM record WHERE local_id = ?", local_id)
        for table in ("withdrawal", "set_aside", "tally", "input"):
            self._db.execute(f"DELETE FROM {table} WHERE file = ?", (file,))  # noqa: S608 - the four names above
        self._db.execute("DELETE FROM file WHERE id = ?", (file,))

    def add_row(self, row: RecordRow) -> None:
        """Take in one record."""
        self._touch(row.key)
        super().add_row(row)

    def withdraw(self, withdrawal: Withdrawn) -> None:
        """Keep a source's word that a record is gone."""
        self._touch_all("SELECT DISTINCT key FROM record WHERE local_id = ?", withdrawal.local_id)
        super().withdraw(withdrawal)

    def _touch_all(self, query: str, *parameters: object) -> None:
        """Touch every key that a query finds."""
        for (key,) in self._db.execute(query, parameters).fetchall():
            self._touch(key)

    def _touch(self, key: str) -> None:
        """Remember what was published under a key, and put back its records as they were read."""
        if key in self._before:
            return
        self._before[key] = self._published(key)
        # What was found about it goes with its rows, even if it comes back as it was.
        query = "SELECT 1 FROM record JOIN found.finding ON finding.record = id WHERE key = ? AND state = ?"
        if self._db.execute(query, (key, CURRENT)).fetchone():
            self._found.add(key)
        self._put_back(key)

    def _published(self, key: str) -> _Before | None:
        """Return what is known of a key, None where nothing is published under it."""
        row = self._db.execute(
            "SELECT digest, value, modified, run, history FROM record JOIN body ON body.record = id"
            " WHERE key = ? AND state = ?",
            (key, CURRENT),
        ).fetchone()
        doi = key.removeprefix("doi/")
        if row is None:
            return None
        digest, body, modified, run, history = row
        return _Before(digest, hashlib.sha256(body).digest(), modified, run, history, self.works([doi]).get(doi))

    def _put_back(self, key: str) -> None:
        """Make all records of a key current again, each as it was read."""
        rows = self._db.execute("SELECT id, state, merged FROM record WHERE key = ?", (key,)).fetchall()
        for number, state, merged in rows:
            if merged:
                self._remove(number)
            elif state != CURRENT:
                self._db.execute("UPDATE record SET state = ? WHERE id = ?", (CURRENT, number))
                self._db.execute("DELETE FROM set_aside WHERE record = ?", (number,))
                self._db.execute("DELETE FROM withdrawn WHERE record = ?", (number,))
                self._db.execute("DELETE FROM found.finding WHERE record = ?", (number,))
                self._count_in(number, self._row(number))

    def _remove(self, number: int) -> None:
        """Delete a record as if it had never been read."""
        if self._value("SELECT state FROM record WHERE id = ?", number) == CURRENT:
            self._count_out(number, self._row(number))
        self._db.execute("DELETE FROM found.finding WHERE record = ?", (number,))
        self._db.execute("DELETE FROM set_aside WHERE record = ?", (number,))
        self._db.execute("DELETE FROM withdrawn WHERE record = ?", (number,))
        self._db.execute("DELETE FROM body WHERE record = ?", (number,))
        self._db.execute("DELETE FROM record WHERE id = ?", (number,))

    def _count_in(self, number: int, row: RecordRow) -> None:
        super()._count_in(number, row)
        self._note(row)

    def _count_out(self, number: int, row: RecordRow) -> None:
        super()._count_out(number, row)
        self._note(row)

    def _note(self, row: RecordRow) -> None:
        """Remember what a record names: it may be described differently now."""
        self._things |= {(each.kind, each.thing) for each in row.stated if each.thing is not None}
        self._works |= {doi for doi, _ in row.cites}
        if row.journal is not None:
            self._numbers.add(self._statement_number(row.journal))

    def judge_again(self, moment: str | None) -> None:
        """Touch records that the gate refused and may judge otherwise now, though nothing that they name has changed.

        Args:
            moment: xsd:dateTime of the new edition: those are meant whose date lay ahead when they were refused, and no
                longer does. None for all, where the gate itself is another.
        """
        # As the shape `article-issued-future` compares them: a date may be a year, or a month.
        self._touch_all(
            "SELECT DISTINCT key FROM record WHERE state = ?1 AND (?2 IS NULL"
            " OR issued > substr(modified, 1, length(issued)) AND issued <= substr(?2, 1, length(issued)))",
            SET_ASIDE,
            moment,
        )

    def accounts(self) -> bytes:
        """Return a digest of what the input files gave beside records: counts, sources, refusals, withdrawals."""
        found = hashlib.sha256()
        for rows in (
            self.tallied(),
            self.inputs(),
            self._db.execute("SELECT location, position, line FROM set_aside ORDER BY 1, 2, 3"),
            self._db.execute("SELECT value FROM withdrawal ORDER BY 1"),
        ):
            for row in rows:
                found.update(msgspec.json.encode(row) + b"\n")
            found.update(b"\n")
        return found.digest()

    # -- sealing again ---------------------------------------------------------------------------------------------

    @property
    def touched(self) -> bool:
        """Whether anything was added or forgotten."""
        return bool(self._before)

    def seal(self, modified: str, run: str) -> list[Rejected]:
        """Do for the keys that were touched what `RecordIndex.seal` does for all."""
        strangers = self._seal(modified, run)
        while self._touch_refused():
            strangers += self._seal(modified, run)
        self.commit()
        return strangers

    def _seal(self, modified: str, run: str) -> list[Rejected]:
        """Take out what was withdrawn, merge, and date the records of the keys that were touched."""
        keys = as_json(self._before)
        rows = self._db.execute(
            "SELECT DISTINCT local_id FROM record WHERE local_id IS NOT NULL"
            " AND key IN (SELECT value FROM json_each(?))",
            (keys,),
        )
        self._take_out_withdrawn([local_id for (local_id,) in rows.fetchall()])
        strangers: list[Rejected] = []
        doubled = self._db.execute(
            "SELECT key FROM record WHERE state = ? AND key IN (SELECT value FROM json_each(?))"
            " GROUP BY key HAVING count(*) > 1 ORDER BY key",
            (CURRENT, keys),
        ).fetchall()
        for (key,) in doubled:
            strangers += self._merge(key)
        rows = self._db.execute(
            "SELECT id, key, digest FROM record WHERE state = ? AND key IN (SELECT value FROM json_each(?))",
            (CURRENT, keys),
        )
        for number, key, digest in rows.fetchall():
            before = self._before[key]
            if before and before.digest == digest:
                state = before.modified, before.run, before.history
            else:
                state = modified, run, pack_history(self._history_until(key, modified))
            self._db.execute("UPDATE record SET modified = ?, run = ?, history = ? WHERE id = ?", (*state, number))
        self.choose_journals()
        return strangers

    def _history_until(self, key: str, now: str) -> tuple[PastState, ...]:
        """Return the states that a record was in before it changed, or came back; none where it is new."""
        before = self._before[key]
        if before:
            return succeeded(unpack_history(before.history), before.modified, before.run, now)
        # Of `revision` only the records are left that the edition before did not hold.
        query = "SELECT history, modified, run, until FROM revision WHERE key = ?"
        row = self._db.execute(query, (key,)).fetchone()
        return () if row is None else succeeded(unpack_history(row[0]), row[1], row[2], now, row[3])

    def departed(self) -> Iterator[str]:
        """Yield the keys of the records that the edition before held and this one does not, in order."""
        yield from sorted(key for key, before in self._before.items() if before and not self.is_held(key))

    def _touch_refused(self) -> bool:
        """Touch the records that the gate refused and that name what has changed: it may take them now."""
        works = {key[4:] for key in self._before if key.startswith("doi/")}
        issns = self._changed_issns()
        rows = self._db.execute(
            "SELECT id, key FROM record WHERE state = ? AND key NOT IN (SELECT value FROM json_each(?))",
            (SET_ASIDE, as_json(self._before)),
        ).fetchall()
        found = False
        for number, key in rows:
            row = self._row(number)
            journal = _issns_of(row.journal)
            named = {(each.kind, each.thing) for each in row.stated if each.kind != "source"}
            if journal & issns or named & self._things or works.intersection(doi for doi, _ in row.cites):
                self._touch(key)
                found = True
        return found

    def _changed_issns(self) -> set[str]:
        """Return the ISSNs of the journals that changed statements are about, as all statements tell them."""
        now = dict(self._journal_rows())
        moved = {number for number, key in now.items() if key and self._journals.get(number) not in (None, key)}
        rows = ((number, key) for keys in (self._journals, now) for number, key in keys.items())
        keys = {key for number, key in rows if key and number in self._numbers | moved}
        issns = keys.copy()
        for statement, number in self._statements.items():
            if number in self._numbers or not keys.isdisjoint({self._journals.get(number), now.get(number)}):
                issns |= _issns_of(statement)
        return issns

    def set_aside(self, number: int, line: bytes, results: Sequence[Result]) -> None:
        """Make a record count nowhere; what was published under its key is remembered."""
        key = self._value("SELECT key FROM record WHERE id = ?", number)
        if key not in self._before:
            self._before[key] = self._published(key)
        super().set_aside(number, line, results)

    def forget_findings(self, keys: Iterable[str]) -> None:
        """Forget what was found about the current records of some keys."""
        self._db.execute(
            "DELETE FROM found.finding WHERE record IN"
            " (SELECT id FROM record WHERE state = ? AND key IN (SELECT value FROM json_each(?)))",
            (CURRENT, as_json(keys)),
        )

    def changes(self) -> Changes:
        """Return what has become different since the index was opened; ask after `seal`."""
        changes = Changes()
        for key, before in self._before.items():
            after = self._published(key)
            if before != after:
                changes.records.add(key)
                if key.startswith("doi/") and (before and before.work) != (after and after.work):
                    changes.works.add(key[4:])
        named = {number for number, key in self._journal_rows() if self._journals.get(number) not in (None, key)}
        renamed = self.keys_stating(named)
        cited = changes.works | {key[4:] for key in renamed if key.startswith("doi/")}
        changes.articles = changes.records | renamed | self.keys_citing(cited) | self._found
        # What said nothing and is gone may have begun a member.
        changes.articles |= {key for key in self._before if not self.is_held(key)}
        changes.works |= self._works | {key[4:] for key in self._before if key.startswith("doi/")}
        changes.journals = self._changed_journals(self._numbers | named)
        for kind, thing in self._things:
            {"person": changes.people, "organisation": changes.organisations, "source": changes.sources}[kind].add(
                thing
            )
        return changes

    def _journal_rows(self) -> list[tuple[int, str | None]]:
        return self._db.execute("SELECT id, key FROM statement").fetchall()

    def _changed_journals(self, numbers: Iterable[int]) -> set[str]:
        """Return the keys, old and new, of the journals that these statements are about.

        A key that comes or goes also changes journals that state it as their linking ISSN.
        """
        now = dict(self._journal_rows())
        found = {key for number in numbers for key in (self._journals.get(number), now.get(number)) if key}
        moved = {key for key in self._journals.values() if key} ^ {key for key in now.values() if key}
        for number, value in self._db.execute("SELECT id, value FROM statement").fetchall():
            key = now[number]
            if key and msgspec.json.decode(value, type=JournalStatement).issn_l in moved:
                found.add(key)
        return found


def _issns_of(statement: JournalStatement | None) -> set[str]:
    """Return the ISSNs in a statement."""
    return set() if statement is None else {issn for issn in msgspec.structs.astuple(statement) if issn}
