"""What a small update takes against a full build, and whether it gives the same edition.

    python -m benchmarks.table --only update

100 changed, 10 new and 5 withdrawn records, as they come in life (few files differ: `benchmarks/workload.py`), are
published with `--update` over the larger edition, and timed. That the result is right is proven on the smaller edition,
or with `--prove-large` on the larger: another folder takes the same inputs in a full build over the same first release,
and both editions are compared (`equality.py`) in all three dumps, the citations, the store and the description, but for
their history. Both are done to copies: the editions that other rows use stay as they are.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.editions import BuildError, Edition, edition, plan_of, publish
from benchmarks.equality import differences
from benchmarks.rows import Row, Sizes
from benchmarks.workload import Changes, Plan, write_shard

_WHAT = "an update: 100 changed, 10 new, 5 withdrawn"
_EQUAL = "the update and a full build"
_TARGET = "under 5 % of the time"
_SHARE = 0.05
CHANGES = Changes(100, 10, 5)


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the row of the time and the row of the equality."""
    try:
        full = edition(sizes, sizes.large)
        with later(full, sizes.large) as inputs:
            seconds = _updated(full, inputs, sizes.folder / "updated")
        share = seconds / full.seconds
        yield Row(
            what=_WHAT,
            ours=f"{seconds:,.1f} s",
            peer_name=f"its full build, {full.articles:,} articles",
            peer=f"{full.seconds:,.1f} s",
            ratio=share,
            target=_TARGET,
            met=None if sizes.quick else share < _SHARE,
            note="the ratio is the share of the time" + ("; too few articles to judge by" if sizes.quick else ""),
        )
        if not sizes.prove_large:
            shutil.rmtree(sizes.folder / "updated", ignore_errors=True)
        yield _proven(sizes, sizes.large if sizes.prove_large else sizes.small)
    except BuildError as error:
        yield Row.left_out(_WHAT, "its full build", _TARGET, str(error))


def _proven(sizes: Sizes, articles: int) -> Row:
    """Return the row that says whether both ways give one edition."""
    first = edition(sizes, articles)
    updated, rebuilt = sizes.folder / "updated", sizes.folder / "rebuilt"
    with later(first, articles) as inputs:
        if not sizes.prove_large:
            _updated(first, inputs, updated)
        _copied(Path(first.graph), rebuilt)
        publish(inputs, rebuilt)
    found = differences((updated / "current").resolve(), (rebuilt / "current").resolve())
    for folder in (updated, rebuilt):
        shutil.rmtree(folder, ignore_errors=True)
    return Row(
        what=_EQUAL,
        ours="differ" if found else "equal",
        peer_name=f"a full build of the changed inputs, {first.articles:,} articles",
        peer="–",
        ratio=None,
        target="equal but for the history",
        met=not found,
        note="; ".join(found) or "dumps, citations, store and description compared triple by triple",
    )


def _updated(first: Edition, inputs: Path, graph: Path) -> float:
    """Update a copy of an edition; return the seconds it took."""
    _copied(Path(first.graph), graph)
    ran = publish(inputs, graph, "--update")
    published = msgspec.json.decode(ran.output)["published"]
    if published != first.articles + CHANGES.new - CHANGES.withdrawn:
        raise BuildError(f"the update published {published:,} articles where {first.articles:,} were, {CHANGES}")
    return ran.seconds


def _copied(graph: Path, copy: Path) -> None:
    """Copy an edition without its bytes: releases are never changed, so both can have the same files."""
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-al", str(graph), str(copy)], check=True)


@contextmanager
def later(made: Edition, articles: int) -> Iterator[Path]:
    """Put the inputs of an edition into their later state, and back when the block ends."""
    inputs, before = Path(made.inputs), plan_of(articles)
    after = Plan(before.workload, before.format, before.files, before.broken, CHANGES)
    shards = after.differing_shards()
    try:
        for shard in shards:
            write_shard(after, inputs, shard)
        yield inputs
    finally:
        for shard in shards:
            if shard < before.shards:
                write_shard(before, inputs, shard)
            else:
                (inputs / f"works-{shard:05d}.jsonl").unlink(missing_ok=True)
