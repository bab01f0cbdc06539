"""Every shape has a failing case and a passing one, and says what it finds to an editor."""

from __future__ import annotations

from hashlib import sha256

import pyshacl
import pytest
from rdflib import Graph

from tests.unit.validation.mutations import HARMLESS, MUTATIONS, Change, Mutation, conforming_graph, ntriples
from triplepress.resources import resource
from triplepress.validation.fields import field_of
from triplepress.validation.shapes import JUDGED_NAME, Shapes, judge_shapes
from triplepress.validation.validate import Gate


def test_the_conforming_graph_has_no_finding_at_all(volume: Gate, judge: Gate) -> None:
    data = ntriples(conforming_graph())
    assert volume.validate(data).results == ()
    assert judge.validate(data).results == ()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[f"{m.shape}-{n}" for n, m in enumerate(MUTATIONS)])
def test_a_shape_finds_what_it_is_for(mutation: Mutation, volume: Gate) -> None:
    report = volume.validate(ntriples(mutation.change(conforming_graph())))
    found = {
        (result.shape.rpartition("#")[2], field_of(result.focus_node, result.path, result.shape), result.severity)
        for result in report.results
    }
    assert (mutation.shape, mutation.field, mutation.severity) in found
    assert report.conforms == all(severity != "Violation" for _, _, severity in found)


@pytest.mark.parametrize("change", HARMLESS)
def test_what_is_allowed_is_not_found(change: Change, volume: Gate) -> None:
    assert volume.validate(ntriples(change(conforming_graph()))).results == ()


def test_every_shape_has_a_failing_case(shapes: Shapes) -> None:
    silent = {"typed"}  # it has a target and hands over to its property shape
    assert {mutation.shape for mutation in MUTATIONS} == {iri.rpartition("#")[2] for iri in shapes.about} - silent


def test_the_packaged_shapes_are_well_formed_and_marked_so(shapes: Shapes) -> None:
    judge_shapes(shapes.ntriples)
    data = resource("ontology", "shapes.ttl").read_bytes()
    marked = resource("ontology", JUDGED_NAME).read_text(encoding="ascii").strip()
    assert marked == sha256(data).hexdigest(), (
        "write this digest into ontology/shapes.judged, now that they were judged"
    )


def test_a_stranger_with_stock_pyshacl_finds_nothing_either(shapes: Shapes) -> None:
    # rdflib writes a time in UTC anew as it reads it, +00:00 for Z; our own judge reads it as it stands.
    data = Graph().parse(data=ntriples(conforming_graph()), format="nt")
    assert "+00:00" in data.serialize(format="nt")
    conforms, _, text = pyshacl.validate(data, shacl_graph=Graph().parse(data=shapes.ntriples, format="nt"))
    assert conforms, text


def test_russian_is_russian(shapes: Shapes) -> None:
    for iri, about in shapes.about.items():
        for texts in (about.messages, about.remedies):
            if texts:
                assert any("а" <= letter <= "я" for letter in texts["ru"]), iri
                assert texts["en"].isascii() or "’" in texts["en"] or set(texts["en"]) & set("…“”–"), iri
