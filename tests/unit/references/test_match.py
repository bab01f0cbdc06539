"""Matches that are right, and those that must not be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.errors import StoreError
from triplepress.record import ArticleRecord, Contributor, Journal, Reference, Text
from triplepress.references import KnownWork, MatchIndex, match_references, parse_reference

_WORK = KnownWork(
    doi="10.24975/2313-8920-2024-11-1-8-19",
    titles=("Western policy in Central Asia: the role of rare earth metals", "Политика Запада в Центральной Азии"),
    authors=("Zhiltsov",),
    year="2024",
    containers=("Post-Soviet Issues",),
    volume="11",
    issue="1",
    first_page="8",
)


@pytest.fixture
def index() -> MatchIndex:
    made = MatchIndex(":memory:")
    made.add(_WORK)
    return made


def _reference(text: str | None = None, **fields: str) -> Reference:
    return Reference(position=1, text=text, fields=dict(fields))


def test_by_title(index: MatchIndex) -> None:
    match = index.match(
        _reference("Zhiltsov S.S. Western Policy in Central Asia: The Role of Rare Earth Metals. 2024.")
    )
    assert match is not None
    assert (match.doi, match.method) == (_WORK.doi, "title")
    assert 0.5 <= match.score <= 1


def test_by_location_without_a_title(index: MatchIndex) -> None:
    fields = {
        "author": "Zhiltsov S.",
        "year": "2024",
        "volume": "11",
        "first-page": "8",
        "journal-title": "Post-Sov. Issues",
    }
    match = index.match(_reference(None, **fields))
    assert match is not None
    assert match.method == "location"


def test_a_parsed_reference(index: MatchIndex) -> None:
    parsed = parse_reference(
        "Zhiltsov S. Western policy in Central Asia: the role of rare earth metals. PSI. 2024;11(1):8-19."
    )
    match = index.match(parsed)
    assert match is not None
    assert match.method == "title+location"


@pytest.mark.parametrize(
    "reference",
    [
        _reference("Zhiltsov S.S. Another policy in another region: the role of pipelines. PSI. 2024;11(1):8-19."),
        _reference("Western policy in Central Asia: the role of rare earth metals."),
        _reference("Miller A. Western policy in Central Asia: the role of rare earth metals. World. 2011;3(2):101-9."),
        _reference(None, year="2024", volume="11"),
        _reference(None, **{"key": "10.24975/2313-8920-2024-11-1-8-19-BIB0003|cit3"}),
        _reference(None),
    ],
)
def test_no_match(index: MatchIndex, reference: Reference) -> None:
    assert index.match(reference) is None


def test_a_correction_is_not_the_work() -> None:
    with MatchIndex(":memory:") as index:
        index.add(
            KnownWork(
                doi="10.5555/c",
                titles=("Correction: On the water balance of small rivers",),
                authors=("Lee",),
                year="2019",
            )
        )
        assert index.match(_reference("Lee K. On the water balance of small rivers. Hydrol. 2019;14:31-44.")) is None


def test_two_as_likely_are_no_match(index: MatchIndex) -> None:
    index.add(KnownWork(doi="10.5555/preprint", titles=_WORK.titles, authors=_WORK.authors, year="2024"))
    assert (
        index.match(_reference("Zhiltsov S.S. Western Policy in Central Asia: The Role of Rare Earth Metals. 2024."))
        is None
    )


def test_a_work_added_again_is_replaced(index: MatchIndex) -> None:
    index.add(
        KnownWork(
            doi=_WORK.doi, titles=("A quite different title of the same article",), authors=("Zhiltsov",), year="2024"
        )
    )
    assert len(index) == 1
    assert (
        index.match(_reference("Zhiltsov S.S. Western Policy in Central Asia: The Role of Rare Earth Metals. 2024."))
        is None
    )


def test_an_index_is_kept(tmp_path: Path) -> None:
    with MatchIndex(tmp_path / "works.sqlite") as index:
        index.add(_WORK)
    with MatchIndex(tmp_path / "works.sqlite") as index:
        assert len(index) == 1


def test_a_file_that_is_no_index(tmp_path: Path) -> None:
    path = tmp_path / "works.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for a page of one" * 40)
    with pytest.raises(StoreError, match="cannot be used"):
        MatchIndex(path)


def test_references_of_an_article(index: MatchIndex) -> None:
    text = "Zhiltsov S.S. Western Policy in Central Asia: The Role of Rare Earth Metals. 2024."
    references = [
        Reference(position=1, text=text, doi="10.5555/other"),
        Reference(position=2, text=text),
        Reference(position=3, text="Pitron G. The rare-metals race. 2022."),
    ]
    assert [(position, match.doi) for position, match in match_references(index, references)] == [(2, _WORK.doi)]
    assert list(match_references(index, references, citing=_WORK.doi)) == []


def test_a_record_is_a_known_work() -> None:
    record = ArticleRecord(
        doi="10.5555/a",
        titles=[Text(text="A title")],
        issued="2024-05-01",
        journal=Journal(titles=[Text(text="A journal")]),
        first_page="8",
        contributors=[
            Contributor(name="S. Lee", family="Lee", position=1),
            Contributor(name="Ed", role="editor", position=1),
        ],
    )
    known = KnownWork.from_record(record)
    assert known == KnownWork(
        doi="10.5555/a", titles=("A title",), authors=("Lee",), year="2024", containers=("A journal",), first_page="8"
    )
    assert KnownWork.from_record(ArticleRecord(titles=[Text(text="A title")])) is None
