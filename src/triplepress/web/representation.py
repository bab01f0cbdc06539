"""A description in one of the data formats."""

from __future__ import annotations

from functools import cache
from typing import Final

import anyio.to_thread
from pyoxigraph import RdfFormat, parse, serialize

from triplepress.rdf.compact import compacted
from triplepress.rdf.context import Context, read_context
from triplepress.rdf.formats import JSON_LD, N_TRIPLES, TURTLE, Format
from triplepress.rdf.ordering import in_order, parse_ntriples
from triplepress.rdf.turtle import to_turtle
from triplepress.resources import resource
from triplepress.web.view import NAMESPACES

_CLOSING: Final = b"\n]}\n"


@cache
def context_document() -> bytes:
    """Return the mapping as it is published."""
    return resource("mappings", "article.context.jsonld").read_bytes()


@cache
def _context() -> Context:
    return read_context(context_document())


@cache
def _opening() -> bytes:
    """Return a JSON-LD document with the context inline, up to its first node."""
    return context_document().rstrip().removesuffix(b"}").rstrip() + b',\n"@graph": [\n'


@cache
def _prefixes() -> dict[str, str]:
    """Return the mapping's prefixes, and those of the vocabularies that describe a dataset."""
    return {**_context().prefixes, **NAMESPACES}


async def in_reading_order(ntriples: bytes, iri: str) -> bytes:
    """Return N-Triples, each once, the thing first, then its hash IRIs, then what surrounds it.

    Args:
        ntriples: As a `GraphStore` gives them, in any order, repeats allowed.
        iri: The thing.
    """
    return await anyio.to_thread.run_sync(_in_reading_order, ntriples, iri)


def _in_reading_order(ntriples: bytes, iri: str) -> bytes:
    return in_order(ntriples, _context(), iri)


async def represent(ntriples: bytes, chosen: Format) -> bytes:
    """Return a description in a format, made in a thread of its own so that other requests go on.

    Args:
        ntriples: The description, in reading order.
        chosen: One of `GRAPH_FORMATS`.
    """
    if chosen is N_TRIPLES:
        return ntriples
    return await anyio.to_thread.run_sync(_represent, ntriples, chosen)


def _represent(ntriples: bytes, chosen: Format) -> bytes:
    if chosen is TURTLE:
        used = {prefix: iri for prefix, iri in _prefixes().items() if iri.encode() in ntriples}
        return to_turtle(ntriples, used)
    if chosen is JSON_LD:
        return compacted(parse_ntriples(ntriples), _context(), _opening(), _CLOSING)
    triples = parse(ntriples, format=RdfFormat.N_TRIPLES)
    return serialize(triples, format=RdfFormat.RDF_XML, prefixes=_prefixes()) or b""
