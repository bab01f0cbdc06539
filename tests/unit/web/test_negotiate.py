from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triplepress.rdf.formats import FORMATS, GRAPH_FORMATS, HTML, RESULT_FORMATS
from triplepress.web.negotiate import negotiate, parse_accept

_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "ttl"),
        ("", "ttl"),
        ("*/*", "ttl"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("application/rdf+xml", "rdf"),
        ("application/rdf+xml, text/turtle", "ttl"),
        ("application/rdf+xml, text/turtle;q=0.9", "rdf"),
        ("text/turtle;q=0, */*", "jsonld"),
        ("text/*;q=0, */*;q=0.1", "jsonld"),
        ("application/*", "jsonld"),
        ("application/*;q=0.1, application/n-triples", "nt"),
        ("*/*, application/n-triples", "nt"),
        ("application/x-turtle", "ttl"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"),
        ('application/ld+json; profile="a,b;q=0"; q=0.5, text/turtle;q=0.1', "jsonld"),
        ("text/turtle;level=1;q=0.1, text/turtle;q=0.9, application/rdf+xml;q=0.5", "ttl"),
        ("text/turtle;charset=utf-8", "ttl"),
        ("text/turtle ; q=0.5 , application/n-triples ; q = 0.7", "nt"),
        ("text/turtle;q=.5, application/n-triples;q=1.", "nt"),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "ttl"),
        ("nonsense", "ttl"),
        ("nonsense, text/turtle;q=high, application/rdf+xml", "rdf"),
        ("text/turtle;q=0", None),
        ("text/html", None),
        ("*/turtle, application/rdf+xml", "rdf"),
        ("text/plain, image/*", None),
    ],
)
def test_graph_formats(accept: str | None, chosen: str | None) -> None:
    found = negotiate(accept, GRAPH_FORMATS)
    assert (found.name if found else None) == chosen


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (_BROWSER, "html"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/csv;q=0.5, text/tab-separated-values", "tsv"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("text/*", "csv"),
    ],
)
def test_results_and_pages(accept: str, chosen: str) -> None:
    found = negotiate(accept, (*RESULT_FORMATS, HTML))
    assert found is FORMATS[chosen]


def test_nothing_offered_is_nothing_chosen() -> None:
    assert negotiate(None, ()) is None


@given(st.text(max_size=200))
def test_any_header_is_survived(accept: str) -> None:
    negotiate(accept, GRAPH_FORMATS)
    assert all(0 <= media_range.quality <= 1 for media_range in parse_accept(accept))


@given(
    st.lists(
        st.tuples(st.sampled_from(GRAPH_FORMATS), st.integers(0, 1000)),
        min_size=1,
        max_size=8,
        unique_by=lambda pair: pair[0].name,
    )
)
def test_the_highest_quality_wins(wanted: list[tuple[object, int]]) -> None:
    accept = ", ".join(f"{row.media_type};q={quality / 1000:.3f}" for row, quality in wanted)  # type: ignore[attr-defined]
    best = max(quality for _, quality in wanted)
    found = negotiate(accept, GRAPH_FORMATS)
    if best == 0:
        assert found is None
    else:
        assert (found, best) in wanted
