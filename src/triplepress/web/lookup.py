"""Finding a thing by what a person has of it: `/lookup` with an identifier in any spelling, and `/{doi}` as doi.org.

Known limit: HTTP clients rewrite DOIs with `//`, `/./` or `/../` in a path; `?doi=` finds them.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from triplepress.errors import RecordError
from triplepress.identifiers import doi_path, normalise_doi, parse_issn, parse_orcid
from triplepress.web import queries
from triplepress.web.dereference import edition_of, redirect, unknown
from triplepress.web.description import exists
from triplepress.web.edition import Edition
from triplepress.web.problems import Problem, ProblemError, not_found
from triplepress.web.rendering import own_path, site_of
from triplepress.web.things import Thing, decode, thing_at
from triplepress.web.view import value_of

# Clients and proxies fold the two slashes of an address inside a path into one.
_FOLDED: Final = re.compile(r"^(https?|info):/+(?=[^/])", re.IGNORECASE)


async def lookup(request: Request) -> Response:
    """Answer 302 to the thing that `?doi=`, `?issn=` or `?orcid=` names, in any spelling; `?q=` takes all three."""
    site, edition = site_of(request), edition_of(request)
    name, text = _asked(request.query_params)
    thing = await _thing_called(edition, name, text, site.settings.root)
    if thing is None:
        raise ProblemError(_misspelt(name, text))
    if not await exists(edition, thing, site.settings.root):
        raise ProblemError(unknown(request, thing.name, thing))
    return redirect(request, thing.own_path, 302, keep=("format",))


def _asked(parameters: QueryParams) -> tuple[str, str]:
    """Return the identifier's scheme and text.

    Raises:
        ProblemError: 400, nothing was asked for.
    """
    for name in ("doi", "issn", "orcid", "q"):
        text = parameters.get(name, "").strip()
        if text:
            return name, text
    detail = "Give ?doi=, ?issn= or ?orcid= with an identifier in any spelling, such as ?doi=10.1234/abc."
    raise ProblemError(Problem(status=400, title="Nothing to look up", detail=detail))


async def _thing_called(edition: Edition, name: str, text: str, root: str) -> Thing | None:
    """Return the thing with an identifier, None when the text is no such identifier."""
    if name in {"doi", "q"}:
        # An unescaped plus sign in a query arrives as a blank, and no DOI has one.
        for spelling in (text, text.replace(" ", "+")):
            try:
                doi = normalise_doi(spelling)
            except RecordError:
                continue
            return thing_at(f"doi/{doi_path(doi)}")
    if name in {"orcid", "q"}:
        try:
            return thing_at("orcid/" + parse_orcid(text).removeprefix("https://orcid.org/"))
        except RecordError:
            pass
    if name in {"issn", "q"}:
        try:
            issn = parse_issn(text)
        except RecordError:
            return None
        rows = await edition.store.select(queries.journal_by_issn(issn))
        path = value_of(rows[0]["s"]).removeprefix(f"{root}/id/") if rows else f"journal/{issn}"
        return thing_at(path)
    return None


def _misspelt(name: str, text: str) -> Problem:
    """Return the problem of a text that is no identifier, saying what one looks like."""
    forms = {
        "doi": "a DOI, as in 10.1234/abc",
        "issn": "an ISSN with its check digit, as in 2313-8920",
        "orcid": "an ORCID iD with its check digit, as in 0000-0002-1825-0097",
        "q": "a DOI, an ISSN or an ORCID iD",
    }
    return not_found(f"“{text[:200]}” is not {forms[name]}.", looked_for=text[:200])


async def doi_redirect(request: Request) -> Response:
    """Answer `/{doi}` with 302 to the work, as doi.org does; `doi:` and a whole address count as well."""
    raw = own_path(request)[1:]
    text = decode(raw)
    if text is None:
        raise ProblemError(unknown(request, raw))
    try:
        # Decoded once already; an address is a label here, not something to decode again.
        bare = _FOLDED.sub("", text)
        bare = re.sub(r"^(?:info:doi/|(?:www\.|dx\.)?doi\.org/|doi:\s*)", "", bare, flags=re.IGNORECASE)
        bare = bare.removeprefix("doi/") if text.lower().startswith("info:") else bare
        doi = normalise_doi(bare) if bare.startswith("10.") else None
    except RecordError:
        doi = None
    if doi is None:
        raise ProblemError(unknown(request, text))
    return redirect(request, f"/id/doi/{doi_path(doi)}", 302, keep=("format",))
