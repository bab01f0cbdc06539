"""Both engines, through their adapters, against the W3C's SHACL test suite.

The manifests are walked; what an engine is known to get wrong stands in `shacl_known_failures.tsv` with its reason, and
a listed test that passes is a failure: the list would be out of date.

References:
    https://w3c.github.io/data-shapes/data-shapes-test-suite/
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.collection import Collection

from triplepress.errors import MappingError, ShapesError
from triplepress.validation.engines import Engine
from triplepress.validation.engines.judge import Judge, results_of
from triplepress.validation.engines.volume import Volume
from triplepress.validation.results import Result

_MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
_SHT = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
_SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
_BASE = "http://shacl.test.example/"
_SHARED = Path(__file__).resolve().parents[3] / "shared" / "conformance" / "shacl"


class Case(NamedTuple):
    """One test: its name in the list of known failures, its file, its data and shapes, what is expected."""

    name: str
    data: Path
    shapes: Path
    expected: rdflib.Graph | None  # None: the shapes are to be refused


def _graph(path: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(path, format="turtle", publicID=_BASE + str(path.relative_to(_SHARED)))


def _cases(manifest: Path) -> Iterator[Case]:
    graph = _graph(manifest)
    for included in sorted(graph.objects(None, _MF.include), key=str):
        yield from _cases(_SHARED / str(included).removeprefix(_BASE))
    for entries in graph.objects(None, _MF.entries):
        for entry in Collection(graph, entries):
            action, result = graph.value(entry, _MF.action), graph.value(entry, _MF.result)
            files = [
                _SHARED / str(graph.value(action, part)).removeprefix(_BASE)
                for part in (_SHT.dataGraph, _SHT.shapesGraph)
            ]
            refused = result == _SHT.Failure
            expected = None if refused else _closure(graph, result)
            yield Case(str(entry).removeprefix(_BASE), files[0], files[1], expected)


def _closure(graph: rdflib.Graph, node: rdflib.term.Node | None) -> rdflib.Graph:
    """Return what stands about a report and everything blank below it."""
    found = rdflib.Graph()
    queue = [node]
    while queue:
        subject = queue.pop()
        for triple in graph.triples((subject, None, None)):
            if triple not in found:
                found.add(triple)
                queue.append(triple[2])
    return found


def _ntriples(path: Path) -> bytes:
    quads = ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=_BASE + str(path.relative_to(_SHARED)))
    return ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""


def _essence(result: Result) -> tuple[str, ...]:
    """Return what the suite compares; blank nodes are all alike, a shape without an IRI too.

    A literal is compared by value where it has a native one: rdflib, which reads the expected report, rewrites it.
    """
    path = (result.path or "").replace("(", "").replace(")", "")
    value = result.value
    if isinstance(value, ox.Literal):
        shown = str(value) if value.language else rdflib.Literal(value.value, datatype=value.datatype.value).n3()
    else:
        shown = "_:" if isinstance(value, ox.BlankNode) else str(value)
    focus = "_:" if result.focus_node.startswith("_:") else result.focus_node
    if focus.startswith('"'):
        focus = "literal"
    shape = "_:" if result.shape.startswith("_:") else result.shape
    return (focus, path, shown, result.severity, result.component, shape)


@pytest.fixture(scope="module")
def known_failures() -> dict[tuple[str, str], str]:
    with Path(__file__).with_name("shacl_known_failures.tsv").open(encoding="utf-8", newline="") as file:
        return {(row["engine"], row["test"]): row["reason"] for row in csv.DictReader(file, delimiter="\t")}


def _all_cases() -> Iterator[Case]:
    if _SHARED.is_dir():
        yield from _cases(_SHARED / "manifest.ttl")
        yield from _cases(_SHARED / "sparql" / "component" / "nodeValidator-001.ttl")  # its manifest leaves it out


_CASES = list(_all_cases())


def test_the_whole_suite_is_there(shared: Path) -> None:
    assert shared
    names = Counter(case.name.partition("/")[0] for case in _CASES)
    assert names == {"core": 98, "sparql": 23}


@pytest.mark.parametrize("engine", ["pyshacl", "shacl"])
@pytest.mark.parametrize("case", _CASES, ids=[case.name for case in _CASES])
def test_an_engine_finds_what_the_suite_expects(
    engine: str, case: Case, known_failures: dict[tuple[str, str], str], request: pytest.FixtureRequest
) -> None:
    reason = known_failures.get((engine, case.name))
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    shapes = _ntriples(case.shapes)
    data = _ntriples(case.data)
    if case.expected is None:
        with pytest.raises((ShapesError, MappingError)):
            _engine(engine, shapes).validate(data)
        return
    found = Counter(map(_essence, _engine(engine, shapes).validate(data)))
    assert found == Counter(map(_essence, results_of(case.expected)))


def _engine(name: str, shapes: bytes) -> Engine:
    return Judge(shapes) if name == "pyshacl" else Volume(shapes)


def test_every_known_failure_is_a_test_of_the_suite(known_failures: dict[tuple[str, str], str], shared: Path) -> None:
    assert shared
    assert {name for _, name in known_failures} <= {case.name for case in _CASES}
    assert all(known_failures.values())
