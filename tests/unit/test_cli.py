"""The command line as a user meets it: a process, its two streams, its exit status."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from triplepress import __version__
from triplepress.cli import app
from triplepress.record import Rejected, decode_record
from triplepress.settings import Settings

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
CITED = "10.24975/2313-8920-2024-11-1-8-19"
CITING = "10.46272/it.2025.23.1.80.1"


class Run(Protocol):
    """Runs the program in an empty folder."""

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Return the process once it has ended."""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def runner(
        *arguments: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRIPLEPRESS_")}
        return subprocess.run(
            [sys.executable, "-m", "triplepress", *arguments],
            cwd=tmp_path,
            env=clean | dict(environment or {}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return runner


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A file that is no article page."""
    path = tmp_path / "shopping.txt"
    path.write_text("milk\nbread\n", encoding="utf-8")
    return path


def test_help_names_every_command_and_the_exit_status(run: Run) -> None:
    helped = run("--help")
    assert helped.returncode == 0
    for command in ("init", "records", "check", "publish", "serve", "query", "releases", "rollback", "prune"):
        assert f"  {command} " in helped.stdout
    assert "Exit status: 0 all well; 1 done" in helped.stdout


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"triplepress {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("frobnicate",), "No such command"),
        (("publish", "--no-such-option", "x"), "No such option"),
        (("serve", "--port", "many"), "not a valid integer"),
        (("publish",), "name an input, or set sources"),
        (("check", "nowhere.txt"), "nowhere.txt: there is no such file"),
        (("publish", str(EXAMPLES), "--input-format", "papyrus"), "papyrus"),
        (("publish", str(EXAMPLES), "--base", "not an IRI"), "base"),
        (("check", str(EXAMPLES), "--language", "tlh"), "language"),
        (("records", str(EXAMPLES), "--config", "nowhere.toml"), "nowhere.toml"),
        (("query", "SELECT * WHERE { ?s ?p ?o }"), "nothing is published"),
        (("query",), "Give the query as text"),
        (("serve",), "published"),
        (("rollback", "20200101T000000Z-00000000"), "no such release"),
        (("prune", "--keep", "0"), "keep"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_status_2(run: Run, arguments: tuple[str, ...], says: str) -> None:
    failed = run(*arguments)
    assert failed.returncode == 2
    assert says in failed.stderr
    assert failed.stdout == ""
    assert "Traceback" not in failed.stderr


def test_records_prints_canonical_records_and_names_what_was_set_aside(run: Run, broken: Path) -> None:
    got = run("records", str(EXAMPLES), str(broken))
    assert got.returncode == 1
    assert {decode_record(line.encode()).doi for line in got.stdout.splitlines()} == {CITED, CITING}
    assert f"set aside: {broken}" in got.stderr
    assert run("records", "-", stdin=got.stdout).stdout.count("\n") == 2


def test_publish_query_and_history(run: Run, tmp_path: Path, broken: Path) -> None:
    published = run("publish", str(EXAMPLES), str(broken), "--json")
    assert published.returncode == 1
    summary = json.loads(published.stdout)
    assert (summary["read"], summary["published"], summary["rejected"]) == (3, 2, 1)
    assert f"set aside: {broken}" in published.stderr

    question = (
        "PREFIX cito: <http://purl.org/spar/cito/> "
        f"SELECT ?citing WHERE {{ ?citing cito:cites <http://127.0.0.1:8000/id/doi/{CITED}> }}"
    )
    answer = run("query", "--format", "csv", question)
    assert answer.returncode == 0
    assert answer.stdout.split() == ["citing", f"http://127.0.0.1:8000/id/doi/{CITING}"]
    (tmp_path / "question.rq").write_text(question, encoding="utf-8")
    assert f"/id/doi/{CITING}" in run("query", "-f", "question.rq").stdout
    assert run("query", "ASK { ?s ?p ?o }").stdout.split()[-1] == "yes"
    assert run("query", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1").stdout.rstrip().endswith(".")

    wrong = run("query", "SELECT ?x WHERE {\n  ?x ?y }")
    assert (wrong.returncode, wrong.stdout) == (2, "")

    run("publish", str(EXAMPLES), "--title", "Another edition")
    listed = [json.loads(line) for line in run("releases", "--json").stdout.splitlines()]
    assert [release["current"] for release in listed] == [False, True]
    assert listed[0]["release"] == summary["release"]
    assert summary["release"] in run("releases").stdout
    assert run("rollback", summary["release"]).returncode == 0
    assert json.loads(run("releases", "--json").stdout.splitlines()[0])["current"]
    assert json.loads(run("prune", "--keep", "1", "--json").stdout) == []
    assert run("rollback", listed[1]["release"]).returncode == 0
    assert json.loads(run("prune", "--keep", "1", "--json").stdout) == [summary["release"]]


def test_check_shows_the_table_and_writes_the_reports(run: Run, tmp_path: Path, broken: Path) -> None:
    checked = run("check", str(EXAMPLES), str(broken), "--html", "report.html", "--turtle", "report.ttl")
    assert checked.returncode == 1
    for said in ("Record, and where it is", "What is wrong", "What to do", CITING, "issued", str(broken)):
        assert said in checked.stdout
    assert "2 articles would be published, 1 set aside" in checked.stderr
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "ValidationReport" in (tmp_path / "report.ttl").read_text(encoding="utf-8")
    assert not (tmp_path / "graph").exists()

    lines = [json.loads(line) for line in run("check", str(broken), "--json").stdout.splitlines()]
    assert [line["stage"] for line in lines] == ["read"]
    assert Rejected.__struct_fields__ == tuple(lines[0])

    russian = run("check", str(EXAMPLES), "--language", "ru")
    assert "Что делать" in russian.stdout
    narrow = run("check", str(EXAMPLES), "--language", "ru", environment={"PYTHONIOENCODING": "ascii"})
    assert (narrow.returncode, "\\u0427\\u0442\\u043e" in narrow.stdout) == (0, True)


def test_settings_the_nearer_one_wins(run: Run, tmp_path: Path) -> None:
    (tmp_path / "triplepress.toml").write_text(
        f'title = "file"\nbase = "http://file.example/"\nsources = ["{EXAMPLES}"]\n', encoding="utf-8"
    )
    environment = {"TRIPLEPRESS_TITLE": "variable", "TRIPLEPRESS_GRAPH": "elsewhere"}
    assert run("publish", environment=environment).returncode == 0
    manifest = json.loads((tmp_path / "elsewhere" / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["title"] == "variable"
    assert manifest["settings"]["base"] == "http://file.example/"
    assert run("publish", "--title", "option", "--graph", "near", environment=environment).returncode == 0
    manifest = json.loads((tmp_path / "near" / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["title"] == "option"


def test_common_options_stand_before_the_command_as_well(run: Run, tmp_path: Path) -> None:
    assert run("--graph", "before", "publish", str(EXAMPLES)).returncode == 0
    assert (tmp_path / "before" / "current").is_symlink()
    assert run("--graph", "before", "releases", "--graph", "after").stdout == ""
    assert run("--graph", "before", "releases").stdout != ""


def test_unknown_setting_names_the_nearest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "triplepress.toml").write_text('tilte = "x"\n', encoding="utf-8")
    failed = run("publish", str(EXAMPLES))
    assert failed.returncode == 2
    assert "did you mean “title”?" in failed.stderr


def test_init_writes_a_file_that_works_and_keeps_one_that_is_there(run: Run, tmp_path: Path) -> None:
    assert run("init", "--title", "A journal").returncode == 0
    text = (tmp_path / "triplepress.toml").read_text(encoding="utf-8")
    assert 'title = "A journal"' in text
    assert run("check", str(EXAMPLES)).returncode == 0
    again = run("init", "--title", "Another")
    assert again.returncode == 2
    assert (tmp_path / "triplepress.toml").read_text(encoding="utf-8") == text


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path: Path) -> None:
    line = f'"{sys.executable}" -m triplepress records "{EXAMPLES}" "{EXAMPLES}" | true; echo "${{PIPESTATUS[0]}}"'
    got = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert got.stdout.strip() in {"141", "0"}  # 0 when all was written before the reader was gone
    assert got.stderr == ""


def test_ctrl_c_is_no_traceback(tmp_path: Path) -> None:
    # Standard input that never ends: the program waits in the middle of its work.
    running = subprocess.Popen(
        [sys.executable, "-m", "triplepress", "records", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None
    running.stdin.write("{")
    running.stdin.flush()
    time.sleep(3)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in errors


def test_serve_says_when_the_port_is_taken(run: Run) -> None:
    assert run("publish", str(EXAMPLES)).returncode == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        failed = run("serve", "--port", str(taken.getsockname()[1]))
    assert failed.returncode == 2
    assert "choose with --host and --port" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_serve_says_when_there_is_no_such_port(run: Run) -> None:
    assert run("publish", str(EXAMPLES)).returncode == 0
    failed = run("serve", "--port", "80000")
    assert failed.returncode == 2
    assert "choose with --host and --port" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_ctrl_c_is_how_serving_ends(run: Run, tmp_path: Path) -> None:
    assert run("publish", str(EXAMPLES)).returncode == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    running = subprocess.Popen(
        [sys.executable, "-m", "triplepress", "serve", "--port", port], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "startup complete" in line:
            break
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    assert running.returncode == 0
    assert "Traceback" not in errors


def test_progress_is_for_terminals_only(run: Run, tmp_path: Path) -> None:
    assert "read" not in run("records", str(EXAMPLES)).stderr
    master, terminal = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "triplepress", "publish", str(EXAMPLES)],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert running.wait(60) == 0
    assert b"press" in shown
    assert b"2 articles published" in shown


def test_every_setting_is_an_option_somewhere() -> None:
    options = {parameter.name for command in app.commands.values() for parameter in command.params}
    # Sources are INPUT..., and a password on a command line is seen by everybody.
    assert set(Settings.__struct_fields__) - {"sources", "store_password"} <= options


def test_two_releases_are_compared_and_checked(run: Run, tmp_path: Path) -> None:
    assert run("diff").returncode == 2  # nothing is published
    first = json.loads(run("publish", str(EXAMPLES), "--json").stdout)["release"]
    assert "none before it" in run("diff").stderr
    changed = tmp_path / "changed"
    changed.mkdir()
    for page in EXAMPLES.glob("*.txt"):
        text = page.read_text(encoding="utf-8")
        (changed / page.name).write_text(text.replace("Rare-Earth", "Very Rare-Earth"), encoding="utf-8")
    second = json.loads(run("publish", str(changed), "--json").stdout)["release"]

    compared = run("diff")
    assert compared.returncode == 0
    assert f"~ {CITED}" in compared.stdout
    assert f"{first} → {second}" in compared.stdout
    assert "- <" not in compared.stdout
    assert "+ <" in run("diff", first, "current", "--triples").stdout
    lines = [json.loads(line) for line in run("diff", "--json").stdout.splitlines()]
    assert (lines[-1]["before"], lines[-1]["after"]) == (first, second)
    assert {line["doi"] for line in lines[:-1] if line["change"] == "changed" and line["record"]} >= {CITED}
    patch = run("diff", second, first, "--patch").stdout.splitlines()
    assert (patch[2], patch[-1]) == ("TX .", "TC .")
    assert run("diff", "2099", "current").returncode == 2

    checked = run("verify", "--all", "--full", "--json")
    assert checked.returncode == 0
    assert [json.loads(line)["faults"] for line in checked.stdout.splitlines()] == [[], []]
    (tmp_path / "graph" / "releases" / second / "dumps" / "citations.csv.gz").unlink()
    wrong = run("verify")
    assert wrong.returncode == 1
    assert "dumps/citations.csv.gz: is not there" in wrong.stdout
