"""Triples as compact JSON-LD: the mapping, read backwards.

Whatever a triple says is kept: what the context has no term for stands under its full IRI, a value that a term would
read otherwise says itself what it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from triplepress.rdf.context import RDF_TYPE, Context, Term

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")  # what a JSON number keeps digit for digit everywhere
_LOCAL_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*$")
_SCHEME: Final = re.compile(r"([^:/?#]+):(?!//)")
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Said: TypeAlias = list[tuple[str, NamedNode | BlankNode | Literal | Triple]]
"""What is said of one subject: the property's IRI, and the value."""


def compacted(triples: Iterable[Triple], context: Context, opening: bytes, closing: bytes) -> bytes:
    """Return triples as one JSON-LD document with the context inline, a node for each subject, one a line.

    Args:
        triples: Without duplicates, those of one subject together, in the order in which they shall stand.
        context: The mapping's context, read.
        opening: The document up to the first node.
        closing: The document after the last node.

    Returns:
        JSON-LD, UTF-8. Should an IRI look like a compact one (`foaf:name` as an IRI of its own), the whole document is
        written in the expanded form, which has no context that could misread it.
    """
    subjects = _by_subject(triples)
    if any(_is_ambiguous(iri, context) for iri in _iris(subjects)):
        return _lines([_expanded_node(name, said) for name, said in subjects], b"[\n", b"\n]\n")
    terms: dict[str, Term] = {}
    for term in context.terms.values():
        terms.setdefault(term.iri, term)
    namespaces = {iri: prefix for prefix, iri in context.prefixes.items()}
    return _lines([_node(name, said, terms, namespaces) for name, said in subjects], opening, closing)


def _by_subject(triples: Iterable[Triple]) -> list[tuple[str, Said]]:
    """Return each subject's name with what is said of it; every term is taken out of its triple once."""
    subjects: list[tuple[str, Said]] = []
    before = None
    for triple in triples:
        subject, predicate, value = triple
        if subject != before:
            subjects.append((_name(subject), []))
            before = subject
        subjects[-1][1].append((predicate.value, value))
    return subjects


def _lines(nodes: list[dict[str, Any]], opening: bytes, closing: bytes) -> bytes:
    """Return a document with one node a line."""
    body = ",\n".join(map(_encode, nodes))
    return opening + body.encode() + closing


def _iris(subjects: list[tuple[str, Said]]) -> set[str]:
    """Return the IRIs in some triples, those of literals' datatypes too."""
    found = {name for name, _ in subjects if not name.startswith("_:")}
    for _, said in subjects:
        for predicate, value in said:
            found.add(predicate)
            if isinstance(value, NamedNode):
                found.add(value.value)
            elif isinstance(value, Literal):
                found.add(value.datatype.value)
    return found


def _is_ambiguous(iri: str, context: Context) -> bool:
    """Tell whether the context would read an absolute IRI as a compact one."""
    scheme = _SCHEME.match(iri)
    return scheme is not None and (scheme[1] in context.prefixes or scheme[1] in context.terms)


def _node(subject: str, said: Said, terms: dict[str, Term], namespaces: dict[str, str]) -> dict[str, Any]:
    """Return the triples of one subject as a node; individuals of known vocabularies as compact IRIs."""
    members: dict[str, Any] = {}
    for predicate, value in said:
        if predicate == RDF_TYPE and not isinstance(value, Literal):
            name = _name(value)
            members.setdefault("type", []).append(terms[name].key if name in terms else name)
            continue
        term = terms.get(predicate)
        if term is not None and term.language_map:
            text = _plain_text(value)
            if text is not None:
                members.setdefault(term.key, {}).setdefault(text[0], []).append(text[1])
                continue
            term = None  # no text by language can hold it
        members.setdefault(predicate if term is None else term.key, []).append(_value(value, term, namespaces))
    return {"id": subject} | {key: _shortened(value) for key, value in members.items()}


def _plain_text(value: object) -> tuple[str, str] | None:
    """Return the language (or `@none`) and the text of a literal that a language map can hold."""
    if isinstance(value, Literal):
        if value.language is not None:
            return value.language, value.value
        if value.datatype.value == f"{_XSD}string":
            return "@none", value.value
    return None


def _value(value: object, term: Term | None, namespaces: dict[str, str]) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return a value as it stands under a term, or under a full IRI."""
    if not isinstance(value, Literal):
        name = _compact_iri(_name(value), namespaces)
        return name if term is not None and term.is_link else {"id": name}
    if value.language is not None:
        return {"value": value.value, "@language": value.language}
    datatype = value.datatype.value
    coercion = None if term is None else term.coercion
    if datatype == coercion:
        return value.value
    if datatype == f"{_XSD}string":
        return value.value if coercion is None else {"value": value.value}
    if coercion is None and datatype == f"{_XSD}integer" and _INTEGER.fullmatch(value.value):
        return int(value.value)
    return {"type": _compact_iri(datatype, namespaces), "value": value.value}


def _compact_iri(iri: str, namespaces: dict[str, str]) -> str:
    """Return an IRI of a vocabulary that the context has a prefix for as a compact one, any other as it is."""
    match = _LOCAL_NAME.search(iri)
    prefix = namespaces.get(iri[: match.start()]) if match else None
    return f"{prefix}:{match[0]}" if match and prefix is not None else iri


def _expanded_node(subject: str, said: Said) -> dict[str, Any]:
    """Return the triples of one subject as a node in the expanded form."""
    members: dict[str, list[Any]] = {}
    for predicate, value in said:
        if predicate == RDF_TYPE and not isinstance(value, Literal):
            members.setdefault("@type", []).append(_name(value))
        else:
            members.setdefault(predicate, []).append(_expanded_value(value))
    return {"@id": subject} | members


def _expanded_value(value: object) -> dict[str, str]:
    """Return a value in the expanded form."""
    if not isinstance(value, Literal):
        return {"@id": _name(value)}
    if value.language is not None:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == f"{_XSD}string":
        return {"@value": value.value}
    return {"@value": value.value, "@type": value.datatype.value}


def _shortened(value: Any) -> Any:  # noqa: ANN401 - JSON is of any type
    """Return lists of one member as that member."""
    if isinstance(value, dict):
        return {key: _shortened(member) for key, member in value.items()}
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _name(term: object) -> str:
    """Return an IRI, or a blank node's label with its `_:`."""
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, BlankNode):
        return str(term)
    raise ValueError(f"{term} is neither an IRI nor a blank node")
