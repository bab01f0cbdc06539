"""Requests to an engine, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

import httpx2

from triplepress import __version__
from triplepress.errors import QueryError, QueryTimeout, StoreDown, StoreError
from triplepress.store.remote.address import EngineAddress
from triplepress.store.remote.circuit import Circuit
from triplepress.store.remote.dataset import Placed
from triplepress.store.remote.login import Login

RESULTS: Final = "application/sparql-results+json"
# Virtuoso writes N-Triples as text/plain unless it is asked by this name.
TRIPLES: Final = "application/n-triples"
USER_AGENT: Final = f"triplepress/{__version__}"
# Overload and faults that pass: RFC 9110, 15.6; RFC 6585, section 4.
PASSING: Final = frozenset({408, 425, 429, 502, 503, 504})
_CONNECT_SECONDS: Final = 5.0
_HEAD: Final = 2000  # bytes of a refusal that are read
_SHOWN: Final = 300
# Virtuoso's words for a statement that it stopped (S1T00, SR171) and for a partial answer (S1TAT).
_STOPPED: Final = re.compile(r"\bS1T00\b|\bSR171\b|\bS1TAT\b|timed? ?out", re.IGNORECASE)
_ESTIMATED: Final = re.compile(r"estimated execution time")


class Engine:
    """One engine, asked over connections that are kept.

    Args:
        address: Where it is.
        timeout: Seconds until a request is given up.
        connections: How many requests may be under way.

    Attributes:
        circuit: What is known of whether it is away.
        timeout: Seconds until a request is given up.
    """

    def __init__(self, address: EngineAddress, *, timeout: float, connections: int) -> None:
        """Connect to nothing yet."""
        self.address = address
        self.timeout = timeout
        self.circuit = Circuit()
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": USER_AGENT},
            auth=Login(address),
            timeout=httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def ask(self, query: Placed, accept: str) -> AsyncGenerator[httpx2.Response, None]:
        """Ask a query; leaving the block early closes the connection, by which most engines stop it.

        Args:
            query: What is asked.
            accept: The one media type that is taken.

        Yields:
            The answer, whose body is still to be read.

        Raises:
            QueryError: The engine does not take the query.
            QueryTimeout: The engine stopped it.
            StoreDown: The engine cannot be reached.
            StoreError: It answers with what is no answer.
        """
        self.circuit.enter()
        try:
            async with self._client.stream(
                "POST", self.address.query, content=_form(query), headers={"Accept": accept, **_FORM_TYPE}
            ) as response:
                if response.status_code != 200:
                    raise await self._refusal(response)
                if "S1TAT" in response.headers.get("X-SQL-State", ""):
                    # Virtuoso's "anytime" answers: what it had when its MaxQueryExecutionTime was over.
                    raise QueryTimeout(self.timeout)
                self.circuit.succeeded()
                yield response
        except httpx2.TimeoutException as error:
            if isinstance(error, httpx2.ConnectTimeout):
                self.circuit.failed("it does not take connections")
                raise StoreDown("it does not take connections", self.circuit.retry_after) from error
            raise QueryTimeout(self.timeout) from error
        except httpx2.TransportError as error:
            reason = _reason(error)
            self.circuit.failed(reason)
            raise StoreDown(reason, self.circuit.retry_after) from error

    async def _refusal(self, response: httpx2.Response) -> StoreError:
        """Return the error that an engine's status means."""
        said = await _head(response)
        status = response.status_code
        if _STOPPED.search(said) and status >= 400:
            return QueryTimeout(self.timeout)
        if _ESTIMATED.search(said):
            # Virtuoso's MaxQueryCostEstimationTime.
            return QueryError("the engine expects this to take too long; ask for less at a time, or use the dumps")
        if status in PASSING:
            after = response.headers.get("Retry-After", "")
            self.circuit.failed(f"it answers {status}")
            return StoreDown(f"it answers {status}", int(after) if after.isdigit() else self.circuit.retry_after)
        self.circuit.succeeded()
        if status in {401, 403}:
            return StoreError(f"the engine asks for a login ({status}); set store_user and store_password")
        if status in {400, 413, 414, 422}:
            return QueryError(f"the engine behind this endpoint does not take it: {_first_line(said)}")
        # Virtuoso answers 500 to much that is the query's fault, its own words in the body.
        if said.startswith("Virtuoso "):
            return QueryError(f"the engine behind this endpoint does not take it: {_first_line(said)}")
        return StoreError(f"the engine behind this edition failed with status {status}: {_first_line(said)}")


_FORM_TYPE: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def _form(query: Placed) -> bytes:
    """Return a query as the body of a request."""
    fields: Sequence[tuple[str, str]] = [
        ("query", query.text),
        *(("default-graph-uri", iri) for iri in query.default_graphs),
        *(("named-graph-uri", iri) for iri in query.named_graphs),
    ]
    return urlencode(fields).encode()


async def _head(response: httpx2.Response) -> str:
    """Return the first characters of a body."""
    head = b""
    async for piece in response.aiter_bytes():
        head += piece
        if len(head) >= _HEAD:
            break
    return head[:_HEAD].decode("utf-8", "replace").strip()


def _first_line(said: str) -> str:
    """Return an engine's reason, short; it quotes the query below, with addresses that are nobody's business."""
    line = said.partition("\n")[0].strip()
    return f"{line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''}" or "it gives no reason"


def _reason(error: httpx2.TransportError) -> str:
    """Return why a request came to nothing, without addresses."""
    if isinstance(error, httpx2.ConnectError):
        return "nothing listens there"
    return "the connection broke"
