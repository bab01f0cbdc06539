"""Does the mapping refuse at load what JSON-LD would drop in silence?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triplepress.errors import MappingError
from triplepress.rdf.mapping import Mapping
from triplepress.resources import resource


def _written(path: Path, context: object) -> Path:
    target = path / "mapping.jsonld"
    target.write_text(json.dumps({"@context": context}), encoding="utf-8")
    return target


def _context() -> dict[str, Any]:
    document: dict[str, dict[str, Any]] = json.loads(resource("mappings", "article.context.jsonld").read_bytes())
    return document["@context"]


@pytest.mark.parametrize(
    ("key", "definition", "message"),
    [
        ("title", None, "maps to nothing"),
        ("title", {"@container": "@language"}, "maps to nothing"),
        ("title", "dcterms:title", "needs “@container”"),
        ("title", {"@id": "dcterms:title", "@container": "@list"}, "would change the graph"),
        ("title", {"@id": "dcterms:title", "@container": "@language", "@type": "@id"}, "have no @type"),
        ("doi", {"@id": "prism:doi", "@container": "@language"}, "cannot have “@container”"),
        ("doi", {"@id": "prism:doi", "@type": "@id"}, "cannot have “@type”"),
        ("doi", "prizm:doi", "does not declare"),
        ("doi", "https://a b/doi", "is no IRI"),
        ("doi", 1, "maps to nothing"),
        ("doi", {"@id": "prism:doi", "@type": 7}, "@type is no IRI"),
        ("cites", "cito:cites", "needs “@type”"),
        ("cites", {"@reverse": "cito:isCitedBy"}, "maps to nothing"),
        ("cites", {"@id": "cito:cites", "@context": {}}, "has no place"),
        ("role", "pro:withRole", "needs “@type”"),
        ("@vocab", "https://schema.org/", "has no place"),
        ("@base", "https://data.example.org/", "has no place"),
        ("@import", "https://data.example.org/context.jsonld", "has no place"),
        ("@version", 1.0, "must be 1.1"),
        ("id", "dcterms:identifier", "must stand for @id"),
        ("xsd", "http://www.w3.org/2001/XMLSchema-datatypes#", "must stand for"),
    ],
)
def test_a_definition_that_would_lose_something_is_refused(
    tmp_path: Path, key: str, definition: object, message: str
) -> None:
    with pytest.raises(MappingError, match=message) as caught:
        Mapping.load(_written(tmp_path, _context() | {key: definition}))
    assert caught.value.key == key


@pytest.mark.parametrize("key", ["title", "JournalArticle", "AffiliationSelfCitation", "scoro", "included"])
def test_a_key_that_the_mapping_lacks_is_named(tmp_path: Path, key: str) -> None:
    context = _context()
    del context[key]
    with pytest.raises(MappingError, match=key):
        Mapping.load(_written(tmp_path, context))


def test_a_misspelt_key_is_recognised(tmp_path: Path) -> None:
    context = _context()
    context["titel"] = context.pop("title")
    with pytest.raises(MappingError, match="is “titel” a misspelling"):
        Mapping.load(_written(tmp_path, context))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "single key @context"),
        ('{"@context": {}, "@graph": []}', "single key @context"),
        ('{"@context": "https://schema.org/"}', "is not fetched"),
        ('{"@context": ["https://schema.org/", {}]}', "is not fetched"),
        ('{"@context": {"@version": 1.1, "doi": "a", "doi": "b"}}', "doi: stands twice"),
    ],
)
def test_a_document_that_is_no_mapping_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mapping.jsonld"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=message):
        Mapping.load(path)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"no\.jsonld: .*name another mapping"):
        Mapping.load(tmp_path / "no.jsonld")


def test_the_vocabulary_changes_without_touching_python(tmp_path: Path) -> None:
    context = _context() | {
        "ex": "https://vocabulary.example/",
        "title": {"@id": "ex:heading", "@container": "@language"},
    }
    written = Mapping.load(_written(tmp_path, context)).to_ntriples(
        [b'{"id":"https://a.example/1","title":{"en":"x"}}']
    )
    assert written == b'<https://a.example/1> <https://vocabulary.example/heading> "x"@en .\n'


def test_a_line_that_is_no_node_is_an_error() -> None:
    with pytest.raises(MappingError, match="cannot be mapped"):
        Mapping.load().to_ntriples([b'{"id":'])


def test_context_is_served_as_it_stands() -> None:
    assert Mapping.load().context_json == resource("mappings", "article.context.jsonld").read_bytes()


def test_one_key_has_one_property_and_one_property_one_key() -> None:
    terms = Mapping.load().context.terms
    assert len({term.iri for term in terms.values()}) == len(terms)
