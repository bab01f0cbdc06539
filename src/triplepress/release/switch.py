"""The releases of one graph folder: which there are, which is current, and the switch to another at one stroke.

`graph/current` is a relative link, replaced by a rename: whoever follows it finds the old release or the new one, never
something between. One lock keeps two publishers apart; what a killed one left behind is cleaned up by the next.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from triplepress.errors import ReleaseError
from triplepress.release.manifest import read_manifest
from triplepress.release.patches import HISTORY, read_summary

_RELEASE_ID: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
# Folders and links on their way in or out: none of them is a release.
_BUILDING: Final = ".building-"
_REMOVING: Final = ".removing-"
_LINKING: Final = ".current-"


class ReleaseInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `triplepress releases`."""

    release: str
    current: bool
    created: str
    base: str
    articles: int
    triples: int
    version: str


def releases_folder(graph: Path) -> Path:
    """Return the folder that holds the releases of a graph folder."""
    return graph / "releases"


def current_release(graph: Path) -> Path | None:
    """Return the folder of the current release, or None where nothing is published.

    Raises:
        ReleaseError: `current` names a release that is not there.
    """
    link = graph / "current"
    if not link.is_symlink():
        return None
    folder = releases_folder(graph) / link.readlink().name
    if not folder.is_dir():
        raise ReleaseError(
            f"{link} names {folder.name}, which is not there; run triplepress releases, then rollback ID"
        )
    return folder


def list_releases(graph: Path) -> list[ReleaseInfo]:
    """Return the complete releases of a graph folder, oldest first."""
    link = graph / "current"
    current = link.readlink().name if link.is_symlink() else None
    found = []
    for folder in release_folders(graph):
        manifest = read_manifest(folder)
        found.append(
            ReleaseInfo(
                release=folder.name,
                current=folder.name == current,
                created=manifest.created,
                base=manifest.settings.base,
                articles=manifest.counts.published,
                triples=manifest.triples,
                version=manifest.versions["triplepress"],
            )
        )
    return found


def release_folders(graph: Path) -> list[Path]:
    """Return the folders of the releases, oldest first: their names start with the time."""
    folder = releases_folder(graph)
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if _RELEASE_ID.fullmatch(entry.name) and entry.is_dir())


def find_release(graph: Path, release: str) -> Path:
    """Return the folder of a release by its id, or by the start of it if only one begins so.

    Raises:
        ReleaseError: There is none, or more than one.
    """
    names = [folder.name for folder in release_folders(graph)]
    found = [name for name in names if name == release] or [
        name for name in names if release and name.startswith(release)
    ]
    if len(found) != 1:
        known = ", ".join(names) or "none"
        problem = "names more than one release" if found else "no such release"
        raise ReleaseError(f"{release}: {problem} in {releases_folder(graph)}; there are: {known}")
    return releases_folder(graph) / found[0]


def named_release(graph: Path, name: str) -> Path:
    """Return the folder of a release by its id, the start of it, `current`, or `previous`: what `current` replaced.

    Raises:
        ReleaseError: There is none of that name, or more than one.
    """
    if name not in {"current", "previous"}:
        return find_release(graph, name)
    current = current_release(graph)
    if current is None:
        raise ReleaseError(f"{graph}: nothing is published here yet; run triplepress publish INPUT...")
    if name == "current":
        return current
    made_from = read_summary(current)
    if made_from is not None and (releases_folder(graph) / made_from.before).is_dir():
        return releases_folder(graph) / made_from.before
    earlier = [folder for folder in release_folders(graph) if folder.name < current.name]
    if not earlier:
        raise ReleaseError(f"{current.name}: the current release has none before it; name two with their ids")
    return earlier[-1]


def switch_to(graph: Path, release: Path) -> None:
    """Make a release the current one.

    Raises:
        ReleaseError: The file system has no symbolic links.
    """
    link = graph / "current"
    if link.exists() and not link.is_symlink():
        raise ReleaseError(f"{link} is no link, so it cannot be switched; move it away and publish again")
    fresh = graph / f"{_LINKING}{secrets.token_hex(4)}"
    try:
        fresh.symlink_to(Path("releases") / release.name)
    except (OSError, NotImplementedError) as error:
        raise ReleaseError(
            f"{graph}: no symbolic link can be made here ({error}); put --graph on a file system that has them"
        ) from error
    fresh.replace(link)
    sync_folder(graph)


