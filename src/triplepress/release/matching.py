"""References without a DOI, matched to works that are known: the edition's own, and those of supplied catalogues.

What is found goes to a graph of its own, with method and score, and never among the facts. Works are looked up in an
index on disk, so memory stays flat; the result does not depend on the order of inputs or catalogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Final

from triplepress.errors import RecordError
from triplepress.rdf.facts import EditionFacts, MatchFacts
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.shaping import in_graph, shape_matched_work, shape_matches
from triplepress.record import ArticleRecord, Rejected, Skipped, Withdrawn, decode_stored
from triplepress.references import KnownWork, MatchIndex
from triplepress.release.dumps import Segment, Spool
from triplepress.release.edition import Progress
from triplepress.release.index import RecordIndex
from triplepress.release.manifest import Matches

_BATCH: Final = 500
Items = Iterable[ArticleRecord | Rejected | Skipped | Withdrawn]


class MatchRun:
    """Matches the references of an edition.

    Args:
        index: The index after the press: what was set aside is no work to match with.
        edition: The edition's facts.
        mapping: The mapping.
        folder: A folder for indexes and triples on the way.
        progress: Told how many articles are done.

    Attributes:
        matches: What was found.
        unread: How many inputs of the catalogues could not be read.
    """

    def __init__(
        self, index: RecordIndex, edition: EditionFacts, mapping: Mapping, folder: Path, progress: Progress | None
    ) -> None:
        """Make an empty spool."""
        self._index = index
        self._edition = edition
        self._mapping = mapping
        self._folder = folder
        self._progress = progress
        self._spool = Spool(folder / "matched")
        self._segments: list[Segment] = []
        self.matches = Matches()
        self.unread = 0

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()

    def run(self, catalogue: Items) -> None:
        """Match every reference that has no DOI.

        Args:
            catalogue: What is known beside the edition's own works; records of one DOI are merged as in an edition,
                and where the edition holds the work itself, its own record counts.
        """
        with MatchIndex(self._folder / "works.sqlite") as works:
            for record in self._catalogue(catalogue):
                _add(works, record)
            held = sum(_add(works, decode_stored(line)) for line in self._index.records())
            references = triples = 0
            for nodes, number in self._matched(works):
                ntriples = self._mapping.to_ntriples(nodes)
                triples += self._keep(ntriples)
                references += number
            lines = (encode_node(shape_matched_work(doi, self._edition)) for doi in self._index.works_only_matched())
            while batch := list(islice(lines, _BATCH)):
                triples += self._keep(self._mapping.to_ntriples(batch))
            self.matches = Matches(
                references=references,
                works=self._index.matched_works,
                triples=triples,
                known=len(works),
                catalogue=len(works) - held,
            )

    def _catalogue(self, items: Items) -> Iterator[ArticleRecord]:
        """Yield the records of the catalogues, those of one work merged, in the order of their keys."""
        path = self._folder / "catalogue.sqlite"
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
            for line in index.records():
                yield decode_stored(line)
        path.unlink()

    def _matched(self, works: MatchIndex) -> Iterator[tuple[list[bytes], int]]:
        """Yield the nodes of matches by the batch, one line of JSON each, and how many references were matched."""
        done = 0
        records = self._index.records()
        while batch := list(islice(records, _BATCH)):
            nodes: list[bytes] = []
            number = 0
            for line in batch:
                record = decode_stored(line)
                found = [
                    MatchFacts(place, match.doi, match.score, match.method)
                    for place, reference in enumerate(record.references)
                    if reference.doi is None and (match := works.match(reference)) and match.doi != record.doi
                ]
                nodes += [encode_node(node) for node in shape_matches(record, found, self._edition)]
                self._index.note_matched(match.doi for match in found)
                number += len(found)
            done += len(batch)
            if self._progress is not None:
                self._progress("match", done, self._index.published)
            yield nodes, number

    def _keep(self, ntriples: bytes) -> int:
        """Write triples to the spool, as quads of the graph of matches; return their number."""
        if not ntriples:
            return 0
        quads = in_graph(ntriples, self._edition.minter.graph("matched"))
        self._segments.append(self._spool.append(quads))
        return quads.count(b"\n")

    def quads(self) -> Iterator[bytes]:
        """Yield the N-Quads of the graph of matches."""
        for segment in self._segments:
            yield self._spool.read(segment)


def _add(works: MatchIndex, record: ArticleRecord) -> bool:
    """Add a record's work, and tell whether it has a DOI to be linked by."""
    work = KnownWork.from_record(record)
    if work is not None:
        works.add(work)
    return work is not None
