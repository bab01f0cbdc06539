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
from typing import Any

import pyspark
import pytest
from pyoxigraph import Store

from tests.engines.spark_inputs import change_inputs, write_inputs
from tests.records import article
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import encode_record
from triplepress.release.manifest import read_manifest
from triplepress.release.spark import merging, publish
from triplepress.release.spark.job import Job
from triplepress.release.spark.session import Cluster
from triplepress.settings import Settings
from triplepress.store.members import ARTICLES

_SETTINGS = {"base": "https://data.example.org/", "title": "Edition of the tests", "contact": "mailto:data@example.org"}
# What may differ: how long it took, and what only one machine keeps for the next small update.
_APART = ("manifest.json", "store/", "index/")

# What runs for a minute is not worth compiling twice.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_TIMED = ("seconds", "timings")
_LATER = "1767312000"
_WITHDRAWAL = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-01T00:00:00Z</responseDate>
<request verb="ListRecords" metadataPrefix="oai_dc">http://example.org/oai</request>
<ListRecords><record><header status="deleted"><identifier>oai:test:1</identifier><datestamp>2025-01-01</datestamp>
</header></record></ListRecords></OAI-PMH>
"""


@pytest.fixture(scope="module", autouse=True)
def _spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings for a small machine; without Java a test skips and says so, with `CI=true` that is a failure.

    PySpark keeps one JVM for all applications of a process, so these hold for every test.
    """
    if shutil.which("java") is None:
        reason = "Spark needs Java: apt install openjdk-17-jre-headless"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("spark")
    for path in Path(pyspark.__file__).parent.iterdir():  # executors have their folders in Spark's own
        if path.name != "work":
            (home / path.name).symlink_to(path)
    driver = f"--driver-memory 1g --driver-java-options '{_JAVA}'"
    executors = f"--conf spark.executor.memory=512m --conf 'spark.executor.extraJavaOptions={_JAVA}'"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{driver} {executors} pyspark-shell")
        yield


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> list[str]:
    return write_inputs(tmp_path_factory.mktemp("inputs"), shared)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, inputs: list[str]) -> list[str]:
    """The inputs a day later."""
    folder = tmp_path_factory.mktemp("changed") / "inputs"
    shutil.copytree(inputs[0], folder)
    change_inputs(folder)
    return [str(folder)]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, inputs: list[str]) -> Path:
    """The release that this machine alone builds."""
    graph = tmp_path_factory.mktemp("local")
    return Path(pipeline.publish(inputs, Settings(graph=str(graph), processes=1, **_SETTINGS)).path)  # type: ignore[arg-type]  # names of settings


@pytest.fixture(scope="module")
def local_later(tmp_path_factory: pytest.TempPathFactory, local: Path, changed: list[str]) -> Path:
    """The release that this machine builds a day later upon that one."""
    graph = tmp_path_factory.mktemp("later") / "graph"
    shutil.copytree(local.parent.parent, graph, symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", _LATER)
        return Path(pipeline.publish(changed, Settings(graph=str(graph), processes=1, **_SETTINGS)).path)  # type: ignore[arg-type]  # as above


def _files(release: Path) -> set[str]:
    """Return the names of all files in which a release says something."""
    names = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    return {name for name in names if not name.startswith(_APART)}


def _differing(one: Path, other: Path) -> list[str]:
    """Return the files of two releases that are not the same, or only in one of them."""
    names, both = _files(one) | _files(other), _files(one) & _files(other)
    return sorted(
        name for name in names if name not in both or (one / name).read_bytes() != (other / name).read_bytes()
    )


def _told(release: Path) -> dict[str, object]:
    """Return what a manifest says of an edition."""
    manifest = read_manifest(release)
    return {name: getattr(manifest, name) for name in manifest.__struct_fields__ if name not in _TIMED}


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
    assert _told(release) == _told(local)
    assert {stage for stage, _, _ in told} >= {"read", "merge", "press", "match"}


def test_a_later_edition_is_the_same_though_an_executor_was_killed(
    tmp_path: Path, changed: list[str], local: Path, local_later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two executors in processes of their own; one is killed while it presses. Nothing is lost, and nothing doubled."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", _LATER)
    graph = tmp_path / "graph"
    shutil.copytree(local.parent.parent, graph, symlinks=True)
    killed: list[int] = []
    done = threading.Event()
    killer = threading.Thread(target=_kill_executor, args=(graph, killed, done))
    killer.start()
    settings = Settings(graph=str(graph), engine="spark", master="local-cluster[2,1,512]", **_SETTINGS)  # type: ignore[arg-type]  # as above
    try:
        release = Path(pipeline.publish(changed, settings).path)
    finally:
        done.set()
        killer.join()
    assert killed
    assert _differing(release, local_later) == []
    assert _told(release) == _told(local_later)
    lines = gzip.decompress((release / "dumps" / "articles.nt.gz").read_bytes()).splitlines()
    assert len(lines) == len(set(lines))


def test_a_part_that_a_later_stage_does_not_see_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the graph folder is not shared, or lags: no edition with a hole in it."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jsonl").write_bytes(encode_record(article(number)) + b"\n")

    def lose_and_merge(cluster: Cluster, job: Job, *what: Any, **named: Any) -> object:  # noqa: ANN401 - as `merge`
        job.parts.path("read", 0).unlink()
        return merging.merge(cluster, job, *what, **named)

    monkeypatch.setattr(publish, "merge", lose_and_merge)
    settings = Settings(graph=str(tmp_path / "graph"), engine="spark", master="local[2]", **_SETTINGS)  # type: ignore[arg-type]  # as above
    with pytest.raises(ReleaseError, match=r"read/000000 is not seen from .*The old edition stays"):
        pipeline.publish([str(folder)], settings)
    assert not (tmp_path / "graph" / "current").is_symlink()


def test_a_partition_does_not_begin_at_a_record_that_was_withdrawn(tmp_path: Path) -> None:
    """The only key that may begin a member is withdrawn: a partition there would begin one at the next key."""
    numbers = range(100, 200)
    begins = next(number for number in numbers if ARTICLES.begins(f"doi/10.5555/article.{number}"))
    others = [number for number in numbers if not ARTICLES.begins(f"doi/10.5555/article.{number}")]
    records = [article(number) for number in others[:4] + others[-4:]] + [article(begins, local_id="oai:test:1")]
    assert others[0] < begins < others[-1]
    folder = tmp_path / "inputs"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jsonl").write_bytes(b"".join(encode_record(each) + b"\n" for each in records[number::2]))
    (folder / "gone.xml").write_text(_WITHDRAWAL, encoding="utf-8")
    here = Settings(graph=str(tmp_path / "here"), processes=1, **_SETTINGS)  # type: ignore[arg-type]  # as above
    there = Settings(graph=str(tmp_path / "there"), engine="spark", master="local[2]", **_SETTINGS)  # type: ignore[arg-type]  # as above
    one, other = (Path(pipeline.publish([str(folder)], settings).path) for settings in (here, there))
    assert read_manifest(one).withdrawn
    assert _differing(one, other) == []


def _kill_executor(graph: Path, killed: list[int], done: threading.Event) -> None:
    """Kill an executor once the first batches are being pressed, that is, once their file is begun."""
    while not done.is_set() and not killed:
        if any(graph.glob("releases/*/*/members-0/.*")):
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
