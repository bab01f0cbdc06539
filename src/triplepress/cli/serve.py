"""`triplepress serve`: the current release on the web."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click

from triplepress import pipeline
from triplepress.cli.app import DONE, app
from triplepress.cli.options import SERVING, setting_options, settings_of


@app.command()
@setting_options(*SERVING)
@click.pass_context
def serve(context: click.Context, /, **options: Any) -> int:  # noqa: ANN401 - settings of any type
    """Serve the current release on the web.

    Pages, data, dumps and /sparql. A later release is picked up as it becomes the current one. Ctrl-C ends it
    after the requests under way.
    """
    settings = settings_of(context, options)
    with suppress(KeyboardInterrupt):  # the way to end it; the server has ended its requests when it comes this far
        pipeline.serve(settings)
    return DONE
