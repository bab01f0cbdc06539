"""Logging into an engine in the way it asks for."""

from __future__ import annotations

from collections.abc import Generator

import httpx2

from triplepress.store.remote.address import EngineAddress


class Login(httpx2.Auth):
    """Answers an engine's challenge: Digest (Virtuoso), Basic (most others), or a bearer token (QLever).

    Nothing is sent before the engine asks, except a token, for which there is no challenge in use.

    Args:
        address: The engine's, with name and password.
    """

    requires_request_body = True

    def __init__(self, address: EngineAddress) -> None:
        """Keep name and password."""
        self._address = address
        self._digest = httpx2.DigestAuth(address.user, address.password)
        self._basic = httpx2.BasicAuth(address.user, address.password)
        self._chosen: httpx2.Auth | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send a request, and again with what the engine asks for."""
        if not self._address.user:
            if self._address.password:
                request.headers["Authorization"] = f"Bearer {self._address.password}"
            yield request
            return
        if self._chosen is not None:
            yield from self._chosen.auth_flow(request)
            return
        response = yield request
        asked = response.headers.get("WWW-Authenticate", "").lower()
        if response.status_code == 401 and asked:
            self._chosen = self._digest if asked.startswith("digest") else self._basic
            yield from self._chosen.auth_flow(request)
