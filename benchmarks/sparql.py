"""SPARQL: query by query and with 16 clients, and the first answers after a restart from a cold disk.

The store is an edition's, some 450 triples an article. Each timed query has a remark of its own, so that none was asked
before and no cache answers, unless the row says that queries repeat.

Run: python -m benchmarks.sparql [--graph FOLDER] [--small FOLDER] [--seconds 10]
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, QuerySolutions, Store

from benchmarks.editions import edition
from benchmarks.peers import PeerError
from benchmarks.rows import Row, Sizes
from benchmarks.serving import (
    Server,
    drop_from_page_cache,
    get,
    oxigraph,
    rdflib_endpoint,
    requests_per_second,
    triplepress,
)

_JSON: Final = {"Accept": "application/sparql-results+json"}
_PREFIXES: Final = """\
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX frbr: <http://purl.org/vocab/frbr/core#>
PREFIX pro: <http://purl.org/spar/pro/>
"""
HEAVY: Final = {
    "top cited": "SELECT ?work (COUNT(?citing) AS ?n) { ?citing cito:cites ?work }"
    " GROUP BY ?work ORDER BY DESC(?n) LIMIT 20",
    "join": "SELECT ?journal (COUNT(?cited) AS ?n) { ?article dcterms:isPartOf ?journal ; cito:cites ?cited }"
    " GROUP BY ?journal ORDER BY DESC(?n) LIMIT 20",
    "30,000 rows": "SELECT ?citing ?cited { ?citing cito:cites ?cited } LIMIT 30000",
}
LOOKUPS: Final = (
    "SELECT ?p ?o { <%s> ?p ?o }",
    "SELECT ?citing ?title { ?citing cito:cites <%s> ; dcterms:title ?title }",
    "SELECT ?name { <%s> pro:isDocumentContextFor ?role . ?role pro:isHeldBy ?who . ?who foaf:name ?name }",
    "SELECT (COUNT(*) AS ?n) { <%s> frbr:part ?reference }",
)
CLIENTS: Final = 16
_REPEATED: Final = 200
_marks = itertools.count()


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the rows of SPARQL; see `benchmarks/rows.py`."""
    large = Path(edition(sizes, sizes.large).graph)
    small = Path(edition(sizes, sizes.peer_store).graph)
    yield from rows_over(large, small, sizes.folder, sizes.seconds)


def rows_over(large: Path, small: Path, folder: Path, seconds: float) -> Iterator[Row]:
    """Yield the rows over editions that there are.

    Args:
        large: The folder of releases of the edition that is measured.
        small: That of the one that rdflib-endpoint is given.
        folder: Scratch space.
        seconds: About how long one figure is measured.
    """
    yield from _cold(large)
    cores = os.cpu_count() or 1
    with ExitStack() as stack:
        ours = stack.enter_context(triplepress(large, servers=cores))
        peer = stack.enter_context(oxigraph(large, folder))
        for name, query in HEAVY.items():
            ours_ms, peer_ms = _medians((ours, peer), query, seconds)
            ratio = ours_ms / peer_ms
            yield Row(
                what=f"SPARQL, one client, {name}",
                ours=f"{ours_ms:,.1f} ms",
                peer_name="oxigraph serve-read-only",
                peer=f"{peer_ms:,.1f} ms",
                ratio=ratio,
                target="at most 1.25 × its time",
                met=ratio <= 1.25,
                note="median over HTTP, in turns, each query new",
            )
        for what, new, least in (("each query new", True, 0.4), ("queries repeat", False, 1.0)):
            name = f"SPARQL, {CLIENTS} clients, mixed lookups, {what}"
            target = f"{least:g} × its throughput" if new else "more than its throughput"
            lookups = _lookups(large)[: None if new else _REPEATED]
            try:
                ours_rate, peer_rate = _rates((ours, peer), lookups, seconds, new=new)
            except PeerError as error:
                yield Row.left_out(name, "oxigraph serve-read-only", target, str(error))
                continue
            ratio = ours_rate / peer_rate
            yield Row(
                what=name,
                ours=f"{ours_rate:,.0f}/s",
                peer_name="oxigraph serve-read-only",
                peer=f"{peer_rate:,.0f}/s",
                ratio=ratio,
                target=target,
                met=ratio >= least,
                note=f"load by wrk; {cores} server processes; the middle of three turns each",
            )
    with triplepress(small, servers=1) as ours, rdflib_endpoint(small, folder) as peer:
        for name in ("top cited", "join"):
            ours_ms, peer_ms = _medians((ours, peer), HEAVY[name], seconds)
            yield Row(
                what=f"SPARQL, one client, {name}, smaller store",
                ours=f"{ours_ms:,.1f} ms",
                peer_name="rdflib-endpoint, stock",
                peer=f"{peer_ms:,.0f} ms",
                ratio=peer_ms / ours_ms,
                target="50 × faster",
                met=peer_ms / ours_ms >= 50,
                note="median over HTTP, in turns, each query new",
            )


