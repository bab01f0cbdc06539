"""The shapes, the two gates, and a graph that conforms."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from triplepress.validation.shapes import Shapes, load_shapes
from triplepress.validation.validate import Gate

ROOT = "https://data.example.org"


@pytest.fixture(scope="session")
def shapes() -> Shapes:
    return load_shapes(root=ROOT)


@pytest.fixture(scope="session")
def volume(shapes: Shapes) -> Gate:
    return Gate(shapes, "shacl")


@pytest.fixture(scope="session")
def judge(shapes: Shapes) -> Gate:
    return Gate(shapes, "pyshacl")


@pytest.fixture
def conforming() -> ox.Store:
    """A fresh store of the conforming graph, to be changed by a test."""
    store = ox.Store()
    store.load(path=Path(__file__).with_name("conforming.ttl"), format=ox.RdfFormat.TURTLE)
    return store
