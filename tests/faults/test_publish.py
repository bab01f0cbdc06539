"""What does an edition survive? A kill at any point, a full disk, a second publisher, inputs that dwindle."""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from tests.records import article, refused
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import ArticleRecord, encode_record
from triplepress.release.switch import locked
from triplepress.settings import Settings

# Publishes; ends itself without warning when the stage named comes. Or has a limit on the length of a file.
_PUBLISH = """
import os, resource, signal, sys
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.settings import Settings
inputs, graph, stage, limit = sys.argv[1:5]
update = sys.argv[5:] == ["update"]
if limit != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
def progress(name, done, total):
    if name == stage:
        os.kill(os.getpid(), signal.SIGKILL)
try:
    print(pipeline.publish([inputs], Settings(graph=graph), update=update, progress=progress).release)
except ReleaseError as error:
    sys.exit(f"ReleaseError: {error}")
"""
_PRIMARY_TOPIC = NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")
_STAGES = ("read", "merge", "press", "dumps", "store", "describe", "switch")


def write(path: Path, records: list[ArticleRecord]) -> str:
    path.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    return str(path)


def start(inputs: str, graph: Path, stage: str = "", limit: int = 0, *, update: bool = False) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _PUBLISH, inputs, str(graph), stage, str(limit), *(["update"] if update else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    return output + errors


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """A graph folder with one release of three articles."""
    old = write(tmp_path / "old.jsonl", [article(number) for number in (1, 2, 3)])
    pipeline.publish([old], Settings(graph=str(tmp_path / "graph")))
    return tmp_path / "graph"


@pytest.fixture
def new(tmp_path: Path) -> str:
    """An input of four articles."""
    return write(tmp_path / "new.jsonl", [article(number, cites=["10.5555/article.1"]) for number in (1, 2, 3, 4)])


def current(graph: Path) -> Path:
    return (graph / "current").resolve(strict=True)


def holds(graph: Path, articles: int) -> bool:
    """Tell whether the current release is whole: its manifest, dumps and store agree."""
    folder = current(graph)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    check = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder / "dumps", check=False)
    store = Store.read_only(str(folder / "store"))
    held = len({quad.object for quad in store.quads_for_pattern(None, _PRIMARY_TOPIC, None)})
    return check.returncode == 0 and manifest["counts"]["published"] == held == articles


def leftovers(graph: Path) -> list[str]:
    return [
        path.name
        for path in (*graph.iterdir(), *(graph / "releases").iterdir())
        if path.name.startswith((".b", ".c", ".r"))
    ]


