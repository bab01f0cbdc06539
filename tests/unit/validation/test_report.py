"""The report tells an editor which record, where from, which field, what is wrong and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from tests.unit.validation.mutations import (
    ARTICLE,
    DOCUMENT,
    JOURNAL,
    conforming_graph,
    drop,
    ntriples,
    part,
    put,
    then,
)
from triplepress.record import Finding, Rejected, Source
from triplepress.validation.report import (
    Language,
    ReportEntry,
    findings_by_record,
    report_html,
    report_json,
    report_lines,
    report_rows,
    report_turtle,
)
from triplepress.validation.results import Report
from triplepress.validation.validate import Gate
from triplepress.validation.wording import TEXTS

_ROOT = "https://data.example.org"
_CITING = f"{_ROOT}/id/doi/10.1234/citing"
_CITED = f"{_ROOT}/id/doi/10.1234/cited"
_SOURCE = Source(kind="elpub", location="pages/12.txt", position="line 9", sha256="29b1")


def _owner_of(iri: str) -> str | Iterable[str] | None:
    if iri in {_CITING, _CITED}:
        return iri
    return [_CITING, _CITED] if iri == f"{_ROOT}/id/journal/2313-8920" else None


@pytest.fixture(scope="module")
def report(volume: Gate) -> Report:
    change = then(
        drop(ARTICLE, "dcterms:title"),
        drop(ARTICLE, "dcterms:license"),
        put(ARTICLE, "foaf:page", '"<script>alert(1)</script>"'),
        put(part("ref-1"), "c4o:hasContent", '" "'),
        drop(DOCUMENT, "prov:wasGeneratedBy"),
        put(JOURNAL, "prism:issn", '"2313-8921"'),
        drop("<software/0.1.0>", "rdfs:label"),
        put(ARTICLE, "dcterms:issued", '"2027"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
    )
    return volume.validate(ntriples(change(conforming_graph())))


def _entries(report: Report, language: Language) -> list[ReportEntry]:
    findings = findings_by_record(report, _owner_of, language)
    return [
        ReportEntry(
            record=_CITING,
            doi="10.1234/citing",
            title="On <presses>",
            source=_SOURCE,
            findings=tuple(findings[_CITING]),
            published=False,
        ),
        ReportEntry.of_rejected(
            Rejected(
                source=Source(kind="elpub", location="b.txt"),
                stage="read",
                findings=[Finding(severity="Violation", field="doi", message="No DOI.", remedy="Add it.")],
            )
        ),
    ]


def test_findings_go_to_the_record_they_belong_to(report: Report) -> None:
    found = findings_by_record(report, _owner_of, "en")
    fields = {finding.field for finding in found[_CITING]}
    assert {"titles", "licences", "landing_pages", "references[1].text", "sources", "journal.issn"} <= fields
    assert {finding.field for finding in found[_CITED]} >= {"journal.issn"}
    assert f"{_ROOT}/software/0.1.0" in found, "what is nobody’s must not vanish"


def test_a_document_belongs_to_its_thing_also_under_a_base_that_looks_like_one() -> None:
    from triplepress.validation.results import Result

    result = Result("https://a.example/data/data/doi/10.1/data/x", None, None, "Violation", "s", "c")
    thing = "https://a.example/data/id/doi/10.1/data/x"
    found = findings_by_record(Report((result,), "x"), lambda iri: thing if iri == thing else None, "en")
    assert list(found) == [thing]


def test_the_gravest_come_first_and_each_is_said_once(report: Report) -> None:
    findings = findings_by_record(report, _owner_of, "en")[_CITING]
    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, key=["Violation", "Warning", "Info"].index)
    said = [(finding.field, finding.value, finding.message) for finding in findings]
    assert len(said) == len(set(said))


def test_a_finding_says_what_is_wrong_and_what_to_do(report: Report) -> None:
    findings = findings_by_record(report, _owner_of, "ru")[_CITING]
    finding = next(finding for finding in findings if finding.field == "titles")
    assert finding.message == "У статьи нет заглавия."
    assert finding.remedy.startswith("Добавьте заглавие")
    assert finding.shape == f"{_ROOT}/shapes.ttl#article-title"
    assert finding.component == "http://www.w3.org/ns/shacl#MinCountConstraintComponent"


def test_lines_are_those_of_rejected_jsonl(report: Report) -> None:
    lines = [json.loads(line) for line in report_lines(_entries(report, "en"))]
    assert list(lines[0]) == ["source", "doi", "title", "stage", "findings"]
    assert lines[0]["source"] == {"kind": "elpub", "location": "pages/12.txt", "position": "line 9", "sha256": "29b1"}
    assert [line["stage"] for line in lines] == ["validate", "read"]
    keys = ["severity", "field", "value", "message", "remedy", "shape", "component"]
    assert all(list(finding) == keys for line in lines for finding in line["findings"])


def test_json_counts_what_it_lists(report: Report) -> None:
    document = json.loads(report_json(_entries(report, "en")))
    findings = [finding for entry in document["entries"] for finding in entry["findings"]]
    assert sum(document["summary"]["by_severity"].values()) == len(findings)
    assert (document["summary"]["records"], document["summary"]["set_aside"]) == (2, 2)
    assert document["summary"]["by_field"]["titles"] == 1


def test_rows_name_record_and_place(report: Report) -> None:
    rows = list(report_rows(_entries(report, "en")))
    assert rows[0].record == "10.1234/citing"
    assert rows[0].place == "pages/12.txt, line 9"
    assert rows[-1].place == "b.txt"


class _Page(HTMLParser):
    """Collects tags and attributes; every element must be closed in its order."""

    void = frozenset({"meta", "link", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("stylesheet", [None, "/static/report.css"])
def test_the_page_needs_nothing_else_and_is_safe(report: Report, language: Language, stylesheet: str | None) -> None:
    html = report_html(_entries(report, language), language, title="Presses & co", stylesheet=stylesheet)
    page = _Page()
    page.feed(html)
    assert page.open == []
    assert not {"script", "iframe", "img", "object"} & {tag for tag, _ in page.seen}
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.seen for name in attributes)
    links = {attributes.get("href") for tag, attributes in page.seen if tag == "link"}
    assert links == ({stylesheet} if stylesheet else set())
    assert ("<style>" in html) == (stylesheet is None)
    assert not re.search(r"url\(|@import", html)
    assert "&lt;script&gt;" in html
    assert "On &lt;presses&gt;" in html
    assert "Presses &amp; co" in html
    assert f'<html lang="{language}">' in html
    assert "pages/12.txt, line 9" in html
    assert TEXTS[language]["heading"] in html


def test_an_empty_report_says_so() -> None:
    assert TEXTS["ru"]["clean"] in report_html([], "ru")


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["en"].keys() == TEXTS["ru"].keys()


def test_the_turtle_is_a_shacl_report_without_blank_nodes(report: Report, shared: Path) -> None:
    turtle = report_turtle([report], _ROOT)
    assert turtle.startswith(b"@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix xsd: ")  # each time in this order
    quads = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object))
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    results = list(graph.objects(rdflib.URIRef(f"{_ROOT}/report"), sh.result))
    assert len(results) == len(report.results)
    declared = set(rdflib.Graph().parse(shared / "vocab" / "shacl.ttl").subjects())
    assert {term for triple in graph for term in triple if str(term).startswith(str(sh))} <= declared
    # The vocabulary's own demands on a result, SHACL section 3.6.2, said as a shape.
    shape = """
    @prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:shape> a sh:NodeShape ; sh:targetClass sh:ValidationResult ;
        sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ,
            [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
            [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
            [ sh:path sh:resultPath ; sh:maxCount 1 ] , [ sh:path sh:value ; sh:maxCount 1 ] ,
            [ sh:path sh:resultMessage ; sh:minCount 2 ; sh:uniqueLang true ] .
    """
    conforms, _, text = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(data=shape, format="turtle"))
    assert conforms, text


def test_a_report_without_results_conforms() -> None:
    graph = rdflib.Graph().parse(data=report_turtle([Report((), "x")], _ROOT), format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    assert graph.value(rdflib.URIRef(f"{_ROOT}/report"), sh.conforms) == rdflib.Literal(True)
