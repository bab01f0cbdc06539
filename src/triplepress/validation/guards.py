"""What is refused when shapes are loaded, because an engine would accept it in silence or read it in its own way.

A misspelt `sh:minCuont` conforms everywhere; shapes without a target find nothing to refuse; two paths on one shape
pass unseen. Each guard raises `ShapesError` with the shape and what to do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Final

import pyoxigraph as ox

from triplepress.errors import ShapesError
from triplepress.validation.regexes import unsafe_construct
from triplepress.validation.results import SEVERITIES, SH
from triplepress.validation.shapes_graph import Node, ShapesGraph

LANGUAGES: Final = ("en", "ru")
# SHACL Core and SPARQL constraints, without what only some engines have (rules, functions, JavaScript, custom targets)
# and without custom constraint components, which the table of messages does not reach.
_TERMS: Final = """
NodeShape PropertyShape SPARQLConstraint PrefixDeclaration BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral
IRIOrLiteral Violation Warning Info targetClass targetNode targetSubjectsOf targetObjectsOf property path
inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath severity message deactivated name description
order group defaultValue PropertyGroup class datatype nodeKind minCount maxCount minExclusive minInclusive
maxExclusive maxInclusive minLength maxLength pattern flags languageIn uniqueLang equals disjoint lessThan
lessThanOrEquals not and or xone node qualifiedValueShape qualifiedMinCount qualifiedMaxCount
qualifiedValueShapesDisjoint closed ignoredProperties hasValue in sparql select prefixes declare prefix namespace
"""
VOCABULARY: Final = frozenset(_TERMS.split())
_BY_LOWER_CASE: Final = {term.lower(): term for term in sorted(VOCABULARY)}
# Properties whose values are hash IRIs of the same article and so always in its batch.
_INSIDE: Final = frozenset(
    {
        "http://purl.org/spar/pro/isDocumentContextFor",
        "http://purl.org/vocab/frbr/core#part",
        "http://purl.org/vocab/frbr/core#embodiment",
    }
)
_BOOLEAN: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
_SPARQL_STRING: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|<[^<>\"{}|^`\\\s]*>|#[^\n]*")
# Not allowed with pre-bound variables (SHACL, section 5.3.1, and appendix A); SERVICE would also fetch from elsewhere.
_FORBIDDEN: Final = re.compile(r"\b(SERVICE|MINUS|VALUES)\b", re.IGNORECASE)
_SELECT: Final = re.compile(r"(?<![?$\w:])SELECT\b", re.IGNORECASE)


def refuse_imports(graph: ShapesGraph) -> None:
    """Refuse owl:imports: it would be ignored, since nothing is fetched."""
    for _, node in graph.with_predicate("http://www.w3.org/2002/07/owl#imports"):
        raise ShapesError(f"owl:imports {node}: imports are not followed; put those shapes into the file itself")


def refuse_unknown_terms(graph: ShapesGraph) -> None:
    """Refuse a term of the SHACL namespace that is not in `VOCABULARY`, naming the nearest one."""
    for subject, predicates in graph.triples.items():
        objects = (node for nodes in predicates.values() for node in nodes)
        terms = {*predicates, *(node.value for node in objects if isinstance(node, ox.NamedNode))}
        for term in sorted(terms):
            if term.startswith(SH) and term.removeprefix(SH) not in VOCABULARY:
                name = term.removeprefix(SH)
                near = difflib.get_close_matches(name.lower(), _BY_LOWER_CASE, 1)
                hint = (
                    f"did you mean sh:{_BY_LOWER_CASE[near[0]]}?"
                    if near
                    else "only SHACL Core and SPARQL constraints are"
                )
                raise ShapesError(f"{shown(subject)}: sh:{name} is not known here; {hint}", shape=shown(subject))


def refuse_empty(graph: ShapesGraph) -> None:
    """Refuse shapes that check nothing: they would conform to everything."""
    checking = [shape for shape, _ in graph.reporting() if graph.constrains(shape)]
    if not checking:
        raise ShapesError("the shapes check nothing: none has both a target and a constraint; name another file")


def refuse_nameless(graph: ShapesGraph) -> None:
    """Refuse a reporting shape without an IRI: its findings could not be traced to it."""
    for shape, parent in graph.reporting():
        if not _is_iri(shape):
            place = shown(parent or shape)
            raise ShapesError(f"{place}: a shape in it has no IRI; give it one, such as <#my-shape>", shape=place)


def refuse_speechless(graph: ShapesGraph) -> None:
    """Refuse a reporting shape without severity, message and remedy in every language of the reports."""
    for shape, _ in graph.reporting():
        if not graph.constrains(shape):
            continue
        place = shown(shape)
        severity = graph.named(shape, SH + "severity")
        if severity is None or severity.removeprefix(SH) not in SEVERITIES:
            message = f"{place}: no severity; add sh:severity sh:Violation, sh:Warning or sh:Info"
            raise ShapesError(message, shape=place)
        for predicate, what in (("message", "says what is wrong"), ("description", "says what to do")):
            missing = [language for language in LANGUAGES if not graph.texts(shape, SH + predicate).get(language)]
            if missing:
                raise ShapesError(f"{place}: no sh:{predicate} in “{missing[0]}”; it {what}", shape=place)


def refuse_unsafe_patterns(graph: ShapesGraph) -> None:
    """Refuse look-around and back-references, in sh:pattern and in the strings of SPARQL."""
    for shape, node in graph.with_predicate(SH + "pattern"):
        _refuse_pattern(shape, node.value if isinstance(node, ox.Literal) else "")
    for shape, node in graph.with_predicate(SH + "select"):
        for string in _SPARQL_STRING.findall(node.value if isinstance(node, ox.Literal) else ""):
            if string.startswith(("'", '"')):
                _refuse_pattern(shape, string[1:-1].replace("\\\\", "\\"))


def refuse_unbound_sparql(graph: ShapesGraph) -> None:
    """Refuse SPARQL that could meet a blank focus node, is no valid query, or uses what pre-binding forbids."""
    parents: dict[Node, list[Node]] = {}
    for shape, parent in graph.reporting():
        parents.setdefault(shape, []).append(parent or shape)
    for shape, constraint in graph.with_predicate(SH + "sparql"):
        for parent in parents.get(shape, [shape]):
            if graph.named(parent, SH + "nodeKind") != SH + "IRI":
                message = (
                    f"{shown(parent)}: SPARQL needs focus nodes with IRIs; add sh:nodeKind sh:IRI to the node shape"
                )
                raise ShapesError(message, shape=shown(parent))
        prefixes = graph.prefixes(constraint)
        for node in graph.objects(constraint, SH + "select"):
            _refuse_query(shown(shape), prefixes, node.value if isinstance(node, ox.Literal) else "")


def refuse_odd_booleans(graph: ShapesGraph) -> None:
    """Refuse `"1"^^xsd:boolean`: the Recommendation knows only `true`, so one engine switches on and the other off."""
    for subject, predicates in graph.triples.items():
        for node in (node for nodes in predicates.values() for node in nodes):
            if isinstance(node, ox.Literal) and node.datatype == _BOOLEAN and node.value not in {"true", "false"}:
                raise ShapesError(f"{shown(subject)}: {node}: write true or false", shape=shown(subject))


def refuse_outside_class(graph: ShapesGraph) -> None:
    """Refuse sh:class on what may be described outside the batch."""
    for shape, node in graph.with_predicate(SH + "class"):
        if graph.named(shape, SH + "path") not in _INSIDE:
            message = f"{shown(shape)}: sh:class {node}: the value may be outside the batch; use sh:nodeKind sh:IRI"
            raise ShapesError(message, shape=shown(shape))


GUARDS: Final[tuple[Callable[[ShapesGraph], None], ...]] = (
    refuse_imports,
    refuse_unknown_terms,
    refuse_empty,
    refuse_nameless,
    refuse_speechless,
    refuse_unsafe_patterns,
    refuse_odd_booleans,
    refuse_unbound_sparql,
    refuse_outside_class,
)


def shown(node: Node) -> str:
    """Return a node as messages name it."""
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _is_iri(node: Node) -> bool:
    return isinstance(node, ox.NamedNode)


def _refuse_pattern(shape: Node, pattern: str) -> None:
    construct = unsafe_construct(pattern)
    if construct is not None:
        message = f"{shown(shape)}: “{construct}” in “{pattern}”: engines differ on it; write the pattern without it"
        raise ShapesError(message, shape=shown(shape))


def _refuse_query(place: str, prefixes: str, query: str) -> None:
    forbidden = _FORBIDDEN.search(_SPARQL_STRING.sub(" ", query))
    if forbidden:
        raise ShapesError(f"{place}: {forbidden[1].upper()} is not allowed in a constraint’s query", shape=place)
    if len(_SELECT.findall(_SPARQL_STRING.sub(" ", query))) > 1:
        raise ShapesError(f"{place}: engines differ on what is bound in a subquery; write it without", shape=place)
    try:
        # An empty store: only the grammar is asked.
        ox.Store().query(prefixes + query)
    except (SyntaxError, ValueError) as error:
        raise ShapesError(f"{place}: its query is not valid SPARQL: {error}; correct it", shape=place) from error
