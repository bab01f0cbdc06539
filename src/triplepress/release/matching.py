"""References without a DOI, matched to works that are known: the edition's own, and those of supplied catalogues.

What is found goes to a graph of its own, with method and score, and never among the facts. Works are looked up in an
index on disk, so memory stays flat; the result depends neither on the order of inputs or catalogues, nor on the number
of processes, nor on whether it was made in full or brought up to date.
"""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import RecordError
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.record import ArticleRecord, Rejected, Skipped, Withdrawn
from triplepress.references import KnownWork, MatchIndex
from triplepress.references.match import LISTED
from triplepress.references.sieve import KeySieve
from triplepress.release.compression import gzip_member
from triplepress.release.dumps import MATCHED_DUMP, Piece, Pressed, Spool
from triplepress.release.edition import Progress
from triplepress.release.index import RecordIndex
from triplepress.release.manifest import Matches
from triplepress.release.matcher import Matcher, MatchSettings, Seeker, read_line
from triplepress.release.matches import NAME, Change, Matched, MatchReader, MatchTables
from triplepress.release.processes import Processes
from triplepress.store.members import Member, Section

# Its two kinds of entries: what records' references were matched to, and the works that nothing else names.
MATCHES: Final = Section("matches", "id/", 200)
MATCHED_WORKS: Final = Section("matched-works", "id/doi/", 500)
WORKS: Final = "works.sqlite"

_TABLES: Final = ((MATCHES, "matched"), (MATCHED_WORKS, "work"))
_STRETCH: Final = 250  # records; memory stays flat
_LEAST: Final = 4  # fewer stretches than this are matched before other processes have begun
_PIECES: Final = msgspec.msgpack.Decoder(Piece)
Items = Iterable[ArticleRecord | Rejected | Skipped | Withdrawn]


