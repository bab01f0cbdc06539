"""What a reader and a program see of matches and of retractions, from a server process."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest

from tests.editions import BASE, Server, start
from tests.records import article
from tests.unit.release.test_matching import HELD, catalogue, cited, citing
from triplepress.record import Reference, Relation
from triplepress.release.publish import publish_release
from triplepress.settings import Settings

CITING, HELD_WORK, LISTED = "10.5555/article.1", "10.5555/article.2", "10.5555/listed"
REFERENCES = "http://purl.org/spar/biro/references"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("matched")
    notice = article(5, kind="crossref", relations=[Relation(type="retracts", doi="10.5555/article.4")])
    own_word = article(6, relations=[Relation(type="is-retracted", text="RETRACTED")])
    records = [
        citing(),
        cited(),
        article(4),
        notice,
        own_word,
        article(7, references=[Reference(position=1, text=HELD)]),
    ]
    publish_release(records, Settings(base=BASE, graph=str(folder / "graph")), catalogue=catalogue())
    running = start(folder / "graph", folder / "log")
    yield running
    running.stop()


def get(server: Server, path: str, accept: str = "text/html") -> str:
    request = urllib.request.Request(server.url + path, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return str(answer.read().decode())


def test_the_citing_page_says_probably_with_method_and_score(server: Server) -> None:
    page = get(server, f"/page/doi/{CITING}")
    assert 'id="match-1"' in page
    probable = page.partition('id="match-1"')[2].partition("</li>")[0]
    for said in ("Probably", "score 0.", "the source does not say so", f"/page/doi/{HELD_WORK}"):
        assert said in probable
    assert 'id="match-3"' not in page
    assert "Вероятно" in get(server, f"/page/doi/{CITING}?lang=ru")


def test_the_cited_page_keeps_it_out_of_its_figures(server: Server) -> None:
    page = get(server, f"/page/doi/{HELD_WORK}")
    assert "No article of this edition cites it." in page
    probable = page.partition('class="probable"')[2].partition("</section>")[0]
    assert f"{CITING}#match-1" in probable
    assert "10.5555/article.7#match-1" in probable


@pytest.mark.parametrize("doi", [CITING, HELD_WORK, LISTED])
def test_data_never_has_matched_statements(server: Server, doi: str) -> None:
    data = get(server, f"/data/doi/{doi}", "application/n-triples")
    assert data
    assert "#match-" not in data
    assert not any(f"#ref-{n}> <{REFERENCES}>" in data for n in (1, 2, 3))


def test_a_work_that_only_a_match_names_answers(server: Server) -> None:
    page = get(server, f"/id/doi/{LISTED}")
    assert "no source names it" in page
    assert f"{CITING}#match-2" in page
    assert get(server, f"/data/doi/{LISTED}", "application/n-triples").count("\n") == 2


def test_the_graph_describes_itself(server: Server) -> None:
    data = get(server, "/data/graph/matched", "application/n-triples")
    assert "dumps/matched.nq.gz" in data
    assert '"Matched statements"@en' in data
    link = next(word.strip("<>") for word in data.split() if "/dumps/matched" in word and word.startswith("<http"))
    with urllib.request.urlopen(server.url + urllib.parse.urlsplit(link).path, timeout=20) as answer:
        assert answer.status == 200


def test_a_query_finds_matches_behind_graph_and_from(server: Server) -> None:
    def count(query: str) -> int:
        url = f"/sparql?query={urllib.parse.quote(query)}"
        found = json.loads(get(server, url, "application/sparql-results+json"))
        return int(found["results"]["bindings"][0]["n"]["value"])

    pattern = f"?reference <{REFERENCES}> ?work"
    assert count(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{BASE}graph/matched> {{ {pattern} }} }}") == 3
    assert count(f"SELECT (COUNT(*) AS ?n) FROM <{BASE}graph/matched> {{ {pattern} }}") == 3  # noqa: S608 - SPARQL
    assert count(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}") == 1


def test_a_retraction_shows_on_the_retracted_article(server: Server) -> None:
    page = get(server, "/page/doi/10.5555/article.4")
    assert 'class="retracted"' in page
    assert "/page/doi/10.5555/article.5" in page.partition('class="retracted"')[2].partition("</p>")[0]
    data = get(server, "/data/doi/10.5555/article.4", "application/n-triples")
    assert f"<{BASE}id/doi/10.5555/article.5> <http://purl.org/spar/cito/retracts>" in data


def test_a_retraction_without_a_notice_shows_too(server: Server) -> None:
    assert 'class="retracted"' in get(server, "/page/doi/10.5555/article.6")
    data = get(server, "/data/doi/10.5555/article.6", "application/n-triples")
    assert "<http://purl.org/spar/pso/retracted-from-publication>" in data
    assert 'class="retracted"' not in get(server, "/page/doi/10.5555/article.5")
