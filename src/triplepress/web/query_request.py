"""What a client asks of the endpoint, read as the SPARQL protocol says.

References:
    SPARQL 1.1 Protocol, section 2.1 (query operation); WHATWG URL, application/x-www-form-urlencoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from starlette.requests import Request

from triplepress.rdf.formats import (
    GRAPH_FORMATS,
    HTML,
    JSON,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RESULT_FORMATS,
    TURTLE,
    XML,
    Format,
)
from triplepress.web.negotiate import accept_of, negotiate
from triplepress.web.problems import Problem, ProblemError

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_MAX_FIELDS: Final = 1000
# A percent-escaped byte takes three.
_FORM_OVERHEAD: Final = 3
_OFFERED: Final = (*RESULT_FORMATS, *GRAPH_FORMATS, HTML)
# Names that SPARQLWrapper and others give the formats.
_OTHER_NAMES: Final = {
    "turtle": TURTLE,
    "n3": TURTLE,
    "ntriples": N_TRIPLES,
    "n-triples": N_TRIPLES,
    "json-ld": JSON_LD,
    "rdf+xml": RDF_XML,
}
# A client that says no more than `xml` or `json` means the one that fits the result.
_SIBLINGS: Final = {XML: RDF_XML, JSON: JSON_LD}
_BAD: Final = "Bad request"


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One request to the endpoint.

    Attributes:
        query: SPARQL 1.1, None when the client sent none.
        default_graphs: IRIs of `default-graph-uri`, in order.
        named_graphs: IRIs of `named-graph-uri`, in order.
        format: The format asked for by `format=`, which goes before `Accept`.
        accept: The `Accept` header, None without one.
        timeout: The deadline that the client asks for, in seconds.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: Format | None = None
    accept: str | None = None
    timeout: float | None = None

    def choose(self, offered: Sequence[Format]) -> Format | None:
        """Return the format for the client, None when it takes none of what is offered."""
        if self.format is not None:
            return next((row for row in (self.format, _SIBLINGS.get(self.format)) if row in offered), None)
        return negotiate(self.accept, offered)

    @property
    def dataset(self) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """Default and named graphs: both as named by the protocol, which then goes before FROM, or both None."""
        if self.default_graphs or self.named_graphs:
            return self.default_graphs, self.named_graphs
        return None, None


async def read_query_request(request: Request, max_bytes: int) -> QueryRequest:
    """Return what a client asks.

    Args:
        request: A GET, HEAD or POST request; its body is read.
        max_bytes: The longest query that is taken, in bytes.

    Raises:
        ProblemError: 400 for what is not a query request, 403 for an update, 413 for a query that is too long, 415 for
            a body that is neither a form nor a query.
    """
    fields = _decode_form(request.scope["query_string"], "the address")
    if request.method == "POST":
        fields += await _read_body(request, max_bytes)
    return _from_fields(fields, accept_of(request.headers), max_bytes)


async def _read_body(request: Request, max_bytes: int) -> list[tuple[str, str]]:
    """Return the fields that a request's body holds."""
    media_type, charset = _content_type(request.headers.get("content-type", ""))
    is_form = media_type == _FORM
    body = await _bounded_body(request, (_FORM_OVERHEAD if is_form else 1) * max_bytes + 64 * 1024 * is_form, max_bytes)
    if media_type == "" and not body:
        return []
    if media_type not in {_FORM, _QUERY, _UPDATE}:
        detail = f"Send the query as {_QUERY}, or as the field `query` of {_FORM}; this is “{media_type or 'nothing'}”."
        headers = {"Accept-Post": f"{_QUERY}, {_FORM}"}
        raise ProblemError(Problem(status=415, title="Unsupported media type", detail=detail, headers=headers))
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise _bad(f"The query is sent in “{charset}”; send it in UTF-8.")
    if is_form:
        return _decode_form(body, "the form")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(f"The query is not UTF-8 at byte {error.start + 1}.") from error
    return [("query" if media_type == _QUERY else "update", text)]


async def _bounded_body(request: Request, limit: int, max_bytes: int) -> bytes:
    """Return a request's body, no longer than `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_long(max_bytes)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise _too_long(max_bytes)
    return bytes(body)


def _decode_form(encoded: bytes, place: str) -> list[tuple[str, str]]:
    """Return the fields of a form, decoded once."""
    try:
        text = encoded.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError as error:
        raise _bad(f"The fields in {place} are not percent-encoded UTF-8.") from error
    except ValueError as error:
        raise _bad(f"There are more than {_MAX_FIELDS} fields in {place}.") from error


def _from_fields(fields: list[tuple[str, str]], accept: str | None, max_bytes: int) -> QueryRequest:
    """Return the request that some fields make."""

    def values(name: str) -> list[str]:
        return [value for key, value in fields if key == name]

    queries = values("query")
    if values("update"):
        detail = "Updates are not served: this edition is read-only. Ask with `query`."
        raise ProblemError(Problem(status=403, title="Updates are not served", detail=detail))
    if len(queries) > 1:
        raise _bad(f"There are {len(queries)} queries; send one at a time.")
    if queries and len(queries[0].encode("utf-8", "surrogatepass")) > max_bytes:
        raise _too_long(max_bytes)
    return QueryRequest(
        query=queries[0] if queries else None,
        default_graphs=_graphs("default-graph-uri", values("default-graph-uri")),
        named_graphs=_graphs("named-graph-uri", values("named-graph-uri")),
        format=_format(next(iter(values("format")), "")),
        accept=accept,
        timeout=_timeout(next(iter(values("timeout")), "")),
    )


def _graphs(name: str, values: list[str]) -> tuple[str, ...]:
    """Return the graphs that a parameter names; one left empty in a form names none."""
    graphs = []
    for value in values:
        if not value:
            continue
        try:
            graphs.append(NamedNode(value).value)
        except ValueError as error:
            raise _bad(f"{name}: “{value[:200]}” is no absolute IRI.") from error
    return tuple(dict.fromkeys(graphs))


def _format(value: str) -> Format | None:
    """Return the format that `format=` names, by its name or media type."""
    if not value:
        return None
    wanted = value.lower()
    if wanted in _OTHER_NAMES:
        return _OTHER_NAMES[wanted]
    for row in _OFFERED:
        if wanted in {row.name, row.media_type, *row.aliases}:
            return row
    names = ", ".join(row.name for row in _OFFERED)
    raise ProblemError(
        Problem(
            status=400,
            title=_BAD,
            detail=f"format: “{value[:100]}” is not offered; choose one of {names}.",
            extra={"offered": [{"format": row.name, "media_type": row.media_type} for row in _OFFERED]},
        )
    )


def _timeout(value: str) -> float | None:
    """Return the deadline that `timeout=` asks for, in seconds."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError as error:
        raise _bad(f"timeout: “{value[:100]}” is no number of seconds.") from error
    if not 0 < seconds < float("inf"):
        raise _bad("timeout: must be above zero.")
    return seconds


def _content_type(value: str) -> tuple[str, str]:
    """Return media type and charset of a `Content-Type`, lower-cased; empty where absent."""
    media_type, *parameters = value.split(";")
    charset = ""
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = text.strip().strip('"').lower()
    return media_type.strip().lower(), charset


def _bad(detail: str) -> ProblemError:
    """Return the problem of a request that is not understood."""
    return ProblemError(Problem(status=400, title=_BAD, detail=detail))


def _too_long(max_bytes: int) -> ProblemError:
    """Return the problem of a query that is too long."""
    detail = f"The query is longer than {max_bytes:,} bytes; ask for less at a time."
    return ProblemError(Problem(status=413, title="Query too long", detail=detail))
