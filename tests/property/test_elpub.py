"""Is it true for any page? Whatever is cut, doubled or mixed up in it, its reader answers."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from triplepress.identifiers import normalise_doi
from triplepress.record import ArticleRecord, Rejected, Source, decode_record, encode_record
from triplepress.sources.elpub import read_elpub

_PAGES = [
    path.read_text(encoding="utf-8").splitlines()
    for path in sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.txt"))
]
_SOURCE = Source(kind="elpub", location="page.txt")


@st.composite
def mixed_pages(draw: st.DrawFn) -> str:
    """The lines of a page, some cut, some doubled, some with other text between."""
    lines: list[str] = []
    for line in draw(st.sampled_from(_PAGES)):
        action = draw(st.sampled_from(["keep"] * 20 + ["drop", "double", "cut", "noise"]))
        if action == "drop":
            continue
        lines.append(line[: draw(st.integers(0, len(line)))] if action == "cut" else line)
        if action in {"double", "noise"}:
            lines.append(line if action == "double" else draw(st.text(max_size=30)))
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(mixed_pages())
def test_a_mixed_up_page_gives_a_record_or_a_reason(text: str) -> None:
    result = read_elpub(text.encode("utf-8", "replace"), _SOURCE)
    if isinstance(result, Rejected):
        assert all(finding.message and finding.remedy for finding in result.findings)
        return
    assert isinstance(result, ArticleRecord)
    assert decode_record(encode_record(result)) == result
    assert [author.position for author in result.contributors] == list(range(1, len(result.contributors) + 1))
    for reference in result.references:
        assert reference.doi is None or normalise_doi(reference.doi) == reference.doi


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=500))
def test_any_bytes_give_a_record_or_a_reason(data: bytes) -> None:
    assert isinstance(read_elpub(data, _SOURCE), ArticleRecord | Rejected)
