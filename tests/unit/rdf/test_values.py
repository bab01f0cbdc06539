"""Do dates, countries, languages, addresses and IRIs come out as the profile says?"""

from __future__ import annotations

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplepress.errors import MappingError, RecordError
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.minting import Minter
from triplepress.rdf.nodes import PlainValue
from triplepress.rdf.shaping.countries import country_iri
from triplepress.rdf.shaping.dates import time_span
from triplepress.rdf.shaping.kinds import article_types, coar_type
from triplepress.rdf.shaping.languages import language_iri
from triplepress.rdf.shaping.links import web_link, web_links
from triplepress.rdf.shaping.provenance import shape_source
from triplepress.rdf.turtle import to_turtle
from triplepress.record import ArticleRecord, Source

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("citing", "cited", "span"),
    [
        ("2025", "2024", "P1Y"),
        ("2025", "2024-12-31", "P1Y"),
        ("2024", "2024", "PT0S"),
        ("2023", "2024", "-P1Y"),
        ("2025-03", "2024-01", "P1Y2M"),
        ("2025-01", "2024-01", "P1Y"),
        ("2024-03", "2024-01-31", "P2M"),
        ("2024-01", "2024-03", "-P2M"),
        ("2024-03-01", "2024-02-29", "P1D"),
        ("2025-02-28", "2024-02-29", "P1Y"),
        ("2024-03-30", "2024-01-31", "P1M30D"),
        ("2024-12-31", "2022-11-30", "P2Y1M1D"),
        ("2022-11-30", "2024-12-31", "-P2Y1M1D"),
        ("2024-01-01", "2023-12-31", "P1D"),
        ("2024-01-01", "2024-02-31", "-P1M30D"),  # a date that the gate refuses must not stop the press before it
    ],
)
def test_time_span(citing: str, cited: str, span: str) -> None:
    assert time_span(citing, cited) == span


@given(st.dates(), st.dates())
def test_time_span_of_exchanged_dates_only_changes_its_sign(one: object, other: object) -> None:
    there, back = time_span(str(one), str(other)), time_span(str(other), str(one))
    assert there.lstrip("-") == back.lstrip("-")
    assert (there == back) == (one == other)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Russia", "RUS"),
        ("Russian Federation", "RUS"),
        ("Российская Федерация", "RUS"),
        ("РОССИЯ", "RUS"),
        ("USA", "USA"),
        ("United  States of America.", "USA"),
        ("Kazakhstan", "KAZ"),
        ("Казахстан", "KAZ"),
        ("Киргизия", "KGZ"),
        ("Белоруссия", "BLR"),
        ("Czech Republic", "CZE"),
        ("Korea, Republic of", "KOR"),
        ("China", "CHN"),
        ("DE", "DEU"),
        ("GBR", "GBR"),
    ],
)
def test_printed_country_names_are_known(name: str, code: str) -> None:
    assert country_iri(name) == f"http://publications.europa.eu/resource/authority/country/{code}"


@pytest.mark.parametrize("name", [None, "", "Korea", "Ruritania", "Moscow, Russia", "Россия; США"])
def test_an_unknown_country_is_not_guessed(name: str | None) -> None:
    assert country_iri(name) is None


def test_every_country_is_known_by_its_own_name() -> None:
    for country in pycountry.countries:
        assert str(country_iri(country.name)).endswith(f"/{country.alpha_3}")


@pytest.mark.parametrize(
    ("tag", "code"),
    [("ru", "rus"), ("en-us", "eng"), ("de", "ger"), ("zh-hant", "chi"), ("fr", "fre"), ("kk", "kaz"), ("sah", "sah")],
)
def test_languages_have_their_bibliographic_code(tag: str, code: str) -> None:
    assert language_iri(tag) == f"http://id.loc.gov/vocabulary/iso639-2/{code}"


@pytest.mark.parametrize("tag", [None, "xx", "x-klingon", "cmn", "abcd"])
def test_an_unknown_language_is_not_asserted(tag: str | None) -> None:
    assert language_iri(tag) is None


