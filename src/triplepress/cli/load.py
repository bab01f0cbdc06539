"""`triplepress load`: a release into the engine that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import msgspec

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.options import ENGINE, setting_options, settings_of
from triplepress.cli.terminal import counted, message_console, progress
from triplepress.errors import SettingsError
from triplepress.settings import Settings

if TYPE_CHECKING:
    from triplepress.release.delivery import Delivery

to = click.option("--to", metavar="sparql:URL", help="The engine, by its query address.  [default: the setting store]")


@app.command()
@click.argument("release", metavar="[ID]", required=False)
@to
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Drop all but so many of the newest releases from the engine; the current one always stays.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@setting_options(*ENGINE)
@click.pass_context
def load(
    context: click.Context,
    /,
    release: str | None,
    to: str | None,
    keep: int | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Load a release into another SPARQL engine.

    The current one, if no ID is given; the start of an ID is enough. Readers see it when all of it is there. A graph
    that the engine's own bulk loader has filled is counted and taken as it is. What failed can be run again.
    """
    settings = settings_of(context, options)
    engine = pipeline.engine_to_load(settings, to)
    if engine is None:
        raise SettingsError("name the engine: --to sparql:URL and --store-graphs URL", key="store")
    delivery = deliver(engine, settings, release, keep)
    if as_json:
        click.echo(msgspec.json.encode(delivery))
    else:
        tell(delivery)
    return DONE


def deliver(
    engine: pipeline.EngineAddress, settings: Settings, release: str | None = None, keep: int | None = None
) -> Delivery:
    """Load a release, showing how far it is, and every wait."""
    with progress() as show:
        return pipeline.load(engine, settings, release, keep=keep, progress=show, on_wait=_say_wait)


def tell(delivery: Delivery) -> None:
    """Say what became of a release."""
    console = message_console()
    done = "loaded" if delivery.loaded else "was there already"
    console.print(f"{delivery.release} {done}: {counted(delivery.triples, 'triple')} in {delivery.graph}", markup=False)
    for gone in delivery.dropped:
        console.print(f"dropped {gone}", markup=False)


def _say_wait(seconds: float, reason: str) -> None:
    """Say why nothing happens for a while."""
    message_console().print(f"{reason}; again in {seconds:g} s", markup=False)
