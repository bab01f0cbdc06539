"""Reading a JSON-LD context as a mapping: what each of its terms means, and what a mapping may not contain.

A context can do far more than give keys a meaning: fetch another context, nest, reverse, make lists. A mapping that
people edit by hand does without, so all of that is refused, by name, when it is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import NamedNode

from triplepress.errors import MappingError

RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_KEYWORDS: Final = frozenset({"@id", "@type", "@value", "@language", "@included"})
_SETTINGS: Final = frozenset({"@version", "@protected"})
_MEMBERS: Final = frozenset({"@id", "@type", "@container"})
_CONTAINERS: Final = frozenset({"@language", "@set"})
_COERCIONS: Final = frozenset({"@id", "@vocab"})


@dataclass(frozen=True, slots=True)
class Term:
    """One key of the mapping.

    Attributes:
        key: As it stands in a node.
        iri: The absolute IRI of its property or class.
        coercion: `@id` or `@vocab` where its values are IRIs, the IRI of a datatype, or None.
        language_map: Whether its values are texts by language.
    """

    key: str
    iri: str
    coercion: str | None = None
    language_map: bool = False

    @property
    def is_link(self) -> bool:
        """Whether a text value of this key is an IRI."""
        return self.coercion in _COERCIONS


@dataclass(frozen=True, slots=True)
class Context:
    """A context, read.

    Attributes:
        terms: Properties and classes by key.
        aliases: The keys that stand for JSON-LD's own keywords, such as `id` for `@id`.
        prefixes: Namespace IRIs by prefix.
    """

    terms: Mapping[str, Term]
    aliases: Mapping[str, str]
    prefixes: Mapping[str, str]

    def expand(self, name: str) -> str | None:
        """Return the absolute IRI of a term or a compact IRI, or None if the context knows neither."""
        term = self.terms.get(name)
        if term is not None:
            return term.iri
        prefix, colon, local = name.partition(":")
        return self.prefixes[prefix] + local if colon and prefix in self.prefixes else None


def read_context(document: bytes) -> Context:
    """Return the context in a JSON-LD document that holds nothing else.

    Raises:
        MappingError: It is not JSON, refers to another context, repeats a key, maps a key to nothing or to what is no
            IRI, or uses a part of JSON-LD that a mapping has no use for.
    """
    definitions = _definitions(document)
    aliases = {key: value for key, value in definitions.items() if isinstance(value, str) and value in _KEYWORDS}
    prefixes = {
        key: value
        for key, value in definitions.items()
        if isinstance(value, str) and value.endswith(("/", "#")) and ":" in value and not key.startswith("@")
    }
    terms = {
        key: _term(key, value, prefixes)
        for key, value in definitions.items()
        if key not in aliases and key not in prefixes and key not in _SETTINGS
    }
    for prefix, namespace in prefixes.items():
        _require_iri(prefix, namespace)
    return Context(terms, aliases, prefixes)


def _definitions(document: bytes) -> dict[str, Any]:
    """Return the members of the one inline context."""
    try:
        parsed = json.loads(document, object_pairs_hook=_without_repetition)
    except ValueError as error:
        raise MappingError(f"the mapping is not JSON: {error}; correct it there") from error
    if not isinstance(parsed, dict) or set(parsed) != {"@context"}:
        raise MappingError("the mapping is one JSON object with the single key @context", key="@context")
    context = parsed["@context"]
    if not isinstance(context, dict):
        message = "@context: a context elsewhere is not fetched; write its terms into the mapping"
        raise MappingError(message, key="@context")
    if context.get("@version") != 1.1:
        raise MappingError("@version: must be 1.1, for the mapping uses @included", key="@version")
    return context


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members, no key twice: JSON would keep the last and say nothing."""
    members = dict(pairs)
    if len(members) != len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise MappingError(f"{repeated}: stands twice in the mapping; remove one", key=repeated)
    return members


def _term(key: str, value: object, prefixes: Mapping[str, str]) -> Term:
    """Return what one key of the context means."""
    if key.startswith("@"):
        raise MappingError(f"{key}: has no place in the mapping; remove it", key=key)
    if isinstance(value, str):
        return Term(key, _expanded(key, value, prefixes))
    if not isinstance(value, dict) or not isinstance(value.get("@id"), str):
        raise MappingError(f"{key}: maps to nothing; give it the IRI of a property or class", key=key)
    unknown = set(value) - _MEMBERS
    if unknown:
        message = f"{key}: {sorted(unknown)[0]} has no place in the mapping; use @id, @type and @container"
        raise MappingError(message, key=key)
    container, coercion = value.get("@container"), value.get("@type")
    if container is not None and container not in _CONTAINERS:
        raise MappingError(f"{key}: @container {container} would change the graph; use @language or none", key=key)
    if coercion is not None:
        if not isinstance(coercion, str):
            raise MappingError(f"{key}: @type is no IRI", key=key)
        if coercion not in _COERCIONS:
            coercion = _expanded(key, coercion, prefixes)
        if container == "@language":
            raise MappingError(f"{key}: texts by language have no @type; remove one of the two", key=key)
    return Term(key, _expanded(key, value["@id"], prefixes), coercion, container == "@language")


def _expanded(key: str, name: str, prefixes: Mapping[str, str]) -> str:
    """Return the absolute IRI that a compact IRI, or an absolute one, stands for."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in prefixes:
        name = prefixes[prefix] + local
    elif not colon or not local.startswith("//"):
        raise MappingError(f"{key}: “{name}” has a prefix that the mapping does not declare; add it", key=key)
    _require_iri(key, name)
    return name


def _require_iri(key: str, text: str) -> None:
    """Raise unless `text` is an absolute IRI."""
    try:
        NamedNode(text)
    except ValueError as error:
        raise MappingError(f"{key}: “{text}” is no IRI; correct it", key=key) from error