def _address(server: Server, query: str) -> str:
    return f"{server.endpoint}?query={quote(_PREFIXES + query)}"


def _milliseconds(server: Server, query: str) -> float:
    """Return how long one query takes that was never asked before."""
    path = _address(server, f"{query} # {next(_marks)}.{time.time()}")
    started = time.perf_counter()
    status, _, content = get(server.port, path, _JSON)
    elapsed = (time.perf_counter() - started) * 1000
    if status != 200:
        raise RuntimeError(f"{status}: {content[:500]!r}")
    return elapsed


def _medians(servers: tuple[Server, Server], query: str, seconds: float) -> tuple[float, float]:
    """Return the median milliseconds of two servers that take turns, the first turn to warm up."""
    for server in servers:
        _milliseconds(server, query)
    times: tuple[list[float], list[float]] = ([], [])
    ends = time.monotonic() + seconds
    while len(times[0]) < 3 or (time.monotonic() < ends and len(times[0]) < 50):
        for server, of in zip(servers, times, strict=True):
            of.append(_milliseconds(server, query))
    return statistics.median(times[0]), statistics.median(times[1])


def _rates(servers: tuple[Server, Server], lookups: list[str], seconds: float, *, new: bool) -> tuple[float, float]:
    """Return the requests a second of two servers: the middle of three turns each."""
    rates: tuple[list[float], list[float]] = ([], [])
    for turn in range(4):
        for server, of in zip(servers, rates, strict=True):
            paths = [_address(server, query) for query in lookups]
            length = seconds / 3 if turn else 1
            rate = requests_per_second(server.port, paths, _JSON, connections=CLIENTS, seconds=length, new=new)
            if turn:  # the first one warms up
                of.append(rate)
    return statistics.median(rates[0]), statistics.median(rates[1])


def _lookups(graph: Path) -> list[str]:
    """Return lookups about articles drawn from an edition, always the same ones."""
    articles = articles_of(graph, 2_000)
    return [LOOKUPS[place % len(LOOKUPS)] % article for place, article in enumerate(articles)]


def articles_of(graph: Path, most: int) -> list[str]:
    """Return IRIs of articles drawn from an edition, always the same ones."""
    store = Store.read_only(str(graph / "current" / "store"))
    found = store.query("SELECT ?s { ?d <http://xmlns.com/foaf/0.1/primaryTopic> ?s }")
    if not isinstance(found, QuerySolutions):
        raise TypeError(found)
    every = sorted(row["s"].value for row in found if isinstance(row["s"], NamedNode))
    return random.Random(20260101).sample(every, min(most, len(every)))  # noqa: S311 - repeatable, no secret


def _cold(graph: Path) -> Iterator[Row]:
    """Yield the row of a restart with a cold page cache."""
    store = (graph / "current").resolve() / "store"
    articles = articles_of(graph, 60)
    drop_from_page_cache(store)
    started = time.monotonic()
    with triplepress(graph, servers=1, ready="/health") as server:
        cold = [_milliseconds(server, LOOKUPS[0] % article) for article in articles[:5]]
        while get(server.port, "/ready", {})[0] != 200:
            time.sleep(0.02)
        ready = time.monotonic() - started
        after = statistics.median(_milliseconds(server, LOOKUPS[0] % article) for article in articles[5:30])
        warm = statistics.median(_milliseconds(server, LOOKUPS[0] % article) for article in articles[5:30])
    size = sum(file.stat().st_size for file in store.iterdir())
    yield Row(
        what="first answers after a restart, page cache cold",
        ours=f"{after:.1f} ms when /ready says so",
        peer_name="itself warm",
        peer=f"{warm:.1f} ms",
        ratio=after / warm,
        target="warm within seconds",
        met=after <= 3 * warm and ready < 30,
        note=f"ready {ready:.1f} s after the command, of a store of {size / 1e6:,.0f} MB; "
        f"the first five lookups meanwhile: {max(cold):.0f} ms at most",
    )


def show(found: Iterator[Row]) -> None:
    """Print rows as they come."""
    for row in found:
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        print(f"{row.what:60} {row.ours:>28} {row.peer_name:>26} {row.peer:>14} {ratio:>8}  {row.target}  {row.note}")


def arguments(text: str | None) -> tuple[Mapping[str, Path], float]:
    """Return the folders of `--graph` and `--small`, and `--seconds`."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, required=True, help="the releases of the edition that is measured")
    parser.add_argument("--small", type=Path, help="those of the one for slow peers; the same unless it is given")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    return {"large": options.graph, "small": options.small or options.graph}, options.seconds


if __name__ == "__main__":
    graphs, length = arguments(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        show(rows_over(graphs["large"], graphs["small"], Path(scratch), length))
