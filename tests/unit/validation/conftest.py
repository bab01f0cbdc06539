"""The shapes and the two gates."""

from __future__ import annotations

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
