"""Real records are read without a crash, and what is read agrees with counts made by other means."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.extraction import INDEPENDENT, differences, read_folder
from triplepress.record import ArticleRecord, Rejected
from triplepress.settings import Settings
from triplepress.sources import read


@pytest.mark.parametrize("name", INDEPENDENT)
def test_counts_agree_and_no_doi_is_lost(name: str, shared: Path) -> None:
    folder = shared / "data" / name
    stated, found = INDEPENDENT[name](folder), read_folder(folder)
    assert differences(stated, found) == []
    if name != "datacite":  # where what is an article is told by more than its type
        assert (found.records, found.references) == (stated.articles, stated.references)
    assert found.records > 20


@pytest.mark.parametrize("name", ["csl", "doaj", "openalex"])
def test_every_object_is_read_or_skipped(name: str, shared: Path) -> None:
    results = list(read([str(path) for path in sorted((shared / "data" / name).glob("*.json*"))], Settings()))
    assert not [result for result in results if isinstance(result, Rejected)]
    records = [result for result in results if isinstance(result, ArticleRecord)]
    assert records
    assert {record.sources[0].kind for record in records} == {name}
    assert all(record.titles for record in records)


def test_no_mail_address_is_kept(shared: Path) -> None:
    for record in read([str(shared / "data/jats"), str(shared / "data/crossref/works.jsonl")], Settings()):
        if isinstance(record, ArticleRecord):
            names = [aff.name for contributor in record.contributors for aff in contributor.affiliations]
            assert not [name for name in names if "@" in name]
