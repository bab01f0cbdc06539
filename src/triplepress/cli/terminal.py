"""What a person at a terminal sees: consoles, progress and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

# Called with the stage, how much of it is done, and how much there is where that is known.
ProgressCallback = Callable[[str, int, int | None], None]

_WIDE = 2000  # columns of a table that goes to a file or a pipe: nothing is cut there


def data_console() -> Console:
    """Return the console of stdout; away from a terminal it neither colours nor cuts."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=_WIDE)


def message_console() -> Console:
    """Return the console of stderr."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def new_table(*columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return an empty table; the columns named in `numbers` are set to the right."""
    table = Table(box=SIMPLE, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table


@contextmanager
def progress() -> Iterator[ProgressCallback | None]:
    """Show long work on a terminal while the block runs; elsewhere there is nothing to call, so None."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=message_console(), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int | None) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        yield show


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, the noun in the plural where it has to be.

    Example:
        >>> counted(1, "article"), counted(1200, "triple")
        ('1 article', '1,200 triples')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
