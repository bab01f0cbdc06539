from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from triplepress.errors import QueryError
from triplepress.store.guard import (
    check_query,
    declared_prefixes,
    find_service,
    find_update,
    is_volatile,
    position,
)

REFUSED = [
    "ASK { SERVICE <http://x/> {} }",
    "ASK { service<http://x/>{} }",
    "ASK { sErViCe <http://x/> { ?s ?p ?o } }",
    "ASK { SERVICE SILENT ?x {} }",
    "ASK { SERVICE\nSILENT\t<http://x/> {} }",
    "ASK { SERVICESILENT<http://x/>{} }",
    "ASK { SERVICE#<\n<http://x/> {} }",
    "ASK { SERVICE ?where {} }",
    "ASK { SERVICE $where {} }",
    "PREFIX ex: <http://x/> ASK { SERVICE ex:sparql {} }",
    "PREFIX ex: <http://x/> ASK { SERVICEex:sparql {} }",
    "PREFIX : <http://x/> ASK { SERVICE:sparql {} }",
    "PREFIX : <http://x/> ASK { ?s ?p true.SERVICE:sparql {} }",
    "ASK { ?s ?p 1SERVICE<http://x/>{} }",
    "ASK { ?s ?p 1.5e3SERVICE<http://x/>{} }",
    "ASK { ?s ?p trueSERVICE<http://x/>{} }",
    'ASK { ?s ?p "text"SERVICE<http://x/>{} }',
    "ASK { ?s ?p 'it\\'s' SERVICE <http://x/> {} }",
    "ASK { ?s ?p '''a'b''c\\'''' SERVICE <http://x/> {} }",
    "ASK { ?s ?p ('') . SERVICE <http://x/> {} }",
    "ASK { ?s ex:service ?o . SERVICE <http://x/> {} }",
    "ASK { ?s a ex:b.\nSERVICE <http://x/> {} }",
    "ASK { ?s <http://x/SERVICE> ?o . SERVICE <http://x/> {} }",
    "# SERVICE\nASK { SERVICE <http://x/> {} }",
    "ASK { # '\nSERVICE <http://x/> {} # '\n}",
    "ASK { \\u0053ERVICE <http://x/> {} }",
    "ASK { \\U00000053ERVIC\\u0045 <http://x/> {} }",
    'ASK { ?s ?p "a\\u0022" SERVICE <http://x/> {} ?s ?p "b" }',
    'ASK { FILTER(?a<1#>"""\n) SERVICE <http://x/> {} #"""\n}',
    "ASK { FILTER(?a<1)SERVICE?x#>\n{} }",
    "ASK { FILTER(EXISTS{}<1)SERVICE?x#>\n{} }",
    "SELECT * { { SELECT * { OPTIONAL { SERVICE <http://x/> {} } } } }",
    "ASK FROM <http://x/SERVICE> { SERVICE <http://x/> {} }",
]
ALLOWED = [
    "SELECT * { ?s ex:service ?service }",
    "SELECT ?SERVICE { ?s ?p $service }",
    'ASK { ?s ?p "SERVICE" }',
    'ASK { ?s ?p "SERVICE <http://x/> {}" }',
    "ASK { ?s ?p '''\nSERVICE <http://x/> {}\n''' }",
    'ASK { ?s ?p """ " SERVICE <http://x/> {} """ }',
    "ASK { ?s ?p 'it\\'s SERVICE <http://x/> {}' }",
    "ASK { ?s ?p <http://x/SERVICE> }",
    "ASK { ?s <http://x/SERVICE> ?o }",
    "ASK { ?s <http://x/a#service> ?o FILTER(?o < 3) }",
    "VALUES (?a ?b) { (<http://x/> <http://x/service/1>) } ASK {}",
    "ASK { ?s ?p ?o } # SERVICE <http://x/> {}",
    'ASK { ?s ?p "a"@service }',
    "ASK { _:service ?p ?o }",
    "PREFIX service: <http://x/> ASK { service:a service:b service:c . service:d ?p ?o }",
    "PREFIX service: <http://x/> ASK { GRAPH service:g { ?s ?p ?o } }",
    "PREFIX ex: <http://x/> ASK { ex:a ex:b.SERVICE ex:c }",
    "PREFIX a: <http://x/> ASK { ?s ?p a:b.SERVICE }",
    "ASK { ?s ?p ?o FILTER(?o<5 && ?o>3) }",
    "",
]


@pytest.mark.parametrize("query", REFUSED)
def test_service_is_refused_in_every_spelling(query: str) -> None:
    assert find_service(query) is not None


@pytest.mark.parametrize("query", ALLOWED)
def test_what_only_looks_like_service_is_allowed(query: str) -> None:
    check_query(query)


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("ASK { SERVICE <http://x/> {} }", 1, 7),
        ("ASK {\n  SERVICE <http://x/> {} }", 2, 3),
        ("ASK { ?s ?p 'é😀' .\nSERVICE <http://x/> {} }", 2, 1),
        ("ASK { ?s ?p '\\u00e9' . \\u0053ERVICE <http://x/> {} }", 1, 24),
    ],
)
def test_the_place_is_told(query: str, line: int, column: int) -> None:
    with pytest.raises(QueryError) as caught:
        check_query(query)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <a> <b> <c> }",
        "PREFIX a: <b> BASE <http://x/>\nDELETE WHERE { ?s ?p ?o }",
        "LOAD <http://x/>",
        "load silent <http://x/>",
        "CLEAR ALL",
        "DROP GRAPH <http://x/>",
        "WITH <http://x/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "# a comment\nINSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_updates_are_refused(query: str) -> None:
    with pytest.raises(QueryError, match="read-only"):
        check_query(query)


