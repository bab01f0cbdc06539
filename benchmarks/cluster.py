"""What an edition of a given size needs on a Spark cluster, worked out from rates that this run measures.

    python -m benchmarks.cluster --works 170000000 --cores 1000

Two editions of the same invented articles are built with `publish --engine spark` on this machine, each by a process
of its own, for PySpark keeps one JVM as long as a process lives. Of each stage the processor time of all processes is
taken (driver, JVM, Python workers), so a busy machine changes little. The difference of the two, by the article, is the
rate: what a stage takes once, such as starting, drops out. Bytes are taken the same way; shuffles, which Spark clears
away as it goes, at their most. What is printed is arithmetic on these rates, and each of them stands beside it.

Both sizes must be large enough that what happens once in a thousand articles, such as a sample for pySHACL, happens in
both; else a rate is wrong without looking so. `--json` shows both builds: a rate well above the averages is of a stage
that grows faster than the edition. Where a difference drowns in what is taken once, no rate is printed, and no sum.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from triplepress import pipeline
from triplepress.settings import Settings

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_EVERY: Final = 0.2  # seconds between two looks at a folder
# Stages that run on the cluster; the others run on the driver, one after another.
_SHARED: Final = ("read", "merge", "press", "match")
_DRIVER: Final = ("dumps", "store", "describe")
_WORDS: Final = {
    "read": "read, references parsed",
    "merge": "shuffled into the order of the keys, merged",
    "press": "what batches must know, shaped, validated, mapped, compressed; shared things",
    "match": "references matched by a join",
    "dumps": "members put behind one another (driver)",
    "store": "store (driver)",
    "describe": "reports and tables (driver)",
}


@dataclass
class Built:
    """What one build took.

    Attributes:
        articles: Articles in the edition.
        triples: Triples in it.
        seconds: Processor seconds by stage.
        bytes: Bytes by what they are: `dumps`, `store`, `other files`, `parts`, `shuffles`.
        clock: Seconds from start to end.
    """

    articles: int
    triples: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    clock: float = 0.0


class _Watch:
    """Takes processor time when a stage begins, and measures what lies on disk before it is cleared away."""

    def __init__(self, graph: Path, built: Built) -> None:
        self._graph = graph
        self._built = built
        self._stage = ""
        self._since = _processor_seconds()

    def __call__(self, stage: str, _done: int, _total: int | None) -> None:
        if stage == self._stage:
            return
        now = _processor_seconds()
        if self._stage:
            self._built.seconds[self._stage] = self._built.seconds.get(self._stage, 0.0) + now - self._since
        if stage == "describe":
            (work,) = self._graph.glob("releases/*/work")
            self._built.bytes["parts"] = _size(work)
        self._stage, self._since = stage, now


def _processor_seconds() -> float:
    """Return the processor time of this process and all that descend from it, so far."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(folder.name))
                ticks[int(folder.name)] = sum(map(int, fields[11:15]))  # its own and of those that it waited for
    total, waiting = 0, list(children.get(os.getpid(), []))
    while waiting:
        pid = waiting.pop()
        total += ticks[pid]
        waiting += children.get(pid, [])
    return total / _TICKS + time.process_time()


def _size(folder: Path) -> int:
    """Return the length of all files below a folder, in bytes."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


class _Peak(threading.Thread):
    """Looks at the length of a folder's files again and again, and keeps the largest."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self.done = threading.Event()
        self.bytes = 0

    def run(self) -> None:
        while not self.done.wait(_EVERY):
            self.bytes = max(self.bytes, _size(self._folder))


