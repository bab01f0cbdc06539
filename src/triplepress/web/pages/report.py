"""The validation report as a page: what was set aside and what was published with a warning, each with its remedy."""

from __future__ import annotations

import json
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from triplepress.web.edition import Edition
from triplepress.web.rendering import site_of

# Records on one page of the report.
_SIZE: Final = 50
