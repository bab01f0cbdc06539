"""From the inputs as they were named to the files to read."""

from __future__ import annotations

import fnmatch
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from triplepress.errors import SourceError
from triplepress.record import Rejected, Source
from triplepress.sources.rejection import reject

STDIN = "-"
_ADDRESSES = ("http://", "https://", "ftp://")


def is_endpoint(name: str) -> bool:
    """Tell whether an input is a web address, and no file of that name."""
    return name.lower().startswith(("http://", "https://")) and not os.path.lexists(name)


def named_paths(inputs: Sequence[str]) -> list[str]:
    """Return the named paths, globs written out, each once, in the order of the inputs.

    A path that exists is taken by its name even if it holds glob characters. What a glob finds is sorted, hidden files
    left out.

    Raises:
        SourceError: A named path is not there, a glob matches nothing, or an input is an address.
    """
    found: dict[str, None] = {}
    for name in inputs:
        if name == STDIN or os.path.lexists(name):
            found[name] = None
        elif name.lower().startswith(_ADDRESSES):
            raise SourceError(
                "this is no address that can be harvested; save the page to a file and name that", location=name
            )
        elif glob.has_magic(name):
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - a Path would lose how it was named
            if not matches:
                raise SourceError("no file matches this pattern; check the path", location=name)
            found |= dict.fromkeys(matches)
        else:
            raise SourceError("there is no such file or folder; check the path", location=name)
    return list(found)


def covers(name: str, location: str) -> bool:
    """Tell whether a file is an input as it was named, or would be found in it.

    Args:
        name: A file, a folder or a glob.
        location: Where a file lay that was read once.

    Example:
        >>> covers("pages/", "pages/2024/1.txt"), covers("pages/*.txt", "pages/1.txt"), covers("pages", "pages2/1.txt")
        (True, True, False)
        >>> covers("pages/*", "pages/2024/1.txt"), covers("pages/*.txt", "pages/old/1.txt"), covers("**/*.txt", "a/b")
        (True, False, False)
    """
    if location == name or location.startswith(name.rstrip("/") + "/"):
        return True
    pattern, parts = name.rstrip("/").split("/"), location.split("/")
    # What a glob finds may be a folder, which is read as a whole.
    return glob.has_magic(name) and any(_matches(pattern, parts[:number]) for number in range(1, len(parts) + 1))


def _matches(pattern: list[str], parts: list[str]) -> bool:
    """Tell whether a path is one that a glob finds; both as their segments."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(pattern[1:], parts[number:]) for number in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and _matches(pattern[1:], parts[1:])


def find_files(path: str) -> Iterator[str | Rejected]:
    """Yield the regular files at one named path, or why what stands there cannot be read.

    A folder is walked in sorted order, symbolic links followed; hidden files and folders in it are left out.

    Args:
        path: An existing path, as it was named; what is found below it is named from there.
    """
    yield from _find(path, ())


def _find(path: str, above: tuple[tuple[int, int], ...]) -> Iterator[str | Rejected]:
    """Yield the files at a path; `above` are device and inode of the folders it is in."""
    source = Source(kind="file", location=path)
    try:
        status = Path(path).stat()
    except OSError as error:
        yield _unreadable(source, error)
        return
    if stat.S_ISREG(status.st_mode):
        yield path
    elif stat.S_ISDIR(status.st_mode):
        here = (status.st_dev, status.st_ino)
        if here in above:
            message = "a symbolic link that leads back to a folder it is in"
            yield reject(source, message, "Remove the link, or name the folders to read")
            return
        try:
            names = sorted(name for name in os.listdir(path) if not name.startswith("."))  # noqa: PTH208 - names only
        except OSError as error:
            yield _unreadable(source, error)
            return
        for name in names:
            yield from _find(os.path.join(path, name), (*above, here))  # noqa: PTH118 - as above
    else:
        remedy = "Name a file; to read from another program, pipe it in and name the input -"
        yield reject(source, f"{_kind(status.st_mode)}, not a file", remedy)


def _kind(mode: int) -> str:
    """Return what an entry of a folder is that is neither file nor folder."""
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


def _unreadable(source: Source, error: OSError) -> Rejected:
    """Return why a path cannot be read, in words for an editor."""
    if Path(source.location).is_symlink():
        target = os.readlink(source.location)  # noqa: PTH115 - the text of the link, not a path
        if isinstance(error, FileNotFoundError):
            return reject(source, f"a symbolic link to {target}, which is not there", "Mend or remove the link")
        if not isinstance(error, PermissionError):
            return reject(source, f"a symbolic link to {target} that leads nowhere", "Mend or remove the link")
    return unreadable(source, error)


def unreadable(source: Source, error: OSError) -> Rejected:
    """Return the rejection for an input that the system does not let us read."""
    if isinstance(error, PermissionError):
        return reject(source, "permission denied", "Allow this user to read it (chmod, chown), or leave it out")
    if isinstance(error, FileNotFoundError):
        return reject(source, "it was removed while the run was going on", "Run again")
    return reject(source, f"cannot be read: {error.strerror or error}", "Check the disk and the path, then run again")
