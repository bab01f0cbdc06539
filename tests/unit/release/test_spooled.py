"""What `check` found is kept once and read as often as it is asked for, in memory or on disk."""

from __future__ import annotations

import tracemalloc

import pytest

from triplepress.release import spooled
from triplepress.release.spooled import Spooled


@pytest.mark.parametrize("number", [0, 1, 100, 250])
@pytest.mark.parametrize("in_memory", [1, 1 << 20])
def test_a_stream_is_read_again_and_by_two_at_once(
    monkeypatch: pytest.MonkeyPatch, number: int, in_memory: int
) -> None:
    monkeypatch.setattr(spooled, "_IN_MEMORY", in_memory)
    values = Spooled(f"value {n}" for n in range(number))
    expected = [f"value {n}" for n in range(number)]
    assert len(values) == number
    assert list(values) == expected
    assert list(zip(values, values, strict=True)) == list(zip(expected, expected, strict=True))


def test_a_large_stream_lies_on_disk() -> None:
    tracemalloc.start()
    try:
        values = Spooled("x" * 1000 + str(n) for n in range(30_000))
        assert sum(map(len, values)) > 30_000_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
