"""Is it true of any edition? Equal input gives equal bytes, and what is refused counts nowhere."""

from __future__ import annotations

import gzip
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checked
from hypothesis import strategies as st
from pyoxigraph import BlankNode, RdfFormat, Store, parse

from tests.records import INTERNATIONAL_TRENDS, article, refused
from triplepress import pipeline
from triplepress.record import ArticleRecord, Contributor, Journal, Text, encode_record
from triplepress.release.building import Outcome
from triplepress.settings import Settings

_DUMPS = ("articles.nt.gz", "articles.ttl.gz", "articles.jsonld.gz", "citations.csv.gz", "SHA256SUMS")
_DOIS = [f"10.5555/article.{number}" for number in range(6)] + ["10.5555/<a>;b#c%d[e]", "10.5555/graph.ttl"]


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def press(folder: Path, records: Sequence[ArticleRecord], name: str = "graph", *, force: bool = False) -> Outcome:
    """Publish records from a file of JSON lines."""
    lines = folder / f"{name}.jsonl"
    lines.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    return pipeline.publish([str(lines)], Settings(graph=str(folder / name)), force=force)


def dumps(outcome: Outcome) -> dict[str, bytes]:
    """Return the bytes of every dump."""
    return {name: (Path(outcome.path) / "dumps" / name).read_bytes() for name in _DUMPS}


def triples(outcome: Outcome, name: str = "articles.nt.gz", native: RdfFormat = RdfFormat.N_TRIPLES) -> list[str]:
    """Return the triples of a dump as they come."""
    content = gzip.decompress((Path(outcome.path) / "dumps" / name).read_bytes())
    return [str(quad.triple) for quad in parse(content, format=native)]


def names(draw: st.DrawFn) -> list[Contributor]:
    """Draw an author, known by ORCID iD or not."""
    return [
        Contributor(
            name="S. S. Zhiltsov", position=1, lang="en", orcid=draw(st.sampled_from([None, "0000-0002-1825-0097"]))
        ),
    ]


@st.composite
def records(draw: st.DrawFn) -> ArticleRecord:
    number = draw(st.integers(0, 5))
    issn, eissn = draw(
        st.sampled_from([("2313-8920", "2587-8174"), ("2313-8920", None), (None, "2587-8174"), ("1728-2756", None)])
    )
    return article(
        number,
        kind=draw(st.sampled_from(["elpub", "crossref", "openalex"])),
        cites=draw(st.lists(st.sampled_from(_DOIS), max_size=4)),
        issued=draw(st.sampled_from([None, "2023", "2024-02", "2024-02-29"])),
        volume=draw(st.sampled_from([None, "11", "1/2"])),
        titles=draw(
            st.sampled_from(
                [[], [Text(text="Rare-earth metals", lang="en")], [Text(text="Металлы", lang="ru"), Text(text="REM")]]
            )
        ),
        journal=Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], issn=issn, eissn=eissn),
        contributors=names(draw),
    )


few = checked(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(st.lists(records(), min_size=1, max_size=9), st.randoms())
def test_neither_order_nor_repetition_changes_a_byte(given_records: list[ArticleRecord], chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        first = press(folder, given_records, force=True)
        assert first.read == first.published + first.merged + first.skipped + first.rejected
        shuffled = [*given_records, *given_records]
        chance.shuffle(shuffled)
        second = press(folder, shuffled, "again", force=True)
        assert dumps(second) == dumps(first)
        assert second.read == second.published + second.merged + second.skipped + second.rejected
        if first.published:
            archived = Path(first.path) / "records.jsonl.zst"
            third = pipeline.publish([str(archived)], Settings(graph=str(folder / "third")))
            assert dumps(third) == dumps(first)
            assert (third.read, third.merged, third.rejected) == (first.published, 0, 0)


@few
@given(st.lists(records(), min_size=1, max_size=9))
def test_the_dumps_say_the_same_each_thing_once(given_records: list[ArticleRecord]) -> None:
    with tempfile.TemporaryDirectory() as made:
        outcome = press(Path(made), given_records, force=True)
        flat = triples(outcome)
        assert len(flat) == len(set(flat)) == outcome.triples
        assert set(triples(outcome, "articles.ttl.gz", RdfFormat.TURTLE)) == set(flat)
        assert set(triples(outcome, "articles.jsonld.gz", RdfFormat.JSON_LD)) == set(flat)
        store = Store.read_only(str(Path(outcome.path) / "store"))
        quads = list(store.quads_for_pattern(None, None, None, None))
        assert {str(quad.triple) for quad in quads} == set(flat)
        assert not any(isinstance(term, BlankNode) for quad in quads for term in quad.triple)


def test_what_is_refused_counts_nowhere(folder: Path) -> None:
    sound = [
        article(1, cites=["10.5555/article.2", "10.5555/article.3"]),
        article(3, issued="2020"),
    ]
    # It would be a held work with a date, a volume, a journal of its own, a person, and it cites a work of its own.
    bad = refused(
        2,
        journal=INTERNATIONAL_TRENDS,
        volume="77",
        cites=["10.5555/cited.by.the.refused"],
        contributors=[Contributor(name="A. N. Other", position=1, orcid="0000-0002-1825-0097")],
    )
    with_bad = press(folder, [bad, *sound])
    without = press(folder, sound, "without")
    assert with_bad.rejected == 1
    assert dumps(with_bad) == dumps(without)


def test_a_record_refused_in_a_later_batch_is_taken_back_from_an_earlier_one(folder: Path) -> None:
    many = [article(number, cites=["10.5555/article.999"]) for number in range(100, 350)]
    with_bad = press(folder, [*many, refused(999)])
    assert with_bad.rejected == 1
    assert dumps(with_bad) == dumps(press(folder, many, "without"))


def test_one_bad_statement_of_a_journal_does_not_cost_the_others(folder: Path) -> None:
    sound = [article(number, journal=Journal(titles=[Text(text="PSI")], issn="2313-8920")) for number in (1, 2)]
    bad = article(3, journal=Journal(titles=[Text(text="PSI")], issn="2313-8920", eissn="2587-8175"))
    outcome = press(folder, [*sound, bad])
    assert (outcome.published, outcome.rejected) == (2, 1)
    assert dumps(outcome) == dumps(press(folder, sound, "without"))


def test_publishing_again_reuses_the_release(folder: Path) -> None:
    first = press(folder, [article(1)])
    second = press(folder, [article(1)])
    assert second.release == first.release
    assert any("nothing has changed" in note for note in second.notes)


def test_a_record_that_does_not_change_keeps_its_date(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = press(folder, [article(1), article(2)])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1798761600")
    same = press(folder, [article(1), article(2)])
    assert dumps(same) == dumps(first)
    changed = press(folder, [article(1), article(2, issued="2023")])
    [modified] = [line for line in triples(changed) if "dc/terms/modified" in line and "article.1>" in line]
    assert "2026-01-01T00:00:00Z" in modified
    [modified] = [line for line in triples(changed) if "dc/terms/modified" in line and "article.2>" in line]
    assert "2027-01-01T00:00:00Z" in modified
    runs = {line.split(" ")[0] for line in triples(changed) if "startedAtTime" in line}
    assert len(runs) == 2
