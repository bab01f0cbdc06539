"""Where `ontology/` and `mappings/` are: beside the package in a wheel, at the top of the tree in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from triplepress.errors import TriplepressError

_PACKAGE = Path(str(files("triplepress")))


def resource(folder: str, name: str) -> Path:
    """Return the path of one file of the product's own data.

    Args:
        folder: `ontology` or `mappings`.
        name: The file's name.

    Returns:
        An existing path.

    Raises:
        TriplepressError: The installation is incomplete.
    """
    for root in (_PACKAGE, _PACKAGE.parent.parent):
        path = root / folder / name
        if path.is_file():
            return path
    raise TriplepressError(f"{folder}/{name} is missing from this installation; install triplepress again")
