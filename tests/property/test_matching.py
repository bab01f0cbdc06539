"""Are matches that were brought up to date those of a full run, and the same by any number of processes?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.records import article
from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.mapping import Mapping
from triplepress.record import ArticleRecord, Contributor, Reference, Text
from triplepress.release.dumps import MATCHED_DUMP, Pieces
from triplepress.release.index import RecordIndex
from triplepress.release.matches import NAME
from triplepress.release.matching import WORKS, MatchRun
from triplepress.store.members import Member, Segment

EDITION = EditionFacts("https://data.example.org", "https://creativecommons.org/publicdomain/zero/1.0/")
MAPPING = Mapping.load()
TITLES = (
    "Rare-earth metals and the water balance of small rivers",
    "Rare-earth metals and the water balance of great rivers",
    "Correction: Rare-earth metals and the water balance of small rivers",
    "Strategies for cooperation in the steppe regions of Asia",
    "Pipelines",
)
NAMES = ("Zhiltsov", "Chimiris", "Lee")

numbers = st.integers(1, 12)
titles = st.sampled_from(TITLES)
names = st.sampled_from(NAMES)
years = st.sampled_from(("2023", "2024"))
pages = st.sampled_from(("8", "33", None))


@st.composite
def references(draw: st.DrawFn) -> list[Reference]:
    found = []
    for position in range(1, draw(st.integers(0, 4)) + 1):
        if draw(st.booleans()):
            fields = {"author": draw(names), "year": draw(years), "article-title": draw(titles), "volume": "11"}
            page = draw(pages)
            found.append(Reference(position=position, fields=fields | ({"first-page": page} if page else {})))
        elif draw(st.booleans()):
            found.append(Reference(position=position, text=f"{draw(names)} A. {draw(titles)}. {draw(years)}. Vol. 11."))
        else:
            found.append(Reference(position=position, doi=f"10.5555/article.{draw(numbers)}"))
    return found


@st.composite
def records(draw: st.DrawFn, number: int) -> ArticleRecord:
    name = draw(names)
    return article(
        number,
        titles=[Text(text=draw(titles), lang="en")],
        contributors=[Contributor(name=name, family=name, position=1)],
        issued=draw(years),
        first_page=draw(pages),
        references=draw(references()),
    )


@st.composite
def editions(draw: st.DrawFn) -> dict[int, ArticleRecord]:
    return {number: draw(records(number)) for number in sorted(draw(st.sets(numbers, min_size=1, max_size=8)))}


@st.composite
def updates(draw: st.DrawFn) -> tuple[dict[int, ArticleRecord], dict[int, ArticleRecord]]:
    before = draw(editions())
    after = dict(before)
    for number in draw(st.sets(numbers, max_size=4)):
        if number in after and draw(st.booleans()):
            del after[number]
        else:
            after[number] = draw(records(number))
    return before, after


@contextmanager
def run(folder: Path, edition: dict[int, ArticleRecord], kept: Path | None, processes: int = 1) -> Iterator[MatchRun]:
    """Yield a run over an edition, its files copied from those of an earlier one."""
    folder.mkdir()
    (folder / "kept").mkdir()
    if kept is not None:
        for name in (NAME, WORKS):
            shutil.copy(kept / name, folder / "kept")
    with closing(RecordIndex(folder / "index")) as index:
        for record in edition.values():
            index.add(record)
        index.seal("2026-01-01T00:00:00Z", "run")
        index.commit()
        made = MatchRun(index, EDITION, MAPPING, folder, processes=processes, folder=folder / "kept", new=kept is None)
        with closing(made):
            yield made


def dump(made: MatchRun, folder: Path, before: Sequence[Member] = (), release: Path | None = None) -> list[Member]:
    """Write the dump of a run; return its members."""
    (folder / "dumps").mkdir()
    members = []
    with (folder / MATCHED_DUMP).open("wb") as file, Pieces() as pieces:
        for pressed in made.members(before, release):
            place = file.tell()
            length = file.write(pieces.read(pressed.pieces[MATCHED_DUMP]))
            members.append(Member(pressed.section, pressed.key, {MATCHED_DUMP: Segment(place, length)}))
    return members


def lines(texts: Iterator[bytes]) -> list[bytes]:
    return [line for text in texts for line in text.splitlines()]


LISTED = [
    article(20, titles=[Text(text=TITLES[3], lang="en")], first_page="33", doi="10.5555/listed"),
    article(3, titles=[Text(text=TITLES[0], lang="en")], first_page="8", issued="2023"),
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(updates())
def test_brought_up_to_date_is_made_in_full(states: tuple[dict[int, ArticleRecord], dict[int, ArticleRecord]]) -> None:
    before, after = states
    changed = {number for number in before.keys() | after.keys() if before.get(number) != after.get(number)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with run(folder / "before", before, None) as first:
            first.run(LISTED)
            members = dump(first, folder / "before")
            stated = set(lines(first.quads()))
        with run(folder / "full", after, None) as full:
            full.run(LISTED)
            wanted, counts, text = dump(full, folder / "full"), full.matches, lines(full.quads())
        with run(folder / "updated", after, folder / "before" / "kept") as updated:
            updated.update(f"doi/10.5555/article.{number}" for number in changed)
            assert lines(updated.quads()) == text
            assert updated.matches == counts
            for change in updated.changes():
                assert stated.issuperset(change.old.splitlines())
                stated = stated.difference(change.old.splitlines()).union(change.new.splitlines())
            assert stated == set(text)
            assert dump(updated, folder / "updated", members, folder / "before") == wanted
        assert (folder / "updated" / MATCHED_DUMP).read_bytes() == (folder / "full" / MATCHED_DUMP).read_bytes()


def test_a_match_comes_and_goes_with_the_work(tmp_path: Path) -> None:
    seeking = {"author": "Zhiltsov", "year": "2024", "article-title": TITLES[0], "volume": "11", "first-page": "8"}
    citing = article(1, references=[Reference(position=1, fields=seeking)])
    work = article(2, titles=[Text(text=TITLES[0], lang="en")], first_page="8")
    with run(tmp_path / "with", {1: citing, 2: work}, None) as found:
        found.run([])
        assert (found.matches.references, found.matches.works, found.matches.known) == (1, 1, 2)
    with run(tmp_path / "without", {1: citing}, tmp_path / "with" / "kept") as gone:
        assert gone.update(["doi/10.5555/article.2"]) == 1
        assert (gone.matches.references, gone.matches.works, gone.matches.known) == (0, 0, 1)
    with run(tmp_path / "again", {1: citing, 2: work}, tmp_path / "without" / "kept") as again:
        assert again.update(["doi/10.5555/article.2"]) == 1
        assert again.matches == found_matches(tmp_path / "with")


def found_matches(folder: Path) -> object:
    """Return the counts of an earlier run."""
    with run(folder.parent / "same", {}, folder / "kept") as same:
        return same.matches


def test_what_does_not_concern_it_is_not_matched_again(tmp_path: Path) -> None:
    references = [Reference(position=1, fields={"author": "Lee", "year": "2023", "article-title": TITLES[3]})]
    before = {1: article(1, references=references), 2: article(2), 3: article(3, references=references)}
    with run(tmp_path / "before", before, None) as first:
        first.run([])
    after = before | {2: article(2, titles=[Text(text="Something else altogether", lang="en")])}
    with run(tmp_path / "after", after, tmp_path / "before" / "kept") as second:
        assert second.update(["doi/10.5555/article.2"]) == 0


def test_the_number_of_processes_changes_nothing(tmp_path: Path) -> None:
    fields = {"author": "Zhiltsov", "year": "2024", "volume": "11"}
    edition = {}
    for number in range(1, 1301):
        title = f"Water balance number{number % 400} of river{number // 3} and steppe{number // 7}"
        sought = f"Water balance number{(number + 5) % 400} of river{(number + 5) // 3} and steppe{(number + 5) // 7}"
        edition[number] = article(
            number,
            titles=[Text(text=title, lang="en")],
            first_page=str(number),
            references=[
                Reference(position=1, fields=fields | {"article-title": sought, "first-page": str(number + 5)})
            ],
        )
    results = []
    for processes in (1, 3):
        with run(tmp_path / str(processes), edition, None, processes) as made:
            made.run(LISTED)
            results.append((lines(made.quads()), made.matches))
    assert results[0] == results[1]
    assert results[0][1].references >= 1295
