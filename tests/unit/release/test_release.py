"""One release of three articles, looked at from every side."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, RdfFormat, parse

from tests.records import article, refused
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import decode_record, encode_record
from triplepress.release.building import Outcome
from triplepress.release.index import Revision
from triplepress.release.manifest import read_manifest
from triplepress.release.revisions import read_lines, read_revisions, write_revisions
from triplepress.release.switch import find_release
from triplepress.settings import Settings

BASE = "https://data.example.org/lod/"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edition") / "graph"


@pytest.fixture(scope="module")
def settings(graph: Path) -> Settings:
    return Settings(
        base=BASE, graph=str(graph), title="An edition", publisher="A publisher", contact="mailto:data@example.org"
    )


@pytest.fixture(scope="module")
def outcome(graph: Path, settings: Settings) -> Outcome:
    records = [article(1, cites=["10.5555/article.2"]), article(1, kind="crossref", pmid="7"), article(2), refused(3)]
    lines = graph.parent / "records.jsonl"
    lines.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    return pipeline.publish([str(lines)], settings)


@pytest.fixture(scope="module")
def release(outcome: Outcome) -> Path:
    return Path(outcome.path)


def test_the_numbers_add_up(outcome: Outcome) -> None:
    said = json.loads(outcome.to_json())
    assert list(said) == [
        "release", "read", "published", "merged", "skipped", "rejected", "triples", "seconds", "warnings",
    ]  # fmt: skip
    assert (said["read"], said["published"], said["merged"], said["rejected"]) == (4, 2, 1, 1)
    assert said["read"] == said["published"] + said["merged"] + said["skipped"] + said["rejected"]


def test_everything_is_where_it_was_promised(release: Path, graph: Path) -> None:
    names = {str(path.relative_to(release)) for path in release.rglob("*") if "store/" not in str(path)}
    assert names == {
        "manifest.json", "void.ttl", "records.jsonl.zst", "rejected.jsonl", "revisions.tsv.zst", "store", "dumps",
        "report.json", "report.html", "report.ttl", "dumps/articles.nt.gz", "dumps/articles.ttl.gz",
        "dumps/articles.jsonld.gz", "dumps/citations.csv.gz", "dumps/SHA256SUMS", "members.jsonl.zst",
        "withdrawn.jsonl.zst", "index", "index/records.sqlite", "index/findings.sqlite", "index/works.sqlite",
        "index/matches.sqlite",
    }  # fmt: skip
    assert (graph / "current").readlink() == Path("releases") / release.name
    digest = read_manifest(release).dumps[0].sha256
    assert release.name.endswith(f"-{digest[:8]}")


def test_the_manifest_names_inputs_versions_and_settings(release: Path) -> None:
    manifest = read_manifest(release)
    assert [(i.records, len(i.sha256 or "")) for i in manifest.inputs] == [(4, 64)]
    assert manifest.versions["triplepress"]
    assert manifest.versions["pyoxigraph"]
    assert manifest.settings.base == BASE
    assert set(manifest.timings) >= {"read", "merge", "press", "dumps", "store", "describe"}
    assert list(manifest.journals) == ["2313-8920"]
    assert len(manifest.runs) == 1


def test_what_was_set_aside_says_where_and_why(release: Path) -> None:
    [line] = (release / "rejected.jsonl").read_bytes().splitlines()
    rejected = json.loads(line)
    assert rejected["doi"] == "10.5555/article.3"
    assert rejected["stage"] == "validate"
    assert rejected["source"]["location"] == "pages/3.txt"
    finding = rejected["findings"][0]
    assert finding["severity"] == "Violation"
    assert finding["message"]
    assert finding["remedy"]
    report = json.loads((release / "report.json").read_bytes())
    assert report["summary"]["set_aside"] == 1
    assert report["entries"][0]["record"] == f"{BASE}id/doi/10.5555/article.3"


def test_the_archive_holds_the_published_records(release: Path) -> None:
    records = [decode_record(line) for line in read_lines(release / "records.jsonl.zst")]
    assert [record.doi for record in records] == ["10.5555/article.1", "10.5555/article.2"]
    assert records[0].pmid == "7"


def test_citations_are_a_table(release: Path) -> None:
    text = gzip.decompress((release / "dumps" / "citations.csv.gz").read_bytes()).decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [["citing", "cited"], ["10.5555/article.1", "10.5555/article.2"]]


def test_jsonld_is_the_context_then_a_node_a_line(release: Path) -> None:
    text = gzip.decompress((release / "dumps" / "articles.jsonld.gz").read_bytes()).decode()
    document = json.loads(text)
    assert list(document) == ["@context", "@graph"]
    nodes = text.splitlines()[2:-1]
    assert [json.loads(line.removesuffix(",")) for line in nodes] == document["@graph"]


def test_turtle_declares_its_prefixes_once_and_a_subject_once(release: Path) -> None:
    text = gzip.decompress((release / "dumps" / "articles.ttl.gz").read_bytes()).decode()
    subjects = [line.split(" ")[0] for line in text.splitlines() if line.startswith("<")]
    assert len(subjects) == len(set(subjects))
    prefixes = [line.split(" ")[1] for line in text.splitlines() if line.startswith("@prefix")]
    assert len(prefixes) == len(set(prefixes)) > 5


def test_the_description_counts_what_is_there(release: Path, outcome: Outcome) -> None:
    described = {}
    partitions: dict[str, dict[str, str]] = {}
    for quad in parse((release / "void.ttl").read_bytes(), format=RdfFormat.TURTLE):
        assert not isinstance(quad.subject, BlankNode)
        assert not isinstance(quad.object, BlankNode)
        described[quad.subject.value, quad.predicate.value.rpartition("#")[2].rpartition("/")[2]] = quad.object
        if "#property-" in quad.subject.value:
            name = quad.predicate.value.rpartition("#")[2]
            partitions.setdefault(quad.subject.value, {})[name] = quad.object.value
    dataset = f"{BASE}dataset"
    assert described[dataset, "triples"].value == str(outcome.triples)
    assert sum(int(partition["triples"]) for partition in partitions.values()) == outcome.triples
    name = f"{BASE}dataset#articles-nt"
    size = (release / "dumps" / "articles.nt.gz").stat().st_size
    assert described[name, "byteSize"].value == str(size)
    assert described[f"{dataset}#publisher", "mbox"].value == "mailto:data@example.org"


def test_the_description_and_the_dump_use_terms_that_exist(release: Path, shared: Path, tmp_path: Path) -> None:
    dump = tmp_path / "articles.nt"
    dump.write_bytes(gzip.decompress((release / "dumps" / "articles.nt.gz").read_bytes()))
    checker = shared / "tools" / "check_terms.py"
    found = subprocess.run(
        [sys.executable, str(checker), str(release / "void.ttl"), str(dump)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_history_can_be_gone_back_and_pruned(
    outcome: Outcome, settings: Settings, graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = graph.parent / "two.jsonl"
    lines.write_bytes(b"".join(encode_record(article(n, issued="2020")) + b"\n" for n in (1, 2)))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4102444800")
    second = pipeline.publish([str(lines)], settings)
    assert [info.release for info in pipeline.releases(settings) if info.current] == [second.release]
    assert pipeline.rollback(settings, outcome.release) == outcome.release
    assert [info.current for info in pipeline.releases(settings)] == [True, False]
    assert pipeline.prune(settings, 1) == []  # the newest stays, and the current one
    assert pipeline.rollback(settings, "2100") == second.release
    assert pipeline.prune(settings, 1) == [outcome.release]
    with pytest.raises(ReleaseError, match="no such release"):
        find_release(graph, outcome.release)


def test_keys_survive_the_table_of_revisions(tmp_path: Path) -> None:
    revisions = [Revision("oaipmh/a\tb\\n\nc", bytes(32), "2026-01-01T00:00:00Z", "run")]
    write_revisions(tmp_path, revisions)
    assert list(read_revisions(tmp_path)) == revisions
