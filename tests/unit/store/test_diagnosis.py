from __future__ import annotations

import pytest
from pyoxigraph import Store

from triplepress.store.diagnosis import syntax_error


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("ASK { ?s ?p }", 1, 7, "“?s ?p }” is not understood"),
        ("SELEC * {}", 1, 1, "“SELEC *"),
        ("ASK {", 1, 6, "ends too early"),
        ("", 1, 1, "ends too early"),
        ("SELECT * {\n  ?s ?p ?o .\n  OPTIONAL { ?s ?q }\n}", 3, 3, "OPTIONAL"),
        ("SELECT * {\r\n  ?s ?p ?o .\r\n  OPTIONAL { ?s ?q }\r\n}", 3, 3, "OPTIONAL"),
        ("ASK {\n  ?s ex:p ?o\n}", 2, 6, "prefix “ex:” is not declared"),
        ("SELECT * { ?s ?p ?o } LIMIT x", 1, 23, "LIMIT"),
    ],
)
def test_the_mistake_is_named_at_its_place(query: str, line: int, column: int, says: str) -> None:
    with pytest.raises(SyntaxError) as refused:
        Store().query(query)
    error = syntax_error(query, str(refused.value))
    assert (error.line, error.column) == (line, column)
    assert str(error).startswith(f"line {line}, column {column}: ")
    assert says in str(error)


def test_a_long_query_is_diagnosed_without_a_second_opinion() -> None:
    query = "ASK { " + "?s ?p ?o . " * 2000 + "\n?s ex:p ?o }"
    with pytest.raises(SyntaxError) as refused:
        Store().query(query)
    error = syntax_error(query, str(refused.value))
    assert (error.line, error.column) == (2, 4)


def test_a_message_without_a_place_is_passed_on() -> None:
    error = syntax_error("ASK {}", "something else")
    assert (str(error), error.line) == ("something else", None)
