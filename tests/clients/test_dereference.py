"""Do clients that we did not write get what they ask for, behind every address of an edition?"""

from __future__ import annotations

import gzip
import hashlib
import html
import http.client
import json
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import Graph, URIRef

from tests.editions import (
    AWKWARD,
    BASE,
    DOT_TTL,
    FIRST_SEED,
    NON_ASCII,
    ORCID,
    ROR,
    SECOND_SEED,
    SICI,
    STUB,
    Server,
    example_items,
    press,
    start,
    synthetic_records,
)
from triplepress.identifiers import doi_path

CITES = URIRef("http://purl.org/spar/cito/cites")
ACCEPTS = ("text/html", "text/turtle", "*/*")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    press(folder, [*example_items(), *synthetic_records()])
    return folder


@pytest.fixture(scope="module")
def server(graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(graph, tmp_path_factory.mktemp("log") / "server.log")
    yield running
    running.stop()


class Answer:
    """An HTTP answer; `headers` by lower-case name, several of one name joined."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(server: Server, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Answer:
    """Send one request, following nothing; the path goes over the wire as it is."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        if accept is not None:
            connection.putheader("Accept", accept)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return Answer(connection.getresponse())
    finally:
        connection.close()


def follow(server: Server, path: str, accept: str | None = None) -> Answer:
    """Send a request and follow redirects, which must stay on this server."""
    for _ in range(6):
        answer = ask(server, path, accept)
        if answer.status not in {301, 302, 303}:
            return answer
        path = answer.headers["location"]
        assert path.startswith("/"), f"a redirect to another host: {path}"
    raise AssertionError(f"redirects go on: {path}")


def dump(graph: Path) -> bytes:
    return gzip.decompress((graph / "current" / "dumps" / "articles.nt.gz").read_bytes())


def addresses(ntriples: bytes) -> set[str]:
    """Return every IRI of the data below the base, without fragments, as paths."""
    terms = {
        term.value
        for quad in parse(ntriples, format=RdfFormat.N_TRIPLES)
        for term in (quad.subject, quad.predicate, quad.object)
        if isinstance(term, NamedNode)
    }
    return {"/" + term.partition("#")[0][len(BASE) :] for term in terms if term.startswith(BASE)}


# ------------------------------------------------------------------ every IRI answers


@pytest.mark.parametrize("accept", ACCEPTS)
def test_every_iri_of_the_data_answers(graph: Path, server: Server, accept: str) -> None:
    found = addresses(dump(graph))
    assert len(found) > 30
    wrong = {path: answer.status for path in sorted(found) if (answer := follow(server, path, accept)).status != 200}
    assert wrong == {}


@pytest.mark.parametrize("accept", ACCEPTS)
def test_every_iri_of_the_dataset_description_answers(graph: Path, server: Server, accept: str) -> None:
    void = Graph().parse(graph / "current" / "void.ttl")
    found = addresses(void.serialize(format="nt").encode()) - {"/id/"}
    wrong = {path: answer.status for path in sorted(found) if (answer := follow(server, path, accept)).status != 200}
    assert wrong == {}


def test_every_link_of_the_pages_answers(server: Server) -> None:
    todo = ["/", f"/page/doi/{SECOND_SEED}?lang=ru", "/nowhere"]
    seen: set[str] = set()
    wrong: dict[str, int] = {}
    while todo and len(seen) < 400:
        path = todo.pop().partition("#")[0].replace("&amp;", "&")
        if path in seen:
            continue
        seen.add(path)
        answer = follow(server, path, BROWSER)
        if answer.status != 200 and path != "/nowhere":
            wrong[path] = answer.status
        if "text/html" in answer.headers["content-type"]:
            todo += [href for href in re.findall(r'(?:href|action)="(/[^"]*)"', answer.text) if "/lookup" not in href]
    assert wrong == {}
    assert len(seen) > 60


# ------------------------------------------------------------------ content negotiation


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        (None, "page"),
        ("*/*", "page"),
        (BROWSER, "page"),
        ("text/turtle", "data"),
        ("application/ld+json", "data"),
        ("application/n-triples", "data"),
        ("application/rdf+xml", "data"),
        ("text/html;q=0.5, text/turtle", "data"),
        ("text/turtle;q=0.5, text/html", "page"),
        ("text/turtle;q=0, */*;q=0.1", "page"),
        ("application/xhtml+xml", "page"),
        ("TEXT/TURTLE", "data"),
    ],
)
def test_303_by_accept(server: Server, accept: str | None, target: str) -> None:
    answer = ask(server, f"/id/doi/{FIRST_SEED}", accept)
    assert answer.status == 303
    assert answer.headers["location"] == f"/{target}/doi/{FIRST_SEED}"
    assert "accept" in answer.headers["vary"].lower()
    assert f'<https://doi.org/{FIRST_SEED}>; rel="cite-as"' in answer.headers["link"]
    assert f'</data/doi/{FIRST_SEED}>; rel="describedby"' in answer.headers["link"]
    assert "etag" not in answer.headers


