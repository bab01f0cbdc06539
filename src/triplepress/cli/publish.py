"""`triplepress publish`: inputs as an edition."""

from __future__ import annotations

from typing import Any

import click

from triplepress import pipeline
from triplepress.cli.app import DONE, SET_ASIDE, app
from triplepress.cli.inputs import input_arguments, say_set_aside
from triplepress.cli.load import deliver, tell, to
from triplepress.cli.options import BUILDING, EDITION, ENGINE, setting_options, settings_of
from triplepress.cli.terminal import counted, message_console, progress, told_by_source


@app.command()
@input_arguments
@click.option(
    "--update", is_flag=True, help="Go on from the current edition: read only what is new or changed, keep the rest."
)
@click.option("--force", is_flag=True, help="Replace the edition even by an empty or a much smaller one.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@to
@setting_options(*EDITION, *BUILDING, *ENGINE)
@click.pass_context
def publish(
    context: click.Context,
    /,
    inputs: tuple[str, ...],
    input_format: str | None,
    update: bool,
    force: bool,
    as_json: bool,
    to: str | None,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Press an edition of exactly these inputs.

    It becomes the current one when it is complete; until then, and if anything goes wrong, the old one stays.

    INPUT is a file, a folder, a glob, the address of an OAI-PMH endpoint (which is harvested first), or - for stdin;
    without any, the sources of triplepress.toml are taken. With --update what these inputs say now takes the place of
    what they said, and everything else stays as it is. What cannot be read, or what the gate refuses, is set aside
    and named; the rest is published. With --to, or the setting store, the edition is loaded into that engine, too.
    """
    settings = settings_of(context, options)
    engine = pipeline.engine_to_load(settings, to)
    with progress() as show:
        outcome = pipeline.publish(
            inputs,
            settings,
            input_format=input_format,
            update=update,
            force=force,
            progress=show,
            on_set_aside=say_set_aside,
        )
    console = message_console()
    for note in outcome.notes:
        console.print(f"note: {note}", markup=False)
    if as_json:
        click.echo(outcome.to_json())
    else:
        console.print(_told(outcome), markup=False)
    if engine is not None:
        tell(deliver(engine, settings, outcome.release))
    return SET_ASIDE if outcome.rejected else DONE


def _told(outcome: pipeline.Outcome) -> str:
    """Return what became of the inputs, in a few lines."""
    lines = [
        f"{counted(outcome.published, 'article')} published, {counted(outcome.triples, 'triple')},"
        f" in {outcome.seconds:.1f} s: {outcome.path}"
    ]
    others = [
        (outcome.merged, "merged into another record of the same article"),
        (outcome.skipped, "skipped: sound, but no journal article, or withdrawn"),
        (outcome.rejected, "set aside: named above, and in the report"),
    ]
    lines += [f"{number:,} {what}" for number, what in others if number]
    if outcome.skipped or len(outcome.sources) > 1:
        lines += told_by_source(outcome.sources)
    if outcome.matched:
        references = counted(outcome.matched, "reference")
        lines.append(f"{references} without a DOI matched to a known work: in the graph of matches")
    if outcome.warnings:
        lines.append(f"{counted(outcome.warnings, 'warning')}: triplepress check shows them")
    return "\n".join(lines)
