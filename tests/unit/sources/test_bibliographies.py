"""BibTeX, RIS, MEDLINE and OpenCitations Meta: what files in the wild do, and how many entries the corpus has."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from triplepress.record import ArticleRecord, Rejected, Skipped, Source
from triplepress.settings import Settings
from triplepress.sources import bibtex, medline, opencitations, read, ris
from triplepress.sources.detect import detect
from triplepress.sources.latex import latex_text

_SOURCE = Source(kind="x", location="x")
_LIMIT = 100_000


def _bibtex(text: str, limit: int = _LIMIT) -> list[ArticleRecord | Rejected | Skipped]:
    return list(bibtex.read_bibtex(io.BytesIO(text.encode()), _SOURCE, limit))


def _ris(text: str, limit: int = _LIMIT) -> list[ArticleRecord | Rejected | Skipped]:
    return list(ris.read_ris(io.BytesIO(text.encode()), _SOURCE, limit))


def _record(results: list[ArticleRecord | Rejected | Skipped]) -> ArticleRecord:
    (result,) = results
    assert isinstance(result, ArticleRecord), result
    return result


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"Vrande{\v c}i{\' c}", "Vrandečić"),
        (r"{\L}{\'o}d{\'z} \& Gda\'nsk", "Łódź & Gdańsk"),
        (r"{\th}{\'a}ttur {\ae}", "þáttur æ"),
        (r"$^{12}$C in \emph{vivo}, 10\textsuperscript{5}", "¹²C in vivo, 10⁵"),
        ("Oil & Gas, 100% of R&D #1", "Oil & Gas, 100% of R&D #1"),
        (r"pages 1--2 --- and ``so''", "pages 1–2 — and “so”"),
        (r"a\&b\%c\$d\#e\_f", "a&b%c$d#e_f"),
        (r"$p<0.05$ and <i>in vitro</i>", "p<0.05 and in vitro"),
        ("costs $5", "costs $5"),
        (r"\href{only one", "only one"),
    ],
)
def test_latex_becomes_text(source: str, text: str) -> None:
    assert latex_text(source) == text


def test_names_in_all_their_forms() -> None:
    names = "Ludwig van Beethoven AND de la Cruz, Juan and {A and B} and Smith, Jr., John and 王小明 and ,"
    record = _record(_bibtex(f"@article{{k, title={{T}}, author={{{names}}}}}"))
    assert [(each.name, each.family) for each in record.contributors] == [
        ("Ludwig van Beethoven", "van Beethoven"),
        ("Juan de la Cruz", "de la Cruz"),
        ("A and B", None),
        ("John Smith, Jr.", "Smith"),
        ("王小明", None),
    ]
    assert [warning.field for warning in record.warnings] == ["contributors"]


def test_macros_hold_for_the_rest_of_a_long_file() -> None:
    filler = "".join(
        f"@misc{{m{n}, note = {{{'x' * 1000}}}}}\n" for n in range(600)
    )  # more than two pieces of the file
    results = _bibtex(f"@string{{joe = {{Journal}}}}\n{filler}@article{{a, title = {{T}}, journal = joe}}\n")
    last = results[-1]
    assert isinstance(last, ArticleRecord)
    assert last.journal is not None
    assert last.journal.titles[0].text == "Journal"
    assert last.sources[0].position == "line 602"
    assert len(results) == 601


def test_an_issue_that_is_not_there_is_named() -> None:
    record = _record(_bibtex("@article{a, title={T}, crossref={nowhere}}"))
    assert "nowhere" in record.warnings[0].message


def test_a_bad_entry_does_not_stop_the_others() -> None:
    text = "@article{a, title={One}}\n@article{b, title={Never closed,\n@article{c, title={Three}}\n"
    kinds = [type(result) for result in _bibtex(text)]
    assert kinds == [ArticleRecord, Rejected, ArticleRecord]


def test_entries_of_one_key_are_all_read() -> None:
    assert len(_bibtex("@article{a, title={One}}\n@article{a, title={Two}}\n")) == 2


def test_what_is_not_utf8_is_set_aside() -> None:
    (result,) = bibtex.read_bibtex(io.BytesIO("@article{a, title={é}}".encode("latin-1")), _SOURCE, _LIMIT)
    assert isinstance(result, Rejected)
    results = list(
        ris.read_ris(
            io.BytesIO("TY  - JOUR\nTI  - é\nER  - \nTY  - JOUR\nTI  - e\n".encode("latin-1")), _SOURCE, _LIMIT
        )
    )
    assert [type(result) for result in results] == [Rejected, ArticleRecord]


def test_an_entry_without_an_end_is_kept_within_the_limit() -> None:
    assert isinstance(_ris("TY  - JOUR\n" + "TI  - long\n" * 20_000, 1000)[0], Rejected)
    results = _bibtex("@article{a, title={" + "x" * 600_000 + "}}\n@article{b, title={short}}", 1000)
    assert [type(result) for result in results] == [Rejected, ArticleRecord]


@pytest.mark.parametrize(
    ("lines", "issued"),
    [
        ("PY  - 2016/12//", "2016-12"),
        ("PY  - 2001/00/00/", "2001"),
        ("PY  - 2018\nDA  - 2018/03/01/", "2018-03-01"),
        ("DA  - 2018-03-01", "2018-03-01"),
        ("PY  - 0000", None),
        ("PY  - ///\nPY  - 2001", "2001"),
        ("Y1  - 1999/04/02/spring", "1999-04-02"),
    ],
)
def test_dates_of_ris(lines: str, issued: str | None) -> None:
    assert _record(_ris(f"TY  - JOUR\nTI  - T\n{lines}\nER  - ")).issued == issued


def test_a_doi_hides_in_other_fields_of_ris() -> None:
    assert _record(_ris("TY  - JOUR\nTI  - T\nUR  - https://doi.org/10.1234/A%3CB\nER  - ")).doi == "10.1234/a<b"
    assert _record(_ris("TY  - JOUR\nTI  - T\nN1  - see 10.1234/other\nER  - ")).doi is None


def test_nothing_in_a_file_is_said() -> None:
    assert isinstance(_ris("nothing")[0], Rejected)
    assert isinstance(_bibtex("nothing")[0], Rejected)
    assert isinstance(next(medline.read_medline(io.BytesIO(b"nothing"), _SOURCE, _LIMIT)), Rejected)
    assert isinstance(next(opencitations.read_opencitations(io.BytesIO(b"a,b\n1,2"), _SOURCE, _LIMIT)), Rejected)


def test_every_entry_of_the_corpus_is_accounted_for(shared: Path) -> None:
    for path in sorted((shared / "data/bibtex").glob("*.bib")):
        text = path.read_text(encoding="utf-8")
        entries = len(re.findall(r"^\s*@(?!string|preamble|comment)\w+\s*[{(]", text, re.IGNORECASE | re.MULTILINE))
        assert len(list(read([str(path)], Settings()))) == entries, path.name
    for path in sorted((shared / "data/ris").glob("*.ris")):
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        tags = [line.strip("\ufeff ")[:2] for line in lines if re.match(r"[\s\ufeff]*[A-Z][A-Z0-9] {1,2}-", line)]
        entries = sum(tag == "TY" and (at == 0 or tags[at - 1] != "TY") for at, tag in enumerate(tags))
        assert len(list(read([str(path)], Settings()))) == entries, path.name


def test_the_corpus_of_pubmed_and_opencitations(shared: Path) -> None:
    found = Counter(
        type(result).__name__
        for result in read([str(path) for path in (shared / "data/ris").glob("*.nbib")], Settings())
    )
    assert found == {"ArticleRecord": 3, "Skipped": 4}
    for path in sorted((shared / "data/ocmeta").glob("*.csv")):
        assert (row := detect(path.read_bytes()[:65536])) is not None
        assert row.name == "opencitations"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        results = list(read([str(path)], Settings()))
        assert len(results) == len(rows)
        articles = [result for result in results if isinstance(result, ArticleRecord)]
        assert len(articles) == sum(row["type"] == "journal article" for row in rows)
        stated = [row["id"] for row in rows if row["type"] == "journal article"]
        assert [article.doi is not None for article in articles] == ["doi:" in text for text in stated]
        orcids = sum(
            row["author"].count("orcid:") + row["editor"].count("orcid:")
            for row in rows
            if row["type"] == "journal article"
        )
        assert sum(each.orcid is not None for article in articles for each in article.contributors) == orcids
