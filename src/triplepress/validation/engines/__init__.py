"""The SHACL engines, one a module, behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from triplepress.validation.results import Result


class Engine(Protocol):
    """What every engine offers: N-Triples in, results out; messages and remedies are added by the gate."""

    @property
    def name(self) -> str:
        """The engine's name and version."""
        ...

    def validate(self, ntriples: bytes) -> Sequence[Result]:
        """Return the results for one batch, as the engine found them.

        Args:
            ntriples: The data graph, UTF-8.

        Raises:
            ShapesError: The engine cannot execute the shapes.
            MappingError: The batch is not N-Triples.
        """
        ...
