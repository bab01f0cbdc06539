"""The press tells an editor what the gate found: the gravest first, each once, and of the record that it is about."""

from __future__ import annotations

import pytest

from tests.records import CC_BY, article, refused
from tests.unit.validation.mutations import ARTICLE, conforming_graph, drop, ntriples, part, put, then
from triplepress.rdf.facts import ArticleFacts, EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.record import ArticleRecord, Reference
from triplepress.release.index import Candidate
from triplepress.release.press import Batch, Press
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import Gate

_ROOT = "https://data.example.org"


@pytest.fixture(scope="module")
def press() -> Press:
    return Press(Mapping.load(), Gate(load_shapes(root=_ROOT)), EditionFacts(_ROOT, CC_BY), "en")


def _candidate(number: int, record: ArticleRecord) -> Candidate:
    facts = ArticleFacts(record=record, journal=None, modified="2026-01-01T00:00:00Z", run="20260101T000000Z")
    return Candidate(number, f"doi/{record.doi}", facts)


def test_what_two_constraints_of_one_shape_say_is_said_once(press: Press) -> None:
    change = then(drop(ARTICLE, "dcterms:license"), put(ARTICLE, "foaf:page", '"no address"'))
    results = press.gate.validate(ntriples(change(conforming_graph()))).results
    assert len([result for result in results if result.value_text == "no address"]) > 1
    findings = press.findings(results)
    assert len([finding for finding in findings if finding.value == "no address"]) == 1
    said = [(finding.field, finding.value, finding.shape) for finding in findings]
    assert len(said) == len(set(said)), "and nothing else is lost"
    assert {result.shape for result in results} == {finding.shape for finding in findings}


def test_the_gravest_findings_come_first(press: Press) -> None:
    change = then(drop(ARTICLE, "dcterms:license"), put(part("ref-1"), "c4o:hasContent", '" "'))
    results = press.gate.validate(ntriples(change(conforming_graph()))).results
    severities = [finding.severity for finding in press.findings(results)]
    assert {"Violation", "Info"} <= set(severities)
    assert severities == sorted(severities, key=["Violation", "Warning", "Info"].index)


def test_findings_go_to_the_record_that_they_are_about(press: Press) -> None:
    wordless = article(1, references=[Reference(position=1, text="A reference.")], licences=[])
    pressed = press.press(Batch([_candidate(1, wordless), _candidate(2, refused(2)), _candidate(3, article(3))]))
    fields = {each.candidate.id: {finding.field for finding in each.findings} for each in pressed.kept}
    assert fields.keys() == {1, 3}
    assert "licences" in fields[1]
    assert "licences" not in fields[3]
    [other] = pressed.refused
    assert other.candidate.id == 2
    assert "titles" in {finding.field for finding in other.rejected.findings}
