"""How fast the endpoint answers, against two named peers over the same data in one run.

Peers: stock rdflib-endpoint over rdflib's own store, as its documentation sets it up, and Oxigraph's own server
(`oxigraph serve-read-only`). Each is started here, asked the same queries in turn, and stopped. The figures are medians
in milliseconds seen by an HTTP client on loopback, and ratios to ours.

Run: python benchmarks/endpoint.py [--citations 35000] [--rounds 30] [--slow-rounds 3]
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

_CITES: Final = NamedNode("http://purl.org/spar/cito/cites")
_TITLE: Final = NamedNode("http://purl.org/dc/terms/title")
_DOI: Final = NamedNode("http://prismstandard.org/namespaces/basic/2.0/doi")
QUERIES: Final = {
    "lookup": "SELECT ?p ?o { <http://example.org/id/doi/10.1000/42> ?p ?o }",
    "who cites": "SELECT ?citing ?title {"
    " ?citing <http://purl.org/spar/cito/cites> <http://example.org/id/doi/10.1000/7> ."
    " ?citing <http://purl.org/dc/terms/title> ?title }",
    "top cited": "SELECT ?work (COUNT(?citing) AS ?n) { ?citing <http://purl.org/spar/cito/cites> ?work }"
    " GROUP BY ?work ORDER BY DESC(?n) LIMIT 20",
    "all citations": "SELECT ?citing ?cited { ?citing <http://purl.org/spar/cito/cites> ?cited }",
}
_OURS: Final = """
import asyncio, sys
from pathlib import Path
import uvicorn
from triplepress.settings import Settings
from triplepress.web.app import create_app
port = int(sys.argv[1])
app = create_app(Settings(base=f"http://127.0.0.1:{port}/", query_timeout=120), Path(sys.argv[2]))
uvicorn.run(app, port=port, log_level="error", access_log=False)
"""
_RDFLIB_ENDPOINT: Final = """
import sys
import uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
graph = Graph().parse(sys.argv[2], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def quads(citations: int) -> Iterator[Quad]:
    """Give a citation network: articles with title and DOI, some works cited far more often than others."""
    chance = random.Random(20260101)  # noqa: S311 - a repeatable network, no secret
    articles = citations // 12
    work = "http://example.org/id/doi/10.1000/{}".format
    for number in range(articles):
        article = NamedNode(work(number))
        yield Quad(article, _TITLE, Literal(f"Article number {number}", language="en"))
        yield Quad(article, _DOI, Literal(f"10.1000/{number}"))
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < citations:
        pairs.add((chance.randrange(articles), int(2 * articles * chance.random() ** 3)))
    for citing, cited in sorted(pairs):
        yield Quad(NamedNode(work(citing)), _CITES, NamedNode(work(cited)))


def main() -> None:
    """Build the data, start the peers, ask them in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--citations", type=int, default=35_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--slow-rounds", type=int, default=3, help="rounds of what takes longer than a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as peers:
        graph, ntriples = build(Path(folder), options.citations)
        release = next((graph / "releases").iterdir())
        # Oxigraph's server holds a lock on its store.
        copy = Path(shutil.copytree(release / "store", Path(folder) / "copy"))
        ports = {name: free_port() for name in ("triplepress", "oxigraph", "rdflib-endpoint")}
        oxigraph = ["serve-read-only", "--location", str(copy), "--bind", f"127.0.0.1:{ports['oxigraph']}"]
        commands = {
            "triplepress": [sys.executable, "-c", _OURS, str(ports["triplepress"]), str(graph)],
            "oxigraph": [shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph", *oxigraph],
            "rdflib-endpoint": [sys.executable, "-c", _RDFLIB_ENDPOINT, str(ports["rdflib-endpoint"]), str(ntriples)],
        }
        addresses = {}
        for name, command in commands.items():
            peers.enter_context(running(command, ports[name]))
            addresses[name] = (ports[name], "/query" if name == "oxigraph" else "/sparql")
        show(measure(addresses, options.rounds, options.slow_rounds), options.citations)


def build(folder: Path, citations: int) -> tuple[Path, Path]:
    """Write a release to serve and the same data as N-Triples; return the paths of both."""
    data = list(quads(citations))
    release = folder / "graph" / "releases" / "20260101T000000Z-00000000"
    release.mkdir(parents=True)
    store = Store(str(release / "store"))
    store.bulk_extend(data)
    store.flush()
    (release / "manifest.json").write_text(json.dumps({"release": release.name}), encoding="utf-8")
    (folder / "graph" / "current").symlink_to(Path("releases") / release.name)
    ntriples = folder / "data.nt"
    serialize((quad.triple for quad in data), str(ntriples), format=RdfFormat.N_TRIPLES)
    return folder / "graph", ntriples


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server until the block ends; the block begins when it takes connections."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def measure(
    addresses: Mapping[str, tuple[int, str]], rounds: int, slow_rounds: int
) -> dict[str, dict[str, tuple[float, int]]]:
    """Return median milliseconds and rows, by query and peer; the peers take turns within each round."""
    figures: dict[str, dict[str, tuple[float, int]]] = {}
    for title, query in QUERIES.items():
        times: dict[str, list[float]] = {name: [] for name in addresses}
        rows: dict[str, int] = {}
        slow: set[str] = set()
        for turn in range(rounds + 1):
            for name, (port, path) in addresses.items():
                if name in slow and turn > slow_rounds:
                    continue
                seconds, rows[name] = ask(port, path, query)
                if seconds > 1:
                    slow.add(name)
                # The first turn warms the caches of all.
                if turn:
                    times[name].append(seconds * 1000)
        figures[title] = {name: (statistics.median(times[name]), rows[name]) for name in addresses}
    return figures


def ask(port: int, path: str, query: str) -> tuple[float, int]:
    """Return the seconds of one query over a connection of its own, and the rows of its answer."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Accept": "application/sparql-results+json"}
    connection.request("GET", f"{path}?{urlencode({'query': query})}", headers=headers)
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - started
    connection.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{response.status}: {body[:500]!r}")
    return seconds, len(json.loads(body)["results"]["bindings"])


def show(figures: dict[str, dict[str, tuple[float, int]]], citations: int) -> None:
    """Print the table."""
    print(f"{citations:,} citations; median ms, and the ratio to triplepress")
    for title, row in figures.items():
        ours = row["triplepress"][0]
        cells = (f"{name} {figure:9.2f} ms ({figure / ours:7.2f})" for name, (figure, _) in row.items())
        print(f"{title:14} {row['triplepress'][1]:7,} rows   " + "   ".join(cells))
        if len({rows for _, rows in row.values()}) > 1:
            print(f"    the answers differ: {row}")


if __name__ == "__main__":
    main()
