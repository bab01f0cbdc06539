"""`shacl`, a native engine: the volume. N-Triples go in as they come from the mapping.

It is young and by one author, so it is an extra, pinned to the version that was held against pySHACL and the W3C's
suite, and never the only judge.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from triplepress.errors import MappingError, ShapesError
from triplepress.validation.engines.setwise import BATCH, setwise
from triplepress.validation.results import Result, Term, node_name, severity_of

if TYPE_CHECKING:
    import shacl

CHECKED_VERSION: Final = "0.3.4"
_BATCH: Final = NamedNode(BATCH)


def installed_version() -> str | None:
    """Return the version of `shacl` that is installed, or None."""
    try:
        return version("shacl")
    except PackageNotFoundError:
        return None


class Volume:
    """The native engine.

    Args:
        shapes: The shapes graph as N-Triples.

    Raises:
        ShapesError: It is not installed, not in the version that was checked, or cannot compile the shapes.
    """

    def __init__(self, shapes: bytes) -> None:
        """Compile the shapes once."""
        found = installed_version()
        if found != CHECKED_VERSION:
            state = "not installed" if found is None else f"{found}, which was never checked"
            raise ShapesError(f"the bulk engine is {state}; run: pip install 'triplepress[bulk]'")
        import shacl  # an extra: not there in every installation

        try:
            rewritten = setwise(shapes)
            self._asked = rewritten.asked
            self._shapes: shacl.Shapes = shacl.Shapes.from_text(rewritten.ntriples.decode(), "ntriples")
        except ValueError as error:
            raise ShapesError(f"the bulk engine cannot compile the shapes: {error}; correct the shapes") from error

    @property
    def name(self) -> str:
        """The engine's name and version."""
        return f"shacl {CHECKED_VERSION}"

    def validate(self, ntriples: bytes) -> list[Result]:
        """Return the results for one batch; see `Engine.validate`."""
        try:
            report = self._shapes.validate_text(ntriples.decode(), "ntriples")
        except ValueError as error:
            message = f"the bulk engine cannot read the batch, or not execute the shapes on it: {error}"
            raise MappingError(f"{message}; report this as a bug") from error
        return [self._result(result) for result in report.results]

    def _result(self, result: shacl.Result) -> Result:
        focus = node_name(_term(result.focus_node))
        shape = "" if result.source_shape is None else node_name(_term(result.source_shape))
        value = None if result.value is None else _term(result.value)
        path = _path(result.path)
        asked = self._asked.get(shape)
        if asked is not None:
            # A question put to the whole batch names the focus node as the path; without ?value its value is the batch.
            focus, path, shape = path or focus, asked.path, asked.shape
            if value == _BATCH:
                value = NamedNode(focus) if path is None else None
        return Result(
            focus_node=focus,
            path=path,
            value=value,
            severity=severity_of(result.severity_iri),
            shape=shape,
            component=result.component_iri,
        )


def _path(text: str | None) -> str | None:
    """Return a property's bare IRI, or a longer path as the engine writes it."""
    if text is None or not text.startswith("<") or text.find(">") != len(text) - 1:
        return text
    return text[1:-1]


def _term(text: str) -> Term:
    """Return the term that a piece of N-Triples is."""
    term: object = next(iter(parse(f"<urn:x> <urn:x> {text} .", format=RdfFormat.N_TRIPLES))).object
    if isinstance(term, NamedNode | BlankNode | Literal):
        return term
    raise TypeError(f"{text}: a triple is no value of this profile")