@pytest.mark.parametrize("stage", ["copy", "press", "store"])
def test_a_killed_update_leaves_the_old_edition_as_it_was(graph: Path, new: str, stage: str) -> None:
    old = current(graph)
    before = {path: path.read_bytes() for path in sorted(old.rglob("*")) if path.is_file()}
    process = start(new, graph, stage, update=True)
    finish(process)
    assert process.returncode == -signal.SIGKILL
    assert current(graph) == old
    assert {path: path.read_bytes() for path in sorted(old.rglob("*")) if path.is_file()} == before
    finish(start(new, graph, update=True))
    assert holds(graph, 4)
    assert not leftovers(graph)
    assert {path: path.read_bytes() for path in sorted(old.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize("stage", _STAGES)
def test_killed_at_a_stage_the_old_edition_stays_and_the_next_run_cleans_up(graph: Path, new: str, stage: str) -> None:
    old = current(graph)
    process = start(new, graph, stage)
    finish(process)
    assert process.returncode == -signal.SIGKILL
    assert current(graph) == old
    assert holds(graph, 3)
    outcome = pipeline.publish([new], Settings(graph=str(graph)))
    assert any("an earlier run did not finish" in note for note in outcome.notes)
    assert holds(graph, 4)
    assert not leftovers(graph)


def test_killed_at_any_moment_there_is_a_whole_edition(graph: Path, new: str) -> None:
    chance = random.Random(7)  # noqa: S311 - the moments need not be secret
    begun = time.monotonic()
    assert finish(start(new, graph)).strip() == current(graph).name
    length = time.monotonic() - begun
    for _ in range(6):
        process = start(new, graph)
        time.sleep(chance.uniform(0.4, 1.0) * length)
        process.kill()
        finish(process)
        assert holds(graph, 4)
    pipeline.publish([new], Settings(graph=str(graph)))
    assert holds(graph, 4)
    assert not leftovers(graph)


@pytest.mark.parametrize("limit", [1024, 16 * 1024, 64 * 1024, 120 * 1024])
def test_without_room_the_old_edition_stays(graph: Path, tmp_path: Path, limit: int) -> None:
    long = write(
        tmp_path / "long.jsonl", [article(n, cites=[f"10.5555/c.{n}.{k}" for k in range(40)]) for n in range(40)]
    )
    old = current(graph)
    process = start(long, graph, limit=limit)
    said = finish(process)
    assert process.returncode == 1
    assert "ReleaseError" in said
    assert "the old edition stays" in said
    assert current(graph) == old
    assert holds(graph, 3)
    assert not leftovers(graph)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system; the limit on the length of a file is tested beside this")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a file system")
    yield folder
    gc.collect()  # an error's traceback may still hold a store on it
    subprocess.run(["umount", str(folder)], check=True)


def test_on_a_full_disk_the_old_edition_stays(small_disk: Path, tmp_path: Path) -> None:
    graph = small_disk / "graph"
    old = write(tmp_path / "old.jsonl", [article(1)])
    first = pipeline.publish([old], Settings(graph=str(graph)))
    long = write(
        tmp_path / "long.jsonl", [article(n, cites=[f"10.5555/c.{n}.{k}" for k in range(40)]) for n in range(80)]
    )
    with pytest.raises(ReleaseError, match="no room"):
        pipeline.publish([long], Settings(graph=str(graph)))
    assert current(graph).name == first.release
    assert holds(graph, 1)
    assert not leftovers(graph)


def test_two_publishers_do_not_meet(graph: Path, new: str) -> None:
    with locked(graph), pytest.raises(ReleaseError, match="another triplepress is at work"):
        pipeline.publish([new], Settings(graph=str(graph)))
    assert holds(graph, 3)


def test_two_publishers_at_once_leave_one_whole_edition(graph: Path, new: str) -> None:
    racing = [start(new, graph) for _ in range(3)]
    said = [finish(process) for process in racing]
    assert any(process.returncode == 0 for process in racing)
    assert all(
        process.returncode == 0 or "another triplepress is at work" in text
        for process, text in zip(racing, said, strict=True)
    )
    assert holds(graph, 4)
    assert not leftovers(graph)


def test_an_edition_does_not_shrink_by_accident(graph: Path, tmp_path: Path) -> None:
    fewer = write(tmp_path / "fewer.jsonl", [article(1), article(2)])
    with pytest.raises(ReleaseError, match="would have 2 articles, the current one has 3"):
        pipeline.publish([fewer], Settings(graph=str(graph)))
    assert holds(graph, 3)
    pipeline.publish([fewer], Settings(graph=str(graph)), force=True)
    assert holds(graph, 2)


def test_nothing_publishable_is_no_edition(graph: Path, tmp_path: Path) -> None:
    heard: list[str | None] = []
    only_bad = write(tmp_path / "bad.jsonl", [refused(1)])
    with pytest.raises(ReleaseError, match="nothing can be published: 1 set aside"):
        pipeline.publish(
            [only_bad], Settings(graph=str(graph)), on_set_aside=lambda rejected: heard.append(rejected.doi)
        )
    assert heard == ["10.5555/article.1"]
    assert holds(graph, 3)


def test_an_edition_may_be_emptied_on_purpose(graph: Path, tmp_path: Path) -> None:
    only_bad = write(tmp_path / "bad.jsonl", [refused(1)])
    outcome = pipeline.publish([only_bad], Settings(graph=str(graph)), force=True)
    assert (outcome.published, outcome.rejected) == (0, 1)
    assert holds(graph, 0)


def test_another_base_is_said_aloud(graph: Path, new: str) -> None:
    outcome = pipeline.publish([new], Settings(graph=str(graph), base="https://data.example.org/"))
    assert any("the base has changed" in note for note in outcome.notes)


def test_a_file_system_without_links_is_named(graph: Path, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", no_links)
    with pytest.raises(ReleaseError, match="no symbolic link can be made here"):
        pipeline.publish([new], Settings(graph=str(graph)))
