from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.records import POST_SOVIET_ISSUES, article, source
from triplepress.errors import RecordError
from triplepress.rdf.facts import EditionFacts, IssueFacts
from triplepress.record import Journal, Text
from triplepress.release.index import RecordIndex, Revision, digest_of
from triplepress.release.shared import issue_facts, journal_entries, journal_facts

EDITION = EditionFacts("https://data.example.org", "https://creativecommons.org/publicdomain/zero/1.0/")
THEN, NOW = "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[RecordIndex]:
    made = RecordIndex(tmp_path / "index")
    yield made
    made.close()


def test_a_record_that_cannot_be_told_from_others_is_refused(index: RecordIndex) -> None:
    with pytest.raises(RecordError, match="neither a DOI nor an id"):
        index.add(article(1, doi=None))


@pytest.mark.parametrize("backwards", [False, True])
def test_one_citation_key_for_two_works_makes_no_third_of_them(index: RecordIndex, backwards: bool) -> None:
    ores, rivers = (
        article(number, doi=None, local_id="smith2010", titles=[Text(text=title)], sources=[source(title, "bibtex")])
        for number, title in enumerate(("On ores", "On rivers"), 1)
    )
    for record in (rivers, ores) if backwards else (ores, rivers):
        index.add(record)
    index.add(replace(ores, sources=[source("a copy", "bibtex")]))
    [stranger] = index.seal(NOW, "run")
    [published] = index.candidates("", None)
    assert {stranger.title, published.facts.record.titles[0].text} == {"On ores", "On rivers"}
    assert (stranger.findings[0].field, stranger.findings[0].value) == ("local_id", "smith2010")
    assert index.published + index.merged + index.set_aside_records == 3


def test_records_of_one_doi_are_one(index: RecordIndex) -> None:
    for kind in ("crossref", "elpub", "openalex"):
        index.add(article(1, kind=kind, sources=[source(kind, kind)]))
    index.add(article(2))
    index.seal(NOW, "run")
    assert (index.published, index.merged) == (2, 2)
    [first, _] = index.candidates("", None)
    assert [s.kind for s in first.facts.record.sources] == ["elpub", "crossref", "openalex"]


def test_a_citing_record_knows_the_works_that_are_held(index: RecordIndex) -> None:
    index.add(article(1, cites=["10.5555/article.2", "10.5555/elsewhere"]))
    index.add(article(2, issued="2020"))
    index.seal(NOW, "run")
    citing = index.candidates("", None)[0].facts
    assert set(citing.cited) == {"10.5555/article.2"}
    work = citing.cited["10.5555/article.2"]
    assert (work.issued, work.journal) == ("2020", "2313-8920")
    assert list(index.cited_works()) == ["10.5555/elsewhere"]


def test_what_is_set_aside_counts_nowhere(index: RecordIndex) -> None:
    odd = Journal(titles=[Text(text="Another name", lang="en")], issn="2313-8920", eissn="1811-2773")
    index.add(article(1, cites=["10.5555/article.2", "10.5555/elsewhere"]))
    index.add(article(2, journal=odd, volume="99", cites=["10.5555/only-cited-by-2"]))
    index.seal(NOW, "run")
    before = index.candidates("", None)
    index.set_aside(before[1].id, b"{}", ())
    [first] = index.candidates("", None)
    assert first.facts.cited == {}
    assert list(index.cited_works()) == ["10.5555/article.2", "10.5555/elsewhere"]
    [(key, identity, numbers)] = index.journals()
    assert identity.eissn == "2587-8174"
    assert journal_facts(index, key, identity, numbers).titles == tuple(POST_SOVIET_ISSUES.titles)
    [(_, lines)] = journal_entries(index, EDITION)
    assert b"/vol/99" not in b"\n".join(lines)
    assert [sha256 for sha256, _ in index.stated("source")] == [source("1.txt").sha256]
    assert index.published == 1


def test_a_date_of_change_is_kept_while_the_content_stays(index: RecordIndex) -> None:
    index.add(article(1))
    index.add(article(2))
    index.add_revisions(
        [
            Revision("doi/10.5555/article.1", digest_of(article(1)), THEN, "then"),
            Revision("doi/10.5555/article.2", digest_of(article(1)), THEN, "then"),
        ]
    )
    index.seal(NOW, "now")
    assert [(c.facts.modified, c.facts.run) for c in index.candidates("", None)] == [(THEN, "then"), (NOW, "now")]


def test_where_a_file_lies_is_not_content() -> None:
    moved = article(1, sources=[replace(source("1.txt"), location="elsewhere/1.txt")])
    assert digest_of(moved) == digest_of(article(1))
    assert digest_of(article(1, issued="2023")) != digest_of(article(1))


def test_most_records_and_the_nearest_name_the_journal(index: RecordIndex) -> None:
    for number, (title, kind) in enumerate(
        [
            ("Post-Soviet Issues", "elpub"),
            ("Post-soviet issues", "elpub"),
            ("Post-Soviet Issues", "elpub"),
            ("PSI", "doaj"),
        ]
    ):
        journal = Journal(titles=[Text(text=title, lang="en" if kind == "elpub" else None)], issn="2313-8920")
        index.add(article(number, journal=journal, kind=kind))
    index.seal(NOW, "run")
    [(key, identity, numbers)] = index.journals()
    facts = journal_facts(index, key, identity, numbers)
    assert facts.titles == (Text(text="Post-Soviet Issues", lang="en"),)
    assert facts.alternatives == (Text(text="Post-soviet issues", lang="en"), Text(text="PSI"))


def test_an_issue_has_a_year_only_if_its_articles_agree(index: RecordIndex) -> None:
    index.add(article(1, issued="2024-12"))
    index.add(article(2, issued="2025-01"))
    index.add(article(3, issue="2", issued="2025-02"))
    index.add(article(4, volume=None, issue="3", issued="2023"))
    index.seal(NOW, "run")
    [(key, _, numbers)] = index.journals()
    assert list(issue_facts(index, key, numbers)) == [
        IssueFacts(key, None, "3", "2023"),
        IssueFacts(key, "11", "1", None),
        IssueFacts(key, "11", "2", "2025"),
    ]
