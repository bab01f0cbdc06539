"""Editions of the workload, made once in a run of the table, by the command that users give."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from benchmarks.invented.works import Workload
from benchmarks.rows import Sizes
from benchmarks.watching import Ran, run
from benchmarks.workload import Plan, write_workload

FILES = 200
"""Articles a file of the inputs."""


class BuildError(Exception):
    """`triplepress publish` did not make an edition; the message is the end of what it said."""


class Edition(msgspec.Struct, frozen=True):
    """An edition, and what it took.

    Attributes:
        graph: The folder of its releases.
        inputs: The folder of Crossref JSON lines that it was made from.
        articles: How many are published.
        triples: How many its dumps hold.
        seconds: What `publish` took.
        peak: The most bytes that its processes had at once (PSS).
    """

    graph: str
    inputs: str
    articles: int
    triples: int
    seconds: float
    peak: int

    @property
    def release(self) -> Path:
        """The folder of the current release."""
        return (Path(self.graph) / "current").resolve()


def plan_of(articles: int) -> Plan:
    """Return the workload of an edition as it is at first: Crossref JSON lines, 200 articles a file."""
    return Plan(Workload(articles), "crossref", files=FILES)


def edition(sizes: Sizes, articles: int) -> Edition:
    """Return the edition of so many articles, published now unless a row before did it.

    Raises:
        BuildError: It could not be published.
    """
    known = sizes.folder / f"edition-{articles}.json"
    if known.exists():
        return msgspec.json.decode(known.read_bytes(), type=Edition)
    inputs, graph = sizes.folder / f"crossref-{articles}", sizes.folder / f"graph-{articles}"
    write_workload(plan_of(articles), inputs, jobs=os.cpu_count() or 1)
    ran = publish(inputs, graph)
    outcome = msgspec.json.decode(ran.output)
    made = Edition(
        graph=str(graph),
        inputs=str(inputs),
        articles=outcome["published"],
        triples=outcome["triples"],
        seconds=ran.seconds,
        peak=ran.peak,
    )
    known.write_bytes(msgspec.json.encode(made))
    return made


def publish(inputs: Path, graph: Path, *options: str) -> Ran:
    """Run `triplepress publish` and watch it.

    Raises:
        BuildError: It made no edition.
    """
    command = [sys.executable, "-m", "triplepress", "publish", str(inputs), "--graph", str(graph), "--json", *options]
    ran = run(command, env={name: value for name, value in os.environ.items() if not name.startswith("TRIPLEPRESS_")})
    if ran.status not in (0, 1):
        raise BuildError(f"{' '.join(command)}: {ran.errors.strip()[-500:]}")
    return ran
