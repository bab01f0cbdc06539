"""The mapping: nodes become triples by the JSON-LD context in `mappings/`, executed by Oxigraph's native parser.

JSON-LD drops in silence what it cannot place: a key that the context does not know, an IRI that is not valid, a
language tag that is not well formed. So the context is held against the nodes when it is loaded, and everything that
could be dropped later is refused, or made sound, before it gets here. Bytes in, bytes out, in batches.

References:
    JSON-LD 1.1, W3C Recommendation 2020, sections 4.1 (context), 4.2.4 (language maps), 4.9 (@included).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph
from msgspec import inspect
from pyoxigraph import RdfFormat

from triplepress.errors import MappingError
from triplepress.rdf.context import Context, read_context
from triplepress.rdf.nodes import NODE_TYPES, encode_node
from triplepress.rdf.turtle import to_turtle
from triplepress.resources import resource

__all__ = ["CONTEXT_NAME", "Mapping", "encode_node"]

CONTEXT_NAME: Final = "article.context.jsonld"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A context that fits the nodes.

    Attributes:
        context: The context, read.
        context_json: The context's document as it stands in `mappings/`: what `/context.jsonld` serves.
        opening: The bytes before the first node of a JSON-LD document.
        separator: The bytes between two nodes.
        closing: The bytes after the last node.
    """

    context: Context
    context_json: bytes
    opening: bytes
    separator: bytes = b",\n"
    closing: bytes = b"\n]}\n"

    @classmethod
    def load(cls, path: Path | None = None) -> Mapping:
        """Return the mapping in a context document.

        Args:
            path: The document; None takes `mappings/article.context.jsonld` of this installation.

        Raises:
            MappingError: It cannot be read, is no context of its own, or does not give every key of the nodes a
                meaning that keeps the value.
        """
        source = path or resource("mappings", CONTEXT_NAME)
        try:
            document = source.read_bytes()
        except OSError as error:
            raise MappingError(f"{source}: {error.strerror or error}; name another mapping") from error
        context = read_context(document)
        _require_fit(context)
        inline = json.dumps(json.loads(document)["@context"], ensure_ascii=False, separators=(",", ":"))
        return cls(context, document, b'{"@context":' + inline.encode() + b',\n"@graph":[\n')

    @property
    def prefixes(self) -> dict[str, str]:
        """Namespace IRIs by prefix."""
        return dict(self.context.prefixes)

    def document(self, lines: Sequence[bytes]) -> bytes:
        """Return nodes, one a line, as one JSON-LD document."""
        return self.opening + self.separator.join(lines) + self.closing

    def to_turtle(self, ntriples: bytes, *, header: bool = True) -> bytes:
        """Return N-Triples as Turtle with this mapping's prefixes, in their order; see `turtle.to_turtle`."""
        return to_turtle(ntriples, self.prefixes, header=header)

    def to_ntriples(self, lines: Sequence[bytes]) -> bytes:
        """Return the triples of a batch of nodes, in the order of the nodes and grouped by subject.

        Args:
            lines: Nodes as `encode_node` writes them; some hundred a batch keep memory flat.

        Returns:
            N-Triples, UTF-8.

        Raises:
            MappingError: A line is not what `encode_node` writes.
        """
        if not lines:
            return b""
        try:
            quads = pyoxigraph.parse(self.document(lines), format=RdfFormat.JSON_LD)
            return _serialized(quads)
        except SyntaxError as error:
            raise MappingError(f"a node cannot be mapped: {error}; report this as a bug") from error


def _serialized(quads: Iterator[pyoxigraph.Quad]) -> bytes:
    """Return quads of the default graph as N-Triples."""
    written = pyoxigraph.serialize(quads, format=RdfFormat.N_TRIPLES)
    return written or b""


def _require_fit(context: Context) -> None:
    """Raise unless the context gives every key and every fixed value of the nodes a meaning that keeps the value."""
    for keyword in ("@id", "@type", "@value", "@included"):
        if context.aliases.get(keyword[1:]) != keyword:
            raise MappingError(f"{keyword[1:]}: must stand for {keyword} in the mapping", key=keyword[1:])
    if context.prefixes.get("xsd") != _XSD:
        raise MappingError(f"xsd: must stand for {_XSD} in the mapping", key="xsd")
    seen: set[type] = set()
    for node_type in NODE_TYPES:
        _require_struct(context, inspect.type_info(node_type), seen)


def _require_struct(context: Context, info: inspect.Type, seen: set[type]) -> None:
    """Check one kind of node, and those that stand within it."""
    if not isinstance(info, inspect.StructType) or info.cls in seen:
        return
    seen.add(info.cls)
    if info.tag is not None:
        _require_value(context, str(info.tag), info.cls.__name__)
    for field in info.fields:
        key = field.encode_name
        if key not in context.aliases and key not in context.terms:
            raise MappingError(_unknown(key, context), key=key)
        for value in _alternatives(field.type):
            _require_kind(context, key, value)
            _require_struct(context, value, seen)


def _alternatives(info: inspect.Type) -> Iterator[inspect.Type]:
    """Yield the types that a value may have: the members of unions and lists, without None."""
    if isinstance(info, inspect.UnionType):
        for member in info.types:
            yield from _alternatives(member)
    elif isinstance(info, inspect.ListType):
        yield from _alternatives(info.item_type)
    elif not isinstance(info, inspect.NoneType):
        yield info


def _require_kind(context: Context, key: str, info: inspect.Type) -> None:
    """Check that a key's definition fits the values that nodes hold under it."""
    if isinstance(info, inspect.LiteralType):
        for value in info.values:
            _require_value(context, str(value), key)
    term = context.terms.get(key)
    if term is None or isinstance(info, inspect.StructType):  # an alias, or a value object: it says itself what it is
        return
    is_text = isinstance(info, inspect.DictType)
    if term.language_map != is_text:
        needed = "needs" if is_text else "cannot have"
        raise MappingError(f"{key}: {needed} “@container”: “@language” in the mapping", key=key)
    is_link = isinstance(info, inspect.LiteralType) or _is_iri(info)
    if term.is_link != is_link:
        needed = "needs" if is_link else "cannot have"
        raise MappingError(f"{key}: {needed} “@type”: “@id” in the mapping", key=key)


def _is_iri(info: inspect.Type) -> bool:
    """Tell whether a type is the nodes' `Iri`."""
    return isinstance(info, inspect.Metadata) and (info.extra_json_schema or {}).get("format") == "iri"


def _require_value(context: Context, value: str, key: str) -> None:
    """Check that a fixed value, a class or an individual, is known to the context."""
    if context.expand(value) is None:
        raise MappingError(_unknown(value, context) + f" ({key} names it)", key=value)


def _unknown(key: str, context: Context) -> str:
    """Return what to say of a key that the mapping lacks."""
    near = difflib.get_close_matches(key, [*context.terms, *context.prefixes], 1)
    hint = f"; is “{near[0]}” a misspelling of it?" if near else ""
    return f"{key}: nodes have it, the mapping does not, so it would be lost; add it to the mapping{hint}"