def test_406_where_nothing_fits(server: Server) -> None:
    for path in (f"/id/doi/{FIRST_SEED}", f"/data/doi/{FIRST_SEED}"):
        answer = ask(server, path, "image/png")
        assert answer.status == 406
        assert "accept" in answer.headers["vary"].lower()
        assert {row["format"] for row in json.loads(answer.body)["offered"]} >= {"ttl", "jsonld", "nt", "rdf"}


# rdflib's JSON-LD parser warns of its own use of a class that it has deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
    ],
)
def test_one_graph_in_four_formats(server: Server, name: str, media_type: str) -> None:
    rdflib_names = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
    by_accept = ask(server, f"/data/doi/{SECOND_SEED}", media_type)
    by_name = ask(server, f"/data/doi/{SECOND_SEED}?format={name}", "text/html")
    assert by_accept.status == by_name.status == 200
    assert by_accept.body == by_name.body
    assert by_accept.headers["content-type"].partition(";")[0] == media_type
    assert by_accept.headers["access-control-allow-origin"] == "*"
    assert by_accept.headers["content-location"] == f"/data/doi/{SECOND_SEED}?format={name}"
    graph = Graph().parse(data=by_accept.text, format=rdflib_names[name])
    reference = Graph().parse(data=ask(server, f"/data/doi/{SECOND_SEED}?format=nt").text, format="nt")
    assert set(graph) == set(reference)
    assert len(graph) > 100


def test_the_json_ld_needs_nothing_else(server: Server) -> None:
    document = json.loads(ask(server, f"/data/doi/{SECOND_SEED}?format=jsonld").body)
    assert isinstance(document["@context"], dict)
    assert document["@graph"][0]["id"] == f"{BASE}id/doi/{SECOND_SEED}"


def test_the_turtle_begins_with_the_thing(server: Server) -> None:
    turtle = ask(server, f"/data/doi/{SECOND_SEED}").text
    body = [line for line in turtle.splitlines() if line and not line.startswith("@prefix")]
    assert body[0].startswith(f"<{BASE}id/doi/{SECOND_SEED}> a fabio:JournalArticle")


def test_a_document_asked_for_as_a_page_leads_to_the_page(server: Server) -> None:
    answer = ask(server, f"/data/doi/{FIRST_SEED}", "text/html")
    assert (answer.status, answer.headers["location"]) == (303, f"/page/doi/{FIRST_SEED}")
    assert ask(server, f"/data/doi/{FIRST_SEED}", "*/*").headers["content-type"].startswith("text/turtle")


def test_an_unknown_format_is_refused(server: Server) -> None:
    assert ask(server, f"/data/doi/{FIRST_SEED}?format=docx").status == 406


# ------------------------------------------------------------------ what the data says


