"""The report for an editor: which record, where it comes from, which field, what is wrong, what to do.

One set of entries, and a renderer for each reader: JSON for programs, HTML for people, Turtle for other SHACL tools,
rows for a table in the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Final, Literal

import jinja2
import msgspec
import pyoxigraph as ox

from triplepress.rdf.turtle import to_turtle
from triplepress.record import Finding, Rejected, Severity, Source
from triplepress.validation.fields import field_of
from triplepress.validation.results import SEVERITIES, SH, Report, Result
from triplepress.validation.wording import TEXTS

Language = Literal["en", "ru"]

_RDF_TYPE: Final = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_BOOLEAN: Final = ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean")


class ReportEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found in one record.

    Attributes:
        record: IRI of the article; None for an input that did not become a record.
        doi: Canonical DOI, if it has one.
        title: Its first title, if it has one.
        source: Where it was read: file and position.
        findings: The gravest first.
        published: Whether it is in the edition all the same.
        stage: Where it was stopped, or last looked at.
    """

    record: str | None = None
    doi: str | None = None
    title: str | None = None
    source: Source | None = None
    findings: tuple[Finding, ...] = ()
    published: bool = True
    stage: Literal["read", "record", "validate"] = "validate"

    @classmethod
    def of_rejected(cls, rejected: Rejected) -> ReportEntry:
        """Return the entry of an input that was set aside before the gate."""
        return cls(
            doi=rejected.doi,
            title=rejected.title,
            source=rejected.source,
            findings=tuple(rejected.findings),
            published=False,
            stage=rejected.stage,
        )


class Row(msgspec.Struct, frozen=True):
    """One line of a table in the terminal."""

    severity: Severity
    record: str
    place: str
    field: str
    message: str
    remedy: str
    value: str | None = None


def finding_of(result: Result, language: str) -> Finding:
    """Return a validation result as an editor's finding, in a language."""
    return Finding(
        severity=result.severity,
        field=field_of(result.focus_node, result.path, result.shape),
        value=result.value_text,
        message=result.message(language) or f"The shape {result.shape} is not met.",
        remedy=result.remedy(language),
        shape=result.shape,
        component=result.component,
    )


def findings_by_record(
    report: Report,
    owner_of: Callable[[str], str | Iterable[str] | None],
    language: str,
) -> dict[str, list[Finding]]:
    """Return the findings of a report by the record they belong to.

    Args:
        report: The gate's report on one batch.
        owner_of: Returns the IRI of the article that a thing's IRI belongs to: itself for an article, all articles of
            the batch that mention it for a shared thing (a journal, a person), None for what is nobody's. It is asked
            for the thing: without fragment, and `/id/…` for a document at `/data/…`, which is tried second.
        language: `en` or `ru`.

    Returns:
        The gravest findings first. Findings that belong to no record of the batch stand under the focus node's IRI,
        so none is lost.
    """
    found: dict[str, list[Finding]] = {}
    seen: set[tuple[str, str, str | None, str]] = set()
    for result in report.results:
        finding = finding_of(result, language)
        for owner in _owners(result.focus_node, owner_of):
            # Two constraints of one shape say the same to an editor: not an IRI, and not of that pattern.
            said = (owner, finding.field or "", finding.value, result.shape)
            if said not in seen:
                seen.add(said)
                found.setdefault(owner, []).append(finding)
    for findings in found.values():
        findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return found


def _owners(focus_node: str, owner_of: Callable[[str], str | Iterable[str] | None]) -> list[str]:
    thing = focus_node.partition("#")[0]
    for candidate in (focus_node, thing, *_twins(thing)):
        owner = owner_of(candidate)
        if owner:
            return [owner] if isinstance(owner, str) else list(dict.fromkeys(owner))
    return [focus_node]


def _twins(document: str) -> Iterator[str]:
    """Yield what a document may be about: each `/data/` in its IRI as `/id/`, the base’s own last."""
    at = len(document)
    while (at := document.rfind("/data/", 0, at)) >= 0:
        yield f"{document[:at]}/id/{document[at + 6 :]}"


def summary(entries: Sequence[ReportEntry]) -> dict[str, Any]:
    """Return counts: entries, set aside, findings by severity, by shape and by field, the most frequent first."""
    findings = [finding for entry in entries for finding in entry.findings]
    severities = Counter(finding.severity for finding in findings)
    return {
        "records": len(entries),
        "set_aside": sum(not entry.published for entry in entries),
        "by_severity": {severity: severities[severity] for severity in SEVERITIES},
        "by_shape": _ranked(finding.shape for finding in findings),
        "by_field": _ranked(finding.field for finding in findings),
    }


