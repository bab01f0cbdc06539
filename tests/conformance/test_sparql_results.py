"""The W3C tests of the result formats JSON, CSV and TSV, over HTTP from a real server."""

from __future__ import annotations

import csv
import http.client
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results
from rdflib import Graph, Namespace
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
SUITES = {
    "csv-tsv-res": ("csv01", "csv02", "csv03", "tsv01", "tsv02", "tsv03"),
    "json-res": ("jsonres01", "jsonres02", "jsonres03", "jsonres04"),
}
_BY_VALUE = "Oxigraph keeps numbers by value: 1.0E6 comes back as 1000000, xsd:negativeInteger as xsd:integer"
KNOWN_FAILURES = {"csv03": _BY_VALUE, "tsv03": _BY_VALUE}
CASES = [
    pytest.param(
        suite, name, marks=[pytest.mark.xfail(reason=KNOWN_FAILURES[name])] if name in KNOWN_FAILURES else [], id=name
    )
    for suite, names in SUITES.items()
    for name in names
]
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".srj": "application/sparql-results+json",
}


@pytest.fixture(scope="module")
def manifests(shared: Path) -> dict[str, Graph]:
    folder = shared / "conformance" / "sparql11"
    return {
        suite: Graph().parse(folder / suite / "manifest.ttl", publicID=(folder / suite / "manifest.ttl").as_uri())
        for suite in SUITES
    }


@pytest.fixture(scope="module")
def endpoint_over(serve: Callable[..., Any]) -> Callable[[Path], Any]:
    """A server over one data file, started once for each."""
    started: dict[Path, Any] = {}

    def start(data: Path) -> Any:  # noqa: ANN401 - the fixture's own class
        if data not in started:
            started[data] = serve(list(parse(path=str(data), format=RdfFormat.TURTLE)), workers=1)
        return started[data]

    return start


def entries(manifest: Graph) -> dict[str, Node]:
    return {
        str(entry).rpartition("#")[2]: entry
        for listed in manifest.objects(None, MF.entries)
        for entry in manifest.items(listed)
    }


def path_of(node: Node | None) -> Path:
    return Path(urlsplit(str(node)).path)


@pytest.mark.parametrize("suite", SUITES)
def test_every_test_of_the_suite_has_its_place(suite: str, manifests: dict[str, Graph]) -> None:
    assert set(entries(manifests[suite])) == set(SUITES[suite])


@pytest.mark.parametrize(("suite", "name"), CASES)
def test_result_format(
    suite: str, name: str, manifests: dict[str, Graph], endpoint_over: Callable[[Path], Any]
) -> None:
    manifest = manifests[suite]
    entry = entries(manifest)[name]
    action = manifest.value(entry, MF.action)
    query, data = path_of(manifest.value(action, QT.query)), path_of(manifest.value(action, QT.data))
    expected = path_of(manifest.value(entry, MF.result))
    media_type = MEDIA_TYPES[expected.suffix]
    connection = http.client.HTTPConnection(urlsplit(endpoint_over(data).url).netloc, timeout=20)
    connection.request(
        "GET", "/sparql?" + urlencode({"query": query.read_text("utf-8")}), headers={"Accept": media_type}
    )
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert (response.status, response.headers.get_content_type()) == (200, media_type)
    assert rows(content, expected.suffix) == rows(expected.read_bytes(), expected.suffix)


def rows(content: bytes, suffix: str) -> object:
    """A result without its order and without the names of its blank nodes."""
    if suffix == ".csv":
        table = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
        return Counter(frozenset((name, anonymous(value)) for name, value in row.items()) for row in table)
    if suffix == ".srj" and "boolean" in (answer := json.loads(content)):
        return answer["boolean"]
    native = QueryResultsFormat.TSV if suffix == ".tsv" else QueryResultsFormat.JSON
    solutions = parse_query_results(content, format=native)
    assert isinstance(solutions, QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return Counter(
        frozenset((name, anonymous(str(term))) for name, term in zip(names, solution, strict=True))
        for solution in solutions
    )


def anonymous(text: str) -> str:
    return "_:" if text.startswith("_:") else text
