"""What any store can be asked, wherever it is: in the process, in workers, or another SPARQL engine by URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias, runtime_checkable

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from triplepress.rdf.formats import Format
from triplepress.store.frames import ResultKind

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
Row: TypeAlias = Mapping[str, Term]


@runtime_checkable
class GraphStore(Protocol):
    """A read-only graph store that the pages and the data behind every address are read from.

    Queries are the server's own, so they are trusted and small; what strangers ask goes to `QueryPool`.
    """

    async def select(self, query: str) -> Sequence[Row]:
        """Return the solutions of a SELECT query, in their order; a variable that is unbound is not in its row.

        Args:
            query: SPARQL 1.1 text; IRIs put into it are minted or checked by the caller.

        Raises:
            QueryError: The query is not valid, or no SELECT.
            StoreError: The store does not answer.
        """
        ...

    async def construct(self, query: str) -> bytes:
        """Return the triples of a CONSTRUCT or DESCRIBE query as N-Triples; raises as `select`."""
        ...

    async def ask(self, query: str) -> bool:
        """Return the answer of an ASK query; raises as `select`."""
        ...

    async def entry(self, iri: str) -> bytes | None:
        """Return what the release itself says of an article that it holds, where that need not be asked by a query.

        Args:
            iri: The article's own IRI, as it is minted.

        Returns:
            All statements whose subject is the article, a part of it, the document about it, or an earlier state of
            that, each once, as N-Triples; None where only a query can tell.
        """
        ...

    async def close(self) -> None:
        """Let go of the store once the queries that run are done."""
        ...


class Result(Protocol):
    """The answer of one query, streamed; see `workers.QueryResult`."""

    kind: ResultKind
    format: Format | None
    volatile: bool

    @property
    def size(self) -> int | None:
        """How many bytes are still to be read, None while that is not known."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the bytes of the result as they come."""
        ...


class QueryRunner(Protocol):
    """What the queries of strangers are run by: worker processes, or an engine."""

    async def close(self) -> None:
        """End every query that runs."""
        ...

    def run(
        self,
        text: str,
        *,
        results_format: Format | None,
        graph_format: Format | None,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        timeout: float | None = None,
        head_only: bool = False,
        lines: int | None = None,
    ) -> AbstractAsyncContextManager[Result]:
        """Run one query; see `workers.QueryPool.run`."""
        ...