def test_the_data_of_an_article_is_complete(graph: Path, server: Server) -> None:
    """The article, all its hash IRIs, labels, who cites it, its record document; never more than its neighbourhood."""
    thing = f"{BASE}id/doi/{FIRST_SEED}"
    every = {str(quad.triple) for quad in parse(dump(graph), format=RdfFormat.N_TRIPLES)}
    served = {
        str(quad.triple)
        for quad in parse(ask(server, f"/data/doi/{FIRST_SEED}?format=nt").body, format=RdfFormat.N_TRIPLES)
    }
    assert served <= every
    own = {line for line in every if line.startswith((f"<{thing}> ", f"<{thing}#"))}
    document = {line for line in every if line.startswith(f"<{BASE}data/doi/{FIRST_SEED}> ")}
    citing = f"<{BASE}id/doi/{SECOND_SEED}> <http://purl.org/spar/cito/cites> <{thing}>"
    title = {
        line for line in every if line.startswith(f"<{BASE}id/journal/2313-8920> <http://purl.org/dc/terms/title>")
    }
    assert own
    assert document
    assert title
    assert own | document | {citing} | title <= served
    assert not any(line.startswith(f"<{BASE}id/doi/{SECOND_SEED}#") for line in served)


def test_a_cited_work_that_is_not_ours(server: Server) -> None:
    graph = Graph().parse(f"{server.url}/data/doi/{STUB}?format=ttl")
    thing, citing = URIRef(f"{BASE}id/doi/{STUB}"), URIRef(f"{BASE}id/doi/{SECOND_SEED}")
    assert (citing, CITES, thing) in graph
    texts = list(graph.objects(URIRef(f"{citing}#ref-25"), URIRef("http://purl.org/spar/c4o/hasContent")))
    assert len(texts) == 1
    assert "Pitron" in str(texts[0])
    page = ask(server, f"/page/doi/{STUB}", BROWSER)
    assert "Pitron" in page.text
    assert f"/page/doi/{SECOND_SEED}" in page.text


