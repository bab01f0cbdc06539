"""The matching in a process of its own: first what records look for, then, when all works are known, what they find.

Records are read once, and of each only what matching needs. What they look for waits in a spool until the works of all
of them are in the index; what goes between processes is small.
"""

from __future__ import annotations

import os
import secrets
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import zstandard

from triplepress.rdf.facts import EditionFacts, MatchFacts
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.shaping import in_graph, shape_match, shape_matched_work
from triplepress.rdf.shaping.references import reference_numbers
from triplepress.record import ArticleRecord
from triplepress.references import KnownWork, MatchIndex
from triplepress.references.folded import FoldedWork, fold_work
from triplepress.references.keys import keys_of_sought, keys_of_work
from triplepress.references.known import Sought, sought_in
from triplepress.references.sieve import KeySieve
from triplepress.release.dumps import Piece, Pieces, Spool
from triplepress.release.index import IndexReader
from triplepress.release.matches import Matched, pack_sought

_LEVEL: Final = 1
_EMPTY: Final = len("{}")


@dataclass(frozen=True)
class MatchSettings:
    """What a matcher is made of.

    Attributes:
        index: The folder of the index of records.
        works: The index of works.
        sieve: The sieve of their keys; where it is not there, all keys are looked up.
        spools: A folder for what waits.
        edition: The edition's facts.
    """

    index: Path
    works: Path
    sieve: Path
    spools: Path
    edition: EditionFacts


class _Text(msgspec.Struct, gc=False):
    text: str


class _Person(msgspec.Struct, gc=False):
    name: str
    role: str = "author"
    family: str | None = None


class _Journal(msgspec.Struct, gc=False):
    titles: list[_Text] = []


class _Entry(msgspec.Struct, gc=False):
    position: int
    text: str | None = None
    doi: str | None = None
    fields: msgspec.Raw = msgspec.Raw(b"{}")
    parsed: msgspec.Raw = msgspec.Raw(b"{}")


class _Record(msgspec.Struct, gc=False):
    """As much of an `ArticleRecord` as matching needs, read in a fifth of the time; fields as there."""

    doi: str | None = None
    titles: list[_Text] = []
    contributors: list[_Person] = []
    issued: str | None = None
    journal: _Journal | None = None
    volume: str | None = None
    issue: str | None = None
    first_page: str | None = None
    article_number: str | None = None
    references: list[_Entry] = []


