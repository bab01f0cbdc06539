"""What one record is to an index: its key, its content's digest, and everything that it states about shared things.

All of it is a function of the record alone, so it can be worked out anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec
import zstandard

from triplepress.errors import RecordError
from triplepress.rdf.shaping import place_of, related_dois
from triplepress.rdf.shaping.citations import author_identifiers
from triplepress.record import ArticleRecord, decode_stored, encode_record
from triplepress.release.journals import JournalStatement, statement_of
from triplepress.release.merge import FARTHEST, key_of, rank_of

# What is no content of the record itself: where its bytes lay, and what was noted or parsed on the way.
_BESIDE: Final = frozenset({"sources", "warnings", "references"})
_CONTENT: Final = tuple(field for field in ArticleRecord.__struct_fields__ if field not in _BESIDE)
_LEVEL: Final = 1  # a third of the bytes for 80 µs a record


class Stated(msgspec.Struct, frozen=True, array_like=True):
    """One thing that a record states about something shared.

    Attributes:
        kind: `title`, `publisher`, `volume` or `issue` (of its journal), `person`, `organisation`, `source`.
        thing: An ORCID iD, a ROR iD, a SHA-256; None for the journal that the record itself names.
        value: The statement, as JSON.
        rank: How near to the article the record's nearest source stands, 0 nearest.
    """

    kind: str
    thing: str | None
    value: bytes
    rank: int


class RecordRow(msgspec.Struct, frozen=True, array_like=True):
    """One record as an index keeps it.

    Attributes:
        key: What makes it one article (`merge.key_of`).
        body: The record, packed (`pack_record`).
        digest: SHA-256 of its content, 32 bytes.
        journal: The ISSNs that it states of its journal; None where it states none.
        issued: Its date of issue.
        orcids: The authors' ORCID iDs in order, with blanks between.
        rors: The ROR iDs of their affiliations, likewise.
        kind: The kind of source that it is counted under.
        local_id: Its source's own identifier.
        cites: DOIs that it names: 1 for those in its reference list, 0 for related works; in order.
        drawn: SHA-256 of the files that it was drawn from, in order.
        stated: What it states about shared things, each once.
    """

    key: str
    body: bytes
    digest: bytes
    journal: JournalStatement | None
    issued: str | None
    orcids: str
    rors: str
    kind: str
    local_id: str | None
    cites: list[tuple[str, int]]
    drawn: list[str]
    stated: list[Stated]


def row_of(record: ArticleRecord) -> RecordRow:
    """Return what an index keeps of a record.

    Raises:
        RecordError: It has neither DOI nor local id, so it cannot be told from others.
    """
    key = key_of(record)
    if key is None:
        raise RecordError("doi", "", "neither a DOI nor an id of its source", "Give the record one of the two")
    orcids, rors = author_identifiers(record)
    named = dict.fromkeys(related_dois(record), 0) | {r.doi: 1 for r in record.references if r.doi}
    return RecordRow(
        key=key,
        body=pack_record(encode_record(record)),
        digest=digest_of(record),
        journal=statement_of(record.journal),
        issued=record.issued,
        orcids=" ".join(sorted(orcids)),
        rors=" ".join(sorted(rors)),
        kind=kind_of(record),
        local_id=record.local_id,
        cites=sorted(named.items()),
        drawn=sorted({source.sha256 for source in record.sources if source.sha256}),
        stated=list(statements_of(record)),
    )


def pack_record(line: bytes) -> bytes:
    """Return a record's line of JSON as one Zstandard frame."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(line)


def unpack_line(body: bytes) -> bytes:
    """Return the line of JSON that was packed."""
    return zstandard.ZstdDecompressor().decompress(body)


def unpack_record(body: bytes) -> ArticleRecord:
    """Return the record that was packed."""
    return decode_stored(unpack_line(body))


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


def kind_of(record: ArticleRecord) -> str:
    """Return the kind of the source that a record is counted under."""
    return record.sources[0].kind if record.sources else "record"


def statements_of(record: ArticleRecord) -> Iterator[Stated]:
    """Yield what one record states about shared things, each statement once."""
    rank = rank_of(record.sources[0]) if record.sources else FARTHEST
    rows: dict[tuple[str, str | None, bytes], None] = {}

    def state(kind: str, thing: str | None, value: object) -> None:
        rows[kind, thing, msgspec.json.encode(value)] = None

    if record.journal is not None and statement_of(record.journal) is not None:
        for title in record.journal.titles:
            state("title", None, [title.lang, title.text])
        if record.journal.publisher:
            state("publisher", None, record.journal.publisher)
        place = place_of(record, "")  # which journal it is does not matter: the values name none
        if place.volume is not None:
            state("volume", None, place.volume.volume)
        if place.issue is not None:
            state("issue", None, [place.issue.volume, place.issue.issue, place.issue.year])
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
    for kind, thing, value in rows:
        yield Stated(kind, thing, value, rank)