@pytest.mark.parametrize(
    ("path", "contains"),
    [
        ("/id/journal/2313-8920", "http://purl.org/spar/fabio/Journal"),
        ("/id/journal/2049-3630/vol/7", "http://purl.org/spar/fabio/JournalVolume"),
        ("/id/journal/2049-3630/vol/7/issue/1-2", "http://purl.org/spar/fabio/JournalIssue"),
        (f"/id/orcid/{ORCID}", "http://xmlns.com/foaf/0.1/Person"),
        (f"/id/ror/{ROR}", "http://xmlns.com/foaf/0.1/Organization"),
        ("/id/canonical/oai:example.org:17", "http://purl.org/spar/fabio/JournalArticle"),
        ("/dataset", "http://rdfs.org/ns/void#Dataset"),
        ("/graph/matched", "http://rdfs.org/ns/void#Dataset"),
        ("/source/" + "0" * 63 + "1", "http://www.w3.org/ns/prov#Entity"),
    ],
)
def test_other_things(server: Server, path: str, contains: str) -> None:
    graph = Graph().parse(data=follow(server, path, "text/turtle").text, format="turtle")
    types = set(
        graph.objects(URIRef(BASE.rstrip("/") + path), URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
    )
    assert URIRef(contains) in types
    page = follow(server, path, BROWSER)
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")


# ------------------------------------------------------------------ clients


@pytest.mark.parametrize("doi", [SECOND_SEED, FIRST_SEED, SICI, AWKWARD, DOT_TTL, NON_ASCII])
def test_rdflib_follows_every_doi(server: Server, doi: str) -> None:
    graph = Graph().parse(f"{server.url}/id/doi/{doi_path(doi)}", format="turtle")
    thing = URIRef(f"{BASE}id/doi/{doi_path(doi)}")
    assert [
        str(value) for value in graph.objects(thing, URIRef("http://prismstandard.org/namespaces/basic/2.0/doi"))
    ] == [doi]


@pytest.mark.parametrize("doi", [SECOND_SEED, SICI, AWKWARD, NON_ASCII])
@pytest.mark.parametrize(("accept", "kind"), [("text/turtle", "text/turtle"), ("text/html", "text/html")])
def test_curl_resolves_a_doi_as_at_doi_org(server: Server, doi: str, accept: str, kind: str) -> None:
    said = subprocess.run(
        [
            *("curl", "--silent", "--show-error", "--location", "--globoff", "--header", f"Accept: {accept}"),
            *("--output", "-", "--write-out", "\n%{http_code} %{content_type}", f"{server.url}/{doi_path(doi)}"),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout.decode()
    body, _, status = said.rpartition("\n")
    assert status.startswith(f"200 {kind}")
    assert doi_path(doi) in html.unescape(body)


# ------------------------------------------------------------------ spellings


@pytest.mark.parametrize(
    "path",
    [
        f"/id/doi/{SECOND_SEED.upper()}",
        f"/id/doi/{quote(SECOND_SEED, safe='')}",
        "/id/doi/10.46272%2fit.2025.23.1.80.1",
    ],
)
def test_any_spelling_leads_to_the_canonical_one(server: Server, path: str) -> None:
    answer = ask(server, path, "text/turtle")
    assert answer.status == 301
    assert answer.headers["location"] == f"/id/doi/{SECOND_SEED}"


def test_escapes_of_a_sici(server: Server) -> None:
    canonical = doi_path(SICI)
    for spelling in (
        quote(SICI, safe=""),
        quote(SICI.upper(), safe="/"),
        canonical.replace("(", "%28"),
        canonical.lower(),
    ):
        for folder in ("id", "page", "data"):
            path = f"/{folder}/doi/{spelling}"
            answer = ask(server, path, "text/turtle")
            if spelling == canonical:
                assert answer.status in {200, 303}
            else:
                assert (answer.status, answer.headers["location"]) == (301, f"/{folder}/doi/{canonical}")


@pytest.mark.parametrize(
    "start_of_path",
    ["", "doi:", "DOI:", "https:/doi.org/", "https://doi.org/", "http:/dx.doi.org/", "info:doi/", "doi.org/"],
)
def test_a_doi_at_the_root(server: Server, start_of_path: str) -> None:
    for doi in (SECOND_SEED, SICI):
        answer = ask(server, f"/{start_of_path}{doi_path(doi).upper().replace('%3C', '%3c')}", "text/turtle")
        assert (answer.status, answer.headers.get("location")) == (302, f"/id/doi/{doi_path(doi)}")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        (f"doi={SECOND_SEED.upper()}", f"/id/doi/{SECOND_SEED}"),
        (f"doi=https://doi.org/{SECOND_SEED}", f"/id/doi/{SECOND_SEED}"),
        ("doi=" + quote(AWKWARD, safe=""), f"/id/doi/{doi_path(AWKWARD)}"),
        ("doi=" + quote(AWKWARD, safe="+"), f"/id/doi/{doi_path(AWKWARD)}"),
        ("issn=23138920", "/id/journal/2313-8920"),
        ("issn=2587-8174", "/id/journal/2313-8920"),
        (f"orcid=https://orcid.org/{ORCID}", f"/id/orcid/{ORCID}"),
        (f"q={ORCID.replace('-', '')}", f"/id/orcid/{ORCID}"),
        ("q=2313-8920", "/id/journal/2313-8920"),
        (f"q=doi:%20{SECOND_SEED}", f"/id/doi/{SECOND_SEED}"),
    ],
)
def test_lookup(server: Server, query: str, target: str) -> None:
    answer = ask(server, f"/lookup?{query}")
    assert (answer.status, answer.headers.get("location")) == (302, target)


@pytest.mark.parametrize(
    ("query", "status"), [("doi=10.5555/unknown", 404), ("doi=nonsense", 404), ("issn=2313-8921", 404), ("", 400)]
)
def test_lookup_of_nothing(server: Server, query: str, status: int) -> None:
    answer = ask(server, f"/lookup?{query}")
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_other_issn_of_a_journal(server: Server) -> None:
    answer = ask(server, "/id/journal/2587-8174", "text/turtle")
    assert (answer.status, answer.headers["location"]) == (301, "/id/journal/2313-8920")


@pytest.mark.parametrize(
    "path",
    [
        "/id/doi/10.5555/unknown",
        "/data/doi/10.5555/unknown",
        "/page/doi/10.5555/unknown",
        "/id/doi/nonsense",
        "/id/doi/%ff%fe",
        "/id/doi/10.5555/%00",
        "/id/journal/0000-0001",
        "/id/unknown",
        "/run/unknown",
        "/source/xyz",
        "/graph/other",
        "/nonsense",
        "/%2e%2e/etc/passwd",
        "/static/style.000000000000.css",
    ],
)
def test_unknown(server: Server, path: str) -> None:
    answer = ask(server, path, "text/turtle, application/problem+json;q=0.5")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 404
    page = ask(server, path, BROWSER)
    assert page.status == 404
    assert 'action="/lookup"' in page.text


def test_an_unknown_doi_leads_on_to_doi_org(server: Server) -> None:
    assert json.loads(ask(server, "/id/doi/10.5555/unknown").body)["elsewhere"] == "https://doi.org/10.5555/unknown"
    assert 'href="https://doi.org/10.5555/unknown"' in ask(server, "/id/doi/10.5555/unknown", BROWSER).text


# ------------------------------------------------------------------ conditional requests


@pytest.mark.parametrize(
    "path",
    [
        f"/data/doi/{FIRST_SEED}",
        f"/page/doi/{FIRST_SEED}",
        "/",
        "/about",
        "/report",
        "/dumps/",
        "/context.jsonld",
        "/shapes.ttl",
    ],
)
def test_entity_tags(server: Server, path: str) -> None:
    first = ask(server, path)
    assert first.status == 200
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert "cache-control" in first.headers
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = ask(server, path, If_None_Match=given)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(server, path, If_None_Match='"other"').status == 200
    head = ask(server, path, method="HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == str(len(first.body))


def test_entity_tags_tell_representations_apart(server: Server) -> None:
    tags = [
        ask(server, f"/data/doi/{FIRST_SEED}?format={name}").headers["etag"] for name in ("ttl", "jsonld", "nt", "rdf")
    ]
    tags += [ask(server, f"/page/doi/{FIRST_SEED}?lang={lang}").headers["etag"] for lang in ("en", "ru")]
    tags.append(ask(server, f"/data/doi/{SECOND_SEED}").headers["etag"])
    assert len(set(tags)) == len(tags)


def test_an_unknown_thing_is_not_unchanged(server: Server) -> None:
    assert ask(server, "/data/doi/10.5555/unknown", If_None_Match="*").status == 404


# ------------------------------------------------------------------ dumps


def test_dumps_are_what_their_checksums_say(graph: Path, server: Server) -> None:
    listed = ask(server, "/dumps/SHA256SUMS").text.split("\n")
    for digest, name in (line.split() for line in listed if line):
        answer = ask(server, f"/dumps/{name}", Accept_Encoding="gzip")
        assert hashlib.sha256(answer.body).hexdigest() == digest
        assert "content-encoding" not in answer.headers
        assert answer.headers["content-type"] == "application/gzip"
    assert {path.name for path in (graph / "current" / "dumps").iterdir()} >= {"articles.nt.gz", "SHA256SUMS"}


def test_ranges(server: Server) -> None:
    whole = ask(server, "/dumps/articles.nt.gz")
    tag, size = whole.headers["etag"], len(whole.body)
    part = ask(server, "/dumps/articles.nt.gz", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{size}"
    assert ask(server, "/dumps/articles.nt.gz", Range="bytes=-5").body == whole.body[-5:]
    assert ask(server, "/dumps/articles.nt.gz", Range=f"bytes={size}-").status == 416
    assert ask(server, "/dumps/articles.nt.gz", Range="bytes=0-4", If_Range=tag).status == 206
    assert ask(server, "/dumps/articles.nt.gz", Range="bytes=0-4", If_Range='"other"').status == 200
    modified = whole.headers["last-modified"]
    assert ask(server, "/dumps/articles.nt.gz", Range="bytes=0-4", If_Range=modified).status == 206
    assert ask(server, "/dumps/articles.nt.gz", If_None_Match=tag).status == 304
    assert ask(server, "/dumps/articles.nt.gz", If_Modified_Since=modified).status == 304


def test_a_release_keeps_its_own_files(graph: Path, server: Server) -> None:
    release = (graph / "current").readlink().name
    answer = ask(server, f"/releases/{release}/dumps/articles.nt.gz")
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in ask(server, "/dumps/articles.nt.gz").headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/dumps/..%2fmanifest.json",
        "/dumps/../manifest.json",
        "/dumps/%2e%2e%2fmanifest.json",
        "/dumps/..",
        "/dumps/.hidden",
        "/dumps/articles.nt.gz%00",
        "/dumps/nothing.gz",
        "/releases/../dumps/articles.nt.gz",
        "/releases/20260101T000000Z-00000000/dumps/articles.nt.gz",
        "/releases/current/dumps/articles.nt.gz",
    ],
)
def test_no_way_out_of_the_dumps(server: Server, path: str) -> None:
    assert ask(server, path).status == 404


# ------------------------------------------------------------------ documents


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/context.jsonld", "application/ld+json"),
        ("/shapes.ttl", "text/turtle"),
        ("/profile.ttl", "text/turtle"),
        ("/record.schema.json", "application/schema+json"),
        ("/report?format=json", "application/json"),
        ("/report?format=ttl", "text/turtle"),
        ("/health", "application/json"),
        ("/ready", "application/json"),
        ("/robots.txt", "text/plain"),
    ],
)
def test_documents(server: Server, path: str, content_type: str) -> None:
    answer = ask(server, path)
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] == content_type
    if content_type.endswith("json"):
        json.loads(answer.body)
    if content_type == "text/turtle":
        assert len(Graph().parse(data=answer.text, format="turtle")) > 0


