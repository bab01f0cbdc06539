"""The dumps: whole, or in ranges, exactly as they lie in the release, never compressed again on the way."""

from __future__ import annotations

import os
import re
import stat
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, NamedTuple

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from triplepress.rdf.formats import FORMATS
from triplepress.web.dereference import edition_of
from triplepress.web.headers import CACHE_BRIEFLY, CACHE_FOR_EVER, allow_any_origin, entity_tag, is_unchanged
from triplepress.web.problems import ProblemError, not_found

_RELEASE: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")
PATCH: Final = "patch.rdfp.gz"
"""What a release changed of the one before it, in the release's folder."""
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


class Dump(NamedTuple):
    """One file of `dumps/`: its name, size in bytes, SHA-256 (None where `SHA256SUMS` does not list it), format."""

    name: str
    size: int
    sha256: str | None
    label: str


def list_dumps(folder: Path) -> list[Dump]:
    """Return the files of a release's `dumps/`, by name, with their checksums.

    Args:
        folder: The release's folder.
    """
    checksums = read_checksums(folder / "dumps" / "SHA256SUMS")
    labels = {f".{row.extension}.gz": row.label for row in FORMATS.values()} | {".jsonld.gz": "JSON-LD"}
    found = []
    try:
        entries = sorted(os.scandir(folder / "dumps"), key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    for entry in entries:
        if entry.is_file(follow_symlinks=False) and _FILE.fullmatch(entry.name):
            label = next((label for ending, label in labels.items() if entry.name.endswith(ending)), "")
            found.append(Dump(entry.name, entry.stat().st_size, checksums.get(entry.name), label))
    return found


def read_checksums(path: Path) -> dict[str, str]:
    """Return a `SHA256SUMS` file as digests by file name; empty where there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return {name.lstrip("*"): digest for digest, name in lines}


async def current_dump(request: Request) -> Response:
    """Answer with a file of the current release."""
    return await _file(request, edition_of(request).folder / "dumps", request.path_params["file"], CACHE_BRIEFLY)


async def release_dump(request: Request) -> Response:
    """Answer with a file of a named release, which never changes."""
    folder = edition_of(request).folder.parent / _release_asked(request)
    return await _file(request, folder / "dumps", request.path_params["file"], CACHE_FOR_EVER)


async def release_patch(request: Request) -> Response:
    """Answer with what a release changed of the one before it; of releases that are gone, some patches are kept."""
    name = _release_asked(request)
    releases = edition_of(request).folder.parent
    kept = releases.parent / "patches" / name
    folder = kept if await anyio.to_thread.run_sync((kept / PATCH).exists) else releases / name
    return await _file(request, folder, PATCH, CACHE_FOR_EVER)


def _release_asked(request: Request) -> str:
    """Return the release that an address names.

    Raises:
        ProblemError: 404.
    """
    name: str = request.path_params["release"]
    if not _RELEASE.fullmatch(name):
        raise ProblemError(not_found(f"“{name}” is no release; /dumps/ lists what there is."))
    return name


async def _file(request: Request, folder: Path, name: str, cache: str) -> Response:
    """Return a regular file that lies directly in a folder.

    Raises:
        ProblemError: 404.
    """
    path = folder / name
    release = folder.parent.name if folder.name == "dumps" else folder.name
    missing = ProblemError(not_found(f"There is no file “{name}” in release {release}; /dumps/ lists what there is."))
    # A name that fits has no slash and does not start with a dot: it cannot leave the folder.
    if not _FILE.fullmatch(name):
        raise missing
    try:
        status = await anyio.to_thread.run_sync(lambda: path.stat(follow_symlinks=False))
    except OSError as error:
        raise missing from error
    if not stat.S_ISREG(status.st_mode):
        raise missing
    tag = entity_tag(release, name, status.st_size, status.st_mtime_ns)
    response = FileResponse(
        path,
        headers={"ETag": tag, "Cache-Control": cache},
        media_type="application/gzip" if name.endswith(".gz") else "text/plain; charset=utf-8",
        stat_result=status,
    )
    allow_any_origin(response.headers)
    if request.headers.get("if-none-match") is not None:
        unchanged = is_unchanged(request.headers, tag)
    else:
        unchanged = _not_since(request.headers.get("if-modified-since"), status.st_mtime)
    if unchanged:
        kept = {key: response.headers[key] for key in ("etag", "last-modified", "cache-control")}
        return Response(status_code=304, headers=kept)
    return response


def _not_since(date: str | None, modified: float) -> bool:
    """Return whether a file is no newer than an `If-Modified-Since` date; HTTP dates have whole seconds."""
    if date is None:
        return False
    try:
        return int(modified) <= parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return False
