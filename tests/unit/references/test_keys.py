"""What a reference and its work have in common, folded and as keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.references import KnownWork, MatchIndex
from triplepress.references.folded import fold_work, page_number, words
from triplepress.references.keys import BITS, keys_of_sought, keys_of_work
from triplepress.references.known import Sought
from triplepress.references.match import LISTED
from triplepress.references.sieve import KeySieve

_WORK = KnownWork(
    doi="10.5555/a",
    titles=("Rare-earth metals and the water balance of small rivers",),
    authors=("Zhiltsov",),
    year="2024",
    volume="11",
    first_page="8",
)
_KEYS = keys_of_work(fold_work(_WORK))


@pytest.mark.parametrize(
    "reference",
    [
        Sought(title="Rare-earth metals and the water balance of small rivers"),
        Sought(title="Rare-earth metals and water ballance of small rivers"),
        Sought(title="HYDRO: rare-earth metals and the water balance of small rivers"),
        Sought(title="Rare-earth metals and the water balance of small rivers. An overview of many other things"),
        Sought(volume="11", first_page="8-19", year="2023"),
        Sought(volume="011", first_page="8", authors=("S. Zhiltsov",)),
        Sought(year="2024", first_page="8", authors=("Zhiltsov S.",)),
    ],
)
def test_a_slip_leaves_a_key(reference: Sought) -> None:
    assert _KEYS.intersection(keys_of_sought(reference))


@pytest.mark.parametrize(
    "reference",
    [
        Sought(),
        Sought(title="Rare-earth metals"),
        Sought(title="the of and"),
        Sought(volume="11", first_page="8", year="2019"),
        Sought(year="2024", volume="11"),
    ],
)
def test_too_little_is_no_key(reference: Sought) -> None:
    assert not _KEYS.intersection(keys_of_sought(reference))


def test_texts_are_folded() -> None:
    assert words("Новый Ёж: café_au-lait ﬁne") == ["новыи", "еж", "cafe", "au", "lait", "fine"]
    assert words("𞀀a") == ["a"]  # a combining letter beyond the first plane
    assert (page_number("0033–47"), page_number("E12"), page_number(None)) == ("33", "e12", "")


def test_the_sieve_lets_every_known_key_pass(tmp_path: Path) -> None:
    known = sorted({(number * 0x9E3779B97F4A7C15) & ((1 << BITS) - 1) for number in range(2000)})
    KeySieve.write(tmp_path / "sieve", known, len(known))
    others = [(number * 0xC2B2AE3D27D4EB4F) & ((1 << BITS) - 1) for number in range(5000)]
    with KeySieve(tmp_path / "sieve") as sieve:
        assert sieve.passing(known) == known
        assert len(sieve.passing(others)) < 500


def test_no_keys_make_a_sieve_that_nothing_passes(tmp_path: Path) -> None:
    KeySieve.write(tmp_path / "sieve", [], 0)
    with KeySieve(tmp_path / "sieve") as sieve:
        assert sieve.passing(_KEYS) == []


def test_a_work_of_its_own_record_counts_before_a_catalogue() -> None:
    listed = KnownWork(doi="10.5555/a", titles=("What a catalogue calls it in other words",), authors=("Lee",))
    with MatchIndex(":memory:") as index:
        index.add(_WORK)
        index.add(listed, rank=LISTED)
        assert (len(index), index.held(), set(index.keys())) == (1, 1, _KEYS)
        touched = index.replace("10.5555/a", None)
        assert (len(index), index.held()) == (1, 0)
        assert touched == _KEYS | set(index.keys())
        assert index.replace("10.5555/a", _WORK) == touched
        assert index.replace("10.5555/a", _WORK) == set()
        assert set(index.keys()) == _KEYS
