"""The query editor in a browser: a form and a table, which need neither a script nor another host."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from starlette.requests import Request
from starlette.responses import Response

from triplepress.errors import StoreError
from triplepress.rdf.formats import GRAPH_FORMATS, N_TRIPLES, RESULT_FORMATS, TSV
from triplepress.store.protocol import Result, Term
from triplepress.web.dereference import edition_of
from triplepress.web.edition import Edition
from triplepress.web.examples import EXAMPLES
from triplepress.web.headers import CACHE_BRIEFLY, CONTENT_SECURITY_POLICY
from triplepress.web.problems import Problem, problem_of
from triplepress.web.query_request import QueryRequest
from triplepress.web.rendering import Site, site_of
from triplepress.web.view import compact

ROWS_SHOWN: Final = 200
# A page of more than this is no help to a reader; the whole result is a link away.
_BYTES_SHOWN: Final = 2 * 1024 * 1024
_TEXT_SHOWN: Final = 2000
# The one page with a script, which is ours and only adds a key.
_HEADERS: Final = {"Content-Security-Policy": CONTENT_SECURITY_POLICY + "; script-src 'self'"}
# Datatypes that the text itself shows.
_PLAIN: Final = frozenset({"xsd:string", "rdf:langString", "xsd:integer"})
_A_CITED_DOI: Final = """
SELECT ?doi WHERE {
  ?citing <http://purl.org/spar/cito/cites> ?cited .
  ?cited <http://prismstandard.org/namespaces/basic/2.0/doi> ?doi
} LIMIT 1"""
# What an edition without any citation shows: the DOI Handbook's own.
_SOME_DOI: Final = "10.1000/182"


@dataclass(frozen=True, slots=True)
class Cell:
    """One term as a reader sees it: its text, where it leads, its language, the name of its datatype."""

    text: str
    href: str | None = None
    lang: str | None = None
    datatype: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A result for reading: `answer` of an ASK, else `rows` under `columns`; `more` when not all rows are here."""

    kind: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    answer: bool = False
    more: bool = False


async def editor_page(request: Request) -> Response:
    """Return the editor with nothing asked yet; `?example=` fills it."""
    wanted = request.query_params.get("example")
    examples = await _examples(edition_of(request))
    query = next((text for name, _, text in examples if name == wanted), examples[0][2])
    return await _page(request, query, headers={"Cache-Control": CACHE_BRIEFLY})


async def result_page(request: Request, asked: QueryRequest) -> Response:
    """Return the editor with the answer to a query, or with what is wrong with it at its place."""
    query = asked.query or ""
    if not query.strip():
        return await editor_page(request)
    site = site_of(request)
    default_graphs, named_graphs = asked.dataset
    started = time.monotonic()
    try:
        async with edition_of(request).pool.run(
            query,
            results_format=TSV,
            graph_format=N_TRIPLES,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            timeout=asked.timeout,
            lines=ROWS_SHOWN + 2,
        ) as result:
            table = await _read_table(result, site)
            volatile = result.volatile
    except StoreError as error:
        found = problem_of(error)
        context: dict[str, Any] = {"problem": found, "place": _place(query, found)}
        headers = {"Cache-Control": "no-store", **found.headers}
        return await _page(request, query, context, status=found.status, headers=headers)
    context = {
        "table": table,
        "seconds": time.monotonic() - started,
        "downloads": _downloads(request, site, table.kind),
        "rows_shown": ROWS_SHOWN,
    }
    return await _page(request, query, context, headers={"Cache-Control": "no-store" if volatile else CACHE_BRIEFLY})


async def _page(
    request: Request,
    query: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str],
) -> Response:
    """Return the editor."""
    values = {
        "query": query,
        "timeout": request.query_params.get("timeout", ""),
        "examples": await _examples(edition_of(request)),
        "result_formats": RESULT_FORMATS,
        "graph_formats": GRAPH_FORMATS,
        "asked_language": request.query_params.get("lang"),
        "graphs": [pair for pair in request.query_params.multi_items() if pair[0].endswith("-graph-uri")],
        "problem": None,
        "table": None,
        **(context or {}),
    }
    return site_of(request).render(
        request,
        "sparql.html",
        values,
        status=status,
        headers={**_HEADERS, "Vary": "Accept, Accept-Language", **headers},
    )


