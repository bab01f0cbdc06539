"""Whole answers of one release, kept as the bytes that went over the wire.

A release never changes, so what was answered once is right for as long as it is served. Kept is what any client may be
given again: an answer to GET that says `Cache-Control: public` for a short time and depends on nothing but the address,
`Accept` and `Accept-Language`. Answers that vary from one time to the next, failures, and what was broken off say
`no-store` or never come to their end, and are not kept. `protocol.py` gives kept answers before any routing.

References:
    RFC 9111, section 3 (storing responses); RFC 9110, section 15.4.5 (304 Not Modified).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.types import Message, Send

from triplepress.web.cache import ITEM_BYTES, Cache
from triplepress.web.headers import CACHE_BRIEFLY, entity_tags

_KEPT_STATUSES: Final = {
    200: b"HTTP/1.1 200 OK\r\n",
    301: b"HTTP/1.1 301 Moved Permanently\r\n",
    302: b"HTTP/1.1 302 Found\r\n",
    303: b"HTTP/1.1 303 See Other\r\n",
}
_KEY_HEADERS: Final = frozenset({b"accept", b"accept-language"})
# With these a request asks for something else than the whole answer, or brings something along.
_NOT_SIMPLE: Final = frozenset(
    {
        *(b"range", b"if-range", b"if-match", b"if-modified-since", b"if-unmodified-since", b"authorization"),
        *(b"content-length", b"transfer-encoding", b"expect", b"upgrade"),
    }
)
# Describe content, which a 304 does not have.
_OF_CONTENT: Final = frozenset({b"content-type", b"content-length", b"content-language", b"content-security-policy"})

ASKED: Final = "triplepress.asked"
"""Where the scope of a request says under what its answer may be kept; without it, it is not kept."""
Headers = Sequence[tuple[bytes, bytes]]


class Asked(NamedTuple):
    """What an answer depends on: the address as it came, and what the client takes."""

    address: bytes
    accept: bytes
    language: bytes


class Answer(NamedTuple):
    """One answer.

    Attributes:
        status: Of the whole answer; 304 where only its entity tag is known.
        head: Its status line.
        headers: Its headers and the blank line, without a date.
        body: Its content.
        tag: Its entity tag without `W/`, None without one.
        unchanged: The headers of a 304 and the blank line.
    """

    status: int
    head: bytes
    headers: bytes
    body: bytes
    tag: str | None
    unchanged: bytes

    @property
    def size(self) -> int:
        """The bytes of its content and headers."""
        return len(self.headers) + len(self.body) + len(self.unchanged)


Answers = Cache[Asked, Answer]


def asked_of(address: bytes, headers: Headers) -> tuple[Asked | None, bytes]:
    """Return what a GET or HEAD asks for, None when no kept answer will do, and its `If-None-Match`.

    Args:
        address: The request's target as it came over the wire.
        headers: Names in lower case.
    """
    accept = language = unless = b""
    for name, value in headers:
        if name == b"accept":
            accept = accept + b", " + value if accept else value
        elif name == b"accept-language":
            language = language + b", " + value if language else value
        elif name == b"if-none-match":
            unless = unless + b", " + value if unless else value
        elif name in _NOT_SIMPLE:
            return None, b""
    return Asked(address, accept, language), unless


def names_it(unless: bytes, tag: str | None) -> bool:
    """Return whether an `If-None-Match` names an entity tag."""
    return tag is not None and (unless == b"*" or tag in entity_tags(unless.decode("latin-1")))


@dataclass(slots=True)
class Keeping:
    """Passes an answer on, and keeps it once its last byte is sent.

    Attributes:
        answers: Where it is kept.
        asked: What it answers.
        send: Where it goes.
    """

    answers: Answers
    asked: Asked
    send: Send
    _start: Message | None = None
    _pieces: list[bytes] | None = None
    _size: int = 0

    async def __call__(self, message: Message) -> None:
        """Pass one message of an answer on."""
        await self.send(message)
        if message["type"] == "http.response.start":
            if _may_be_kept(message):
                self._start, self._pieces = message, []
        elif self._pieces is not None and self._start is not None:
            body: bytes = message.get("body", b"")
            self._size += len(body)
            if self._size > ITEM_BYTES:
                self._pieces = None
                return
            if body:
                self._pieces.append(body)
            if not message.get("more_body", False):
                answer = _answer(self._start, b"".join(self._pieces))
                self.answers.put(self.asked, answer, answer.size)
                self._pieces = None


def _may_be_kept(start: Message) -> bool:
    """Return whether an answer with this beginning is right for everybody who asks the same of this release."""
    headers = dict(start["headers"])
    status = start["status"]
    if not (status in _KEPT_STATUSES or (status == 304 and b"etag" in headers)):
        return False
    varies = {name.strip().lower() for name in headers.get(b"vary", b"").split(b",") if name.strip()}
    return bool(
        headers.get(b"cache-control") == CACHE_BRIEFLY.encode()
        and varies <= _KEY_HEADERS
        and b"set-cookie" not in headers
        and int(headers.get(b"content-length", b"0")) <= ITEM_BYTES
    )


def _answer(start: Message, body: bytes) -> Answer:
    """Return an answer from its beginning and its whole content."""
    status: int = start["status"]
    headers = [(name, value) for name, value in start["headers"] if name not in {b"content-length", b"date"}]
    tag = dict(headers).get(b"etag")
    of_304 = [(name, value) for name, value in headers if name not in _OF_CONTENT]
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    return Answer(
        status,
        _KEPT_STATUSES.get(status, b""),
        _block(headers),
        body,
        tag.decode("latin-1").removeprefix("W/") if tag is not None else None,
        _block(of_304),
    )


def _block(headers: Headers) -> bytes:
    """Return headers as they stand in an HTTP/1.1 message, with the blank line after them."""
    return b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n"
