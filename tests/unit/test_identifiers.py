"""DOIs, ISSNs, ORCID and ROR iDs as sources really print them."""

from __future__ import annotations

import pytest

from triplepress.errors import RecordError
from triplepress.identifiers import (
    doi_iri,
    doi_path,
    find_dois,
    normalise_doi,
    parse_doi_field,
    parse_issn,
    parse_orcid,
    parse_ror,
    path_segment,
    scan_dois,
)

_SICI = "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"


@pytest.mark.parametrize(
    ("printed", "doi"),
    [
        ("DOI: 10.1234/ABC", "10.1234/abc"),
        ("doi:10.1234/abc", "10.1234/abc"),
        ("info:doi/10.1234/abc", "10.1234/abc"),
        ("http://dx.doi.org/10.1234/abc", "10.1234/abc"),
        ("DOI: https://doi.org/10.1234/abc", "10.1234/abc"),
        ("www.doi.org/10.1234/abc", "10.1234/abc"),
        ("10.17070/aeaas.2014.12.36.", "10.17070/aeaas.2014.12.36."),
        ("10.1234/data.ttl", "10.1234/data.ttl"),
        ("https://doi.org/10.1234/a%23b%3Fc", "10.1234/a#b?c"),
        ("10.1234/a%23b", "10.1234/a%23b"),
        ("https://doi.org/10.1234/a%253Cb", "10.1234/a%3cb"),
        ("10.1234/ÄÖ", "10.1234/ÄÖ"),
        ("10.1234/\u212a", "10.1234/k"),
        ("10.1234/H\u0331", "10.1234/ẖ"),
        ("10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O", _SICI),
        ("10.1002/(SICI)1097-0142(19970415)79:8<1611::AID-CNCR26>3.0.CO;2-#",
         "10.1002/(sici)1097-0142(19970415)79:8<1611::aid-cncr26>3.0.co;2-#"),
    ],
)  # fmt: skip
def test_a_doi_has_one_canonical_form(printed: str, doi: str) -> None:
    assert normalise_doi(printed) == doi


@pytest.mark.parametrize(
    "text",
    ["", "10.1234/", "10.12/abc", "11.1234/abc", "10.24975/broken 2024", "10.1126/science. 1109070", "10.1234/a\u200bb",
     "https://doi.org/10.1234/%E9", "https://doi.org/10.1234/a%20b", "10.1234/a\ud800"],
)  # fmt: skip
def test_what_is_no_doi_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        normalise_doi(text)


@pytest.mark.parametrize(
    ("field", "doi"),
    [
        ("10.1892/0891-6640(2005)19&lt;115:UTMOPI>2.0.CO;2", "10.1892/0891-6640(2005)19<115:utmopi>2.0.co;2"),
        ("10.1002/(SICI)1097-4571(199806)49:8%3c693::AID-ASI4%3e3.0.CO;2-O", _SICI),
        ("10.1890/0012-9658(1998)079%5B1859:APIAMR%5D2.0.CO;2", "10.1890/0012-9658(1998)079[1859:apiamr]2.0.co;2"),
        ("10.1002/(SICI)1097-4571(199806)49:8%253c693::AID-ASI4%253e3.0.CO;2-O",
         "10.1002/(sici)1097-4571(199806)49:8%253c693::aid-asi4%253e3.0.co;2-o"),
        ("10.1234/a&amp;lt;b", "10.1234/a&lt;b"),
        ("10.1234/a%3cb", "10.1234/a%3cb"),
        ("10.17070/aeaas.2014.12.36.", "10.17070/aeaas.2014.12.36."),
    ],
)  # fmt: skip
def test_a_field_is_unescaped_once(field: str, doi: str) -> None:
    assert parse_doi_field(field) == doi


