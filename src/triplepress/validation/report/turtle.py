"""The gate's results as a SHACL validation report in Turtle, written batch by batch.

The report itself stands first, and lists every result: what the results say waits in a temporary file until their
number is known.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from triplepress.rdf.turtle import to_turtle
from triplepress.validation.results import SH, Result

_RDF_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_RDFS_LABEL: Final = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
_BOOLEAN: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")
PREFIXES: Final = {"sh": SH, "xsd": "http://www.w3.org/2001/XMLSchema#"}
_BATCH: Final = 200  # results that are made into Turtle at a time
_STOP: Final = b" .\n"


def write_report_turtle(path: Path, results: Iterable[Result], root: str) -> int:
    """Write the results as a SHACL validation report in Turtle, without blank nodes.

    Args:
        path: The file; a temporary one as large is needed in its folder.
        results: The gate's results; read once, some hundred at a time.
        root: The base IRI without its final slash; the report is `{root}/report`, its results `{root}/report#result-n`
            with n from 1.

    Returns:
        How many results there are.

    References:
        SHACL, section 3.6 (validation report); RDF 1.1 Concepts, section 3.5 (skolemisation).
    """
    with path.open("wb") as file, tempfile.TemporaryFile(dir=path.parent) as body:
        return _write(file, body, results, root)


def report_turtle(results: Iterable[Result], root: str) -> bytes:
    """Return the Turtle of a small report."""
    file = BytesIO()
    _write(file, BytesIO(), results, root)
    return file.getvalue()


def _write(file: IO[bytes], body: IO[bytes], results: Iterable[Result], root: str) -> int:
    """Write the document to a file, what the results say first to another; return their number."""
    iterator = iter(results)
    paths = _Paths(root)
    number = 0
    while batch := list(islice(iterator, _BATCH)):
        triples = [triple for n, result in enumerate(batch, number + 1) for triple in _about(result, n, root, paths)]
        body.write(to_turtle(_ntriples(triples), PREFIXES, header=False))
        number += len(batch)
    file.writelines(_head(number, root))
    body.seek(0)
    shutil.copyfileobj(body, file, 1 << 20)
    return number


def _head(number: int, root: str) -> Iterator[bytes]:
    """Yield the prefix lines and what is said of the report itself, with the list of its results."""
    report = ox.NamedNode(f"{root}/report")
    triples = [
        ox.Triple(report, _RDF_TYPE, _sh("ValidationReport")),
        # The Recommendation counts any result, also a warning.
        ox.Triple(report, _sh("conforms"), ox.Literal("false" if number else "true", datatype=_BOOLEAN)),
    ]
    if not number:
        yield to_turtle(_ntriples(triples), PREFIXES)
        return
    triples.append(ox.Triple(report, _sh("result"), _result(1, root)))
    yield to_turtle(_ntriples(triples), PREFIXES).removesuffix(_STOP)
    for n in range(2, number + 1):  # as `to_turtle` writes a list
        yield f" ,\n\t\t{_result(n, root)}".encode()
    yield _STOP


def _ntriples(triples: Iterable[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _about(result: Result, n: int, root: str, paths: _Paths) -> Iterator[ox.Triple]:
    """Yield what is said of one result."""
    node = _result(n, root)
    yield ox.Triple(node, _RDF_TYPE, _sh("ValidationResult"))
    yield ox.Triple(node, _sh("focusNode"), _skolem(result.focus_node, root))
    if result.path is not None:
        path, triples = paths.path(result.path)
        yield ox.Triple(node, _sh("resultPath"), path)
        yield from triples
    if result.value is not None:
        value = result.value
        yield ox.Triple(node, _sh("value"), _skolem(str(value), root) if isinstance(value, ox.BlankNode) else value)
    yield ox.Triple(node, _sh("resultSeverity"), _sh(result.severity))
    if result.shape:
        yield ox.Triple(node, _sh("sourceShape"), _skolem(result.shape, root))
    yield ox.Triple(node, _sh("sourceConstraintComponent"), ox.NamedNode(result.component))
    for language, message in result.messages.items():
        yield ox.Triple(node, _sh("resultMessage"), _message(message, language))


class _Paths:
    """Writes result paths; an inverse one gets an IRI of its own, any longer one the IRI of its text."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._seen: dict[str, ox.NamedNode] = {}

    def path(self, text: str) -> tuple[ox.NamedNode, list[ox.Triple]]:
        """Return the node of a path, and the triples that describe it the first time it is met."""
        if not text.startswith(("^", "(", "<")):
            return ox.NamedNode(text), []
        if text in self._seen:
            return self._seen[text], []
        node = self._seen[text] = ox.NamedNode(f"{self._root}/report#path-{len(self._seen) + 1}")
        inverse = text.removeprefix("^<").removesuffix(">")
        if text.startswith("^<") and ">" not in inverse:
            return node, [ox.Triple(node, _sh("inversePath"), ox.NamedNode(inverse))]
        return node, [ox.Triple(node, _RDFS_LABEL, ox.Literal(text))]


def _result(n: int, root: str) -> ox.NamedNode:
    """Return the node of the nth result."""
    return ox.NamedNode(f"{root}/report#result-{n}")


def _skolem(name: str, root: str) -> ox.NamedNode:
    """Return a node's IRI; a blank node gets one of the report."""
    if name.startswith("_:"):
        return ox.NamedNode(f"{root}/report#blank-{name[2:]}")
    return ox.NamedNode(name)


@lru_cache(1000)  # few shapes find most of what is found
def _message(text: str, language: str) -> ox.Literal:
    return ox.Literal(text, language=language) if language else ox.Literal(text)


@cache
def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)
