"""A release brought into the engine that serves it, and old ones taken out of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.rdf.minting import Minter
from triplepress.release.edition import Progress
from triplepress.release.manifest import Manifest, read_manifest
from triplepress.release.patches import read_summary
from triplepress.release.switch import current_release, find_release, locked
from triplepress.store.remote.address import EngineAddress
from triplepress.store.remote.graphs import ReleaseGraphs, release_graphs
from triplepress.store.remote.loading import EngineWriter, Part

_FACTS: Final = "articles.nt.gz"
_MATCHED: Final = "matched.nq.gz"
_PIECE: Final = 1024 * 1024


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a release and an engine.

    Attributes:
        release: The release's id.
        triples: Triples of its facts and matches.
        loaded: Whether anything had to be done; if not, the engine had all of it.
        graph: The named graph of its facts.
        matched_graph: That of its matches, None where nothing was matched.
        dropped: Older releases that were taken out of the engine.
    """

    release: str
    triples: int
    loaded: bool
    graph: str
    matched_graph: str | None
    dropped: list[str]


def deliver(
    graph: Path,
    address: EngineAddress,
    *,
    release: str | None = None,
    keep: int | None = None,
    progress: Progress | None = None,
    on_wait: Callable[[float, str], None] | None = None,
) -> Delivery:
    """Bring a release into an engine, whole or, for its readers, not at all.

    Args:
        graph: The folder of the releases.
        address: Where the engine is.
        release: The release's id or the start of it; None takes the current one.
        keep: How many of the newest releases stay in the engine, always the current one and what servers may have
            answered from until it came; None keeps all.
        progress: Called with `load`, the triples so far and how many there are.
        on_wait: Told of every wait after a failure: the seconds, and why.

    Raises:
        ReleaseError: There is no such release, another process is at work in the folder, or old releases are to be
            dropped while the engine does not have the current one.
        StoreError: The engine cannot be reached, or refuses. What it has of the release is not read by anybody; the
            next call goes on.
    """
    with locked(graph), EngineWriter(address, on_wait) as writer:
        current = current_release(graph)
        folder = current if release is None else find_release(graph, release)
        if folder is None:
            raise ReleaseError(f"{graph}: nothing is published here yet; run triplepress publish INPUT...")
        manifest = read_manifest(folder)
        names = release_graphs(manifest.settings.base, folder.name)
        total = manifest.triples + manifest.matches.triples
        if keep is not None and folder != current:
            _in_use(graph, writer)  # or nothing can be dropped afterwards

        def show(done: int) -> None:
            if progress is not None:
                progress("load", done, total)

        loaded = writer.load(names, lambda: _parts(folder, manifest, names), show)
        return Delivery(
            release=folder.name,
            triples=total,
            loaded=loaded,
            graph=names.facts,
            matched_graph=names.matched if manifest.matches.triples else None,
            dropped=[] if keep is None else _drop_old(graph, writer, manifest.settings.base, keep, folder.name),
        )


def withdraw(address: EngineAddress, releases: Mapping[str, str]) -> None:
    """Take releases out of an engine.

    Args:
        address: Where the engine is.
        releases: The base IRI that each release was made with, by its id.

    Raises:
        StoreError: The engine cannot be reached, or refuses.
    """
    with EngineWriter(address) as writer:
        writer.unload([release_graphs(base, release) for release, base in releases.items()])


def releases_in_use(graph: Path, address: EngineAddress) -> set[str]:
    """Return the releases that servers may answer from.

    Args:
        graph: The folder of the releases.
        address: Where the engine is.

    Raises:
        ReleaseError: The engine does not have the current one, so servers answer from another, and which is not known.
        StoreError: The engine cannot be reached, or refuses.
    """
    with EngineWriter(address) as writer:
        return _in_use(graph, writer)


def _in_use(graph: Path, writer: EngineWriter) -> set[str]:
    """Return the current release and those that it may have replaced a moment ago."""
    current = current_release(graph)
    if current is None:
        return set()
    held = _held(writer, read_manifest(current).settings.base)
    if current.name not in held:
        raise ReleaseError(
            f"the engine does not have the current release {current.name}, so servers answer from one before, and none"
            " is dropped; run triplepress load, then again"
        )
    others = [release for release in held if release != current.name]
    made_from = read_summary(current)
    return {current.name, *others[-1:], *([made_from.before] if made_from is not None else [])}


def _held(writer: EngineWriter, base: str) -> list[str]:
    """Return the releases of an edition that the engine has all of, oldest first."""
    start, end = release_graphs(base, "\n").mark.split("\n")
    return writer.marked(start, end)


def _drop_old(graph: Path, writer: EngineWriter, base: str, keep: int, loaded: str) -> list[str]:
    """Drop all releases but the newest few, those in use and the one just loaded; return the ids of those gone."""
    held = _held(writer, base)
    stay = {loaded, *_in_use(graph, writer)}
    gone = [release for release in held[: max(0, len(held) - keep)] if release not in stay]
    writer.unload([release_graphs(base, release) for release in gone])
    return gone


def _parts(folder: Path, manifest: Manifest, names: ReleaseGraphs) -> Iterator[Part]:
    """Yield the graphs of a release, from its dumps."""
    yield Part(names.facts, _unpacked(folder / "dumps" / _FACTS), manifest.triples)
    if manifest.matches.triples:
        promised = Minter(manifest.settings.base.rstrip("/")).graph("matched")
        lines = _triples(folder / "dumps" / _MATCHED, f" <{promised}> .\n".encode())
        yield Part(names.matched, lines, manifest.matches.triples)


def _unpacked(path: Path) -> Iterator[bytes]:
    """Yield a dump in pieces."""
    with gzip.open(path) as file:
        while piece := file.read(_PIECE):
            yield piece


def _triples(path: Path, end: bytes) -> Iterator[bytes]:
    """Yield the lines of N-Quads as N-Triples; each ends in the same graph."""
    with gzip.open(path) as file:
        for line in file:
            if not line.endswith(end):
                raise ReleaseError(f"{path}: a line is of another graph; publish again")
            yield line.removesuffix(end) + b" .\n"