async def _examples(edition: Edition) -> list[tuple[str, str, str]]:
    """Return name, title and text of each example; the DOI in them is one that the edition cites."""

    async def cited_doi() -> str:
        rows = await edition.store.select(_A_CITED_DOI)
        doi = rows[0]["doi"] if rows else None
        return doi.value if isinstance(doi, Literal) else _SOME_DOI

    doi = str(await edition.once("example doi", cited_doi)).replace("\\", "\\\\").replace('"', '\\"')
    return [(row.name, row.title, row.query.replace("$doi", doi)) for row in EXAMPLES]


async def _read_table(result: Result, site: Site) -> Table:
    """Return as much of a result as a page shows."""
    content = bytearray()
    cut = False
    async for piece in result:
        content += piece
        if len(content) > _BYTES_SHOWN:
            cut = True
            break
    if result.kind == "boolean":
        return Table("boolean", answer=content.strip() == b"true")
    if cut:
        del content[content.rfind(b"\n") + 1 :]
    columns: tuple[str, ...]
    terms: list[tuple[Term | None, ...]]
    if result.kind == "graph":
        columns = ("subject", "predicate", "object")
        terms = [(t.subject, t.predicate, t.object) for t in parse(bytes(content), format=RdfFormat.N_TRIPLES)]
    else:
        solutions = parse_query_results(bytes(content), format=QueryResultsFormat.TSV)
        if not isinstance(solutions, QuerySolutions):
            raise StoreError("the store answered with what is no table")
        columns = tuple(variable.value for variable in solutions.variables)
        terms = [tuple(solution) for solution in solutions]
    rows = tuple(tuple(_cell(term, site) for term in row) for row in terms[:ROWS_SHOWN])
    return Table(result.kind, columns, rows, more=cut or len(terms) > ROWS_SHOWN)


def _cell(term: Term | None, site: Site) -> Cell | None:
    """Return a term as a reader sees it, None for an unbound one."""
    match term:
        case None:
            return None
        case NamedNode():
            own = site.path_of(term.value)
            if own is not None:
                return Cell(term.value.removeprefix(site.settings.base) or term.value, own)
            # An IRI of the data may have any scheme; only what is a page is made a link.
            return Cell(compact(term.value), term.value if term.value.startswith(("http://", "https://")) else None)
        case Literal():
            text = term.value if len(term.value) <= _TEXT_SHOWN else term.value[:_TEXT_SHOWN] + "…"
            datatype = compact(term.datatype.value)
            return Cell(text, None, term.language, None if datatype in _PLAIN else datatype)
        case BlankNode():
            return Cell(f"_:{term.value}")
        case _:
            return Cell(str(term))


def _place(query: str, problem: Problem) -> dict[str, str] | None:
    """Return the line of a query in which it is wrong, and a mark below the place; None where it is not known."""
    line, column = problem.extra.get("line"), problem.extra.get("column")
    lines = query.split("\n")
    if not isinstance(line, int) or not isinstance(column, int) or line > len(lines):
        return None
    before = lines[line - 1][: column - 1]
    # Tabs stay tabs, so that the mark stands below its place.
    return {"line": lines[line - 1].rstrip("\r"), "mark": "".join("\t" if c == "\t" else " " for c in before) + "^"}


def _downloads(request: Request, site: Site, kind: str) -> list[tuple[str, str]]:
    """Return label and address of the whole result in each format."""
    kept = [
        (name, value) for name, value in request.query_params.multi_items() if name not in {"format", "lang", "example"}
    ]
    if request.method == "POST":
        return []
    rows = GRAPH_FORMATS if kind == "graph" else RESULT_FORMATS
    return [(row.label, f"{site.prefix}/sparql?{urlencode([*kept, ('format', row.name)])}") for row in rows]
