"""A report of any size is served: page by page for people, whole for programs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.editions import Server, example_items, press, start
from triplepress.record import Finding
from triplepress.validation.report import ReportEntry, write_report_json

_THIN = "\N{NARROW NO-BREAK SPACE}"
_RECORDS = 10_020  # more than are paged through


def _entries() -> Iterator[ReportEntry]:
    finding = Finding(severity="Warning", field="licences", message="No licence.", remedy="State it.")
    for n in range(_RECORDS):
        yield ReportEntry(title=f"Record {n}", findings=(finding,), published=n > 0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    graph = tmp_path_factory.mktemp("graph")
    release = graph / "releases" / press(graph, example_items())
    write_report_json(release / "report.json", _entries())
    running = start(graph, tmp_path_factory.mktemp("log") / "server.log")
    yield running
    running.stop()


def _get(server: Server, path: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(server.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _page(server: Server, number: int, lang: str = "en") -> str:
    return _get(server, f"/report?page={number}&lang={lang}", Accept="text/html")[1].decode()


def test_the_pages_show_each_record_in_its_place(server: Server) -> None:
    assert _page(server, 1).count('class="entry"') == 50
    last = _page(server, 200)
    assert last.count('class="entry"') == 50
    assert ">Record 9950<" in last
    assert ">Record 9999<" in last
    assert _page(server, 5000).count('class="entry"') == 50, "beyond the last page is the last one"


@pytest.mark.parametrize(
    ("lang", "said"), [("en", f"10{_THIN}000 of 10{_THIN}020 records"), ("ru", f"из 10{_THIN}020")]
)
def test_a_page_says_how_many_there_are_and_where(server: Server, lang: str, said: str) -> None:
    page = _page(server, 2, lang)
    assert said in page
    assert "/report?format=json" in page


def test_programs_get_all_of_it_or_a_part(server: Server) -> None:
    status, content = _get(server, "/report?format=json")
    assert status == 200
    assert len(json.loads(content)["entries"]) == _RECORDS
    assert _get(server, "/report?format=json", Range="bytes=4-12") == (206, content[4:13])
