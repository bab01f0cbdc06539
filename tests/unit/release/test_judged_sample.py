"""In a bulk run both engines see a sample, and what pySHACL finds that the other missed stops the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import article
from triplepress import pipeline
from triplepress.errors import EnginesDisagree
from triplepress.record import encode_record
from triplepress.release import edition
from triplepress.release.building import Outcome
from triplepress.settings import Settings
from triplepress.store.members import Section
from triplepress.validation.engines.volume import Volume
from triplepress.validation.results import Result


def publish(folder: Path, count: int) -> Outcome:
    lines = folder / "records.jsonl"
    # The last page before the first: a warning, and so published.
    lines.write_bytes(b"".join(encode_record(article(n, first_page="20", last_page="8")) + b"\n" for n in range(count)))
    return pipeline.publish([str(lines)], Settings(graph=str(folder / "graph"), processes=1))


def test_what_the_volume_engine_misses_stops_a_bulk_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "BATCH", 1)
    monkeypatch.setattr(Section, "begins", lambda _section, _key: True)
    seen = Volume.validate

    def without_pages(engine: Volume, ntriples: bytes) -> list[Result]:
        return [result for result in seen(engine, ntriples) if "page" not in result.shape]

    assert publish(tmp_path, 10).published == 10
    monkeypatch.setattr(Volume, "validate", without_pages)
    assert publish(tmp_path, 9).published == 9  # no bulk run
    with pytest.raises(EnginesDisagree, match=r"only py(?i:shacl)"):
        publish(tmp_path, 10)
    assert len(pipeline.releases(Settings(graph=str(tmp_path / "graph")))) == 2
