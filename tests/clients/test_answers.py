"""Is an answer that is kept the one that would be made, for whoever asks, and for as long as it is right?"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from tests.editions import FIRST_SEED, Server, example_items, press, start

JSON = {"Accept": "application/sparql-results+json"}
WHAT = "SELECT ?o { <http://example.org/s> ?p ?o }"
P = NamedNode("http://example.org/p")
S = NamedNode("http://example.org/s")


class Connection:
    """One connection that is kept open."""

    def __init__(self, url: str) -> None:
        self.http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def ask(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        self.http.request(method, path, body, headers or {})
        response = self.http.getresponse()
        content = response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, content


Connect = Callable[[str], Connection]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    graph = tmp_path_factory.mktemp("graph")
    press(graph, example_items())
    running = start(graph, graph / "server.log")
    yield running
    running.stop()


@pytest.fixture
def connect() -> Iterator[Callable[[str], Connection]]:
    opened: list[Connection] = []

    def connect(url: str) -> Connection:
        opened.append(Connection(url))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.http.close()


@pytest.fixture
def connection(server: Server, connect: Connect) -> Connection:
    return connect(server.url)


def query(text: str) -> str:
    return "/sparql?" + urlencode({"query": text})


THING = f"/id/doi/{FIRST_SEED}"
DATA = f"/data/doi/{FIRST_SEED}"
PAGE = f"/page/doi/{FIRST_SEED}"
ALL = query("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50")


@pytest.mark.parametrize("path", [THING, DATA, PAGE, ALL, "/", "/about", "/dumps/", "/report", "/shapes.ttl"])
@pytest.mark.parametrize("accept", ["text/html", "text/turtle, text/csv;q=0.9", "application/ld+json, */*;q=0.1"])
def test_the_second_answer_is_the_first(path: str, accept: str, connection: Connection) -> None:
    first = connection.ask(path, {"Accept": accept})
    second = connection.ask(path, {"Accept": accept})
    for answer in (first, second):
        # One is streamed, the other is not.
        for name in ("date", "transfer-encoding", "content-length"):
            answer[1].pop(name, None)
    assert second == first


@pytest.mark.parametrize("path", [DATA, PAGE, ALL, "/"])
def test_an_unchanged_answer_is_304_before_and_after_it_is_kept(path: str, connection: Connection) -> None:
    path += ("&" if "?" in path else "?") + "lang=ru"
    status, headers, content = connection.ask(path, {"Accept": "text/turtle, text/csv;q=0.5, text/html;q=0.1"})
    asked = {"Accept": "text/html;q=0.1, text/turtle, text/csv;q=0.5", "If-None-Match": headers["etag"]}
    assert (status, bool(content)) == (200, True)
    unchanged = [connection.ask(path, asked) for _ in range(3)]
    assert [(answer[0], answer[2]) for answer in unchanged] == [(304, b"")] * 3
    for _, found, _ in unchanged:
        found.pop("date")
        assert found["etag"] == headers["etag"]
        assert found["vary"] == headers["vary"]
        assert "content-type" not in found
    assert unchanged[0][1] == unchanged[1][1] == unchanged[2][1]
    assert connection.ask(path, asked | {"If-None-Match": '"another"'})[0] == 200
    assert connection.ask(path, asked | {"If-None-Match": f'"another", {headers["etag"]}'})[0] == 304


def test_two_clients_with_different_tastes(server: Server, connect: Connect) -> None:
    tastes = {"text/turtle": b"@prefix", "application/ld+json": b"{", "application/n-triples": b"<http"}
    connections = [(accept, start, connect(server.url)) for accept, start in tastes.items()]
    for _ in range(3):
        for accept, beginning, connection in connections:
            status, headers, content = connection.ask(DATA, {"Accept": accept})
            assert status == 200
            assert headers["content-type"].startswith(accept)
            assert content.startswith(beginning)
    languages = {lang: connect(server.url).ask("/about", {"Accept-Language": lang})[2] for lang in ("en", "ru")}
    assert languages["en"] != languages["ru"]


@pytest.mark.parametrize("call", ["RAND()", "NOW()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_changes_each_time_is_asked_each_time(call: str, connection: Connection) -> None:
    address = query(f"SELECT ?x {{ BIND({call} AS ?x) }}")
    answers = [connection.ask(address, JSON) for _ in range(3)]
    assert {(status, headers["cache-control"]) for status, headers, _ in answers} == {(200, "no-store")}
    if "BNODE" not in call:
        assert len({content for _, _, content in answers}) == 3


def test_a_failure_is_not_kept(connection: Connection) -> None:
    for _ in range(2):
        status, headers, content = connection.ask(query("SELECT nonsense"), JSON)
        assert (status, headers["cache-control"]) == (400, "no-store")
        assert json.loads(content)["title"] == "Query not understood"
        assert connection.ask("/id/doi/10.5555/nothing", {"Accept": "text/turtle"})[0] == 404


def test_the_graphs_asked_are_part_of_the_question(connection: Connection) -> None:
    counting = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    everywhere = connection.ask("/sparql?" + urlencode(counting), JSON)[2]
    nowhere = connection.ask("/sparql?" + urlencode(counting | {"default-graph-uri": "http://example.org/none"}), JSON)
    assert everywhere != nowhere[2]
    form = {**JSON, "Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        assert connection.ask("/sparql", form, "POST", urlencode(counting))[2] == everywhere
        named = counting | {"default-graph-uri": "http://example.org/none"}
        assert connection.ask("/sparql", form, "POST", urlencode(named))[2] == nowhere[2]


def test_head_has_the_headers_of_get_and_no_content(connection: Connection) -> None:
    whole = [connection.ask(DATA, {"Accept": "text/turtle"}) for _ in range(2)][1]
    status, headers, content = connection.ask(DATA, {"Accept": "text/turtle"}, "HEAD")
    assert (status, content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "vary", "link"):
        assert headers[name] == whole[1][name]
    assert connection.ask(DATA, {"Accept": "text/turtle"})[2] == whole[2]


def test_a_part_of_a_dump_is_a_part_though_the_whole_is_kept(connection: Connection) -> None:
    path = "/dumps/SHA256SUMS"
    whole = [connection.ask(path)[2] for _ in range(2)][1]
    status, _, content = connection.ask(path, {"Range": "bytes=2-9"})
    assert (status, content) == (206, whole[2:10])


def read_response(file: IO[bytes]) -> bytes:
    """Return the body of the next response of a connection."""
    assert file.readline().startswith(b"HTTP/1.1 200")
    headers = http.client.parse_headers(file)
    if headers["content-length"] is not None:
        return file.read(int(headers["content-length"]))
    chunks = []
    while size := int(file.readline(), 16):
        chunks.append(file.read(size))
        file.readline()
    file.readline()
    return b"".join(chunks)


def test_requests_that_are_sent_at_once_are_answered_in_order(connection: Connection) -> None:
    first = {"Accept": "text/turtle"}
    kept = [connection.ask(DATA, first)[2] for _ in range(2)][1]
    new = query(f"ASK {{}} # {time.time()}")
    lines = [
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n"
        for path, accept in ((DATA, "text/turtle"), (new, "text/csv"), (DATA, "text/turtle"), (DATA, "text/turtle"))
    ]
    assert connection.http.sock is not None
    connection.http.sock.sendall("".join(lines).encode())
    with connection.http.sock.makefile("rb") as file:  # one for all: it reads ahead
        answers = [read_response(file) for _ in lines]
    assert answers[0] == answers[2] == answers[3] == kept
    assert answers[1].strip() == b"true"


def test_a_client_that_ends_its_connection_has_it_ended(connection: Connection) -> None:
    for _ in range(3):
        status, headers, content = connection.ask(DATA, {"Accept": "text/turtle", "Connection": "close"})
        assert (status, headers["connection"]) == (200, "close")
        assert content
        assert connection.http.sock is None


def test_a_new_release_is_answered_from_at_once(serve: Callable[..., Any], connect: Connect) -> None:
    endpoint = serve([Quad(S, P, Literal("old"))])
    connection = connect(endpoint.url)
    old = [connection.ask(query(WHAT), JSON) for _ in range(2)][1]
    assert b"old" in old[2]
    second_release(endpoint.log.parent, "new")
    deadline = time.monotonic() + 30
    while json.loads(connection.ask("/ready")[2]).get("release") != NEW and time.monotonic() < deadline:
        time.sleep(0.05)
    for _ in range(2):
        status, headers, content = connection.ask(query(WHAT), {**JSON, "If-None-Match": old[1]["etag"]})
        assert (status, b"new" in content) == (200, True)
        assert headers["etag"] != old[1]["etag"]


NEW = "20270101T000000Z-11111111"


def second_release(graph: Path, text: str) -> None:
    """Publish a release of one statement."""
    release = graph / "releases" / NEW
    release.mkdir(exist_ok=True)
    store = Store(str(release / "store"))
    store.bulk_extend([Quad(S, P, Literal(text))])
    store.flush()
    (release / "manifest.json").write_text(json.dumps({"release": NEW}), encoding="utf-8")
    link = graph / "next"
    link.symlink_to(Path("releases") / NEW)
    link.replace(graph / "current")
