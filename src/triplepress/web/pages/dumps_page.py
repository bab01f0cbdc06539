"""The list of dumps, with sizes and checksums."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from triplepress.web.dumps import PATCH, list_dumps
from triplepress.web.edition import Edition
from triplepress.web.rendering import site_of


async def dumps_page(request: Request, edition: Edition, headers: dict[str, str]) -> Response:
    """Return the list of dumps."""
    found = await anyio.to_thread.run_sync(list_dumps, edition.folder)
    patch = PATCH if (edition.folder / PATCH).exists() else None
    values = {"dumps": found, "id": edition.id, "patch": patch}
    return site_of(request).render(request, "dumps.html", values, data_path="/data/dataset", headers=headers)
