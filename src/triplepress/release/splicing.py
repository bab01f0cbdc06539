"""Members of a dump with some of their entries exchanged: all other entries keep their bytes of text.

An entry says in each file what its own node says, whatever stands beside it, and where a dump is cut its keys alone
decide. So what comes out is what pressing everything would have made, and only what differs was pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from triplepress.rdf.minting import Minter
from triplepress.record import decode_stored
from triplepress.release.dumps import (
    CITATIONS_DUMP,
    FILES,
    JSONLD_DUMP,
    RECORDS,
    TURTLE_DUMP,
    Pieces,
    Pressed,
    unpack_text,
)
from triplepress.release.entries import Entry, split_citations, split_nodes, split_ntriples, split_turtle
from triplepress.release.merge import key_of
from triplepress.store.members import NTRIPLES_DUMP, Section

Texts = Mapping[str, bytes]
"""What one entry says in each file, by the file's name."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Members of one section that stand together, and what is different in them.

    Attributes:
        section: The section.
        old: The members as they are.
        new: Entries that were pressed apart, each as a member of its own.
        gone: The keys of entries that are no longer there.
        silent: Keys of records that say nothing, since the gate refused them, and yet decide where a dump is cut.
        whole: Whether nothing of what there was stays.
    """

    section: Section
    old: Sequence[Pressed]
    new: Sequence[Pressed]
    gone: Sequence[str] = ()
    silent: Sequence[str] = ()
    whole: bool = False


def spliced(splice: Splice, pieces: Pieces, minter: Minter) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield the first key and the texts of each member that comes of a splice.

    Args:
        splice: What is exchanged.
        pieces: Reads members.
        minter: Mints the edition's IRIs.
    """
    entries = {} if splice.whole else _entries(splice.section, splice.old, pieces, minter)
    for key in splice.gone:
        entries.pop(key, None)
    for pressed in splice.new:
        entries[pressed.key] = _unpacked(pressed, pieces)
    first = ""
    waiting: list[Texts] = []
    for key in sorted({*entries, *splice.silent}):
        if not first or splice.section.begins(key):
            if first:
                yield first, _joined(waiting)
            first, waiting = key, []
        if key in entries:
            waiting.append(entries[key])
    if first:
        yield first, _joined(waiting)


def exchanged(splice: Splice, pieces: Pieces, minter: Minter) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield the entries that a splice makes different, in the order of their keys.

    Yields:
        The path of the entry's IRI, unquoted; its triples before, and now.
    """
    text = b"".join(_text(NTRIPLES_DUMP, each, pieces) for each in splice.old)
    before = dict(_keyed(splice.section, split_ntriples(text, minter.root)))
    after = {each.key: _text(NTRIPLES_DUMP, each, pieces) for each in splice.new}
    for key in sorted({*after, *(before if splice.whole else splice.gone)}):
        one, other = before.get(key, b""), after.get(key, b"")
        if one != other:
            yield splice.section.path + key, one, other


def _entries(
    section: Section, members: Iterable[Pressed], pieces: Pieces, minter: Minter
) -> dict[str, dict[str, bytes]]:
    """Return the texts of each entry of some members, by key and file."""
    entries: dict[str, dict[str, bytes]] = {}
    for member in members:
        for name in member.pieces:
            for key, text in _keyed(section, _SPLIT[name](_text(name, member, pieces), minter)):
                entries.setdefault(key, {})[name] = text
    return entries


def _keyed(section: Section, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield entries under their keys in the section."""
    for path, text in entries:
        yield path.removeprefix(section.path), text


def _split_records(text: bytes, _minter: Minter) -> Iterator[Entry]:
    """Yield the path and the line of each record."""
    for line in text.splitlines(keepends=True):
        yield f"id/{key_of(decode_stored(line))}", line


_SPLIT: Final[dict[str, Callable[[bytes, Minter], Iterator[Entry]]]] = {
    NTRIPLES_DUMP: lambda text, minter: split_ntriples(text, minter.root),
    TURTLE_DUMP: lambda text, minter: split_turtle(text, minter.root),
    JSONLD_DUMP: lambda text, minter: split_nodes(text, minter.root),
    CITATIONS_DUMP: lambda text, minter: split_citations(text, minter.work, minter.root),
    RECORDS: _split_records,
}


def _text(name: str, pressed: Pressed, pieces: Pieces) -> bytes:
    """Return what a member says in one file."""
    piece = pressed.pieces.get(name)
    return b"" if piece is None else unpack_text(name, pieces.read(piece))


def _unpacked(pressed: Pressed, pieces: Pieces) -> dict[str, bytes]:
    """Return what a member says in each file."""
    return {name: _text(name, pressed, pieces) for name in pressed.pieces}


def _joined(entries: Sequence[Texts]) -> dict[str, bytes]:
    """Return the texts of entries one after another."""
    texts: dict[str, bytes] = {}
    for name in FILES:
        separator = b",\n" if name == JSONLD_DUMP else b""
        text = separator.join(entry[name] for entry in entries if entry.get(name))
        if text:
            texts[name] = text
    return texts