def test_the_report_names_what_was_set_aside(server: Server) -> None:
    page = ask(server, "/report", BROWSER).text
    assert "10.5555/no-title" in page
    assert "The article has no title." in page


def test_the_dataset_describes_itself(server: Server) -> None:
    void = follow(server, "/.well-known/void", "text/turtle")
    home = ask(server, "/", "text/turtle")
    assert void.status == home.status == 200
    assert void.body == home.body
    assert ask(server, "/").headers["content-type"].startswith("text/html")


def test_other_methods_are_refused(server: Server) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert ask(server, f"/data/doi/{FIRST_SEED}", method=method).status == 405


# ------------------------------------------------------------------ pages


def test_pages_escape_what_sources_say(server: Server) -> None:
    page = ask(server, "/page/doi/10.5555/full", BROWSER).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Second &lt;b&gt;paragraph" in page


def test_pages_are_safe(server: Server) -> None:
    for path in ("/", "/about", f"/page/doi/{SECOND_SEED}", "/nonsense"):
        headers = ask(server, path, BROWSER).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_speak_the_reader_s_language(server: Server) -> None:
    path = f"/page/doi/{SECOND_SEED}"
    assert '<html lang="ru">' in ask(server, path, BROWSER, Accept_Language="ru-RU, en;q=0.5").text
    assert '<html lang="en">' in ask(server, path, BROWSER, Accept_Language="de").text
    asked = ask(server, f"{path}?lang=ru", BROWSER, Accept_Language="en")
    assert '<html lang="ru">' in asked.text
    assert "accept-language" in asked.headers["vary"].lower()