def build(articles: int, folder: Path, master: str, *, store: bool) -> Built:
    """Build an edition of so many invented articles on Spark, and return what it took."""
    inputs = folder / f"works-{articles}"
    command = [sys.executable, "-m", "benchmarks.workload", str(inputs), "--articles", str(articles), "--files", "16"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    graph, shuffles = folder / f"graph-{articles}", folder / f"shuffles-{articles}"
    graph.mkdir()
    shuffles.mkdir()
    os.environ["SPARK_LOCAL_DIRS"] = str(shuffles)
    built = Built(articles)
    settings = Settings(graph=str(graph), engine="spark", master=master, build_store=store)
    began = time.perf_counter()
    watch, peak = _Watch(graph, built), _Peak(shuffles)
    peak.start()
    outcome = pipeline.publish([str(inputs)], settings, progress=watch)
    # The last stage is not counted: when it is over the cluster is gone, and its processes' time with it.
    peak.done.set()
    peak.join()
    built.bytes["shuffles"] = peak.bytes
    built.clock = time.perf_counter() - began
    built.articles, built.triples = outcome.published, outcome.triples
    release = Path(outcome.path)
    built.bytes["dumps"] = _size(release / "dumps")
    built.bytes["store"] = _size(release / "store")
    built.bytes["other files"] = _size(release) - built.bytes["dumps"] - built.bytes["store"]
    return built


def _rates(small: Built, large: Built) -> tuple[dict[str, float], dict[str, float]]:
    """Return processor seconds by stage and bytes by what they are, an article; a difference may be below zero."""
    articles = large.articles - small.articles
    seconds = {
        name: (large.seconds.get(name, 0.0) - small.seconds.get(name, 0.0)) / articles for name in (*_SHARED, *_DRIVER)
    }
    return seconds, {name: (size - small.bytes[name]) / articles for name, size in large.bytes.items()}


def report(small: Built, large: Built, works: int, cores: int, *, store: bool) -> str:
    """Return the computation as a page of Markdown."""
    seconds, sizes = _rates(small, large)
    shared = sum(seconds[name] for name in _SHARED) * works / 3600
    driver = sum(max(0.0, seconds[name]) for name in _DRIVER if store or name != "store") * works / 3600
    lines = [
        f"Measured on {os.cpu_count()} cores: {small.articles:,} and {large.articles:,} articles of"
        f" {large.triples / large.articles:.0f} triples; {small.clock:,.0f} and {large.clock:,.0f} s by the clock.",
        "",
        f"| stage | processor seconds for 1,000 articles | articles a second and core | for {works:,} |",
        "|---|---|---|---|",
    ]
    unmeasured: list[str] = []
    for name in (*_SHARED, *_DRIVER):
        if name == "store" and not store:
            continue
        rate = seconds[name]
        if rate <= 0:
            lines.append(f"| {_WORDS[name]} | too little to measure at these sizes | – | – |")
            unmeasured.append(name)
            continue
        each = f"{1 / rate:,.0f}"
        hours = rate * works / 3600
        unit = "core hours" if name in _SHARED else "hours"
        lines.append(f"| {_WORDS[name]} | {rate * 1000:.2f} | {each} | {hours:,.0f} {unit} |")
    lines += ["", f"| on disk | bytes an article | for {works:,} |", "|---|---|---|"]
    for name, size in sizes.items():
        if name != "store" or store:
            lines.append(f"| {name} | {size:,.0f} | {size * works / 1e12:,.1f} TB |")
    if any(name in _SHARED for name in unmeasured):
        return "\n".join(
            [*lines, "", f"No sum: {', '.join(unmeasured)} could not be measured; take larger --articles."]
        )
    lines += [
        "",
        f"{shared:,.0f} core hours on the cluster: {shared / cores:,.1f} hours on {cores:,} cores; then"
        f" {driver:,.1f} hours on the driver. Together {shared / cores + driver:,.1f} hours.",
    ]
    return "\n".join(lines)


def _apart(articles: int, folder: Path, master: str, *, store: bool) -> Built:
    """Return what `build` does, done by another process."""
    command = [sys.executable, "-m", "benchmarks.cluster", "--build", str(folder / f"built-{articles}.json")]
    command += ["--articles", str(articles), str(articles), "--master", master, *(["--store"] if store else [])]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return msgspec.json.decode((folder / f"built-{articles}.json").read_bytes(), type=Built)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the computation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", type=int, default=170_000_000, help="articles of the edition (default: 170,000,000)")
    parser.add_argument("--cores", type=int, default=1000, help="cores of the cluster (default: 1,000)")
    parser.add_argument("--articles", type=int, nargs=2, default=(4000, 12000), help="the two sizes that are measured")
    parser.add_argument("--master", default="local[2]", help="where it is measured (default: local[2])")
    parser.add_argument("--store", action="store_true", help="with a store on the driver")
    parser.add_argument("--json", action="store_true", help="print what was measured, for scripts")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)  # what a process of its own is asked for
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="triplepress-cluster-") as folder:
        if chosen.build is not None:
            built = build(chosen.articles[0], Path(folder), chosen.master, store=chosen.store)
            chosen.build.write_bytes(msgspec.json.encode(built))
            return
        small, large = (_apart(number, Path(folder), chosen.master, store=chosen.store) for number in chosen.articles)
    if chosen.json:
        print(msgspec.json.encode([small, large]).decode())
    else:
        print(report(small, large, chosen.works, chosen.cores, store=chosen.store))


if __name__ == "__main__":
    main()
