"""What differs between two releases, and the patch that makes one of the other."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store, parse

from triplepress.errors import ReleaseError
from triplepress.release.compression import gzip_member
from triplepress.release.diff import Edition, differences
from triplepress.release.index import Revision
from triplepress.release.patches import read_changes, read_rows, read_summary, write_patch
from triplepress.release.revisions import write_revisions
from triplepress.store.members import ARTICLES, SOURCES, WITHDRAWN, WORKS, Member, Section, Segment, write_members

ROOT = "https://data.example.org"
TOPIC = "http://xmlns.com/foaf/0.1/primaryTopic"
TITLE = "http://purl.org/dc/terms/title"
GRAPH = f"{ROOT}/graph/matched"

# What a small edition is made of: by DOI, what its record says; the works that are only cited; what left; matches.
Content = dict[str, set[str]]


def held(doi: str, values: Iterable[str]) -> bytes:
    """Return the lines of an article."""
    thing, document = f"{ROOT}/id/doi/{doi}", f"{ROOT}/data/doi/{doi}"
    lines = [f'<{thing}> <{TITLE}> "Title \\"{doi}\\""@en .', f'<{thing}> <{ROOT}/doi> "{doi}" .']
    lines += [f'<{thing}> <{ROOT}/says> "{value}" .' for value in sorted(values)]
    lines.append(f"<{document}> <{TOPIC}> <{thing}> .")
    return "".join(f"{line}\n" for line in lines).encode()


def cited(doi: str) -> bytes:
    """Return the lines of a work that is only cited: one of them an article has too."""
    thing = f"{ROOT}/id/doi/{doi}"
    return f'<{thing}> <{ROOT}/doi> "{doi}" .\n<{thing}> <{ROOT}/cited> "1" .\n'.encode()


def gone(doi: str) -> bytes:
    """Return the lines of a record that left."""
    return f'<{ROOT}/data/doi/{doi}> <{ROOT}/gone> "1" .\n'.encode()


class Release:
    """A release's folder with all that a comparison reads."""

    def __init__(
        self,
        folder: Path,
        articles: Content,
        works: set[str] | None = None,
        left: set[str] | None = None,
        matches: set[str] | None = None,
        *,
        table: bool = True,
    ) -> None:
        (folder / "dumps").mkdir(parents=True)
        self.edition = Edition(folder, folder.name, ROOT)
        sections: list[tuple[Section, dict[str, bytes]]] = [
            (ARTICLES, {f"doi/{doi}": held(doi, values) for doi, values in articles.items()}),
            (WORKS, {doi: cited(doi) for doi in (works or set()) - set(articles)}),
            (WITHDRAWN, {f"doi/{doi}": gone(doi) for doi in (left or set()) - set(articles)}),
            (SOURCES, {"ab": f'<{ROOT}/source/ab> <{ROOT}/says> "s" .\n'.encode()}),
        ]
        members = []
        with (folder / "dumps" / "articles.nt.gz").open("wb") as file:
            for section, entries in sections:
                small = Section(section.name, section.path, 2)
                starts = [*small.starts(sorted(entries)), "\U0010ffff"]
                for start, end in pairwise(starts):
                    text = b"".join(entries[key] for key in sorted(entries) if start <= key < end)
                    place = Segment(file.tell(), len(gzip_member(text)))
                    file.write(gzip_member(text))
                    members.append(Member(section.name, start, {"dumps/articles.nt.gz": place}))
        if table:
            write_members(folder, members)
        if matches:
            quads = [f'<{ROOT}/id/doi/{doi}#match-1> <{ROOT}/score> "1" <{GRAPH}> .\n' for doi in sorted(matches)]
            (folder / "dumps" / "matched.nq.gz").write_bytes(gzip.compress("".join(quads).encode()))
        write_revisions(
            folder,
            [
                Revision(f"doi/{doi}", sha256(repr(sorted(articles[doi])).encode()).digest(), "", "")
                for doi in sorted(articles)
            ],
        )

    def store(self) -> Store:
        """Return a store with all that the release says."""
        store = Store()
        for name, kind in (("articles.nt.gz", RdfFormat.N_TRIPLES), ("matched.nq.gz", RdfFormat.N_QUADS)):
            path = self.edition.folder / "dumps" / name
            if path.exists():
                store.load(input=gzip.decompress(path.read_bytes()), format=kind)
        return store


def apply(rows: Iterable[bytes], store: Store) -> None:
    """Apply a patch row by row, as any reader of the format would."""
    for row in rows:
        code, _, rest = row.partition(b" ")
        if code in {b"A", b"D"}:
            for quad in parse(rest, format=RdfFormat.N_QUADS):
                (store.add if code == b"A" else store.remove)(quad)


def quads(store: Store) -> set[str]:
    return {str(quad) for quad in store}


DOIS = [f"10.5555/{letter}" for letter in "abcdefgh"]
values = st.sets(st.sampled_from(["1", "2", "3"]))
some = st.sets(st.sampled_from(DOIS))
editions = st.tuples(st.dictionaries(st.sampled_from(DOIS), values), some, some, some)


