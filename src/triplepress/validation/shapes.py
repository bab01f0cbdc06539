"""Loads the shapes, behind every guard: shapes that check less than they seem to are worse than none."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplepress.errors import ShapesError
from triplepress.record import Severity
from triplepress.resources import resource
from triplepress.settings import Settings
from triplepress.validation.guards import GUARDS
from triplepress.validation.results import SH, severity_of
from triplepress.validation.shapes_graph import ShapesGraph

SHAPES_NAME: Final = "shapes.ttl"
# Beside the packaged shapes: the SHA-256 of the bytes that were judged; a test judges them again.
JUDGED_NAME: Final = "shapes.judged"


@dataclass(frozen=True, slots=True)
class ShapeAbout:
    """What a shape says to an editor: what is wrong, and what to do, by language."""

    severity: Severity
    messages: Mapping[str, str]
    remedies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes that passed every guard.

    Attributes:
        ntriples: The shapes graph.
        sha256: Of the file's bytes, hexadecimal.
        about: What the reporting shapes say, by IRI.
    """

    ntriples: bytes
    sha256: str
    about: Mapping[str, ShapeAbout]


def load_shapes(path: Path | None = None, *, root: str = Settings().root) -> Shapes:
    """Return the shapes in a Turtle file.

    Args:
        path: The file; None takes `ontology/shapes.ttl` of this installation.
        root: The edition's base IRI without its final slash; relative IRIs resolve against `{root}/shapes.ttl`.

    Raises:
        ShapesError: The file cannot be read, is no Turtle, or is refused by a guard (see `guards`) or by the shapes
            of SHACL itself.
    """
    file = path or resource("ontology", SHAPES_NAME)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ShapesError(f"{file}: {error.strerror or error}; name another file") from error
    try:
        quads = list(ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=f"{root}/{SHAPES_NAME}"))
    except SyntaxError as error:
        raise ShapesError(f"{file}: not Turtle: {error}; correct it") from error
    graph = ShapesGraph.of(quads)
    for guard in GUARDS:
        guard(graph)
    ntriples = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""
    digest = sha256(data).hexdigest()
    if not _was_judged(file, digest):
        judge_shapes(ntriples)
        _remember(digest)
    return Shapes(ntriples, digest, _about(graph))


def judge_shapes(ntriples: bytes) -> None:
    """Hold a shapes graph against the shapes of SHACL itself, through pySHACL; a matter of seconds.

    Raises:
        ShapesError: It is not well formed, such as a property shape with two paths, or a query does not find `$this`.

    References:
        SHACL, appendix C (shapes to validate shapes graphs).
    """
    # rdflib and pySHACL take as long to import as all else, and shapes that were judged are not judged again.
    import pyshacl
    from rdflib import Graph

    from triplepress.validation.anchors import refuse_unanchored
    from triplepress.validation.engines.terms import rdflib_graph

    refuse_unanchored(ShapesGraph.of(ox.parse(ntriples, format=ox.RdfFormat.N_TRIPLES)))
    logger = logging.getLogger("pyshacl-validate")

    def quiet(_: logging.LogRecord) -> bool:  # it also prints what it raises
        return False

    logger.addFilter(quiet)
    try:
        pyshacl.validate(Graph(), shacl_graph=rdflib_graph(ntriples), meta_shacl=True, inplace=True)
    except Exception as error:
        reason = str(error).strip()
        raise ShapesError(f"the shapes are not well formed; correct what this names: {reason}") from error
    finally:
        logger.removeFilter(quiet)


def _about(graph: ShapesGraph) -> dict[str, ShapeAbout]:
    """Return what the reporting shapes say, by IRI."""
    return {
        shape.value: ShapeAbout(
            severity_of(graph.named(shape, SH + "severity") or ""),
            graph.texts(shape, SH + "message"),
            graph.texts(shape, SH + "description"),
        )
        for shape, _ in graph.reporting()
        if isinstance(shape, ox.NamedNode)
    }


def _was_judged(file: Path, digest: str) -> bool:
    """Tell whether these bytes were found well formed: when they were packaged, or once before on this machine.

    Judging takes seconds, which every command would pay again; changed bytes have another digest and are judged.
    """
    with contextlib.suppress(OSError):
        if (file.parent / JUDGED_NAME).read_text(encoding="ascii").strip() == digest:
            return True
    with contextlib.suppress(OSError, RuntimeError):
        return _verdict(digest).is_file()
    return False


def _remember(digest: str) -> None:
    """Note that these bytes were judged; where nothing can be written they are judged again next time."""
    with contextlib.suppress(OSError, RuntimeError):  # no place to write, or no home
        verdict = _verdict(digest)
        verdict.parent.mkdir(parents=True, exist_ok=True)
        verdict.touch()


def _verdict(digest: str) -> Path:
    """Return the file whose presence says that bytes were judged by this version of pySHACL."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "triplepress" / "shapes" / f"{digest}-{version('pyshacl')}"
