"""Is this the graph we promised? One folder a case: `record.json`, perhaps `facts.json`, and `expected.ttl`.

`python tests/golden/test_graph.py` writes the expected graphs anew; read the difference before it is committed.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import msgspec
import pytest
from rdflib import Graph
from rdflib.compare import to_isomorphic

from triplepress.rdf.facts import (
    ArticleFacts,
    EditionFacts,
    IssueFacts,
    JournalFacts,
    OrganisationFacts,
    PastState,
    PersonFacts,
    WithdrawnFacts,
    WorkFacts,
)
from triplepress.rdf.mapping import Mapping, encode_node
from triplepress.rdf.nodes import Node
from triplepress.rdf.shaping import (
    place_of,
    related_dois,
    shape_article,
    shape_cited_work,
    shape_issue,
    shape_journal,
    shape_organisation,
    shape_person,
    shape_source,
    shape_volume,
    shape_withdrawn,
)
from triplepress.record import ArticleRecord, OtherName, Text, decode_record

CASES = sorted((Path(__file__).parent / "graph").iterdir())


def _nodes(case: Path) -> list[Node]:
    """Return an article's node and those of everything that it points at."""
    record = decode_record((case / "record.json").read_bytes())
    path = case / "facts.json"
    stated = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    edition = EditionFacts(
        "https://data.example.org",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        abstracts=stated.get("edition", {}).get("abstracts", True),
        layers=tuple(stated.get("edition", {}).get("layers", ())),
    )
    cited = {
        doi: WorkFacts(
            doi, work["issued"], work["journal"], frozenset(work.get("orcids", ())), frozenset(work.get("rors", ()))
        )
        for doi, work in stated.get("cited", {}).items()
    }
    key: str | None = stated.get("journal")
    history = tuple(PastState(*state) for state in stated.get("history", ()))
    facts = ArticleFacts(record, key, "2026-11-22T09:40:00Z", "20261122T094000Z", cited, history)
    gone = [msgspec.convert(withdrawn, WithdrawnFacts) for withdrawn in stated.get("withdrawn", ())]
    return [
        shape_article(facts, edition),
        *(shape_withdrawn(withdrawn, edition) for withdrawn in gone),
        *_places(record, key, edition),
        *_agents(record, edition),
        *(shape_cited_work(doi, edition) for doi in related_dois(record)),
        *(shape_source(source, edition) for source in record.sources),
    ]


def _places(record: ArticleRecord, key: str | None, edition: EditionFacts) -> list[Node]:
    nodes: list[Node] = []
    place = place_of(record, key)
    if record.journal is not None and key is not None:
        journal = record.journal
        titles = tuple(journal.titles)
        nodes.append(shape_journal(JournalFacts(key, titles, (), journal.issn, journal.eissn, journal.issn_l), edition))
    if place.volume is not None:
        nodes.append(shape_volume(place.volume, edition))
    if isinstance(place.issue, IssueFacts):
        nodes.append(shape_issue(place.issue, edition))
    return nodes


def _agents(record: ArticleRecord, edition: EditionFacts) -> list[Node]:
    nodes: list[Node] = []
    for person in record.contributors:
        if person.orcid is not None:
            name = OtherName(name=person.name, given=person.given, family=person.family, lang=person.lang)
            nodes.append(shape_person(PersonFacts(person.orcid, (name,)), edition))
        nodes.extend(
            shape_organisation(
                OrganisationFacts(place.ror, (Text(text=place.name, lang=place.lang),), place.country), edition
            )
            for place in person.affiliations
            if place.ror is not None
        )
    return nodes


def _ntriples(case: Path) -> bytes:
    return Mapping.load().to_ntriples([encode_node(node) for node in _nodes(case)])


def _sorted_lines(graph: Graph) -> list[str]:
    return sorted(graph.serialize(format="nt").splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_record_becomes_the_promised_graph(case: Path) -> None:
    expected = Graph().parse(case / "expected.ttl")
    ntriples = _ntriples(case)
    actual = Graph().parse(data=ntriples, format="nt")
    if to_isomorphic(actual) != to_isomorphic(expected):
        difference = difflib.unified_diff(_sorted_lines(expected), _sorted_lines(actual), "promised", "made", n=0)
        pytest.fail("\n".join(difference), pytrace=False)
    assert len(ntriples.splitlines()) == len(expected), "a triple was written twice"


if __name__ == "__main__":
    mapping = Mapping.load()
    for folder in CASES:
        (folder / "expected.ttl").write_bytes(mapping.to_turtle(_ntriples(folder)))