def test_an_article_s_page_has_tags_for_indexes(server: Server) -> None:
    page = ask(server, "/page/doi/10.5555/full", BROWSER).text
    for tag in (
        '<meta name="citation_title" content="An English title" lang="en">',
        '<meta name="citation_author" content="Josiah Carberry">',
        '<meta name="citation_doi" content="10.5555/full">',
        '<meta name="citation_publication_date" content="2022/05/01">',
        '<meta name="citation_journal_title" content="Journal of Tests">',
        '<meta name="citation_issue" content="1-2">',
        '<meta name="citation_firstpage" content="3">',
    ):
        assert tag in page
    assert '<span lang="ar" dir="auto">عنوان بالعربية</span>' in page


# ------------------------------------------------------------------ bases and proxies


@pytest.mark.parametrize("path", ["https://example.org/lod/", "https://example.org/data/"])
def test_a_base_with_a_path(tmp_path: Path, path: str) -> None:
    press(tmp_path / "graph", example_items(), base=path)
    prefix = urlsplit(path).path.rstrip("/")
    running = start(tmp_path / "graph", tmp_path / "log", base=path)
    try:
        for before in (prefix, ""):  # a proxy that leaves the prefix on, and one that takes it off
            answer = ask(running, f"{before}/{SECOND_SEED}", "text/turtle")
            assert answer.headers["location"] == f"{prefix}/id/doi/{SECOND_SEED}"
            answer = ask(running, f"{before}/id/doi/{SECOND_SEED}", "text/turtle")
            assert answer.headers["location"] == f"{prefix}/data/doi/{SECOND_SEED}"
            answer = ask(running, f"{before}/data/doi/{SECOND_SEED}")
            assert answer.status == 200
            assert f"<{path}id/doi/{SECOND_SEED}> a fabio:JournalArticle" in answer.text
            page = ask(running, f"{before}/page/doi/{SECOND_SEED}", BROWSER)
            assert page.status == 200
            assert f'href="{prefix}/page/doi/{FIRST_SEED}"' in page.text
            style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
            assert ask(running, style).status == 200
            assert ask(running, style.removeprefix(prefix)).status == 200
            assert ask(running, f"{before}/", BROWSER).status == 200
            assert ask(running, f"{before}/dumps/articles.nt.gz").status == 200
    finally:
        running.stop()


