"""All inputs, one after another: every file gives records, or a line that says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from triplepress.errors import SourceError
from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.settings import Settings
from triplepress.sources.archives import (
    BAD_MEMBER,
    Kind,
    Member,
    TooMuch,
    archive_kind,
    bad_member,
    read_members,
    spooled,
)
from triplepress.sources.content import DAMAGED, Content, open_content
from triplepress.sources.detect import Format, detect, formats, too_large
from triplepress.sources.encoding import decode_utf8, name_binary
from triplepress.sources.inputs import STDIN, find_files, named_paths, unreadable
from triplepress.sources.rejection import reject
from triplepress.sources.xml import root_name

Progress = Callable[[str, int], None]
"""Called with an input's location and how many results it has given so far: at its start, its end, and now and then."""

_EVERY = 500
_NOT_AN_ARTICLE = (
    "Give article records in a format that triplepress knows (docs/sources.md lists them), such as a saved landing"
    " page, JATS, Crossref JSON or BibTeX; --input-format names one that is not told by itself"
)


def read(
    inputs: Sequence[str], settings: Settings, *, input_format: str | None = None, progress: Progress | None = None
) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Return an iterator over what is in the inputs, in their order; memory stays flat.

    Args:
        inputs: Files, folders (recursive, sorted, hidden files left out), globs, `-` for standard input.
        settings: `max_input_bytes` limits the file of one article, and one line of a file of many; `mappings` is the
            folder of mappings for spreadsheets.
        input_format: A name of the table in `detect`; None tells it from the content.
        progress: Called as the work goes on.

    Returns:
        Records, and for each input that gives none a `Rejected` with place, reason and remedy. A location is the path
        as it was named.

    Raises:
        SourceError: At once, before anything is read: a named path is not there, or the format's name is unknown.
    """
    table = formats(Path(settings.mappings))
    how = _How(settings.max_input_bytes, table, _named_format(input_format, table))
    return _read_paths(named_paths(inputs), how, progress or (lambda _location, _count: None))


def input_files(inputs: Sequence[str]) -> Iterator[str | Rejected]:
    """Return an iterator over the files in the inputs, in their order, and what cannot be opened.

    Args:
        inputs: As for `read`.

    Raises:
        SourceError: At once: a named path is not there.
    """
    return _files(named_paths(inputs))


def read_file(
    location: str, settings: Settings, *, input_format: str | None = None
) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Return an iterator over what is in one file that `input_files` has found; see `read`."""
    table = formats(Path(settings.mappings))
    return _read_file(location, _How(settings.max_input_bytes, table, _named_format(input_format, table)))


class _How(NamedTuple):
    """How inputs are read.

    Attributes:
        limit: The most bytes of the file of one article, and of one article in a file of many.
        table: The formats.
        chosen: The one that all are in, whatever they look like; None tells it from the content.
    """

    limit: int
    table: Sequence[Format]
    chosen: Format | None


def _named_format(name: str | None, table: Sequence[Format]) -> Format | None:
    """Return the format of a name, None for None."""
    if name is None:
        return None
    found = next((each for each in table if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in table)
        raise SourceError(f"there is no input format of this name; choose one of {known}", location=name)
    return found


def _read_paths(
    paths: list[str], how: _How, progress: Progress
) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Yield the results of each file at each path."""
    for file in _files(paths):
        if isinstance(file, Rejected):
            yield file
            continue
        progress(file, 0)
        count = 0
        for result in _read_file(file, how):
            count += 1
            if count % _EVERY == 0:
                progress(file, count)
            yield result
        progress(file, count)


def _files(paths: list[str]) -> Iterator[str | Rejected]:
    """Yield the files at each path; one that is found again, such as a file named beside its folder, only once."""
    seen: set[str] = set()
    for path in paths:
        for file in (STDIN,) if path == STDIN else find_files(path):
            location = file.source.location if isinstance(file, Rejected) else file
            if location not in seen:
                yield file
            if len(paths) > 1:  # below one path nothing is found twice, so a large folder costs no memory
                seen.add(location)


def _read_file(location: str, how: _How) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Yield the results of one file."""
    source = Source(kind=how.chosen.name if how.chosen else "file", location=location)
    try:
        with open_content(location) as content:
            yield from _read_content(content, source, how)
    except DAMAGED as error:  # before OSError: Python's error for a bad gzip file is one
        message = f"the compressed file is damaged or cut short: {error}"
        yield reject(source, message, "Make or fetch it again")
    except OSError as error:
        yield unreadable(source, error)


def _read_content(
    content: Content, source: Source, how: _How, *, within: bool = False
) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Yield the results of one open file; `within` an archive there is no other one."""
    head = content.head()
    kind = archive_kind(content, head)
    if kind is not None and not within:
        yield from _read_archive(content, kind, source, how)
        return
    if kind is not None:
        yield reject(source, "an archive within an archive", "Unpack the outer one, and name what is in it")
        return
    binary = None if root_name(head) else name_binary(head)  # XML may be in UTF-16
    found = how.chosen or detect(head, how.table)
    if binary:
        yield reject(source, binary.message, binary.remedy)
    elif content.size > how.limit and not (found and found.streams):
        yield too_large(source, how.limit)
    elif found is None or not head.strip():
        source = replace(source, sha256=content.sha256)
        yield _refused(content.open().read(how.limit), source)
    else:
        source = replace(source, kind=found.name, sha256=content.sha256)
        yield from found.read(content.open(), source, how.limit)


def _read_archive(
    content: Content, kind: Kind, source: Source, how: _How
) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Yield the results of each member of an archive."""
    for member in read_members(content, kind, source):
        if isinstance(member, Rejected):
            yield member
            continue
        place = replace(source, location=f"{source.location}/{member.name}")
        try:
            yield from _read_member(member, place, how)
        except BAD_MEMBER as error:
            yield bad_member(place, error)
            if isinstance(error, TooMuch):
                return


def _read_member(member: Member, place: Source, how: _How) -> Iterator[ArticleRecord | Rejected | Skipped | Withdrawn]:
    """Yield the results of one member of an archive."""
    with spooled(member) as content:
        yield from _read_content(content, place, how, within=True)


def _refused(data: bytes, source: Source) -> Rejected:
    """Return why a file of no known format is not read."""
    text = decode_utf8(data)
    if not isinstance(text, str):
        return reject(source, text.message, text.remedy, position=text.position)
    start = text.lstrip()[:200].lower()
    if not start:
        return reject(source, "the file is empty", "Save the page again, or leave the file out")
    if start.startswith(("{", "[")):
        return reject(source, "this is JSON, but not one record a line", _NOT_AN_ARTICLE)
    if root := root_name(data[:65536]):
        return reject(source, f"this is XML of a kind that is not read; its root element is “{root}”", _NOT_AN_ARTICLE)
    return reject(source, "not an article page: none of its headings is there", _NOT_AN_ARTICLE)
