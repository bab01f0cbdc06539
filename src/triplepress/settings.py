"""The settings: keys of `triplepress.toml`, options of the command line, variables `TRIPLEPRESS_...`.

The nearer one wins: an option before a variable before the file before the default.
"""

from __future__ import annotations

import difflib
import inspect
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from triplepress.errors import SettingsError

CONFIG_NAME: Final = "triplepress.toml"
_PREFIX: Final = "TRIPLEPRESS_"
# Settings with several values; in a variable they are written with commas.
_LISTS: Final = frozenset({"layers", "sources", "catalogues"})
# Characters that may not stand in an IRI, RFC 3987, and those that would start a query or a fragment.
_NOT_IN_BASE: Final = re.compile(r"[\s<>\"{}|\\^`?#]")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one edition, each with its default.

    Attributes:
        base: The edition's base IRI; ends in exactly one slash, may have a path.
        title: The edition's title.
        description: One or two sentences about the edition.
        publisher: Who publishes it.
        contact: An address for questions about the data, `mailto:…` or `https://…`.
        metadata_licence: IRI of the licence of the data itself (not of the articles).
        abstracts: Whether abstracts are published.
        layers: Extra output layers: `ocdm`.
        language: Language of reports and messages: `en` or `ru`.
        graph: The folder of the releases.
        harvests: The folder below which harvested responses are kept, a folder a repository.
        mappings: The folder of mappings (`*.toml`) that name the columns of spreadsheets.
        sources: The inputs of `publish` and `check` when none are named.
        parse_references: Whether the printed texts of references are parsed into fields.
        match_references: Whether references without a DOI are matched to known works, in a graph of their own.
        catalogues: Inputs whose works references may be matched to beside the edition's own; none is published.
        processes: How many processes read and press; 0 takes one a processor.
        engine: What `publish` builds with: `local`, this machine, or `spark`, an Apache Spark cluster.
        master: The cluster's master for `spark`: `local[4]`, `spark://host:7077`, `yarn`; empty takes Spark's own.
        build_store: Whether a release gets a store of its own; one that another engine serves needs none.
        max_input_bytes: The longest input file of one article that is read, in bytes.
        host: The address that `serve` listens on.
        port: The port that `serve` listens on.
        servers: How many processes serve; 0 is one a core.
        access_log: Whether `serve` logs every request.
        cache_bytes: Bytes of answers that each server process keeps in memory.
        workers: How many SPARQL queries run at once, all server processes together.
        query_timeout: Seconds until a query is stopped.
        query_memory: Bytes of memory that one query may take.
        query_queue: How many queries may wait for a worker.
        max_query_bytes: The longest query that is taken, in bytes.
        store: The SPARQL engine that serves the edition, `sparql:` and its query address; empty for the release's own.
        store_graphs: The engine's address of the Graph Store Protocol, through which releases are loaded into it.
        store_update: The engine's address of SPARQL Update, for loading where there is no Graph Store Protocol.
        store_user: The name to log into the engine with, where it asks for one.
        store_password: The password that goes with it, or alone a bearer token; best kept in the variable.
        trusted_proxies: Addresses whose `Forwarded` headers are believed, comma-separated.
    """

    base: str = "http://127.0.0.1:8000/"
    title: str = "Linked journal articles"
    description: str = ""
    publisher: str = ""
    contact: str = ""
    metadata_licence: str = "https://creativecommons.org/publicdomain/zero/1.0/"
    abstracts: bool = True
    layers: list[Literal["ocdm"]] = []
    language: Literal["en", "ru"] = "en"
    graph: str = "graph"
    harvests: str = "harvests"
    mappings: str = "mappings"
    sources: list[str] = []
    parse_references: bool = True
    match_references: bool = True
    catalogues: list[str] = []
    processes: int = 0
    engine: Literal["local", "spark"] = "local"
    master: str = ""
    build_store: bool = True
    max_input_bytes: int = 64 * 1024 * 1024
    host: str = "127.0.0.1"
    port: int = 8000
    servers: int = 1
    access_log: bool = True
    cache_bytes: int = 128 * 1024 * 1024
    workers: int = 2
    query_timeout: float = 30.0
    query_memory: int = 2 * 1024**3
    query_queue: int = 64
    max_query_bytes: int = 1024 * 1024
    store: str = ""
    store_graphs: str = ""
    store_update: str = ""
    store_user: str = ""
    store_password: str = ""
    trusted_proxies: str = "127.0.0.1"

    @property
    def root(self) -> str:
        """The base IRI without its final slash: `{base}` of the interfaces."""
        return self.base[:-1]


def setting_descriptions() -> dict[str, str]:
    """Return what each setting is, by name: the lines of the docstring above."""
    text = inspect.getdoc(Settings) or ""
    found = re.findall(r"^ +(\w+): (.+(?:\n {8,}.+)*)", text, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", words) for name, words in found}


def normalise_base(text: str) -> str:
    """Return a base IRI that ends in exactly one slash.

    Raises:
        SettingsError: Not an absolute http or https IRI, or it has a query or fragment.

    Example:
        >>> normalise_base("https://example.org/lod//")
        'https://example.org/lod/'
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or _NOT_IN_BASE.search(text):
        message = f"base: “{text}” is no base IRI; write one such as https://data.example.org/ (no query, no fragment)"
        raise SettingsError(message, key="base", value=text)
    return text.rstrip("/") + "/"


