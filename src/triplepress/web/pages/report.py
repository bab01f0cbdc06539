"""The validation report as a page: what was set aside and what was published with a warning, each with its remedy."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from triplepress.web.edition import Edition
from triplepress.web.pages.listing import Listing, page_number
from triplepress.web.rendering import Twin, site_of

# Records on one page of the report.
_SIZE: Final = 50
_EMPTY: Final[dict[str, Any]] = {"summary": {"records": 0, "set_aside": 0, "by_severity": {}}, "entries": []}


async def report_page(request: Request, edition: Edition, headers: dict[str, str]) -> Response:
    """Return the report as a page of the site; the same as JSON and Turtle is a link away."""
    site = site_of(request)
    report = await edition.once("report", lambda: anyio.to_thread.run_sync(_read, edition))
    entries = report["entries"]
    page = min(page_number(request), max(1, math.ceil(len(entries) / _SIZE)))
    shown = entries[(page - 1) * _SIZE : page * _SIZE]
    twins = [
        Twin("application/json", f"{site.prefix}/report?format=json", "JSON"),
        Twin("text/turtle", f"{site.prefix}/report?format=ttl", "Turtle"),
    ]
    values = {
        "summary": report["summary"],
        "listing": Listing(shown, len(entries), page, _SIZE, fragment="records"),
        "twins": twins,
    }
    return site.render(request, "report.html", values, headers=headers)


def _read(edition: Edition) -> dict[str, Any]:
    """Return the release's `report.json`; an empty report where there is none."""
    content = edition.file("report.json")
    report: dict[str, Any] = json.loads(content) if content is not None else _EMPTY
    # What was set aside comes first: that is what an editor has to act on.
    report["entries"] = sorted(report["entries"], key=lambda entry: entry["published"])
    return report
