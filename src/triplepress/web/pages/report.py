"""The validation report as a page: what was set aside and what was published with a warning, each with its remedy."""

from __future__ import annotations

import math
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from triplepress.validation.report import ReportPages
from triplepress.web.edition import Edition
from triplepress.web.pages.listing import Listing, page_number
from triplepress.web.rendering import Twin, site_of

# Records on one page of the report, and pages: nobody turns more, and where they begin is found by reading up to there.
_SIZE: Final = 50
_PAGES: Final = 200
_EMPTY: Final[dict[str, Any]] = {"records": 0, "set_aside": 0, "by_severity": {}}


async def report_page(request: Request, edition: Edition, headers: dict[str, str]) -> Response:
    """Return the report as a page of the site; the same as JSON and Turtle is a link away."""
    site = site_of(request)
    pages: ReportPages | None = await edition.once("report", lambda: anyio.to_thread.run_sync(_pages, edition))
    if pages is None:
        summary, listing = _EMPTY, Listing(fragment="records")
    else:
        summary = pages.summary
        total = min(summary["records"], _SIZE * _PAGES)
        page = min(page_number(request), max(1, math.ceil(total / _SIZE)))
        shown: Any = await anyio.to_thread.run_sync(pages.page, page)
        listing = Listing(shown, total, page, _SIZE, fragment="records")
    twins = [
        Twin("application/json", f"{site.prefix}/report?format=json", "JSON"),
        Twin("text/turtle", f"{site.prefix}/report?format=ttl", "Turtle"),
    ]
    values = {"summary": summary, "listing": listing, "twins": twins}
    return site.render(request, "report.html", values, headers=headers)


def _pages(edition: Edition) -> ReportPages | None:
    """Return where the pages of the release's report are in its file; what was set aside comes first in it.

    None where the release has no report.
    """
    try:
        return ReportPages.of(edition.folder / "report.json", _SIZE, _PAGES)
    except FileNotFoundError:
        return None