def _ranked(values: Iterable[str | None]) -> dict[str, int]:
    counted = Counter(value for value in values if value)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def report_lines(entries: Iterable[ReportEntry]) -> Iterator[bytes]:
    """Yield an entry a line, as in `rejected.jsonl` and `check --json`; each ends in a line feed."""
    for entry in entries:
        yield msgspec.json.encode(_line(entry)) + b"\n"


def _line(entry: ReportEntry) -> dict[str, Any]:
    return {
        "source": _source(entry.source),
        "doi": entry.doi,
        "title": entry.title,
        "stage": entry.stage,
        "findings": entry.findings,
    }


def _source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    shown = {"kind": source.kind, "location": source.location, "position": source.position, "sha256": source.sha256}
    return shown | ({"retrieved": source.retrieved} if source.retrieved else {})


def report_json(entries: Sequence[ReportEntry]) -> bytes:
    """Return the report as one JSON document: the summary, then every entry."""
    lines = [{"record": entry.record, "published": entry.published} | _line(entry) for entry in entries]
    document = {"summary": summary(entries), "entries": lines}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def report_rows(entries: Iterable[ReportEntry]) -> Iterator[Row]:
    """Yield the report as lines of a table, in the entries' order."""
    for entry in entries:
        name = entry.doi or entry.title or entry.record or ""
        for finding in entry.findings:
            field = finding.field or ""
            place = place_of(entry.source)
            yield Row(finding.severity, name, place, field, finding.message, finding.remedy, finding.value)


def place_of(source: Source | None) -> str:
    """Return where a record was read, as people name it: file and position."""
    if source is None:
        return ""
    return source.location if source.position is None else f"{source.location}, {source.position}"


def report_html(
    entries: Sequence[ReportEntry],
    language: Language = "en",
    *,
    title: str | None = None,
    stylesheet: str | None = None,
) -> str:
    """Return the report as one page that needs nothing else: no script, no outside host.

    Args:
        entries: What was found; an empty report says that nothing was.
        language: Of the page; the findings are in the language they were made in.
        title: The edition's title, shown above.
        stylesheet: Address of a stylesheet to link to, where a Content-Security-Policy forbids inline styles; None
            puts the stylesheet into the page.
    """
    return (
        _environment()
        .get_template("report.html")
        .render(
            entries=entries,
            summary=summary(entries),
            language=language,
            text=TEXTS[language],
            title=title,
            stylesheet=stylesheet,
            styles=report_stylesheet(),
            place_of=place_of,
        )
    )


def report_stylesheet() -> str:
    """Return the report's stylesheet, for a server that links to it."""
    return (files("triplepress.validation") / "templates" / "report.css").read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("triplepress.validation"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def report_turtle(reports: Iterable[Report], root: str) -> bytes:
    """Return the results as a SHACL validation report in Turtle, without blank nodes.

    Args:
        reports: The gate's reports, batch by batch.
        root: The base IRI without its final slash; the report is `{root}/report`, its results `{root}/report#result-n`
            with n from 1.

    References:
        SHACL, section 3.6 (validation report); RDF 1.1 Concepts, section 3.5 (skolemisation).
    """
    results = [result for report in reports for result in report.results]
    ntriples = ox.serialize(_report_triples(results, root), format=ox.RdfFormat.N_TRIPLES) or b""
    return to_turtle(ntriples, {"sh": SH, "xsd": "http://www.w3.org/2001/XMLSchema#"})


def _report_triples(results: Sequence[Result], root: str) -> Iterator[ox.Triple]:
    report = ox.NamedNode(f"{root}/report")
    nodes = [ox.NamedNode(f"{root}/report#result-{n}") for n in range(1, len(results) + 1)]
    yield ox.Triple(report, _RDF_TYPE, _sh("ValidationReport"))
    # The Recommendation counts any result, also a warning.
    yield ox.Triple(report, _sh("conforms"), ox.Literal("false" if results else "true", datatype=_BOOLEAN))
    for node in nodes:
        yield ox.Triple(report, _sh("result"), node)
    paths = _Paths(root)
    for node, result in zip(nodes, results, strict=True):
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
            literal = ox.Literal(message, language=language) if language else ox.Literal(message)
            yield ox.Triple(node, _sh("resultMessage"), literal)


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
        label = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
        return node, [ox.Triple(node, label, ox.Literal(text))]


def _skolem(name: str, root: str) -> ox.NamedNode:
    """Return a node's IRI; a blank node gets one of the report."""
    if name.startswith("_:"):
        return ox.NamedNode(f"{root}/report#blank-{name[2:]}")
    return ox.NamedNode(name)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)
