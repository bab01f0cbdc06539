"""The base's path: requests arrive with it, or without it when a proxy has taken it off; the routes see none."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

# The first segments of every address; what follows a prefix must start with one of these, or be the home page. So a
# base such as https://example.org/data/ does not swallow `/data/doi/…` of a proxy that strips.
_HEADS: Final = frozenset(
    {
        *(
            "id",
            "page",
            "data",
            "lookup",
            "sparql",
            "dumps",
            "releases",
            "report",
            "about",
            "context.jsonld",
            "dataset",
        ),
        *("shapes.ttl", "profile.ttl", "record.schema.json", ".well-known", "health", "ready", "run", "source"),
        *("software", "graph", "static", "robots.txt", "profile"),
    }
)
_DOI_HEADS: Final = ("10.", "doi:", "https:", "http:", "info:", "DOI:")


class BasePath:
    """ASGI middleware that takes the base's path off a request's path.

    Args:
        app: The application, whose routes know no prefix.
        prefix: The base's path without its final slash; empty when the base has none.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Wrap an application."""
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without `root_path` (uvicorn has put it before the path) and without the prefix."""
        if scope["type"] == "http":
            path: str = scope["path"]
            raw: str = (scope.get("raw_path") or path.encode()).decode("latin-1").partition("?")[0]
            root: str = scope.get("root_path", "").rstrip("/")
            if root and path.startswith(f"{root}/"):
                path, raw = path[len(root) :], raw.removeprefix(root)
            if self._starts(path, self.prefix):
                path, raw = path[len(self.prefix) :] or "/", raw.removeprefix(self.prefix)
            scope = {**scope, "path": path, "raw_path": (raw or "/").encode("latin-1"), "root_path": ""}
        await self.app(scope, receive, send)

    @staticmethod
    def _starts(path: str, prefix: str) -> bool:
        if not prefix or not path.startswith(prefix):
            return False
        rest = path[len(prefix) :]
        if rest in {"", "/"}:
            return True
        head = rest[1:].partition("/")[0]
        return rest.startswith("/") and (head in _HEADS or head.startswith(_DOI_HEADS))