class _Wanted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A reference without a DOI: what tells it from others, its place, what it says, its keys of eight bytes each."""

    number: str
    place: int
    sought: Sought
    keys: bytes


class Seeker(msgspec.Struct, frozen=True, array_like=True):
    """A record with references that look for works: its key, their keys together (`pack_sought`), each reference."""

    key: str
    sought: bytes
    wanted: list[_Wanted]


class Seen(msgspec.Struct, frozen=True):
    """What a stretch of records brings to the matching.

    Attributes:
        records: How many they are.
        works: Those of them that others may be matched to, each with its keys.
        sought: What each record looks for: its key, and the works' keys packed.
        piece: Where the details of that wait; None where nothing is looked for.
    """

    records: int
    works: list[tuple[FoldedWork, list[int]]]
    sought: list[tuple[str, bytes]]
    piece: Piece | None


_RECORDS: Final = msgspec.json.Decoder(_Record)
_FIELDS: Final = msgspec.json.Decoder(dict[str, Any])
_SEEKERS: Final = msgspec.msgpack.Decoder(list[Seeker])


class Matcher:
    """Matches records, with its own readers of the indexes and its own spool.

    Args:
        settings: What it is made of.
        mapping: The mapping; None loads it.
    """

    def __init__(self, settings: MatchSettings, mapping: Mapping | None = None) -> None:
        """Open nothing before it is needed."""
        self._settings = settings
        self._edition = settings.edition
        self._graph = settings.edition.minter.graph("matched")
        self._mapping = mapping or Mapping.load()
        self._pieces = Pieces()
        self._index: IndexReader | None = None
        self._works: MatchIndex | None = None
        self._sieve: KeySieve | None = None
        self._spool: Spool | None = None

    def close(self) -> None:
        """Close the files."""
        for file in (self._index, self._works, self._sieve, self._spool):
            if file is not None:
                file.close()
        self._pieces.__exit__(None, None, None)

    # -- what records look for -------------------------------------------------------------------------------------

    def seek(self, stretch: tuple[str, str | None]) -> Seen:
        """Return the works of the records from one key up to, not including, another, and what they look for."""
        if self._index is None:
            self._index = IndexReader.open(self._settings.index)
        works: list[tuple[FoldedWork, list[int]]] = []
        seekers: list[Seeker] = []
        records = 0
        for key, line in self._index.lines(*stretch):
            work, seeker = read_line(key, line)
            if work is not None:
                folded = fold_work(work)
                works.append((folded, list(keys_of_work(folded))))
            if seeker is not None:
                seekers.append(seeker)
            records += 1
        sought = [(seeker.key, seeker.sought) for seeker in seekers]
        return Seen(records, works, sought, self._keep(seekers) if seekers else None)

    def _keep(self, seekers: list[Seeker]) -> Piece:
        """Write down what is looked for."""
        if self._spool is None:
            name = f"sought-{os.getpid()}-{secrets.token_hex(4)}"
            self._spool = Spool(self._settings.spools / name)
        content = zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(seekers))
        place = self._spool.append(content)
        self._spool.flush()
        return Piece(str(self._spool.path), place.offset, place.length)

    # -- what they find --------------------------------------------------------------------------------------------

    def match(self, piece: Piece) -> list[Matched]:
        """Return what the records of one piece were matched to, those that were, in their order."""
        content = zstandard.ZstdDecompressor().decompress(self._pieces.read(piece))
        return self.match_all(_SEEKERS.decode(content))

    def match_all(self, seekers: Iterable[Seeker]) -> list[Matched]:
        """Return what some records were matched to, those that were, in their order."""
        works = self._open_works()
        found = [(seeker.key, matches) for seeker in seekers if (matches := list(_found(works, seeker)))]
        return self.stated(found)

    def _open_works(self) -> MatchIndex:
        if self._works is None:
            if self._settings.sieve.exists():
                self._sieve = KeySieve(self._settings.sieve)
            self._works = MatchIndex(self._settings.works, readonly=True, sieve=self._sieve)
        return self._works

    def stated(self, found: Sequence[tuple[str, list[tuple[str, MatchFacts]]]]) -> list[Matched]:
        """Return matches with what is stated about them."""
        articles = [self._edition.minter.article_of_key(key) for key, _ in found]
        nodes = [
            encode_node(node)
            for article, (_, matches) in zip(articles, found, strict=True)
            for number, match in matches
            for node in shape_match(article, number, match, self._edition)
        ]
        texts = _by_thing(in_graph(self._mapping.to_ntriples(nodes), self._graph))
        return [
            Matched(key, tuple(sorted({match.doi for _, match in matches})), len(matches), texts[article])
            for article, (key, matches) in zip(articles, found, strict=True)
        ]

    def describe(self, dois: Sequence[str]) -> list[bytes]:
        """Return the N-Quads about each of some works that matches name and nothing else does."""
        nodes = [encode_node(shape_matched_work(doi, self._edition)) for doi in dois]
        texts = _by_thing(in_graph(self._mapping.to_ntriples(nodes), self._graph))
        return [texts[self._edition.minter.work(doi)] for doi in dois]


def read_line(key: str, line: bytes) -> tuple[KnownWork | None, Seeker | None]:
    """Return the work of a record, if it has a DOI, and what its references look for, if any has none.

    Args:
        key: What makes the record one article.
        line: The record as a line of JSON.
    """
    record = _RECORDS.decode(line)
    whole = cast("ArticleRecord", record)  # it has every field that is read here
    work = KnownWork.from_record(whole)
    if all(entry.doi is not None for entry in record.references):
        return work, None
    numbers = reference_numbers(whole)
    wanted = []
    every: set[int] = set()
    for place, entry in enumerate(record.references):
        if entry.doi is None:
            sought = sought_in(entry.text, _dictionary(entry.fields), _dictionary(entry.parsed))
            keys = keys_of_sought(sought)
            if keys:
                every.update(keys)
                wanted.append(_Wanted(numbers[place], place, sought, array("q", keys).tobytes()))
    return work, Seeker(key, pack_sought(every), wanted) if wanted else None


def _dictionary(raw: msgspec.Raw) -> dict[str, Any]:
    """Return a JSON object; most are empty."""
    return {} if len(raw) <= _EMPTY else _FIELDS.decode(raw)


def _found(works: MatchIndex, seeker: Seeker) -> Iterator[tuple[str, MatchFacts]]:
    """Yield the matches of a record's references, each with its number; a match to the article itself is none."""
    for wanted in seeker.wanted:
        match = works.match_sought(wanted.sought, array("q", wanted.keys))
        if match is not None and f"doi/{match.doi}" != seeker.key:
            yield wanted.number, MatchFacts(wanted.place, match.doi, match.score, match.method)


def _by_thing(quads: bytes) -> dict[str, bytes]:
    """Return N-Quads by the IRI of their subject without its fragment; those of one thing stand together."""
    lines = quads.splitlines(keepends=True)
    things = groupby(lines, lambda line: line[1 : line.index(b">")].partition(b"#")[0])
    return {thing.decode(): b"".join(group) for thing, group in things}
