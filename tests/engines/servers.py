"""Other SPARQL engines and our own server, as processes of a test: started, killed, started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BASE = "http://127.0.0.1:8000/"
# A new database of Virtuoso takes 8 s, on a machine with much else to do far longer.
_START_SECONDS = 180


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@dataclass
class Process:
    """A server process in a folder of its own; `options` are what the command line of Triplepress needs to reach it."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Set what follows from the port."""

    def command(self) -> list[str]:
        """Return the command line."""
        raise NotImplementedError

    def probe(self) -> str:
        """Return an address that answers 200 when the server does."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return further variables of the process."""
        return {}

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when it answers."""
        log = self.folder / f"{type(self).__name__}.log"
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command(), stdout=stream, stderr=stream, cwd=self.folder, env=os.environ | self.environment()
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.probe(), timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-4000:]) from error
                time.sleep(0.1)

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End the process now."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End the process in its own way, or now if it takes too long."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGCONT)
            self.kill()


class Engine(Process):
    """A SPARQL engine."""

    name = ""
    settings: dict[str, str]

    def options(self) -> list[str]:
        """Return the options of `publish` and `load` that reach it."""
        return ["--to", self.settings["store"]]


@dataclass
class Oxigraph(Engine):
    """Oxigraph's server, from the package of the same name.

    Attributes:
        timeout: Seconds after which it gives a query up: a little more than `Press` waits.
    """

    name = "oxigraph"
    timeout: int = 16

    def __post_init__(self) -> None:
        self.settings = {"store": f"sparql:{self.url}/query", "store_graphs": f"{self.url}/store"}

    def command(self) -> list[str]:
        """Return the command line."""
        program = Path(sysconfig.get_path("scripts")) / "oxigraph"
        place = ["--location", str(self.folder / "oxigraph"), "--bind", f"127.0.0.1:{self.port}"]
        return [str(program), "serve", *place, "--timeout-s", str(self.timeout)]

    def probe(self) -> str:
        """Return an address that answers."""
        return f"{self.url}/query?query=ASK%7B%7D"


_VIRTUOSO_INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DisableUnixSocket = 1
ServerThreads = 20
CheckpointInterval = 0
NumberOfBuffers = 4000
MaxDirtyBuffers = 2000
DirsAllowed = {folder}
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 20
MaxKeepAlives = 10
KeepAliveTimeout = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryCostEstimationTime = 400
MaxQueryExecutionTime = 60
"""


@dataclass
class Virtuoso(Engine):
    """Virtuoso 7 with little memory; only its programs are needed, no service.

    Attributes:
        rows: Its `ResultSetMaxRows`.
    """

    name = "virtuoso"
    rows: int = 10_000
    by_update: bool = False

    def __post_init__(self) -> None:
        way = (
            {"store_update": f"{self.url}/sparql-auth"}
            if self.by_update
            else {"store_graphs": f"{self.url}/sparql-graph-crud-auth"}
        )
        # A new database has this login.
        self.settings = {"store": f"sparql:{self.url}/sparql", **way, "store_user": "dba", "store_password": "dba"}

    def command(self) -> list[str]:
        """Return the command line."""
        ini = self.folder / "virtuoso.ini"
        if not ini.exists():
            text = _VIRTUOSO_INI.format(folder=self.folder, port=self.port, sql_port=free_port(), rows=self.rows)
            ini.write_text(text, encoding="utf-8")
        # After a kill its lock stays.
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)
        return ["virtuoso-t", "+foreground", "+configfile", str(ini)]

    def probe(self) -> str:
        """Return an address that answers."""
        return f"{self.url}/sparql?query=ASK%7B%7D"


def need_virtuoso() -> None:
    """Skip where there is no Virtuoso; with `CI=true` that is a failure."""
    if shutil.which("virtuoso-t") is None:
        reason = "virtuoso-t is not there: make test installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


class Press(Process):
    """`triplepress serve` over a graph folder, over the engine that `store` names or the release's own store."""

    graph: Path
    store: dict[str, str]

    def over(self, graph: Path, store: dict[str, str] | None = None) -> Press:
        """Say what is served, and start."""
        self.graph, self.store = graph, store or {}
        self.start()
        return self

    def command(self) -> list[str]:
        """Return the command line."""
        options = ["--graph", str(self.graph), "--base", BASE, "--port", str(self.port), "--query-timeout", "15"]
        return [sys.executable, "-m", "triplepress", "serve", *options]

    def probe(self) -> str:
        """Return an address that answers."""
        return f"{self.url}/ready"

    def environment(self) -> dict[str, str]:
        """Return the settings of the engine, as variables: a password is none for the command line."""
        return variables(self.store)

    def get(self, path: str, accept: str = "*/*", timeout: float = 60) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of an address."""
        request = urllib.request.Request(self.url + path, headers={"Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def sparql(self, query: str, accept: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Return the answer of the endpoint."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        return self.get("/sparql?" + urllib.parse.urlencode({"query": query, **named}), accept)


def variables(settings: dict[str, str]) -> dict[str, str]:
    """Return settings as variables of a process."""
    return {f"TRIPLEPRESS_{name.upper()}": value for name, value in settings.items()}


def triplepress(
    *arguments: str, settings: dict[str, str] | None = None, status: int | None = 0
) -> subprocess.CompletedProcess[str]:
    """Run a command of Triplepress; any exit status but `status` is a failure, None allows all."""
    done = subprocess.run(
        [sys.executable, "-m", "triplepress", *arguments],
        env=os.environ | variables(settings or {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert status is None or done.returncode == status, done.stderr
    return done
