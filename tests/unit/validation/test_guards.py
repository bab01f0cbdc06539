"""Shapes that check less than they seem to are refused when they are loaded, with the shape and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from triplepress.errors import ShapesError
from triplepress.resources import resource
from triplepress.validation import shapes as module
from triplepress.validation.shapes import load_shapes
from triplepress.validation.validate import Gate

_PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix pro: <http://purl.org/spar/pro/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_SAID = """sh:severity sh:Violation ; sh:message "Wrong."@en , "Неверно."@ru ;
    sh:description "Correct it."@en , "Исправьте."@ru"""
_NODE = "<#node> a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property <#p> ."


def _property(constraint: str, said: str = _SAID) -> str:
    return f"{_NODE}\n<#p> a sh:PropertyShape ; sh:path ex:p ; {constraint} ; {said} ."


def _query(select: str, node_kind: str = f"sh:nodeKind sh:IRI ; {_SAID} ; ") -> str:
    return (
        f"<#node> a sh:NodeShape ; sh:targetClass ex:Thing ; {node_kind} sh:property <#p> .\n"
        f'<#p> a sh:PropertyShape ; sh:path ex:p ; {_SAID} ; sh:sparql [ sh:select """{select}""" ] .'
    )


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _load(tmp_path: Path, text: str) -> module.Shapes:
    path = tmp_path / "shapes.ttl"
    path.write_text(_PREFIXES + text, encoding="utf-8")
    return load_shapes(path, root="https://data.example.org")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "check nothing"),
        ("<#node> a sh:NodeShape ; sh:targetClass ex:Thing .", "check nothing"),
        (f"<#p> a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; {_SAID} .", "check nothing"),
        (_property("sh:minCuont 1"), r"shapes\.ttl#p: sh:minCuont is not known here; did you mean sh:minCount\?"),
        (_property("sh:nodeKind sh:Iri"), r"did you mean sh:IRI\?"),
        (_property("sh:minCount 1", 'sh:message "Wrong."@en , "Неверно."@ru'), "no severity"),
        (_property("sh:minCount 1", 'sh:severity sh:Info ; sh:message "Wrong."@en'), "no sh:message in “ru”"),
        (_property("sh:minCount 1", _SAID.replace(', "Исправьте."@ru', "")), "no sh:description in “ru”"),
        (
            f"<#n> a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:p ; sh:minCount 1 ; {_SAID} ] .",
            "has no IRI",
        ),
        (_property('sh:pattern "^a(?!b)"'), r"“\(\?!”"),
        (_property(r'sh:pattern "(a)\\1"'), r"“\\1”"),
        (_property('sh:or ( [ sh:pattern "(?<=a)b" ] [ sh:minLength 1 ] )'), r"“\(\?<=”"),
        (_query('SELECT $this WHERE { $this ex:p ?v FILTER REGEX(?v, "(?=a)") }'), r"“\(\?=”"),
        (_query("SELECT $this WHERE { $this <https://example.org/p> ?v }", ""), "add sh:nodeKind sh:IRI"),
        (_query("SELECT $this WHERE { $this <https://example.org/p> }"), "not valid SPARQL"),
        (
            _query("SELECT $this WHERE { SERVICE <https://example.org/sparql> { $this ?p ?o } }"),
            "SERVICE is not allowed",
        ),
        (_query("SELECT $this WHERE { $this ?p ?o minus { $this ?p 1 } }"), "MINUS is not allowed"),
        (_query("SELECT $this WHERE { $this ?p ?o { SELECT ?x { ?x ?y 1 } } }"), "without"),
        (_property('sh:uniqueLang "1"^^xsd:boolean'), "write true or false"),
        (_property("sh:class ex:Other"), "use sh:nodeKind sh:IRI"),
        (f"<> <http://www.w3.org/2002/07/owl#imports> ex:shapes . {_property('sh:minCount 1')}", "not followed"),
        (_property("sh:path ex:q ; sh:minCount 1"), "not well formed"),
        (_property('sh:minCount "one"'), "not well formed"),
        ("this is no Turtle", "not Turtle"),
    ],
)
def test_broken_shapes_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ShapesError, match=message):
        _load(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        _property("sh:minCount 1"),
        _property(r'sh:pattern "[(?=]\\(?=x$"'),
        _query("SELECT $this WHERE { $this <https://example.org/MINUS> ?v } # VALUES"),
        f"<#n> a sh:NodeShape ; sh:targetClass ex:T ; sh:property <#p> ."
        f"<#p> a sh:PropertyShape ; sh:path pro:isDocumentContextFor ; sh:class pro:RoleInTime ; {_SAID} .",
    ],
)
def test_sound_shapes_are_taken(tmp_path: Path, text: str) -> None:
    assert _load(tmp_path, text).about


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShapesError, match=r"none\.ttl"):
        load_shapes(tmp_path / "none.ttl")


def test_edited_shapes_are_judged_once_and_again_when_they_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[bytes] = []
    monkeypatch.setattr(module, "judge_shapes", judged.append)
    first = _load(tmp_path, _property("sh:minCount 1"))
    assert _load(tmp_path, _property("sh:minCount 1")).sha256 == first.sha256
    assert len(judged) == 1
    _load(tmp_path, _property("sh:minCount 2"))
    assert len(judged) == 2


def test_shapes_are_judged_where_nothing_can_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    cache.write_text("a file where the folder should be", encoding="utf-8")
    judged: list[bytes] = []
    monkeypatch.setattr(module, "judge_shapes", judged.append)
    for _ in range(2):
        _load(tmp_path, _property("sh:minCount 1"))
    assert len(judged) == 2


def test_the_packaged_shapes_need_no_judging(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> None:
        pytest.fail("the packaged shapes were judged again")

    monkeypatch.setattr(module, "judge_shapes", never)
    assert load_shapes().sha256


def test_a_copy_of_the_packaged_shapes_that_is_edited_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = resource("ontology", "shapes.ttl").read_bytes()
    (tmp_path / "shapes.ttl").write_bytes(data + b"# mine\n")
    (tmp_path / "shapes.judged").write_bytes(resource("ontology", "shapes.judged").read_bytes())
    judged: list[bytes] = []
    monkeypatch.setattr(module, "judge_shapes", judged.append)
    load_shapes(tmp_path / "shapes.ttl")
    assert len(judged) == 1


def test_relative_iris_resolve_against_the_edition(tmp_path: Path) -> None:
    assert set(_load(tmp_path, _property("sh:minCount 1")).about) == {
        "https://data.example.org/shapes.ttl#node",
        "https://data.example.org/shapes.ttl#p",
    }


def test_an_edited_shape_speaks_through_both_engines(tmp_path: Path) -> None:
    shapes = _load(tmp_path, _query("SELECT $this WHERE { $this a <https://example.org/Thing> }"))
    ntriples = b"<https://a.example/> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://example.org/Thing> .\n"
    found = [Gate(shapes, engine).validate(ntriples).results for engine in ("shacl", "pyshacl")]
    assert found[0] == found[1]
    assert found[0][0].message("ru") == "Неверно."
    assert found[0][0].remedy("de") == "Correct it."
    assert found[0][0].value is None
