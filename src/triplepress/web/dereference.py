"""Things, their pages and their data: `/id/…`, `/page/…`, `/data/…` and the IRIs beside them.

References:
    W3C, Cool URIs for the Semantic Web, section 4.3 (303); RFC 9110, sections 12 and 13; RFC 8288 (Link);
    RFC 8574 (cite-as).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triplepress.identifiers import doi_iri
from triplepress.rdf.formats import FORMATS, GRAPH_FORMATS, HTML, Format
from triplepress.web import queries
from triplepress.web.description import describe, exists, is_held, left_behind, own_statements
from triplepress.web.edition import Edition
from triplepress.web.headers import CACHE_BRIEFLY, allow_any_origin, entity_tag, is_unchanged
from triplepress.web.negotiate import accept_of, negotiate
from triplepress.web.pages import page_of_thing, page_of_withdrawn
from triplepress.web.problems import Problem, ProblemError, not_acceptable
from triplepress.web.rendering import Site, own_path, site_of
from triplepress.web.representation import represent
from triplepress.web.things import OUTSIDE_ID, Thing, decode, thing_at
from triplepress.web.view import value_of

_DATA_NAMES: Final = tuple(row.name for row in GRAPH_FORMATS)


def edition_of(request: Request) -> Edition:
    """Return the release that a request is answered from."""
    edition: Edition = request.scope["triplepress.edition"]
    return edition


def redirect(request: Request, path: str, status: int, *, keep: Sequence[str] = ()) -> Response:
    """Return a redirect to a path of this site, path-absolute below the base's own path.

    Args:
        request: What is redirected.
        path: The target without the base's path.
        status: 301, 302 or 303.
        keep: Query parameters of the request that go along; `lang` always does.
    """
    query = "&".join(
        f"{name}={value}"
        for name in ("lang", *keep)
        if (value := request.query_params.get(name)) is not None and value.isalnum()
    )
    separator = "&" if "?" in path else "?"
    target = site_of(request).prefix + path + (f"{separator}{query}" if query else "")
    response = RedirectResponse(target, status, {"Cache-Control": CACHE_BRIEFLY})
    allow_any_origin(response.headers)
    return response


async def _found(request: Request, folder: str) -> tuple[Thing, Response | None]:
    """Return the thing that an address names, and a redirect where the address is not the canonical one.

    Raises:
        ProblemError: The address names nothing that this edition knows.
    """
    path = own_path(request)
    raw = path.removeprefix(folder)
    thing = thing_at(raw)
    if thing is None:
        raise ProblemError(unknown(request, decode(raw) or raw))
    canonical = {"/id/": thing.own_path, "/": thing.own_path, "/page/": thing.page_path, "/data/": thing.data_path}
    if canonical[folder] != path:
        return thing, redirect(request, canonical[folder], 301, keep=("format", "page"))
    return thing, None


def unknown(request: Request, name: str, thing: Thing | None = None) -> Problem:
    """Return the problem of an address behind which there is nothing, with what may help.

    Args:
        request: What was asked.
        name: What was looked for, decoded.
        thing: The thing it would be.
    """
    site = site_of(request)
    extra: dict[str, object] = {"looked_for": name, "lookup": f"{site.settings.root}/lookup?doi="}
    detail = f"This edition knows nothing of “{name}”."
    if thing is not None and thing.kind == "doi":
        extra |= {"doi": thing.name, "elsewhere": doi_iri(thing.name)}
        detail += f" It may be described at {doi_iri(thing.name)}."
    return Problem(status=404, title="Not found", detail=detail, extra=extra)


async def _other_spelling(edition: Edition, thing: Thing, root: str) -> Thing | None:
    """Return the journal that has another ISSN as its key."""
    if thing.kind not in {"journal", "volume", "issue"}:
        return None
    issn, _, below = thing.path.removeprefix("journal/").partition("/")
    rows = await edition.store.select(queries.journal_by_issn(issn))
    if not rows:
        return None
    found = thing_at(value_of(rows[0]["s"]).removeprefix(f"{root}/id/") + (f"/{below}" if below else ""))
    return found if found is not None and found.path != thing.path else None


async def thing_itself(request: Request) -> Response:
    """Answer for a thing: 303 to its page or its data, by `Accept`."""
    first = request.scope["path"][1:].partition("/")[0]
    thing, moved = await _found(request, "/" if first in OUTSIDE_ID else "/id/")
    if moved is not None:
        return moved
    root, edition = site_of(request).settings.root, edition_of(request)
    if not await exists(edition, thing, root):
        other = await _other_spelling(edition, thing, root)
        if other is not None:
            return redirect(request, other.own_path, 301)
        raise ProblemError(unknown(request, thing.name, thing))
    asked = request.query_params.get("format")
    chosen = FORMATS.get(asked) if asked else negotiate(accept_of(request.headers), (HTML, *GRAPH_FORMATS))
    if chosen is None or chosen not in (HTML, *GRAPH_FORMATS):
        raise ProblemError(_vary(not_acceptable((HTML, *GRAPH_FORMATS))))
    if chosen is HTML:
        response = redirect(request, thing.page_path, 303)
    else:
        response = redirect(request, thing.data_path, 303, keep=("format",))
    response.headers["Vary"] = "Accept"
    response.headers["Link"] = _links(site_of(request), thing, describedby=True)
    return response


def _vary(problem: Problem) -> Problem:
    return Problem(
        status=problem.status,
        title=problem.title,
        detail=problem.detail,
        extra=problem.extra,
        headers={**problem.headers, "Vary": "Accept", "Access-Control-Allow-Origin": "*"},
    )


async def data(request: Request) -> Response:
    """Answer with a thing's data document in the format asked for; 303 to the page for who takes only pages."""
    thing, moved = await _found(request, "/data/")
    if moved is not None:
        return moved
    accept = accept_of(request.headers)
    only_pages = negotiate(accept, GRAPH_FORMATS) is None and negotiate(accept, (HTML,)) is HTML
    if only_pages and "format" not in request.query_params:
        response = redirect(request, thing.page_path, 303)
        response.headers["Vary"] = "Accept"
        return response
    return await data_of(request, thing)


