"""What an update takes for a change: also what leaves every record as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.property.test_update import seen
from tests.records import INTERNATIONAL_TRENDS, POST_SOVIET_ISSUES, article, refused
from tests.unit.release.test_matching import catalogue, citing
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import ArticleRecord, Journal, encode_record
from triplepress.release.building import Outcome
from triplepress.release.index import RecordIndex
from triplepress.release.index.going_on import ContinuedIndex
from triplepress.release.publish import publish_release
from triplepress.resources import resource
from triplepress.settings import Settings

MOMENT = 1_780_000_000  # 2026-05-28
DAY = 86_400
BROKEN = b'{"doi": "10.5555/broken", "titles": 3}\n'
BOOK = b'{"DOI": "10.5555/book", "type": "book", "title": ["A book"], "publisher": "P", "indexed": {}}'
BIBTEX = b"@article{b, doi = {10.5555/b}, title = {A title}, journal = {J}, year = {2020}, author = {B, A.}}\n"
# It was never given.
GONE = b"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-04-01T00:00:00Z</responseDate>
<request verb="ListRecords" metadataPrefix="oai_dc">https://journal.example.org/oai</request>
<ListRecords><record><header status="deleted"><identifier>oai:journal.example.org:article/1</identifier>
<datestamp>2026-03-01</datestamp></header></record></ListRecords></OAI-PMH>
"""


