"""The single documents: home, about, report, the list of dumps, the mapping, the shapes, the schema, liveness."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import cache

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from triplepress.rdf.formats import GRAPH_FORMATS, HTML, JSON_LD, TURTLE, Format
from triplepress.record import record_schema
from triplepress.resources import resource
from triplepress.web.dereference import data_of, edition_of, redirect
from triplepress.web.edition import Edition
from triplepress.web.headers import CACHE_BRIEFLY, CACHE_FOR_EVER, allow_any_origin, entity_tag, is_unchanged
from triplepress.web.negotiate import accept_of, negotiate
from triplepress.web.pages.about import about_page
from triplepress.web.pages.dumps_page import dumps_page
from triplepress.web.pages.home import home_page
from triplepress.web.pages.report import report_page
from triplepress.web.problems import ProblemError, not_acceptable, not_found
from triplepress.web.rendering import site_of
from triplepress.web.representation import context_document as mapping_document
from triplepress.web.things import Thing

DATASET = Thing("dataset", "dataset", "dataset")
JSON = Format("json", "JSON", "application/json", "json", "page")
PageMaker = Callable[[Request, Edition, dict[str, str]], Awaitable[Response]]


async def home(request: Request) -> Response:
    """Answer `/`: the home page, or the dataset's description by `Accept`."""
    chosen = negotiate(accept_of(request.headers), (HTML, *GRAPH_FORMATS))
    if chosen is None:
        raise ProblemError(not_acceptable((HTML, *GRAPH_FORMATS)))
    if chosen is not HTML or "format" in request.query_params:
        return await data_of(request, DATASET)
    return await _page(request, "/", home_page, vary="Accept, Accept-Language", data_path="/data/dataset")


async def about(request: Request) -> Response:
    """Answer `/about`."""
    return await _page(request, "/about", about_page)


async def dumps(request: Request) -> Response:
    """Answer `/dumps/`; without the slash, links in the list would lead astray."""
    if request.scope["path"] == "/dumps":
        return redirect(request, "/dumps/", 301)
    return await _page(request, "/dumps/", dumps_page)


async def _page(
    request: Request,
    path: str,
    make: PageMaker,
    *,
    vary: str = "Accept-Language",
    data_path: str | None = None,
) -> Response:
    """Return a page of the release, 304 where the client has it already."""
    site, edition = site_of(request), edition_of(request)
    tag = entity_tag(
        edition.id, site.fingerprint, path, "html", site.language(request), sorted(request.query_params.items())
    )
    headers = {"ETag": tag, "Cache-Control": CACHE_BRIEFLY, "Vary": vary}
    if data_path is not None:
        headers["Link"] = f'<{site.prefix}{data_path}>; rel="describedby"; type="text/turtle"'
    if is_unchanged(request.headers, tag):
        return Response(status_code=304, headers=headers)
    return await make(request, edition, headers)


async def report(request: Request) -> Response:
    """Answer `/report`: a page, JSON or a `sh:ValidationReport` in Turtle, by `Accept` or `?format=`."""
    offered = (HTML, JSON, TURTLE)
    asked = request.query_params.get("format")
    if asked is not None:
        chosen = next((row for row in offered if row.name == asked), None)
    else:
        chosen = negotiate(accept_of(request.headers), offered)
    if chosen is None:
        raise ProblemError(not_acceptable(offered))
    if chosen is HTML:
        return await _page(request, "/report", report_page, vary="Accept, Accept-Language")
    edition = edition_of(request)
    path = edition.folder / f"report.{chosen.extension}"
    try:
        status = await anyio.to_thread.run_sync(path.stat)
    except FileNotFoundError as error:
        raise ProblemError(not_found("This release has no validation report.")) from error
    tag = entity_tag(request.scope["path"], edition.id, chosen.name)
    headers = {"ETag": tag, "Cache-Control": CACHE_BRIEFLY, "Vary": "Accept"}
    if is_unchanged(request.headers, tag):
        answer = Response(status_code=304, headers=headers)
    else:  # as large as the edition makes it, so it is never read whole
        answer = FileResponse(path, headers=headers, media_type=chosen.content_type, stat_result=status)
    allow_any_origin(answer.headers)
    return answer


