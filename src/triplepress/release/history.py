"""The earlier states of a record: how they grow, and as one text for tables."""

from __future__ import annotations

from collections.abc import Iterable

from triplepress.rdf.facts import PastState


def pack_history(history: Iterable[PastState]) -> str:
    """Return earlier states as one text without tabs: of each its beginning, its run and its end; a comma between two.

    Example:
        >>> pack_history([PastState("2026-01-01T00:00:00Z", "2026-01-01T00-00-00Z", "2026-02-01T00:00:00Z")])
        '2026-01-01T00:00:00Z 2026-01-01T00-00-00Z 2026-02-01T00:00:00Z'
    """
    return ",".join(f"{state.generated} {state.run} {state.invalidated}" for state in history)


def unpack_history(text: str) -> tuple[PastState, ...]:
    """Return the earlier states that `pack_history` wrote.

    Raises:
        ValueError: The text is damaged.
    """
    if not text:
        return ()
    states = []
    for state in text.split(","):
        generated, run, invalidated = state.split(" ")
        states.append(PastState(generated, run, invalidated))
    return tuple(states)


def succeeded(
    history: tuple[PastState, ...], modified: str, run: str, now: str, until: str | None = None
) -> tuple[PastState, ...]:
    """Return the history of a record whose content has changed, or that is back after editions without it.

    Args:
        history: The states before its last one.
        modified: xsd:dateTime from which its last state stood.
        run: Id of the run that made that state.
        now: xsd:dateTime of the change.
        until: xsd:dateTime since which no edition held it; None where the one before did.
    """
    return (*history, PastState(modified, run, until or now))
