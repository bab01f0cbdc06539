"""Where an engine is, as the settings say it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from triplepress.errors import SettingsError
from triplepress.settings import Settings

SCHEME: Final = "sparql:"


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """The addresses of one engine, and who asks.

    Attributes:
        query: The address of the SPARQL 1.1 query service.
        graphs: That of the Graph Store Protocol; empty where there is none.
        update: That of SPARQL 1.1 Update; empty where there is none.
        user: The name to log in with, empty for none; used only where the engine asks for it.
        password: The password; with no name, a bearer token.
    """

    query: str
    graphs: str = ""
    update: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_writable(self) -> bool:
        """Whether there is an address through which the engine can be loaded."""
        return bool(self.graphs or self.update)


def engine_address(settings: Settings, store: str | None = None) -> EngineAddress | None:
    """Return where the engine is that serves an edition, None where the release's own store does.

    Args:
        settings: The settings in force.
        store: What is taken instead of the setting `store`.

    Raises:
        SettingsError: An address is none.

    Example:
        >>> engine_address(Settings(store="sparql:http://127.0.0.1:7878/query")).query
        'http://127.0.0.1:7878/query'
        >>> engine_address(Settings()) is None
        True
    """
    value = settings.store if store is None else store
    if not value:
        return None
    if not value.startswith(SCHEME):
        message = (
            f"store: “{value}” names no engine; write sparql: and its query address: sparql:http://host:7878/query"
        )
        raise SettingsError(message, key="store", value=value)
    return EngineAddress(
        query=_http("store", value.removeprefix(SCHEME)),
        graphs=_http("store_graphs", settings.store_graphs) if settings.store_graphs else "",
        update=_http("store_update", settings.store_update) if settings.store_update else "",
        user=settings.store_user,
        password=settings.store_password,
    )


def _http(key: str, url: str) -> str:
    """Return an address that is one of HTTP without a name and a password in it."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        port_is_one = False
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_one or parts.fragment:
        raise SettingsError(f"{key}: “{url}” is no address of HTTP; write one such as http://host:7878/query", key=key)
    if parts.username is not None or parts.password is not None:
        # An address is shown in logs and errors, and on the command line to everybody on the machine.
        message = f"{key}: leave name and password out of the address; set store_user and store_password"
        raise SettingsError(message, key=key)
    return url
