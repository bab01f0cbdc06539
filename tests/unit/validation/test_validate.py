"""The gate chooses an engine, reads severities itself, and says when two engines disagree."""

from __future__ import annotations

import logging

import pytest

from tests.unit.validation.mutations import ARTICLE, conforming_graph, drop, ntriples, put
from triplepress.errors import EnginesDisagree, MappingError, ShapesError
from triplepress.validation import validate as module
from triplepress.validation.engines import volume as volume_module
from triplepress.validation.results import Result
from triplepress.validation.shapes import Shapes
from triplepress.validation.validate import Gate


def test_auto_is_the_volume_engine_where_it_is_installed(shapes: Shapes) -> None:
    assert Gate(shapes).engine == "shacl 0.3.4"


def test_auto_is_pyshacl_where_the_volume_engine_is_absent(shapes: Shapes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "installed_version", lambda: None)
    gate = Gate(shapes)
    assert gate.engine.startswith("pyshacl ")
    assert gate.judge(ntriples(conforming_graph())).conforms


def test_a_version_that_was_never_checked_is_not_used(shapes: Shapes, monkeypatch: pytest.MonkeyPatch) -> None:
    for target in (module, volume_module):
        monkeypatch.setattr(target, "installed_version", lambda: "9.9.9")
    assert Gate(shapes).engine.startswith("pyshacl ")
    with pytest.raises(ShapesError, match=r"9\.9\.9, which was never checked.*pip install"):
        Gate(shapes, "shacl")


@pytest.mark.parametrize("engine", ["volume", "judge"])
def test_a_warning_does_not_stop_a_record(engine: str, request: pytest.FixtureRequest) -> None:
    gate: Gate = request.getfixturevalue(engine)
    report = gate.validate(ntriples(drop(ARTICLE, "dcterms:license")(conforming_graph())))
    assert report.conforms
    assert report.counts() == {"Violation": 0, "Warning": 0, "Info": 1}


@pytest.mark.parametrize("engine", ["volume", "judge"])
def test_values_come_back_as_they_were_written(engine: str, request: pytest.FixtureRequest) -> None:
    gate: Gate = request.getfixturevalue(engine)
    literal = '"2026-11-22T09:40:00.500+03:00 \\"é\\" \\\\ \\n"^^xsd:dateTime'
    report = gate.validate(ntriples(put(ARTICLE, "dcterms:issued", literal)(conforming_graph())))
    values = [result.value_text for result in report.results if result.shape.endswith("#article-issued")]
    assert values == ['2026-11-22T09:40:00.500+03:00 "é" \\ \n']


@pytest.mark.parametrize("engine", ["volume", "judge"])
def test_an_ill_typed_literal_is_a_finding_and_no_log_line(
    engine: str, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    gate: Gate = request.getfixturevalue(engine)
    with caplog.at_level(logging.DEBUG):
        report = gate.validate(ntriples(put(ARTICLE, "dcterms:issued", '"yesterday"^^xsd:date')(conforming_graph())))
    assert not report.conforms
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", ["volume", "judge"])
def test_what_is_not_ntriples_is_refused(engine: str, request: pytest.FixtureRequest) -> None:
    gate: Gate = request.getfixturevalue(engine)
    with pytest.raises(MappingError, match="report this as a bug"):
        gate.validate(b"<https://a.example/> no triple .\n")


def test_an_empty_batch_conforms(volume: Gate, judge: Gate) -> None:
    assert volume.validate(b"").conforms
    assert judge.validate(b"").conforms


def test_disagreement_is_an_error_that_names_both_sides(shapes: Shapes, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(shapes, "shacl")
    original = volume_module.Volume.validate

    def blind(engine: volume_module.Volume, data: bytes) -> list[Result]:
        return [result for result in original(engine, data) if not result.shape.endswith("#article-title")]

    monkeypatch.setattr(volume_module.Volume, "validate", blind)
    with pytest.raises(EnginesDisagree, match=r"only pyshacl \S+: article-title on https://data\.example\.org") as info:
        gate.judge(ntriples(drop(ARTICLE, "dcterms:title")(conforming_graph())))
    assert (len(info.value.missed), info.value.added) == (1, [])
