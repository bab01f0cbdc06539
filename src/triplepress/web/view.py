"""A description in memory, for templates: who says what of a subject, and how a thing is called in a language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Term = NamedNode | Literal | BlankNode | Triple

NAMESPACES: Final = {
    "biro": "http://purl.org/spar/biro/",
    "c4o": "http://purl.org/spar/c4o/",
    "cito": "http://purl.org/spar/cito/",
    "coar": "http://purl.org/coar/",
    "datacite": "http://purl.org/spar/datacite/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "frbr": "http://purl.org/vocab/frbr/core#",
    "literal": "http://www.essepuntato.it/2010/06/literalreification/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "pro": "http://purl.org/spar/pro/",
    "prof": "http://www.w3.org/ns/dx/prof/",
    "prov": "http://www.w3.org/ns/prov#",
    "pso": "http://purl.org/spar/pso/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "scoro": "http://purl.org/spar/scoro/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@cache
def expand(name: str) -> str:
    """Return the IRI of a prefixed name.

    Example:
        >>> expand("cito:cites")
        'http://purl.org/spar/cito/cites'
    """
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local


def compact(iri: str) -> str:
    """Return an IRI as a prefixed name where its namespace is known, else as it is.

    Example:
        >>> compact("http://purl.org/spar/cito/cites"), compact("https://example.org/x")
        ('cito:cites', 'https://example.org/x')
    """
    for prefix, namespace in NAMESPACES.items():
        local = iri.removeprefix(namespace)
        if local != iri and local and "/" not in local:
            return f"{prefix}:{local}"
    return iri


def value_of(term: Term) -> str:
    """Return an IRI, or a literal's text, without what surrounds it in N-Triples."""
    return str(term) if isinstance(term, Triple) else term.value


class Said(NamedTuple):
    """A text and its language tag, None where the source says none."""

    text: str
    lang: str | None


class View:
    """The statements of one description.

    Args:
        ntriples: N-Triples, UTF-8, as a store gives them: IRIs and language tags are not checked again.
    """

    def __init__(self, ntriples: bytes) -> None:
        """Index by subject and predicate."""
        self._index: dict[str, dict[str, list[Term]]] = {}
        for subject, predicate, value, _ in parse(ntriples, format=RdfFormat.N_TRIPLES, lenient=True):
            if isinstance(subject, NamedNode):
                self._index.setdefault(subject.value, {}).setdefault(predicate.value, []).append(value)

    def terms(self, subject: str, *names: str) -> list[Term]:
        """Return the objects of `subject` for prefixed property names, in order of the names."""
        said = self._index.get(subject, {})
        return [term for name in names for term in said.get(expand(name), ())]

    def iris(self, subject: str, *names: str) -> list[str]:
        """Return the objects that are IRIs."""
        return [term.value for term in self.terms(subject, *names) if isinstance(term, NamedNode)]

    def iri(self, subject: str, *names: str) -> str | None:
        """Return the first object that is an IRI."""
        return next(iter(self.iris(subject, *names)), None)

    def texts(self, subject: str, *names: str) -> list[Said]:
        """Return the literal objects with their languages."""
        return [Said(term.value, term.language) for term in self.terms(subject, *names) if isinstance(term, Literal)]

    def text(self, subject: str, *names: str) -> str | None:
        """Return the first literal object's text."""
        return next((said.text for said in self.texts(subject, *names)), None)

    def best(self, subject: str, lang: str, *names: str) -> Said | None:
        """Return the literal in `lang`, else an English one, else one without a tag, else the first."""
        return best_of(self.texts(subject, *names), lang)

    def label(self, subject: str, lang: str) -> Said | None:
        """Return what a thing is called, None where nothing says."""
        return self.best(subject, lang, "dcterms:title") or self.best(subject, lang, "foaf:name", "rdfs:label")

    def types(self, subject: str) -> set[str]:
        """Return the prefixed names of a subject's classes."""
        return {compact(iri) for iri in self.iris(subject, "rdf:type")}

    def subjects(self, name: str, value: str) -> list[str]:
        """Return the subjects that have the IRI `value` under a property, sorted."""
        predicate = expand(name)
        return sorted(
            subject
            for subject, said in self._index.items()
            if any(isinstance(term, NamedNode) and term.value == value for term in said.get(predicate, ()))
        )

    def statements(self, subject: str) -> list[tuple[str, list[Term]]]:
        """Return every property of a subject (full IRI) with its objects, classes first, then by prefixed name."""
        said = self._index.get(subject, {})
        first = expand("rdf:type")
        return sorted(said.items(), key=lambda item: (item[0] != first, compact(item[0])))

    def __contains__(self, subject: str) -> bool:
        """Tell whether anything is said of a subject."""
        return subject in self._index


def best_of(texts: Iterable[Said], lang: str) -> Said | None:
    """Return the text in `lang`, else an English one, else one without a tag, else the first; None of none.

    Example:
        >>> best_of([Said("Тренды", "ru"), Said("Trends", "en")], "de").text
        'Trends'
    """
    ranked = list(texts)
    for wanted in (lang, "en", None):
        for said in ranked:
            if (said.lang or "").partition("-")[0] == (wanted or ""):
                return said
    return ranked[0] if ranked else None
