from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from tests.records import article, refused
from triplepress import pipeline
from triplepress.errors import QueryError, QueryTimeout, ReleaseError, SettingsError, SourceError
from triplepress.record import ArticleRecord, Rejected, encode_record
from triplepress.settings import Settings, load_settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a graph folder with one release of two articles."""
    folder = tmp_path_factory.mktemp("pipeline")
    lines = folder / "records.jsonl"
    lines.write_bytes(b"".join(encode_record(r) + b"\n" for r in (article(1, cites=["10.5555/article.2"]), article(2))))
    settings = Settings(graph=str(folder / "graph"))
    pipeline.publish([str(lines)], settings)
    return settings


def test_inputs_come_from_the_settings_when_none_are_named(tmp_path: Path) -> None:
    lines = tmp_path / "records.jsonl"
    lines.write_bytes(encode_record(article(1)) + b"\nnot a record\n")
    heard: list[tuple[str, int, int | None]] = []
    found = list(pipeline.records([], Settings(sources=[str(lines)]), progress=lambda *said: heard.append(said)))
    assert [type(item) for item in found] == [ArticleRecord, Rejected]
    assert heard == [("read", 1, None), ("read", 2, None)]


def test_no_input_at_all_is_said() -> None:
    with pytest.raises(SettingsError, match="name an input"):
        pipeline.records([], Settings())


def test_a_path_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    settings = Settings(graph=str(tmp_path / "graph"))
    with pytest.raises(SourceError, match="missing"):
        pipeline.publish([str(tmp_path / "missing")], settings)
    assert not (tmp_path / "graph").exists()


def test_check_finds_what_publish_would(tmp_path: Path) -> None:
    lines = tmp_path / "records.jsonl"
    lines.write_bytes(
        b"".join(encode_record(r) + b"\n" for r in (article(1), article(1), refused(2), article(3, issued=None)))
    )
    settings = Settings(graph=str(tmp_path / "graph"))
    checked = pipeline.check([str(lines)], settings)
    assert not (tmp_path / "graph").exists()
    published = pipeline.publish([str(lines)], settings)
    assert msgspec.structs.asdict(checked.counts).items() <= msgspec.structs.asdict(published).items()
    assert checked.warnings == published.warnings
    assert b"".join(pipeline.check_lines(checked)).count(b"\n") == len(checked.entries)
    rejected = (Path(published.path) / "rejected.jsonl").read_bytes()
    assert next(iter(pipeline.check_lines(checked))) == rejected
    assert "<html" in pipeline.check_html(checked, settings)
    pipeline.check_turtle(checked, settings, tmp_path / "report.ttl")
    assert (tmp_path / "report.ttl").read_bytes() == (Path(published.path) / "report.ttl").read_bytes()
    assert any(row.severity == "Violation" for row in pipeline.check_rows(checked))


def test_a_query_is_answered_from_the_current_release(settings: Settings) -> None:
    text = "PREFIX cito: <http://purl.org/spar/cito/> SELECT ?a ?none { ?a cito:cites ?b }"
    table = pipeline.query_table(text, settings)
    assert table == pipeline.QueryTable(["a", "none"], [["http://127.0.0.1:8000/id/doi/10.5555/article.1", None]])
    assert b"".join(pipeline.query(text, settings, "csv")).splitlines()[1].endswith(b"article.1,")
    assert pipeline.query_table("ASK { ?s ?p ?o }", settings) == pipeline.QueryTable(["answer"], [["yes"]])
    turtle = pipeline.query_table("CONSTRUCT WHERE { ?s a <http://purl.org/spar/fabio/Journal> }", settings)
    assert isinstance(turtle, str)
    assert "2313-8920" in turtle


def test_a_query_left_early_ends(settings: Settings) -> None:
    pieces = pipeline.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", settings, "tsv")
    assert next(iter(pieces))
    pieces.close()  # type: ignore[attr-defined]  # a generator


def test_a_query_has_its_deadline(settings: Settings) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    with pytest.raises(QueryTimeout):
        pipeline.query_table(endless, msgspec.structs.replace(settings, query_timeout=1.0))


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("SELECT * { ?s ?p ?o }", "ttl", "the query makes solutions; choose one of json"),
        ("DESCRIBE <http://example.org/>", "csv", "the query makes a graph; choose one of ttl"),
        ("SELECT * { ?s ?p ?o }", "html", "no format"),
        ("SELECT * {", "json", "line 1"),
        ("ASK { SERVICE <http://example.org/> {} }", "json", "SERVICE"),
    ],
)
def test_what_cannot_be_asked_is_said(settings: Settings, text: str, name: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        list(pipeline.query(text, settings, name))


def test_without_a_release_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="nothing is published"):
        list(pipeline.query("ASK {}", Settings(graph=str(tmp_path))))
    assert pipeline.releases(Settings(graph=str(tmp_path))) == []


def test_a_settings_file_to_start_from_is_read_back(tmp_path: Path) -> None:
    given = Settings(base="https://data.example.org/", title="Журнал «Связи»", abstracts=False, layers=["ocdm"])
    path = pipeline.init(tmp_path / "new", given)
    assert load_settings(path) == given
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {"base", "title", "abstracts", "layers"}
    assert all(f"{name} = " in path.read_text(encoding="utf-8") for name in Settings.__struct_fields__)
    with pytest.raises(SettingsError, match="there already"):
        pipeline.init(tmp_path / "new", given)
