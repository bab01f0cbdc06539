"""The group of commands, its exit status, and how anything that goes wrong is said: one line, no traceback."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import click

from triplepress import __version__
from triplepress.cli.options import common_options
from triplepress.errors import TriplepressError

DONE: Final = 0
SET_ASIDE: Final = 1  # done, and inputs were set aside, each with its reason
NOT_DONE: Final = 2
_ORDER: Final = (
    "init",
    "harvest",
    "records",
    "check",
    "publish",
    "load",
    "serve",
    "query",
    "releases",
    "rollback",
    "prune",
    "diff",
    "verify",
)
_INTERRUPTED: Final = 130  # as a shell reports a program that SIGINT ended
_PIPE_CLOSED: Final = 141  # as a shell reports a program that SIGPIPE ended


class App(click.Group):
    """Commands in the order in which they are used, and the rim at which errors become lines."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, in the order of a first day's work."""
        return sorted(super().list_commands(ctx), key=_ORDER.index)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the command; end with the status that `interfaces` promises."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read has enough, as in `triplepress records … | head`. Python would complain once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(_PIPE_CLOSED)
        except KeyboardInterrupt:
            click.echo("\nStopped.", err=True)
            ctx.exit(_INTERRUPTED)
        except TriplepressError as error:
            fail(str(error))
            ctx.exit(NOT_DONE)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            fail(f"{place}{error.strerror or error}")
            ctx.exit(NOT_DONE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must not look like "done, with inputs set aside"
            traceback.print_exc()
            fail(f"that is a fault in Triplepress {__version__}, not in your data; please report the lines above")
            ctx.exit(NOT_DONE)
        return status


def fail(message: str) -> None:
    """Say on stderr why a command was not done."""
    click.echo(f"triplepress: {message}", err=True)


@click.group(
    cls=App,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
)
@common_options
@click.version_option(__version__, package_name="triplepress", message="%(prog)s %(version)s")
@click.pass_context
def app(context: click.Context, /, config: Path | None, **options: Any) -> None:  # noqa: ANN401 - settings of any type
    """Press journal articles into linked data: validated, citable, served behind every DOI.

    Exit status: 0 all well; 1 done, with inputs set aside, each named with its reason; 2 not done.
    """
    context.obj = {"config": config, **options}


def main() -> None:
    """Run the command line and end the process."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Cyrillic is no reason to stop half-way
    try:
        status = app.main(prog_name="triplepress", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(NOT_DONE)
    except click.Abort:
        sys.exit(_INTERRUPTED)
    sys.exit(status or DONE)
