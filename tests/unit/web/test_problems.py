from __future__ import annotations

import json

import pytest
from starlette.exceptions import HTTPException

from triplepress.errors import QueryError, QueryMemory, QueryTimeout, StoreBusy, StoreError, TriplepressError
from triplepress.rdf.formats import GRAPH_FORMATS
from triplepress.web.problems import not_acceptable, problem, problem_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (QueryError("no"), 400),
        (QueryTimeout(30), 503),
        (QueryMemory(2**30), 503),
        (StoreBusy(30), 503),
        (StoreError("gone"), 503),
        (TriplepressError("broken"), 500),
        (HTTPException(405, headers={"Allow": "GET"}), 405),
        (ZeroDivisionError("secret"), 500),
    ],
)
def test_every_error_has_its_status(error: Exception, status: int) -> None:
    assert problem_of(error).status == status


def test_a_query_error_carries_its_place() -> None:
    found = json.loads(problem_of(QueryError("no", line=2, column=7)).as_json())
    assert (found["line"], found["column"], found["status"]) == (2, 7, 400)


def test_a_busy_store_says_when_to_come_back() -> None:
    assert problem_of(StoreBusy(12)).headers == {"Retry-After": "12"}


def test_an_unforeseen_error_keeps_its_secrets() -> None:
    assert "secret" not in problem_of(ZeroDivisionError("secret")).detail


def test_what_is_offered_is_listed() -> None:
    found = json.loads(not_acceptable(GRAPH_FORMATS).as_json())
    assert [row["media_type"] for row in found["offered"]] == [row.media_type for row in GRAPH_FORMATS]


def test_a_problem_is_problem_json() -> None:
    response = problem(404, "Not found", "nothing here", looked_for="x")
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "nothing here",
        "looked_for": "x",
    }
