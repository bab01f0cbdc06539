from __future__ import annotations

from itertools import permutations

import pytest
from msgspec.structs import replace

from tests.records import article, source
from triplepress.record import Contributor, Journal, Text, encode_record
from triplepress.release.merge import key_of, merge_records, rank_of


def test_a_record_without_doi_is_known_by_its_sources_own_id() -> None:
    record = article(1, doi=None, local_id="oai-7", kind="oaipmh")
    assert key_of(record) == "oaipmh/oai-7"
    assert key_of(article(1, doi=None)) is None


def test_one_version_stays_as_it_is() -> None:
    record = article(1)
    assert merge_records([record, record]) is record


def test_first_hand_wins_and_second_hand_fills() -> None:
    page = article(1, issued=None, kind="elpub")
    registry = article(1, issued="2024-03", volume="12", kind="crossref", pmid="1", titles=[Text(text="Another title")])
    merged = merge_records([registry, page])
    assert merged.volume == "11"
    assert merged.issued == "2024-03"
    assert merged.pmid == "1"
    assert merged.titles == page.titles
    assert [s.kind for s in merged.sources] == ["elpub", "crossref"]
    assert merged.origins["volume"] == 0
    assert merged.origins["issued"] == 1


def test_languages_that_only_another_source_states_are_added() -> None:
    english = article(1, titles=[Text(text="Rare-earth metals", lang="en")])
    russian = article(1, titles=[Text(text="Редкоземельные металлы", lang="ru")], sources=[source("1-ru.txt")])
    merged = merge_records([english, russian])
    assert {title.lang for title in merged.titles} == {"en", "ru"}
    assert {path for path in merged.origins if path.startswith("titles")} == {"titles", "titles[1]"}


def test_a_title_without_language_is_not_added_to_others() -> None:
    untagged = article(1, titles=[Text(text="RARE-EARTH METALS")], kind="crossref")
    assert merge_records([article(1), untagged]).titles == article(1).titles


def test_pages_come_from_one_source() -> None:
    near = article(1, pages="8-19", first_page="8", last_page=None)
    far = article(1, pages="8-20", first_page="8", last_page="20", kind="crossref")
    merged = merge_records([near, far])
    assert (merged.pages, merged.last_page) == ("8-19", None)


def test_a_journal_is_filled_only_from_those_that_name_the_same_one() -> None:
    near = article(1, journal=Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], issn="2313-8920"))
    same = article(1, journal=Journal(issn="2313-8920", eissn="2587-8174"), kind="crossref")
    other = article(1, journal=Journal(issn="1728-2756", publisher="Another"), kind="doaj")
    journal = merge_records([near, same, other]).journal
    assert journal == Journal(titles=near.journal.titles if near.journal else [], issn="2313-8920", eissn="2587-8174")


def test_contributors_are_one_sources_alone() -> None:
    far = article(1, kind="crossref", contributors=[Contributor(name="X. Y.", position=1)])
    assert merge_records([far, article(1)]).contributors == article(1).contributors


def test_the_same_file_under_two_names_is_one_source() -> None:
    moved = article(1, sources=[replace(source("1.txt"), location="elsewhere/1.txt")])
    merged = merge_records([article(1), moved])
    assert len(merged.sources) == 1
    assert merged.origins == {}


VERSIONS = [
    article(1, issued=None, abstracts=[Text(text="One.", lang="en")]),
    article(1, issued="2024-03", kind="crossref", abstracts=[Text(text="Два.", lang="ru")]),
    article(1, kind="openalex", pmid="1", landing_pages=["https://example.org/1"]),
    article(
        1,
        sources=[source("1-ru.txt")],
        titles=[Text(text="Металлы", lang="ru")],
        landing_pages=["https://example.org/2"],
    ),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_decides_nothing(order: tuple[int, ...]) -> None:
    assert encode_record(merge_records([VERSIONS[place] for place in order])) == encode_record(merge_records(VERSIONS))


def test_merging_again_changes_nothing() -> None:
    merged = merge_records(VERSIONS)
    assert merge_records([merged, VERSIONS[1], VERSIONS[3]]) == merged


def test_every_origin_names_a_source() -> None:
    merged = merge_records(VERSIONS)
    assert all(0 <= place < len(merged.sources) for place in merged.origins.values())
    assert [rank_of(each) for each in merged.sources] == sorted(rank_of(each) for each in merged.sources)
