"""What every answer carries, and the conditional requests of RFC 9110."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing from another host, no script of ours in any page but the query editor's, which needs none either.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# Short, because a new release may come at any moment; revalidation by ETag is cheap.
CACHE_BRIEFLY: Final = "public, max-age=60"
CACHE_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ENTITY_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def entity_tag(*parts: object) -> str:
    """Return a strong entity tag over everything that a representation depends on.

    Example:
        >>> entity_tag("release", "/data/x", "ttl") == entity_tag("release", "/data/x", "nt")
        False
    """
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]
    return f'"{digest}"'


def is_unchanged(headers: Headers, tag: str) -> bool:
    """Return whether `If-None-Match` already names the representation: weak comparison, lists, `*`.

    References:
        RFC 9110, sections 13.1.2 and 8.8.3.2.
    """
    given = ", ".join(headers.getlist("if-none-match"))
    if given.strip() == "*":
        return True
    return tag.removeprefix("W/") in entity_tags(given)


def entity_tags(text: str) -> list[str]:
    """Return the entity tags of a list, without the `W/` of weak ones.

    Example:
        >>> entity_tags('W/"a", "b,c"')
        ['"a"', '"b,c"']
    """
    return _ENTITY_TAG.findall(text)


def allow_any_origin(headers: MutableHeaders) -> None:
    """Let scripts of any site read an answer, without credentials, and see the headers that tell of it."""
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = (
        "Content-Location, ETag, Link, Last-Modified, Accept-Ranges, Content-Range"
    )


class SecurityHeaders:
    """ASGI middleware that adds the security headers to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            await send(message)

        await self.app(scope, receive, send_with_headers)
