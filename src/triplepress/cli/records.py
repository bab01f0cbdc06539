"""`triplepress records`: inputs as canonical records."""

from __future__ import annotations

import sys
from typing import Any

import click

from triplepress import pipeline
from triplepress.cli.app import DONE, SET_ASIDE, app
from triplepress.cli.inputs import input_arguments, say_set_aside
from triplepress.cli.options import setting_options, settings_of
from triplepress.cli.terminal import progress
from triplepress.record import ArticleRecord, Rejected, encode_record


@app.command()
@input_arguments
@setting_options("harvests", "mappings", "contact", "max_input_bytes")
@click.pass_context
def records(context: click.Context, /, inputs: tuple[str, ...], input_format: str | None, **options: Any) -> int:  # noqa: ANN401
    """Print canonical records as JSON lines.

    INPUT is a file, a folder, a glob, the address of an OAI-PMH endpoint (which is harvested first), or - for stdin.
    The lines are taken as input by every command. What was set aside is named on stderr.
    """
    settings = settings_of(context, options)
    set_aside = False
    with progress() as show:
        for item in pipeline.records(inputs, settings, input_format=input_format, progress=show):
            if isinstance(item, ArticleRecord):
                sys.stdout.buffer.write(encode_record(item) + b"\n")
            elif isinstance(item, Rejected):
                set_aside = True
                say_set_aside(item)
    sys.stdout.buffer.flush()
    return SET_ASIDE if set_aside else DONE
