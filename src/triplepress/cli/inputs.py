"""What `publish`, `check` and `records` have in common: their inputs, and how they name what was set aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from triplepress.cli.terminal import message_console
from triplepress.record import Rejected

Command = TypeVar("Command", bound=Callable[..., Any])


def input_arguments(command: Command) -> Command:
    """Give a command `INPUT...` and `--input-format`."""
    command = click.option(
        "--input-format",
        metavar="NAME",
        help="The kind of the inputs, such as elpub or records.  [default: told from the content]",
    )(command)
    return click.argument("inputs", nargs=-1, metavar="INPUT...")(command)


def say_set_aside(rejected: Rejected) -> None:
    """Say on stderr what was set aside: where it is, what stopped it, and what to do; warnings are in the report."""
    console = message_console()
    place = rejected.source.location
    if rejected.source.position:
        place = f"{place}, {rejected.source.position}"
    stopping = [finding for finding in rejected.findings if finding.severity == "Violation"]
    for finding in stopping or rejected.findings:
        field = f"{finding.field}: " if finding.field else ""
        value = f" (“{finding.value[:200]}”)" if finding.value else ""
        wrong = sentence(f"{finding.message.rstrip('.')}{value}" if value else finding.message)
        console.print(f"set aside: {place}: {field}{wrong} {finding.remedy}".rstrip(), markup=False)


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does, with one full stop at most.

    Example:
        >>> sentence("The article has no author."), sentence("no author"), sentence("Is this meant?")
        ('The article has no author.', 'no author.', 'Is this meant?')
    """
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
