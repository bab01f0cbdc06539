"""Errors as HTTP: problem details for programs, a page for people.

The one module that turns an error of Triplepress into a status code.

References:
    RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from triplepress.errors import (
    QueryCut,
    QueryError,
    QueryMemory,
    QueryTimeout,
    StoreBusy,
    StoreDown,
    StoreError,
    StoreSlow,
    TriplepressError,
)
from triplepress.rdf.formats import HTML, Format
from triplepress.web.negotiate import accept_of, negotiate

PROBLEM_JSON: Final = Format(
    "problem", "Problem details", "application/problem+json", "json", "page", None, ("application/json",)
)
_log = logging.getLogger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, as RFC 9457 puts it.

    Attributes:
        status: The HTTP status code.
        title: The kind of problem, the same for every occurrence.
        detail: This occurrence: what happened, where, and what to do.
        extra: Members beyond the standard ones, such as `line` and `column` of a query.
        headers: Response headers that go with it, such as `Retry-After`.
    """

    status: int
    title: str
    detail: str
    extra: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}

    def as_json(self) -> bytes:
        """Return the problem details as a JSON document."""
        members = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return msgspec.json.encode(members | dict(self.extra))


class ProblemError(Exception):
    """Raised inside a handler to answer with a problem; only the web layer raises and catches it."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem.detail)
        self.problem = problem


PageRenderer = Callable[[Request, Problem], str]


def problem(
    status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **extra: object
) -> Response:
    """Return problem details as a response.

    Args:
        status: The HTTP status code.
        title: The kind of problem.
        detail: This occurrence.
        headers: Further response headers.
        extra: Further members of the document; values that JSON can hold.
    """
    return json_response(Problem(status=status, title=title, detail=detail, extra=extra, headers=headers or {}))


def json_response(found: Problem) -> Response:
    """Return a problem as `application/problem+json`."""
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **found.headers}
    return Response(found.as_json(), found.status, headers, PROBLEM_JSON.media_type)


def not_acceptable(offered: Sequence[Format]) -> Problem:
    """Return the problem of a client that takes nothing of what there is; it lists what there is (RFC 9110, 15.5.7)."""
    names = ", ".join(row.media_type for row in offered)
    rows = [{"format": row.name, "media_type": row.media_type} for row in offered]
    return Problem(status=406, title="Not acceptable", detail=f"Ask for one of: {names}.", extra={"offered": rows})


def not_found(detail: str, **extra: object) -> Problem:
    """Return the problem of an address behind which there is nothing."""
    return Problem(status=404, title="Not found", detail=detail, extra=extra)


def problem_of(error: Exception) -> Problem:
    """Return the problem that an error is to a client.

    An error nobody foresaw says nothing about the server's insides; it is in the log.
    """
    headers: dict[str, str] = {}
    extra: dict[str, Any] = {}
    detail = str(error)
    match error:
        case ProblemError():
            return error.problem
        case HTTPException():
            status, title = error.status_code, HTTPStatus(error.status_code).phrase
            headers = dict(error.headers or {})
        case QueryTimeout():
            status, title = 503, "Query stopped"
            extra = {"seconds": error.seconds}
        case QueryError():
            status, title = 400, "Query not understood"
            extra = {name: at for name in ("line", "column") if (at := getattr(error, name)) is not None}
        case QueryMemory():
            status, title = 503, "Query needs too much memory"
            extra = {"bytes": error.allowance}
        case QueryCut():
            status, title = 503, "Result too long"
            extra = {"rows": error.rows}
        case StoreBusy():
            status, title = 503, "Too many queries"
            headers = {"Retry-After": str(error.retry_after)}
        case StoreDown():
            status, title = 503, "Store not available"
            headers = {"Retry-After": str(error.retry_after)}
        case StoreSlow():
            status, title = 504, "Store too slow"
            headers = {"Retry-After": str(error.retry_after)}
            extra = {"seconds": error.seconds}
        case StoreError():
            status, title = 503, "Store not available"
        case TriplepressError():
            status, title = 500, "Server error"
        case _:
            status, title, detail = 500, "Server error", "The server failed; the reason is in its log."
    return Problem(status=status, title=title, detail=detail, extra=extra, headers=headers)


def wants_page(request: Request) -> bool:
    """Return whether a client would rather read a page than data: a browser, not `*/*`."""
    return negotiate(accept_of(request.headers), (PROBLEM_JSON, HTML)) is HTML


def respond(request: Request, found: Problem, render: PageRenderer | None = None) -> Response:
    """Return a problem as the client likes it: a page in a browser, problem details otherwise.

    Args:
        request: The request that failed.
        found: The problem.
        render: Makes the page; None makes a plain one.
    """
    if not wants_page(request):
        return json_response(found)
    headers = {"Cache-Control": "no-store", "Vary": "Accept", **found.headers}
    return Response((render or _plain_page)(request, found), found.status, headers, HTML.content_type)


def _plain_page(_request: Request, found: Problem) -> str:
    """Return a page that needs nothing but itself."""
    title, detail = html.escape(found.title), html.escape(found.detail)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1><p>{detail}</p></main></body></html>"
    )


def install(app: Starlette, render: PageRenderer | None = None) -> None:
    """Let an application answer every error with a problem.

    Args:
        app: A Starlette or FastAPI application.
        render: Makes the page for a browser; None makes a plain one.
    """

    async def answer(request: Request, error: Exception) -> Response:
        found = problem_of(error)
        if found.status >= 500 and not isinstance(error, (StoreError, ProblemError)):
            _log.error("%s %s", request.method, request.url.path, exc_info=error)
        return respond(request, found, render)

    for kind in (TriplepressError, ProblemError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)
