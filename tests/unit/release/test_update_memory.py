"""What an update holds in memory: keys and places, and one entry at a time."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from tests.records import article
from triplepress import pipeline
from triplepress.record import Reference, Text, encode_record
from triplepress.release.index import RecordIndex
from triplepress.release.index.going_on import ContinuedIndex
from triplepress.release.loading import patch_store
from triplepress.release.spooled import SpooledTexts
from triplepress.release.update import UpdateRun
from triplepress.settings import Settings

NOW = "2026-01-01T00:00:00Z"


def test_texts_come_in_the_order_of_their_keys_joined_and_again() -> None:
    texts = SpooledTexts(iter([("b", b"1", b""), ("a", b"", b"2"), ("b", b"3", b"4")]))
    for _ in range(2):
        assert list(texts) == [("a", (b"", b"2")), ("b", (b"13", b"4"))]


def test_a_record_that_is_read_again_is_not_kept_in_memory(tmp_path: Path) -> None:
    text = "".join(sha256(b"%d" % number).hexdigest() for number in range(800))  # which does not pack well
    record = article(1, references=[Reference(position=1, text=text)])
    with closing(RecordIndex(tmp_path / "index")) as index:
        index.begin_file("a.jsonl", None)
        index.add(record)
        index.seal(NOW, "run")
    with closing(ContinuedIndex(tmp_path / "index")) as again:
        again.forget_file("a.jsonl")
        again.begin_file("a.jsonl", None)
        again.add(record)
        again.seal(NOW, "run")
        assert not again.changes().records
        assert len(pickle.dumps(again._before)) < 1000


def test_the_store_is_patched_entry_by_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    waiting: list[int] = []
    differences = UpdateRun.differences

    def read_one(run: UpdateRun) -> Iterator[tuple[str, bytes, bytes]]:
        for entry in differences(run):
            read.append(entry[0])
            yield entry

    def watched(texts: Iterable[bytes]) -> Iterator[bytes]:
        read.clear()
        for number, text in enumerate(texts, 1):
            waiting.append(len(read) - number)
            yield text

    def patched(path: Path, removed: Iterable[bytes], added: Iterable[bytes]) -> None:
        patch_store(path, watched(removed), watched(added))

    monkeypatch.setattr(UpdateRun, "differences", read_one)
    monkeypatch.setattr("triplepress.release.publish.patch_store", patched)
    records = [article(n) for n in range(1, 9)]
    changed = [replace(record, titles=[Text(text="Another", lang="en")]) for record in records]
    settings = Settings(base="https://data.example.org/", graph=str(tmp_path / "graph"), processes=1)
    with patch("triplepress.release.publish._LARGEST_UPDATE", 5):
        for day, state in enumerate((records, changed)):
            (tmp_path / "a.jsonl").write_bytes(b"".join(encode_record(each) + b"\n" for each in state))
            with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(1_780_000_000 + day * 86_400)}):
                pipeline.publish([str(tmp_path / "a.jsonl")], settings, force=True, update=bool(day))
    assert len(waiting) >= 2 * len(records)
    assert set(waiting) <= {0, 1}
