"""Each field of a reference, in the styles that print it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from triplepress.references import ParsedReference, parse_reference, parsed_fields

_GOLDEN = Path(__file__).resolve().parents[2] / "golden/references"


@pytest.mark.parametrize("case", sorted(path.name for path in _GOLDEN.iterdir()))
def test_golden(case: str) -> None:
    folder = _GOLDEN / case
    assert parsed_fields((folder / "input.txt").read_text("utf-8")) == json.loads(
        (folder / "parsed.json").read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("Smith JA, van der Berg K, Lee C. Title here. J Res. 2019;1:2-3.", ["Smith", "van der Berg", "Lee"]),
        ("McDermid, J.M. & Prentice, A.M. (2006) Title here. Clin Sci, 110, 503–524", ["McDermid", "Prentice"]),
        ("OMOTE, S. A construção de uma escala. Revista, v. 11, n. 1, p. 33-47, 2005.", ["OMOTE"]),
        ("Иванов И.И., Петров П.П. Название // Журнал. 2020. № 3. С. 12–20.", ["Иванов", "Петров"]),
        ("Arapova E.Ya., Niyazov R.Sh. (2022). Torgovaya voina. Zhurnal. No. 1. P. 8–9.", ["Arapova", "Niyazov"]),
        ("PoppT.J., SowersT. and WhiteJ.W. 2004. A record of climate. Eos, 85, 1–5.", ["Popp", "Sowers", "White"]),
        ("World Health Organization (2010). World report on water. Geneva.", ["World Health Organization"]),
        ("European guidelines for back pain. Eur Spine J. 2006;15 Suppl. 2:S192-300.", []),
    ],
)
def test_authors(text: str, authors: list[str]) -> None:
    assert [author.family for author in parse_reference(text).authors] == authors


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("A title. J Pain. 2009;10:447-85.", ("2009", "10", None, "447", "485")),
        ("A title. J Res. 2019;14(2):e31.", ("2019", "14", "2", "e31", None)),
        ("A title. Eur Spine J. 2006;15 Suppl. 2:S192-300.", ("2006", "15", "Suppl. 2", "S192", "S300")),
        ("A title. Vestnik. 2023;(2):92-99.", ("2023", None, "2", "92", "99")),
        ("A. Lee, Cerâmica 65, 375 (2019) 416.", ("2019", "65", "375", "416", None)),
        ("A. Lee, Anal. Chem. 88, 320 (2015).", ("2015", "88", None, "320", None)),
        ("Название // Журнал. – 2020. – Т. 5, № 3. – С. 12–20.", ("2020", "5", "3", "12", "20")),
        ("A title. J Med. 2010;87(3):356-61. Erratum in: J Med. 2011;89(1):148.", ("2010", "87", "3", "356", "361")),
    ],
)
def test_location(text: str, location: tuple[str | None, ...]) -> None:
    found = parse_reference(text)
    assert (found.year, found.volume, found.issue, found.first_page, found.last_page) == location


@pytest.mark.parametrize(
    "text",
    [
        "BRASIL. Lei nº 11.096, de 13 de janeiro. Diário Oficial, Brasília.",
        "Kalantzakos S. China and rare earths. Oxford: Oxford University Press, 2018. 235 p.",
        "SILVA, J. Um livro. São Paulo: Editora 34, 2015.",
    ],
)
def test_numbers_that_are_no_pages(text: str) -> None:
    found = parse_reference(text)
    assert (found.volume, found.pages) == (None, None)


def test_identifiers_leave_no_digits_behind() -> None:
    found = parse_reference(
        "Lee C. A title of some length. 2020. ISBN 978-3-16-148410-0. PMID: 31234567. arXiv:1711.01558. "
        "URL: https://example.org/2019/12 (дата обращения: 12.03.2021)."
    )
    assert (found.isbn, found.pmid, found.arxiv) == ("9783161484100", "31234567", "1711.01558")
    assert (found.url, found.year, found.volume) == ("https://example.org/2019/12", "2020", None)


def test_markup_joins_no_numbers() -> None:
    found = parse_reference(
        "Lee C. A title. <i>J Res</i> 2019;<volume>5</volume><issue>(3)</issue>:<b>1</b><sup>2</sup>."
    )
    assert (found.volume, found.issue) == ("5", "3")
    assert found.first_page != "12"


def test_an_isbn_with_a_wrong_check_digit_is_not_one() -> None:
    assert parse_reference("Lee C. A title. 2020. ISBN 978-3-16-148410-1.").isbn is None


@pytest.mark.parametrize(
    "text",
    [
        "Lee C. A title. J Res. 2019;1:2. doi.acm.org/10.1145/1133058.1133086",
        "Lee C. A title. 2019. https://example.org/doi/abs/10.1145/1133058.1133086",
        "Lee C. A title. 2019. https://example.org/doi/10.1145/1133058.1133086/pdf",
    ],
)
def test_the_doi_in_a_resolvers_address(text: str) -> None:
    assert parse_reference(text).doi == "10.1145/1133058.1133086"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ivanov I. Title. Journal. 2020;1:2-3. (In Russ.)", "ru"),
        ("Иванов И.И. Рынки в условиях реформы // Журнал. 2020. № 3.", "ru"),
        ("Петренко О.О. Ринки в умовах реформи // Журнал. 2020. № 3.", None),
        ("Smith J. A title in English. J Res. 2020;1:2-3.", None),
    ],
)
def test_language_only_when_certain(text: str, language: str | None) -> None:
    assert parse_reference(text).language == language


@pytest.mark.parametrize("text", ["", " ", ".", "[1]", "?", "____", "10.", "\x00", "(((((", "," * 5000])
def test_what_tells_nothing(text: str) -> None:
    assert parse_reference(text) == ParsedReference()


def test_the_parsed_object_is_plain_json() -> None:
    fields = parsed_fields("Lee C, et al. A title. J Res. 2019;14(2):31-44.")
    assert msgspec.json.decode(msgspec.json.encode(fields)) == fields
    assert fields["authors"] == [{"family": "Lee", "given": "C"}]
    assert "doi" not in fields


@pytest.mark.parametrize(
    "piece",
    [
        "A. ",
        "A",
        "Ab ",
        "AB ",
        "1 ",
        "1",
        "(",
        "Smith J., ",
        "a-",
        "“a",
        "of the ",
        "– ",
        "Ab: ",
        "In: Ab. ",
        "http://",
        "10.1234/a ",
        "[a",
        "accessed ",
        "Ab, ",
        "(Ab) ",
        "2019 ",
        "12, ",
        "Ab of ",
        "[abc] ",
        "“abc” ",
        ".",
        "// ",
        " / Ab",
        "Ab & ",
        "A.-B. ",
        "A-",
        "e ",
        "И. ",
        "\xa0",
        "Ab. 1, ",
    ],
)
def test_a_hostile_text_is_read_in_no_time(piece: str) -> None:
    """A pattern that tries every way of reading a repetition would never come back from one of these."""
    found = parse_reference(piece * (6000 // len(piece)))
    assert found.doi is None or piece.startswith("10.")
