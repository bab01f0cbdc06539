"""A record that its source took back is not published, unless the source gave it again."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import article, refused
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.release.manifest import read_manifest
from triplepress.release.publish import publish_release
from triplepress.release.withdrawals import given_after
from triplepress.settings import Settings

ID = "oai:journal.example.org:article/1"
Item = ArticleRecord | Rejected | Skipped | Withdrawn


def given(retrieved: str | None, location: str = "harvest/1.xml", position: str = "records/1") -> ArticleRecord:
    place = Source(kind="oai_dc", location=location, position=position, sha256="1" * 64, retrieved=retrieved)
    return article(1, local_id=ID, sources=[place])


def taken_back(retrieved: str | None, location: str = "harvest/2.xml", position: str = "records/1") -> Withdrawn:
    place = Source(kind="oaipmh", location=location, position=position, sha256="2" * 64, retrieved=retrieved)
    return Withdrawn(source=place, local_id=ID, withdrawn="2026-03-01")


@pytest.mark.parametrize(
    ("record", "withdrawal", "stays"),
    [
        (given("2026-01-01T00:00:00Z"), taken_back("2026-04-01T00:00:00Z"), False),
        (given("2026-05-01T00:00:00Z"), taken_back("2026-04-01T00:00:00Z"), True),
        (given("2026-05-01T00:00:00Z"), taken_back(None), True),
        (given("2026-02-01T00:00:00Z"), taken_back(None), False),
        (given(None), taken_back("2026-04-01T00:00:00Z"), False),
        (given(None), taken_back(None), False),
    ],
)
def test_between_files_the_time_counts(record: ArticleRecord, withdrawal: Withdrawn, stays: bool) -> None:
    assert given_after(record, withdrawal) is stays


@pytest.mark.parametrize(("position", "stays"), [("records/2", False), ("records/10", True)])
def test_within_a_file_the_place_counts(position: str, stays: bool) -> None:
    record = given(None, position=position)
    withdrawal = taken_back(None, location="harvest/1.xml", position="records/9")
    withdrawal = Withdrawn(source=replace(withdrawal.source, sha256="1" * 64), local_id=ID)
    assert given_after(record, withdrawal) is stays


def test_what_others_say_too_stays() -> None:
    record = given("2026-01-01T00:00:00Z")
    second = replace(record, sources=[*record.sources, Source(kind="crossref", location="works.jsonl")])
    assert given_after(second, taken_back("2026-04-01T00:00:00Z"))


ITEMS: list[Item] = [given("2026-01-01T00:00:00Z"), taken_back("2026-04-01T00:00:00Z"), article(2), refused(3)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_withdrawn_record_is_not_published(order: tuple[int, ...], tmp_path: Path) -> None:
    outcome = publish_release([ITEMS[place] for place in order], Settings(graph=str(tmp_path)))
    assert (outcome.read, outcome.published, outcome.skipped, outcome.rejected) == (4, 1, 2, 1)
    manifest = read_manifest(Path(outcome.path))
    assert [(each.local_id, each.key) for each in manifest.withdrawn] == [(ID, "doi/10.5555/article.1")]
    assert manifest.withdrawn[0].location == "harvest/2.xml"
    skipped = {each.kind: each.skipped for each in manifest.sources if each.skipped}
    assert skipped == {"oai_dc": {"withdrawn": 1}, "oaipmh": {"withdrawal": 1}}


def test_what_another_source_says_of_the_article_is_published(tmp_path: Path) -> None:
    items = [*ITEMS, article(1, kind="crossref", volume="12")]
    outcome = publish_release(items, Settings(graph=str(tmp_path)))
    assert (outcome.published, outcome.merged, outcome.skipped) == (2, 0, 2)


def test_an_edition_of_withdrawn_records_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="nothing can be published: 0 set aside, 2 skipped"):
        publish_release(ITEMS[:2], Settings(graph=str(tmp_path)))


def test_a_check_takes_it_out_too(tmp_path: Path) -> None:
    page = f"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-04-01T00:00:00Z</responseDate>
    <ListRecords><record><header status="deleted"><identifier>{ID}</identifier><datestamp>2026-03-01</datestamp>
    </header></record></ListRecords></OAI-PMH>"""
    (tmp_path / "page.xml").write_text(page, encoding="utf-8")
    outcome = pipeline.check([str(tmp_path / "page.xml")], Settings(graph=str(tmp_path / "graph")))
    assert outcome.counts.skipped == outcome.counts.read == 1
    assert outcome.sources[0].skipped == {"withdrawal": 1}
