"""True of any reference: parsing never raises, invents nothing, and takes time in proportion to the text."""

from __future__ import annotations

import html
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from triplepress.identifiers import normalise_doi
from triplepress.record import Reference
from triplepress.references import MatchIndex, parse_reference, parsed_fields

_PIECES = st.sampled_from(
    [
        "Smith J. A.",
        "Иванов И.И.",
        "et al.",
        "//",
        "In:",
        "(2020)",
        "2019;14(2):",
        "447-85",
        "Vol. 5",
        "№ 3",
        "С. 12–20",
        "[translation]",
        "“Title,”",
        "ISBN 97",
        "doi:",
        "10.5555/a.b",
        "https://example.org/x",
        "arXiv:",
        "PMID 1",
        "&amp;",
        "<i>",
        "J. Biol. Chem.",
        "—",
        "...",
        "São Paulo: Editora",
        "(eds.)",
        "e da",
        "O’",
    ]
)
_TEXTS = st.one_of(
    st.text(max_size=300), st.lists(_PIECES, max_size=25).map(" ".join), st.lists(_PIECES, max_size=25).map("".join)
)


@given(_TEXTS)
@settings(max_examples=400, deadline=None)
def test_parsing_never_raises_and_invents_nothing(text: str) -> None:
    found = parse_reference(text)
    # As a reader sees it. Letters may meet where markup stood ("30<b>A</b>" is 30A); numbers may not.
    seen = "".join(html.unescape(text).split())
    printed = re.sub("[\u00ad\u200b\u200c\u200d\u2060\ufeff]", "", seen)
    for value in (found.year, found.volume, found.first_page):
        for number in re.findall(r"[0-9]+", value or ""):
            assert number in printed
    if found.doi is not None:
        assert normalise_doi(found.doi) == found.doi


@given(_TEXTS)
@settings(max_examples=100, deadline=None)
def test_what_is_parsed_has_a_place_in_a_record(text: str) -> None:
    fields = parsed_fields(text)
    assert Reference(position=1, text=text, parsed=fields).parsed.keys() == fields.keys()


@given(_TEXTS)
@settings(max_examples=60, deadline=None)
def test_nothing_is_matched_in_an_empty_index(text: str) -> None:
    with MatchIndex(":memory:") as index:
        assert index.match(Reference(position=1, text=text)) is None
