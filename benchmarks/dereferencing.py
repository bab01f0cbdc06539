"""Dereferencing articles in Turtle, JSON-LD and HTML, against Trifid over the same data, and nginx as the limit.

Trifid 5 has no store of its own for this size: its image for endpoints is pointed at Oxigraph's server over the same
store. Ours is measured when articles are asked for the first time, which is Trifid's own way every time, and when the
answer is kept; nginx serves the same bytes as files.

Run: python -m benchmarks.dereferencing --graph FOLDER [--seconds 10]
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.editions import edition
from benchmarks.peers import PeerError
from benchmarks.rows import Row, Sizes
from benchmarks.serving import TRIFID, get, nginx, oxigraph, requests_per_second, trifid, triplepress
from benchmarks.sparql import CLIENTS, arguments, articles_of, show

FORMATS: Final = {
    "Turtle": ("text/turtle", "/data"),
    "JSON-LD": ("application/ld+json", "/data"),
    "HTML": ("text/html", "/page"),
}
_KEPT: Final = 50
_READERS: Final = 4
_LEAST_SECONDS: Final = 5.0  # some answers of the slower one fit in
_MOST: Final = 20_000


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the rows of dereferencing; see `benchmarks/rows.py`."""
    yield from rows_over(Path(edition(sizes, sizes.large).graph), sizes.folder, sizes.seconds)


def rows_over(graph: Path, folder: Path, seconds: float) -> Iterator[Row]:
    """Yield the rows over an edition that there is.

    Args:
        graph: The folder of its releases.
        folder: Scratch space.
        seconds: About how long one figure is measured.
    """
    articles = [urlsplit(iri).path for iri in articles_of(graph, _MOST)]
    yield from _against_trifid(graph, folder, articles, seconds)
    yield from _against_nginx(graph, folder, articles[:_KEPT], seconds)


def _against_trifid(graph: Path, folder: Path, articles: list[str], seconds: float) -> Iterator[Row]:
    """Yield a row a format."""
    target = "5 × Trifid"
    try:
        with ExitStack() as stack:
            engine = stack.enter_context(oxigraph(graph, folder))
            address = f"http://127.0.0.1:{engine.port}/query"
            # The base of the workload's editions: no rewriting is needed, and Trifid is told so by its own setting.
            peer = stack.enter_context(trifid(address, "http://127.0.0.1:8000/"))
            ours = stack.enter_context(triplepress(graph, servers=os.cpu_count() or 1))
            for name, (media_type, place) in FORMATS.items():
                headers = {"Accept": media_type}
                for path in articles[:3]:
                    status, found, _ = get(peer.port, path, headers)
                    if status != 200 or not found["content-type"].startswith(media_type):
                        raise RuntimeError(f"Trifid: {path}: {status} {found}")
                told = [
                    statistics.mean(len(get(port, path, headers)[2]) for path in paths)
                    for port, paths in (
                        (ours.port, [place + path.removeprefix("/id") for path in articles[-20:]]),
                        (peer.port, articles[-20:]),
                    )
                ]
                part = len(articles) // 4
                rates: dict[str, list[float]] = {"ours": [], "peer": []}
                for turn in range(3):
                    slice_ = articles[turn * part : (turn + 1) * part]
                    own = [place + path.removeprefix("/id") for path in slice_]
                    length = max(seconds / 2, _LEAST_SECONDS) if turn else 1
                    for key, port, paths in (("ours", ours.port, own), ("peer", peer.port, slice_)):
                        rate = requests_per_second(port, paths, headers, connections=_READERS, seconds=length)
                        if turn:  # the first one warms up; who answers nothing in time counts as having answered once
                            rates[key].append(max(rate, 1 / length))
                ours_rate, peer_rate = statistics.mean(rates["ours"]), statistics.mean(rates["peer"])
                yield Row(
                    what=f"dereferencing an article, {name}, {_READERS} clients",
                    ours=f"{ours_rate:,.0f}/s",
                    peer_name=f"Trifid {TRIFID}",
                    peer=f"{peer_rate:,.0f}/s",
                    ratio=ours_rate / peer_rate,
                    target=target,
                    met=ours_rate >= 5 * peer_rate,
                    note=f"each article for the first time, {told[0]:,.0f} bytes an answer, Trifid's {told[1]:,.0f}; "
                    "Trifid over oxigraph serve-read-only; load by wrk",
                )
    except PeerError as error:
        yield Row.left_out("dereferencing an article", f"Trifid {TRIFID}", target, str(error))


def _against_nginx(graph: Path, folder: Path, articles: list[str], seconds: float) -> Iterator[Row]:
    """Yield the rows of kept answers and of 304s."""
    target = "0.25 × nginx"
    headers = {"Accept": "text/turtle"}
    paths = ["/data" + path.removeprefix("/id") for path in articles]
    root = folder / "files"
    root.mkdir(exist_ok=True)
    try:
        with triplepress(graph, servers=os.cpu_count() or 1) as ours, nginx(root, folder) as peer:
            for number, path in enumerate(paths):
                (root / f"{number}.ttl").write_bytes(get(ours.port, path, headers)[2])
            files = [f"/{number}.ttl" for number in range(len(paths))]
            size = sum(file.stat().st_size for file in root.iterdir()) / len(paths)
            # Both are asked whether the file is still the first one: of one file, since each has its own tag.
            tags = [get(ours.port, paths[0], headers)[1]["etag"], get(peer.port, files[0], {})[1]["etag"]]
            asked: dict[str, tuple[tuple[list[str], Mapping[str, str]], tuple[list[str], Mapping[str, str]]]] = {
                "answers that are kept": ((paths, headers), (files, headers)),
                "304": (
                    (paths[:1], {**headers, "If-None-Match": tags[0]}),
                    (files[:1], {"If-None-Match": tags[1]}),
                ),
            }
            for what, pair in asked.items():
                rates: tuple[list[float], list[float]] = ([], [])
                for turn in range(4):
                    for port, (wanted, sent), of in zip((ours.port, peer.port), pair, rates, strict=True):
                        # The first turn makes what is kept, in each of our processes.
                        length = seconds / 3 if turn else max(seconds, _LEAST_SECONDS)
                        rate = requests_per_second(port, wanted, sent, connections=CLIENTS, seconds=length)
                        if turn:
                            of.append(rate)
                ours_rate, peer_rate = statistics.median(rates[0]), statistics.median(rates[1])
                yield Row(
                    what=f"dereferencing an article, {what}",
                    ours=f"{ours_rate:,.0f}/s",
                    peer_name="nginx, the same bytes as files",
                    peer=f"{peer_rate:,.0f}/s",
                    ratio=ours_rate / peer_rate,
                    target=target,
                    met=ours_rate >= 0.25 * peer_rate,
                    note=f"Turtle, {size:,.0f} bytes on average, {len(paths)} articles; load by wrk, on the same cores",
                )
    except PeerError as error:
        yield Row.left_out("dereferencing an article, answers that are kept", "nginx", target, str(error))


if __name__ == "__main__":
    graphs, length = arguments(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        show(rows_over(graphs["large"], Path(scratch), length))
