"""`triplepress diff` and `verify`: what two releases say differently, and whether a release is what it says it is."""

from __future__ import annotations

import sys
from typing import Any, Final

import click
import msgspec

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.history import as_json
from triplepress.cli.options import setting_options, settings_of
from triplepress.cli.terminal import counted, message_console, progress

WRONG: Final = 1
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "affected": "."}


@app.command()
@click.argument("before", default="previous", metavar="[A]")
@click.argument("after", default="current", metavar="[B]")
@click.option("--triples", is_flag=True, help="Show the statements too, and what is about shared things.")
@click.option("--patch", is_flag=True, help="Print the RDF patch that makes B of A.")
@as_json
@setting_options()
@click.pass_context
def diff(
    context: click.Context,
    /,
    before: str,
    after: str,
    triples: bool,
    patch: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """List what release B says otherwise than release A.

    A and B are IDs, or the start of one; current and previous are names too, and what is compared if none is given.
    Added records are marked +, removed ones -, changed ones ~; those that are as they were, and only what is known
    around them is not, with a point.
    """
    settings = settings_of(context, options)
    if patch:
        for piece in pipeline.diff_patch(settings, before, after):
            sys.stdout.buffer.write(piece)
        return DONE
    found = pipeline.diff(settings, before, after, statements=triples)
    sums = pipeline.Summary(before=found.before.release, after=found.after.release)
    for difference in found.differences:
        sums.count(difference.change)
        if as_json:
            click.echo(_line(difference, with_statements=triples))
        elif triples or difference.change.record:
            _show(difference)
    if as_json:
        click.echo(msgspec.json.encode(sums))
        return DONE
    click.echo(f"{sums.before} → {sums.after}")
    for name, tally in (("records", sums.records), ("shared things", sums.things)):
        click.echo(
            f"  {name}: {tally.added:,} added, {tally.removed:,} removed, {tally.changed:,} changed"
            + (f", {tally.affected:,} affected" if tally.affected else "")
        )
    click.echo(f"  statements: {sums.statements.added:,} added, {sums.statements.removed:,} removed")
    return DONE


def _line(difference: pipeline.Difference, *, with_statements: bool) -> bytes:
    """Return a difference as one JSON object."""
    change: dict[str, object] = msgspec.to_builtins(difference.change)
    if with_statements:
        change["statements"] = {
            "removed": [line.decode().removesuffix("\n") for line in difference.removed],
            "added": [line.decode().removesuffix("\n") for line in difference.added],
        }
    return msgspec.json.encode(change)


def _show(difference: pipeline.Difference) -> None:
    """Print one entry, and its statements where there are any."""
    change = difference.change
    name = change.doi or change.key
    figures = f"+{change.added:,} -{change.removed:,}"
    click.echo(f"{_SIGNS[change.change]} {name}  {figures}" + (f"  {change.title}" if change.title else ""))
    for sign, lines in (("-", difference.removed), ("+", difference.added)):
        for line in lines:
            click.echo(f"    {sign} {line.decode().rstrip()}")


@app.command()
@click.argument("release", default="current", metavar="[ID]")
@click.option("--all", "every", is_flag=True, help="Check every release.")
@click.option(
    "--full", is_flag=True, help="Look up every statement in the store, and apply the patch to the release before."
)
@as_json
@setting_options()
@click.pass_context
def verify(
    context: click.Context,
    /,
    release: str,
    every: bool,
    full: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Check that a release is what it says it is.

    Its files, its checksums, its three formats, its store and its figures are held against one another. The exit status
    is 1 when anything is wrong.
    """
    settings = settings_of(context, options)
    wrong = False
    with progress() as show:
        for verdict in pipeline.verify(settings, release, every=every, full=full, progress=show):
            wrong = wrong or bool(verdict.faults)
            if as_json:
                click.echo(msgspec.json.encode(verdict))
            else:
                _tell(verdict)
    return WRONG if wrong else DONE


def _tell(verdict: pipeline.Verdict) -> None:
    """Print what was found of one release."""
    for fault in verdict.faults:
        click.echo(f"{verdict.release}: {fault.place}: {fault.message}")
    outcome = counted(len(verdict.faults), "fault") if verdict.faults else "sound"
    read = f"{counted(verdict.statements, 'statement')} read, {verdict.looked_up:,} looked up in the store"
    message_console().print(f"{verdict.release}: {outcome}; {read}, {verdict.seconds:.1f} s", markup=False)
