"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records, vocabularies and conformance suites beside the checkout.

    Without it a test skips and says so; with `CI=true` its absence is a failure.
    """
    folder = _CHECKOUT.parent / "shared"
    if not folder.is_dir():
        reason = f"{folder} is not there: the corpora live beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