def load_settings(
    config: Path | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Return the settings in force.

    Args:
        config: The file named by `--config`; None takes `triplepress.toml` of the working folder if it is there.
        options: Settings given on the command line, by name; None values count as not given.
        environment: The variables of the process; only `TRIPLEPRESS_...` are read.

    Returns:
        Settings whose `base` is normalised.

    Raises:
        SettingsError: The file cannot be read, a key is unknown (the nearest one is named), or a value does not fit.
    """
    values: dict[str, Any] = {}
    if config is not None or Path(CONFIG_NAME).is_file():
        values |= _read_file(config or Path(CONFIG_NAME))
    values |= _read_environment(environment or {})
    values |= {key: value for key, value in (options or {}).items() if value is not None}
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        key = path.removesuffix("`").removeprefix("$.") or None
        raise SettingsError(f"{key or 'the settings'}: {reason}", key=key) from error
    if urlsplit(settings.metadata_licence).scheme not in {"http", "https"}:
        message = f"metadata_licence: “{settings.metadata_licence}” is no IRI; name the licence's own address"
        raise SettingsError(message, key="metadata_licence", value=settings.metadata_licence)
    for key in ("servers", "cache_bytes"):
        if getattr(settings, key) < 0:
            raise SettingsError(f"{key}: must not be below zero", key=key)
    if settings.workers < 1 or settings.query_timeout <= 0:
        key = "workers" if settings.workers < 1 else "query_timeout"
        raise SettingsError(f"{key}: must be above zero", key=key)
    return msgspec.structs.replace(settings, base=normalise_base(settings.base))


def _read_file(path: Path) -> dict[str, Any]:
    """Return the keys of a `triplepress.toml`, all of them known."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}; name another file with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from error
    for key in values:
        if key not in Settings.__struct_fields__:
            near = difflib.get_close_matches(key, Settings.__struct_fields__, 1)
            hint = f"; did you mean “{near[0]}”?" if near else ""
            raise SettingsError(f"{path}: unknown setting “{key}”{hint}", key=key)
    return values


def _read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings among the variables of the process; a list is written with commas."""
    values: dict[str, Any] = {}
    for key in Settings.__struct_fields__:
        text = environment.get(_PREFIX + key.upper())
        if text is not None:
            values[key] = [part for part in text.split(",") if part] if key in _LISTS else text
    return values
