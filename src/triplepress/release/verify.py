"""Is a release what it says it is? Files, formats, store, figures, history: each held against the others.

What two formats say is compared by the number of statements and by the sum of their hashes, which has no order; so
nothing is held in memory but one member, or one stretch of a file that has none.

References:
    M. Bellare, D. Micciancio, A New Paradigm for Collision-Free Hashing: Incrementality at Reduced Cost, EUROCRYPT 1997
    (sums of hashes of what a set holds).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import zstandard
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store, parse, serialize

from triplepress.errors import ReleaseError, StoreError
from triplepress.release.compression import gunzip
from triplepress.release.diff import STATEMENTS
from triplepress.release.dumps import JSONLD_DUMP, TURTLE_DUMP
from triplepress.release.manifest import Manifest, read_manifest
from triplepress.release.patches import PATCH, SUMMARY, read_rows, read_summary
from triplepress.release.revisions import read_lines, read_revisions
from triplepress.release.withdrawn import read_withdrawn
from triplepress.store.embedded import open_store
from triplepress.store.members import NAME as MEMBERS
from triplepress.store.members import NTRIPLES_DUMP, Member, Segment, read_members

_FACTS, _MATCHED = STATEMENTS
_FORMATS: Final = {
    NTRIPLES_DUMP: RdfFormat.N_TRIPLES,
    TURTLE_DUMP: RdfFormat.TURTLE,
    JSONLD_DUMP: RdfFormat.JSON_LD,
}
_JSON_END: Final = b"\n]}\n"
_BETWEEN: Final = b",\n"
_STRETCH: Final = 2000  # lines of a file without members that are read at a time
_SAMPLE: Final = 512  # one statement in so many is looked up in the store
_BYTES: Final = 16
_MODULUS: Final = 1 << 8 * _BYTES
_BLOCK: Final = 1 << 20
_VOID_TRIPLES: Final = NamedNode("http://rdfs.org/ns/void#triples")
_DAMAGE: Final = (OSError, EOFError, ValueError, SyntaxError, zlib.error, zstandard.ZstdError, ReleaseError)

# Called with the stage, how much of it is done, and how much there is where that is known.
Progress = Callable[[str, int, int | None], None]


class Fault(msgspec.Struct, frozen=True):
    """Something that is wrong with a release.

    Attributes:
        place: The file, below the release's folder, and where in it.
        message: What is wrong.
    """

    place: str
    message: str


class Verdict(msgspec.Struct, kw_only=True):
    """What a check of a release found.

    Attributes:
        release: Its id.
        faults: What is wrong; none where it is what it says it is.
        statements: How many statements were compared.
        looked_up: How many of them were looked up in the store.
        seconds: How long it took.
    """

    release: str
    faults: list[Fault] = []
    statements: int = 0
    looked_up: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Fingerprint:
    """A set of statements: how many there are, and the sum of their hashes."""

    number: int = 0
    total: int = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Add statements, one a line with its end."""
        number = total = 0
        for line in lines:
            total += int.from_bytes(blake2b(line, digest_size=_BYTES).digest(), "big")
            number += 1
        self.number += number
        self.total = (self.total + total) % _MODULUS

    def __sub__(self, other: Fingerprint) -> Fingerprint:
        """Return the set without another one that it holds."""
        return Fingerprint(self.number - other.number, (self.total - other.total) % _MODULUS)

    def __add__(self, other: Fingerprint) -> Fingerprint:
        """Return the set with another one that it does not hold."""
        return Fingerprint(self.number + other.number, (self.total + other.total) % _MODULUS)


def verify_release(folder: Path, *, full: bool = False, progress: Progress | None = None) -> Verdict:
    """Return what is wrong with a release.

    Args:
        folder: Its folder.
        full: Look up every statement in the store, not only a sample, and apply the patch to the release before.
        progress: Called with `verify`, the number of statements so far, and how many there are.
    """
    started = time.monotonic()
    verdict = Verdict(release=folder.name)
    try:
        manifest = read_manifest(folder)
    except ReleaseError as error:
        verdict.faults = [Fault("manifest.json", str(error))]
    else:
        check = _Check(folder, manifest, full, progress, verdict)
        verdict.faults = list(check.faults())
    verdict.seconds = round(time.monotonic() - started, 2)
    return verdict


