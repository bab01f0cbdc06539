"""The report tells an editor which record, where from, which field, what is wrong and what to do."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
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
from triplepress.rdf.turtle import to_turtle
from triplepress.record import Finding, Rejected, Severity, Source
from triplepress.validation.report import (
    Excerpt,
    Language,
    ReportEntry,
    ReportPages,
    finding_of,
    report_html,
    report_json,
    report_lines,
    report_rows,
    report_turtle,
    turtle,
    write_report_html,
    write_report_json,
    write_report_turtle,
)
from triplepress.validation.report.page import SHOWN_ENTRIES, SHOWN_FINDINGS
from triplepress.validation.results import SEVERITIES, Report, Result
from triplepress.validation.validate import Gate
from triplepress.validation.wording import TEXTS

_ROOT = "https://data.example.org"
_CITING = f"{_ROOT}/id/doi/10.1234/citing"
_SOURCE = Source(kind="elpub", location="pages/12.txt", position="line 9", sha256="29b1")


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
    findings = [finding_of(result, language) for result in report.results]
    return [
        ReportEntry(
            record=_CITING,
            doi="10.1234/citing",
            title="On <presses>",
            source=_SOURCE,
            findings=tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))),
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


def test_a_finding_names_the_field_to_correct(report: Report) -> None:
    fields = {finding_of(result, "en").field for result in report.results}
    assert {"titles", "licences", "landing_pages", "references[1].text", "sources", "journal.issn"} <= fields


def test_a_finding_says_what_is_wrong_and_what_to_do(report: Report) -> None:
    findings = [finding_of(result, "ru") for result in report.results if result.focus_node == _CITING]
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


def test_a_document_is_written_as_it_always_was() -> None:
    finding = Finding(severity="Warning", field="issued", message="No date.\n    {", remedy="", shape="https://x/#s")
    entry = ReportEntry(record="https://x/1", title="T", findings=(finding,))
    line = {"record": "https://x/1", "published": True, "source": None, "doi": None, "title": "T", "stage": "validate"}
    found = {"severity": "Warning", "field": "issued", "value": None, "message": "No date.\n    {", "remedy": ""}
    line["findings"] = [found | {"shape": "https://x/#s", "component": None}]
    summary = {"records": 2, "set_aside": 0, "by_severity": {"Violation": 0, "Warning": 1, "Info": 0}}
    summary |= {"by_shape": {"https://x/#s": 1}, "by_field": {"issued": 1}}
    empty = line | {"record": None, "title": None, "findings": []}
    document = {"summary": summary, "entries": [line, empty]}
    assert report_json([entry, ReportEntry()]).decode() == json.dumps(document, indent=2) + "\n"
    assert json.loads(report_json([])) == {"summary": json.loads(report_json([]))["summary"], "entries": []}


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 230])
def test_a_page_of_a_document_is_read_without_the_rest(tmp_path: Path, number: int) -> None:
    entries = [ReportEntry(record=f"https://x/{n}", title='"\n    {\n  ]\n') for n in range(number)]
    path = tmp_path / "report.json"
    assert write_report_json(path, entries).records == number
    document = json.loads(path.read_bytes())
    assert path.read_bytes() == report_json(entries)
    for most in (1, 2, 100):
        pages = ReportPages.of(path, 50, most)
        assert pages.summary == document["summary"]
        read = [entry for page in range(most + 2) for entry in pages.page(page)]
        assert read == document["entries"][: 50 * most]
    assert [child.name for child in tmp_path.iterdir()] == ["report.json"]


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


def _large(number: int) -> Iterator[ReportEntry]:
    """Yield a report in which what is graver comes later."""
    for n in range(number):
        severity: Severity = "Info" if n % 3 else "Warning"
        finding = Finding(severity=severity, field=f"references[{n}].text", message="Found.", remedy="Do.", shape="s#a")
        yield ReportEntry(record=f"https://x/{n}", doi=f"10.1/{n}", findings=(finding,))
    finding = Finding(severity="Violation", field="titles", message="No title.", remedy="Add it.", shape="s#b")
    for n in range(7):
        yield ReportEntry(doi=f"10.2/{n}", published=False, findings=(finding,) * (SHOWN_FINDINGS + 1200))


@pytest.mark.parametrize(("language", "thousands"), [("en", ","), ("ru", "\N{NARROW NO-BREAK SPACE}")])
def test_a_large_page_shows_the_gravest_counts_all_and_says_where_they_are(
    tmp_path: Path, language: Language, thousands: str
) -> None:
    excerpt = Excerpt()
    summary = write_report_json(tmp_path / "report.json", excerpt.choosing(_large(3000)))
    write_report_html(tmp_path / "report.html", excerpt, summary, language)
    in_release = (tmp_path / "report.html").read_text(encoding="utf-8")
    for html in (in_release, report_html(_large(3000), language)):
        page = _Page()
        page.feed(html)
        assert page.open == []
        assert len([tag for tag, _ in page.seen if tag == "article"]) == SHOWN_ENTRIES
        assert html.count("No title.") == 7 * SHOWN_FINDINGS
        shown = [int(number) for number in re.findall(r"10\.1/([0-9]+)<", html)]
        assert shown == [n for n in range(3000) if n % 3 == 0][: SHOWN_ENTRIES - 7]
        assert f"<b>3{thousands}007</b>" in html
        assert f"{TEXTS[language]['more_records']}: <b>2{thousands}507</b>" in html
        assert f"{TEXTS[language]['more_findings']}: <b>1{thousands}200</b>" in html
        assert f"<td><code>references[…].text</code></td><td>3{thousands}000</td>" in html
        assert f"<code>b</code></a></td><td>{7 * (SHOWN_FINDINGS + 1200):,}</td>".replace(",", thousands) in html
    links = {attributes.get("href") for tag, attributes in page.seen if tag == "a"}
    assert "check --json" in html
    assert "report.json" not in links
    assert 'href="report.json"' in in_release
    assert 'href="rejected.jsonl"' in in_release


def test_the_counts_of_a_table_count_everything() -> None:
    findings = [Finding(severity="Warning", field=f"f{n}", message="m", remedy="") for n in range(100)]
    html = report_html([ReportEntry(findings=(*findings, *findings[:30]))])
    counts = [int(number) for number in re.findall(r"</td><td>([0-9]+)</td>", html)]
    assert sum(counts) == 130
    assert counts[-1] == 70


def test_both_languages_say_the_same_things() -> None:
    assert TEXTS["en"].keys() == TEXTS["ru"].keys()


def test_the_turtle_is_a_shacl_report_without_blank_nodes(report: Report, shared: Path) -> None:
    content = report_turtle(report.results, _ROOT)
    assert content.startswith(b"@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix xsd: ")  # each time in this order
    quads = list(ox.parse(content, format=ox.RdfFormat.TURTLE))
    assert not any(isinstance(term, ox.BlankNode) for quad in quads for term in (quad.subject, quad.object))
    graph = rdflib.Graph().parse(data=content, format="turtle")
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
    graph = rdflib.Graph().parse(data=report_turtle([], _ROOT), format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    assert graph.value(rdflib.URIRef(f"{_ROOT}/report"), sh.conforms) == rdflib.Literal(True)


def _results(number: int) -> Iterator[Result]:
    values = [None, ox.Literal('"no"\n<b> .', language="en"), ox.NamedNode("https://x.example/ü"), ox.BlankNode("b")]
    paths = [None, "http://purl.org/dc/terms/title", "^<http://xmlns.com/foaf/0.1/page>", "(<urn:a>/<urn:b>)"]
    for n in range(number):
        messages = {"en": "No title, no place", "ru": "Нет заглавия"}
        focus = f"{_ROOT}/id/doi/10.5555/{n}"
        yield Result(focus, paths[n % 4], values[n // 4 % 4], "Warning", f"{_ROOT}/s.ttl#s", "urn:c", messages, {})


@pytest.mark.parametrize("number", [0, 1, 2, 31])
def test_the_batches_do_not_show_in_the_turtle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    whole = report_turtle(_results(number), _ROOT)
    monkeypatch.setattr(turtle, "_BATCH", 3)
    assert write_report_turtle(tmp_path / "report.ttl", _results(number), _ROOT) == number
    assert (tmp_path / "report.ttl").read_bytes() == whole
    assert [child.name for child in tmp_path.iterdir()] == ["report.ttl"]
    listed = to_turtle(ox.serialize(_listed(whole), format=ox.RdfFormat.N_TRIPLES) or b"", turtle.PREFIXES)
    assert whole.startswith(listed), "the list of the results is laid out as any other"


def _listed(content: bytes) -> list[ox.Triple]:
    quads = ox.parse(content, format=ox.RdfFormat.TURTLE)
    return [quad.triple for quad in quads if quad.subject == ox.NamedNode(f"{_ROOT}/report")]


def test_a_large_report_is_written_in_little_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        excerpt = Excerpt()
        summary = write_report_json(tmp_path / "report.json", excerpt.choosing(_large(20_000)))
        write_report_html(tmp_path / "report.html", excerpt, summary)
        write_report_turtle(tmp_path / "report.ttl", _results(5_000), _ROOT)
        pages = ReportPages.of(tmp_path / "report.json", 50, 200)
        assert len(pages.page(200)) == 50
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000
    assert (tmp_path / "report.html").stat().st_size < 1_000_000
