"""Is it true for any identifier?"""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplepress.errors import RecordError
from triplepress.identifiers import (
    doi_iri,
    doi_path,
    find_dois,
    issn_check_digit_is_right,
    normalise_doi,
    parse_doi_field,
    parse_issn,
    parse_orcid,
    parse_ror,
    path_segment,
)

_SUFFIX = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=40)
_PREFIX = st.from_regex(r"10\.[0-9]{4,9}(\.[0-9]{1,3})?", fullmatch=True)
_ROR_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


@st.composite
def printed_dois(draw: st.DrawFn) -> str:
    return f"{draw(_PREFIX)}/{draw(_SUFFIX)}"


@st.composite
def canonical_dois(draw: st.DrawFn) -> str:
    return normalise_doi(draw(printed_dois()))


@given(st.one_of(printed_dois(), printed_dois().map("https://doi.org/{}".format), st.text(max_size=60)))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    try:
        once = normalise_doi(text)
    except RecordError:
        return
    assert normalise_doi(once) == once


@given(canonical_dois())
def test_a_field_leaves_a_canonical_doi_without_escapes_alone(doi: str) -> None:
    if "&" not in doi and "%" not in doi:
        assert parse_doi_field(doi) == doi


@given(canonical_dois(), canonical_dois())
def test_two_dois_never_share_a_path(one: str, other: str) -> None:
    assert (doi_path(one) == doi_path(other)) == (one == other)


@given(canonical_dois())
def test_a_path_round_trips_and_is_an_iri_path(doi: str) -> None:
    path = doi_path(doi)
    assert unquote(path) == doi
    assert re.fullmatch(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+", path)
    assert normalise_doi(doi_iri(doi)) == doi


@given(canonical_dois(), st.data())
def test_the_resolver_address_in_any_escaping_is_the_same_doi(doi: str, data: st.DataObject) -> None:
    escaped = "".join(
        "".join(f"%{byte:02x}" for byte in character.encode())
        if character == "%" or data.draw(st.booleans())
        else character
        for character in doi
    )
    assert normalise_doi(f"http://dx.doi.org/{escaped}") == doi


@given(st.text(max_size=200))
def test_no_text_breaks_the_search_for_dois(text: str) -> None:
    for doi in find_dois(text):
        assert normalise_doi(doi) == doi


@given(
    st.from_regex(r"10\.[0-9]{4,9}/[a-z0-9]+([.\-_/()][a-z0-9]+){0,4}[0-9]", fullmatch=True),
    st.sampled_from(["", ".", ",", ";", ").", "].", "»", "”."]),
)
def test_a_sentence_around_a_doi_does_not_change_it(doi: str, tail: str) -> None:
    if doi.count("(") == doi.count(")"):
        assert find_dois(f"Vol. 4. P. 1–2. DOI: {doi}{tail} 2021.") == [doi]


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_texts_never_share_a_segment(one: str, other: str) -> None:
    try:
        same = path_segment(one) == path_segment(other)
    except UnicodeEncodeError:  # a lone surrogate never gets into a record
        return
    assert same == (one == other)
    assert "/" not in path_segment(one)
    assert path_segment(one) not in {".", ".."}


@given(st.from_regex(r"[0-9]{7}", fullmatch=True), st.integers(0, 6), st.integers(1, 9))
def test_an_issn_with_one_wrong_digit_is_caught(digits: str, place: int, shift: int) -> None:
    check = next(character for character in "0123456789X" if issn_check_digit_is_right(digits + character))
    assert parse_issn(digits + check) == f"{digits[:4]}-{digits[4:]}{check}"
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(RecordError, match="check digit"):
        parse_issn(wrong + check)


def _orcid_check(digits: str) -> str:
    # ISO/IEC 7064, MOD 11-2, in its closed form: the weighted sum is 1 modulo 11.
    total = sum(int(digit) << (15 - place) for place, digit in enumerate(digits))
    return "0123456789X"[(1 - total) % 11]


@given(st.from_regex(r"[0-9]{15}", fullmatch=True), st.integers(0, 14), st.integers(1, 9))
def test_an_orcid_with_one_wrong_digit_is_caught(digits: str, place: int, shift: int) -> None:
    check = _orcid_check(digits)
    assert parse_orcid(digits + check).replace("-", "").endswith(digits + check)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(RecordError, match="check digit"):
        parse_orcid(wrong + check)


@given(st.text(_ROR_DIGITS, min_size=6, max_size=6), st.integers(0, 5), st.integers(1, 31))
def test_a_ror_id_with_one_wrong_character_is_caught(body: str, place: int, shift: int) -> None:
    number = 0
    for character in body:
        number = number * 32 + _ROR_DIGITS.index(character)
    check = f"{98 - number * 100 % 97:02d}"
    assert parse_ror(f"0{body}{check}") == f"https://ror.org/0{body}{check}"
    wrong = body[:place] + _ROR_DIGITS[(_ROR_DIGITS.index(body[place]) + shift) % 32] + body[place + 1 :]
    with pytest.raises(RecordError, match="check digits"):
        parse_ror(f"0{wrong}{check}")
