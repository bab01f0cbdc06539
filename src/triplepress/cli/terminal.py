"""What a person at a terminal sees: consoles, progress and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from triplepress.pipeline import SourceCounts

# Called with the stage, how much of it is done, and how much there is where that is known.
ProgressCallback = Callable[[str, int, int | None], None]

_TYPES = 5  # types of what was skipped that a line names; the manifest has them all
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


def told_by_source(sources: Iterable[SourceCounts]) -> list[str]:
    """Return a line for each kind of source: what was read of it, and what became of that.

    Args:
        sources: The counts for each kind; types of what was skipped stand in brackets, the most frequent first.
    """
    lines = []
    for each in sources:
        types = sorted(each.skipped.items(), key=lambda item: (-item[1], item[0]))
        shown = [f"{what} {number:,}" for what, number in types[:_TYPES]]
        more = len(types) - len(shown)
        if more:
            shown.append(counted(more, "more type"))
        skipped = f" ({', '.join(shown)})" if types else ""
        parts = [
            (each.published, "published", ""),
            (each.merged, "merged", ""),
            (sum(each.skipped.values()), "skipped", skipped),
            (each.rejected, "set aside", ""),
        ]
        became = ", ".join(f"{number:,} {what}{rest}" for number, what, rest in parts if number)
        lines.append(f"  {each.kind}: {each.read:,} read: {became}")
    return lines
