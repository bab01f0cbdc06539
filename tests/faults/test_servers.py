"""Do several server processes stand in for each other, start and end together, and follow the release together?"""

from __future__ import annotations

import http.client
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from tests.clients.test_answers import NEW, P, S, second_release

SERVERS = 2
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc to find the processes")
QUERY = "/sparql?" + urlencode({"query": "SELECT ?o { <http://example.org/s> ?p ?o }"})


@pytest.fixture
def endpoint(serve: Callable[..., Any]) -> Any:  # noqa: ANN401 - the fixture's own type is the conftest's
    return serve([Quad(S, P, Literal("old")), Quad(S, NamedNode("http://example.org/q"), S)], servers=SERVERS)


def children(pid: int) -> set[int]:
    """The process ids of a process's own children that serve: not the helper that multiprocessing keeps."""
    found: set[int] = set()
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(child) for child in (thread / "children").read_text(encoding="ascii").split()}
    return {child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ask(endpoint: Any, path: str) -> tuple[int, bytes]:  # noqa: ANN401 - as above
    """Ask over a connection of its own, which any of the processes may take."""
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def test_one_that_is_killed_is_replaced_while_the_others_go_on(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(children(endpoint.process.pid)) == SERVERS)
    before = children(endpoint.process.pid)
    killed = next(iter(before))
    os.kill(killed, signal.SIGKILL)
    assert wait_for(lambda: not alive(killed))
    for _ in range(20):
        assert ask(endpoint, QUERY)[0] == 200
    assert wait_for(lambda: len(children(endpoint.process.pid) - {killed}) == SERVERS)
    assert children(endpoint.process.pid) != before
    assert ask(endpoint, "/ready")[0] == 200


def test_one_that_dies_before_it_has_said_that_it_lives_is_replaced_at_once(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(children(endpoint.process.pid)) == SERVERS)
    silent = next(iter(children(endpoint.process.pid)))
    os.kill(silent, signal.SIGSTOP)
    time.sleep(2)  # the supervisor asks twice a second, so now it waits for this one
    os.kill(silent, signal.SIGKILL)
    assert wait_for(lambda: len(children(endpoint.process.pid) - {silent}) == SERVERS)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_all_end_when_they_are_told_to(how: signal.Signals, endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(children(endpoint.process.pid)) == SERVERS)
    ended = children(endpoint.process.pid)
    endpoint.process.send_signal(how)
    endpoint.process.wait(timeout=30)
    assert not any(alive(pid) for pid in ended)


def test_none_outlives_a_supervisor_that_was_killed(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert wait_for(lambda: len(children(endpoint.process.pid)) == SERVERS)
    left = children(endpoint.process.pid)
    endpoint.process.kill()
    endpoint.process.wait()
    assert wait_for(lambda: not any(alive(pid) for pid in left))


def test_a_server_stays_ready_while_the_next_store_is_read_ahead(serve: Callable[..., Any]) -> None:
    """The old release is served until then; a pipe among the store's files holds the reading up."""
    endpoint = serve([Quad(S, P, Literal("old"))])
    assert wait_for(lambda: ask(endpoint, "/ready")[0] == 200)
    old, workers = json.loads(ask(endpoint, "/ready")[1])["release"], endpoint.workers()
    graph = endpoint.log.parent
    (graph / "releases" / NEW / "store").mkdir(parents=True)
    pipe = graph / "releases" / NEW / "store" / "slow.sst"
    os.mkfifo(pipe)
    second_release(graph, "new")
    assert wait_for(lambda: len(endpoint.workers() - workers) >= len(workers))
    for _ in range(40):
        status, content = ask(endpoint, "/ready")
        assert (status, json.loads(content)["release"]) == (200, old)
        time.sleep(0.05)
    os.close(os.open(pipe, os.O_WRONLY))
    assert wait_for(lambda: json.loads(ask(endpoint, "/ready")[1])["release"] == NEW)
    assert ask(endpoint, "/ready")[0] == 200
    assert b"new" in ask(endpoint, QUERY)[1]


def test_a_new_release_reaches_all(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert all(b"old" in ask(endpoint, QUERY)[1] for _ in range(10))
    second_release(endpoint.log.parent, "new")
    # Each follows for itself, within a second or so.
    assert wait_for(lambda: all(json.loads(ask(endpoint, "/ready")[1]).get("release") == NEW for _ in range(30)))
    assert all(b"new" in ask(endpoint, QUERY)[1] for _ in range(30))
