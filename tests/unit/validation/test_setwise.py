"""The volume engine's shapes ask once a batch what they may, and leave alone what would not mean the same."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.unit.validation.mutations import ARTICLE, CITED, conforming_graph, ntriples, put, rename, then
from triplepress.validation.engines.judge import Judge
from triplepress.validation.engines.setwise import BATCH, Setwise, setwise
from triplepress.validation.engines.volume import Volume
from triplepress.validation.results import SH, sorted_once
from triplepress.validation.shapes import Shapes
from triplepress.validation.validate import Gate

_PROLOGUE = """
@base <https://a.example/shapes.ttl> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
_QUERY = 'sh:sparql [ sh:select """SELECT $this ?value WHERE { $this <https://example.org/p> ?value . %s }""" ]'
_BAD = _QUERY % "FILTER (?value = 'bad')"
_DATA = b"""
<https://a.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Kind> .
<https://a.example/1> <https://example.org/p> "bad" .
<https://a.example/1> <https://example.org/p> "good" .
<https://a.example/2> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Other> .
<https://a.example/2> <https://example.org/p> "bad" .
<https://a.example/3> <https://example.org/q> <https://a.example/2> .
<https://example.org/Kind> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <https://example.org/Thing> .
"""


def _shapes(turtle: str) -> bytes:
    quads = ox.parse(_PROLOGUE + turtle, format=ox.RdfFormat.TURTLE)
    return ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""


def _left(rewritten: Setwise) -> int:
    """Return how many constraints are still asked for every focus node."""
    triples = [quad.triple for quad in ox.parse(rewritten.ntriples, format=ox.RdfFormat.N_TRIPLES)]
    batch = {t.subject for t in triples if t.object == ox.NamedNode(BATCH)}
    return sum(t.predicate.value == SH + "sparql" and t.subject not in batch for t in triples)


def test_all_that_is_packaged_is_asked_once_a_batch(shapes: Shapes) -> None:
    rewritten = setwise(shapes.ntriples)
    assert _left(rewritten) == 0
    assert {asked.shape for asked in rewritten.asked.values()} <= set(shapes.about)


@pytest.mark.parametrize(
    "turtle",
    [
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Thing , ex:Other ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:severity sh:Warning ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetObjectsOf ex:q ; sh:property <#p> . <#p> sh:path ex:p ; {_BAD} .",
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:property <#p> . <#p> sh:path ex:p ; "
        + 'sh:sparql [ sh:select """SELECT $this WHERE { $this a ?kind }""" ] .',
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; "
        + 'sh:sparql [ sh:select """SELECT $this WHERE { $this a ?kind }""" ] .',
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:property <#p> . <#p> sh:path ex:p ; {_BAD} ."
        + "<#t> a sh:NodeShape ; sh:targetClass ex:Other ; sh:property <#p> .",
        f"<#p> a sh:PropertyShape ; sh:targetClass ex:Other ; sh:path ex:p ; {_BAD} .",
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:property <#p> . <#p> sh:path ex:p ; "
        + "sh:sparql [ sh:select "
        + '"""SELECT $this WHERE { $this <https://example.org/p> ?v } GROUP BY $this HAVING (COUNT(?v) > 1)""" ] .',
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; "
        + 'sh:sparql [ sh:select """SELECT $this WHERE { $this <https://example.org/p> "bad" } # all""" ] .',
    ],
)
def test_what_is_asked_of_a_batch_finds_what_is_asked_of_each_node(turtle: str) -> None:
    shapes = _shapes(turtle)
    assert _left(setwise(shapes)) == 0
    judge, volume = (sorted_once(engine.validate(_DATA)) for engine in (Judge(shapes), Volume(shapes)))
    assert [result for result in volume if result.focus_node == BATCH] == []
    assert volume == judge
    assert volume


@pytest.mark.parametrize(
    "turtle",
    [
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:or ( [ {_BAD} ] ) .",
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:node <#t> . <#t> a sh:NodeShape ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetNode <1> ; {_BAD} .",
        f"<#s> a sh:NodeShape , rdfs:Class ; sh:targetClass ex:Kind ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:deactivated true ; {_BAD} .",
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:property <#p> . "
        + f"<#p> sh:path ex:q ; sh:property <#deep> . <#deep> sh:path ex:p ; {_BAD} .",
        f"<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; sh:property <#p> . <#p> sh:path ( ex:q ex:p ) ; {_BAD} .",
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; "
        + 'sh:sparql [ sh:select """SELECT $this ?path WHERE { $this ?path "bad" }""" ] .',
        "<#s> a sh:NodeShape ; sh:targetClass ex:Kind ; " + _QUERY % "FILTER (?value != '$this')" + " .",
    ],
)
def test_what_would_not_mean_the_same_is_left_alone(turtle: str) -> None:
    rewritten = setwise(_shapes(turtle))
    assert (_left(rewritten), rewritten.asked) == (1, {})


def test_a_finding_belongs_to_its_own_article_in_a_batch_of_several(volume: Gate, judge: Gate) -> None:
    late = '"2026-12"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    twin = "<id/doi/10.1234/twin>"
    graph = conforming_graph() | rename(ARTICLE, twin)(put(ARTICLE, "dcterms:issued", late)(conforming_graph()))
    data = ntriples(then(put(CITED, "dcterms:issued", late))(graph))
    found = [set(gate.validate(data).results) for gate in (volume, judge)]
    assert found[0] == found[1]
    assert any(result.shape.endswith("#article-issued-future") for result in found[0])
