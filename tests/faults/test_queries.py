"""What survives an endless query, a slow reader, a client that leaves, a memory bomb, a killed worker, a crowd."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from tests.clients.test_answers import second_release

TIMEOUT: Final = 1.5
WORKERS: Final = 2
# What a worker uses until it is ready, on a slow machine.
IDLE_SECONDS: Final = 1.5
ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
# Its first bytes come at once, its last ones never.
ENDLESS_STREAM: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MEMORY_BOMB: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"
LOOKUP: Final = "SELECT ?o { <http://example.org/s7> ?p ?o }"
JSON: Final = {"Accept": "application/sparql-results+json"}


def quads() -> Iterator[Quad]:
    for number in range(3000):
        subject = NamedNode(f"http://example.org/s{number}")
        yield Quad(subject, NamedNode("http://example.org/p"), Literal(f"value {number}"))


@pytest.fixture(scope="module")
def endpoint(serve: Callable[..., Any]) -> Any:  # noqa: ANN401 - the fixture's own class
    return serve(
        quads(),
        workers=WORKERS,
        cache_bytes=0,  # a query that is asked again is run again
        query_timeout=TIMEOUT,
        query_memory=100 * 1024**2,
        query_queue=8,
        max_query_bytes=20_000,
    )


@pytest.fixture(scope="module")
def patient(serve: Callable[..., Any]) -> Any:  # noqa: ANN401 - the fixture's own class
    """A server that lets a query run for long: what ends here is not ended by the deadline."""
    return serve(quads(), workers=WORKERS, cache_bytes=0, query_timeout=120, query_memory=100 * 1024**2)


def connect(endpoint: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - the fixture's own class
    return http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=90)


def ask(endpoint: Any, query: str) -> tuple[int, http.client.HTTPMessage, bytes]:  # noqa: ANN401 - as above
    connection = connect(endpoint)
    try:
        connection.request("GET", "/sparql?" + urlencode({"query": query}), headers=JSON)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_an_endless_query_is_stopped_while_lookups_go_on(endpoint: Any) -> None:  # noqa: ANN401 - as above
    before = endpoint.workers()
    with ThreadPoolExecutor(1) as threads:
        started = time.monotonic()
        endless = threads.submit(ask, endpoint, ENDLESS)
        answers = 0
        while not endless.done():
            status, _, body = ask(endpoint, LOOKUP)
            assert status == 200
            assert json.loads(body)["results"]["bindings"][0]["o"]["value"] == "value 7"
            answers += 1
        status, _, body = endless.result()
    assert status == 503
    problem = json.loads(body)
    assert problem["title"] == "Query stopped"
    assert problem["seconds"] == TIMEOUT
    assert time.monotonic() - started >= TIMEOUT
    assert answers >= 10
    assert wait_for(lambda: len(endpoint.workers()) == WORKERS + 1)
    assert endpoint.workers() != before


def test_a_result_that_cannot_be_finished_is_visibly_broken(endpoint: Any) -> None:  # noqa: ANN401 - as above
    connection = connect(endpoint)
    connection.request("GET", "/sparql?" + urlencode({"query": ENDLESS_STREAM}), headers={"Accept": "text/csv"})
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Transfer-Encoding"] == "chunked"
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()


def test_a_client_of_http_1_0_gets_all_or_a_problem(endpoint: Any) -> None:  # noqa: ANN401 - as above
    for query, status in ((ENDLESS_STREAM, b"503"), ("SELECT * { ?s ?p ?o }", b"200")):
        answer = raw(endpoint, f"GET /sparql?{urlencode({'query': query})} HTTP/1.0\r\nAccept: text/csv\r\n\r\n")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] == status
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        assert int(length.split()[1]) == len(body)


def raw(endpoint: Any, request: str) -> bytes:  # noqa: ANN401 - as above
    address = urlsplit(endpoint.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_reader_who_does_not_read_holds_a_worker_no_longer_than_the_deadline(
    endpoint: Any,  # noqa: ANN401 - as above
) -> None:
    address = urlsplit(endpoint.url)
    request = f"GET /sparql?{urlencode({'query': ENDLESS_STREAM})} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    readers = [socket.create_connection((address.hostname, address.port), timeout=20) for _ in range(WORKERS)]
    memory = resident(endpoint)
    for reader in readers:
        reader.sendall(request.encode())
    started = time.monotonic()
    # Both workers are held; this waits in the queue until the deadline frees one.
    assert wait_for(lambda: ask(endpoint, LOOKUP)[0] == 200)
    assert time.monotonic() - started < TIMEOUT + 5
    assert resident(endpoint) - memory < 40 * 1024
    for reader in readers:
        reader.close()


def resident(endpoint: Any) -> int:  # noqa: ANN401 - as above
    """The memory of the server process, in KiB."""
    with open(f"/proc/{endpoint.process.pid}/status", encoding="ascii") as lines:  # noqa: PTH123 - procfs
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_a_client_that_leaves_frees_its_worker(patient: Any) -> None:  # noqa: ANN401 - as above
    connections = [connect(patient) for _ in range(WORKERS)]
    for connection in connections:
        connection.request("GET", "/sparql?" + urlencode({"query": ENDLESS}), headers=JSON)
    assert wait_for(lambda: len(at_work(patient)) == WORKERS, 30)
    held = at_work(patient)
    for connection in connections:
        connection.close()
    # Both workers were held, and would be for two minutes.
    assert ask(patient, LOOKUP)[0] == 200
    assert wait_for(lambda: len(patient.workers()) == WORKERS + 1 and not held & patient.workers(), 30)


def at_work(endpoint: Any) -> set[int]:  # noqa: ANN401 - as above
    """The workers that have computed for a fifth of a second more than it takes to start."""
    return {pid for pid in endpoint.workers() if processor_seconds(pid) > IDLE_SECONDS + 0.2}


def processor_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - procfs
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_memory_bomb_ends_in_a_problem_and_the_server_goes_on(patient: Any) -> None:  # noqa: ANN401 - as above
    status, _, body = ask(patient, MEMORY_BOMB)
    assert status == 503
    assert json.loads(body)["title"] == "Query needs too much memory"
    assert ask(patient, LOOKUP)[0] == 200


@pytest.mark.parametrize(
    "query", ["ASK { " + "{" * 50_00 + "}" * 50_00 + " }", "ASK { FILTER" + "(" * 9000 + "1" + ")" * 9000 + " }"]
)
def test_a_query_nested_without_end_is_the_clients_mistake(query: str, endpoint: Any) -> None:  # noqa: ANN401 - as above
    status, _, body = ask(endpoint, query)
    assert status == 400, body
    assert ask(endpoint, LOOKUP)[0] == 200


def test_workers_killed_from_outside_are_replaced(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(endpoint.workers()) == WORKERS + 1)
    killed = endpoint.workers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    for _ in range(4):
        assert ask(endpoint, LOOKUP)[0] == 200
    assert wait_for(lambda: len(endpoint.workers() - killed) == WORKERS + 1)


def test_a_worker_killed_at_work_is_a_problem(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(endpoint.workers()) == WORKERS + 1)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(ask, endpoint, ENDLESS)
        time.sleep(0.5)
        for pid in endpoint.workers():
            os.kill(pid, signal.SIGKILL)
        status, _, body = running.result()
    assert status == 503
    assert json.loads(body)["title"] == "Store not available"
    assert ask(endpoint, LOOKUP)[0] == 200


def test_a_crowd_is_served_or_told_when_to_come_back(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(endpoint.workers()) == WORKERS + 1)
    with ThreadPoolExecutor(100) as threads:
        answers = list(threads.map(lambda _: ask(endpoint, LOOKUP), range(100)))
    statuses = {status for status, _, _ in answers}
    assert statuses <= {200, 503}
    assert 200 in statuses
    for status, headers, body in answers:
        if status == 503:
            assert int(headers["Retry-After"]) >= 1
            assert json.loads(body)["title"] == "Too many queries"
    assert ask(endpoint, LOOKUP)[0] == 200


def test_a_full_queue_refuses_at_once(endpoint: Any) -> None:  # noqa: ANN401 - as above
    done = threading.Event()
    with ThreadPoolExecutor(WORKERS + 8) as threads:
        for _ in range(WORKERS + 8):
            threads.submit(ask, endpoint, ENDLESS)
        time.sleep(0.4)
        started = time.monotonic()
        status, headers, _ = ask(endpoint, LOOKUP)
        done.set()
        assert status == 503
        assert headers["Retry-After"] == "2"
        assert time.monotonic() - started < 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_query_that_is_too_long_is_refused(method: str, endpoint: Any) -> None:  # noqa: ANN401 - as above
    fields = urlencode({"query": "ASK {} #" + "x" * 21_000})
    connection = connect(endpoint)
    if method == "GET":
        connection.request("GET", f"/sparql?{fields}")
    else:
        connection.request("POST", "/sparql", fields, {"Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_without_end_is_refused(endpoint: Any) -> None:  # noqa: ANN401 - as above
    connection = connect(endpoint)
    pieces = (b"x" * 10_000 for _ in range(1000))
    headers = {"Content-Type": "application/sparql-query"}
    try:
        connection.request("POST", "/sparql", pieces, headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except ConnectionError:
        # The server answered and closed while the body was still coming.
        assert ask(endpoint, LOOKUP)[0] == 200
    connection.close()


def test_workers_end_with_their_server(serve: Callable[..., Any]) -> None:
    server = serve(quads(), workers=1, query_timeout=60)
    workers = server.workers()
    assert len(workers) == 2
    connection = connect(server)
    connection.request("GET", "/sparql?" + urlencode({"query": ENDLESS}), headers=JSON)
    time.sleep(0.3)
    server.process.kill()
    server.process.wait()
    connection.close()
    assert wait_for(lambda: not any(is_alive(pid) for pid in workers))


def test_a_reader_that_never_reads_keeps_nothing_open(serve: Callable[..., Any]) -> None:
    server = serve(quads(), workers=1, query_timeout=1)
    workers = server.workers()
    address = urlsplit(server.url)
    request = f"GET /sparql?{urlencode({'query': ENDLESS_STREAM})} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=20) as reader:
        reader.sendall(request.encode())
        reader.recv(1)  # it has begun
        second_release(server.log.parent, "new")
        assert wait_for(lambda: not any(is_alive(pid) for pid in workers), 60)


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:  # noqa: PTH123 - procfs
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
