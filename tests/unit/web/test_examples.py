"""The editor's examples, against an article under the application profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, QueryTriples, RdfFormat, Store

from triplepress.web.examples import EXAMPLES, Example

# What the one article of the example graph does not have.
EMPTY = {"self-citations", "matched"}


@pytest.fixture(scope="module")
def store(shared: Path) -> Store:
    found = Store()
    found.load(
        path=str(shared / "design" / "profile-example.ttl"), format=RdfFormat.TURTLE, base_iri="http://127.0.0.1/"
    )
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_finds_what_the_profile_has(example: Example, store: Store) -> None:
    query = example.query.replace("$doi", "10.24975/2313-8920-2024-11-1-8-19")
    answer = store.query(query)
    assert isinstance(answer, (QuerySolutions, QueryTriples))
    assert bool(list(answer)) is (example.name not in EMPTY)


def test_names_are_different() -> None:
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES)
