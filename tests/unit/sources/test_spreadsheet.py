"""A publisher's own spreadsheet: which mapping fits, and what a cell may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from triplepress.errors import MappingError
from triplepress.record import ArticleRecord, Rejected
from triplepress.settings import Settings
from triplepress.sources import read
from triplepress.sources.columns import FIELDS, SEPARATORS, choose, load_columns, read_columns

_EXAMPLE = Path(__file__).parents[3] / "mappings" / "spreadsheet-example.toml"


def _read(
    folder: Path, text: str, *, input_format: str | None = None, encoding: str = "utf-8"
) -> list[ArticleRecord | Rejected]:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    results = list(read([str(path)], Settings(mappings=str(folder / "mappings")), input_format=input_format))
    assert all(isinstance(result, ArticleRecord | Rejected) for result in results)
    return [result for result in results if isinstance(result, ArticleRecord | Rejected)]


def _mapping(folder: Path, name: str, text: str) -> None:
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / name).write_text(text, encoding="utf-8")


def test_the_example_is_a_mapping_and_holds_for_nobody() -> None:
    example = read_columns(_EXAMPLE)
    header = ["DOI", "Title", "Authors", "Published"]
    assert example.missing(header) == []
    assert load_columns(_EXAMPLE.parent) == []
    assert choose(header, [example]) is example


def test_the_mapping_that_takes_most_columns_is_taken(tmp_path: Path) -> None:
    _mapping(tmp_path, "a.toml", '[columns]\ndoi = "Id"\ntitle = "Name"\n')
    _mapping(tmp_path, "b.toml", '[columns]\ndoi = "Id"\ntitle = "Name"\nvolume = "Band"\n[constants]\njournal = "J"\n')
    (record,) = _read(tmp_path, "id;NAME;Band\n10.1234/a;Salz;3\n")
    assert isinstance(record, ArticleRecord)
    assert (record.volume, record.journal and record.journal.titles[0].text) == ("3", "J")
    assert record.sources[0].kind == "csv"


def test_a_table_that_nothing_fits_says_what_is_missing(tmp_path: Path) -> None:
    _mapping(tmp_path, "press.toml", '[columns]\ndoi = "Id"\ntitle = "Name"\n')
    for forced in (None, "csv"):
        (result,) = _read(tmp_path, "Id,Jahr,Band\n10.1234/a,2020,3\n", input_format=forced)
        assert isinstance(result, Rejected)
        assert "its columns: Id, Jahr, Band; press.toml is nearest, and needs also Name" in result.findings[0].message


@pytest.mark.parametrize(
    "text",
    [
        "[columns",
        "[fields]\n",
        '[columns]\ntitel = "x"',
        "[columns]\ntitle = 3",
        '[columns]\ntitle = "x"\n[constants]\nvolume = 3',
    ],
)
def test_a_broken_mapping_is_named(tmp_path: Path, text: str) -> None:
    _mapping(tmp_path, "broken.toml", text)
    with pytest.raises(MappingError, match=r"broken\.toml"):
        load_columns(tmp_path / "mappings")
    (result,) = _read(tmp_path, "doi,title\n10.1234/a,Salt\n", input_format="csv")
    assert isinstance(result, Rejected)
    assert "broken.toml" in result.findings[0].message


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    table = "doi,title,issued\n10.1234/a,Соль,2024\n10.1234/b,Вода,2024,x\n10.1234/c,Salt,31.12.2023\n"
    results = _read(tmp_path, table)
    assert [type(result).__name__ for result in results] == ["ArticleRecord", "Rejected", "ArticleRecord"]
    assert results[1].source.position == "line 3" if isinstance(results[1], Rejected) else False
    assert results[2].issued == "2023-12-31" if isinstance(results[2], ArticleRecord) else False


def test_rows_that_are_not_utf8_are_set_aside(tmp_path: Path) -> None:
    results = _read(tmp_path, "doi,title,issued\n10.1234/a,Соль,2024\n10.1234/c,Salt,2023\n", encoding="cp1251")
    assert [type(result).__name__ for result in results] == ["Rejected", "ArticleRecord"]


def test_mail_addresses_are_not_kept(tmp_path: Path) -> None:
    (record,) = _read(
        tmp_path, 'doi,title,authors,affiliations\n10.1234/a,T,"Krupina, Anna (a@example.org)",Institute; \n'
    )
    assert isinstance(record, ArticleRecord)
    assert "@" not in str(record)


def test_the_page_about_sources_names_every_field() -> None:
    page = (_EXAMPLE.parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^- The fields: (.*?)\.$", page, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", listed)) == FIELDS | SEPARATORS.keys()
