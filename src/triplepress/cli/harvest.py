"""`triplepress harvest`: all records of an OAI-PMH repository, or all that are new."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from triplepress import pipeline
from triplepress.cli.app import DONE, SET_ASIDE, app
from triplepress.cli.options import setting_options, settings_of
from triplepress.cli.terminal import counted, message_console, progress


@app.command()
@click.argument("url")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Where the responses go.")
@click.option("--set", "set_", metavar="NAME", help="Only this set of the repository's.  [default: all]")
@click.option("--from", "since", metavar="DATE", help="Only what changed since.  [default: since the last harvest]")
@click.option("--until", metavar="DATE", help="Only what changed up to then.")
@click.option("--metadata-prefix", metavar="NAME", help="The metadata format.  [default: the fullest one offered]")
@click.option("--fresh", is_flag=True, help="Harvest everything again; the old responses go when that is done.")
@click.option(
    "--delay",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="The least time between two requests.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a request may bring nothing.",
)
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    metavar="NUMBER",
    help="How often one request is sent before the harvest stops.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@setting_options("harvests", "contact")
@click.pass_context
def harvest(
    context: click.Context,
    /,
    url: str,
    to: Path | None,
    set_: str | None,
    since: str | None,
    until: str | None,
    metadata_prefix: str | None,
    fresh: bool,
    delay: float,
    timeout: float,
    attempts: int,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Save the records of an OAI-PMH repository.

    URL is the repository's base URL. Its responses are saved as they come, in a folder that every command takes as
    INPUT. After an interruption the same command goes on where it stopped; after that it asks for what is new.
    """
    settings = settings_of(context, options)
    console = message_console()

    def say_wait(seconds: float, reason: str) -> None:
        console.print(f"waiting {seconds:.0f} s: {reason}", markup=False)

    with progress() as show:
        result = pipeline.harvest(
            pipeline.Wanted(url, set_, since, until, metadata_prefix, fresh),
            settings,
            folder=to,
            manners=pipeline.Manners(delay, timeout, attempts),
            progress=show,
            on_wait=say_wait,
        )
    for place, fault in result.broken:
        console.print(f"set aside: {place}: not well-formed, {fault}. Tell the repository", markup=False)
    if as_json:
        click.echo(json.dumps(asdict(result), ensure_ascii=False))
    else:
        console.print(_told(result), markup=False)
    return SET_ASIDE if result.broken else DONE


def _told(result: pipeline.Harvested) -> str:
    """Return what the harvest brought, in a line or three."""
    if not result.pages:
        return f"nothing new since {result.since}" if result.since else "the repository has no such records"
    deleted = f", {result.deleted:,} of them deleted" if result.deleted else ""
    lines = [
        f"{counted(result.records, 'record')}{deleted}, as {result.prefix}, on {counted(result.pages, 'page')}:"
        f" {result.folder}"
    ]
    if result.resumed:
        lines.append("went on where the last harvest had stopped")
    if result.restarts:
        lines.append(f"{counted(result.restarts, 'token')} had expired; the list was asked for again by date")
    if result.since and result.deletions != "persistent":
        lines.append("the repository does not remember what it deletes: harvest with --fresh now and then")
    return "\n".join(lines)
