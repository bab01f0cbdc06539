"""What every test may ask for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from pyoxigraph import Quad, Store

from triplepress.settings import Settings

_CHECKOUT = Path(__file__).resolve().parent.parent
_SERVER = """
import socket, sys
import msgspec
from triplepress.settings import Settings
from triplepress.web.server import serve
settings = msgspec.json.decode(sys.argv[2], type=Settings)
serve(msgspec.structs.replace(settings, graph=sys.argv[3]), socket.socket(fileno=int(sys.argv[1])))
"""
_START_SECONDS = 30


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records, vocabularies and conformance suites beside the checkout.

    Without it a test skips and says so; with `CI=true` its absence is a failure.
    """
    folder = _CHECKOUT.parent / "shared"
    if not folder.is_dir():
        reason = f"{folder} is not there: the corpora live beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@dataclass(frozen=True)
class Endpoint:
    """A server process over a store that a test made."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def sparql(self) -> str:
        """The address of the SPARQL endpoint."""
        return f"{self.url}/sparql"

    def workers(self) -> set[int]:
        """The process ids of the server's query workers."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        children = " ".join((thread / "children").read_text(encoding="ascii") for thread in threads)
        return {int(pid) for pid in children.split()}


Serve = Callable[..., Endpoint]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts a real server over a store of given quads; further arguments are settings."""
    running: list[Endpoint] = []

    def start(quads: Iterable[Quad], **settings: object) -> Endpoint:
        graph = tmp_path_factory.mktemp("graph")
        _write_release(graph, quads)
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        values = Settings(base=f"{url}/", **settings)  # type: ignore[arg-type]  # each test names real settings
        log = graph / "server.log"
        with log.open("wb") as stream, listening:
            encoded = msgspec.json.encode(values).decode()
            command = [sys.executable, "-c", _SERVER, str(listening.fileno()), encoded, str(graph)]
            process = subprocess.Popen(command, stdout=stream, stderr=stream, pass_fds=[listening.fileno()])
        endpoint = Endpoint(url, process, log)
        running.append(endpoint)
        _wait_until_ready(endpoint)
        return endpoint

    yield start
    for endpoint in running:
        endpoint.process.terminate()
    for endpoint in running:
        try:
            endpoint.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            endpoint.process.kill()
            endpoint.process.wait()
            raise


def _write_release(graph: Path, quads: Iterable[Quad]) -> None:
    """Write the parts of a release that serving needs."""
    release = graph / "releases" / "20260101T000000Z-00000000"
    release.mkdir(parents=True)
    store = Store(str(release / "store"))
    store.bulk_extend(quads)
    store.flush()
    (release / "manifest.json").write_text(json.dumps({"release": release.name}), encoding="utf-8")
    description = "<http://example.org/service> a <http://www.w3.org/ns/sparql-service-description#Service> .\n"
    (release / "void.ttl").write_text(description, encoding="utf-8")
    (graph / "current").symlink_to(Path("releases") / release.name)


def _wait_until_ready(endpoint: Endpoint) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{endpoint.url}/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if endpoint.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(endpoint.log.read_text(encoding="utf-8")) from error
            time.sleep(0.05)
