"""The W3C tests of the SPARQL 1.1 Protocol, against a real server; those on the query side."""

from __future__ import annotations

import csv
import http.client
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from rdflib import Graph, Namespace, URIRef
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
RDFS_LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")

QUERY_SIDE = (
    "query_post_form",
    "query_dataset_default_graphs_get",
    "query_dataset_default_graphs_post",
    "query_dataset_named_graphs_post",
    "query_dataset_named_graphs_get",
    "query_dataset_full",
    "query_multiple_dataset",
    "query_get",
    "query_content_type_select",
    "query_content_type_ask",
    "query_content_type_describe",
    "query_content_type_construct",
    "query_post_direct",
    "bad_query_method",
    "bad_multiple_queries",
    "bad_query_wrong_media_type",
    "bad_query_missing_form_type",
    "bad_query_missing_direct_type",
    "bad_query_non_utf8",
    "bad_query_syntax",
)
# This edition is read-only, so an update must be refused even where it is well formed; these expect a refusal.
REFUSED_UPDATES = (
    "bad_update_get",
    "bad_multiple_updates",
    "bad_update_wrong_media_type",
    "bad_update_missing_form_type",
    "bad_update_non_utf8",
    "bad_update_syntax",
    "bad_update_dataset_conflict",
)
ACCEPTED_UPDATES = (
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
)
BOOLEAN = {"application/sparql-results+json", "application/sparql-results+xml"}
TABULAR = BOOLEAN | {"text/csv", "text/tab-separated-values"}
RDF = {"text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"}


@pytest.fixture(scope="module")
def manifest(shared: Path) -> Graph:
    path = shared / "conformance" / "sparql11" / "protocol" / "manifest.ttl"
    return Graph().parse(path, publicID=path.as_uri())


@pytest.fixture(scope="module")
def entries(manifest: Graph) -> dict[str, Node]:
    found = manifest.items(next(manifest.objects(None, MF.entries)))
    return {str(entry).rpartition("#")[2]: entry for entry in found}


@pytest.fixture(scope="module")
def authority(manifest: Graph, shared: Path, serve: Callable[..., object]) -> str:
    """A server over every graph that the tests name."""

    def quads() -> Iterator[Quad]:
        for data in set(manifest.objects(None, UT.graphData)):
            name = NamedNode(str(manifest.value(data, RDFS_LABEL)))
            path = shared / "conformance" / "sparql11" / "protocol" / Path(str(manifest.value(data, UT.graph))).name
            for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES):
                yield Quad(quad.subject, quad.predicate, quad.object, name)

    return urlsplit(serve(quads()).url).netloc  # type: ignore[attr-defined]  # the fixture's own class


def test_every_test_of_the_suite_has_its_place(entries: dict[str, Node]) -> None:
    assert set(entries) == {*QUERY_SIDE, *REFUSED_UPDATES, *ACCEPTED_UPDATES}
    assert len(QUERY_SIDE) == 20


@pytest.mark.parametrize("name", QUERY_SIDE)
def test_query(name: str, manifest: Graph, entries: dict[str, Node], authority: str) -> None:
    for request in requests_of(manifest, entries[name]):
        status, content_type, body = send(manifest, request, authority)
        check(manifest, request, status, content_type, body)


@pytest.mark.parametrize("name", [*REFUSED_UPDATES, *ACCEPTED_UPDATES])
def test_updates_are_refused(name: str, manifest: Graph, entries: dict[str, Node], authority: str) -> None:
    first = next(requests_of(manifest, entries[name]))
    status, content_type, _body = send(manifest, first, authority)
    assert 400 <= status < 500
    assert content_type == "application/problem+json"


def requests_of(manifest: Graph, entry: Node) -> Iterator[Node]:
    action = manifest.value(entry, MF.action)
    return manifest.items(manifest.value(action, HT.requests))  # type: ignore[arg-type]  # the suite has it


def send(manifest: Graph, request: Node, authority: str) -> tuple[int, str, bytes]:
    headers = {
        str(manifest.value(header, HT.fieldName)): str(manifest.value(header, HT.fieldValue))
        for listed in manifest.objects(request, HT.headers)
        for header in manifest.items(listed)
    }
    body = manifest.value(request, HT.body)
    content = b""
    if body is not None:
        encoding = str(manifest.value(body, CNT.characterEncoding))
        content = str(manifest.value(body, CNT.chars)).encode(encoding)
    connection = http.client.HTTPConnection(authority, timeout=10)
    method, path = str(manifest.value(request, HT.methodName)), str(manifest.value(request, HT.absolutePath))
    connection.request(method, path, content or None, headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.headers.get_content_type(), answer


def check(manifest: Graph, request: Node, status: int, content_type: str, body: bytes) -> None:
    expected = manifest.value(request, HT.resp)
    families = {str(code)[-3] for code in manifest.objects(expected, MF.expectedStatus)}
    assert str(status)[0] in families, body
    answer = manifest.value(expected, MF.expectedBoolean)
    if answer is not None:
        assert content_type in BOOLEAN
        assert json.loads(body)["boolean"] is answer.toPython()  # type: ignore[attr-defined]  # an rdflib literal
    expected_format = manifest.value(expected, MF.expectedFormat)
    if expected_format is not None:
        assert content_type in {"boolean": BOOLEAN, "tabular": TABULAR, "RDF": RDF}[str(expected_format)]


@pytest.mark.parametrize(
    ("accept", "rows"),
    [("text/csv", [["value"], ["1"]]), ("text/tab-separated-values", [["?value"], ["1"]])],
)
def test_a_table_has_a_header_and_its_rows(accept: str, rows: list[list[str]], authority: str) -> None:
    connection = http.client.HTTPConnection(authority, timeout=10)
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    connection.request("POST", "/sparql", "SELECT (1 AS ?value) {}", headers)
    text = connection.getresponse().read().decode()
    connection.close()
    assert list(csv.reader(io.StringIO(text), delimiter="\t" if "tab" in accept else ",")) == rows
