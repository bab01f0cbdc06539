"""Are matches the quads we promised? One folder a case: `record.json`, `matches.json` and `expected.nq`.

`python tests/golden/test_matches.py` writes the expected quads anew; read the difference before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from triplepress.rdf.facts import EditionFacts, MatchFacts
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.shaping import in_graph, shape_matched_work, shape_matches
from triplepress.record import decode_record

CASES = sorted((Path(__file__).parent / "matches").iterdir())


def _quads(case: Path) -> bytes:
    edition = EditionFacts("https://data.example.org", "https://creativecommons.org/publicdomain/zero/1.0/")
    record = decode_record((case / "record.json").read_bytes())
    matches = msgspec.json.decode((case / "matches.json").read_bytes(), type=list[MatchFacts])
    nodes = [*shape_matches(record, matches, edition), *(shape_matched_work(match.doi, edition) for match in matches)]
    ntriples = Mapping.load().to_ntriples([encode_node(node) for node in nodes])
    return in_graph(ntriples, edition.minter.graph("matched"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_matches_become_the_promised_quads(case: Path) -> None:
    assert _quads(case).decode().splitlines() == (case / "expected.nq").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    for folder in CASES:
        (folder / "expected.nq").write_bytes(_quads(folder))
