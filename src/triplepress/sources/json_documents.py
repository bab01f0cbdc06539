"""JSON in every container that records come in, one object at a time, whatever the size of the file.

JSON lines, one document, a list of documents, documents one after another, the lists of REST APIs (`message.items`,
`data`, `results`) and the public data files' `{"items": […]}` all give the objects in them; which format an object is
in, its keys tell. Lines go through msgspec. Anything else is read through a window that moves along the text: the
decoder of the standard library, which is native too, takes one object from a position and says where it ended, so
memory holds a window and an object, and no dependency is needed for it.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from triplepress.record import ArticleRecord, Rejected, Skipped, Source
from triplepress.sources import canonical, crossref, csl, datacite, doaj, openalex
from triplepress.sources.content import DAMAGED, HEAD_BYTES
from triplepress.sources.rejection import reject

KIND: Final = "json"
Result = ArticleRecord | Rejected | Skipped


class _ObjectFormat(NamedTuple):
    """A format of one object: its name, whether an object's keys are its, and how it is read."""

    name: str
    fits: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Mapping[str, Any], Source], Result]


# The first that fits reads the object.
OBJECT_FORMATS: Final = (
    _ObjectFormat(crossref.KIND, crossref.is_work, crossref.read_work),
    _ObjectFormat(doaj.KIND, doaj.is_article, doaj.read_article),
    _ObjectFormat(openalex.KIND, openalex.is_work, openalex.read_work),
    _ObjectFormat(datacite.KIND, datacite.is_resource, datacite.read_resource),
    _ObjectFormat(csl.KIND, csl.is_item, csl.read_item),
    _ObjectFormat(canonical.KIND, canonical.is_record, canonical.read_object),
)

# Where the lists of APIs and dumps are, and the objects that hold such a list.
_LISTS: Final = frozenset({"items", "data", "results", "works", "records"})
_HOLDERS: Final = frozenset({"message", "data"})
_WRAPPER_KEYS: Final = _LISTS | _HOLDERS
# How many lines are looked at to tell what a file is.
_LOOK: Final = 50
_WINDOW: Final = 256 * 1024
_SPACE: Final = " \t\r\n"
_DECODER: Final = json.JSONDecoder()
_LINE: Final = msgspec.json.Decoder()
_UNKNOWN: Final = (
    "Give Crossref, DataCite, DOAJ, OpenAlex, CSL-JSON or canonical records; --input-format names the format"
)


def is_json_documents(head: bytes) -> bool:
    """Tell whether the first part of a file is JSON in any container but lines of canonical records.

    A list of any kind is, and an object over several lines; one on a line is if its keys are a container's or those of
    a format, or if another line near it is such an object.
    """
    text = head.decode("utf-8-sig", errors="ignore").lstrip()
    if text.startswith("["):
        return text[1:].lstrip()[:1] in {"{", "[", "]"}
    if not text.startswith("{"):
        return False
    members = _members_of(text)
    if text.partition("\n")[0].rstrip().endswith(("{", "[", ",")) or _is_wrapper(members) or _fits_other(members):
        return True
    return any((value := _decoded(line)) is not None and _fits_other(value) for line in head.splitlines()[1:_LOOK])


