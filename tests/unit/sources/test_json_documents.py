"""JSON in any container gives the objects in it, each with its place; what is broken stays alone where it can."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from triplepress.record import ArticleRecord, Rejected, Source
from triplepress.settings import Settings
from triplepress.sources import read
from triplepress.sources.detect import detect
from triplepress.sources.json_documents import read_json


def _work(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a work
    return {
        "DOI": f"10.55555/w.{number}",
        "type": "journal-article",
        "prefix": "10.55555",
        "title": [f"No {number}"],
    } | more


_WORKS = [_work(number) for number in range(3)]
_LINES = "".join(json.dumps(work) + "\n" for work in _WORKS)
_CONTAINERS = {
    "lines": _LINES,
    "lines with blank ones and a mark": "\ufeff\n" + _LINES.replace("\n", "\r\n\r\n"),
    "list": json.dumps(_WORKS),
    "list, one item a line": "[\n" + ",\n".join(map(json.dumps, _WORKS)) + "\n]\n",
    "list, first item on its first line": "[" + ",\n".join(map(json.dumps, _WORKS)) + "]",
    "list over many lines": json.dumps(_WORKS, indent=2),
    "items": json.dumps({"items": _WORKS}),
    "items, one a line": '{"items": [\n' + ",\n".join(map(json.dumps, _WORKS)) + "\n]}",
    "items over many lines": json.dumps({"items": _WORKS}, indent="\t"),
    "message": json.dumps({"status": "ok", "message-type": "work-list", "message": {"facets": {}, "items": _WORKS}}),
    "messages, one a line": "".join(
        json.dumps({"status": "ok", "message-type": "work", "message": work}) + "\n" for work in _WORKS
    ),
    "documents one after another": "\n".join(json.dumps(work, indent=1) for work in _WORKS),
    "documents with commas": ",\n".join(json.dumps(work, indent=1) for work in _WORKS),
    "lists in a list": json.dumps([_WORKS[:1], _WORKS[1:]]),
}


def _dois(results: Sequence[object]) -> list[str | None]:
    assert all(isinstance(result, ArticleRecord) for result in results), results
    return [result.doi for result in results if isinstance(result, ArticleRecord)]


@pytest.mark.parametrize("text", _CONTAINERS.values(), ids=_CONTAINERS.keys())
def test_every_container_gives_its_works(text: str, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_text(text, encoding="utf-8")
    assert _dois(list(read([str(path)], Settings()))) == ["10.55555/w.0", "10.55555/w.1", "10.55555/w.2"]


def test_a_document_longer_than_any_window(tmp_path: Path) -> None:
    path = tmp_path / "items.json.gz"
    works = [_work(number, abstract="слово " * 40_000) for number in range(12)]
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        json.dump({"items": works}, stream, ensure_ascii=False, indent=2)
    assert len(_dois(list(read([str(path)], Settings())))) == 12


@pytest.mark.parametrize("size", range(1, 400, 7))
def test_wherever_the_window_ends(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triplepress.sources.json_documents._WINDOW", size)
    works = [_work(1, volume="12", note=r"quote \" and é ℝ 𝔽 \u00e9"), _work(2, n=-1.5e3, none=None, true=True)]
    data = json.dumps({"a": [1, 2], "items": works, "z": 0}, ensure_ascii=False, indent=1).encode()
    results = list(read_json(io.BytesIO(data), Source(kind="json", location="x"), 10_000))
    assert _dois(results) == ["10.55555/w.1", "10.55555/w.2"]


def test_formats_are_told_apart_object_by_object(tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    objects = [
        _work(1),
        {"type": "article-journal", "title": "A", "DOI": "10.55555/csl"},
        {"id": "1", "bibjson": {"title": "B", "journal": {}, "identifier": [{"type": "doi", "id": "10.55555/doaj"}]}},
        {"id": "https://openalex.org/W1", "type": "article", "title": "C", "doi": "https://doi.org/10.55555/oa"},
        {"doi": "10.55555/own", "titles": [{"text": "D"}]},
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in objects), encoding="utf-8")
    results = list(read([str(path)], Settings()))
    kinds = [result.sources[0].kind for result in results if isinstance(result, ArticleRecord)]
    assert kinds == ["crossref", "csl", "doaj", "openalex", "record"]


def test_the_name_of_a_format_overrides_what_the_keys_tell(tmp_path: Path) -> None:
    path = tmp_path / "bare.json"
    path.write_text('{"DOI": "10.55555/a", "type": "journal-article", "title": "Bare"}', encoding="utf-8")
    assert isinstance(next(read([str(path)], Settings())), Rejected)
    assert _dois(list(read([str(path)], Settings(), input_format="crossref"))) == ["10.55555/a"]


def _messages(data: bytes, limit: int = 100_000) -> list[str]:
    results = list(read_json(io.BytesIO(data), Source(kind="json", location="x"), limit))
    return [
        f"{result.source.position}: {result.findings[0].message}" if isinstance(result, Rejected) else "read"
        for result in results
    ]


def test_a_broken_line_stays_alone() -> None:
    line = json.dumps(_WORKS[0]).encode()
    messages = _messages(b'{"DOI": "10.1\n' + line + b"\n\xff\xfe{}\n" + line + b"\n17\n")
    assert [message.split(":")[0] for message in messages] == ["line 1", "read", "line 3", "read", "line 5"]


def test_a_damaged_list_gives_what_stands_before_and_says_where() -> None:
    whole = json.dumps(_WORKS, indent=1).encode()
    first, second = _messages(whole[:100] + b"\n@" + whole[100:])[:1], _messages(whole[:-40])
    assert "line" in first[0]
    assert second[:2] == ["read", "read"]
    assert second[2].startswith("item 3, line")


def test_an_object_above_the_limit_is_refused() -> None:
    data = json.dumps([_work(1), _work(2, abstract="x" * 2_000_000)]).encode()
    messages = _messages(data, limit=1000)
    assert messages[0] == "read"
    assert "more than 1000 bytes" in messages[1]


def test_hostile_numbers_and_depths_are_refused() -> None:
    assert "damaged" in _messages(b"[{" + b'"a": ' + b"9" * 10_000 + b"}]")[0]
    assert len(_messages(b"[" * 200_000)) == 1


def test_canonical_lines_stay_with_their_own_reader() -> None:
    found = detect(b'{"doi": "10.55555/a", "titles": [{"text": "A"}]}\n')
    assert found is not None
    assert found.name == "record"
