"""Whatever comes in, in whatever order: every result is accounted for, in all and for each kind of source."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.records import article, source
from triplepress.record import ArticleRecord, Finding, Rejected, Skipped, Source, Withdrawn
from triplepress.release.counting import counts_of
from triplepress.release.index import RecordIndex
from triplepress.release.reading import fill_index

Item = ArticleRecord | Rejected | Skipped | Withdrawn
kinds = st.sampled_from(["elpub", "crossref", "oai_dc"])
numbers = st.integers(1, 4)
moments = st.sampled_from([None, "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"])


def _record(number: int, kind: str, moment: str | None, has_doi: bool) -> ArticleRecord:
    place = Source(kind=kind, location=f"{kind}/{number}.xml", sha256=None, retrieved=moment)
    record = article(number, local_id=f"oai:{number}", sources=[place])
    return record if has_doi else replace(record, doi=None)


def _rejected(kind: str) -> Rejected:
    finding = Finding(severity="Violation", message="It cannot be read.", remedy="Send it again.")
    return Rejected(source=source("bad", kind), stage="read", findings=[finding])


items = st.one_of(
    st.builds(_record, numbers, kinds, moments, st.booleans()),
    st.builds(
        lambda kind, what: Skipped(source=source("other", kind), kind=what), kinds, st.sampled_from(["book", "data"])
    ),
    st.builds(_rejected, kinds),
    st.builds(
        lambda number, moment: Withdrawn(
            source=Source(kind="oaipmh", location="gone.xml", retrieved=moment), local_id=f"oai:{number}"
        ),
        numbers,
        moments,
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(items, max_size=20), st.randoms(use_true_random=False))
def test_every_result_is_accounted_for_in_any_order(found: list[Item], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis's own Random
    first = None
    for order in (found, shuffled):
        with TemporaryDirectory() as folder, closing(RecordIndex(Path(folder))) as index:
            fill_index(index, order)
            index.seal("2026-01-01T00:00:00Z", "run")
            counts, sources = counts_of(index)
            published = list(index.records())
        assert counts.read == len(found) == counts.published + counts.merged + counts.skipped + counts.rejected
        assert len(published) == counts.published
        for each in sources:
            assert each.read == each.published + each.merged + sum(each.skipped.values()) + each.rejected
        first = first or (counts, sources, published)
        assert (counts, sources, published) == first
