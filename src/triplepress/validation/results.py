"""What an engine finds, in one form whichever engine found it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from triplepress.record import Severity

SH: Final = "http://www.w3.org/ns/shacl#"
# From the gravest down; a severity of the user's own invention counts as the gravest.
SEVERITIES: Final[tuple[Severity, ...]] = ("Violation", "Warning", "Info")

Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result.

    Attributes:
        focus_node: IRI of the node that was validated (`_:label` for a blank node).
        path: IRI of the property, or a property path in SPARQL syntax; None where the node itself is at fault.
        value: The offending term, where one is to blame.
        severity: `Violation`, `Warning` or `Info`.
        shape: IRI of the shape that found it.
        component: IRI of the constraint component.
        messages: What is wrong and what was expected, by language.
        remedies: What to do, by language.

    References:
        SHACL, section 3.6.2 (validation result).
    """

    focus_node: str
    path: str | None
    value: Term | None
    severity: Severity
    shape: str
    component: str
    messages: Mapping[str, str] = field(default_factory=dict, compare=False)
    remedies: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def value_text(self) -> str | None:
        """The offending value as an editor reads it: a literal's text, an IRI, a blank node's label."""
        return None if self.value is None else self.value.value

    def message(self, language: str) -> str:
        """Return the message in a language, else in English."""
        return _in_language(self.messages, language)

    def remedy(self, language: str) -> str:
        """Return the remedy in a language, else in English."""
        return _in_language(self.remedies, language)


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one batch, in a fixed order and each once.

    Attributes:
        results: Sorted by focus node, severity, path and shape.
        engine: Name of the engine that found them.
    """

    results: tuple[Result, ...]
    engine: str

    @property
    def conforms(self) -> bool:
        """Whether everything may be published: warnings and infos do not stop a record."""
        return not any(result.severity == "Violation" for result in self.results)

    def counts(self) -> dict[Severity, int]:
        """Return how many results there are of each severity, the gravest first."""
        counted = Counter(result.severity for result in self.results)
        return {severity: counted[severity] for severity in SEVERITIES}


def severity_of(iri: str) -> Severity:
    """Return the severity that an IRI names; one of the user's own counts as a violation."""
    name = iri.removeprefix(SH)
    return name if name in SEVERITIES else "Violation"


def sorted_once(results: list[Result]) -> tuple[Result, ...]:
    """Return results each once and in a fixed order, whatever order the engine found them in."""
    return tuple(sorted(set(results), key=_order))


def node_name(term: Term) -> str:
    """Return how results name a focus node: an IRI, `_:label`, or a literal in N-Triples."""
    return term.value if isinstance(term, NamedNode) else str(term)


def _order(result: Result) -> tuple[str, int, str, str, str, str]:
    return (
        result.focus_node,
        SEVERITIES.index(result.severity),
        result.path or "",
        result.shape,
        result.component,
        str(result.value or ""),
    )


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
