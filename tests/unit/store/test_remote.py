"""The parts that stand between a client and an engine."""

from __future__ import annotations

import pytest

from triplepress.errors import QueryError, SettingsError, StoreDown, StoreError
from triplepress.settings import Settings
from triplepress.store.remote.address import engine_address
from triplepress.store.remote.answers import read_boolean, read_triples, repaired
from triplepress.store.remote.circuit import Circuit
from triplepress.store.remote.dataset import Dataset, Renaming
from triplepress.store.remote.graphs import release_graphs
from triplepress.store.remote.mark import Mark

BASE = "https://data.example.org/"
GRAPHS = release_graphs(BASE, "20260101T000000Z-0123abcd")
DURATION, HELD = "http://www.w3.org/2001/XMLSchema#duration", "urn:triplepress:duration"
DATASET = Mark({GRAPHS.facts: 3, GRAPHS.matched: 2}, {DURATION: HELD}).dataset(GRAPHS, f"{BASE}sparql")
PROMISED = f"{BASE}graph/matched"


def test_the_dataset_is_the_release_and_nothing_else() -> None:
    placed = DATASET.place("SELECT * WHERE { ?s ?p ?o }")
    assert placed.default_graphs == (GRAPHS.facts,)
    assert placed.named_graphs == (GRAPHS.matched,)
    assert placed.text == f"BASE <{BASE}sparql> SELECT * WHERE {{ ?s ?p ?o }}"


def test_a_dataset_is_never_left_empty() -> None:
    bare = Dataset(BASE, GRAPHS.facts, GRAPHS.none, {}, {})
    assert bare.place("ASK { }").named_graphs == (GRAPHS.none,)
    assert bare.place("ASK { }", (), (PROMISED,)).default_graphs == (GRAPHS.none,)


def test_what_a_client_names_is_looked_up() -> None:
    placed = DATASET.place("ASK { }", (PROMISED, "http://example.org/else"), ())
    assert placed.default_graphs == (GRAPHS.matched, GRAPHS.none)


@pytest.mark.parametrize(
    "clauses",
    [
        f"FROM <{PROMISED}> FROM NAMED <{PROMISED}>",
        f"from<{PROMISED}>#\nfrom # it\n named </graph/matched>",
        "FROM g:matched FROM NAMED g:matched",
    ],
)
def test_clauses_go_into_the_dataset_and_out_of_the_text(clauses: str) -> None:
    query = f"PREFIX g: <{BASE}graph/> SELECT * {clauses} WHERE {{ ?s ?p ?o }}"
    placed = DATASET.place(query)
    assert placed.default_graphs == placed.named_graphs == (GRAPHS.matched,)
    assert "from" not in placed.text.lower()
    assert "{ ?s ?p ?o }" in placed.text


def test_names_are_exchanged_where_they_are_names() -> None:
    query = (
        f"PREFIX g: <{BASE}graph/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
        f"SELECT * {{ GRAPH g:matched {{ ?s ?p 'P1Y'^^xsd:duration }} GRAPH <http://example.org/x> {{ ?s ?p ?o }}"
        f" FILTER(?g = </graph/matched> && ?a<?b && STR(?x) = '<{PROMISED}>') }}"
    )
    placed = DATASET.place(query)
    assert f"GRAPH <{GRAPHS.matched}> {{ ?s ?p 'P1Y'^^<{HELD}> }}" in placed.text
    assert f"GRAPH <{GRAPHS.none}>" in placed.text
    assert f"?g = <{GRAPHS.matched}> && ?a<?b" in placed.text
    assert f"'<{PROMISED}>'" in placed.text  # a text stays
    assert GRAPHS.none in placed.named_graphs


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<bif:http_get>('http://x/') AS ?x) { }",
        "PREFIX q: <SQL:> SELECT (q:rand(1) AS ?x) { }",
        "BASE <java:> SELECT (<java.lang.System>() AS ?x) { }",
        r"SELECT (<\u0062if:x>() AS ?x) { }",
        r"ASK { ?s ?p '\u0027 } #' }",
    ],
)
def test_an_engines_own_functions_are_refused(query: str) -> None:
    with pytest.raises(QueryError):
        DATASET.place(query)


def test_escapes_of_other_scripts_are_decoded() -> None:
    assert "<http://example.org/ж>" in DATASET.place(r"ASK { <http://example.org/\u0436> ?p ?o }").text


@pytest.mark.parametrize("size", [1, 2, 7, 50, 1000])
def test_names_are_exchanged_back_wherever_a_piece_ends(size: int) -> None:
    stream = f'<{GRAPHS.matched}> <{GRAPHS.facts}> "{HELD}" {GRAPHS.matched[:-1]} {GRAPHS.matched}'.encode() * 3
    renaming = DATASET.renaming()
    pieces = [renaming.feed(stream[start : start + size]) for start in range(0, len(stream), size)]
    expected = stream.replace(GRAPHS.matched.encode(), PROMISED.encode()).replace(HELD.encode(), DURATION.encode())
    assert b"".join(pieces) + renaming.end() == expected


def test_escaped_slashes_of_json_are_names_too() -> None:
    renaming = Renaming({"http://a/b": "http://c/d"})
    assert renaming.feed(rb'"http:\/\/a\/b"') + renaming.end() == rb'"http:\/\/c\/d"'


def test_an_escape_that_is_none_is_repaired() -> None:
    assert repaired(rb'"<\/b> \\/ \\\/ \n"') == rb'"</b> \\/ \\/ \n"'
    line = rb'<http://e/s>	<http://e/p>	"<\/b>\u0436" .' + b"\n"
    assert read_triples(line + line) == '<http://e/s> <http://e/p> "</b>ж" .\n'.encode()


def test_an_answer_in_a_table_is_one() -> None:
    yes = b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[{"__ASK_RETVAL":{"type":"literal","value":"1"}}]}}'
    assert read_boolean(yes)
    assert not read_boolean(b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[]}}')
    with pytest.raises(StoreError):
        read_boolean(b"<html>")


def test_a_circuit_opens_and_lets_one_through() -> None:
    now = 0.0
    circuit = Circuit(lambda: now)
    for _ in range(3):
        circuit.enter()
        circuit.failed("it is away")
    with pytest.raises(StoreDown, match="it is away"):
        circuit.enter()
    now = 1.5
    circuit.enter()
    with pytest.raises(StoreDown):
        circuit.enter()
    circuit.succeeded()
    circuit.enter()
    circuit.enter()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("store", "http://host/query"),
        ("store", "sparql:"),
        ("store", "sparql:ftp://host/query"),
        ("store", "sparql:http://me:secret@host/query"),
        ("store", "sparql:http://host:port/query"),
    ],
)
def test_an_address_that_is_none_is_refused(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        engine_address(Settings(**{key: value}))  # type: ignore[arg-type]  # one setting
    assert refused.value.key == "store"


def test_a_password_is_not_shown() -> None:
    address = engine_address(Settings(store="sparql:http://host/query", store_password="hush"))  # noqa: S106 - no secret
    assert "hush" not in repr(address)
