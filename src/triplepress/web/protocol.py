"""HTTP as uvicorn speaks it, except that kept answers (`answers.py`) are given before anything else is done.

A request costs the server some 150 µs of Python between parser and handler: a scope, a task, the middleware, routing.
For an answer that is already there, all of it is waste. The parser stays uvicorn's own (httptools); what is answered
here is decided once it has read all of a request's headers. Everything unusual goes the whole way.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from triplepress.web.answers import ASKED, Answer, Asked, asked_of, names_it
from triplepress.web.edition import CurrentEdition

# A slow client takes long to read what the system holds for it, and only then is more sent.
_LINGER_SECONDS: Final = 120.0
_METHODS: Final = frozenset({b"GET", b"HEAD"})
_UNCHANGED: Final = b"HTTP/1.1 304 Not Modified\r\n"


class _Joining:
    """A transport that sends what is written in one turn of the event loop at once: an answer's headers and content.

    uvicorn writes them one after the other, and each send wakes the client.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send some bytes before this turn ends."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)

    def flush(self) -> None:
        """Send what is waiting now."""
        if self._waiting:
            self._transport.write(b"".join(self._waiting))
            self._waiting.clear()

    def close(self) -> None:
        """Send what is waiting, and close; without it if the client reads no more."""
        self.flush()
        self._transport.close()
        self._linger(None)

    def _linger(self, before: int | None) -> None:
        """Look whether the client reads what is still to be sent: for that, a transport that closes waits for ever."""
        left = self._transport.get_write_buffer_size()
        if left and left == before:
            self._transport.abort()
        elif left:
            self._loop.call_later(_LINGER_SECONDS, self._linger, left)


class AnsweringProtocol(HttpToolsProtocol):
    """One connection. The application's lifespan names the editions: `yield {"current": CurrentEdition(...)}`."""

    _answered = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin."""
        self._joining = _Joining(transport)
        super().connection_made(cast("asyncio.Transport", self._joining))

    def on_headers_complete(self) -> None:
        """Answer from what is kept, or begin to ask the application."""
        self._answered = self._answer()
        if not self._answered:
            # A kept answer before this one on the connection has set it; uvicorn takes it back only when more is read.
            self._unset_keepalive_if_required()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a request's content; a request that was answered here has none."""
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Take note that a request is complete."""
        if not self._answered:
            super().on_message_complete()

    def _answer(self) -> bool:
        """Return whether the request was answered from what is kept."""
        method = self.parser.get_method()
        current: CurrentEdition | None = self.app_state.get("current")
        edition = current.edition if current is not None else None
        if edition is None or method not in _METHODS or self.parser.get_http_version() != "1.1":
            return False
        asked, unless = asked_of(self.url, self.headers)
        if asked is None:
            return False
        answer = edition.answers.get(asked)
        if answer is not None and self._is_free():
            if names_it(unless, answer.tag):
                return self._give(304, _UNCHANGED, answer.unchanged, b"")
            if answer.status != 304:
                return self._give(answer.status, answer.head, answer.headers, b"" if method == b"HEAD" else answer.body)
        self._remember(asked, answer, method)
        return False

    def _remember(self, asked: Asked, answer: Answer | None, method: bytes) -> None:
        """Let the application's answer be kept, unless it is kept already."""
        if method == b"GET" and (answer is None or answer.status == 304):
            self.scope[ASKED] = asked  # type: ignore[typeddict-unknown-key]  # an extension of ASGI's scope

    def _is_free(self) -> bool:
        """Return whether an answer may be written now: none before it is under way, and the client reads."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        # The log names the client that a proxy names, which only the application's side works out.
        return not (self.access_log and any(name == b"x-forwarded-for" for name, _ in self.headers))

    def _give(self, status: int, head: bytes, headers: bytes, body: bytes) -> bool:
        """Write an answer; then the connection waits for the next request, or ends if the client wants that."""
        if self.access_log:
            host, port = self.client or ("", 0)
            line = self.url.decode("latin-1")
            method = self.parser.get_method().decode()
            self.access_logger.info('%s - "%s %s HTTP/%s" %d', f"{host}:{port}", method, line, "1.1", status)
        keep_alive = self.parser.should_keep_alive()
        defaults = [b"%s: %s\r\n" % header for header in self.server_state.default_headers]
        if not keep_alive:
            defaults.append(b"connection: close\r\n")
        self.transport.write(b"".join((head, *defaults, headers, body)))
        self._joining.flush()
        self.server_state.total_requests += 1
        if keep_alive:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.transport.close()
        return True
