"""`triplepress releases`, `rollback` and `prune`: which editions there are, and which one is current."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.options import setting_options, settings_of
from triplepress.cli.terminal import counted, data_console, message_console, new_table

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@app.command()
@as_json
@setting_options()
@click.pass_context
def releases(context: click.Context, /, as_json: bool, **options: Any) -> int:  # noqa: ANN401 - settings of any type
    """List the releases, oldest first."""
    found = pipeline.releases(settings_of(context, options))
    if as_json:
        for info in found:
            click.echo(msgspec.json.encode(info))
        return DONE
    if not found:
        message_console().print("There is no release yet; triplepress publish INPUT... makes one.")
        return DONE
    table = new_table("", "Release", "Articles", "Triples", "Base", "Version", numbers=("Articles", "Triples"))
    for info in found:
        mark = "current" if info.current else ""
        table.add_row(mark, info.release, f"{info.articles:,}", f"{info.triples:,}", info.base, info.version)
    data_console().print(table)
    return DONE


@app.command()
@click.argument("release", metavar="ID")
@setting_options()
@click.pass_context
def rollback(context: click.Context, /, release: str, **options: Any) -> int:  # noqa: ANN401 - settings of any type
    """Make another release the current one.

    A running server picks it up. The start of the ID is enough.
    """
    current = pipeline.rollback(settings_of(context, options), release)
    message_console().print(f"{current} is the current release now", markup=False)
    return DONE


@app.command()
@click.option(
    "--keep", type=click.IntRange(min=1), default=3, show_default=True, metavar="NUMBER", help="How many stay."
)
@as_json
@setting_options()
@click.pass_context
def prune(context: click.Context, /, keep: int, as_json: bool, **options: Any) -> int:  # noqa: ANN401 - settings of any type
    """Delete all but the newest releases.

    The current one always stays.
    """
    gone = pipeline.prune(settings_of(context, options), keep)
    if as_json:
        click.echo(msgspec.json.encode(gone))
    else:
        message_console().print(f"{counted(len(gone), 'release')} deleted")
        for release in gone:
            click.echo(release)
    return DONE