def put(path: Path, records: Sequence[ArticleRecord]) -> None:
    """Write a file of records."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))


def publish(
    folder: Path,
    graph: str,
    moment: int,
    *,
    update: bool = False,
    inputs: Sequence[str] = (),
    input_format: str | None = None,
    **fields: Any,  # noqa: ANN401 - settings of any type
) -> Outcome:
    """Publish `in/` at some moment."""
    with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(moment)}):
        settings = Settings(graph=str(folder / graph), processes=1, **fields)
        return pipeline.publish(
            list(inputs) or [str(folder / "in")], settings, force=True, update=update, input_format=input_format
        )


def both(folder: Path, moment: int = MOMENT + DAY, **settings: Any) -> Outcome:  # noqa: ANN401 - as above
    """Bring `graph` up to date, which is to make what a full build makes of it."""
    shutil.copytree(folder / "graph", folder / "full", symlinks=True)
    small = publish(folder, "graph", moment, update=True, **settings)
    whole = publish(folder, "full", moment, **settings)
    assert seen(Path(small.path)) == seen(Path(whole.path))
    return small


def stayed(outcome: Outcome) -> bool:
    return any("nothing has changed" in note for note in outcome.notes)


def test_an_update_without_a_change_leaves_the_release(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [article(1)])
    (tmp_path / "in/b.jsonl").write_bytes(BROKEN)
    first = publish(tmp_path, "graph", MOMENT)
    second = publish(tmp_path, "graph", MOMENT + DAY, update=True)
    assert stayed(second)
    assert second.release == first.release
    assert second.rejected == 1


@pytest.mark.parametrize(
    ("before", "after", "rejected", "skipped"),
    [
        ({}, {"b.jsonl": BROKEN}, 1, 0),
        ({"b.jsonl": BROKEN}, {}, 0, 0),
        ({"b.jsonl": BROKEN}, {"b.jsonl": 2 * BROKEN}, 2, 0),
        ({}, {"book.json": BOOK}, 0, 1),
        ({}, {"gone.xml": GONE}, 0, 1),
    ],
    ids=["rejected", "gone", "other", "skipped", "withdrawn"],
)
def test_what_gives_no_record_counts(
    tmp_path: Path, before: Mapping[str, bytes], after: Mapping[str, bytes], rejected: int, skipped: int
) -> None:
    put(tmp_path / "in/a.jsonl", [article(1)])
    for name, content in before.items():
        (tmp_path / "in" / name).write_bytes(content)
    publish(tmp_path, "graph", MOMENT)
    for name in before:
        (tmp_path / "in" / name).unlink()
    for name, content in after.items():
        (tmp_path / "in" / name).write_bytes(content)
    outcome = both(tmp_path)
    assert not stayed(outcome)
    assert (outcome.rejected, outcome.skipped) == (rejected, skipped)


def test_a_changed_catalogue_counts(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [citing(), article(3)])
    put(tmp_path / "catalogue.jsonl", [article(8, doi="10.5555/other")])
    settings: dict[str, Any] = {"catalogues": [str(tmp_path / "catalogue.jsonl")]}
    assert publish(tmp_path, "graph", MOMENT, **settings).matched == 0
    put(tmp_path / "catalogue.jsonl", catalogue())
    assert both(tmp_path, **settings).matched == 1
    assert stayed(publish(tmp_path, "graph", MOMENT + 2 * DAY, update=True, **settings))


def test_another_version_counts(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [article(1)])
    publish(tmp_path, "graph", MOMENT)
    with patch("triplepress.release.publish.versions_in_use", lambda: {"triplepress": "99"}):
        assert not stayed(publish(tmp_path, "graph", MOMENT + DAY, update=True))
        assert stayed(publish(tmp_path, "graph", MOMENT + 2 * DAY, update=True))


@pytest.mark.parametrize("moment", [MOMENT, MOMENT + DAY], ids=["same second", "later"])
def test_a_store_that_is_wanted_now_is_made(tmp_path: Path, moment: int) -> None:
    put(tmp_path / "in/a.jsonl", [article(1)])
    publish(tmp_path, "graph", MOMENT, build_store=False)
    assert stayed(publish(tmp_path, "graph", moment, update=True, build_store=False))
    outcome = publish(tmp_path, "graph", moment, update=True)
    assert (Path(outcome.path) / "store").is_dir()


@pytest.mark.parametrize("changed", [False, True], ids=["alone", "beside a change"])
def test_a_date_that_has_come_is_published(tmp_path: Path, changed: bool) -> None:
    put(tmp_path / "in/a.jsonl", [article(1), article(2)])
    put(tmp_path / "in/b.jsonl", [article(3, issued="2026-05-30", journal=INTERNATIONAL_TRENDS)])
    assert publish(tmp_path, "graph", MOMENT).rejected == 1
    if changed:
        put(tmp_path / "in/a.jsonl", [article(1), article(2, volume="12")])
    else:
        assert stayed(publish(tmp_path, "graph", MOMENT + DAY // 2, update=True))
    outcome = both(tmp_path, MOMENT + 2 * DAY)
    assert (outcome.published, outcome.rejected) == (3, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [({"max_input_bytes": 100}, {}), ({"parse_references": False}, {}), ({}, {"input_format": "bibtex"})],
    ids=["limit", "references", "format"],
)
def test_files_are_read_again_where_they_are_read_otherwise(
    tmp_path: Path, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    put(tmp_path / "in/a.jsonl", [citing()])
    (tmp_path / "in/b.bib").write_bytes(BIBTEX)
    publish(tmp_path, "graph", MOMENT, **before)
    assert not stayed(both(tmp_path, **after))
    assert stayed(publish(tmp_path, "graph", MOMENT + 2 * DAY, update=True, **after))


def test_a_mended_mapping_of_columns_is_used(tmp_path: Path) -> None:
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    (mappings / "own.toml").write_text('[columns]\ndoi = "A"\ntitle = "C"\n', encoding="utf-8")
    put(tmp_path / "in/a.jsonl", [article(1)])
    (tmp_path / "in/b.csv").write_text("A,B,C\n10.5555/b,A title,Another\n", encoding="utf-8")
    publish(tmp_path, "graph", MOMENT, mappings=str(mappings))
    (mappings / "own.toml").write_text('[columns]\ndoi = "A"\ntitle = "B"\n', encoding="utf-8")
    assert not stayed(both(tmp_path, mappings=str(mappings)))


def test_what_was_refused_is_told_in_the_language_of_now(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [article(1), refused(2)])
    publish(tmp_path, "graph", MOMENT)
    outcome = both(tmp_path, language="ru")
    assert "заглавие" in (Path(outcome.path) / "rejected.jsonl").read_text(encoding="utf-8").lower()


def test_another_gate_judges_what_the_old_one_refused(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [article(1), article(3, issued="2026-05-30")])
    assert publish(tmp_path, "graph", MOMENT).rejected == 1
    shapes = resource("ontology", "shapes.ttl").read_text(encoding="utf-8")
    future = "<#article-issued-future> a sh:PropertyShape ;\n    sh:path dcterms:issued ; sh:severity "
    mild = shapes.replace(f"{future}sh:Violation", f"{future}sh:Warning")
    assert mild != shapes
    (tmp_path / "shapes.ttl").write_text(mild, encoding="utf-8")

    def resource_of_now(folder: str, name: str) -> Path:
        return tmp_path / name if name == "shapes.ttl" else resource(folder, name)

    with (
        patch("triplepress.release.publish.resource", resource_of_now),
        patch("triplepress.validation.shapes.resource", resource_of_now),
    ):
        assert both(tmp_path).published == 2


def test_another_statement_of_its_journal_touches_what_was_refused(tmp_path: Path) -> None:
    index = RecordIndex(tmp_path)
    index.add(article(1))
    index.add(article(2, journal=Journal(titles=POST_SOVIET_ISSUES.titles, eissn=POST_SOVIET_ISSUES.eissn)))
    index.add(article(3, journal=INTERNATIONAL_TRENDS))
    index.seal("2026-05-28T00:00:00Z", "1")
    for candidate in index.candidates_of(["doi/10.5555/article.2", "doi/10.5555/article.3"]):
        index.set_aside(candidate.id, b"{}", [])
    index.close()
    with closing(ContinuedIndex(tmp_path)) as again:
        again.add(article(4))
        again.seal("2026-05-29T00:00:00Z", "2")
        assert list(again.keys()) == [f"doi/10.5555/article.{number}" for number in (1, 2, 3, 4)]
        assert [key.rpartition(".")[2] for key, _ in again.lines()] == ["1", "2", "4"]


def test_a_file_named_twice_is_one_file(tmp_path: Path) -> None:
    put(tmp_path / "in/a.jsonl", [article(1), article(2)])
    (tmp_path / "in/link.jsonl").symlink_to("nowhere")
    inputs = [str(tmp_path / "in"), str(tmp_path / "in/a.jsonl"), str(tmp_path / "in/*.jsonl")]
    outcome = publish(tmp_path, "graph", MOMENT, inputs=inputs)
    assert (outcome.read, outcome.published, outcome.rejected) == (3, 2, 1)
    put(tmp_path / "in/a.jsonl", [article(1), article(2, volume="12")])
    outcome = publish(tmp_path, "graph", MOMENT + DAY, update=True, inputs=inputs)
    assert (outcome.read, outcome.published, outcome.merged, outcome.rejected) == (3, 2, 0, 1)


def test_records_without_files_are_no_update(tmp_path: Path) -> None:
    settings = Settings(graph=str(tmp_path / "graph"))
    first = publish_release([article(1)], settings)
    with pytest.raises(ReleaseError, match="needs the files"):
        publish_release([article(1, volume="12")], settings, update=True)
    assert (tmp_path / "graph/current").resolve() == Path(first.path).resolve()
