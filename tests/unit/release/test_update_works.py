"""Which cited works an update presses: those that came or went, not all that changed records name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from tests.records import article
from triplepress import pipeline
from triplepress.record import ArticleRecord, encode_record
from triplepress.release.presser import Outcome, Presser, Shared
from triplepress.settings import Settings
from triplepress.store.members import WORKS


def publish(folder: Path, day: int, records: Sequence[ArticleRecord]) -> None:
    """Publish records, after the first day as an update."""
    (folder / "a.jsonl").write_bytes(b"".join(encode_record(each) + b"\n" for each in records))
    settings = Settings(base="https://data.example.org/", graph=str(folder / "graph"), processes=1)
    with (
        patch("triplepress.release.publish._LARGEST_UPDATE", 5),
        patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(1_780_000_000 + day * 86_400)}),
    ):
        pipeline.publish([str(folder / "a.jsonl")], settings, force=True, update=day > 0)


def test_works_that_are_cited_as_before_are_not_pressed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: set[str] = set()
    shared = Presser.shared

    def noted(presser: Presser, task: Shared) -> Outcome:
        if task.section == WORKS.name:
            pressed.update(key for member in task.members for key, _ in member)
        return shared(presser, task)

    works = [f"10.5555/else.{number}" for number in range(9)]
    one, two = article(1, cites=works[:7]), article(2, cites=[*works[4:8], "10.5555/article.3"])
    publish(tmp_path, 0, [one, two])
    monkeypatch.setattr(Presser, "shared", noted)
    # Of the works that the first names, one is new, one goes, and one goes though the other record names it still.
    changed = replace(one, volume="12", references=article(1, cites=[*works[1:6], works[8]]).references)
    publish(tmp_path, 1, [changed, two])
    assert pressed == {works[0], works[8]}
    pressed.clear()
    publish(tmp_path, 2, [changed, two, article(3)])
    assert pressed == {"10.5555/article.3"}
