"""A journal keeps its address through the editions, whatever becomes of the records that state its number."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.property.test_update import seen
from tests.records import article, refused
from triplepress import pipeline
from triplepress.record import ArticleRecord, Journal, Text, encode_record
from triplepress.release.building import Outcome
from triplepress.settings import Settings
from triplepress.store.members import Section

LINKING, MOVED, PRINT, ONLINE, OTHER = "2313-8920", "2587-8174", "1728-2756", "1811-2773", "2618-7485"
State = Mapping[str, Sequence[ArticleRecord]]


def journal(**issns: str) -> Journal:
    return Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], **issns)


def publish(folder: Path, graph: Path, day: int, *, update: bool = False) -> Outcome:
    with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(1_780_000_000 + day * 86_400)}):
        settings = Settings(base="https://data.example.org/", graph=str(graph), processes=1)
        return pipeline.publish([str(folder)], settings, force=True, update=update)


def in_both_ways(folder: Path, first: State, then: State) -> Outcome:
    """Publish one state of the inputs, then the other in full and as an update; return what both come to."""

    def write(state: State) -> None:
        shutil.rmtree(folder / "in", ignore_errors=True)
        (folder / "in").mkdir()
        for name, records in state.items():
            (folder / "in" / name).write_bytes(b"".join(encode_record(each) + b"\n" for each in records))

    # Every record is a member of its own, so none is judged only because it stands beside another.
    with (
        patch("triplepress.release.publish._LARGEST_UPDATE", 5),
        patch.object(Section, "begins", lambda *_: True),
    ):
        write(first)
        publish(folder / "in", folder / "small", 0)
        shutil.copytree(folder / "small", folder / "whole", symlinks=True)
        write(then)
        small = publish(folder / "in", folder / "small", 1, update=True)
        whole = publish(folder / "in", folder / "whole", 1)
    assert seen(Path(small.path)) == seen(Path(whole.path))
    return whole


def journals_of(outcome: Outcome) -> dict[str, dict[str, str | None]]:
    return dict(json.loads((Path(outcome.path) / "manifest.json").read_bytes())["journals"])


BOTH, ONLY = journal(issn=PRINT, eissn=ONLINE), journal(eissn=ONLINE)


@pytest.mark.parametrize(
    ("first", "then", "key", "published"),
    [
        pytest.param(
            {"a.jsonl": [article(n, journal=journal(issn=PRINT, issn_l=LINKING)) for n in (1, 2)]},
            {"a.jsonl": [article(n, journal=journal(issn=PRINT, issn_l=MOVED)) for n in (1, 2)]},
            LINKING,
            2,
            id="its ISSN-L is another now",
        ),
        pytest.param(
            {"a.jsonl": [article(1, journal=BOTH)], "b.jsonl": [article(2, journal=ONLY)]},
            {"b.jsonl": [article(2, journal=ONLY)]},
            PRINT,
            1,
            id="the record that states it leaves",
        ),
        pytest.param(
            {"a.jsonl": [article(1, journal=BOTH)], "b.jsonl": [article(2, journal=ONLY)]},
            {"a.jsonl": [refused(1, journal=BOTH)], "b.jsonl": [article(2, journal=ONLY)]},
            PRINT,
            1,
            id="the record that states it is refused",
        ),
    ],
)
def test_a_key_that_nobody_states_is_no_fault_of_the_others(
    tmp_path: Path, first: State, then: State, key: str, published: int
) -> None:
    outcome = in_both_ways(tmp_path, first, then)
    assert outcome.published == published
    assert list(journals_of(outcome)) == [key]
    assert key in journals_of(outcome)[key].values()


def test_the_next_bad_number_of_a_journal_is_found_too(tmp_path: Path) -> None:
    """When the records with one bad number are refused, another bad number is the journal's, in another member."""
    bad = [article(n, journal=journal(issn=LINKING, eissn=issn)) for n, issn in ((1, "2587-8175"), (3, "2587-8176"))]
    others = [article(2, journal=bad[0].journal), article(4, journal=journal(issn=PRINT))]
    outcome = in_both_ways(tmp_path, {"a.jsonl": [others[1]]}, {"a.jsonl": others, "b.jsonl": bad})
    assert (outcome.published, outcome.rejected) == (1, 3)