class _Check:
    """The check of one release."""

    def __init__(
        self, folder: Path, manifest: Manifest, full: bool, progress: Progress | None, verdict: Verdict
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._full = full
        self._progress = progress
        self._verdict = verdict
        self._store: Store | None = None
        self._said = Fingerprint()
        self._lacking: str | None = None

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong."""
        yield from self._guarded("manifest.json", self._name)
        yield from self._guarded("dumps/SHA256SUMS", self._checksums)
        yield from self._guarded("store", self._opened)
        yield from self._guarded("dumps", self._formats)
        yield from self._guarded(_MATCHED, self._matches)
        yield from self._guarded("store", self._counted)
        yield from self._guarded("records.jsonl.zst", self._records)
        yield from self._guarded("void.ttl", self._described)
        yield from self._guarded(PATCH, self._patched)

    def _guarded(self, place: str, check: Callable[[], Iterator[Fault]]) -> Iterator[Fault]:
        """Yield the faults of one check; what it cannot read is one too."""
        try:
            yield from check()
        except StoreError as error:
            yield Fault(place, str(error))
        except _DAMAGE as error:
            yield Fault(place, f"cannot be read: {error}")

    def _name(self) -> Iterator[Fault]:
        """The release bears its own name, and that is made from its dump."""
        if self._manifest.release != self._folder.name:
            yield Fault("manifest.json", f"is of release {self._manifest.release}")
        digest = next((dump.sha256 for dump in self._manifest.dumps if f"dumps/{dump.name}" == NTRIPLES_DUMP), "")
        if not self._folder.name.endswith(digest[:8] or " "):
            yield Fault("manifest.json", f"the release’s name is not made from the SHA-256 of {NTRIPLES_DUMP}")

    def _checksums(self) -> Iterator[Fault]:
        """Every dump is the bytes that manifest and checksums name."""
        listed = {}
        for line in (self._folder / "dumps/SHA256SUMS").read_text(encoding="utf-8").splitlines():
            sha256, _, name = line.partition("  ")
            listed[name] = sha256
        for dump in self._manifest.dumps:
            place = f"dumps/{dump.name}"
            digest, size = _digest(self._folder / place)
            if digest is None:
                yield Fault(place, "is not there")
            elif (digest, size) != (dump.sha256, dump.bytes):
                yield Fault(place, "is not the file that manifest.json describes: its length or its SHA-256 is another")
            if listed.pop(dump.name, None) != dump.sha256:
                yield Fault("dumps/SHA256SUMS", f"does not say of {dump.name} what manifest.json says")
        for name in listed:
            yield Fault("dumps/SHA256SUMS", f"names {name}, which manifest.json does not")

    # -- dumps ---------------------------------------------------------------------------------------------------------

    def _formats(self) -> Iterator[Fault]:
        """The three formats say the same."""
        table = self._folder / MEMBERS
        if table.exists():
            members = list(read_members(self._folder))
            yield from self._in_members(members)
        else:
            yield from self._in_files()
        if self._said.number != self._manifest.triples:
            message = f"has {self._said.number:,} statements; manifest.json says {self._manifest.triples:,}"
            yield Fault(NTRIPLES_DUMP, message)

    def _in_members(self, members: list[Member]) -> Iterator[Fault]:
        """Each member says the same in each format, and nothing stands between them."""
        files = {name: (self._folder / name).open("rb") for name in _FORMATS}
        try:
            heads: dict[str, bytes] = {}
            for name, file in files.items():
                yield from _strays(name, file, members)
                heads[name] = _before_members(name, file, members)
            for member in members:
                place = f"the member of the {member.section} from {member.key} on"
                said: dict[str, Fingerprint] = {}
                for name in _FORMATS:
                    segment = member.places.get(name)
                    text = b"" if segment is None else os.pread(files[name].fileno(), segment.length, segment.offset)
                    try:
                        said[name] = self._read(name, gunzip(text), heads[name])
                    except _DAMAGE as error:
                        yield Fault(f"{name}, {place}", f"cannot be read: {error}")
                yield from _unlike(said, place)
        finally:
            for file in files.values():
                file.close()

    def _in_files(self) -> Iterator[Fault]:
        """Each file as a whole says the same."""
        said: dict[str, Fingerprint] = {}
        for name in _FORMATS:
            said[name] = Fingerprint()
            try:
                for head, text in _stretches(self._folder / name, name):
                    said[name] += self._read(name, text, head)
            except _DAMAGE as error:
                yield Fault(name, f"cannot be read: {error}")
                del said[name]
        yield from _unlike(said, "")

    def _read(self, name: str, text: bytes, head: bytes) -> Fingerprint:
        """Return what a piece of a dump says; what the dump of record says is looked up in the store."""
        found = Fingerprint()
        if not text:
            return found
        if name == JSONLD_DUMP:
            text = head + text + _JSON_END
        elif name == TURTLE_DUMP:
            text = head + text
        ntriples = serialize(parse(text, format=_FORMATS[name]), format=RdfFormat.N_TRIPLES) or b""
        found.add(ntriples.splitlines(keepends=True))
        if name == NTRIPLES_DUMP:
            self._look_up(ntriples, RdfFormat.N_TRIPLES)
            self._said += found
            self._verdict.statements = self._said.number
            if self._progress is not None:
                self._progress("verify", self._said.number, self._manifest.triples)
        return found

    def _matches(self) -> Iterator[Fault]:
        """The graph of matches holds as much as the manifest says."""
        path, number = self._folder / _MATCHED, 0
        if path.exists():
            with gzip.open(path) as file:
                while lines := b"".join(islice(file, _STRETCH)):
                    quads = serialize(parse(lines, format=RdfFormat.N_QUADS), format=RdfFormat.N_QUADS) or b""
                    number += quads.count(b"\n")
                    self._look_up(quads, RdfFormat.N_QUADS)
        if number != self._manifest.matches.triples:
            message = f"has {number:,} statements; manifest.json says {self._manifest.matches.triples:,}"
            yield Fault(_MATCHED, message)

    # -- store ---------------------------------------------------------------------------------------------------------

    def _opened(self) -> Iterator[Fault]:
        """The store can be opened, unless the release was made without one."""
        if self._manifest.build_store:
            self._store = open_store(self._folder / "store")
        yield from ()

    def _look_up(self, lines: bytes, kind: RdfFormat) -> None:
        """Look up statements in the store: all of them, or a sample."""
        if self._store is None:
            return
        if not self._full:
            chosen = (line for line in lines.splitlines(keepends=True) if zlib.crc32(line) % _SAMPLE == 0)
            lines = b"".join(chosen)
        for quad in parse(lines, format=kind):
            self._verdict.looked_up += 1
            if quad not in self._store:
                self._lacking = self._lacking or str(quad)

    def _counted(self) -> Iterator[Fault]:
        """The store holds as much as the dumps."""
        if self._store is None:
            return
        if self._lacking is not None:
            yield Fault("store", f"lacks statements of the dumps, such as {self._lacking}; publish again in full")
        for what, query, stated in (
            ("of the facts", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", self._manifest.triples),
            (
                "of the graph of matches",
                "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
                self._manifest.matches.triples,
            ),
        ):
            solutions = self._store.query(query)
            if isinstance(solutions, QuerySolutions):
                number = int(next(solutions)["n"].value)
                if number != stated:
                    yield Fault("store", f"has {number:,} statements {what}; manifest.json says {stated:,}")

    # -- figures -------------------------------------------------------------------------------------------------------

    def _records(self) -> Iterator[Fault]:
        """The archive, the revisions and what was set aside are as many as the manifest says."""
        counts = self._manifest.counts
        records = sum(1 for _ in read_lines(self._folder / "records.jsonl.zst"))
        if records != counts.published:
            message = f"has {records:,} records; manifest.json says {counts.published:,}"
            yield Fault("records.jsonl.zst", message)
        held: set[str] = set()
        left = {entry.key for entry in read_withdrawn(self._folder)}
        revisions = 0
        for revision in read_revisions(self._folder):
            revisions += 1
            if revision.key in left:
                held.add(revision.key)
        if revisions != counts.published:
            message = f"has {revisions:,} records; manifest.json says {counts.published:,}"
            yield Fault("revisions.tsv.zst", message)
        for key in sorted(held):
            yield Fault("withdrawn.jsonl.zst", f"says of {key} that it is gone; the edition holds it")
        with (self._folder / "rejected.jsonl").open("rb") as file:
            rejected = sum(1 for _ in file)
        if rejected != counts.rejected:
            yield Fault("rejected.jsonl", f"has {rejected:,} lines; manifest.json says {counts.rejected:,}")

    def _described(self) -> Iterator[Fault]:
        """The description parses, and states the number of triples."""
        text = (self._folder / "void.ttl").read_bytes()
        dataset = NamedNode(f"{self._manifest.settings.base}dataset")
        stated = {
            getattr(quad.object, "value", "")
            for quad in parse(text, format=RdfFormat.TURTLE)
            if quad.subject == dataset and quad.predicate == _VOID_TRIPLES
        }
        if stated != {str(self._manifest.triples)}:
            yield Fault("void.ttl", f"does not state the {self._manifest.triples:,} statements of the edition")

    # -- history -------------------------------------------------------------------------------------------------------

    def _patched(self) -> Iterator[Fault]:
        """The patch has as many rows as it says, and makes this release of the one before where that is there."""
        summary = read_summary(self._folder)
        if summary is None:
            return
        if summary.after != self._folder.name:
            yield Fault(SUMMARY, f"is about release {summary.after}")
        changes = {b"D": Fingerprint(), b"A": Fingerprint()}
        rows = read_rows(self._folder)
        while lines := list(islice(rows, _STRETCH)):
            statements = [line for line in lines if line[:2] in {b"A ", b"D "}]
            for _ in parse(b"".join(line[2:] for line in statements), format=RdfFormat.N_QUADS):
                pass
            for code, found in changes.items():
                found.add(line[2:] for line in statements if line.startswith(code))
        stated = summary.statements.removed, summary.statements.added
        if (changes[b"D"].number, changes[b"A"].number) != stated:
            yield Fault(PATCH, "has not as many rows as changes.json says")
        before = self._folder.with_name(summary.before)
        if (
            self._full
            and before.is_dir()
            and _all_lines(before) - changes[b"D"] + changes[b"A"] != _all_lines(self._folder)
        ):
            yield Fault(PATCH, f"does not make this release of {summary.before}")


def _unlike(said: dict[str, Fingerprint], place: str) -> Iterator[Fault]:
    """Yield each format that does not say what the first one says."""
    first = said.get(NTRIPLES_DUMP)
    for name, found in said.items():
        if first is not None and found != first:
            where = f"{name}, {place}" if place else name
            if found.number != first.number:
                yield Fault(where, f"has {found.number:,} statements where {NTRIPLES_DUMP} has {first.number:,}")
            else:
                yield Fault(where, f"does not say what {NTRIPLES_DUMP} says")


def _places(name: str, members: list[Member]) -> list[Segment]:
    """Return where the members of a file stand."""
    return [member.places[name] for member in members if name in member.places]


def _before_members(name: str, file: BinaryIO, members: list[Member]) -> bytes:
    """Return what stands in a file before its first member: prefixes, or a context."""
    places = _places(name, members)
    return gunzip(os.pread(file.fileno(), places[0].offset, 0)) if places else b""


def _strays(name: str, file: BinaryIO, members: list[Member]) -> Iterator[Fault]:
    """Yield what stands between or behind the members of a file and has no place there."""
    size = os.fstat(file.fileno()).st_size
    places = _places(name, members)
    end = places[0].offset if places else size
    for place in places:
        if place.offset < end or place.offset + place.length > size:
            yield Fault(MEMBERS, f"a member is not where it should be in {name}; publish again in full")
            return
        if gunzip(os.pread(file.fileno(), place.offset - end, end)) not in {b"", _BETWEEN}:
            yield Fault(name, f"has something between two members, at byte {end:,}")
        end = place.offset + place.length
    if gunzip(os.pread(file.fileno(), size - end, end)) not in {b"", _JSON_END}:
        yield Fault(name, f"has something behind its last member, at byte {end:,}")


def _stretches(path: Path, name: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield a dump without members in stretches, each a text of its own behind the head that it needs."""
    with gzip.open(path) as file:
        head: list[bytes] = []
        waiting: list[bytes] = []
        for line in file:
            if name == JSONLD_DUMP:
                if not head or not head[-1].startswith(b'"@graph"'):
                    head.append(line)
                elif line.startswith(b"{"):
                    waiting.append(line.rstrip(b"\n").removesuffix(b","))
            elif name == TURTLE_DUMP and line.startswith(b"@prefix"):
                head.append(line)
            else:
                if len(waiting) >= _STRETCH and (name == NTRIPLES_DUMP or line == b"\n"):
                    yield b"".join(head), b"".join(waiting)
                    waiting.clear()
                waiting.append(line)
            if name == JSONLD_DUMP and len(waiting) >= _STRETCH // 20:
                yield b"".join(head), _BETWEEN.join(waiting)
                waiting.clear()
        if waiting:
            yield b"".join(head), (_BETWEEN if name == JSONLD_DUMP else b"").join(waiting)


def _all_lines(folder: Path) -> Fingerprint:
    """Return all that a release says, from its dumps of one statement a line."""
    found = Fingerprint()
    for name in STATEMENTS:
        with suppress(FileNotFoundError), gzip.open(folder / name) as file:
            found.add(file)
    return found


def _digest(path: Path) -> tuple[str | None, int]:
    """Return the SHA-256 and the length of a file, None for one that is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except FileNotFoundError:
        return None, 0