@pytest.mark.parametrize(
    ("address", "iri"),
    [
        ("https://a.example/b c", "https://a.example/b%20c"),
        (" https://a.example/ ", "https://a.example/"),
        ("https://a.example/<1>|2", "https://a.example/%3C1%3E%7C2"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://a.example/%D1%81", "https://a.example/%D1%81"),
        ("https://пример.рф/статья", "https://пример.рф/статья"),
        ("HTTP://A.example/", "HTTP://A.example/"),
    ],
)
def test_an_address_becomes_an_iri(address: str, iri: str) -> None:
    assert web_link(address) == iri


@pytest.mark.parametrize(
    "address", ["", "www.a.example", "javascript:alert(1)", "file:///etc/hosts", "http://", "CC BY"]
)
def test_what_is_no_address_stays_as_text(address: str) -> None:
    assert web_link(address) == PlainValue(value=address)


def test_two_spellings_of_one_address_are_one() -> None:
    assert web_links(["https://a.example/b c", "https://a.example/b%20c", "x", "x"]) == [
        "https://a.example/b%20c",
        PlainValue(value="x"),
    ]


def test_minting_by_the_profile() -> None:
    minter = Minter("https://data.example.org/lod")
    assert minter.work("10.1234/A.ttl".lower()) == "https://data.example.org/lod/id/doi/10.1234/a.ttl"
    journal = minter.journal("2313-8920")
    assert minter.issue(journal, None, "1/2", "2024") == f"{journal}/year/2024/issue/1%2F2"
    assert minter.volume(journal, "..") == f"{journal}/vol/%2E%2E"
    assert minter.document(minter.work("10.1234/a")) == "https://data.example.org/lod/data/doi/10.1234/a"
    assert minter.page(f"{minter.work('10.1234/a')}#author-1") == "https://data.example.org/lod/page/doi/10.1234/a"


def test_what_cannot_be_told_apart_is_not_minted() -> None:
    minter = Minter("https://data.example.org")
    with pytest.raises(RecordError, match="without volume and year"):
        minter.issue(minter.journal("2313-8920"), None, "1", None)
    with pytest.raises(RecordError, match="neither a DOI nor an id"):
        minter.article(ArticleRecord())
    with pytest.raises(ValueError, match="is not below"):
        minter.document("https://elsewhere.example/id/doi/10.1234/a")


def test_a_source_called_like_a_scheme_has_its_own_space() -> None:
    record = ArticleRecord(local_id="10.1234/a", sources=[Source(kind="doi", location="x")])
    assert Minter("https://a.example").article(record) == "https://a.example/id/source-doi/10.1234/a"


@pytest.mark.parametrize(("root", "licence"), [("https://a b", CC0), ("https://a.example", "CC0")])
def test_an_edition_without_proper_iris_is_refused(root: str, licence: str) -> None:
    with pytest.raises(MappingError, match="is no IRI"):
        EditionFacts(root, licence)


def test_kinds_that_are_works_keep_the_class_of_an_expression() -> None:
    assert article_types("erratum") == ["JournalArticle"]
    assert coar_type("erratum") == "http://purl.org/coar/resource_type/c_7acd"
    assert article_types("letter") == ["Letter"]
    assert coar_type("letter") is None


@pytest.mark.parametrize(
    ("location", "label"),
    [
        ("/home/someone/secret/1.txt", "1.txt"),
        ("C:\\Users\\someone\\1.txt", "1.txt"),
        ("https://a.example/oai?verb=x", "oai"),
        ("https://a.example/", "https://a.example/"),
        ("dump.tar.gz!/0.json", "0.json"),
    ],
)
def test_a_source_is_named_without_its_folder(location: str, label: str) -> None:
    node = shape_source(Source(kind="elpub", location=location, sha256="0"), EditionFacts("https://a.example", CC0))
    assert node.label == {"@none": [label]}


def test_a_source_without_checksum_has_no_iri() -> None:
    with pytest.raises(ValueError, match="has no checksum"):
        shape_source(Source(kind="elpub", location="1.txt"), EditionFacts("https://a.example", CC0))


def test_turtle_breaks_lists_but_never_a_text() -> None:
    ntriples = (
        b"<https://a.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://a.example/C> .\n"
        b"<https://a.example/1> <https://a.example/p> <https://a.example/2> .\n"
        b"<https://a.example/1> <https://a.example/p> <https://a.example/3> .\n"
        b'<https://a.example/1> <https://a.example/q> "\\n<x> , y\\nz ." .\n'
        b'<https://a.example/1> <https://a.example/q> "b" .\n'
        b"<https://a.example/2> <https://a.example/p> <https://a.example/3> .\n"
    )
    assert to_turtle(ntriples, {"ex": "https://a.example/"}).decode() == (
        "@prefix ex: <https://a.example/> .\n"
        "\n"
        "ex:1 a ex:C ;\n"
        "\tex:p ex:2 ,\n\t\tex:3 ;\n"
        '\tex:q "\\n<x> , y\\nz ." , "b" .\n'
        "\n"
        "ex:2 ex:p ex:3 .\n"
    )
    assert not to_turtle(ntriples, {"ex": "https://a.example/"}, header=False).startswith(b"@prefix")