async def data_of(request: Request, thing: Thing) -> Response:
    """Return a thing's data: `?format=` decides, else `Accept`; 304 where the client has it already.

    Of a record that the edition no longer holds, what is known comes with 410.
    """
    chosen = data_format(request)
    site, edition = site_of(request), edition_of(request)
    tag = entity_tag(edition.id, site.fingerprint, thing.data_path, chosen.name)
    headers = MutableHeaders(
        {
            "ETag": tag,
            "Cache-Control": CACHE_BRIEFLY,
            "Vary": "Accept",
            "Content-Location": f"{site.prefix}{thing.data_path}?format={chosen.name}",
            "Link": _links(site, thing, describedby=False),
        }
    )
    allow_any_origin(headers)
    if is_unchanged(request.headers, tag) and await exists(edition, thing, site.settings.root):
        return Response(status_code=304, headers=headers)
    key = f"{chosen.name} {thing.path}"
    content = edition.cache.get(key)
    if content is None:
        gone = await _gone(edition, thing, site.settings.root)
        ntriples = await describe(edition, thing, site.settings.root, gone)
        if gone:
            del headers["ETag"]
            return Response(await represent(ntriples, chosen), 410, headers, chosen.content_type)
        if not ntriples:
            other = await _other_spelling(edition, thing, site.settings.root)
            if other is not None:
                return redirect(request, other.data_path, 301, keep=("format",))
            raise ProblemError(unknown(request, thing.name, thing))
        content = await represent(ntriples, chosen)
        edition.cache.put(key, content, len(content))
    return Response(content, 200, headers, chosen.content_type)


async def _gone(edition: Edition, thing: Thing, root: str) -> bytes:
    """Return what is known of a record that the edition no longer holds, empty for everything else."""
    if thing.kind not in {"doi", "local"} or is_held(await own_statements(edition, thing, root), thing.iri(root)):
        return b""
    return await left_behind(edition, thing, root)


def data_format(request: Request) -> Format:
    """Return the data format that a request asks for.

    Raises:
        ProblemError: 406, naming what there is.
    """
    asked = request.query_params.get("format")
    if asked is not None:
        chosen = FORMATS[asked] if asked in _DATA_NAMES else None
    else:
        chosen = negotiate(accept_of(request.headers), GRAPH_FORMATS)
    if chosen is None:
        raise ProblemError(_vary(not_acceptable(GRAPH_FORMATS)))
    return chosen


async def page(request: Request) -> Response:
    """Answer with a thing's page."""
    thing, moved = await _found(request, "/page/")
    if moved is not None:
        return moved
    site, edition = site_of(request), edition_of(request)
    root = site.settings.root
    tag = entity_tag(
        edition.id,
        site.fingerprint,
        thing.page_path,
        "html",
        site.language(request),
        sorted(request.query_params.items()),
    )
    headers = {
        "ETag": tag,
        "Cache-Control": CACHE_BRIEFLY,
        "Vary": "Accept-Language",
        "Link": _links(site, thing, describedby=True, alternates=True),
    }
    if is_unchanged(request.headers, tag) and await exists(edition, thing, root):
        return Response(status_code=304, headers=headers)
    own = await own_statements(edition, thing, root)
    gone = await _gone(edition, thing, root)
    if gone:
        del headers["ETag"]
        return await page_of_withdrawn(request, edition, thing, own + gone, headers)
    if not own:
        other = await _other_spelling(edition, thing, root)
        if other is not None:
            return redirect(request, other.page_path, 301)
        raise ProblemError(unknown(request, thing.name, thing))
    return await page_of_thing(request, edition, thing, own, headers)


def _links(site: Site, thing: Thing, *, describedby: bool, alternates: bool = False) -> str:
    """Return the `Link` header of a thing, its page or its data."""
    links = []
    if describedby:
        links.append(f'<{site.prefix}{thing.data_path}>; rel="describedby"; type="text/turtle"')
    else:
        links.append(f'<{site.prefix}{thing.own_path}>; rel="describes"')
        links.append(f'<{site.prefix}{thing.page_path}>; rel="alternate"; type="text/html"')
    if alternates:
        links += [f'<{twin.href}>; rel="alternate"; type="{twin.media_type}"' for twin in site.twins(thing.data_path)]
        links.append('<https://schema.org/AboutPage>; rel="type"')
    if thing.kind == "doi":
        links.append(f'<{doi_iri(thing.name)}>; rel="cite-as"')
    if thing.kind in {"doi", "local"} and describedby:
        links.append('<https://schema.org/ScholarlyArticle>; rel="type"')
    if not describedby or alternates:
        links.append(f'<{site.settings.metadata_licence}>; rel="license"')
    return ", ".join(links)
