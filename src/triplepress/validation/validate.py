"""The gate: one interface to the engines, chosen by what is installed, never silently different."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from pyoxigraph import BlankNode

from triplepress.errors import EnginesDisagree
from triplepress.validation.engines import Engine
from triplepress.validation.engines.volume import CHECKED_VERSION, Volume, installed_version
from triplepress.validation.results import SH, Report, Result, sorted_once
from triplepress.validation.shapes import Shapes

if TYPE_CHECKING:
    from triplepress.validation.engines.judge import Judge

__all__ = ["EngineName", "Gate", "Report", "Result", "comparable"]

_SPARQL: Final = SH + "SPARQLConstraintComponent"

EngineName = Literal["auto", "pyshacl", "shacl"]


class Gate:
    """Validates batches of N-Triples against one set of shapes.

    Args:
        shapes: As `load_shapes` returns them.
        engine: `pyshacl` (the judge), `shacl` (the volume engine, an extra), or `auto`: the volume engine in the
            version that was checked if it is installed, else pySHACL.

    Raises:
        ShapesError: The engine is not installed, or cannot execute the shapes.
    """

    def __init__(self, shapes: Shapes, engine: EngineName = "auto") -> None:
        """Choose the engine and hand it the shapes."""
        self.shapes = shapes
        self._judge: Judge | None = None
        self._engine: Engine
        if engine == "shacl" or (engine == "auto" and installed_version() == CHECKED_VERSION):
            self._engine = Volume(shapes.ntriples)
        else:
            self._engine = self._judge = _judge_of(shapes)

    @property
    def engine(self) -> str:
        """Name and version of the engine that `validate` uses."""
        return self._engine.name

    def validate(self, ntriples: bytes) -> Report:
        """Return the report on one batch.

        Args:
            ntriples: The data graph, UTF-8. Hash IRIs must be in the batch of their article, shared things may be in
                another. Some hundred articles a batch: what is asked once a batch is then cheap, and memory flat.

        Raises:
            MappingError: It is not N-Triples.
            ShapesError: The engine cannot execute the shapes on it.
        """
        return self._report(self._engine, ntriples)

    def judge(self, ntriples: bytes) -> Report:
        """Return pySHACL's report on a batch, having compared it with the volume engine's.

        Where pySHACL is the only engine there is nothing to compare. For samples of a bulk run.

        Raises:
            EnginesDisagree: The two engines did not find the same.
        """
        if self._judge is None:
            self._judge = _judge_of(self.shapes)
        report = self._report(self._judge, ntriples)
        if self._engine is not self._judge:
            other = self._report(self._engine, ntriples)
            found, also_found = set(map(comparable, report.results)), set(map(comparable, other.results))
            missed, added = found - also_found, also_found - found
            if missed or added:
                raise EnginesDisagree(report.engine, other.engine, missed=_described(missed), added=_described(added))
        return report

    def _report(self, engine: Engine, ntriples: bytes) -> Report:
        """Return an engine's results with the shapes' own messages and remedies."""
        results = engine.validate(ntriples)
        found = sorted_once([_without_echo(result) for result in results if not _is_query_on_blank(result)])
        return Report(tuple(self._said(result) for result in found), engine.name)

    def _said(self, result: Result) -> Result:
        about = self.shapes.about.get(result.shape)
        return result if about is None else replace(result, messages=about.messages, remedies=about.remedies)


def _judge_of(shapes: Shapes) -> Judge:
    """Return pySHACL; it takes as long to import as all else, and most processes of a bulk run never ask it."""
    from triplepress.validation.engines.judge import Judge

    return Judge(shapes.ntriples)


def _is_query_on_blank(result: Result) -> bool:
    """Tell whether a query found something about a blank node, which engines bind each in their own way.

    Nothing is lost: where there is a query, a guard demands sh:nodeKind sh:IRI, so the node itself is a finding.
    """
    return result.component == _SPARQL and result.focus_node.startswith("_:")


def _without_echo(result: Result) -> Result:
    """Return a result without a value that is the focus node again.

    A query on a property shape that binds no ?value has none (SHACL, section 5.3.2); the volume engine then repeats
    the focus node, as is right for node shapes only.
    """
    echo = result.path is not None and result.component == _SPARQL and result.value_text == result.focus_node
    return replace(result, value=None) if echo else result


def comparable(result: Result) -> Result:
    """Return a result with all blank nodes alike: their labels are each engine's own."""
    focus_node = "_:b" if result.focus_node.startswith("_:") else result.focus_node
    value = BlankNode("b") if isinstance(result.value, BlankNode) else result.value
    return replace(result, focus_node=focus_node, value=value)


def _described(results: Iterable[Result]) -> list[str]:
    """Return results as lines: shape, focus node, value."""
    return sorted(
        f"{result.shape.rpartition('#')[2]} on {result.focus_node}" + (f", {result.value}" if result.value else "")
        for result in results
    )
