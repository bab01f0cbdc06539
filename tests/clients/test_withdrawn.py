"""What readers and programs see of records that an edition no longer holds, and of earlier states: a server process."""

from __future__ import annotations

import gzip
import http.client
import urllib.parse
from collections.abc import Iterator
from email.message import Message

import pyoxigraph as ox
import pytest

from tests.editions import BASE, Server, start
from tests.records import article
from triplepress.record import Source
from triplepress.release.publish import publish_release
from triplepress.settings import Settings

CITING, CITED, GONE, CHANGED = (f"10.5555/article.{number}" for number in (1, 2, 3, 4))
LOCAL = "oai:example.org:5"
PROV = "http://www.w3.org/ns/prov#"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("withdrawn")
    settings = Settings(base=BASE, graph=str(folder / "graph"))
    place = Source(kind="oaipmh", location="1.xml", sha256="1" * 64)
    local = article(5, local_id=LOCAL, sources=[place])
    local = type(local)(**{name: getattr(local, name) for name in local.__struct_fields__} | {"doi": None})
    before = [article(1, cites=[CITED]), article(2), article(3), article(4), local]
    publish_release(before, settings)
    publish_release([article(1, cites=[CITED]), article(4, volume="12")], settings, force=True)
    running = start(folder / "graph", folder / "log")
    yield running
    running.stop()


def ask(server: Server, path: str, accept: str = "text/html", **headers: str) -> tuple[int, Message, str]:
    """Return status, headers and content of an answer; redirects are not followed."""
    address = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request("GET", path, headers={"Accept": accept, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("thing", [f"doi/{CITED}", f"doi/{GONE}", f"oaipmh/{LOCAL}"])
def test_the_thing_leads_to_page_and_data_and_these_are_gone(server: Server, thing: str) -> None:
    for accept, folder in (("text/html", "page"), ("text/turtle", "data")):
        status, headers, _ = ask(server, f"/id/{thing}", accept)
        assert (status, headers["Location"]) == (303, f"/{folder}/{thing}")
        status, headers, content = ask(server, headers["Location"], accept)
        assert status == 410
        assert headers["Content-Type"].startswith(accept)
        assert headers["ETag"] is None
        assert content


def test_the_page_says_what_it_was_when_it_went_why_and_who_cites_it(server: Server) -> None:
    _, _, page = ask(server, f"/page/doi/{CITED}")
    for said in (
        "Rare-earth metals, part 2",
        "The inputs of this edition no longer hold the record.",
        f'href="https://doi.org/{CITED}"',
        f"/page/doi/{CITING}",
        'id="revision-1"',
        "/page/run/",
        'name="robots" content="noindex"',
    ):
        assert said in page
    assert "Записи больше нет среди входных данных издания." in ask(server, f"/page/doi/{CITED}?lang=ru")[2]
    assert "No article of this edition cites it." in ask(server, f"/page/doi/{GONE}")[2]


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("ttl", ox.RdfFormat.TURTLE, "text/turtle"),
        ("nt", ox.RdfFormat.N_TRIPLES, "application/n-triples"),
        ("jsonld", ox.RdfFormat.JSON_LD, "application/ld+json"),
        ("rdf", ox.RdfFormat.RDF_XML, "application/rdf+xml"),
    ],
)
def test_the_description_comes_in_every_format(server: Server, name: str, kind: ox.RdfFormat, media_type: str) -> None:
    status, headers, content = ask(server, f"/data/doi/{CITED}?format={name}", "*/*")
    assert (status, headers["Content-Type"].partition(";")[0]) == (410, media_type)
    said = {(getattr(quad.subject, "value", ""), quad.predicate.value) for quad in ox.parse(content, format=kind)}
    document = f"{BASE}data/doi/{CITED}"
    assert {(document, PROV + "invalidatedAtTime"), (document, PROV + "wasInvalidatedBy")} <= said
    assert (f"{document}#revision-1", PROV + "generatedAtTime") in said
    assert (f"{BASE}id/doi/{CITING}", "http://purl.org/spar/cito/cites") in said


def test_lookup_and_the_doi_itself_lead_there(server: Server) -> None:
    for path in (f"/lookup?doi=https://doi.org/{GONE.upper()}", f"/{GONE}"):
        status, headers, _ = ask(server, path)
        assert (status, headers["Location"]) == (302, f"/id/doi/{GONE}")


def test_what_was_never_held_is_unknown_and_what_is_held_is_there(server: Server) -> None:
    assert ask(server, "/page/doi/10.5555/never")[0] == 404
    assert ask(server, "/data/doi/10.5555/never", "text/turtle")[0] == 404
    assert ask(server, f"/page/doi/{CHANGED}")[0] == 200
    assert ask(server, "/page/dataset")[0] == 200


def test_an_article_tells_its_earlier_states(server: Server) -> None:
    _, _, page = ask(server, f"/page/doi/{CHANGED}")
    assert "Earlier states" in page
    assert 'id="revision-1"' in page
    status, headers, data = ask(server, f"/data/doi/{CHANGED}", "application/n-triples")
    assert status == 200
    document = f"{BASE}data/doi/{CHANGED}"
    assert f"<{document}> <{PROV}wasRevisionOf> <{document}#revision-1> ." in data
    assert f"<{document}#revision-1> <{PROV}invalidatedAtTime>" in data
    assert ask(server, f"/data/doi/{CHANGED}", "application/n-triples", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert "Earlier states" not in ask(server, f"/page/doi/{CITING}")[2]


def test_the_patch_of_a_release_is_served(server: Server) -> None:
    page = ask(server, "/dumps/")[2]
    address = page.partition("RDF Patch")[2].partition('href="')[2].partition('"')[0]
    assert address.endswith("/patch.rdfp.gz")
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=20)
    connection.request("GET", address)
    answer = connection.getresponse()
    rows = gzip.decompress(answer.read()).splitlines()
    connection.close()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/gzip")
    assert rows[0].startswith(b"H id <")
    assert rows[-1] == b"TC ."
    assert ask(server, "/releases/20260101T000000Z-00000000/patch.rdfp.gz", "application/json")[0] == 404


def test_a_run_that_only_the_past_names_answers(server: Server) -> None:
    _, _, data = ask(server, f"/data/doi/{CHANGED}", "application/n-triples")
    runs = {line.split()[2].strip("<>") for line in data.splitlines() if "wasGeneratedBy" in line}
    assert len(runs) == 2
    for run in runs:
        assert ask(server, f"/data/{run.removeprefix(BASE)}", "text/turtle")[0] == 200
