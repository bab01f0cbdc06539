from __future__ import annotations

from pathlib import Path

from benchmarks.equality import differences
from tests.records import article
from triplepress import pipeline
from triplepress.record import ArticleRecord, encode_record
from triplepress.settings import Settings


def press(folder: Path, graph: str, *records: ArticleRecord) -> Path:
    """Publish records from a file of one name; return the release's folder."""
    lines = folder / "records.jsonl"
    lines.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    return Path(pipeline.publish([str(lines)], Settings(graph=str(folder / graph))).path)


def test_two_builds_of_one_input_are_one_edition_and_any_other_is_not(tmp_path: Path) -> None:
    one, two = article(1, cites=["10.5555/article.2"]), article(2)
    first = press(tmp_path, "first", one, two)
    assert differences(first, press(tmp_path, "again", two, one)) == []
    found = differences(first, press(tmp_path, "other", one, article(2, volume="12")))
    assert [part.partition(":")[0] for part in found][:3] == ["the N-Triples", "the Turtle", "the JSON-LD"]
    assert any(part.startswith("the store") for part in found)
    without = differences(first, press(tmp_path, "without", article(1), two))
    assert any(part.startswith("the citations") for part in without)
