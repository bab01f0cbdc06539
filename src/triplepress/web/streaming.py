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
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import IO, Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from triplepress.errors import StoreError, TriplepressError
from triplepress.store.workers import QueryResult

_log = logging.getLogger(__name__)
_IN_MEMORY: Final = 1024 * 1024
_SPOOLED: Final = 256 * 1024 * 1024
_PIECE: Final = 64 * 1024

Headers = Mapping[str, str]


class StreamedResult(Response):
    """A response that runs a query while it is sent, and ends it when the client leaves.

    Args:
        run: Begins the query, as `QueryPool.run` does.
        headers_of: Returns the headers for a result that has begun; raises to refuse it.
        failed: Turns an error that comes before the first byte into the one to raise.
    """

    def __init__(
        self,
        run: Callable[[], AbstractAsyncContextManager[QueryResult]],
        headers_of: Callable[[QueryResult], Headers],
        failed: Callable[[Exception], Exception],
    ) -> None:
        """Begin nothing yet."""
        super().__init__()
        self._run = run
        self._headers_of = headers_of
        self._failed = failed
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the query and send its result."""
        try:
            await until_gone(receive, self._send(scope, send))
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
                if scope["method"] != "HEAD":
                    async for piece in pieces:
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})


class ClientGoneError(Exception):
    """The client closed its connection."""


async def until_gone(receive: Receive, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work returns
    """Do some work, or cancel it as soon as the client is gone.

    Args:
        receive: The request's own; its body has been read.
        work: What to do.

    Raises:
        ClientGoneError: The client left first.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGoneError
        return task.result()
    finally:
        for each in (task, gone):
            each.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


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
