"""The people of one article in two versions: united where their names agree, left alone where they do not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.records import article, source
from triplepress.record import Affiliation, ArticleRecord, Contributor, encode_record
from triplepress.release.merge import merge_records
from triplepress.release.people import names_agree, united_people


def person(name: str, position: int = 1, lang: str | None = None, orcid: str | None = None, *at: str) -> Contributor:
    affiliations = [Affiliation(name=place, lang=lang) for place in at]
    return Contributor(name=name, position=position, lang=lang, orcid=orcid, affiliations=affiliations)


ORCID = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ZHILTSOV S. S.", "S. S. Zhiltsov"),
        ("Sergey S. Zhiltsov", "Zhiltsov S."),
        ("С. С. Жильцов", "Zhil'tsov S.S."),
        ("Е. С. Чимирис", "CHIMIRIS E."),
        ("Ю. Я. Щукин", "Yu. Ya. Shchukin"),
        ("Юлия Цветкова", "Julia Tsvetkova"),
        ("Алексей Вяземский", "Alexey Vyazemsky"),
        ("Renée Müller-Lüdenscheid", "R. Muller Ludenscheid"),
    ],
)
def test_forms_of_one_name_agree(one: str, other: str) -> None:
    assert names_agree(one, other)
    assert names_agree(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Smith", "Jane Smith"),
        ("J. Smith", "K. Smith"),
        ("J. Smith", "J. Smits"),
        ("С. С. Жильцов", "E. Chimiris"),
        ("А. Иванов", "A. Petrov"),
        ("李 明", "Li Ming"),
        ("J.", "J."),
        ("", "J. Smith"),
    ],
)
def test_names_of_two_people_do_not(one: str, other: str) -> None:
    assert not names_agree(one, other)
    assert not names_agree(other, one)


def test_a_second_language_gives_a_second_name_and_affiliation() -> None:
    english = [person("S. S. Zhiltsov", 1, "en", None, "Diplomatic Academy"), person("E. Chimiris", 2, "en")]
    russian = [person("С. С. Жильцов", 1, "ru", None, "Дипломатическая академия"), person("Е. Чимирис", 2, "ru")]
    united, paths = united_people(english, russian)
    assert [each.name for each in united] == ["S. S. Zhiltsov", "E. Chimiris"]
    assert [(form.name, form.lang) for each in united for form in each.other_names] == [
        ("С. С. Жильцов", "ru"),
        ("Е. Чимирис", "ru"),
    ]
    assert [form.name for form in united[0].affiliations[0].other_names] == ["Дипломатическая академия"]
    assert set(paths) == {
        "contributors[0].other_names[0]",
        "contributors[1].other_names[0]",
        "contributors[0].affiliations[0].other_names[0]",
    }


def test_no_name_is_added_where_one_of_the_list_does_not_agree() -> None:
    english = [person("S. S. Zhiltsov", 1, "en"), person("E. Chimiris", 2, "en")]
    russian = [person("С. С. Жильцов", 1, "ru"), person("А. Иванов", 2, "ru")]
    assert united_people(english, russian) == (english, [])
    assert united_people(english, russian[:1]) == (english, [])


def test_an_orcid_and_affiliations_fill_gaps_only_where_names_agree() -> None:
    base = [person("S. Zhiltsov", 1), person("E. Chimiris", 2), person("A. Ivanov", 3, None, None, "Own")]
    other = [
        person("Sergey Zhiltsov", 1, None, ORCID, "Academy"),
        person("B. Krupina", 2, None, "0000-0001-5109-3700"),
        person("Andrey Ivanov", 3, None, None, "Another"),
    ]
    united, paths = united_people(base, other)
    assert [each.orcid for each in united] == [ORCID, None, None]
    assert [place.name for each in united for place in each.affiliations] == ["Academy", "Own"]
    assert paths[:2] == ["contributors[0].orcid", "contributors[0].affiliations"]


def test_an_orcid_that_contradicts_changes_nothing() -> None:
    base = [person("S. Zhiltsov", 1, None, ORCID)]
    assert united_people(base, [person("S. Zhiltsov", 1, None, "0000-0001-5109-3700")]) == (base, [])


def test_an_orcid_that_is_two_peoples_is_nobodys() -> None:
    base = [person("S. Zhiltsov", 1), person("E. Chimiris", 2)]
    other = [person("S. Zhiltsov", 1, None, ORCID), person("E. Chimiris", 2, None, ORCID)]
    assert united_people(base, other) == (base, [])


def test_an_editor_is_no_author_and_an_organisation_no_person() -> None:
    base = [person("S. Zhiltsov")]
    for other in (replace(base[0], role="editor", orcid=ORCID), replace(base[0], organisation=True, orcid=ORCID)):
        assert united_people(base, [other]) == (base, [])


def versions() -> list[ArticleRecord]:
    people = [person("S. S. Zhiltsov", 1, "en")]
    russian = [person("С. С. Жильцов", 1, "ru")]
    return [
        article(1, contributors=people),
        article(1, contributors=russian, sources=[source("1-ru.txt")]),
        article(1, contributors=[person("Sergey Zhiltsov", 1, None, ORCID, "Academy")], kind="crossref"),
    ]


def test_the_merged_record_says_which_source_gave_what() -> None:
    merged = merge_records(versions())
    assert merged.contributors[0].orcid == ORCID
    kinds = {path: merged.sources[at].kind for path, at in merged.origins.items() if path.startswith("contributors")}
    assert kinds["contributors"] == "elpub"
    assert kinds["contributors[0].orcid"] == kinds["contributors[0].affiliations"] == "crossref"
    again = merge_records([merged, *versions()[1:]])
    assert encode_record(again) == encode_record(merged)


def test_the_order_decides_nothing() -> None:
    assert encode_record(merge_records(versions()[::-1])) == encode_record(merge_records(versions()))