def test_behind_a_proxy_that_says_so(graph: Path, tmp_path: Path) -> None:
    running = start(graph, tmp_path / "log", root_path="/mounted")
    try:
        answer = ask(
            running, f"/id/doi/{SECOND_SEED.upper()}", X_Forwarded_Proto="https", X_Forwarded_Host="evil.example"
        )
        assert answer.headers["location"] == f"/id/doi/{SECOND_SEED}"
        assert (
            "evil.example" not in ask(running, "/", BROWSER, X_Forwarded_Host="evil.example", Host="evil.example").text
        )
    finally:
        running.stop()


# ------------------------------------------------------------------ releases that come and go


def test_no_edition_yet(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    running = start(tmp_path / "graph", tmp_path / "log", ready="/health")
    try:
        answer = ask(running, "/", BROWSER)
        assert answer.status == 503
        assert "triplepress publish" in answer.text
        assert ask(running, "/ready").status == 503
        assert json.loads(ask(running, f"/data/doi/{SECOND_SEED}").body)["status"] == 503
        press(tmp_path / "graph", example_items())
        _until(lambda: ask(running, "/ready").status == 200)
        assert ask(running, f"/data/doi/{SECOND_SEED}").status == 200
    finally:
        running.stop()


def test_a_new_release_drops_no_request(tmp_path: Path) -> None:
    graph = tmp_path / "graph"
    before = press(graph, example_items())
    running = start(graph, tmp_path / "log")
    stop = threading.Event()
    failures: list[str] = []
    asked = [0]

    def load(path: str) -> None:
        while not stop.is_set():
            try:
                with urllib.request.urlopen(running.url + path, timeout=30) as answer:
                    answer.read()
                asked[0] += 1
            except OSError as error:
                failures.append(f"{path}: {error}")

    paths = [f"/data/doi/{SECOND_SEED}", f"/page/doi/{FIRST_SEED}", "/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D", "/"]
    threads = [threading.Thread(target=load, args=(path,)) for path in paths]
    try:
        for thread in threads:
            thread.start()
        after = press(graph, [*example_items(), *synthetic_records()])
        assert after != before
        _until(lambda: json.loads(ask(running, "/ready").body)["release"] == after)
        counted = asked[0]
        _until(lambda: asked[0] > counted + 20)
        stop.set()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        assert ask(running, "/data/doi/10.5555/full").status == 200
        assert ask(running, f"/releases/{before}/dumps/articles.nt.gz").status == 200
    finally:
        stop.set()
        running.stop()


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; it must come true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come true")
