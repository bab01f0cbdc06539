"""Where a dump may be cut: members that begin at places which the content alone decides.

A dump is a series of gzip members. Which key begins a member depends on that key and nothing else, so a record that
comes, changes or goes touches the member it is in, and all others stay as they are, byte for byte: a small update
copies them. Every dump is cut at the same keys.

References:
    RFC 1952, section 2.2 (a gzip file is a series of members); RFC 8878, section 3 (so is a Zstandard file, of frames).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import msgspec
import zstandard

from triplepress.errors import ReleaseError

NAME: Final = "members.jsonl.zst"
# The dump that is also read from; what the others are called, `release.dumps` says.
NTRIPLES_DUMP: Final = "dumps/articles.nt.gz"


class Section(msgspec.Struct, frozen=True):
    """One kind of entries of a dump, in the order of their keys.

    Attributes:
        name: `articles`, `journals`, …
        path: What stands before the key in the path of an entry's IRI.
        mean: How many entries a member has on average.
    """

    name: str
    path: str
    mean: int

    def begins(self, key: str) -> bool:
        """Tell whether a key begins a member, wherever it stands; the first key of a section always does."""
        return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % self.mean == 0

    def starts(self, keys: Iterable[str]) -> Iterator[str]:
        """Yield those of a section's keys, given in order, that begin a member.

        Example:
            >>> list(Section("works", "id/doi/", 1).starts(["10.1/a", "10.1/b"]))
            ['10.1/a', '10.1/b']
        """
        first = True
        for key in keys:
            if first or self.begins(key):
                yield key
            first = False


# An entry of the articles is one article with all its hash IRIs; one of the journals has its volumes and issues.
ARTICLES: Final = Section("articles", "id/", 25)
JOURNALS: Final = Section("journals", "id/journal/", 10)
PEOPLE: Final = Section("people", "id/orcid/", 200)
ORGANISATIONS: Final = Section("organisations", "id/ror/", 500)
WORKS: Final = Section("works", "id/doi/", 200)
WITHDRAWN: Final = Section("withdrawn", "id/", 500)
SOURCES: Final = Section("sources", "source/", 500)
RUNS: Final = Section("runs", "run/", 500)
SOFTWARE: Final = Section("software", "software/", 500)
# In the order of the dumps.
SECTIONS: Final = (ARTICLES, JOURNALS, PEOPLE, ORGANISATIONS, WORKS, WITHDRAWN, SOURCES, RUNS, SOFTWARE)


def key_of_iri(iri: str, root: str) -> str:
    """Return the key of the entry that a subject belongs to: the thing's path below the base, unquoted.

    Args:
        iri: A subject: an article, a part of it, the document about it, a volume of a journal, …
        root: The base IRI without its final slash.

    Example:
        >>> key_of_iri("https://example.org/data/doi/10.1/a%23b", "https://example.org")
        'id/doi/10.1/a#b'
        >>> key_of_iri("https://example.org/id/journal/2313-8920/vol/11", "https://example.org")
        'id/journal/2313-8920'
    """
    path = iri.removeprefix(f"{root}/").partition("#")[0]
    if path.startswith("data/"):
        path = f"id/{path[5:]}"
    if path.startswith("id/journal/"):
        path = "/".join(path.split("/", 3)[:3])
    return unquote(path)


class Segment(msgspec.Struct, frozen=True, array_like=True):
    """A place in a file, in bytes."""

    offset: int
    length: int


class Member(msgspec.Struct, frozen=True):
    """Where the entries from one key up to the next member's stand in the files of a release.

    Attributes:
        section: The section's name.
        key: The first key: of a record, an ISSN, an ORCID iD, …
        places: The gzip member (or Zstandard frame) in each file, by the file's name within the release; a file in
            which these entries say nothing is left out.
    """

    section: str
    key: str
    places: dict[str, Segment]


def write_members(folder: Path, members: Iterable[Member]) -> None:
    """Write `members.jsonl.zst` into a release's folder."""
    encoder = msgspec.json.Encoder()
    with (folder / NAME).open("wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as writer:
        for member in members:
            writer.write(encoder.encode(member) + b"\n")


def read_members(folder: Path) -> Iterator[Member]:
    """Yield the members of a release, in the order of the dumps.

    Raises:
        ReleaseError: The table is not there, or damaged.
    """
    path = folder / NAME
    decoder = msgspec.json.Decoder(Member)
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            for line in io.BufferedReader(reader):
                yield decoder.decode(line)
    except (OSError, msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise ReleaseError(f"{path}: cannot be read ({error}); publish again in full") from error
