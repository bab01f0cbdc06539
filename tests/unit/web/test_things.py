"""Do addresses name the things that minting mints?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editions import AWKWARD, NON_ASCII, ORCID, ROR, SICI
from triplepress.rdf.minting import Minter
from triplepress.web.things import Thing, decode, thing_at

ROOT = "https://data.example.org/lod"
MINTER = Minter(ROOT)
JOURNAL = MINTER.journal("2049-3630")


@pytest.mark.parametrize(
    "iri",
    [
        *(MINTER.work(doi) for doi in ("10.5555/a", SICI, AWKWARD, NON_ASCII)),
        JOURNAL,
        MINTER.volume(JOURNAL, "7/8 ё"),
        MINTER.issue(JOURNAL, "7", "1-2", None),
        MINTER.issue(JOURNAL, None, "..", "2024"),
        MINTER.person(ORCID),
        MINTER.organisation(ROR),
        MINTER.run("2026-11-22T09-40-00Z"),
        MINTER.software("0.1.0+local"),
        MINTER.source("a" * 64),
        MINTER.dataset,
        f"{ROOT}/graph/matched",
    ],
)
def test_minted_iris_are_canonical_addresses(iri: str) -> None:
    rest = iri.removeprefix(ROOT + "/").removeprefix("id/")
    thing = thing_at(rest)
    assert thing is not None
    assert thing.iri(ROOT) == iri
    if iri.startswith(f"{ROOT}/id/"):
        assert ROOT + thing.data_path == MINTER.document(iri)
        assert ROOT + thing.page_path == MINTER.page(iri)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("doi/10.5555/ABC", "doi/10.5555/abc"),
        ("doi/10.5555%2Fabc", "doi/10.5555/abc"),
        ("doi/10.5555/%28a%29", "doi/10.5555/(a)"),
        ("doi/10.5555/a%252f", "doi/10.5555/a%252f"),
        ("journal/2049-3630", "journal/2049-3630"),
        ("journal/20493630/vol/7", "journal/2049-3630/vol/7"),
        ("orcid/0000000218250097", "orcid/0000-0002-1825-0097"),
        ("ror/05DXPS055", "ror/05dxps055"),
        ("source/" + "A" * 64, "source/" + "a" * 64),
    ],
)
def test_other_spellings(raw: str, path: str) -> None:
    thing = thing_at(raw)
    assert thing is not None
    assert thing.path == path


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "doi",
        "doi/",
        "doi/abc",
        "doi/10.5555",
        "doi/10.5555/a%20b",
        "doi/10.5555/%ff",
        "doi/10.5555/%0a",
        "journal/2049-3631",
        "journal/2049-3630/vol",
        "journal/2049-3630/vol/",
        "journal/2049-3630/issue/1",
        "source/xyz",
        "orcid/0000-0002-1825-0098",
        "nothing",
    ],
)
def test_what_names_nothing(raw: str) -> None:
    assert thing_at(raw) is None


@given(st.text())
def test_any_path_is_a_thing_or_nothing(raw: str) -> None:
    thing = thing_at(raw)
    if isinstance(thing, Thing):
        again = thing_at(thing.path)
        assert again == thing


def test_decoding_happens_once() -> None:
    assert decode("%2541") == "%41"
