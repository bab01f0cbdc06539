"""Real records of one DOI from several sources: the nearer one wins, what others add is named, and nothing is lost."""

from __future__ import annotations

import gzip
import re
from itertools import pairwise
from pathlib import Path

import pytest

from triplepress.record import ArticleRecord, encode_record
from triplepress.release.merge import merge_records, rank_of
from triplepress.release.publish import publish_release
from triplepress.settings import Settings
from triplepress.sources import read

# DOIs that two or more of the corpus's sources hold.
PAIRS = {
    "10.7717/peerj.4375": ("html", "crossref", "openalex"),
    "10.1371/journal.pone.0000030": ("html", "crossref", "openalex"),
    "10.1098/rsif.2017.0387": ("crossref", "csl"),
    "10.7554/elife.01567": ("crossref", "bibtex", "ris"),
    "10.1155/2012/291294": ("crossref", "openalex"),
    "10.1155/2014/863268": ("crossref", "marcxml"),
}


@pytest.fixture(scope="module")
def held(shared: Path) -> dict[str, list[ArticleRecord]]:
    folders = ("html", "crossref", "crossref_xml", "openalex", "csl", "bibtex", "ris", "oai")
    found: dict[str, list[ArticleRecord]] = {doi: [] for doi in PAIRS}
    for item in read([str(shared / "data" / folder) for folder in folders], Settings()):
        if isinstance(item, ArticleRecord) and item.doi in found:
            found[item.doi].append(item)
    return found


@pytest.mark.parametrize("doi", PAIRS)
def test_the_nearer_source_wins_and_the_others_fill(doi: str, held: dict[str, list[ArticleRecord]]) -> None:
    versions = held[doi]
    assert {version.sources[0].kind for version in versions} >= set(PAIRS[doi])
    merged = merge_records(versions)
    nearest = min(rank_of(version.sources[0]) for version in versions)
    assert rank_of(merged.sources[0]) == nearest
    assert all(rank_of(one) <= rank_of(other) for one, other in pairwise(merged.sources))
    for field in ("issued", "volume", "issue", "language", "citation"):
        first_hand = {getattr(v, field) for v in versions if rank_of(v.sources[0]) == nearest} - {None}
        assert not first_hand or getattr(merged, field) in first_hand
        if any(getattr(version, field) for version in versions):
            assert rank_of(merged.sources[merged.origins[field]]) == min(
                rank_of(version.sources[0]) for version in versions if getattr(version, field)
            )
    assert encode_record(merge_records(versions[::-1])) == encode_record(merged)


@pytest.mark.parametrize("doi", PAIRS)
def test_no_author_is_changed_only_made_fuller(doi: str, held: dict[str, list[ArticleRecord]]) -> None:
    merged = merge_records(held[doi])
    source = merged.sources[merged.origins["contributors"]]
    bases = [version.contributors for version in held[doi] if version.sources[0] == source]
    assert [person.name for person in merged.contributors] in [[person.name for person in base] for base in bases]
    stated = {person.orcid for version in held[doi] for person in version.contributors} - {None}
    assert {person.orcid for person in merged.contributors} - {None} <= stated


def test_orcids_of_a_second_source_come_in_where_names_agree(held: dict[str, list[ArticleRecord]]) -> None:
    merged = merge_records(held["10.7717/peerj.4375"])
    [aggregated] = [v for v in held["10.7717/peerj.4375"] if v.sources[0].kind == "openalex"]
    assert merged.sources[merged.origins["contributors"]].kind == "html"
    assert [person.orcid for person in merged.contributors] == [person.orcid for person in aggregated.contributors]
    kinds = {merged.sources[place].kind for path, place in merged.origins.items() if path.endswith(".orcid")}
    assert kinds <= {"openalex", "crossref"}
    assert kinds


def test_real_references_are_matched_to_the_works_that_they_name(shared: Path, tmp_path: Path) -> None:
    right = {  # checked by eye: citing work, number of its reference, cited work
        ("10.1016/j.bja.2018.03.035", "28", "10.1016/j.bja.2018.05.066"),
        ("10.1016/j.bja.2018.05.066", "23", "10.1016/j.bja.2018.03.035"),
    }
    citing = {doi for doi, _, _ in right}
    articles = [item for item in read([str(shared / "data" / "jats")], Settings()) if isinstance(item, ArticleRecord)]
    own = [item for item in articles if item.doi in citing]
    others = [item for item in articles if item.doi not in citing]
    outcome = publish_release(own, Settings(base="https://data.example.org/", graph=str(tmp_path)), catalogue=others)
    quads = gzip.decompress((Path(outcome.path) / "dumps" / "matched.nq.gz").read_bytes()).decode()
    found = re.findall(
        r"^<[^>]*/id/doi/([^>]*)#ref-(\w+)> <[^>]*/references> <[^>]*/id/doi/([^>]*)>", quads, re.MULTILINE
    )
    assert set(found) == right
