"""The web application of one edition.

A request's road: a kept answer, where there is one (`protocol`) → base path taken off (`prefix`) → the current release
taken hold of, and the answer kept (`edition`) → security headers (`headers`) → a route below. Errors become problem
details or a page in one place (`problems`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from triplepress import __version__
from triplepress.settings import Settings
from triplepress.web import problems
from triplepress.web.dereference import data, page, thing_itself
from triplepress.web.documents import (
    about,
    context_document,
    dumps,
    health,
    home,
    profile_document,
    ready,
    record_schema_document,
    report,
    robots,
    shapes_document,
    static_file,
    well_known_void,
)
from triplepress.web.dumps import PATCH, current_dump, release_dump, release_patch
from triplepress.web.edition import CurrentEdition, WithinEdition
from triplepress.web.headers import SecurityHeaders
from triplepress.web.lookup import doi_redirect, lookup
from triplepress.web.pages.home import prepare_home
from triplepress.web.prefix import BasePath
from triplepress.web.problems import Problem
from triplepress.web.rendering import Site
from triplepress.web.sparql import sparql_router


def create_app(settings: Settings, graph: Path) -> FastAPI:
    """Return the application that serves the current release of `graph`, and the next one as soon as it is there.

    Args:
        settings: The settings in force; `base` decides the links, whatever name the server is reached by.
        graph: The folder of the releases.
    """
    site = Site(settings)
    current = CurrentEdition(graph, settings, lambda edition: prepare_home(edition, settings.root))

    def refuse(_scope: Scope, found: Problem) -> ASGIApp:
        async def answer(scope: Scope, receive: object, send: object) -> None:
            request = Request({**scope, "app": app})
            response = problems.respond(request, found, problem_page)
            await response(scope, receive, send)  # type: ignore[arg-type]  # ASGI's own callables

        return SecurityHeaders(answer)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[Mapping[str, object]]:
        async with current.running():
            yield {"current": current}

    app = FastAPI(
        title=settings.title,
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        middleware=[
            Middleware(BasePath, prefix=site.prefix),
            Middleware(WithinEdition, current=current, refuse=refuse),
            Middleware(SecurityHeaders),
        ],
    )
    app.state.site = site
    app.state.current = current
    problems.install(app, problem_page)
    app.include_router(sparql_router(settings))
    app.router.routes.extend(
        [
            Route("/", home),
            Route("/id/{rest:path}", thing_itself),
            Route("/page/{rest:path}", page),
            Route("/data/{rest:path}", data),
            Route("/lookup", lookup),
            Route("/dumps/", dumps),
            Route("/dumps", dumps),
            Route("/dumps/{file}", current_dump),
            Route("/releases/{release}/dumps/{file}", release_dump),
            Route(f"/releases/{{release}}/{PATCH}", release_patch),
            Route("/report", report),
            Route("/about", about),
            Route("/context.jsonld", context_document),
            Route("/shapes.ttl", shapes_document),
            Route("/profile.ttl", profile_document),
            Route("/record.schema.json", record_schema_document),
            Route("/.well-known/void", well_known_void),
            Route("/health", health),
            Route("/ready", ready),
            Route("/robots.txt", robots),
            Route("/static/{file}", static_file),
            Route("/dataset", thing_itself),
            *(Route(f"/{kind}/{{rest:path}}", thing_itself) for kind in ("run", "source", "software", "graph")),
            Route("/{doi:path}", doi_redirect),
        ]
    )
    return app


def problem_page(request: Request, found: Problem) -> str:
    """Return the page of a problem, with a way on."""
    site: Site = request.app.state.site
    response: Response = site.render(request, "problem.html", {"problem": found})
    return bytes(response.body).decode()
