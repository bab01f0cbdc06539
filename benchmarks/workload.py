"""Makes a workload: N invented articles of realistic shape, the same ones from the same seed.

    python -m benchmarks.workload OUT --articles 100000 --format crossref
    python -m benchmarks.workload OUT --articles 100000 --files 200 --changes 100,10,5

What they look like, and what it was measured on, stands in `invented/figures.py`. OUT becomes a folder of input files
(JSON lines; for JATS folders of one file an article), each a function of the seed and its number alone, so memory is
flat and any number of processes can share the work. Beside it stand OUT.broken.jsonl, which names every record that was
broken on purpose and what must become of it, and OUT.expected.json, what a publisher must count.

With --changes the same articles are written as they are later: some changed, all in a few files; new ones in a file of
their own at the end; some withdrawn, gone from their files. Every other file has the same bytes as before.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from benchmarks.invented import canonical, crossref, jats
from benchmarks.invented.broken import FORMATS, WAYS, Format, Way
from benchmarks.invented.works import Article, Workload
from triplepress.record import encode_record

_SPREAD: Final = 5
"""Files that the changed articles lie in: those that a publisher deposits again in one day are near one another."""


class Changes(NamedTuple):
    """How a later state differs: articles changed, new, and withdrawn."""

    changed: int
    new: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Which article stands in which file, in which state.

    Attributes:
        workload: The articles.
        format: How they are written.
        files: Articles a file, or for JATS a folder.
        broken: The share that is broken.
        changes: How the later state differs; None for the first state.
        zipped: Whether files of JSON lines are packed with gzip.
    """

    workload: Workload
    format: Format
    files: int = 1_000
    broken: float = 0.0
    changes: Changes | None = None
    zipped: bool = False

    @property
    def shards(self) -> int:
        """How many files there are at first."""
        return -(-self.workload.articles // self.files)

    def numbers(self, shard: int) -> range:
        """Return the numbers of the articles of one file; the new ones stand in the file after the last."""
        articles = self.workload.articles
        if shard == self.shards:
            return range(articles, articles + (self.changes.new if self.changes else 0))
        return range(shard * self.files, min(articles, (shard + 1) * self.files))

    def way(self, number: int) -> Way | None:
        """Return how an article is broken, if it is."""
        if self.broken == 0:
            return None
        chance = random.Random(f"{self.workload.seed}/broken/{number}")  # noqa: S311 - the same every time
        return chance.choice(WAYS[self.format]) if chance.random() < self.broken else None

    def differing(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the numbers of the changed and of the withdrawn articles; none of them is a broken one."""
        if self.changes is None:
            return frozenset(), frozenset()
        chance = random.Random(f"{self.workload.seed}/changes")  # noqa: S311 - as above
        shards = chance.sample(range(self.shards), min(_SPREAD, self.shards))
        sound = [number for shard in shards for number in self.numbers(shard) if self.way(number) is None]
        if len(sound) < self.changes.changed + self.changes.withdrawn:
            raise SystemExit(f"{_SPREAD} files of {self.files} articles hold too few for {self.changes}")
        drawn = chance.sample(sound, self.changes.changed + self.changes.withdrawn)
        return frozenset(drawn[: self.changes.changed]), frozenset(drawn[self.changes.changed :])

    def differing_shards(self) -> list[int]:
        """Return the files that are not as they were at first."""
        changed, withdrawn = self.differing()
        shards = {number // self.files for number in changed | withdrawn}
        if self.changes and self.changes.new:
            shards.add(self.shards)
        return sorted(shards)

    def articles(self, shard: int) -> Iterator[Article]:
        """Yield the articles of one file as they are in this state."""
        changed, withdrawn = self.differing()
        for number in self.numbers(shard):
            if number not in withdrawn:
                yield self.workload.changed(number) if number in changed else self.workload.article(number)


class Broken(msgspec.Struct, frozen=True):
    """One line of OUT.broken.jsonl: a record that was broken, and what must become of it.

    `file` is relative to OUT; `line` is None where a file holds one article.
    """

    way: str
    fate: str
    stage: str | None
    field: str | None
    doi: str
    file: str
    line: int | None


def encoded(article: Article, format: Format) -> bytes:
    """Return an article in one of the formats, without line end."""
    if format == "crossref":
        return msgspec.json.encode(crossref.work(article))
    if format == "jats":
        return jats.document(article).encode()
    return encode_record(canonical.record(article))


def write_shard(plan: Plan, out: Path, shard: int) -> list[Broken]:
    """Write one file, or for JATS one folder; return what is broken in it."""
    broken: list[Broken] = []
    lines: list[bytes] = []
    folder = Path(f"{shard:05d}")
    name = f"works-{shard:05d}.jsonl{'.gz' if plan.zipped else ''}"
    if plan.format == "jats":
        (out / folder).mkdir(parents=True, exist_ok=True)
        held = {f"{number:07d}.xml" for number in plan.numbers(shard)}
    for article in plan.articles(shard):
        data, way = encoded(article, plan.format), plan.way(article.number)
        if way is not None:
            data = way.apply(data)
        if plan.format == "jats":
            place, line = folder / f"{article.number:07d}.xml", None
            (out / place).write_bytes(data)
            held.discard(place.name)
        else:
            place, line = Path(name), len(lines) + 1
            lines += data.split(b"\n")
        if way is not None:
            broken.append(Broken(way.name, way.fate, way.stage, way.field, article.doi, str(place), line))
    if plan.format == "jats":
        for gone in held:
            (out / folder / gone).unlink(missing_ok=True)
    else:
        data = b"".join(line + b"\n" for line in lines)
        (out / name).write_bytes(gzip.compress(data, 6, mtime=0) if plan.zipped else data)
    return broken


def write_workload(plan: Plan, out: Path, *, jobs: int = 1, only_differing: bool = False) -> dict[str, int]:
    """Write all files, the list of what is broken, and what a publisher must count; return the counts.

    Args:
        plan: What to write.
        out: The folder of the inputs; the two files beside it are named after it.
        jobs: Processes that share the work.
        only_differing: Write only the files that the changes touch, over the first state in the same folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    shards = plan.differing_shards() if only_differing else range(plan.shards + bool(plan.changes and plan.changes.new))
    write = partial(write_shard, plan, out)
    records = plan.workload.articles
    if plan.changes:
        records += plan.changes.new - plan.changes.withdrawn
    listed = Path(f"{out}.broken.jsonl")
    kept = [line for line in _lines(listed) if only_differing and not _is_of(line, shards)]
    fates: dict[str, int] = {"published": 0, "merged": 0, "skipped": 0, "rejected": 0}
    with (
        multiprocessing.get_context("spawn").Pool(jobs) if jobs > 1 else _InThisProcess() as pool,
        listed.open("wb") as file,
    ):
        found = (broken for each in pool.imap(write, shards) for broken in each)
        for broken in (*kept, *found) if only_differing else found:
            fates[broken.fate] += 1
            file.write(msgspec.json.encode(broken) + b"\n")
    expected = {
        "read": records + fates["merged"],
        "published": records - fates["skipped"] - fates["rejected"],
        **{fate: fates[fate] for fate in ("merged", "skipped", "rejected")},
    }
    Path(f"{out}.expected.json").write_text(json.dumps(expected) + "\n", encoding="utf-8")
    return expected


class _InThisProcess:
    """A pool of one: nothing is started."""

    imap = staticmethod(map)

    def __enter__(self) -> _InThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _lines(path: Path) -> list[Broken]:
    if not path.exists():
        return []
    return [msgspec.json.decode(line, type=Broken) for line in path.read_bytes().splitlines()]


def _is_of(broken: Broken, shards: object) -> bool:
    """Tell whether a broken record stands in one of some files."""
    number = int(Path(broken.file).parts[0].removeprefix("works-")[:5])
    return number in shards  # type: ignore[operator]


def main() -> int:
    """Write a workload."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.workload", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the input files")
    parser.add_argument("--articles", type=int, default=1_000, metavar="N", help="how many (default: 1,000)")
    parser.add_argument(
        "--format", choices=FORMATS, default="crossref", help="how they are written (default: crossref)"
    )
    parser.add_argument("--seed", type=int, default=2026, help="another seed is another workload (default: 2026)")
    parser.add_argument(
        "--files", type=int, default=1_000, metavar="N", help="articles a file or folder (default: 1,000)"
    )
    parser.add_argument(
        "--broken", type=float, default=0.0, metavar="SHARE", help="share that is broken, such as 0.001"
    )
    parser.add_argument(
        "--changes", type=_changes, metavar="CHANGED,NEW,WITHDRAWN", help="write the later state of the same articles"
    )
    parser.add_argument(
        "--only-differing", action="store_true", help="with --changes: write the files that differ, over those in OUT"
    )
    parser.add_argument("--gzip", action="store_true", help="pack the files of JSON lines")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
    )
    given = parser.parse_args()
    if given.only_differing and given.changes is None:
        parser.error("--only-differing needs --changes")
    if given.articles < 1 or given.files < 1 or not 0 <= given.broken <= 1:
        parser.error("--articles and --files are at least 1, --broken is between 0 and 1")
    plan = Plan(
        Workload(given.articles, given.seed), given.format, given.files, given.broken, given.changes, zipped=given.gzip
    )
    expected = write_workload(plan, given.out, jobs=given.jobs, only_differing=given.only_differing)
    print(json.dumps(expected))
    print(f"what is broken: {given.out}.broken.jsonl", file=sys.stderr)
    return 0


def _changes(text: str) -> Changes:
    """Return the three numbers of --changes."""
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdigit() for part in parts):
        raise argparse.ArgumentTypeError("three whole numbers, such as 100,10,5")
    return Changes(*map(int, parts))


if __name__ == "__main__":
    raise SystemExit(main())