@settings(max_examples=60, deadline=None)
@given(before=editions, after=editions, tables=st.tuples(st.booleans(), st.booleans()))
def test_the_patch_makes_the_later_release_of_the_earlier(
    tmp_path_factory: pytest.TempPathFactory,
    before: tuple[Content, set[str], set[str], set[str]],
    after: tuple[Content, set[str], set[str], set[str]],
    tables: tuple[bool, bool],
) -> None:
    folder = tmp_path_factory.mktemp("releases")
    one = Release(folder / "a", *before, table=tables[0])
    two = Release(folder / "b", *after, table=tables[1])
    summary = write_patch(one.edition, two.edition)
    store = one.store()
    had, has = quads(store), quads(two.store())
    apply(read_rows(folder / "b"), store)
    assert quads(store) == has
    assert (summary.statements.removed, summary.statements.added) == (len(had - has), len(has - had))
    assert summary.records.added == len(after[0].keys() - before[0].keys())
    assert summary.records.removed == len(before[0].keys() - after[0].keys())
    assert summary.records.changed == sum(before[0][doi] != after[0][doi] for doi in before[0].keys() & after[0].keys())
    changes = list(read_changes(folder / "b"))
    assert [change.key for change in changes] == sorted({change.key for change in changes})
    assert read_summary(folder / "b") == summary


def test_a_change_is_told_with_title_and_doi(tmp_path: Path) -> None:
    one = Release(tmp_path / "a", {DOIS[0]: {"1"}, DOIS[1]: set(), DOIS[2]: set()}, {DOIS[3]})
    two = Release(tmp_path / "b", {DOIS[0]: {"2"}, DOIS[1]: set(), DOIS[3]: set()}, left={DOIS[2]})
    write_patch(one.edition, two.edition)
    told = [(c.change, c.doi, c.title, c.removed, c.added) for c in read_changes(tmp_path / "b")]
    assert told == [
        ("changed", DOIS[0], 'Title "10.5555/a"', 1, 1),
        ("removed", DOIS[2], 'Title "10.5555/c"', 3, 1),
        ("added", DOIS[3], 'Title "10.5555/d"', 1, 2),
    ]


@pytest.mark.parametrize("apart", [True, False], ids=["in a shared member", "beside a change"])
def test_a_record_whose_matches_alone_changed_is_affected(tmp_path: Path, *, apart: bool) -> None:
    articles: Content = {f"10.5555/{number:03}": {"1"} for number in range(60)}
    one = Release(tmp_path / "one", articles)
    two = Release(tmp_path / "two", articles if apart else {**articles, "10.5555/031": {"2"}}, matches={"10.5555/030"})
    write_patch(one.edition, two.edition)
    (told,) = [change for change in read_changes(tmp_path / "two") if change.doi == "10.5555/030"]
    assert (told.change, told.record, told.title) == ("affected", True, 'Title "10.5555/030"')
    assert (told.removed, told.added) == (0, 1)
    summary = read_summary(tmp_path / "two")
    assert summary is not None
    assert (summary.records.affected, summary.things.added) == (1, 0)


def test_the_patch_says_what_it_is_applied_to_and_removes_before_it_adds(tmp_path: Path) -> None:
    one = Release(tmp_path / "a", {DOIS[0]: {"1"}}, {DOIS[1]})
    two = Release(tmp_path / "b", {DOIS[0]: {"2"}, DOIS[1]: set()})
    write_patch(one.edition, two.edition)
    rows = list(read_rows(tmp_path / "b"))
    assert rows[:3] == [
        f"H id <{ROOT}/releases/b/dumps/articles.nt.gz> .\n".encode(),
        f"H prev <{ROOT}/releases/a/dumps/articles.nt.gz> .\n".encode(),
        b"TX .\n",
    ]
    assert rows[-1] == b"TC .\n"
    codes = [row[:1] for row in rows[3:-1]]
    assert codes == sorted(codes, reverse=True)
    again = Release(tmp_path / "again" / "b", {DOIS[0]: {"2"}, DOIS[1]: set()})
    write_patch(one.edition, again.edition)
    assert (tmp_path / "b" / "patch.rdfp.gz").read_bytes() == (tmp_path / "again/b/patch.rdfp.gz").read_bytes()


def test_members_that_are_shared_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles: Content = {f"10.5555/{number:03}": {"1"} for number in range(60)}
    one = Release(tmp_path / "a", articles)
    two = Release(tmp_path / "b", {**articles, "10.5555/030": {"2"}})
    read: list[int] = []

    def counted(member: bytes) -> bytes:
        read.append(len(member))
        return gzip.decompress(member)

    monkeypatch.setattr("triplepress.release.diff.gunzip", counted)
    assert [d.change.doi for d in differences(one.edition, two.edition)] == ["10.5555/030"]
    assert len(read) == 2  # one of each


def test_a_release_without_its_dump_is_named(tmp_path: Path) -> None:
    one = Release(tmp_path / "a", {})
    two = Release(tmp_path / "b", {})
    (tmp_path / "b" / "dumps" / "articles.nt.gz").unlink()
    with pytest.raises(ReleaseError, match=r"b/dumps/articles\.nt\.gz is not there"):
        list(differences(one.edition, two.edition))
