"""Options of the command line: every setting is one, with its help from the setting's own description."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from triplepress.settings import Settings, load_settings, setting_descriptions

Command = TypeVar("Command", bound=Callable[..., Any])

# Settings that every command takes, before its name or after it.
COMMON: Final = ("graph", "language")
EDITION: Final = (
    "base",
    "title",
    "description",
    "publisher",
    "contact",
    "metadata_licence",
    "abstracts",
    "layers",
    "harvests",
    "mappings",
    "parse_references",
    "match_references",
    "catalogues",
    "max_input_bytes",
)
BUILDING: Final = ("processes", "engine", "master", "build_store")
SERVING: Final = (
    "base",
    "host",
    "port",
    "servers",
    "access_log",
    "cache_bytes",
    "workers",
    "query_timeout",
    "query_memory",
    "query_queue",
    "max_query_bytes",
    "store",
    "store_user",
    "trusted_proxies",
)
ENGINE: Final = ("store_graphs", "store_update", "store_user")
ASKING: Final = ("query_timeout", "query_memory", "max_query_bytes")

_FIELDS: Final = {field.name: field for field in msgspec.structs.fields(Settings)}
_DESCRIPTIONS: Final = {name: words.replace("`", "") for name, words in setting_descriptions().items()}
_METAVARS: Final = {int: "NUMBER", float: "SECONDS", str: "TEXT"}


def setting_options(*names: str) -> Callable[[Command], Command]:
    """Return a decorator that gives a command one option for each of the settings named, and `--config`.

    The values arrive as keywords under the settings' own names, None where an option was not given.
    """

    def decorate(command: Command) -> Command:
        for name in reversed((*names, *COMMON)):
            command = _option(name)(command)
        return config_option(command)

    return decorate


def config_option(command: Command) -> Command:
    """Give a command the option `--config`."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The settings file.  [default: triplepress.toml of the working folder, if it is there]",
    )(command)


def common_options(command: Command) -> Command:
    """Give the group of commands the options that stand before a command's name as well as after it."""
    for name in reversed(COMMON):
        command = _option(name)(command)
    return config_option(command)


def settings_of(context: click.Context, /, options: dict[str, Any]) -> Settings:
    """Return the settings in force for a command.

    Args:
        context: The command's context; its parent's object holds the options that stood before the command's name.
        options: The command's own options, `config` among them; they win over those before the name.

    Raises:
        SettingsError: The file, a variable or an option cannot be used.
    """
    given = dict(context.obj or {}) | {name: value for name, value in options.items() if value is not None}
    config = given.pop("config", None)
    return load_settings(config, options=given, environment=os.environ)


def _option(name: str) -> Callable[[Command], Command]:
    """Return the option of one setting."""
    field = _FIELDS[name]
    flag = "--" + name.replace("_", "-")
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(default, bool):
        flag = f"{flag}/--no-{name.replace('_', '-')}"
        return click.option(flag, name, default=None, help=f"{_DESCRIPTIONS[name]}  [default: {_shown(default)}]")
    text = _DESCRIPTIONS[name] + (f"  [default: {_shown(default)}]" if default not in ("", []) else "")
    if isinstance(default, list):
        # Given once for each value: `--layers ocdm`.
        value = "INPUT" if name == "catalogues" else "NAME"
        return click.option(flag, name, multiple=True, callback=_list_or_none, metavar=value, help=text)
    metavar = {
        "graph": "DIR",
        "harvests": "DIR",
        "mappings": "DIR",
        "base": "IRI",
        "metadata_licence": "IRI",
        "language": "en|ru",
        "engine": "local|spark",
        "master": "URL",
    }.get(name)
    if name.endswith(("_bytes", "_memory")):
        metavar = "BYTES"
    return click.option(flag, name, type=type(default), metavar=metavar or _METAVARS[type(default)], help=text)


def _list_or_none(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> list[str] | None:
    """Return the values of an option that may be given more than once, None where it was not given."""
    return list(value) or None


def _shown(default: object) -> str:
    """Return a default as a user would write it."""
    if isinstance(default, bool):
        return "on" if default else "off"
    return f"{default:g}" if isinstance(default, float) else str(default)
