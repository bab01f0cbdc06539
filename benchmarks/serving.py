"""Servers that are measured side by side, and the load that is put on them."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, RdfFormat, Store

from benchmarks import peers
from benchmarks.peers import PROGRAMS, PeerError
from benchmarks.rows import PEERS

TRIFID: Final = "5.3.0"
_START_SECONDS: Final = 180
_TRIFID_CONFIG: Final = """\
server: {{logLevel: error}}
globals:
  datasetBaseUrl: {base}
  endpoints: {{default: {{url: /query}}}}
plugins:
  entity-renderer:
    module: "@zazuko/trifid-entity-renderer"
    config: {{labelLoader: {{chunkSize: 30, concurrency: 2, timeout: 4000}}}}
  sparql-proxy:
    module: "@zazuko/trifid-plugin-sparql-proxy"
    paths: /query
    config: {{rewrite: false, rewriteQuery: true, rewriteResults: true, endpointUrl: "{endpoint}"}}
"""
_NGINX_CONFIG: Final = """\
{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes auto;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; open_file_cache max=10000; default_type text/turtle; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its port, its process, and the path of its endpoint, if it has one."""

    port: int
    pid: int
    endpoint: str = "/sparql"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, endpoint: str = "/sparql", *, ready: str | None = None, **environment: str
) -> Iterator[Server]:
    """Run a server until the block ends; the block begins when it takes connections, or `ready` answers 200."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | environment)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while not _answers(port, ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise RuntimeError(f"{command[0]}: {said.read()[-2000:]!r}")
                time.sleep(0.1)
            yield Server(port, process.pid, endpoint)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(port: int, ready: str | None) -> bool:
    try:
        if ready is None:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        return get(port, ready, {})[0] == http.client.OK
    except OSError:
        return False


@contextmanager
def triplepress(graph: Path, *, servers: int, ready: str | None = "/ready") -> Iterator[Server]:
    """Serve an edition with so many processes and one query worker a core; no log of requests, as behind a proxy."""
    port = free_port()
    command = [sys.executable, "-m", "triplepress", "serve", "--graph", str(graph), "--port", str(port)]
    options = {"SERVERS": str(servers), "WORKERS": str(os.cpu_count() or 1), "ACCESS_LOG": "false"}
    variables = {f"TRIPLEPRESS_{name}": value for name, value in options.items()}
    with running(command, port, ready=ready, TRIPLEPRESS_QUERY_TIMEOUT="300", **variables) as server:
        yield server


@contextmanager
def oxigraph(graph: Path, folder: Path) -> Iterator[Server]:
    """Serve a copy of an edition's store with Oxigraph's own server, which holds a lock on it."""
    copy = folder / f"oxigraph-{graph.name}"
    if not copy.exists():
        shutil.copytree(graph / "current" / "store", copy)
    port = free_port()
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"
    command = [program, "serve-read-only", "--location", str(copy), "--bind", f"127.0.0.1:{port}"]
    with running(command, port, "/query") as server:
        yield server


@contextmanager
def rdflib_endpoint(graph: Path, folder: Path) -> Iterator[Server]:
    """Serve an edition's facts with stock rdflib-endpoint."""
    ntriples = folder / f"{graph.name}.nt"
    if not ntriples.exists():
        store = Store.read_only(str(graph / "current" / "store"))
        store.dump(str(ntriples), RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    port = free_port()
    command = [sys.executable, str(PROGRAMS / "rdflib_endpoint_server.py"), str(port), str(ntriples)]
    with running(command, port) as server:
        yield server


@contextmanager
def trifid(endpoint: str, base: str) -> Iterator[Server]:
    """Serve a SPARQL endpoint with Trifid, by the plugins and settings of its own image for endpoints.

    Raises:
        PeerError: npm is not there, or cannot install it.
    """
    home = PEERS / "trifid"
    program = home / "node_modules" / "trifid" / "server.js"
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise PeerError("Trifid needs Node.js 20 and npm on PATH")
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), f"trifid@{TRIFID}"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise PeerError(f"npm cannot install trifid@{TRIFID}: {ran.stderr.strip()[-300:]}")
    # Beside its packages: it looks for plugins from where its configuration is.
    config = home / "config.yaml"
    config.write_text(_TRIFID_CONFIG.format(base=base, endpoint=endpoint), encoding="utf-8")
    port = free_port()
    command = ["node", str(program), "-c", str(config), "-p", str(port)]
    with running(command, port, NODE_ENV="production") as server:
        yield server


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[Server]:
    """Serve the files of a folder with nginx, a process a core.

    Raises:
        PeerError: It is not to be had here.
    """
    program = peers.program("nginx", "nginx")
    port = free_port()
    config = folder / "nginx.conf"
    # Started by root, its processes would be somebody else's, who may not read the scratch folder.
    user = "user root; " if os.geteuid() == 0 else ""
    config.write_text(_NGINX_CONFIG.format(user=user, folder=folder, root=root, port=port), encoding="utf-8")
    with running([program, "-c", str(config), "-e", str(folder / "error.log")], port, **peers.libraries()) as server:
        yield server


def get(port: int, path: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    """Return status, headers and content of one GET over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def requests_per_second(
    port: int,
    paths: Sequence[str],
    headers: Mapping[str, str],
    *,
    connections: int,
    seconds: float,
    new: bool = False,
) -> float:
    """Return how many requests a second are answered.

    Args:
        port: Where the server listens.
        paths: What is asked for, in turn.
        headers: Headers of every request.
        connections: How many clients ask at once, each as soon as it has its answer.
        seconds: How long.
        new: Whether the paths are queries, each to be made one that was never asked.

    Raises:
        PeerError: wrk, which puts the load on, is not to be had here.
        RuntimeError: Answers were no success.
    """
    wrk = peers.program("wrk", "wrk", "libluajit-5.1-2")
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as file:
        file.write("\n".join(paths) + "\n")
        file.flush()
        command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
        command += [argument for name, value in headers.items() for argument in ("-H", f"{name}: {value}")]
        command += ["-s", str(PROGRAMS / "requests.lua"), f"http://127.0.0.1:{port}", "--", file.name]
        command += ["new" if new else "same"]
        environment = os.environ | peers.libraries()
        said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(rate[1])


def drop_from_page_cache(folder: Path) -> None:
    """Let the system forget what it has read of a folder's files."""
    for file in folder.iterdir():
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
