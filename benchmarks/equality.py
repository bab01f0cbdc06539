"""Whether two releases hold the same edition but for their history.

What is compared is the set of triples, whatever their order: each is hashed, and the hashes are added up. So memory is
flat at any size, and no sorting is needed.

History is when and by which run a record was made, and what it was before: statements of PROV about records and their
revisions, dates of modification, and what is said of runs. Everything else must be equal.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, Store, parse

_PROV: Final = "http://www.w3.org/ns/prov#"
_HISTORY: Final = frozenset(
    {
        "http://purl.org/dc/terms/modified",
        *(_PROV + name for name in ("generatedAtTime", "invalidatedAtTime", "wasGeneratedBy", "wasInvalidatedBy")),
        *(_PROV + name for name in ("wasRevisionOf", "hadRevision", "startedAtTime", "endedAtTime", "used")),
    }
)
# What the description says of the release itself: its name is made of the time and of the dump's bytes.
_OF_RELEASE: Final = frozenset(
    {
        "http://www.w3.org/ns/dcat#version",
        "http://www.w3.org/ns/dcat#downloadURL",
        "http://www.w3.org/ns/dcat#byteSize",
        "http://rdfs.org/ns/void#dataDump",
        "http://spdx.org/rdf/terms#checksumValue",
        # Counted over the whole edition, the history too.
        *("http://rdfs.org/ns/void#" + name for name in ("triples", "entities", "distinctSubjects", "distinctObjects")),
    }
)


def differences(one: Path, other: Path) -> list[str]:
    """Return what differs between two releases, in words; nothing when they hold the same edition.

    Args:
        one: A release's folder.
        other: Another's.
    """
    found = []
    for what, read in _PARTS.items():
        ours, theirs = _sum(read(one)), _sum(read(other))
        if ours != theirs:
            found.append(f"{what}: {ours[0]:,} and {theirs[0]:,} compared, and they differ")
    return found


def _sum(lines: Iterable[bytes]) -> tuple[int, int]:
    """Return how many distinguishable lines there are and the sum of their hashes."""
    total = count = 0
    for line in lines:
        total += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "big")
        count += 1
    return count, total % (1 << 128)


def _is_history(subject: str, predicate: str) -> bool:
    return predicate in _HISTORY or "/run/" in subject or "#revision" in subject


def _dump(name: str, kind: RdfFormat) -> Iterator[bytes]:
    with gzip.open(name) as packed, io.BufferedReader(packed, 1 << 20) as stream:
        for quad in parse(stream, format=kind):
            subject, predicate = str(quad.subject).strip("<>"), quad.predicate.value
            if not _is_history(subject, predicate):
                yield f"{quad.subject} {quad.predicate} {quad.object}".encode()


def _ntriples(release: Path) -> Iterator[bytes]:
    return _dump(str(release / "dumps/articles.nt.gz"), RdfFormat.N_TRIPLES)


def _turtle(release: Path) -> Iterator[bytes]:
    return _dump(str(release / "dumps/articles.ttl.gz"), RdfFormat.TURTLE)


def _json_ld(release: Path) -> Iterator[bytes]:
    return _dump(str(release / "dumps/articles.jsonld.gz"), RdfFormat.JSON_LD)


def _citations(release: Path) -> Iterator[bytes]:
    with gzip.open(release / "dumps/citations.csv.gz") as stream:
        yield from stream


def _store(release: Path) -> Iterator[bytes]:
    for quad in Store.read_only(str(release / "store")):
        subject, predicate = str(quad.subject).strip("<>"), quad.predicate.value
        of_graph = str(quad.graph_name)
        if not _is_history(subject, predicate) and not _is_about_release(predicate, subject):
            yield f"{quad.subject} {quad.predicate} {quad.object} {of_graph}".encode()


def _is_about_release(predicate: str, subject: str) -> bool:
    return predicate in _OF_RELEASE or "/dataset#" in subject


def _description(release: Path) -> Iterator[bytes]:
    for quad in parse(path=str(release / "void.ttl"), format=RdfFormat.TURTLE):
        subject, predicate = str(quad.subject).strip("<>"), quad.predicate.value
        # Blank nodes and the counts of classes and properties of the history are left out.
        if subject.startswith("_:") or str(quad.object).startswith("_:") or _is_about_release(predicate, subject):
            continue
        if not _is_history(subject, predicate):
            yield f"{quad.subject} {quad.predicate} {quad.object}".encode()


_PARTS: Final = {
    "the N-Triples": _ntriples,
    "the Turtle": _turtle,
    "the JSON-LD": _json_ld,
    "the citations": _citations,
    "the store": _store,
    "the description": _description,
}
