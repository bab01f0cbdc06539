"""What every task of a build knows, and what each Python worker loads once and keeps."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import msgspec

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.release.press import Press
from triplepress.release.spark.parts import Parts
from triplepress.settings import Settings
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import Gate


@dataclass(frozen=True)
class Job:
    """One build.

    Attributes:
        settings: The settings in force.
        parts: What stages hand to one another.
        modified: xsd:dateTime of a record that is new or has changed.
        run: Id of the run that changes it.
    """

    settings: Settings
    parts: Parts
    modified: str
    run: str

    @property
    def edition(self) -> EditionFacts:
        """The edition's facts."""
        return _press(msgspec.json.encode(self.settings)).edition

    @property
    def press(self) -> Press:
        """The press, loaded once in each Python worker."""
        return _press(msgspec.json.encode(self.settings))


@cache
def _press(encoded: bytes) -> Press:
    """Load mapping and gate for some settings."""
    settings = msgspec.json.decode(encoded, type=Settings)
    edition = EditionFacts(settings.root, settings.metadata_licence, settings.abstracts, tuple(settings.layers))
    return Press(Mapping.load(), Gate(load_shapes(root=settings.root)), edition, settings.language)


# Samples of keys that each task keeps to choose bounds from.
SAMPLED: Final = 256


@dataclass(frozen=True)
class Ranges:
    """Keys in order, cut into partitions.

    Attributes:
        bounds: The first key of each partition but the first.
    """

    bounds: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many partitions there are."""
        return len(self.bounds) + 1

    def __call__(self, key: str) -> int:
        """Return the partition of a key."""
        return bisect_right(self.bounds, key)

    @classmethod
    def among(cls, keys: Sequence[str], number: int) -> Ranges:
        """Return ranges of about equal length.

        Args:
            keys: Keys that a partition may begin with, in any order.
            number: How many partitions are wanted; there are no more than `keys` allow.
        """
        ordered = sorted(set(keys))
        parts = min(number, len(ordered) + 1)
        return cls(tuple(ordered[place * len(ordered) // parts] for place in range(1, parts)))
