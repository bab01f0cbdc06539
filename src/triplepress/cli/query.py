"""`triplepress query`: a question to the current release."""

from __future__ import annotations

import sys
from typing import Any, Final, TextIO

import click
from rich.text import Text

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.options import ASKING, setting_options, settings_of
from triplepress.cli.terminal import counted, data_console, message_console, new_table
from triplepress.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS

_FORMATS: Final = [form.name for form in (*RESULT_FORMATS, *GRAPH_FORMATS)]


@app.command()
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.File(encoding="utf-8"), help="Read the query from a file, - for stdin.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), help="The answer's format.  [default: a table, or Turtle]"
)
@setting_options(*ASKING)
@click.pass_context
def query(
    context: click.Context,
    /,
    text: str | None,
    file: TextIO | None,
    form: str | None,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Ask the current release a SPARQL query.

    The query is given as TEXT or in a file. No server is needed.
    """
    settings = settings_of(context, options)
    if file is not None and text is None:
        text = file.read()
    elif file is not None or text is None:
        raise click.UsageError("Give the query as text, or name its file with -f; not both.")
    if form is not None:
        for piece in pipeline.query(text, settings, form):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return DONE
    answer = pipeline.query_table(text, settings)
    if isinstance(answer, str):
        click.echo(answer, nl=False)
        return DONE
    table = new_table(*answer.columns)
    for row in answer.rows:
        table.add_row(*(Text(term or "") for term in row))
    if answer.columns:
        data_console().print(table)
    message_console().print(counted(len(answer.rows), "row"))
    return DONE
