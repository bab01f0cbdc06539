"""`triplepress check`: what publishing would find, for an editor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from triplepress import pipeline
from triplepress.cli.app import DONE, SET_ASIDE, app
from triplepress.cli.inputs import input_arguments
from triplepress.cli.options import EDITION, setting_options, settings_of
from triplepress.cli.terminal import counted, data_console, message_console, new_table, progress, told_by_source

_STYLES = {"Violation": "bold red", "Warning": "yellow", "Info": "cyan"}
_TITLES = {
    "en": ("Severity", "Record, and where it is", "Field", "What is wrong", "What to do"),
    "ru": ("Важность", "Запись и где она", "Поле", "Что не так", "Что делать"),
}
_ROWS = 500  # findings in one table
_file = click.Path(path_type=Path, dir_okay=False)


@app.command()
@input_arguments
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line instead of a table.")
@click.option("--html", type=_file, metavar="FILE", help="Write the report as a page.")
@click.option("--turtle", type=_file, metavar="FILE", help="Write the report as a SHACL validation report.")
@setting_options(*EDITION)
@click.pass_context
def check(
    context: click.Context,
    /,
    inputs: tuple[str, ...],
    input_format: str | None,
    as_json: bool,
    html: Path | None,
    turtle: Path | None,
    **options: Any,  # noqa: ANN401 - settings of any type
) -> int:
    """Show which record fails, where, why, and what to do.

    It does all that publishing does, without publishing; a warning does not stop a record.

    INPUT is a file, a folder, a glob, the address of an OAI-PMH endpoint (which is harvested first), or - for stdin;
    without any, the sources of triplepress.toml are taken.
    """
    settings = settings_of(context, options)
    with progress() as show:
        outcome = pipeline.check(inputs, settings, input_format=input_format, progress=show)
    if html is not None:
        html.write_text(pipeline.check_html(outcome, settings), encoding="utf-8")
    if turtle is not None:
        pipeline.check_turtle(outcome, settings, turtle)
    if as_json:
        for line in pipeline.check_lines(outcome):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    else:
        _show_tables(pipeline.check_rows(outcome), settings.language)
    message_console().print(_told(outcome), markup=False)
    return SET_ASIDE if outcome.counts.rejected else DONE


def _show_tables(rows: Iterator[pipeline.Row], language: str) -> None:
    """Print the findings; where they are many, table after table, for a table is laid out as a whole."""
    while part := list(islice(rows, _ROWS)):
        _show_table(part, language)


def _show_table(rows: list[pipeline.Row], language: str) -> None:
    """Print some findings; a record is named on the first of its lines."""
    table = new_table(*_TITLES[language])
    above = None
    for row in rows:
        name = Text()
        if above != (row.record, row.place):
            name.append("\n".join(dict.fromkeys(text for text in (row.record, row.place) if text)))
        above = (row.record, row.place)
        severity = Text(row.severity, style=_STYLES[row.severity])
        wrong = f"{row.message} “{row.value[:200]}”" if row.value else row.message
        table.add_row(severity, name, Text(row.field), Text(wrong), Text(row.remedy))
    data_console().print(table)


def _told(outcome: pipeline.CheckOutcome) -> str:
    """Return in a line what was found, and in further ones what became of each kind of source."""
    counts = outcome.counts
    parts = [
        f"{counted(counts.published, 'article')} would be published",
        f"{counts.rejected:,} set aside",
        counted(outcome.warnings, "warning"),
    ]
    others = [(counts.merged, "merged"), (counts.skipped, "skipped")]
    parts += [f"{number:,} {what}" for number, what in others if number]
    lines = [f"{', '.join(parts)}; {outcome.seconds:.1f} s"]
    if counts.skipped or len(outcome.sources) > 1:
        lines += told_by_source(outcome.sources)
    return "\n".join(lines)
