"""References without a DOI: matched to known works, and nowhere taken for what a source says."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse

from tests.records import article, refused, source
from triplepress import pipeline
from triplepress.record import ArticleRecord, Contributor, Reference, Text, encode_record
from triplepress.release.building import Outcome
from triplepress.release.index import digest_of
from triplepress.release.manifest import read_manifest
from triplepress.release.publish import publish_release
from triplepress.release.revisions import read_lines
from triplepress.settings import Settings

BASE = "https://data.example.org/lod/"
MATCHED = f"{BASE}graph/matched"
REFERENCES = "http://purl.org/spar/biro/references"
HELD = "Zhiltsov S.S. Rare-earth metals and the water balance of small rivers. Post-Soviet Issues. 2024;11(1)."
LISTED = (
    "Chimiris E.S. Strategies for cooperation in the steppe regions of Asia. International Trends. 2021;19(2):33-47."
)


def cited(number: int = 2) -> ArticleRecord:
    title = Text(text="Rare-earth metals and the water balance of small rivers", lang="en")
    return article(number, titles=[title], first_page="8", last_page="19", pages="8-19")


def citing(number: int = 1) -> ArticleRecord:
    texts = [HELD, LISTED, "Nobody N.N. On something that is nowhere to be found. 1999."]
    references = [Reference(position=place, text=text) for place, text in enumerate(texts, 1)]
    return article(number, references=[*references, Reference(position=4, text="The last.", doi="10.5555/cited")])


def catalogue() -> list[ArticleRecord]:
    listed = article(
        9,
        doi="10.5555/listed",
        titles=[Text(text="Strategies for cooperation in the steppe regions of Asia", lang="en")],
        contributors=[Contributor(name="E. S. Chimiris", family="Chimiris", given="E. S.", position=1)],
        issued="2021",
        volume="19",
        issue="2",
        first_page="33",
        sources=[source("catalogue.jsonl", "crossref")],
    )
    # The edition holds this one itself: its own record counts.
    return [listed, article(2, titles=[Text(text="Quite another title, as a catalogue has it")], kind="openalex")]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("matching")
    for name, records in (("records", [citing(), cited()]), ("catalogue", catalogue())):
        (folder / f"{name}.jsonl").write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    settings = Settings(base=BASE, graph=str(folder / "graph"), catalogues=[str(folder / "catalogue.jsonl")])
    return pipeline.publish([str(folder / "records.jsonl")], settings)


@pytest.fixture(scope="module")
def quads(outcome: Outcome) -> list[Quad]:
    dump = gzip.decompress((Path(outcome.path) / "dumps" / "matched.nq.gz").read_bytes())
    return list(parse(dump, format=RdfFormat.N_QUADS))


def values(quads: list[Quad], subject: str, predicate: str) -> list[str]:
    about = [quad for quad in quads if quad.subject == NamedNode(subject) and quad.predicate.value == predicate]
    return [quad.object.value for quad in about if isinstance(quad.object, NamedNode | Literal)]


def test_a_match_says_what_how_and_how_sure(quads: list[Quad]) -> None:
    first = f"{BASE}id/doi/10.5555/article.1"
    assert values(quads, f"{first}#ref-1", REFERENCES) == [f"{BASE}id/doi/10.5555/article.2"]
    assert values(quads, f"{first}#ref-2", REFERENCES) == [f"{BASE}id/doi/10.5555/listed"]
    assert values(quads, f"{first}#ref-3", REFERENCES) == []
    match = f"{first}#match-1"
    assert values(quads, match, "http://www.w3.org/ns/prov#wasDerivedFrom") == [f"{first}#ref-1"]
    assert values(quads, match, "https://schema.org/measurementTechnique")[0] in {"title", "title+location"}
    [score] = values(quads, match, "http://www.w3.org/ns/prov#value")
    assert 0.5 <= float(score) <= 1


def test_all_of_it_is_in_the_one_graph_and_has_no_blank_nodes(quads: list[Quad]) -> None:
    assert {quad.graph_name for quad in quads} == {NamedNode(MATCHED)}
    assert not any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object))


def test_a_work_that_only_a_catalogue_knows_gets_no_identity_of_another(quads: list[Quad]) -> None:
    work = f"{BASE}id/doi/10.5555/listed"
    said = {
        quad.predicate.value.rpartition("/")[2].rpartition("#")[2] for quad in quads if quad.subject == NamedNode(work)
    }
    assert said == {"type", "doi"}


def test_no_match_is_among_the_facts(outcome: Outcome) -> None:
    release = Path(outcome.path)
    facts = gzip.decompress((release / "dumps" / "articles.nt.gz").read_bytes()).decode()
    assert "#match-" not in facts
    assert "10.5555/listed" not in facts
    assert f"#ref-1> <{REFERENCES}>" not in facts
    citations = gzip.decompress((release / "dumps" / "citations.csv.gz").read_bytes()).decode()
    assert citations.splitlines() == ["citing,cited", "10.5555/article.1,10.5555/cited"]


def test_the_store_has_it_behind_graph_and_from_alone(outcome: Outcome) -> None:
    store = Store.read_only(str(Path(outcome.path) / "store"))

    def count(pattern: str, clause: str = "") -> int:
        found = store.query(f"SELECT (COUNT(*) AS ?n) {clause} WHERE {{ {pattern} }}")
        assert isinstance(found, QuerySolutions)
        return int(next(found)["n"].value)

    assert count(f"?s <{REFERENCES}> ?o") == 1
    assert count(f"GRAPH <{MATCHED}> {{ ?s <{REFERENCES}> ?o }}") == 2
    assert count(f"?s <{REFERENCES}> ?o", f"FROM <{MATCHED}>") == 2
    assert count("?s ?p ?o") == outcome.triples


def test_manifest_and_description_count_it_apart(outcome: Outcome, quads: list[Quad]) -> None:
    manifest = read_manifest(Path(outcome.path))
    assert outcome.matched == manifest.matches.references == 2
    assert manifest.matches.works == 2
    assert manifest.matches.triples == len(quads)
    assert (manifest.matches.known, manifest.matches.catalogue) == (3, 1)
    assert [dump.name for dump in manifest.dumps][-1] == "matched.nq.gz"
    described = list(parse((Path(outcome.path) / "void.ttl").read_bytes(), format=RdfFormat.TURTLE))
    void = "http://rdfs.org/ns/void#"
    assert values(described, MATCHED, f"{void}triples") == [str(len(quads))]
    assert values(described, f"{BASE}dataset", f"{void}triples") == [str(outcome.triples)]
    [dump] = values(described, MATCHED, f"{void}dataDump")
    assert dump not in values(described, f"{BASE}dataset", f"{void}dataDump")
    service = "http://www.w3.org/ns/sparql-service-description#"
    [graph] = values(described, f"{BASE}sparql#default-dataset", f"{service}namedGraph")
    assert values(described, graph, f"{service}name") == [MATCHED]


def test_the_texts_were_parsed_on_the_way_in(outcome: Outcome) -> None:
    record = json.loads(next(iter(_records(Path(outcome.path)))))
    assert record["references"][0]["text"] == HELD
    assert record["references"][0]["parsed"]["year"] == "2024"
    assert record["references"][0]["fields"] == {}


def _records(release: Path) -> list[bytes]:
    return list(read_lines(release / "records.jsonl.zst"))


def published(folder: Path, records: list[ArticleRecord], known: list[ArticleRecord], **settings: object) -> Path:
    values = Settings(base=BASE, graph=str(folder), **settings)  # type: ignore[arg-type]  # each test names real settings
    return Path(publish_release(records, values, catalogue=known).path)


def test_the_order_of_records_and_catalogue_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    records, known = [citing(), cited(), citing(3), article(4)], catalogue()
    one = published(tmp_path / "one", records, known)
    other = published(tmp_path / "other", records[::-1], known[::-1])
    assert (one / "dumps" / "SHA256SUMS").read_bytes() == (other / "dumps" / "SHA256SUMS").read_bytes()
    assert "matched.nq.gz" in (one / "dumps" / "SHA256SUMS").read_text(encoding="utf-8")


def test_nothing_is_matched_to_what_was_set_aside(tmp_path: Path) -> None:
    stopped = refused(2, contributors=cited().contributors, first_page="8")
    release = published(tmp_path, [citing(), stopped], [])
    assert not (release / "dumps" / "matched.nq.gz").exists()
    assert read_manifest(release).matches.references == 0
    assert MATCHED not in (release / "void.ttl").read_text(encoding="utf-8")


def test_matching_can_be_switched_off(tmp_path: Path) -> None:
    release = published(tmp_path, [citing(), cited()], catalogue(), match_references=False)
    assert not (release / "dumps" / "matched.nq.gz").exists()
    assert read_manifest(release).matches.known == 0


def test_parsing_can_be_switched_off(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(encode_record(citing()) + b"\n")
    for switch in (True, False):
        [record] = pipeline.records([str(path)], Settings(parse_references=switch))
        assert isinstance(record, ArticleRecord)
        assert bool(record.references[0].parsed) is switch
        assert not switch or record.references[0].parsed["authors"]


def test_a_better_parser_changes_no_record() -> None:
    [parsed] = [item for item in map(pipeline._parsed, [citing()]) if isinstance(item, ArticleRecord)]
    assert parsed != citing()
    assert digest_of(parsed) == digest_of(citing())
