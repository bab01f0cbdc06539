"""What is read of an article from the dump is what the store says of it, wherever the dump is cut."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace
from pyoxigraph import NamedNode, Store

from tests.editions import example_items, synthetic_records
from tests.records import article, source
from triplepress import pipeline
from triplepress.record import ArticleRecord, Text, encode_record
from triplepress.release.entries import split_ntriples
from triplepress.settings import Settings
from triplepress.store.embedded import EmbeddedStore
from triplepress.store.entries import Entries
from triplepress.store.members import NTRIPLES_DUMP, Section, key_of_iri
from triplepress.store.workers import QueryPool
from triplepress.web.description import describe, own_statements
from triplepress.web.edition import Edition
from triplepress.web.things import thing_at

ROOT = "https://data.example.org"
_TOPICS = "SELECT ?s { ?d <http://xmlns.com/foaf/0.1/primaryTopic> ?s }"
# Keys that stand one right behind another, or read differently quoted and unquoted.
_AWKWARD = ("10.5555/a", "10.5555/a#b", "10.5555/a.b", "10.5555/a%23b", "10.5555/aéb", "10.5555/a/b")


class _Asked(EmbeddedStore):
    """A store that is asked for everything."""

    async def entry(self, iri: str) -> None:
        """Return None."""


def _records() -> list[ArticleRecord]:
    """Return articles of many kinds: the example's, awkward ones, some without a DOI, some that cite one another."""
    plain = [article(n, cites=[f"10.5555/article.{n + 1}", f"10.5555/else.{n % 3}"]) for n in range(1, 15)]
    awkward = [replace(article(20 + n), doi=doi) for n, doi in enumerate(_AWKWARD)]
    names = ("17", "a b", "a#b", "a/b", "a%2Fb", "ü", "../x")
    local = [
        replace(article(40 + n), doi=None, local_id=name, sources=[source(f"{n}.txt", kind)])
        for n, (name, kind) in enumerate([*((name, "canonical") for name in names), ("17", "a/b")])
    ]
    return [*example_items(), *synthetic_records(), *plain, *awkward, *local]


def _publish(folder: Path, records: Sequence[ArticleRecord], moment: int, *, update: bool = False) -> Path:
    """Publish some records as the only input."""
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "a.jsonl").write_bytes(b"".join(encode_record(record) + b"\n" for record in records))
    settings = Settings(base=f"{ROOT}/", graph=str(folder / "graph"), processes=1)
    with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(moment)}):
        return Path(pipeline.publish([str(folder / "in")], settings, force=True, update=update).path)


def _held(release: Path) -> list[str]:
    """Return the articles of a release."""
    held = [row["s"] for row in Store.read_only(str(release / "store")).query(_TOPICS)]  # type: ignore[union-attr]
    return sorted(term.value for term in held if isinstance(term, NamedNode))


def _entries_are_those_of_the_dump(release: Path) -> None:
    text = gzip.decompress((release / NTRIPLES_DUMP).read_bytes())
    said = dict(split_ntriples(text, ROOT))
    entries = Entries(release, ROOT)
    held = _held(release)
    with ThreadPoolExecutor(4) as threads:  # also at the first reading, which loads the table
        found = dict(zip(held, threads.map(entries.read, held), strict=True))
    assert found == {iri: said[key_of_iri(iri, ROOT)] for iri in held}
    others = [f"{ROOT}/id/{key}" for key in ("doi/10.5555/else.1", "doi/9", "zzz/1", "orcid/0000-0002-1825-0097")]
    assert [entries.read(iri) for iri in [*others, "https://example.org/id/doi/10.5555/a", f"{ROOT}/run/1"]] == [
        None
    ] * 6
    entries.close()


async def _descriptions_are_those_of_the_store(release: Path) -> None:
    manifest = {"settings": {"base": f"{ROOT}/"}}
    pool = QueryPool(release / "store", Settings())
    from_dump, from_store = (
        Edition(release, store, pool, manifest, 0, 1)
        for store in (EmbeddedStore(release / "store", Entries(release, ROOT)), _Asked(release / "store"))
    )
    names = [iri.removeprefix(f"{ROOT}/id/") for iri in _held(release)]
    for name in [*names, "doi/10.5555/else.1", "doi/10.5555/article.99"]:
        thing = thing_at(name)
        assert thing is not None
        one, other = [await own_statements(edition, thing, ROOT) for edition in (from_dump, from_store)]
        assert sorted(one.splitlines()) == sorted(other.splitlines())  # none of them twice
        one, other = [await describe(edition, thing, ROOT) for edition in (from_dump, from_store)]
        assert one == other
    for edition in (from_dump, from_store):
        await edition.store.close()


@pytest.mark.parametrize("mean", [1, 4, 1000])
def test_the_dump_and_the_store_say_the_same(tmp_path: Path, mean: int) -> None:
    def begins(_section: Section, key: str) -> bool:
        return hashlib.blake2b(key.encode()).digest()[0] % mean == 0

    records = _records()
    changed = [replace(record, titles=[Text(text="Changed", lang="en")]) for record in records[::4]]
    with (
        patch.object(Section, "begins", begins),
        patch("triplepress.release.publish._LARGEST_UPDATE", 2),  # however much has changed, it is spliced
    ):
        for step, (state, update) in enumerate(
            [
                (records, False),
                ([*changed, *(each for n, each in enumerate(records) if n % 4 == 1)], True),
                (records, True),
            ]
        ):
            release = _publish(tmp_path, state, 1_780_000_000 + step * 86_400, update=update)
            _entries_are_those_of_the_dump(release)
            asyncio.run(_descriptions_are_those_of_the_store(release))