class MatchRun:
    """Matches the references of an edition.

    Args:
        index: The index after the press: what was set aside is no work to match with.
        edition: The edition's facts.
        mapping: The mapping.
        work: A folder for what is needed on the way.
        progress: Told how many articles are done.
        processes: How many processes match.
        folder: Where `works.sqlite` and `matches.sqlite` are made, or were, which a later update needs; None makes them
            in `work`.
        new: Whether the two files are made; else those that are there are gone on from.

    Attributes:
        unread: How many inputs of the catalogues could not be read.

    Raises:
        ReleaseError: The files that are there were made by another version.
        StoreError: Likewise, or they cannot be opened.
    """

    def __init__(
        self,
        index: RecordIndex,
        edition: EditionFacts,
        mapping: Mapping,
        work: Path,
        progress: Progress | None = None,
        *,
        processes: int = 1,
        folder: Path | None = None,
        new: bool = True,
    ) -> None:
        """Make the files, or open them."""
        folder = folder or work
        folder.mkdir(exist_ok=True)
        self._mapping = mapping
        self._index = index
        self._work = work
        self._settings = MatchSettings(index.folder, folder / WORKS, work / "sieve", work, edition)
        self._works = MatchIndex(self._settings.works)
        self._tables = MatchTables(folder / NAME, new=new)
        self._processes = Processes(partial(Matcher, self._settings), processes)
        self._progress = progress
        self._spool: Spool | None = None
        self.unread = 0

    def close(self) -> None:
        """End the processes and close the files."""
        self._processes.close()
        self._works.close()
        self._tables.close()
        if self._spool is not None:
            self._spool.close()

    # -- in full ---------------------------------------------------------------------------------------------------

    def run(self, catalogue: Items) -> None:
        """Match every reference that has no DOI.

        Args:
            catalogue: What is known beside the edition's own works; records of one DOI are merged as in an edition,
                and where the edition holds the work itself, its own record counts.
        """
        for record in self._catalogue(catalogue):
            work = KnownWork.from_record(record)
            if work is not None:
                self._works.add(work, rank=LISTED)
        self._index.commit()
        pieces, total = [], self._index.published
        for seen in self._processes.map(Matcher.seek, self._stretches(), least=_LEAST):
            for folded, keys in seen.works:
                self._works.add_folded(folded, keys)
            self._tables.seek(seen.sought)
            if seen.piece is not None:
                pieces.append((seen.records, msgspec.msgpack.encode(seen.piece)))
        self._works.flush()
        KeySieve.write(self._settings.sieve, self._works.keys(), self._works.key_count())
        done = 0
        waiting = (_PIECES.decode(piece) for _, piece in pieces)
        for (records, _), found in zip(pieces, self._processes.map(Matcher.match, waiting, least=_LEAST), strict=True):
            for matched in found:
                self._tables.put(matched)
            done += records
            if self._progress is not None:
                self._progress("match", done, total)
        self._tables.seal()
        self._describe()

    def _stretches(self) -> Iterator[tuple[str, str | None]]:
        """Yield the records cut into stretches."""
        keys = self._index.keys()
        starts = [stretch[0] for stretch in iter(lambda: list(islice(keys, _STRETCH)), [])]
        yield from zip(starts, [*starts[1:], None], strict=False)

    def _catalogue(self, items: Items) -> Iterator[ArticleRecord]:
        """Yield the records of the catalogues, those of one work merged, in the order of their keys."""
        path = self._work / "catalogue"
        with closing(RecordIndex(path)) as index:
            for item in items:
                if isinstance(item, ArticleRecord):
                    with suppress(RecordError):  # neither DOI nor identifier: nothing could be linked to it
                        index.add(item)
                elif isinstance(item, Withdrawn):
                    index.withdraw(item)
                elif isinstance(item, Rejected):
                    self.unread += 1
            index.seal("", "")
            for _, record in index.bodies():
                yield record
        shutil.rmtree(path)

    def _describe(self) -> None:
        """Describe the works that matches name and nothing else does."""
        index = self._index
        with closing(Matcher(self._settings, self._mapping)) as matcher:
            self._tables.describe(lambda dois: index.held(dois) | index.cited_among(dois), matcher.describe)
        self._tables.commit()

    # -- brought up to date ----------------------------------------------------------------------------------------

    def update(self, keys: Iterable[str]) -> int:
        """Match again what may be matched otherwise after some records came, changed or went.

        Args:
            keys: The keys of all records that are new, changed, gone, set aside, or no longer so, since the files were
                made; what the index says of them now counts.

        Returns:
            How many records were matched again.
        """
        touched: set[int] = set()
        again = set()
        for key in keys:
            line = next((line for _, line in self._index.lines(key, f"{key}\x00")), None)
            work, seeker = (None, None) if line is None else read_line(key, line)
            if key.startswith("doi/"):
                touched |= self._works.replace(key.removeprefix("doi/"), work)
            self._tables.forget(key) if seeker is None else again.add(key)
        self._works.flush()
        again.update(self._tables.seekers(touched))
        with closing(Matcher(self._settings, self._mapping)) as matcher:
            waiting = iter(sorted(again))
            while stretch := list(islice(waiting, _STRETCH)):
                self._match_again(matcher, stretch)
        self._describe()
        return len(again)

    def _match_again(self, matcher: Matcher, keys: Sequence[str]) -> None:
        """Match some records."""
        seekers: list[Seeker] = []
        for key in keys:
            for _, line in self._index.lines(key, f"{key}\x00"):
                _, seeker = read_line(key, line)
                if seeker is not None:
                    seekers.append(seeker)
        found = {matched.key: matched for matched in matcher.match_all(seekers)}
        for seeker in seekers:
            self._tables.seek([(seeker.key, seeker.sought)])
            self._tables.put(found.get(seeker.key) or Matched(seeker.key, (), 0, b""))

    # -- what was found --------------------------------------------------------------------------------------------

    @property
    def matches(self) -> Matches:
        """Counts of what was found."""
        known = len(self._works)
        return Matches(
            references=self._tables.references,
            works=self._tables.works,
            triples=self._tables.triples,
            known=known,
            catalogue=known - self._works.held(),
        )

    def quads(self) -> Iterator[bytes]:
        """Yield the N-Quads of the graph of matches, a member's at a time; may be called from any thread."""
        with closing(MatchReader.open(self._tables.path)) as tables:
            for section, table in _TABLES:
                for start, end in _cut(section, tables, table):
                    yield b"".join(tables.texts(table, start, end))

    def changes(self) -> Iterator[Change]:
        """Yield the N-Quads that `update` took out and put in, in an order in which they can be applied."""
        yield from self._tables.changes()

    def members(self, before: Iterable[Member] = (), release: Path | None = None) -> Iterator[Pressed]:
        """Yield the members of the dump in their order, each a piece of a file.

        Args:
            before: The members of the release that was brought up to date, those of other dumps among them.
            release: Its folder; what has not changed is a piece of its dump.
        """
        kept = [member for member in before if MATCHED_DUMP in member.places]
        for section, table in _TABLES:
            old = [member for member in kept if member.section == section.name]
            ends = {member.key: after for member, after in zip(old, [*(m.key for m in old[1:]), None], strict=False)}
            places = {member.key: member.places[MATCHED_DUMP] for member in old}
            changed = self._tables.changed(table)
            for start, end in _cut(section, self._tables, table):
                first = bisect_left(changed, start)
                same = first == len(changed) or (end is not None and changed[first] >= end)
                if release is not None and same and start in places and ends[start] == end:
                    place = places[start]
                    piece = Piece(str(release / MATCHED_DUMP), place.offset, place.length)
                else:
                    piece = self._press(b"".join(self._tables.texts(table, start, end)))
                yield Pressed(section.name, start, {MATCHED_DUMP: piece})

    def _press(self, text: bytes) -> Piece:
        """Compress a member into the spool."""
        if self._spool is None:
            self._spool = Spool(self._work / "matched")
        place = self._spool.append(gzip_member(text))
        self._spool.flush()
        return Piece(str(self._spool.path), place.offset, place.length)


def _cut(section: Section, tables: MatchReader, table: str) -> Iterator[tuple[str, str | None]]:
    """Yield the first key of each member of a section and that of the next."""
    starts = [*section.starts(tables.keys(table))]
    yield from zip(starts, [*starts[1:], None], strict=False)