def _fits_other(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is in a format other than the canonical one."""
    return any(each.fits(value) for each in OBJECT_FORMATS if each.name != canonical.KIND)


def read_json(stream: IO[bytes], source: Source, limit: int, forced: str | None = None) -> Iterator[Result]:
    """Yield the result of each object in a JSON file; a bad one does not stop the others where lines keep them apart.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; each result gets the place in it (`line 7` or `item 7`) and the kind of its format.
        limit: The most bytes of one object.
        forced: The name of the format, where it is not to be told from the keys.
    """
    try:
        head = _filled(stream, HEAD_BYTES)
        lines = _starts_as_lines(head)
        whole = prefixed(head, stream)
        for position, value in _lines(whole, limit) if lines else _Walk(whole, limit).objects():
            place = replace(source, position=position)
            if isinstance(value, _Broken):
                yield reject(replace(place, kind=forced or source.kind), value.message, value.remedy)
            else:
                yield _read_object(value, place, forced)
    except DAMAGED as error:
        message = f"the compressed file is damaged or cut short: {error}"
        yield reject(source, message, "Make or fetch it again; what stands before is read")


def _read_object(value: Mapping[str, Any], place: Source, forced: str | None) -> Result:
    """Return the result of one object in the format that its keys tell, or that is forced."""
    for each in OBJECT_FORMATS:
        if each.name == forced or (forced is None and each.fits(value)):
            return each.read(value, replace(place, kind=each.name))
    keys = ", ".join(list(value)[:8]) or "none"
    return reject(place, f"a JSON object of no known format; its keys: {keys}", _UNKNOWN)


class _Broken(NamedTuple):
    """Why there is no object at a place."""

    message: str
    remedy: str


_Found = tuple[str, Mapping[str, Any] | _Broken]


def _filled(stream: IO[bytes], size: int) -> bytes:
    """Return the first bytes of a stream, as many as were asked for unless it ends."""
    parts = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def prefixed(prefix: bytes, stream: IO[bytes]) -> IO[bytes]:
    """Return a stream with some bytes put back before it."""
    return io.BufferedReader(_Prefixed(prefix, stream), _WINDOW)


class _Prefixed(io.RawIOBase):
    """A stream with some bytes put back before it."""

    def __init__(self, prefix: bytes, stream: IO[bytes]) -> None:
        super().__init__()
        self._prefix = prefix
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - the name of a buffer's type came with Python 3.12
        view = memoryview(buffer).cast("B")
        if self._prefix:
            piece, self._prefix = self._prefix[: len(view)], self._prefix[len(view) :]
        else:
            piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def _decoded(line: bytes) -> Mapping[str, Any] | None:
    """Return the object that one line is, or None."""
    if not line.startswith(b"{"):
        return None
    try:
        value = _LINE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _starts_as_lines(head: bytes) -> bool:
    """Tell whether a file holds one object a line; the first line may be broken."""
    lines = [line for each in head.removeprefix(codecs.BOM_UTF8).splitlines() if (line := each.strip())][:_LOOK]
    if not lines or lines[0].startswith(b"[") or lines[0].endswith((b"{", b"[", b",", b":")):
        return False
    first = _decoded(lines[0])
    if first is None and len(lines) == 1:  # longer than what was looked at, or broken
        first = _members_of(lines[0].decode("utf-8", errors="ignore"))
    if first is not None:
        return not _is_wrapper(first)
    return any(_decoded(line) is not None for line in lines[1:])


def _is_wrapper(value: Mapping[str, Any]) -> bool:
    """Tell whether an object only holds the records: a list under a list's name, or a message."""
    if "DOI" in value or "doi" in value or "bibjson" in value:
        return False
    if "message-type" in value or isinstance(value.get("message"), dict):
        return True
    if any(isinstance(value.get(name), list) and _holds_objects(value[name]) for name in _LISTS):
        return "attributes" not in value
    return isinstance(value.get("data"), dict) and "attributes" in value["data"]


def _holds_objects(items: list[Any]) -> bool:
    return not items or isinstance(items[0], dict)


def _lines(stream: IO[bytes], limit: int) -> Iterator[_Found]:
    """Yield the object of each line, or why there is none; blank lines are passed over."""
    number = 0
    while line := stream.readline(limit + 2):
        number += 1
        position = f"line {number}"
        if len(line.rstrip(b"\r\n")) > limit:
            while line and not line.endswith(b"\n"):
                line = stream.readline(_WINDOW)
            yield position, _Broken(f"the line is longer than {limit} bytes", "Raise max_input_bytes to read it")
            continue
        line = line.strip()
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line:
            continue
        try:
            value = _LINE.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield position, _Broken(f"not a line of JSON: {error}", "Write one JSON object a line")
            continue
        if isinstance(value, dict) and _is_wrapper(value):
            for at, each in enumerate(_within(value), start=1):
                yield f"{position}, item {at}", each
        elif isinstance(value, dict):
            yield position, value
        else:
            yield position, _Broken("a JSON value that is no object", "Write one JSON object a line")


def _within(value: Any) -> Iterator[Mapping[str, Any] | _Broken]:  # noqa: ANN401 - any JSON may come
    """Yield the objects in a decoded document."""
    if isinstance(value, list):
        for item in value:
            yield from _within(item)
    elif not isinstance(value, dict):
        yield _Broken("a JSON value that is no object", "Leave it out, or give the record itself")
    elif _is_wrapper(value):
        inner = [value[name] for name in (*sorted(_LISTS), "message") if isinstance(value.get(name), list | dict)]
        for each in inner[:1]:
            yield from _within(each)
    else:
        yield value


class _Malformed(Exception):  # noqa: N818 - never leaves this module
    """The text at the window's position is no JSON."""


class _Walk:
    """Walks along one JSON text through a window, and gives the objects in it."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._ended = False
        self._lines = 1  # of what the window has left behind
        self._count = 0

    def objects(self) -> Iterator[_Found]:
        """Yield each object with its place, or why the rest cannot be read."""
        try:
            while self._peek():
                yield from self._value()
                if self._peek() == ",":  # some exports separate documents so
                    self._at += 1
        except _Malformed as error:
            line = self._lines + self._text.count("\n", 0, self._at)
            message = f"the JSON is damaged here: {error}"
            yield (
                f"item {self._count + 1}, line {line}",
                _Broken(message, "Export it again; what stands before is read"),
            )
        except RecursionError:
            yield f"item {self._count + 1}", _Broken("lists in lists, too deep for any record", "Export it again")
        except UnicodeDecodeError:
            line = self._lines + self._text.count("\n")
            yield f"line {line}", _Broken("this is not UTF-8", "Save it as UTF-8; what stands before is read")

    def _value(self) -> Iterator[_Found]:
        """Yield the objects in the value at the position, a list's one by one."""
        start = self._peek()
        if start == "[":
            yield from self._list()
        elif start == "{":
            yield from self._object()
        else:
            self._decoded()
            yield self._place(), _Broken("a JSON value that is no object", "Leave it out, or give the record itself")

    def _list(self) -> Iterator[_Found]:
        self._at += 1
        while (start := self._peek()) != "]":
            if start == "":
                raise _Malformed("the list has no end")
            yield from self._within_list(self._decoded())
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise _Malformed("a comma or the end of the list is missing")
        self._at += 1

    def _within_list(self, value: Any) -> Iterator[_Found]:  # noqa: ANN401
        for each in _within(value):
            yield self._place(), each

    def _object(self) -> Iterator[_Found]:
        """Yield the objects of a container's list, or the object itself: its members are looked at one by one."""
        members: dict[str, Any] = {}
        held = False
        self._at += 1
        while (start := self._peek()) != "}":
            if start != '"':
                raise _Malformed("the name of a member is missing")
            name = self._decoded()
            if self._peek() != ":":
                raise _Malformed("a colon is missing")
            self._at += 1
            opening = self._peek()
            holds = (
                name in _WRAPPER_KEYS and not held and not ({"DOI", "doi", "bibjson", "attributes"} & members.keys())
            )
            if holds and opening == "[" and name in _LISTS and self._opens_objects():
                held = True
                yield from self._list()
            elif holds and opening == "{" and name == "message":
                held = True
                yield from self._object()
            else:
                members[name] = self._decoded()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "}":
                raise _Malformed("a comma or the end of the object is missing")
        self._at += 1
        if not held:
            yield from self._within_list(members)

    def _opens_objects(self) -> bool:
        """Tell whether the list at the position is empty or starts with an object; the position stays."""
        while True:
            at = _after_space(self._text, self._at + 1)
            if at < len(self._text):
                return self._text[at] in "{]"
            if not self._more():
                return False

    def _place(self) -> str:
        self._count += 1
        return f"item {self._count}"

    def _peek(self) -> str:
        """Return the next character that is no white space, empty at the end; the position is moved to it."""
        while True:
            self._at = _after_space(self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, as much again as the window holds; tell whether there was anything."""
        if self._ended:
            return False
        self._lines += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        piece = self._stream.read(max(_WINDOW, len(self._text)))
        self._ended = not piece
        self._text += self._decode.decode(piece, final=self._ended)
        return not self._ended

    def _decoded(self) -> Any:  # noqa: ANN401
        """Return the value at the position, reading on as long as it is not whole; the position is moved behind it."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Near the window's end, or in a string without one, the rest of it may be yet to come.
                cut = error.pos > len(self._text) - 16 or error.msg.startswith(("Unterminated", "Invalid \\"))
                if not cut or not self._more():
                    raise _Malformed(error.msg) from error
                if len(self._text) > self._limit:
                    raise _Malformed(f"an object of more than {self._limit} bytes") from error
            except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
                raise _Malformed(str(error)) from error
            else:
                # A number may go on in what is not read yet.
                if end == len(self._text) and self._text[self._at] not in '{["' and self._more():
                    continue
                self._at = end
                return value


def _members_of(text: str) -> dict[str, Any]:
    """Return the members of the object that a text starts with; of a value that is cut, what can be told of it.

    Example:
        >>> _members_of('{"a": 1, "b": {"c": 2}, "items": [{"d": ')
        {'a': 1, 'b': {'c': 2}, 'items': [{}]}
        >>> _members_of('{"message": {"items": [')
        {'message': {'items': []}}
    """
    members: dict[str, Any] = {}
    at = _after_space(text, 1)
    while text[at : at + 1] == '"':
        try:
            name, at = _DECODER.raw_decode(text, at)
        except ValueError:
            break
        at = _after_space(text, at)
        if text[at : at + 1] != ":":
            break
        at = _after_space(text, at + 1)
        try:
            members[name], at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            members[name] = _cut_value(text[at:])
            break
        at = _after_space(text, at)
        if text[at : at + 1] != ",":
            break
        at = _after_space(text, at + 1)
    return members


def _cut_value(text: str) -> Any:  # noqa: ANN401 - any JSON may come
    """Return what can be told of a value that is not whole."""
    if text.startswith("{"):
        return _members_of(text)
    if text.startswith("["):
        return [{}] if text[_after_space(text, 1) :].startswith("{") else []
    return ""


def _after_space(text: str, at: int) -> int:
    """Return the position of the next character that is no white space."""
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
