"""A release brought into an engine, in bounded pieces that may be sent again.

Nothing that is being read is touched: the graphs have the release in their names, and the mark that makes readers take
it comes last, when the engine has counted as many triples as the release has. There are no blank nodes in a release, so
a piece whose answer was lost is sent again and changes nothing.

References:
    SPARQL 1.1 Graph Store HTTP Protocol, sections 5.4 (DELETE) and 5.5 (POST); SPARQL 1.1 Update, section 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final
from urllib.parse import urlencode

import httpx2

from triplepress.errors import StoreDown, StoreError
from triplepress.store.protocol import Row
from triplepress.store.remote.address import EngineAddress
from triplepress.store.remote.answers import read_rows
from triplepress.store.remote.dataset import Placed, Renaming
from triplepress.store.remote.engine import PASSING, RESULTS, TRIPLES, USER_AGENT
from triplepress.store.remote.graphs import ReleaseGraphs
from triplepress.store.remote.login import Login
from triplepress.store.remote.mark import DATATYPES_APART, Mark, mark_query, read_mark

# Bytes of N-Triples in one request: some 20,000 triples.
_PIECE: Final = 4 * 1024 * 1024
# In one INSERT DATA: Virtuoso refuses statements that compile to more than 10,000 lines of its own code (SQ200, SP031).
_UPDATE_LINES: Final = 500
_SECONDS: Final = 600.0
_CONNECT_SECONDS: Final = 10.0
_ATTEMPTS: Final = 6
_FIRST_PAUSE: Final = 0.5
_SHOWN: Final = 300
# Servers look for the mark of the release that they serve every second.
_GRACE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """One graph of a release: its name in the engine, the lines of N-Triples in it in pieces, and how many they are."""

    graph: str
    pieces: Iterable[bytes]
    triples: int


class EngineWriter:
    """Writes to an engine; a context manager.

    Args:
        address: Where it is; one that is writable.
        on_wait: Told of every wait after a failure: the seconds, and why.
    """

    def __init__(self, address: EngineAddress, on_wait: Callable[[float, str], None] | None = None) -> None:
        """Connect to nothing yet."""
        self._address = address
        self._on_wait = on_wait
        self._client = httpx2.Client(
            headers={"User-Agent": USER_AGENT},
            auth=Login(address),
            timeout=httpx2.Timeout(_SECONDS, connect=_CONNECT_SECONDS),
        )

    def __enter__(self) -> EngineWriter:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    def mark(self, graphs: ReleaseGraphs) -> Mark | None:
        """Return the mark of a release, None where the engine does not have all of it."""
        return read_mark(self._select(mark_query(graphs)), graphs)

    def load(
        self,
        graphs: ReleaseGraphs,
        parts: Callable[[], Iterable[Part]],
        progress: Callable[[int], None] | None = None,
    ) -> bool:
        """Bring a release into the engine, and mark it.

        A graph that already holds as many triples as it should is taken as it is: it was filled in bulk by the engine's
        own means, or by a run that was killed before the mark.

        Args:
            graphs: The names of its graphs.
            parts: Returns its graphs.
            progress: Called with the number of triples so far.

        Returns:
            Whether anything was to be done.

        Raises:
            StoreError: The engine cannot be reached, refuses, or does not hold in the end what was sent.
        """
        if self.mark(graphs) is not None:
            return False
        apart = DATATYPES_APART if self._is_virtuoso() else {}
        done = 0
        counts: dict[str, int] = {}
        for part in parts():
            if self._count(part.graph) != part.triples:
                self.drop(part.graph)
                for piece in _batches(part.pieces, _PIECE):
                    self._add(part.graph, _renamed(piece, apart))
                    done += piece.count(b"\n")
                    if progress is not None:
                        progress(done)
                found = self._count(part.graph)
                if found != part.triples:
                    raise StoreError(
                        f"the engine holds {found:,} triples of {part.triples:,} in {part.graph}; load again, and if it"
                        " is no better, look into the engine's log"
                    )
            self._refuse_lost(part.graph, apart)
            counts[part.graph] = part.triples
        self.drop(graphs.mark)
        self._add(graphs.mark, Mark(counts, apart).ntriples())
        return True

    def unload(self, releases: Sequence[ReleaseGraphs]) -> None:
        """Drop releases: their marks first, and all else when servers have seen that."""
        for graphs in releases:
            self.drop(graphs.mark)
        if releases:
            time.sleep(_GRACE_SECONDS)
        for graphs in releases:
            for graph in (graphs.matched, graphs.inferred, graphs.facts):
                self.drop(graph)

    def marked(self, start: str, end: str) -> list[str]:
        """Return what stands between `start` and `end` in the names of the graphs of marks, sorted."""
        query = (
            "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?facts <http://rdfs.org/ns/void#triples> ?n }"
            f' FILTER(STRSTARTS(STR(?g), "{start}") && STRENDS(STR(?g), "{end}")) }}'
        )
        names = (getattr(row["g"], "value", "") for row in self._select(Placed(query, (), ())))
        return sorted(name[len(start) : -len(end)] for name in names)

    def drop(self, graph: str) -> None:
        """Delete a graph, which need not be there."""
        if self._address.graphs:
            self._send("DELETE", self._graph_address(graph), gone_is_well=True)
        else:
            # Virtuoso drops only graphs that were created by name, so it is emptied first.
            self._update(f"CLEAR SILENT GRAPH <{graph}>")
            self._update(f"DROP SILENT GRAPH <{graph}>")

    def _add(self, graph: str, ntriples: bytes) -> None:
        """Add triples to a graph."""
        if self._address.graphs:
            self._send("POST", self._graph_address(graph), ntriples, {"Content-Type": TRIPLES})
            return
        lines = ntriples.splitlines(keepends=True)
        for start in range(0, len(lines), _UPDATE_LINES):
            data = b"".join(lines[start : start + _UPDATE_LINES]).decode()
            self._update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{data}}} }}")

    def _graph_address(self, graph: str) -> str:
        """Return the address of a graph in the Graph Store Protocol."""
        address = self._address.graphs
        return f"{address}{'&' if '?' in address else '?'}{urlencode({'graph': graph})}"

    def _update(self, text: str) -> None:
        """Run an update."""
        # As a form: Virtuoso does not read application/sparql-update.
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self._send("POST", self._address.update, urlencode({"update": text}).encode(), form)

    def _count(self, graph: str) -> int:
        """Return how many triples a graph holds."""
        query = Placed("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", (graph,), ())
        return next((int(getattr(row["n"], "value", "0")) for row in self._select(query)), 0)

    def _refuse_lost(self, graph: str, apart: Mapping[str, str]) -> None:
        """Refuse a graph in which values were lost: one that was filled in bulk with what this engine does not keep."""
        for promised, held in apart.items():
            query = f"SELECT ?s WHERE {{ ?s ?p ?o FILTER(ISLITERAL(?o) && DATATYPE(?o) = <{promised}>) }} LIMIT 1"
            if self._select(Placed(query, (graph,), ())):
                raise StoreError(
                    f"{graph} has values of {promised}, which this engine does not keep as they are: drop the graph"
                    f" and let triplepress load it, or write <{held}> for that name in the dump before"
                )

    def _is_virtuoso(self) -> bool:
        """Return whether the engine is Virtuoso, by the head of its answers."""
        response = self._query(Placed("ASK { }", (), ()))
        return response.headers.get("Server", "").startswith("Virtuoso")

    def _select(self, query: Placed) -> list[Row]:
        """Return the solutions of a query."""
        return read_rows(self._query(query).content)

    def _query(self, query: Placed) -> httpx2.Response:
        """Return the answer of a query."""
        fields = [("query", query.text), *(("default-graph-uri", iri) for iri in query.default_graphs)]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": RESULTS}
        return self._send("POST", self._address.query, urlencode(fields).encode(), headers)

    def _send(
        self,
        method: str,
        url: str,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        gone_is_well: bool = False,
    ) -> httpx2.Response:
        """Send a request, and again after failures that pass.

        Raises:
            StoreDown: It failed too often.
            StoreError: The engine refuses.
        """
        pause = _FIRST_PAUSE
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._client.request(method, url, content=content, headers=headers)
            except httpx2.TransportError as error:
                reason = f"{url.partition('?')[0]}: {error or type(error).__name__}"
            else:
                if response.is_success or (gone_is_well and response.status_code == 404):
                    return response
                said = response.text.partition("\n")[0][:_SHOWN]
                reason = f"{url.partition('?')[0]} answers {response.status_code}: {said}"
                if response.status_code in {401, 403}:
                    raise StoreError(f"{reason.rstrip(': ')}; check store_user and store_password")
                # Virtuoso answers 500 to a deadlock (40001), which passes.
                if response.status_code not in PASSING and "40001" not in said:
                    raise StoreError(reason)
            if attempt < _ATTEMPTS:
                if self._on_wait is not None:
                    self._on_wait(pause, reason)
                time.sleep(pause)
                pause *= 2
        raise StoreDown(reason, int(pause))


def _batches(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield whole lines, some size at a time."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= size:
            end = waiting.rfind(b"\n") + 1
            yield bytes(waiting[:end])
            del waiting[:end]
    if waiting:
        yield bytes(waiting)


def _renamed(ntriples: bytes, names: Mapping[str, str]) -> bytes:
    """Return triples with datatypes under other names."""
    renaming = Renaming({f"^^<{promised}>": f"^^<{held}>" for promised, held in names.items()})
    return renaming.feed(ntriples) + renaming.end()