@pytest.mark.parametrize(
    ("text", "dois"),
    [
        ("Vol. 4. DOI: 10.1016/j.oneear.2021.12.001. 2021.", ["10.1016/j.oneear.2021.12.001"]),
        ("(doi:10.1016/s0716-8640(12)70313-9)", ["10.1016/s0716-8640(12)70313-9"]),
        ("DOI 10.1016/j.tig.2004.07.008 S0168-9525(04)00193-3", ["10.1016/j.tig.2004.07.008"]),
        ("info:doi/10.1234/abc1 and http://dx.doi.org/10.1234/ABC2,", ["10.1234/abc1", "10.1234/abc2"]),
        ("10.1234/a1;10.1234/b2, doi:10.1234/a1", ["10.1234/a1", "10.1234/b2"]),
        ("see <https://doi.org/10.1234/abc1>", ["10.1234/abc1"]),
        ("«10.1234/abc1»", ["10.1234/abc1"]),
        (f"https://doi.org/{_SICI.upper().replace('<', '%3C').replace('>', '%3E')}.", [_SICI]),
        (f"doi: {_SICI.replace('<', '%3c').replace('>', '%3e')}", [_SICI]),
        (f"doi: {_SICI.replace('<', '&lt;').replace('>', '&gt;')}", [_SICI]),
        # A publisher's address, a handle, a date, a version: not DOIs that anybody states.
        ("https://onlinelibrary.wiley.com/doi/10.1002/9781118015841.ch5/pdf", []),
        ("http://hdl.handle.net/20.10.1234/5", []),
        ("10.1234/ and 10.10.2014/5", []),
        # Split by a blank: joined only where the rest is no prose.
        ("doi: 10.1126/science. 1109070.", ["10.1126/science.1109070"]),
        ("doi: 10.31235/osf.io/abcde. 2020.", ["10.31235/osf.io/abcde"]),
        ("doi: 10.31235/osf.io/abcde. Accessed", ["10.31235/osf.io/abcde"]),
        ("doi: 10.1016/j. tig.2004.07", []),
        ("doi: 10.1016/ j.tig.2004.07", []),
    ],
)
def test_dois_in_running_text(text: str, dois: list[str]) -> None:
    assert find_dois(text) == dois


def test_what_is_not_decided_is_shown() -> None:
    assert [(found.printed, found.doi) for found in scan_dois("doi: 10.1016/j. tig.2004.07")] == [
        ("10.1016/j. tig.2004.07", None)
    ]


def test_the_path_of_a_sici_doi() -> None:
    assert doi_path(_SICI) == "10.1002/(sici)1097-4571(199806)49:8%3C693::aid-asi4%3E3.0.co;2-o"
    assert doi_iri("10.1234/a#b%c[d]é.ttl") == "https://doi.org/10.1234/a%23b%25c%5Bd%5D%C3%A9.ttl"


def test_a_segment_is_never_a_step() -> None:
    assert path_segment("..") == "%2E%2E"


@pytest.mark.parametrize("text", ["2313-8920", " issn 23138920", "e-ISSN: 2313–8920", "ISSN-L 2313-8920"])
def test_an_issn_in_any_dress(text: str) -> None:
    assert parse_issn(text) == "2313-8920"


def test_a_cyrillic_check_character_is_read() -> None:
    assert parse_issn("2434-561Х") == parse_issn("2434-561x") == "2434-561X"


@pytest.mark.parametrize("text", ["2313-8921", "2313-892", "2313-89200", "X313-8920", ""])
def test_a_wrong_issn_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        parse_issn(text)


@pytest.mark.parametrize("text", ["0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233x", "000000021694233X/"])
def test_an_orcid_in_any_dress(text: str) -> None:
    assert parse_orcid(text) == "https://orcid.org/0000-0002-1694-233X"


def test_wrong_iris_of_people_and_organisations_are_refused() -> None:
    with pytest.raises(RecordError, match="check digit"):
        parse_orcid("0000-0002-1694-2330")
    with pytest.raises(RecordError, match="not a ROR iD"):
        parse_ror("https://ror.org/05dxpso55")
    with pytest.raises(RecordError, match="check digits"):
        parse_ror("05dxps056")