def remove_release(graph: Path, release: Path) -> None:
    """Delete a release that is not current; a kill half-way leaves nothing that looks like one."""
    leaving = releases_folder(graph) / f"{_REMOVING}{release.name}"
    release.rename(leaving)
    shutil.rmtree(leaving)


def prune(graph: Path, keep: int, stay: Collection[str] = ()) -> list[str]:
    """Delete all releases but the newest few, the current one, and those that are to stay.

    A release stands alone: what it shares with others on disk are links to the same files, and whoever has one of its
    files open keeps it. Only patches lead from one to another: those by which a release that stays was made from
    another one that stays are kept.

    Args:
        graph: The graph folder.
        keep: How many of the newest stay, the current one counted among them where it is.
        stay: Ids of others that stay.

    Returns:
        The ids of those that are gone.
    """
    if keep < 1:
        raise ReleaseError("keep at least one release: --keep 1")
    with locked(graph):
        current = current_release(graph)
        folders = release_folders(graph)
        gone = [folder for folder in folders[:-keep] if folder != current and folder.name not in stay]
        between = _between(graph, {folder.name for folder in folders} - {folder.name for folder in gone})
        for folder in gone:
            if folder.name in between:
                _keep_patch(graph, folder)
            remove_release(graph, folder)
        kept = patches_folder(graph)
        for entry in sorted(kept.iterdir()) if kept.is_dir() else ():
            if entry.name not in between:
                shutil.rmtree(entry)
        return [folder.name for folder in gone]


def patches_folder(graph: Path) -> Path:
    """Return the folder that holds the patches of releases that are gone, each in a folder of its release's name."""
    return graph / "patches"


def _between(graph: Path, staying: set[str]) -> set[str]:
    """Return the releases that lie on the way from one that stays to another."""
    found: set[str] = set()
    for name in staying:
        way: list[str] = []
        at = _made_from(graph, name)
        while at is not None and at not in staying and at not in way:
            way.append(at)
            at = _made_from(graph, at)
        if at in staying:
            found.update(way)
    return found


def _made_from(graph: Path, name: str) -> str | None:
    """Return the release that one was made from, None where that is not known."""
    for folder in (releases_folder(graph) / name, patches_folder(graph) / name):
        summary = read_summary(folder)
        if summary is not None:
            return summary.before
    return None


def _keep_patch(graph: Path, release: Path) -> None:
    """Link the patch of a release that is about to go into the folder of kept patches."""
    folder = patches_folder(graph) / release.name
    folder.mkdir(parents=True, exist_ok=True)
    for name in HISTORY:
        if (release / name).exists() and not (folder / name).exists():
            os.link(release / name, folder / name)
    sync_folder(folder)


def roll_back(graph: Path, release: str) -> Path:
    """Make an earlier release the current one, and return its folder.

    Raises:
        ReleaseError: There is no such release.
    """
    with locked(graph):
        folder = find_release(graph, release)
        read_manifest(folder)
        switch_to(graph, folder)
        return folder


def new_build(graph: Path) -> Path:
    """Make and return an empty folder for a release that is being built, beside the others."""
    folder = releases_folder(graph) / f"{_BUILDING}{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


@contextmanager
def locked(graph: Path) -> Iterator[None]:
    """Hold the graph folder's lock: only one process at a time publishes, prunes or rolls back.

    Raises:
        ReleaseError: Another process holds it, or the folder cannot be made.
    """
    try:
        releases_folder(graph).mkdir(parents=True, exist_ok=True)
        lock = (graph / ".lock").open("a+b")
    except OSError as error:
        raise ReleaseError(f"{graph}: {error.strerror or error}; name another folder with --graph") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReleaseError(
                f"{graph}: another triplepress is at work in this folder; wait until it is done"
            ) from error
        yield


def clean_up(graph: Path) -> list[str]:
    """Remove what killed runs left behind, and return the names; call it under the lock."""
    left = [
        entry
        for entry in releases_folder(graph).iterdir()
        if entry.name.startswith((_BUILDING, _REMOVING)) and entry.is_dir()
    ]
    links = [entry for entry in graph.iterdir() if entry.name.startswith(_LINKING) and entry.is_symlink()]
    for folder in left:
        shutil.rmtree(folder)
    for link in links:
        link.unlink()
    return sorted(entry.name for entry in (*left, *links))


def sync_tree(folder: Path) -> None:
    """Make everything below a folder durable."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        elif path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    number = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot, and then need not
            os.fsync(number)
    finally:
        os.close(number)
