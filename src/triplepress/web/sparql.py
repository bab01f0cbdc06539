"""The SPARQL endpoint.

rdflib-endpoint is the frame: its router is mounted where the endpoint is, at the path and at its variant with a slash.
Its own handlers evaluate in Python on the event loop and decode forms twice, so ours take their place: queries run in
worker processes and are streamed.

References:
    SPARQL 1.1 Protocol, section 2.1; SPARQL 1.1 Service Description; WHATWG Fetch (CORS).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from rdflib import Graph
from rdflib_endpoint import SparqlRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triplepress.errors import TriplepressError
from triplepress.rdf.formats import GRAPH_FORMATS, HTML, RESULT_FORMATS, Format
from triplepress.settings import Settings
from triplepress.store.protocol import Result
from triplepress.web.dereference import edition_of
from triplepress.web.description import dataset_description
from triplepress.web.edition import Edition
from triplepress.web.editor import editor_page, result_page
from triplepress.web.headers import CACHE_BRIEFLY, entity_tag, is_unchanged
from triplepress.web.problems import Problem, ProblemError, not_acceptable, problem_of
from triplepress.web.query_request import QueryRequest, read_query_request
from triplepress.web.representation import represent
from triplepress.web.streaming import ClientGoneError, StreamedResult, until_gone

PATH: Final = "/sparql"
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
# Any site's script may ask, without credentials: there is nothing here that is not public.
_CORS: Final = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link, Retry-After"}
_PREFLIGHT: Final = {
    **_CORS,
    "Allow": ", ".join(_METHODS),
    "Access-Control-Allow-Methods": ", ".join(_METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class SparqlEndpoint(SparqlRouter):
    """rdflib-endpoint's router with handlers that ask the current release's worker processes."""

    def __init__(self, settings: Settings) -> None:
        """Mount the endpoint at `/sparql` and `/sparql/`."""
        self._settings = settings
        super().__init__(
            path=PATH,
            title=settings.title,
            description=settings.description,
            graph=Graph(),
            public_url=f"{settings.base}sparql",
        )

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401, ARG002
        """Put our handler, for every method at once, where the frame puts its own for each."""
        if "GET" in options["methods"]:
            self.add_route(path, self.answer, methods=list(_METHODS), name=options["name"], include_in_schema=False)

    def prepare_sd_graph(self) -> None:
        """Prepare nothing: the service description is part of the release."""

    def serve_yasgui(self) -> Response:
        """Lead to our own editor; the frame's loads its parts from another host."""
        return RedirectResponse(self.public_url, 303)

    async def answer(self, request: Request) -> Response:
        """Answer one request to the endpoint."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        try:
            asked = await read_query_request(request, self._settings.max_query_bytes)
            if asked.query is None:
                return await self._describe(request, asked)
            return await self._evaluate(request, asked)
        except (TriplepressError, ProblemError) as error:
            raise _for_any_origin(error) from error
        except ClientGoneError:
            # Nobody reads this.
            return Response(status_code=499)

    async def _describe(self, request: Request, asked: QueryRequest) -> Response:
        """Answer a request without a query: the editor to a browser, the service description to a program."""
        if request.method == "POST":
            raise ProblemError(Problem(status=400, title="Bad request", detail="There is no `query` in the request."))
        offered = (*GRAPH_FORMATS, HTML)
        chosen = asked.choose(offered)
        if chosen is None:
            raise ProblemError(not_acceptable(offered))
        if chosen is HTML:
            return await editor_page(request)
        edition = edition_of(request)
        tag = entity_tag(edition.id, PATH, chosen.name)
        headers = {"ETag": tag, "Cache-Control": CACHE_BRIEFLY, "Vary": "Accept", **_CORS}
        if is_unchanged(request.headers, tag):
            return Response(status_code=304, headers=headers)
        content = await represent(dataset_description(edition), chosen)
        return Response(content, headers={**headers, "Content-Type": chosen.content_type})

    async def _evaluate(self, request: Request, asked: QueryRequest) -> Response:
        """Answer a query."""
        results = asked.choose((*RESULT_FORMATS, HTML))
        graph = asked.choose((*GRAPH_FORMATS, HTML))
        if results is HTML and graph is HTML:
            async with until_gone(request.receive):
                return await result_page(request, asked)
        if results is HTML:
            results = asked.choose(RESULT_FORMATS)
        if graph is HTML:
            graph = asked.choose(GRAPH_FORMATS)
        if results is None and graph is None:
            raise ProblemError(not_acceptable((*RESULT_FORMATS, *GRAPH_FORMATS, HTML)))
        edition = edition_of(request)
        tag = _entity_tag(edition.id, asked, results, graph)
        if request.method != "POST" and is_unchanged(request.headers, tag):
            return Response(
                status_code=304, headers={"ETag": tag, "Cache-Control": CACHE_BRIEFLY, "Vary": "Accept", **_CORS}
            )
        for kind, chosen in (("results", results), ("graph", graph)):
            kept = edition.cache.get(f"{tag} {kind}") if chosen is not None else None
            if kept is not None and chosen is not None:
                return Response(kept, headers=_lasting_headers(chosen, tag))
        default_graphs, named_graphs = asked.dataset
        run = partial(
            edition.pool.run,
            asked.query or "",
            results_format=results,
            graph_format=graph,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            timeout=asked.timeout,
            head_only=request.method == "HEAD",
        )
        return StreamedResult(run, partial(_headers, tag=tag), _for_any_origin, partial(_keep, edition, tag))


def sparql_router(settings: Settings) -> SparqlEndpoint:
    """Return the router of the endpoint; requests carry the edition that they ask (`edition_of`)."""
    return SparqlEndpoint(settings)


def _entity_tag(release: str, asked: QueryRequest, results: Format | None, graph: Format | None) -> str:
    """Return the weak entity tag of an answer: the same solutions, though perhaps in another order."""
    names = [row.name if row else "" for row in (results, graph)]
    # A query may have any character in it, also the one that parts of a tag are told apart by.
    return "W/" + entity_tag(release, PATH, repr((asked.query, asked.default_graphs, asked.named_graphs, names)))


def _headers(result: Result, *, tag: str) -> dict[str, str]:
    """Return the headers of a result.

    Raises:
        ProblemError: The client takes no format of this kind.
    """
    if result.format is None:
        raise ProblemError(not_acceptable(GRAPH_FORMATS if result.kind == "graph" else RESULT_FORMATS))
    if result.volatile:
        headers = {"Content-Type": result.format.content_type, "Vary": "Accept", **_CORS}
        return headers | {"Cache-Control": "no-store"}
    return _lasting_headers(result.format, tag)


def _lasting_headers(chosen: Format, tag: str) -> dict[str, str]:
    """Return the headers of a result that is the same as long as its release."""
    headers = {"Content-Type": chosen.content_type, "Vary": "Accept", **_CORS}
    return headers | {"Cache-Control": CACHE_BRIEFLY, "ETag": tag}


def _keep(edition: Edition, tag: str, result: Result, content: bytes) -> None:
    """Keep a whole result for who asks the same in other words of HTTP, by POST or with another `Accept`."""
    edition.cache.put(f"{tag} {'graph' if result.kind == 'graph' else 'results'}", content, len(content))


def _for_any_origin(error: Exception) -> Exception:
    """Return an error as a problem that scripts of any site may read."""
    if not isinstance(error, (TriplepressError, ProblemError)):
        return error
    found = problem_of(error)
    return ProblemError(msgspec.structs.replace(found, headers={**found.headers, **_CORS}))
