"""What becomes of a record over several editions: its earlier states, its leaving, its coming back."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest
from msgspec.structs import replace

from tests.records import article
from triplepress import pipeline
from triplepress.record import ArticleRecord, Source, Withdrawn
from triplepress.release.diff import Edition, differences
from triplepress.release.history import succeeded
from triplepress.release.patches import PATCH, patch_between, read_changes, read_summary
from triplepress.release.publish import publish_release
from triplepress.release.revisions import read_revisions
from triplepress.release.verify import verify_release
from triplepress.release.withdrawn import WithdrawnEntry, read_withdrawn, updated
from triplepress.settings import Settings

BASE = "http://127.0.0.1:8000"
PROV = "http://www.w3.org/ns/prov#"
ID = "oai:journal.example.org:article/1"
_NEW_YEAR = 20454  # days from 1970 to 2026


def publish(graph: Path, records: list[ArticleRecord | Withdrawn], when: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Publish an edition at a time of its own, which its run is named for."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str((_NEW_YEAR + when) * 86400))
    return Path(publish_release(records, Settings(graph=str(graph)), force=True).path)


def store_of(release: Path) -> ox.Store:
    return ox.Store.read_only(str(release / "store"))


def said(store: ox.Store, subject: str, name: str) -> list[str]:
    """Return what a store says of a thing below the base, in order."""
    pattern = store.quads_for_pattern(ox.NamedNode(f"{BASE}/{subject}"), ox.NamedNode(PROV + name), None, None)
    return sorted(getattr(quad.object, "value", "") for quad in pattern)


def test_a_changed_record_tells_its_earlier_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, [article(1), article(2)], 1, monkeypatch)
    second = publish(tmp_path, [article(1, volume="12"), article(2)], 2, monkeypatch)
    third = publish(tmp_path, [article(1, volume="12"), article(2)], 3, monkeypatch)
    fourth = publish(tmp_path, [article(1, volume="13"), article(2)], 4, monkeypatch)
    histories = [
        {r.key: [(s.generated, s.run, s.invalidated) for s in r.history] for r in read_revisions(each)}
        for each in (first, second, third, fourth)
    ]
    one = ("2026-01-02T00:00:00Z", "2026-01-02T00-00-00Z", "2026-01-03T00:00:00Z")
    two = ("2026-01-03T00:00:00Z", "2026-01-03T00-00-00Z", "2026-01-05T00:00:00Z")
    key = "doi/10.5555/article.1"
    assert [history[key] for history in histories] == [[], [one], [one], [one, two]]
    assert all(history["doi/10.5555/article.2"] == [] for history in histories)
    store, document = store_of(fourth), "data/doi/10.5555/article.1"
    assert said(store, document, "wasRevisionOf") == [f"{BASE}/{document}#revision-2"]
    assert said(store, document, "invalidatedAtTime") == []
    assert said(store, f"{document}#revision-2", "wasRevisionOf") == [f"{BASE}/{document}#revision-1"]
    assert said(store, f"{document}#revision-2", "invalidatedAtTime") == ["2026-01-05T00:00:00Z"]
    for run in ("2026-01-02T00-00-00Z", "2026-01-03T00-00-00Z", "2026-01-05T00-00-00Z"):
        assert said(store, f"run/{run}", "startedAtTime"), "a run that a state names is described"
    assert verify_release(fourth, full=True).faults == []


def test_a_record_that_left_and_came_back_goes_on_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [article(1), article(2)], 1, monkeypatch)
    without = publish(tmp_path, [article(2)], 2, monkeypatch)
    still = publish(tmp_path, [article(2), article(3)], 3, monkeypatch)
    back = publish(tmp_path, [article(1), article(2)], 4, monkeypatch)
    for release in (without, still):
        (entry,) = [e for e in read_withdrawn(release) if e.key == "doi/10.5555/article.1"]
        assert (entry.reason, entry.invalidated, entry.run) == (
            "removed",
            "2026-01-03T00:00:00Z",
            "2026-01-03T00-00-00Z",
        )
        assert [title.text for title in entry.titles] == ["Rare-earth metals, part 1"]
    store, document = store_of(still), "data/doi/10.5555/article.1"
    assert said(store, document, "invalidatedAtTime") == ["2026-01-03T00:00:00Z"]
    assert said(store, document, "wasRevisionOf") == [f"{BASE}/{document}#revision-1"]
    assert [e.key for e in read_withdrawn(back)] == ["doi/10.5555/article.3"]
    (revision,) = [r for r in read_revisions(back) if r.key == "doi/10.5555/article.1"]
    assert revision.modified == "2026-01-05T00:00:00Z"
    assert [(state.generated, state.invalidated) for state in revision.history] == [
        ("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    ]
    for release in (without, still, back):
        assert verify_release(release, full=True).faults == []


def test_what_its_source_took_back_and_what_the_gate_refuses_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Source(kind="oai_dc", location="1.xml", position="records/1", sha256="1" * 64)
    word = Source(kind="oaipmh", location="2.xml", position="records/1", sha256="2" * 64)
    taken_back = Withdrawn(source=word, local_id=ID, withdrawn="2026-03-01")
    never = Withdrawn(source=word, local_id="oai:journal.example.org:never")
    records = [article(1, local_id=ID, sources=[given]), article(2), article(3)]
    publish(tmp_path, [*records], 1, monkeypatch)
    unread = article(4, local_id="oai:journal.example.org:never", sources=[given])
    refused = replace(article(2), titles=[])
    now: list[ArticleRecord | Withdrawn] = [records[0], taken_back, refused, article(3), unread, never]
    release = publish(tmp_path, now, 2, monkeypatch)
    found = {e.key: (e.reason, e.stated, e.location, len(e.history)) for e in read_withdrawn(release)}
    assert found == {
        "doi/10.5555/article.1": ("withdrawn", "2026-03-01", "2.xml", 1),
        "doi/10.5555/article.2": ("refused", None, None, 1),
        "doi/10.5555/article.4": ("withdrawn", None, "2.xml", 0),
    }
    assert verify_release(release, full=True).faults == []


def test_the_table_keeps_the_first_word_and_takes_in_that_of_the_source() -> None:
    def entry(key: str, reason: str, invalidated: str) -> WithdrawnEntry:
        return WithdrawnEntry(key=key, invalidated=invalidated, run="r", reason=reason)  # type: ignore[arg-type]  # one of three

    before = [entry("doi/a", "removed", "1"), entry("doi/b", "removed", "1"), entry("doi/d", "refused", "1")]
    fresh = [entry("doi/c", "removed", "2")]
    words = [entry("doi/a", "withdrawn", "2"), entry("doi/c", "withdrawn", "2")]
    table = updated(before, fresh, words, lambda key: key == "doi/d")
    assert [(e.key, e.reason, e.invalidated) for e in table] == [
        ("doi/a", "withdrawn", "1"),
        ("doi/b", "removed", "1"),
        ("doi/c", "withdrawn", "2"),
    ]


def test_a_state_ends_when_the_next_begins_or_when_the_record_left() -> None:
    first = succeeded((), "1", "run", "2")
    assert [(state.generated, state.invalidated) for state in succeeded(first, "2", "run", "5", "4")] == [
        ("1", "2"),
        ("2", "4"),
    ]


def test_every_release_keeps_its_own_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, [article(1), article(2)], 1, monkeypatch)
    second = publish(tmp_path, [article(1, volume="12"), article(3)], 2, monkeypatch)
    third = publish(tmp_path, [article(1), article(2), article(3)], 3, monkeypatch)
    assert read_summary(first) is None
    for before, after in ((first, second), (second, third)):
        editions = Edition.of(before), Edition.of(after)
        found = [difference.change for difference in differences(*editions)]
        assert list(read_changes(after)) == found
        assert gzip.decompress((after / PATCH).read_bytes()) == b"".join(patch_between(*editions))
        store = ox.Store()
        store.bulk_load(
            input=gzip.decompress((before / "dumps/articles.nt.gz").read_bytes()), format=ox.RdfFormat.N_TRIPLES
        )
        for row in gzip.decompress((after / PATCH).read_bytes()).splitlines():
            if row[:2] in {b"A ", b"D "}:
                for quad in ox.parse(row[2:], format=ox.RdfFormat.N_QUADS):
                    (store.add if row[:1] == b"A" else store.remove)(quad)
        assert set(store) == set(store_of(after))
    changes = {change.key: change.change for change in read_changes(second) if change.record}
    assert changes == {
        "id/doi/10.5555/article.1": "changed",
        "id/doi/10.5555/article.2": "removed",
        "id/doi/10.5555/article.3": "added",
    }


def test_prune_keeps_the_patches_between_those_that_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(graph=str(tmp_path))
    releases = [publish(tmp_path, [article(1, volume=str(n))], n, monkeypatch) for n in range(1, 6)]
    pipeline.rollback(settings, releases[1].name)
    gone = pipeline.prune(settings, 1)
    assert gone == [releases[0].name, releases[2].name, releases[3].name]
    kept = tmp_path / "patches"
    assert sorted(entry.name for entry in kept.iterdir()) == [releases[2].name, releases[3].name]
    for release in releases[2:4]:
        summary = read_summary(kept / release.name)
        assert summary is not None
        assert (kept / release.name / PATCH).stat().st_size > 0
    found = pipeline.diff(settings, releases[1].name, releases[4].name)
    assert [difference.change.change for difference in found.differences if difference.change.record] == ["changed"]
    pipeline.rollback(settings, releases[4].name)
    assert pipeline.prune(settings, 1) == [releases[1].name]
    assert list(kept.iterdir()) == []
