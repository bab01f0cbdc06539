"""How many articles a second the gate judges, by the volume engine and by pySHACL, on the same articles and shapes.

    python -m benchmarks.table --only validation

Each article comes as in a run: with the works that it cites, in batches, in the sizes at which each engine is at its
best. CPU time; what is done once, such as compiling the shapes, is not counted. pySHACL is spared parsing a query again
for every thing, as the product spares it (left alone it does little else). It judges a sample, the first articles.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from benchmarks.pressed import BATCH, EDITION, batches, facts, whole_nodes
from benchmarks.rows import Row, Sizes
from triplepress.errors import ShapesError
from triplepress.rdf.mapping import Mapping
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import EngineName, Gate

_WHAT = "validation, articles a second of CPU"
_TARGET = "at least 60 ×"
_SIZES = {"shacl": BATCH, "pyshacl": 25}


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the one row."""
    mapping = Mapping.load()
    several = [whole_nodes(each) for each in facts(sizes.validation, max(sizes.validation, sizes.small))]
    try:
        ours, volume = judged("shacl", several, mapping)
    except ShapesError as error:
        yield Row.left_out(_WHAT, "pySHACL", _TARGET, f"the volume engine is not here: {error}")
        return
    theirs, judge = judged("pyshacl", several[: sizes.judged], mapping)
    yield Row(
        what=_WHAT,
        ours=f"{ours:,.0f} articles/s",
        peer_name=judge,
        peer=f"{theirs:,.1f} articles/s",
        ratio=ours / theirs,
        target=_TARGET,
        met=ours >= 60 * theirs,
        note=f"{volume} on {sizes.validation:,} articles in batches of {_SIZES['shacl']}, pySHACL on {sizes.judged} of"
        f" them in batches of {_SIZES['pyshacl']}, its queries prepared once",
    )


def judged(engine: EngineName, several: Sequence[Sequence[bytes]], mapping: Mapping) -> tuple[float, str]:
    """Return the articles a second that an engine judges, and its name."""
    gate = Gate(load_shapes(root=EDITION.root), engine)
    ready = [
        mapping.to_ntriples([line for lines in batch for line in lines]) for batch in batches(several, _SIZES[engine])
    ]
    gate.validate(ready[0][: ready[0].find(b"\n") + 1])  # what is done once: compiling, parsing queries
    began = time.process_time()
    for batch in ready:
        gate.validate(batch)
    return len(several) / (time.process_time() - began), gate.engine
