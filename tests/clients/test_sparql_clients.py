"""Clients that we did not write, and a browser's request without one."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

CITES = "http://purl.org/spar/cito/cites"
TITLE = "http://purl.org/dc/terms/title"
DOI = "http://prismstandard.org/namespaces/basic/2.0/doi"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def quads() -> Iterator[Quad]:
    for number in range(300):
        article = NamedNode(f"http://example.org/a{number}")
        yield Quad(article, NamedNode(CITES), NamedNode(f"http://example.org/a{number // 10}"))
        yield Quad(article, NamedNode(TITLE), Literal(f"Статья <{number}>", language="ru"))
        yield Quad(article, NamedNode(DOI), Literal(f"10.1000/{number}"))
    # The kind of DOI in which a form that is decoded twice breaks.
    yield Quad(NamedNode("http://example.org/10.1002/(SICI)1%3C1::AID%3E"), NamedNode(TITLE), Literal("sici"))
    yield Quad(
        NamedNode("http://example.org/x"), NamedNode(TITLE), Literal("elsewhere"), NamedNode("http://example.org/g")
    )


@pytest.fixture(scope="module")
def endpoint(serve: Callable[..., Any]) -> Any:  # noqa: ANN401 - the fixture's own class
    return serve(quads(), workers=2, query_timeout=10)


def fetch(
    endpoint: Any,  # noqa: ANN401 - as above
    path: str,
    *,
    method: str = "GET",
    body: str | None = None,
    **headers: str,
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=20)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers, text


def ask(endpoint: Any, query: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:  # noqa: ANN401 - as above
    return fetch(endpoint, "/sparql?" + urlencode({"query": query}), **headers)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_reads_every_format(method: str, endpoint: Any) -> None:  # noqa: ANN401 - as above
    client: Any = SPARQLWrapper(endpoint.sparql)
    client.setMethod(method)
    client.setQuery(f"SELECT ?s {{ ?s <{DOI}> '10.1000/7' }}")
    client.setReturnFormat(JSON)
    assert client.query().convert()["results"]["bindings"][0]["s"]["value"] == "http://example.org/a7"
    client.setReturnFormat(XML)
    assert "http://example.org/a7" in client.query().convert().toxml()
    client.setReturnFormat(CSV)
    assert client.query().convert().split() == [b"s", b"http://example.org/a7"]
    client.setQuery(f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s <{DOI}> '10.1000/7' ; ?p ?o }}")
    client.setReturnFormat(TURTLE)
    assert len(Graph().parse(data=client.query().convert(), format="turtle")) == 3


def test_sparqlwrapper_sees_an_error_as_one(endpoint: Any) -> None:  # noqa: ANN401 - as above
    client = SPARQLWrapper(endpoint.sparql)
    client.setQuery("SELECT ?s { ?s ?p }")
    with pytest.raises(QueryBadFormed):
        client.query()


def test_rdflib_reads_the_graph_through_its_sparql_store(endpoint: Any) -> None:  # noqa: ANN401 - as above
    graph = Graph(SPARQLStore(endpoint.sparql))
    assert len(list(graph.objects(URIRef("http://example.org/a7"), URIRef(TITLE)))) == 1
    assert len(list(graph.subjects(URIRef(CITES), URIRef("http://example.org/a3")))) == 10
    rows: Any = graph.query(f"SELECT (COUNT(*) AS ?n) {{ ?s <{CITES}> ?o }}")
    assert [row[0].toPython() for row in rows] == [300]


# rdflib warns of what its own JSON-LD parser uses.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_rdflib_parses_every_graph_format(media_type: str, endpoint: Any) -> None:  # noqa: ANN401 - as above
    query = f"PREFIX cito: <http://purl.org/spar/cito/> CONSTRUCT WHERE {{ ?s <{CITES}> <http://example.org/a3> }}"
    status, headers, text = ask(endpoint, query, Accept=media_type)
    assert (status, headers.get_content_type()) == (200, media_type)
    parser = {"application/ld+json": "json-ld", "application/n-triples": "nt"}.get(media_type, media_type)
    assert len(Graph().parse(data=text, format=parser)) == 10
    assert ("cito:cites" in text) == (media_type == "text/turtle")


def test_curl(endpoint: Any) -> None:  # noqa: ANN401 - as above
    command = ["curl", "-sS", "--fail-with-body", "--max-time", "20", endpoint.sparql]
    query = f"SELECT ?s {{ ?s <{DOI}> '10.1000/7' }}"
    for extra in (["-G"], []):
        done = subprocess.run(
            [*command, *extra, "-H", "Accept: text/csv", "--data-urlencode", f"query={query}"],
            capture_output=True,
            check=True,
            timeout=30,
        )
        assert done.stdout.split() == [b"s", b"http://example.org/a7"]
    done = subprocess.run(
        [*command, "-H", "Content-Type: application/sparql-query", "--data-binary", query],
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert json.loads(done.stdout)["results"]["bindings"][0]["s"]["type"] == "uri"


def test_a_form_is_decoded_once(endpoint: Any) -> None:  # noqa: ANN401 - as above
    query = f"ASK {{ <http://example.org/10.1002/(SICI)1%3C1::AID%3E> <{TITLE}> 'sici' }}"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    for status, _, text in (
        ask(endpoint, query),
        fetch(endpoint, "/sparql", method="POST", body=urlencode({"query": query}), **form),
        fetch(endpoint, "/sparql/", method="POST", body=query, Content_Type="application/sparql-query; charset=UTF-8"),
    ):
        assert (status, json.loads(text)["boolean"]) == (200, True)


def test_the_protocols_graphs_go_before_from(endpoint: Any) -> None:  # noqa: ANN401 - as above
    query = "SELECT ?s FROM <http://example.org/none> { ?s <http://purl.org/dc/terms/title> 'elsewhere' }"
    assert json.loads(ask(endpoint, query)[2])["results"]["bindings"] == []
    fields = urlencode({"query": query, "default-graph-uri": "http://example.org/g"})
    assert len(json.loads(fetch(endpoint, f"/sparql?{fields}")[2])["results"]["bindings"]) == 1
    fields = urlencode({"query": f"ASK {{ ?s <{TITLE}> ?o }}", "named-graph-uri": "http://example.org/g"})
    assert json.loads(fetch(endpoint, f"/sparql?{fields}")[2])["boolean"] is False


def test_facts_alone_are_seen_by_default(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert json.loads(ask(endpoint, f"ASK {{ ?s <{TITLE}> 'elsewhere' }}")[2])["boolean"] is False
    assert json.loads(ask(endpoint, f"ASK {{ GRAPH ?g {{ ?s <{TITLE}> 'elsewhere' }} }}")[2])["boolean"] is True


@pytest.mark.parametrize("accept", ["text/turtle", "image/png", "application/rdf+xml, text/turtle;q=0.5"])
def test_nothing_that_fits_is_406_with_a_list(accept: str, endpoint: Any) -> None:  # noqa: ANN401 - as above
    status, headers, text = ask(endpoint, "ASK {}", Accept=accept)
    assert (status, headers.get_content_type()) == (406, "application/problem+json")
    assert "application/sparql-results+json" in {row["media_type"] for row in json.loads(text)["offered"]}


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT ?s {\n  ?s ?p ?o\n  FILTER(?o >)\n}", 3, 3),
        ("SELECT ?s { ?s ?p }", 1, 13),
        ("SELECT ?s { ?s ex:p ?o }", 1, 16),
        ("ASK {", 1, 6),
        ("ASK {\n SERVICE <http://127.0.0.1/> {} }", 2, 2),
        ("ASK {} ASK {}", 1, 8),
        ("INSERT DATA { <a> <b> <c> }", 1, 1),
        ("SELECT ?s { ?s ?p 'é😀' } ORDER ?s", 1, 26),
    ],
)
def test_an_error_has_its_place(query: str, line: int, column: int, endpoint: Any) -> None:  # noqa: ANN401 - as above
    status, headers, text = ask(endpoint, query)
    problem = json.loads(text)
    assert (status, headers.get_content_type()) == (400, "application/problem+json")
    assert (problem["line"], problem["column"]) == (line, column)
    assert headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "ASK {}", "default-graph-uri": "not an iri"},
        {"query": "ASK {}", "format": "docx"},
        {"query": "ASK {}", "timeout": "soon"},
        {"query": "ASK {}", "timeout": "-1"},
        {"query": ""},
    ],
)
def test_bad_parameters(fields: dict[str, str], endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert fetch(endpoint, f"/sparql?{urlencode(fields)}")[0] == 400


def test_bytes_that_are_no_utf_8(endpoint: Any) -> None:  # noqa: ANN401 - as above
    assert fetch(endpoint, "/sparql?query=ASK%20%7B%7D%20%23%FF")[0] == 400


def test_format_goes_before_accept(endpoint: Any) -> None:  # noqa: ANN401 - as above
    for name, media_type in (("csv", "text/csv"), ("xml", "application/sparql-results+xml")):
        fields = urlencode({"query": "SELECT (1 AS ?x) {}", "format": name})
        _, headers, _ = fetch(endpoint, f"/sparql?{fields}", Accept=BROWSER)
        assert headers.get_content_type() == media_type


def test_head_has_the_headers_of_get(endpoint: Any) -> None:  # noqa: ANN401 - as above
    path = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o }"})
    got, head = fetch(endpoint, path)[1], fetch(endpoint, path, method="HEAD")
    assert head[0] == 200
    assert head[2] == ""
    assert {name: head[1][name] for name in ("Content-Type", "ETag", "Vary")} == {
        name: got[name] for name in ("Content-Type", "ETag", "Vary")
    }


def test_options_allow_any_origin_without_credentials(endpoint: Any) -> None:  # noqa: ANN401 - as above
    status, headers, _ = fetch(endpoint, "/sparql", method="OPTIONS", Origin="https://elsewhere.example")
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Credentials"] is None


def test_an_answer_is_not_sent_twice(endpoint: Any) -> None:  # noqa: ANN401 - as above
    _, headers, _ = ask(endpoint, "SELECT * { ?s ?p ?o }")
    assert headers["Vary"] == "Accept"
    status, again, text = ask(endpoint, "SELECT * { ?s ?p ?o }", If_None_Match=headers["ETag"])
    assert (status, text, again["ETag"]) == (304, "", headers["ETag"])
    assert ask(endpoint, "SELECT * { ?s ?p ?o }", If_None_Match=headers["ETag"], Accept="text/csv")[0] == 200
    assert ask(endpoint, "SELECT (RAND() AS ?r) {}")[1]["ETag"] is None


def test_without_a_query_a_program_gets_the_service_description(endpoint: Any) -> None:  # noqa: ANN401 - as above
    for path in ("/sparql", "/sparql/"):
        _, headers, text = fetch(endpoint, path)
        assert headers.get_content_type() == "text/turtle"
        service = URIRef("http://www.w3.org/ns/sparql-service-description#Service")
        assert (None, None, service) in Graph().parse(data=text, format="turtle")
    assert fetch(endpoint, "/sparql", Accept="application/rdf+xml")[1].get_content_type() == "application/rdf+xml"
    assert fetch(endpoint, "/sparql", method="POST")[0] == 400


def test_every_bytes_of_xml_is_well_formed(endpoint: Any) -> None:  # noqa: ANN401 - as above
    _, _, text = ask(endpoint, f"SELECT ?t {{ ?s <{TITLE}> ?t }}", Accept="application/sparql-results+xml")
    assert len(ET.fromstring(text)[1]) == 301  # noqa: S314 - our own server's


class TestEditor:
    def test_it_needs_no_other_host_and_no_script_inline(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        status, headers, page = fetch(endpoint, "/sparql", Accept=BROWSER)
        assert (status, headers.get_content_type()) == (200, "text/html")
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "<script>" not in page
        assert " onclick" not in page
        assert "//cdn" not in page

    def test_an_example_fills_the_form_and_runs(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        page = fetch(endpoint, "/sparql?example=cited-by", Accept=BROWSER)[2]
        query = page.partition('aria-describedby="query-help">')[2].partition("</textarea>")[0]
        assert "cito:cites" in query
        assert "$doi" not in query

    def test_a_result_is_a_table(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        _, _, page = ask(endpoint, f"SELECT ?t {{ <http://example.org/a7> <{TITLE}> ?t }}", Accept=BROWSER)
        assert "Статья &lt;7&gt;" in page
        assert 'lang="ru"' in page
        assert "format=csv" in page

    def test_a_long_table_says_that_it_is_cut(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        _, _, page = ask(endpoint, "SELECT * { ?s ?p ?o }", Accept=BROWSER)
        assert "Only the first 200 rows are shown." in page
        assert page.count("<tr>") == 201
        assert ask(endpoint, "SELECT * { ?s ?p ?o } LIMIT 200", Accept=BROWSER)[2].count("<tr>") == 201
        assert "Only the first" not in ask(endpoint, "SELECT * { ?s ?p ?o } LIMIT 200", Accept=BROWSER)[2]

    def test_a_graph_and_an_answer(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        assert (
            ">cito:<wbr>cites</a>" in ask(endpoint, f"CONSTRUCT WHERE {{ ?s <{CITES}> ?o }} LIMIT 3", Accept=BROWSER)[2]
        )
        assert '<p class="answer">Yes</p>' in ask(endpoint, "ASK {}", Accept=BROWSER)[2]

    def test_an_error_is_shown_at_its_place(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        status, _, page = ask(endpoint, "SELECT ?s {\n  ?s ?p ?o FILTER(?o >)\n}", Accept=BROWSER)
        assert status == 400
        assert 'role="alert"' in page
        assert "  ?s ?p ?o FILTER(?o &gt;)\n           ^" in page

    def test_what_is_asked_is_never_markup(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        query = "SELECT ('<script>x</script>' AS ?x) (IRI('javascript:x') AS ?y) {} # </textarea><script>"
        page = ask(endpoint, query, Accept=BROWSER)[2]
        assert "<script>" not in page
        assert 'href="javascript' not in page

    def test_russian(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        _, headers, page = fetch(endpoint, "/sparql", Accept=BROWSER, Accept_Language="ru")
        assert headers["Content-Language"] == "ru"
        assert "Запрос" in page

    def test_the_script_is_served(self, endpoint: Any) -> None:  # noqa: ANN401 - as above
        page = fetch(endpoint, "/sparql", Accept=BROWSER)[2]
        address = page.partition('<script src="')[2].partition('"')[0]
        status, headers, text = fetch(endpoint, quote(address))
        assert (status, headers.get_content_type()) == (200, "text/javascript")
        assert "requestSubmit" in text
