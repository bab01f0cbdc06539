"""A query's result on its way to the client.

Nothing is sent before the first bytes of the result are there, so what fails before them is an ordinary problem. After
them a failure breaks the transfer off: a chunked body without its last chunk is no complete answer to any client. To a
client of HTTP/1.0, which cannot tell, the result is sent when it is complete, with its length.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import IO, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from triplepress.errors import StoreError, TriplepressError
from triplepress.store.protocol import Result
from triplepress.web.cache import ITEM_BYTES

_log = logging.getLogger(__name__)
_IN_MEMORY: Final = 1024 * 1024
_SPOOLED: Final = 256 * 1024 * 1024
_PIECE: Final = 64 * 1024
_UNWATCHED_SECONDS: Final = 0.1
# A client that takes nothing more of a result that has ended is let go of after so long, within two looks if it failed.
_UNREAD_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 2.0

Headers = Mapping[str, str]


class StreamedResult(Response):
    """A response that runs a query while it is sent, and ends it when the client leaves.

    Args:
        run: Begins the query, as `QueryPool.run` does.
        headers_of: Returns the headers for a result that has begun; raises to refuse it.
        failed: Turns an error that comes before the first byte into the one to raise.
        keep: Is given the content once all of it is sent, unless it is large or may change.
    """

    def __init__(
        self,
        run: Callable[[], AbstractAsyncContextManager[Result]],
        headers_of: Callable[[Result], Headers],
        failed: Callable[[Exception], Exception],
        keep: Callable[[Result, bytes], None],
    ) -> None:
        """Begin nothing yet."""
        super().__init__()
        self._run = run
        self._headers_of = headers_of
        self._failed = failed
        self._keep = keep
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the query and send its result."""
        try:
            async with until_gone(receive):
                await self._send(scope, send)
        except ClientGoneError:
            _log.info("the client left, its query was ended")
        except Exception as error:
            if not self._started:
                raise self._failed(error) from error
            if not isinstance(error, TriplepressError):
                raise
            # Without the last piece the server closes the connection on an unfinished body.
            _log.warning("a result was broken off: %s", error)

    async def _send(self, scope: Scope, send: Send) -> None:
        """Send headers and pieces."""
        async with self._run() as result:
            headers = dict(self._headers_of(result))
            pieces: AsyncIterator[bytes] = aiter(result)
            size = result.size
            with contextlib.ExitStack() as stack:
                if scope["method"] != "HEAD":
                    if size is None and scope["http_version"] == "1.0":
                        spool = stack.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
                        size = await _spool(pieces, spool)
                        pieces = _read(spool)
                    if size is not None:
                        headers["Content-Length"] = str(size)
                raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
                await send({"type": "http.response.start", "status": 200, "headers": raw})
                self._started = True
                if scope["method"] == "HEAD":
                    await send({"type": "http.response.body"})
                elif size is not None and size <= ITEM_BYTES:
                    content = b"".join([piece async for piece in pieces])
                    await send({"type": "http.response.body", "body": content})
                    if not result.volatile:
                        self._keep(result, content)
                else:
                    await _Sending(result, send).pieces(pieces)


class _Sending:
    """A result that is sent as it comes; one that has ended is not kept for a client that reads nothing.

    Args:
        result: The result.
        send: Where its pieces go.
    """

    def __init__(self, result: Result, send: Send) -> None:
        """Send nothing yet."""
        self._result = result
        self._send = send
        self._sent = 0

    async def pieces(self, pieces: AsyncIterator[bytes]) -> None:
        """Send all pieces, and the end.

        Raises:
            StoreError: The client does not read.
        """
        try:
            async with asyncio.timeout(None) as limit:
                watch = asyncio.create_task(self._watch(limit))
                try:
                    async for piece in pieces:
                        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
                        self._sent += 1
                    await self._send({"type": "http.response.body"})
                finally:
                    watch.cancel()
        except TimeoutError as error:
            raise StoreError("the client does not read it") from error

    async def _watch(self, limit: asyncio.Timeout) -> None:
        """End the sending when the client has taken nothing for a while."""
        sent, unread = -1, 0.0
        while not self._is_given_up(unread):
            await asyncio.sleep(_LOOK_SECONDS)
            unread = unread + _LOOK_SECONDS if self._sent == sent else 0.0
            sent = self._sent
        limit.reschedule(asyncio.get_running_loop().time())

    def _is_given_up(self, unread: float) -> bool:
        """Return whether a client that has taken nothing for some seconds is let go of.

        As long as more may come of the result, its deadline is the limit.
        """
        if getattr(self._result, "failed", False):
            return unread > 0
        return self._result.size is not None and unread >= _UNREAD_SECONDS


class ClientGoneError(Exception):
    """The client closed its connection."""


class until_gone:  # noqa: N801 - reads as a statement, like asyncio.timeout
    """Cancels its block as soon as the client is gone, which is then raised as `ClientGoneError`.

    Who asks for something quick is not watched: the watch is a task of its own, and begins only after a moment.

    Args:
        receive: The request's own; its body has been read.

    Raises:
        ClientGoneError: The client left first.
    """

    def __init__(self, receive: Receive) -> None:
        """Watch nothing yet."""
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    async def __aenter__(self) -> None:
        """Begin."""
        self._task = asyncio.current_task()
        self._timer = asyncio.get_running_loop().call_later(_UNWATCHED_SECONDS, self._begin)

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the watch."""
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._gone and self._task is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise ClientGoneError

    def _begin(self) -> None:
        self._watch = asyncio.get_running_loop().create_task(_gone(self._receive))
        self._watch.add_done_callback(self._left)

    def _left(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and self._task is not None:
            self._gone = True
            self._task.cancel()


async def _gone(receive: Receive) -> None:
    """Return when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _spool(pieces: AsyncIterator[bytes], spool: IO[bytes]) -> int:
    """Write a result aside and return its size in bytes."""
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > _SPOOLED:
            raise StoreError("the result is too large for HTTP/1.0; ask with HTTP/1.1")
        spool.write(piece)
    spool.seek(0)
    return size


async def _read(spool: IO[bytes]) -> AsyncIterator[bytes]:
    """Give what was written aside."""
    while piece := spool.read(_PIECE):
        yield piece
