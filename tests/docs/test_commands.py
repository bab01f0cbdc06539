"""Every command, option, query and address of the pages is real: run where it can be, parsed where it cannot."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from tests.docs.conftest import CHECKOUT, DOCUMENTED_BASE, Block, Edition, blocks
from triplepress.cli import app

# Commands that run as they stand, in the folder of the example edition; the others change what the pages talk about, or
# name things that only the reader has, and are parsed.
_RUN = re.compile(r"triplepress (check examples|publish examples|records |releases|query |prune|--version)")


def commands() -> list[tuple[str, str]]:
    """Return every command of the pages' shell blocks, with its place; a quotation or `\\` joins lines."""
    found = []
    for block in blocks("sh"):
        pending = ""
        for line in block.text.splitlines():
            pending += line
            if pending.endswith("\\"):
                pending = pending[:-1]
                continue
            try:
                words = shlex.split(pending, comments=True)
            except ValueError:  # a quotation that goes on in the next line
                pending += "\n"
                continue
            if words:
                found.append((str(block), pending))
            pending = ""
        assert not pending, f"{block}: a quotation is not closed"
    return found


def named(program: str) -> list[tuple[str, str]]:
    """Return the pages' commands of one program."""
    return [(place, line) for place, line in commands() if line.startswith(f"{program} ")]


def parse(line: str) -> None:
    """Parse a `triplepress` command as the program would, without running it; an unknown option raises."""
    words = shlex.split(line, comments=True)[1:]
    context = app.make_context("triplepress", list(words), resilient_parsing=False) if words[0] != "--version" else None
    if context is None:
        return
    name, command, rest = app.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)


def test_every_shell_line_is_of_a_known_kind() -> None:
    programs = {shlex.split(line, comments=True)[0] for _, line in commands()}
    # Setting up is what scripts/wheel does; `eval`, `export` and `.` belong to the reader's shell, `zcat` to the
    # system; `oxigraph` is the server that tests/engines starts with these words.
    known = {"triplepress", "make", "curl", "python3", ".venv/bin/python", ".", "eval", "export", "zcat", "oxigraph"}
    assert programs <= known | {"pip", "/shared/triplepress/bin/triplepress"}  # what a cluster's nodes need


@pytest.mark.parametrize(("place", "line"), named("triplepress"))
def test_commands_and_options_exist(place: str, line: str) -> None:
    del place
    parse(line)


def test_a_wrong_option_would_be_noticed() -> None:
    with pytest.raises(click.NoSuchOption):
        parse("triplepress check --no-such-option")


@pytest.mark.parametrize(("place", "line"), named("make"))
def test_make_targets_exist(place: str, line: str) -> None:
    del place
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    words = [word for word in shlex.split(line, comments=True)[1:] if "=" not in word]
    assert words
    assert set(words) <= set(targets)


def test_make_targets_in_running_text_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for page in (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", CHECKOUT / "graph" / "README.md"):
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in targets


def test_help_lists_every_target() -> None:
    text = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE)) - {"help"}
    assert targets == set(re.findall(r"'make ([a-z-]+) ", text))


def test_every_command_and_option_is_documented() -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name, command in app.commands.items():
        assert re.search(rf"^## (.*\b)?{name}\b", page, re.MULTILINE), f"{name} is not in docs/commands.md"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                for option in [*parameter.opts, *parameter.secondary_opts]:
                    assert f"`{option}" in page, f"{name} {option} is not in docs/commands.md"


def test_every_documented_command_and_option_exists() -> None:
    page = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    headings = {name for line in re.findall(r"^## (.+)$", page, re.MULTILINE) for name in line.split(", ")}
    assert headings == set(app.commands)
    real = {
        option
        for command in app.commands.values()
        for parameter in command.params
        for option in [*parameter.opts, *parameter.secondary_opts]
    }
    documented = set(re.findall(r"`(--?[a-z][a-z-]*)", page))
    assert documented - {"--help"} <= real


@pytest.mark.parametrize(("place", "line"), [each for each in named("triplepress") if _RUN.match(each[1])])
def test_commands_run(place: str, line: str, edition: Edition) -> None:
    del place
    result = edition.run(*shlex.split(line, comments=True)[1:])
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_init_writes_what_check_and_publish_take(edition: Edition, tmp_path: Path) -> None:
    lines = [line for _, line in named("triplepress") if line.startswith("triplepress init my-journal")]
    assert lines
    for number, line in enumerate(lines):
        folder = tmp_path / str(number)
        words = shlex.split(line)[1:]
        assert edition.run(*[str(folder) if word == "my-journal" else word for word in words]).returncode == 0
        checked = edition.run("check", "examples", "--config", str(folder / "triplepress.toml"))
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("place", "line"), named("curl"))
def test_curl_lines_answer(place: str, line: str, edition: Edition) -> None:
    del place
    words = shlex.split(line.replace(DOCUMENTED_BASE, edition.base))
    got = subprocess.run(
        [*words, "--silent", "--show-error", "--fail", "--write-out", "\n%{content_type}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert got.returncode == 0, got.stderr
    body, _, content_type = got.stdout.rpartition("\n")
    assert len(body.splitlines()) > 1
    accepted = re.search(r"Accept: ([^']+)", line)
    assert content_type.startswith(accepted[1] if accepted else "application/ld+json")


@pytest.mark.parametrize("block", blocks("sparql"), ids=str)
def test_queries_find_something(block: Block, edition: Edition) -> None:
    text = block.text.replace(DOCUMENTED_BASE, edition.base)
    form = "nt" if "CONSTRUCT" in text else "csv"
    answer = edition.run("query", "--format", form, text)
    assert answer.returncode == 0, answer.stderr
    assert len(answer.stdout.splitlines()) > (0 if form == "nt" else 1)
