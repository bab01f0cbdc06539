"""The patch that makes one release out of another, as RDF Patch, and the list of what it changes.

Every release that was made from another keeps three files about it: `patch.rdfp.gz`, `changes.jsonl.zst` with a line
for each entry, and `changes.json` with the sums. All that is removed stands before all that is added, both by key: so
the patch is right, applied row by row, also where a statement moves from one entry to another.

References:
    RDF Patch (Apache Jena, RDF Delta): text format, sections "Header", "Transactions", "Changes".
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.release.diff import Change, Difference, Edition, Pair, Summary, compare, differences
from triplepress.release.revisions import read_lines, write_lines
from triplepress.store.members import NTRIPLES_DUMP

PATCH: Final = "patch.rdfp.gz"
CHANGES: Final = "changes.jsonl.zst"
SUMMARY: Final = "changes.json"
# The files of a release that are about the release before it.
HISTORY: Final = (PATCH, CHANGES, SUMMARY)
MEDIA_TYPE: Final = "text/rdf-patch"
_IN_MEMORY: Final = 16 << 20  # bytes of added rows that wait in memory; more wait in a temporary file
_BLOCK: Final = 1 << 20
_LEVEL: Final = 6


def write_patch(before: Edition, after: Edition, pairs: Iterable[Pair] | None = None) -> Summary:
    """Write what a release changes of the one that it was made from into its folder.

    Args:
        before: The release that it was made from.
        after: The release; it may be in the building.
        pairs: What may differ, in the order of the keys, each key once: key, lines before, lines after. Where it is not
            known, both releases are compared.

    Returns:
        The sums.

    Raises:
        ReleaseError: One of the releases cannot be read.
    """
    found = differences(before, after) if pairs is None else compare(before, after, pairs)
    summary = Summary(before=before.release, after=after.release)
    with (
        (after.folder / PATCH).open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, 0) as file,
        tempfile.TemporaryFile(prefix="triplepress-") as lines,
    ):
        for row in patch_rows(before, after, _noted(found, summary, lines)):
            file.write(row)
        lines.seek(0)
        write_lines(after.folder / CHANGES, (line.removesuffix(b"\n") for line in lines))
    (after.folder / SUMMARY).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


def _noted(found: Iterable[Difference], summary: Summary, lines: IO[bytes]) -> Iterator[Difference]:
    """Pass differences on, counted, each with its line."""
    encoder = msgspec.json.Encoder()
    for difference in found:
        summary.count(difference.change)
        lines.write(encoder.encode(difference.change) + b"\n")
        yield difference


def patch_rows(before: Edition, after: Edition, found: Iterable[Difference]) -> Iterator[bytes]:
    """Yield the rows of a patch, in pieces of whole lines.

    Args:
        before: What it is applied to.
        after: What comes of it.
        found: What differs.
    """
    yield f"H id <{_state(after)}> .\nH prev <{_state(before)}> .\nTX .\n".encode()
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="triplepress-") as added:
        for difference in found:
            if difference.removed:
                yield b"".join(b"D " + line for line in difference.removed)
            added.writelines(b"A " + line for line in difference.added)
        added.seek(0)
        while block := added.read(_BLOCK):
            yield block
    yield b"TC .\n"


def _state(edition: Edition) -> str:
    """Return the IRI of a state of the graph: the release's own dump, which never changes."""
    return f"{edition.root}/releases/{edition.release}/{NTRIPLES_DUMP}"


def read_summary(folder: Path) -> Summary | None:
    """Return what a release changed of the one before it, None where it was not made from another.

    Raises:
        ReleaseError: The file is damaged.
    """
    path = folder / SUMMARY
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise ReleaseError(f"{path}: cannot be read ({error})") from error


def read_changes(folder: Path) -> Iterator[Change]:
    """Yield the entries that a release changed, in the order of the keys."""
    decoder = msgspec.json.Decoder(Change)
    for line in read_lines(folder / CHANGES):
        yield decoder.decode(line)


def read_rows(folder: Path) -> Iterator[bytes]:
    """Yield the lines of a release's patch."""
    with gzip.open(folder / PATCH) as file:
        yield from file


def changes_between(before: Edition, after: Edition) -> Iterator[Change]:
    """Yield the entries that differ between two releases: as the later one keeps them, or compared now."""
    if _is_kept(before, after):
        yield from read_changes(after.folder)
    else:
        for difference in differences(before, after):
            yield difference.change


def patch_between(before: Edition, after: Edition) -> Iterator[bytes]:
    """Yield the patch that makes one release of another, in pieces: as the later one keeps it, or made now."""
    if _is_kept(before, after):
        with gzip.open(after.folder / PATCH) as file:
            while block := file.read(_BLOCK):
                yield block
    else:
        yield from patch_rows(before, after, differences(before, after))


def _is_kept(before: Edition, after: Edition) -> bool:
    """Tell whether a release keeps its own patch against another one."""
    summary = read_summary(after.folder)
    return summary is not None and (summary.before, summary.after) == (before.release, after.release)
