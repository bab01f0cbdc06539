"""Does an edition come out the same from Spark? Real executors; the local build says what is right."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
from pyoxigraph import Store

from tests.engines.spark_inputs import write_inputs
from triplepress import pipeline
from triplepress.release.manifest import read_manifest
from triplepress.settings import Settings

_SETTINGS = {"base": "https://data.example.org/", "title": "Edition of the tests", "contact": "mailto:data@example.org"}
# All that a release says; the manifest also tells how long it took.
_FILES = (
    "dumps/articles.nt.gz",
    "dumps/articles.ttl.gz",
    "dumps/articles.jsonld.gz",
    "dumps/citations.csv.gz",
    "dumps/matched.nq.gz",
    "dumps/SHA256SUMS",
    "members.jsonl.zst",
    "records.jsonl.zst",
    "rejected.jsonl",
    "report.html",
    "report.json",
    "report.ttl",
    "revisions.tsv.zst",
    "void.ttl",
)
# What runs for a minute is not worth compiling twice.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_TIMED = {"seconds": 0.0, "timings": {}, "inputs": []}


@pytest.fixture(scope="module", autouse=True)
def _spark() -> Iterator[None]:
    """Settings for a small machine; without Java a test skips and says so, with `CI=true` that is a failure."""
    if shutil.which("java") is None:
        reason = "Spark needs Java: apt install openjdk-17-jre-headless"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"--driver-memory 1g --driver-java-options '{_JAVA}' pyspark-shell")
        yield


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> list[str]:
    return write_inputs(tmp_path_factory.mktemp("inputs"), shared)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, inputs: list[str]) -> Path:
    """The release that this machine alone builds."""
    graph = tmp_path_factory.mktemp("local")
    return Path(pipeline.publish(inputs, Settings(graph=str(graph), processes=1, **_SETTINGS)).path)  # type: ignore[arg-type]  # names of settings


def _differing(one: Path, other: Path) -> list[str]:
    """Return the files of two releases that are not the same."""
    return [name for name in _FILES if (one / name).read_bytes() != (other / name).read_bytes()]


def _quads(release: Path) -> set[str]:
    """Return what the store of a release holds."""
    return {str(quad) for quad in Store.read_only(str(release / "store"))}


def test_the_inputs_try_what_may_go_wrong(local: Path) -> None:
    manifest = read_manifest(local)
    counts = manifest.counts
    assert counts.published > 100
    assert counts.merged >= 10
    assert counts.rejected >= 5
    assert manifest.withdrawn
    assert manifest.matches.references >= 10
    assert manifest.warnings


def test_an_edition_is_the_same_from_four_threads(tmp_path: Path, inputs: list[str], local: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    settings = Settings(graph=str(tmp_path), engine="spark", master="local[4]", **_SETTINGS)  # type: ignore[arg-type]  # as above
    outcome = pipeline.publish(inputs, settings, progress=lambda *what: told.append(what))
    release = Path(outcome.path)
    assert _differing(release, local) == []
    assert _quads(release) == _quads(local)
    one, other = read_manifest(release), read_manifest(local)
    names = [name for name in one.__struct_fields__ if name not in _TIMED]
    assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}
    assert {stage for stage, _, _ in told} >= {"read", "merge", "press", "match"}


def test_a_killed_executor_leaves_neither_a_hole_nor_a_double(
    tmp_path: Path, inputs: list[str], local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two executors in processes of their own; one is killed while it presses."""
    home = tmp_path / "spark"
    home.mkdir()
    for path in Path(pyspark.__file__).parent.iterdir():  # executors have their folders in Spark's own
        if path.name != "work":
            (home / path.name).symlink_to(path)
    monkeypatch.setenv("SPARK_HOME", str(home))
    arguments = f"--driver-memory 1g --driver-java-options '{_JAVA}' --conf spark.executor.memory=512m"
    executors = f"--conf 'spark.executor.extraJavaOptions={_JAVA}' pyspark-shell"
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", f"{arguments} {executors}")
    killed: list[int] = []
    done = threading.Event()
    graph = tmp_path / "graph"
    killer = threading.Thread(target=_kill_executor, args=(graph, killed, done))
    killer.start()
    settings = Settings(graph=str(graph), engine="spark", master="local-cluster[2,1,512]", **_SETTINGS)  # type: ignore[arg-type]  # as above
    try:
        release = Path(pipeline.publish(inputs, settings).path)
    finally:
        done.set()
        killer.join()
    assert killed
    assert _differing(release, local) == []
    lines = gzip.decompress((release / "dumps" / "articles.nt.gz").read_bytes()).splitlines()
    assert len(lines) == len(set(lines))


def _kill_executor(graph: Path, killed: list[int], done: threading.Event) -> None:
    """Kill an executor once the first batches are being pressed, that is, once their file is begun."""
    while not done.is_set() and not killed:
        if any(graph.glob("releases/*/work/members-0/.*")):
            for pid in _executors():
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                break
        time.sleep(0.02)


def _executors() -> list[int]:
    """Return the executors that this process's own Spark started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if b"CoarseGrainedExecutorBackend" in command and _is_ours(int(folder.name)):
                found.append(int(folder.name))
    return found


def _is_ours(pid: int) -> bool:
    """Tell whether a process descends from this one."""
    while pid > 1:
        if pid == os.getpid():
            return True
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False
        pid = int(status.rpartition(")")[2].split()[1])
    return False
