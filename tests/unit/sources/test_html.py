"""Pages of articles: encodings, pages that are none, and what hostile ones cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.record import ArticleRecord, Rejected, Skipped, Source
from triplepress.settings import Settings
from triplepress.sources import read
from triplepress.sources.html import is_html, read_html

_SOURCE = Source(kind="html", location="page.html")
_HEAD = (
    '<meta name="citation_title" content="О соли"><meta name="citation_journal_title" content="Journal">'
    '<meta name="citation_doi" content="10.1234/a">'
)


def _page(head: str, body: str = "", title: str = "Page") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


def _record(data: bytes) -> ArticleRecord:
    result = read_html(data, _SOURCE)
    assert isinstance(result, ArticleRecord), result
    return result


def _reason(data: bytes) -> str:
    result = read_html(data, _SOURCE)
    assert isinstance(result, Rejected), result
    return result.findings[0].message


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", '<meta charset="windows-1251">'),
        ("utf-16", ""),
        ("cp1251", '<meta charset="windows-1251">'),
        (
            "cp1251",
            "<script>" + "x" * 200_000 + "</script><meta http-equiv=Content-Type content='text/html; charset=cp1251'>",
        ),
        ("utf-8", '<meta charset="iso-8859-1">'),
    ],
)
def test_the_letters_are_those_of_the_page(encoding: str, declaration: str) -> None:
    data = _page(_HEAD + declaration).decode().encode(encoding)
    assert is_html(data[:65536])
    assert _record(data).titles[0].text == "О соли"


def test_an_encoding_that_is_not_declared_is_not_guessed() -> None:
    assert "windows-1251" in _reason(_page(_HEAD, "аннотация журнал автор").decode().encode("cp1251"))


def test_a_wrong_declaration_is_named() -> None:
    assert "shift_jis" in _reason(_page(_HEAD + '<meta charset="shift_jis">').replace(b"\xd0", b"\xff"))


@pytest.mark.parametrize(
    ("title", "body", "words"),
    [
        ("Attention Required! | Cloudflare", "", "Cloudflare"),
        ("", "<p>Please complete the captcha</p>", "a captcha"),
        ("Access Denied", "", "refusal of access"),
        ("Доступ запрещён", "", "refusal of access"),
        ("DDoS-Guard", "", "DDoS-Guard"),
        ("Making sure you're not a bot!", "", "Anubis"),
        ("404 Not Found", "", "404"),
        ("View of Salt", '<embed type="application/pdf" src="a.pdf">', "viewer"),
        ("Journal", '<a rel="canonical" href="https://example.org/index.php/joe/about">x</a>', "about the journal"),
        ("Journal", "", "citation_title"),
    ],
)
def test_a_page_that_is_no_article_is_refused_by_name(title: str, body: str, words: str) -> None:
    assert words in _reason(_page("", body, title))


def test_an_article_about_captchas_is_no_wall() -> None:
    assert _record(_page(_HEAD, "<p>captcha, access denied</p>", "Just a moment...")).doi == "10.1234/a"


def test_open_graph_alone_is_no_article() -> None:
    assert "no citation_title" in _reason(
        _page('<meta property="og:type" content="article"><meta property="og:title" content="x">')
    )


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("citation_conference_title", "conference-paper"),
        ("citation_dissertation_institution", "thesis"),
        ("citation_arxiv_id", "preprint"),
    ],
)
def test_other_works_are_skipped_with_their_type(tag: str, kind: str) -> None:
    result = read_html(_page(f'<meta name="citation_title" content="A"><meta name="{tag}" content="x">'), _SOURCE)
    assert isinstance(result, Skipped)
    assert result.kind == kind


def test_of_two_dois_the_first_is_taken_and_the_other_named() -> None:
    record = _record(_page(_HEAD + '<meta name="DC.Identifier" content="doi:10.1234/b">'))
    assert record.doi == "10.1234/a"
    assert "10.1234/b" in record.warnings[0].message


def test_an_article_without_a_doi_is_known_by_its_address() -> None:
    head = '<meta name="citation_title" content="A"><meta name="citation_journal_title" content="J">'
    record = _record(_page(head + '<link rel="canonical" href="https://Example.org/view?id=7">'))
    assert (record.doi, record.local_id) == (None, "example.org/view?id=7")


def test_printed_texts_and_fields_of_one_list_are_one_reference_each() -> None:
    free = [f'<meta name="citation_reference" content="Author. Work number {n}. 2020.">' for n in (1, 2)]
    fields = [
        f'<meta name="citation_reference" content="citation_title=Work number {n};citation_doi=10.1234/{n}">'
        for n in (1, 2)
    ]
    record = _record(_page(_HEAD + "".join(free + fields)))
    assert [(each.text, each.doi) for each in record.references] == [
        ("Author. Work number 1. 2020.", "10.1234/1"),
        ("Author. Work number 2. 2020.", "10.1234/2"),
    ]


def test_two_authors_of_one_name_stay_two() -> None:
    author = '<meta name="citation_author" content="Wang, Wei">'
    assert len(_record(_page(_HEAD + author * 2)).contributors) == 2


def test_deep_and_broken_pages_are_survived() -> None:
    assert _record(_page(_HEAD, "<div>" * 50_000)).doi == "10.1234/a"
    assert (
        _record(_page(_HEAD + '<script type="application/ld+json">' + "[" * 100_000 + "</script>")).doi == "10.1234/a"
    )
    assert "states no article" in _reason(b"<html><!-- -->")


def test_every_page_of_the_corpus_is_read(shared: Path) -> None:
    results = list(read([str(shared / "data/html")], Settings()))
    assert len(results) == 16
    records = [result for result in results if isinstance(result, ArticleRecord)]
    assert {result.kind for result in results if isinstance(result, Skipped)} == {
        "preprint",
        "dataset",
        "conference-paper",
    }
    assert (len(records), sum(isinstance(result, Skipped) for result in results)) == (11, 5)
    assert all(record.doi and record.titles and record.issued and record.contributors for record in records)


def test_references_and_authors_agree_with_a_count_of_the_tags(shared: Path) -> None:
    for path in sorted((shared / "data/html").glob("*.html")):
        result = read_html(path.read_bytes(), _SOURCE)
        if isinstance(result, ArticleRecord):
            source = path.read_text(encoding="utf-8")
            assert len(result.references) == source.count('name="citation_reference"'), path.name
            stated = source.count('name="citation_author"')
            assert len(result.contributors) in {stated, stated / 2}, path.name  # one page has its authors twice


def test_a_page_says_what_crossref_says_of_the_article(shared: Path) -> None:
    folder = shared / "data"
    pages = {
        record.doi: record for record in read([str(folder / "html")], Settings()) if isinstance(record, ArticleRecord)
    }
    registered = read([str(folder / "crossref" / "works.jsonl")], Settings())
    both = [(pages[each.doi], each) for each in registered if isinstance(each, ArticleRecord) and each.doi in pages]
    assert {page.doi for page, _ in both} >= {"10.1371/journal.pone.0000030", "10.7717/peerj.4375"}
    for page, work in both:
        for field in ("issued", "volume", "issue", "pages"):
            assert getattr(page, field) == getattr(work, field), (page.doi, field)
        assert page.titles[0].text == work.titles[0].text
        authors = [each.name for each in work.contributors if each.role == "author"]
        assert [each.name for each in page.contributors] == authors
        assert not page.references or len(page.references) == len(work.references)
