"""What a row of the benchmark table is, and how much work the rows are given.

A module of this folder that adds to the table (`benchmarks/table.py`) has one function:

    def rows(sizes: Sizes) -> Iterator[Row]

It measures ours and the peer side by side, on the same work, and yields each row as soon as it is measured. What
cannot be measured here is a row too: `Row.left_out`, with the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

PEERS: Final = Path(__file__).parent / ".peers"
"""Where peers are installed, each in a folder of its own; kept between runs, and not under version control."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table.

    Attributes:
        what: What was measured, in a few words.
        ours: Our figure with its unit.
        peer_name: What it is held against: the peer's name and version.
        peer: The peer's figure with its unit.
        ratio: How many times better ours is, or what the target speaks of; None where nothing was measured.
        target: What must be reached, in words.
        met: Whether it is reached; None where nothing was measured, or the target is for another size.
        note: What a reader must know beside: the work, what is counted and what is not.
    """

    what: str
    ours: str
    peer_name: str
    peer: str
    ratio: float | None
    target: str
    met: bool | None
    note: str = ""

    @classmethod
    def left_out(cls, what: str, peer_name: str, target: str, why: str) -> Row:
        """Return the row of what could not be measured here; `why` says what to do about it."""
        return cls(what=what, ours="–", peer_name=peer_name, peer="–", ratio=None, target=target, met=None, note=why)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work the rows are given.

    Attributes:
        folder: Scratch space that the rows of one run share: workloads and editions are made once (`editions.py`).
        quick: Whether this is a look (`make bench-quick`), not the measurement.
        small: Articles of the smaller edition, for memory and growth.
        large: Articles of the larger one, which updates, queries and dereferencing are measured on.
        peer_store: Articles of the store that slow peers are given.
        mapping: Articles that are mapped on one core.
        validation: Articles for the volume engine.
        judged: Articles for pySHACL, a sample of the same.
        publish: Articles of the edition that is held against the plain stack; as many as `small`, so it is made once.
        plain: Articles for the plain stack, the first of the same.
        seconds: About how long one figure of a server is measured.
        prove_large: Prove an update's equality on the larger edition: another full build.
    """

    folder: Path
    quick: bool
    small: int
    large: int
    peer_store: int
    mapping: int
    validation: int
    judged: int
    publish: int
    plain: int
    seconds: float
    prove_large: bool = False

    @classmethod
    def full(cls, folder: Path) -> Sizes:
        """Return the sizes of the measurement: most of an hour on two cores."""
        return cls(
            folder=folder,
            quick=False,
            small=10_000,
            large=100_000,
            peer_store=2_000,
            mapping=5_000,
            validation=5_000,
            judged=100,
            publish=10_000,
            plain=75,
            seconds=10,
        )

    @classmethod
    def look(cls, folder: Path) -> Sizes:
        """Return the sizes of a look: a few minutes on two cores; its figures are smoke, not measurements."""
        return cls(
            folder=folder,
            quick=True,
            small=500,
            large=2_000,
            peer_store=500,
            mapping=500,
            validation=500,
            judged=20,
            publish=500,
            plain=10,
            seconds=2,
        )


class Rows(Protocol):
    """A module that measures some rows."""

    def rows(self, sizes: Sizes) -> Iterator[Row]:
        """Yield rows, each as soon as it is measured."""
