"""The whole of `triplepress publish` against the plain stack: rdflib, pySHACL, rdflib's serialisers and oxrdflib.

    python -m benchmarks.table --only publish

Ours is the command that users give, on files of Crossref JSON lines, with all it does (reading, parsing references,
merging, matching, mapping, validating, three dumps, the store, the reports), timed by the clock from start to end.

The plain stack is a loop (`peer_programs/plain_stack.py`) in one process, for rdflib and pySHACL know no other way. It
is spared reading references, shaping and mapping: the terms of every article's triples, and of the works that it cites,
are handed to it, and it makes the same triples of them by `Graph.add`, which is faster than its JSON-LD parser. pySHACL
judges 25 articles at a time (one by one takes it as long), with queries prepared once. The articles are the
first of the same; what it takes grows by the article, so a rate is a rate. Starting Python and compiling shapes is not
counted for it, and is for us.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
from pyoxigraph import Literal, RdfFormat, parse

from benchmarks import peers
from benchmarks.editions import BuildError, edition
from benchmarks.invented import crossref
from benchmarks.invented.works import Workload
from benchmarks.pressed import EDITION, facts, whole_nodes
from benchmarks.rows import Row, Sizes
from triplepress.rdf.mapping import Mapping
from triplepress.validation.shapes import load_shapes

_WHAT = "the whole of publish"
_STACK = "rdflib, pySHACL, oxrdflib"
_TARGETS = ("at least 20 ×", "at least 150 articles/s")
_LEAST = 150


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the row against the plain stack, and the absolute one."""
    try:
        made = edition(sizes, sizes.publish)
    except BuildError as error:
        yield Row.left_out(_WHAT, _STACK, _TARGETS[0], str(error))
        return
    rate = made.articles / made.seconds
    per = f"{made.articles:,} articles, {made.triples / made.articles:.0f} triples each, {os.cpu_count()} cores"
    try:
        versions, seconds, triples = plain_stack(sizes)
    except peers.PeerError as error:
        yield Row.left_out(_WHAT, _STACK, _TARGETS[0], str(error))
    else:
        theirs = sizes.plain / seconds
        yield Row(
            what=_WHAT,
            ours=f"{rate:,.1f} articles/s",
            peer_name=f"the plain stack: {versions}",
            peer=f"{theirs:,.2f} articles/s",
            ratio=rate / theirs,
            target=_TARGETS[0],
            met=rate >= 20 * theirs,
            note=f"{per}; the plain stack: {sizes.plain} of them, {triples:,} triples, {seconds:,.0f} s",
        )
    yield Row(
        what=_WHAT,
        ours=f"{rate:,.1f} articles/s",
        peer_name="an absolute figure",
        peer=f"{_LEAST} articles/s",
        ratio=rate / _LEAST,
        target=_TARGETS[1],
        met=rate >= _LEAST,
        note=f"{per}; {made.seconds:,.0f} s from start to end",
    )


def plain_stack(sizes: Sizes) -> tuple[str, float, int]:
    """Return what the plain stack is made of, the seconds that its loop took, and the triples in its store."""
    programs = peers.environment("plain-stack", "rdflib", "pyshacl", "oxrdflib")
    folder = sizes.folder / "plain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "shapes.nt").write_bytes(load_shapes(root=EDITION.root).ntriples)
    _hand_over(folder / "articles.pickle", sizes)
    ran = subprocess.run(
        [str(programs / "python"), str(peers.PROGRAMS / "plain_stack.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise peers.PeerError(f"the plain stack failed: {ran.stderr.strip()[-300:]}")
    found = json.loads(ran.stdout.splitlines()[-1])
    versions = ", ".join(f"{name} {peers.version(programs, name)}" for name in ("rdflib", "pyshacl", "oxrdflib"))
    return versions, found["seconds"], found["triples"]


def _hand_over(path: Path, sizes: Sizes) -> None:
    """Write each article's Crossref line and its triples' terms, as plain values."""
    mapping, workload = Mapping.load(), Workload(sizes.publish)
    with path.open("wb") as file:
        for number, each in enumerate(facts(sizes.plain, sizes.publish)):
            line = msgspec.json.encode(crossref.work(workload.article(number)))
            quads = parse(mapping.to_ntriples(whole_nodes(each)), format=RdfFormat.N_TRIPLES)
            triples = [
                (
                    quad.subject.value,
                    quad.predicate.value,
                    (quad.object.value, quad.object.language, quad.object.datatype.value)
                    if isinstance(quad.object, Literal)
                    else quad.object.value,
                )
                for quad in quads
            ]
            pickle.dump((line, triples), file)