@pytest.mark.parametrize(
    "query", ["SELECT ?insert { ?insert ?p ?o }", "PREFIX load: <http://x/> ASK { load:a ?p ?o }", "ASK {}", "{ insert"]
)
def test_queries_are_no_updates(query: str) -> None:
    assert find_update(query) is None


def test_position_counts_characters_from_one() -> None:
    assert position("ab\ncd", 0) == (1, 1)
    assert position("ab\ncd", 4) == (2, 2)


def test_declared_prefixes() -> None:
    query = (
        "BASE <http://b/> PREFIX a: <http://a/> prefix : <http://c/> PREFIX r: <rel> SELECT * { PREFIX x: <http://x/> }"
    )
    assert declared_prefixes(query) == {"a": "http://a/", "": "http://c/"}


@pytest.mark.parametrize(
    ("query", "volatile"),
    [
        ("SELECT (rand() AS ?r) {}", True),
        ("SELECT (NOW() AS ?n) {}", True),
        ("SELECT * { ?s ?p ?o FILTER(0<RAND()&&1>0) }", True),
        (r"SELECT * { ?s ?p ?o FILTER(0<R\u0041ND()&&1>0) }", True),
        ("SELECT * { ?s ?p ?o FILTER('a'<'a>'||RAND()>0.5||'b'<'c') }", True),
        ("SELECT * { ?s ?p ?o FILTER(RAND #\n ()>0.5) }", True),
        ('ASK { ?now ?p "NOW()" }', True),
        ('ASK { ?now ?p "NOW" }', False),
    ],
)
def test_volatile(query: str, *, volatile: bool) -> None:
    assert is_volatile(query) is volatile


@pytest.mark.parametrize(
    "query",
    [
        "<a> " * 20_000 + "service",
        "?a<?b>" * 20_000 + " service:",
        '"""' * 20_000 + "service",
        "service:" + "a." * 40_000,
    ],
)
def test_long_queries_take_time_that_grows_with_their_length(query: str) -> None:
    # Not a timing: what is exponential or quadratic here would not end.
    find_service(query)
    find_service(query.replace("<", "\\u003c"))


class Listener:
    """A port of this machine that counts who comes and sends everyone away."""

    def __init__(self) -> None:
        self.visits = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    found = Listener()
    yield found
    found.close()


def was_called(query: str, listener: Listener) -> bool:
    """Whether the engine, left to itself, calls the listener for a query."""
    before = listener.visits
    try:
        result = Store().query(query.replace("PORT", str(listener.port)))
        if not isinstance(result, bool) and hasattr(result, "__next__"):
            next(result, None)
    except (SyntaxError, OSError, RuntimeError, ValueError):
        # A visit may be counted a moment after the engine was sent away.
        time.sleep(0.002)
    return listener.visits > before


def test_the_engine_would_call(listener: Listener) -> None:
    """The oracle of the next test sees what it is to see."""
    assert was_called("ASK { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }", listener)


_PIECES = [
    *("SERVICE", "service", "SILENT", "<http://127.0.0.1:PORT/>", "e:", "e:x", "servicee:", ":", "?x", "{ ?s ?p ?o }"),
    *(
        " ",
        "\n",
        "#",
        "# >\n",
        "<",
        ">",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\u0053ERVICE",
        "\\u0022",
        "\\u000a",
        "1",
        "1.5",
    ),
    *("true", ".", ";", ",", "(", ")", "{", "}", "?s ?p ", "a", "@en", "^^", "FILTER(", "FILTER(?x<1", "?x<", "GRAPH"),
    *("OPTIONAL {", "UNION", "BIND(1 AS ?y)", "VALUES ?z { 1 }", "EXISTS {", "_:b", "LATERAL", "[]", "é", "x.", "-"),
]


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(_PIECES), max_size=6),
    st.lists(st.sampled_from(_PIECES), max_size=5),
    st.lists(st.sampled_from(_PIECES), max_size=4),
)
def test_whatever_the_engine_would_call_is_refused(
    listener: Listener, before: list[str], between: list[str], after: list[str]
) -> None:
    prologue = (
        "PREFIX e: <http://127.0.0.1:PORT/> PREFIX : <http://127.0.0.1:PORT/> PREFIX servicee: <http://y/> ASK { "
    )
    query = f"{prologue}{''.join(before)}SERVICE{''.join(between)}{{}}{''.join(after)} }}"
    if was_called(query, listener):
        assert find_service(query) is not None


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        [
            "?s ?p 1",
            "?s ?p true",
            "?s ?p 'x'",
            "?s ?p e:x",
            "?s ?p <a:b>",
            "FILTER(?x<1",
            "FILTER(1",
            "",
            "{}",
            "?s ?p 'x'@en",
        ]
    ),
    st.sampled_from([")", " )", "#>\n)", '#>"""\n)', "", ".", " .", ". ", ";", "\n", "#'\n"]),
    st.sampled_from(["SERVICE", "service", "sErViCe", "SERVICE SILENT", "SERVICESILENT", "service#\n"]),
    st.sampled_from(["", " ", "\n", "#>\n", '#"""\n']),
    st.sampled_from(["<http://127.0.0.1:PORT/>", "e:x", ":x", "e:", ":", "e:x#>\n"]),
    st.sampled_from(["{}", " {}", "#>\n{}", "{ ?s ?p ?o }", '{} #"""\n', "{} '>'"]),
)
def test_near_misses_are_refused(
    listener: Listener, before: str, gap: str, word: str, inner: str, name: str, group: str
) -> None:
    prologue = "PREFIX e: <http://127.0.0.1:PORT/> PREFIX : <http://127.0.0.1:PORT/> ASK { "
    query = f"{prologue}{before}{gap}{word}{inner}{name}{group} }}"
    if was_called(query, listener):
        assert find_service(query) is not None
