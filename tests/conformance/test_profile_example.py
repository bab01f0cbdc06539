"""The profile's own example, made by this code: the same triples, and every difference has its reason here."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF

from triplepress.rdf.facts import ArticleFacts, EditionFacts, IssueFacts, JournalFacts, RunFacts, VolumeFacts
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.shaping import (
    shape_article,
    shape_cited_work,
    shape_issue,
    shape_journal,
    shape_run,
    shape_software,
    shape_source,
    shape_volume,
)
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Citation,
    Contributor,
    Journal,
    Reference,
    Source,
    Text,
)

BASE = "https://data.example.org"
C4O = Namespace("http://purl.org/spar/c4o/")
PROV = Namespace("http://www.w3.org/ns/prov#")
SECOND = "10.46272/it.2025.23.1.80.1"
FIRST = "10.24975/2313-8920-2024-11-1-8-19"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SHA256 = "29b1ef9d0b1b52c9d1a63b4f5a0d3a4be1c0cdb63f6c8a7d1e55aa0c2b9f7e10"
RUN = "2026-11-22T09-40-00Z"


def _text(graph: Graph, subject: str, predicate: URIRef) -> str:
    return str(graph.value(URIRef(f"{BASE}/id/doi/{subject}"), predicate))


def _author(graph: Graph, doi: str, n: int, affiliations: list[int]) -> Contributor:
    agent = f"{doi}#author-{n}"
    return Contributor(
        name=_text(graph, agent, FOAF.name),
        given=_text(graph, agent, FOAF.givenName),
        family=_text(graph, agent, FOAF.familyName),
        lang="en",
        position=n,
        affiliations=[
            Affiliation(name=_text(graph, f"{doi}#aff-{place}", FOAF.name), lang="en", country="Russia")
            for place in affiliations
        ],
    )


def _second(graph: Graph) -> ArticleRecord:
    return ArticleRecord(
        doi=SECOND,
        titles=[Text(text=_text(graph, SECOND, DCTERMS.title), lang="en")],
        abstracts=[Text(text=_text(graph, SECOND, DCTERMS.abstract), lang="en")],
        language="ru",
        licences=[LICENCE],
        citation=Citation(text=_text(graph, SECOND, DCTERMS.bibliographicCitation), lang="en"),
        journal=Journal(issn="1728-2756", eissn="1811-2773"),
        contributors=[_author(graph, SECOND, 1, [1]), _author(graph, SECOND, 2, [2, 3])],
        references=[
            Reference(position=n, doi=doi, text=_text(graph, f"{SECOND}#ref-{n}", C4O.hasContent))
            for n, doi in ((4, None), (8, FIRST), (25, "10.1080/0163660x.2022.2059146"))
        ],
        sources=[Source(kind="elpub", location="seeds/001_892ba7b806053b26.txt", sha256=SHA256)],
    )


def _first(graph: Graph) -> ArticleRecord:
    return ArticleRecord(
        doi=FIRST,
        titles=[Text(text=_text(graph, FIRST, DCTERMS.title), lang="en")],
        language="ru",
        licences=[LICENCE],
        issued="2024",
        first_page="8",
        last_page="19",
        pages="8-19",
        volume="11",
        issue="1",
        journal=Journal(issn="2313-8920", eissn="2587-8174"),
        contributors=[_author(graph, FIRST, 1, [1])],
    )


def _ours(example: Graph) -> Graph:
    edition = EditionFacts(BASE, "https://creativecommons.org/publicdomain/zero/1.0/")
    modified = "2026-11-22T09:40:00Z"
    second = _second(example)
    trends = (Text(text="International Trends", lang="en"), Text(text="Mezhdunarodnye protsessy"))
    nodes = [
        shape_article(ArticleFacts(second, "1728-2756", modified, RUN), edition),
        shape_article(ArticleFacts(_first(example), "2313-8920", modified, RUN), edition),
        shape_cited_work("10.1080/0163660x.2022.2059146", edition),
        shape_journal(JournalFacts("1728-2756", trends, issn="1728-2756", eissn="1811-2773"), edition),
        shape_journal(
            JournalFacts(
                "2313-8920", (Text(text="Post-Soviet Issues", lang="en"),), issn="2313-8920", eissn="2587-8174"
            ),
            edition,
        ),
        shape_volume(VolumeFacts("2313-8920", "11"), edition),
        shape_issue(IssueFacts("2313-8920", "11", "1", "2024"), edition),
        shape_source(second.sources[0], edition),
        shape_run(RunFacts(RUN, "2026-11-22T09:39:58Z", modified, (SHA256,), "0.1.0"), edition),
        shape_software("0.1.0", edition),
    ]
    ntriples = Mapping.load().to_ntriples([encode_node(node) for node in nodes])
    return Graph().parse(data=ntriples, format="nt")


@pytest.fixture(scope="module")
def example(shared: Path) -> Graph:
    return Graph().parse(shared / "design" / "profile-example.ttl", publicID=f"{BASE}/")


def test_graph_says_what_the_example_says(example: Graph) -> None:
    ours = _ours(example)
    article = URIRef(f"{BASE}/id/doi/{SECOND}")
    layer = set(example.triples((URIRef(f"{article}#id-doi"), None, None))) | {
        triple for triple in example if str(triple[1]).endswith("hasIdentifier")
    }
    dataset = {
        triple
        for triple in example
        if str(triple[0]).startswith((f"{BASE}/dataset", f"{BASE}/sparql", "https://doi.org/"))
    }
    reasons = {
        "the OCDM layer is off": layer,
        "the dataset is described by the release, not by the mapping": dataset,
        "the software has its own name": set(example.triples((URIRef(f"{BASE}/software/0.1.0"), RDFS.label, None))),
    }
    explained = set().union(*reasons.values())
    assert all(reasons.values()), "a reason that explains nothing is out of date"
    missing = set(example) - set(ours) - explained
    assert sorted(map(str, missing)) == []


def test_what_the_graph_says_beyond_the_example_has_a_reason(example: Graph) -> None:
    ours = _ours(example)
    documents = [URIRef(f"{BASE}/data/doi/{doi}") for doi in (SECOND, FIRST)]
    reasons = {
        "the example leaves the first seed's document out": set(ours.triples((documents[1], None, None))),
        "the profile's table asks for it, the example leaves it out": set(
            ours.triples((documents[0], DCTERMS.conformsTo, None))
        ),
        "the software has its own name": set(
            ours.triples((None, RDFS.label, Literal("Triplepress, version 0.1.0", lang="en")))
        ),
    }
    assert all(reasons.values())
    beyond = set(ours) - set(example) - set().union(*reasons.values())
    assert sorted(map(str, beyond)) == []


def test_reference_eight_makes_the_edge_between_the_seeds(example: Graph) -> None:
    ours = _ours(example)
    cites = URIRef("http://purl.org/spar/cito/cites")
    cited = URIRef(f"{BASE}/id/doi/{FIRST}")
    assert list(ours.subjects(cites, cited)) == [URIRef(f"{BASE}/id/doi/{SECOND}")]
    assert (cited, OWL.sameAs, URIRef(f"https://doi.org/{FIRST}")) in ours
    assert (cited, RDF.type, URIRef("http://purl.org/spar/fabio/Expression")) not in ours