def _document(request: Request, content: bytes, content_type: str) -> Response:
    """Return a small file, for scripts of any site, 304 where the client has it already."""
    tag = entity_tag(content.hex())
    headers = {"ETag": tag, "Cache-Control": CACHE_BRIEFLY}
    unchanged = is_unchanged(request.headers, tag)
    response = Response(
        b"" if unchanged else content, 304 if unchanged else 200, headers, None if unchanged else content_type
    )
    allow_any_origin(response.headers)
    return response


@cache
def _resource(folder: str, name: str) -> bytes:
    return resource(folder, name).read_bytes()


async def context_document(request: Request) -> Response:
    """Answer `/context.jsonld`: the mapping, which is also the context of the JSON-LD."""
    return _document(request, mapping_document(), JSON_LD.content_type)


async def shapes_document(request: Request) -> Response:
    """Answer `/shapes.ttl`: the shapes of the gate."""
    return _document(request, _resource("ontology", "shapes.ttl"), TURTLE.content_type)


async def profile_document(request: Request) -> Response:
    """Answer `/profile.ttl`: the application profile."""
    return _document(request, _resource("ontology", "profile.ttl"), TURTLE.content_type)


async def record_schema_document(request: Request) -> Response:
    """Answer `/record.schema.json`: the JSON Schema of the canonical record."""
    content = json.dumps(record_schema(), ensure_ascii=False, indent=2).encode()
    return _document(request, content, "application/schema+json")


async def well_known_void(request: Request) -> Response:
    """Answer `/.well-known/void`: 302 to the dataset's description.

    References:
        Describing Linked Datasets with the VoID Vocabulary, section 7.2 (RFC 5785 well-known URI).
    """
    return redirect(request, DATASET.data_path, 302, keep=("format",))


async def health(_request: Request) -> Response:
    """Answer whether the process lives."""
    return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})


async def ready(request: Request) -> Response:
    """Answer whether a release is open and read ahead: 200, else 503 with what is missing."""
    edition: Edition | None = request.scope["triplepress.edition"]
    headers = {"Cache-Control": "no-store"}
    if edition is None:
        problem = request.app.state.current.nothing_yet()
        return JSONResponse({"status": "no release", "detail": problem.detail}, 503, headers)
    if not getattr(edition.store, "ready", True):
        return JSONResponse({"status": "reading ahead", "release": edition.id}, 503, headers)
    return JSONResponse({"status": "ready", "release": edition.id}, headers=headers)


async def robots(request: Request) -> Response:
    """Answer `/robots.txt`: all is open, queries are not for crawlers."""
    prefix = site_of(request).prefix
    return PlainTextResponse(f"User-agent: *\nDisallow: {prefix}/sparql?\nDisallow: {prefix}/lookup\n")


async def static_file(request: Request) -> Response:
    """Answer with a file of the pages, by the name with its digest or by its plain name."""
    asked: str = request.path_params["file"]
    parts = asked.split(".")
    digest = parts[1] if len(parts) == 3 else None  # stem, digest, suffix
    found = site_of(request).static.get(f"{parts[0]}.{parts[-1]}")
    if found is None or digest not in {None, found.digest}:
        raise ProblemError(not_found(f"There is no file “{asked}”."))
    tag = f'"{found.digest}"'
    headers = {"ETag": tag, "Cache-Control": CACHE_FOR_EVER if digest else CACHE_BRIEFLY}
    if is_unchanged(request.headers, tag):
        return Response(status_code=304, headers=headers)
    return Response(found.content, 200, headers, found.media_type)
