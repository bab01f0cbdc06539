"""An article is read from the dump; where that cannot be done, nothing is said, and the store is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Store

from triplepress.release.compression import gzip_member
from triplepress.store.embedded import EmbeddedStore
from triplepress.store.entries import Entries, entry_in
from triplepress.store.members import ARTICLES, NTRIPLES_DUMP, WORKS, Member, Segment, write_members

ROOT = "https://data.example.org"
TOPIC = "http://xmlns.com/foaf/0.1/primaryTopic"


def lines(doi: str) -> bytes:
    """Return the entry of an article."""
    thing, document = f"{ROOT}/id/doi/{doi}", f"{ROOT}/data/doi/{doi}"
    said = [f'<{thing}> <x:p> "1"', f"<{thing}#a> <x:p> <{thing}>", f"<{document}> <{TOPIC}> <{thing}>"]
    said.append(f'<{document}#revision-1> <x:p> "\\n<{thing}> "')
    return "".join(f"{each} .\n" for each in said).encode()


ENTRIES = {doi: lines(doi) for doi in ("10.1/a", "10.1/a-b", "10.1/a.b", "10.1/b", "10.1/c")}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release of two members of articles, one of them refused, and a member of works."""
    (tmp_path / "dumps").mkdir()
    table: list[Member] = []
    content = b""

    def add(section: str, key: str, text: bytes) -> None:
        nonlocal content
        packed = gzip_member(text)
        table.append(Member(section, key, {NTRIPLES_DUMP: Segment(len(content), len(packed))}))
        content += packed

    add(ARTICLES.name, "doi/10.1/a", b"".join(ENTRIES[doi] for doi in ("10.1/a", "10.1/a-b", "10.1/a.b")))
    table.append(Member(ARTICLES.name, "doi/10.1/a/", {}))
    add(ARTICLES.name, "doi/10.1/b", ENTRIES["10.1/b"] + ENTRIES["10.1/c"])
    add(WORKS.name, "10.1/0", f'<{ROOT}/id/doi/10.1/0> <x:p> "1" .\n'.encode())
    (tmp_path / NTRIPLES_DUMP).write_bytes(content)
    write_members(tmp_path, table)
    return tmp_path


@pytest.fixture
def entries(release: Path) -> Iterator[Entries]:
    made = Entries(release, ROOT)
    yield made
    made.close()


def test_each_article_is_read(entries: Entries) -> None:
    assert {doi: entries.read(f"{ROOT}/id/doi/{doi}") for doi in ENTRIES} == ENTRIES


@pytest.mark.parametrize("doi", ["10.1", "10.1/", "10.1/0", "10.1/a-", "10.1/a/x", "10.1/b#a", "10.1/d", "9"])
def test_what_is_no_article_of_the_release_is_none_of_the_dump(entries: Entries, doi: str) -> None:
    assert entries.read(f"{ROOT}/id/doi/{doi}") is None


@pytest.mark.parametrize("iri", ["https://example.org/id/doi/10.1/a", f"{ROOT}/run/1", ROOT, "urn:x", ""])
def test_what_is_below_another_base_is_none_of_the_dump(entries: Entries, iri: str) -> None:
    assert entries.read(iri) is None


def test_a_release_without_a_table_has_no_entries(release: Path) -> None:
    (release / "members.jsonl.zst").unlink()
    assert Entries(release, ROOT).read(f"{ROOT}/id/doi/10.1/a") is None


def test_a_release_without_a_dump_has_no_entries(release: Path) -> None:
    (release / NTRIPLES_DUMP).unlink()
    assert Entries(release, ROOT).read(f"{ROOT}/id/doi/10.1/a") is None


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08\x00", b"x" * 2000])
def test_a_damaged_dump_says_nothing(release: Path, content: bytes) -> None:
    (release / NTRIPLES_DUMP).write_bytes(content)
    entries = Entries(release, ROOT)
    assert entries.read(f"{ROOT}/id/doi/10.1/a") is None
    entries.close()


def test_nothing_is_read_once_it_is_closed(release: Path) -> None:
    entries = Entries(release, ROOT)
    assert entries.read(f"{ROOT}/id/doi/10.1/b") == ENTRIES["10.1/b"]
    entries.close()
    entries.close()
    assert entries.read(f"{ROOT}/id/doi/10.1/b") is None


def test_lines_before_the_article_belong_to_it() -> None:
    text = b'<x:0> <x:p> "1" .\n<x:d/a> <x:p> "2" .\n<x:a#b> <x:p> "3" .\n<x:a> <x:p> "4" .\n<x:aa> <x:p> "5" .\n'
    assert entry_in(text, "x:a", "x:d/a") == b'<x:d/a> <x:p> "2" .\n<x:a#b> <x:p> "3" .\n<x:a> <x:p> "4" .\n'
    assert entry_in(text, "x:0", "x:d/0") == b'<x:0> <x:p> "1" .\n'
    assert entry_in(b"", "x:a", "x:d/a") is None


def test_a_store_reads_the_entries_that_it_is_given(release: Path) -> None:
    Store(str(release / "store")).flush()

    async def ask(entries: Entries | None) -> bytes | None:
        store = EmbeddedStore(release / "store", entries)
        try:
            return await store.entry(f"{ROOT}/id/doi/10.1/c")
        finally:
            await store.close()

    assert asyncio.run(ask(Entries(release, ROOT))) == ENTRIES["10.1/c"]
    assert asyncio.run(ask(None)) is None
