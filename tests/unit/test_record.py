"""What gets into a record, and what never does."""

from __future__ import annotations

import json

import pytest

from triplepress.errors import RecordError
from triplepress.record import (
    ArticleRecord,
    Contributor,
    Reference,
    Text,
    clean_text,
    decode_record,
    encode_record,
    language_tag,
    record_schema,
)


def test_characters_that_xml_forbids_and_lone_surrogates_stay_out() -> None:
    line = rb'{"titles": [{"text": "a\u0000b\u000bc\ufffed\ud800e", "lang": "en"}], "volume": "\u0001"}'
    try:
        record = decode_record(line)
    except RecordError:  # the JSON reader may refuse the surrogate itself
        record = decode_record(line.replace(rb"\ud800", b""))
    assert record.titles[0].text == "abcde"
    assert record.volume is None
    assert clean_text("e\u0301\ud800\x1f\n") == "é\n"


@pytest.mark.parametrize(
    ("tag", "expected"), [("ru", "ru"), ("zh-Hant", "zh-hant"), ("en_US", None), ("", None), ("e", None)]
)
def test_a_language_tag_is_well_formed_or_none(tag: str, expected: str | None) -> None:
    assert language_tag(tag) == expected
    assert Text(text="a", lang=tag).lang == expected
    assert ArticleRecord(language=tag).language == expected


def test_identifiers_are_canonical_or_refused() -> None:
    with pytest.raises(RecordError, match="canonical"):
        ArticleRecord(doi="10.1234/ABC")
    with pytest.raises(RecordError, match="not a DOI"):
        Reference(position=1, doi="abc")
    with pytest.raises(RecordError, match="check digit"):
        Contributor(name="A", position=1, orcid="0000-0002-1825-0098")
    assert (
        Contributor(name="A", position=1, orcid="https://orcid.org/0000-0002-1825-0097").orcid == "0000-0002-1825-0097"
    )


@pytest.mark.parametrize("date", ["2024", "2024-02", "2024-02-29"])
def test_a_date_as_precise_as_it_is(date: str) -> None:
    assert ArticleRecord(issued=date).issued == date


@pytest.mark.parametrize("date", ["24", "2024-13", "2024-1", "May 2024", "2024-00"])
def test_what_is_no_date_is_refused(date: str) -> None:
    with pytest.raises(RecordError, match="not a date"):
        ArticleRecord(issued=date)


def test_the_place_of_a_wrong_value_is_named() -> None:
    with pytest.raises(RecordError) as caught:
        decode_record(b'{"references": [{"position": 1}, {"position": 2, "doi": "10.1234/ABC"}]}')
    assert "references" in caught.value.field
    assert caught.value.field.endswith("doi")
    with pytest.raises(RecordError, match="unknown field"):
        decode_record(b'{"tittle": "a"}')


def test_a_line_reads_back_as_it_was_written() -> None:
    record = ArticleRecord(doi="10.1234/abc", titles=[Text(text="Ряд ☃ \U0001f600", lang="ru")], issued="2024")
    line = encode_record(record)
    assert b"\n" not in line
    assert decode_record(line) == record
    assert encode_record(decode_record(line)) == line


def test_the_schema_names_every_field() -> None:
    schema = record_schema()
    names = schema["$defs"]["ArticleRecord"]["properties"]
    assert set(names) == set(ArticleRecord.__struct_fields__)
    assert json.loads(json.dumps(schema)) == schema
