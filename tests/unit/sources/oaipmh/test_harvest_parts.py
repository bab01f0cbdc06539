"""What a harvest knows of a page, what it writes, and when it says no."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.errors import SourceError
from triplepress.sources.oaipmh.harvest import harvest
from triplepress.sources.oaipmh.page import read_page
from triplepress.sources.oaipmh.payloads import PAYLOADS, best_prefix
from triplepress.sources.oaipmh.state import Cut, Run, State, drop_unknown, load_state, page_path, save_state
from triplepress.sources.oaipmh.wanted import Manners, Wanted

_PAGE = (
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-05T12:00:00Z</responseDate>'
    b'<ListRecords><record><header status="deleted"><identifier>a</identifier><datestamp>2026-01-01</datestamp>'
    b"</header></record><record><header><identifier>b</identifier><datestamp>2026-01-02</datestamp></header><metadata/></record>"
    b'<resumptionToken completeListSize="12" cursor="0"> a&amp;b|2 </resumptionToken></ListRecords></OAI-PMH>'
)


def test_a_page_tells_what_is_on_it() -> None:
    page = read_page(_PAGE)
    assert (page.records, page.deleted, list(page.datestamps)) == (2, 1, ["2026-01-01", "2026-01-02"])
    assert (page.token, page.total, page.date, page.fault) == ("a&b|2", 12, "2026-01-05T12:00:00Z", None)


def test_a_broken_page_tells_the_same_and_where_it_is_broken() -> None:
    whole, broken = read_page(_PAGE), read_page(_PAGE.replace(b"<metadata/>", b"<metadata>"))
    assert broken.fault is not None
    assert broken.fault.startswith("line 1, column ")
    for field in ("records", "deleted", "token", "total", "date"):
        assert getattr(whole, field) == getattr(broken, field)
    assert list(whole.datestamps) == list(broken.datestamps)


@pytest.mark.parametrize("token", [b"<resumptionToken/>", b'<resumptionToken cursor="7"></resumptionToken>', b""])
def test_an_empty_token_ends_the_list(token: bytes) -> None:
    start, end = _PAGE.index(b"<resumptionToken"), _PAGE.index(b"</ListRecords>")
    assert read_page(_PAGE[:start] + token + _PAGE[end:]).token is None


def test_the_fullest_format_is_preferred() -> None:
    assert best_prefix(["oai_dc", "marcxml", "jats"]) == "jats"
    assert best_prefix(["oai_dc", "crossref"]) == "crossref"
    assert best_prefix(["OAI_DC"]) == "OAI_DC"
    prefixes = [prefix for payload in PAYLOADS for prefix in payload.prefixes]
    assert len(prefixes) == len(set(prefixes))


def test_the_state_comes_back_as_it_was(tmp_path: Path) -> None:
    run = Run(number=2, page=4, records=30, cut=Cut(page=3, date="2026-01-01"))
    state = State(url="https://x.example/oai", prefix="jats", run=run)
    save_state(tmp_path, state)
    assert load_state(tmp_path) == state
    assert [path.name for path in tmp_path.iterdir()] == [".harvest.json"]


def test_a_state_that_is_none_is_an_error(tmp_path: Path) -> None:
    assert load_state(tmp_path) is None
    (tmp_path / ".harvest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SourceError, match="name another folder"):
        load_state(tmp_path)


def test_pages_that_the_state_does_not_know_are_removed(tmp_path: Path) -> None:
    for run, page in ((1, 1), (2, 1), (3, 1), (3, 2), (3, 3), (4, 1)):
        page_path(tmp_path, run, page).write_bytes(_PAGE)
    (tmp_path / "notes.xml").write_bytes(_PAGE)
    drop_unknown(tmp_path, State(url="u", prefix="jats", runs=2, oldest=2, run=Run(number=3, page=3)))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "0002-000001.xml",
        "0003-000001.xml",
        "0003-000002.xml",
        "notes.xml",
    ]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("journal.example.org/oai"), "no web address"),
        (Wanted("http://127.0.0.1:9/oai", since="1 May 2026"), "--from is no date"),
        (Wanted("http://127.0.0.1:9/oai", until="2026-02-30"), "--until is no date"),
        (Wanted("http://127.0.0.1:9/oai", since="2026-02-02", until="2026-02-01"), "is after"),
    ],
)
def test_a_slip_is_named_before_anything_is_asked(wanted: Wanted, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=words):
        harvest(wanted, tmp_path, Manners())
    assert not list(tmp_path.iterdir())
