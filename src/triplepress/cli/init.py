"""`triplepress init`: a settings file to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.options import EDITION, setting_options, settings_of


@app.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@setting_options(*EDITION)
@click.pass_context
def init(context: click.Context, /, folder: Path, **options: Any) -> int:  # noqa: ANN401 - settings of any type
    """Write a triplepress.toml to start from.

    It goes into FOLDER, or the working folder, and explains every setting. Options become the file's
    values. A file that is there already is left as it is.
    """
    path = pipeline.init(folder, settings_of(context, options))
    click.echo(f"{path}: read it, set base and title, then: triplepress check INPUT...", err=True)
    return DONE
