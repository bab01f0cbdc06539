"""Do the small parts of the web do their jobs?"""

from __future__ import annotations

import asyncio

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from triplepress.rdf.formats import JSON
from triplepress.web.cache import Cache
from triplepress.web.headers import entity_tag, is_unchanged
from triplepress.web.pages.home import bars
from triplepress.web.pages.related import INCOMING, OUTGOING
from triplepress.web.prefix import BasePath
from triplepress.web.queries import EXISTS, INCOMING_PROPERTIES, bound
from triplepress.web.query_request import QueryRequest
from triplepress.web.rendering import breakable, paragraphs
from triplepress.web.sparql import _entity_tag
from triplepress.web.view import Said, View, best_of


def test_the_cache_is_bounded_and_drops_the_least_used() -> None:
    cache: Cache[str, bytes] = Cache(capacity=30_000)
    for key in "abc":
        cache.put(key, b"x", 9_000)
    assert cache.get("a") is not None
    cache.put("d", b"x", 9_000)
    assert cache.get("b") is None
    assert cache.get("a") is not None
    cache.put("a", b"y", 25_000)
    assert cache.get("a") == b"y"
    assert cache.get("c") is None
    cache.put("e", b"x", 30_000)
    assert cache.get("e") is None
    assert 25_000 < cache.size < 26_000
    cache.put("a", b"y", 0)
    assert cache.size < 1_000


def test_what_has_no_content_takes_room_all_the_same() -> None:
    cache: Cache[str, bytes] = Cache(capacity=100_000)
    for number in range(1_000):
        cache.put(f"{number:0100d}", b"", 0)
    assert cache.size <= 100_000
    assert cache.get(f"{0:0100d}") is None
    assert cache.get(f"{999:0100d}") == b""
    answers: Cache[tuple[bytes, ...], bytes] = Cache(capacity=1_000)
    answers.put((b"/" * 400, b"*" * 400), b"", 0)
    assert answers.get((b"/" * 400, b"*" * 400)) is None


def test_a_cache_without_room_keeps_nothing() -> None:
    cache: Cache[str, bytes] = Cache(capacity=0)
    cache.put("a", b"x", 1)
    assert cache.get("a") is None


@pytest.mark.parametrize(
    ("given", "unchanged"),
    [('"x"', True), ('W/"x"', True), ('"y", "x"', True), ("*", True), ('"y"', False), ("x", False), ("", False)],
)
def test_if_none_match(given: str, unchanged: bool) -> None:
    assert is_unchanged(Headers({"if-none-match": given}), '"x"') is unchanged


def test_answers_of_queries_are_told_apart_by_query_and_graphs() -> None:
    one = QueryRequest("ASK {} #", default_graphs=("http://example.org/g",))
    others = [
        QueryRequest("ASK {} #\0http://example.org/g"),
        QueryRequest("ASK {} #", named_graphs=("http://example.org/g",)),
        QueryRequest("ASK {} #"),
    ]
    tags = {_entity_tag("release", asked, None, None) for asked in (one, *others)}
    assert len(tags) == 4
    assert _entity_tag("release", one, JSON, None) not in tags


def test_entity_tags_are_told_apart_by_every_part() -> None:
    assert entity_tag("ab", "c") != entity_tag("a", "bc")


@pytest.mark.parametrize("iri", ["https://x/> ?s ?p ?o", "https://x/\n", 'https://x/"', "https://x/{}"])
def test_nothing_ends_an_iri_early(iri: str) -> None:
    with pytest.raises(ValueError, match="not an IRI"):
        bound(EXISTS, iri)


def test_texts_are_escaped() -> None:
    assert paragraphs("a <b>\n\n& c") == "<p>a &lt;b&gt;</p><p>&amp; c</p>"
    assert breakable("10.1/<x>") == "10.<wbr>1/&lt;x&gt;"
    assert breakable("10.1/abc_d&e") == "10.<wbr>1/<wbr>abc_<wbr>d&amp;e"


def test_the_best_text() -> None:
    texts = [Said("x", None), Said("en", "en-gb"), Said("ru", "ru")]
    assert best_of(texts, "ru") == Said("ru", "ru")
    assert best_of(texts, "de") == Said("en", "en-gb")
    assert best_of(texts[:1], "de") == Said("x", None)
    assert best_of([], "de") is None


def test_a_view_of_statements() -> None:
    view = View(
        b'<https://x/a> <http://purl.org/dc/terms/title> "T"@en .\n'
        b"<https://x/a> <http://purl.org/spar/cito/cites> <https://x/b> .\n"
    )
    assert view.label("https://x/a", "ru") == Said("T", "en")
    assert view.iris("https://x/a", "cito:cites") == ["https://x/b"]
    assert view.subjects("cito:cites", "https://x/b") == ["https://x/a"]
    assert "https://x/b" not in view


def test_bars_of_many_years_are_grouped() -> None:
    drawn = bars({str(year): 1 for year in range(1900, 2020)})
    assert len(drawn) <= 40
    assert sum(bar.articles for bar in drawn) == 120
    assert all(bar.x + bar.width <= 640 for bar in drawn)
    assert bars({None: 3}) == []


@pytest.mark.parametrize(
    ("prefix", "root_path", "path", "seen"),
    [
        ("", "", "/id/doi/x", "/id/doi/x"),
        ("/lod", "", "/lod/id/doi/x", "/id/doi/x"),
        ("/lod", "", "/id/doi/x", "/id/doi/x"),
        ("/lod", "", "/lod", "/"),
        ("/lod", "", "/lod/", "/"),
        ("/lod", "", "/lodge", "/lodge"),
        ("/lod", "", "/lod/10.5555/x", "/10.5555/x"),
        ("/data", "", "/data/doi/x", "/data/doi/x"),
        ("/data", "", "/data/data/doi/x", "/data/doi/x"),
        ("/lod", "/mount", "/mount/lod/id/x", "/id/x"),
        ("", "/mount", "/mount/id/x", "/id/x"),
    ],
)
def test_the_path_of_the_base_is_taken_off(prefix: str, root_path: str, path: str, seen: str) -> None:
    scopes: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scopes.append(scope)

    asked: Scope = {"type": "http", "path": path, "raw_path": path.encode(), "root_path": root_path}
    asyncio.run(BasePath(app, prefix)(asked, _no_request, _no_answer))
    assert scopes[0]["path"] == seen
    assert scopes[0]["raw_path"] == seen.encode()
    assert scopes[0]["root_path"] == ""


async def _no_request() -> Message:
    return {"type": "http.disconnect"}


async def _no_answer(_message: Message) -> None:
    return None


def test_what_others_say_of_an_article_is_asked_for_and_named() -> None:
    assert set(INCOMING) == set(INCOMING_PROPERTIES)
    assert set(INCOMING.values()) <= set(OUTGOING.values())
