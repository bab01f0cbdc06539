"""Does a check of a release find what is wrong with it? Each case breaks one thing in a sound release."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.records import article, refused
from tests.unit.release.test_matching import HELD, catalogue, citing
from triplepress.record import Reference
from triplepress.release.patches import PATCH
from triplepress.release.publish import publish_release
from triplepress.release.verify import verify_release
from triplepress.settings import Settings

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that was made from another one, with matches and something set aside."""
    settings = Settings(graph=str(tmp_path_factory.mktemp("graph")))
    some = [article(number, cites=["10.5555/cited"]) for number in range(10, 30)]
    publish_release([citing(), *some], settings, catalogue=catalogue())
    named = article(7, references=[Reference(position=1, text=HELD)])
    outcome = publish_release([citing(), *some[1:], named, refused(8)], settings, catalogue=catalogue())
    return Path(outcome.path)


def _rewritten(name: str, change: Callable[[bytes], bytes]) -> Damage:
    """Write a dump anew, changed, with manifest and checksums that fit: only what it says is wrong."""

    def damage(release: Path) -> None:
        path = release / "dumps" / name
        old = path.read_bytes()
        text = gzip.decompress(old)
        assert change(text) != text
        path.write_bytes(gzip.compress(change(text)))
        (release / "members.jsonl.zst").unlink()
        _refit(release, name)

    return damage


def _refit(release: Path, name: str) -> None:
    content = (release / "dumps" / name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    manifest = json.loads((release / "manifest.json").read_bytes())
    sums = (release / "dumps/SHA256SUMS").read_text()
    for dump in manifest["dumps"]:
        if dump["name"] == name:
            sums = sums.replace(dump["sha256"], digest)
            dump |= {"sha256": digest, "bytes": len(content)}
    (release / "manifest.json").write_text(json.dumps(manifest))
    (release / "dumps/SHA256SUMS").write_text(sums)


def _flipped(release: Path) -> None:
    """Change a byte within a member."""
    path = release / "dumps/articles.ttl.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)
    _refit(release, "articles.ttl.gz")


def _less_in_store(release: Path) -> None:
    store = ox.Store(str(release / "store"))
    store.remove(next(iter(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))))
    store.flush()


def _stated(name: str, value: object) -> Damage:
    def damage(release: Path) -> None:
        path = release / "manifest.json"
        manifest = json.loads(path.read_bytes())
        *outer, last = name.split(".")
        place = manifest
        for key in outer:
            place = place[key]
        place[last] = value
        path.write_text(json.dumps(manifest))

    return damage


def _other_patch(release: Path) -> None:
    rows = gzip.decompress((release / PATCH).read_bytes())
    (release / PATCH).write_bytes(gzip.compress(rows.replace(b'"Rare-earth metals, part 7"', b'"Another"')))


def _shorter_patch(release: Path) -> None:
    rows = gzip.decompress((release / PATCH).read_bytes()).splitlines(keepends=True)
    (release / PATCH).write_bytes(gzip.compress(b"".join(rows[:5] + rows[6:])))


def _without_last_line(path: str) -> Damage:
    def damage(release: Path) -> None:
        lines = (release / path).read_bytes().splitlines(keepends=True)
        (release / path).write_bytes(b"".join(lines[:-1]))

    return damage


DAMAGES: list[tuple[Damage, str, str]] = [
    (_flipped, "dumps/articles.ttl.gz", "cannot be read"),
    (
        _rewritten("articles.ttl.gz", lambda text: text.replace(b"part 12", b"part 1200", 1)),
        "dumps/articles.ttl.gz",
        "does not say what",
    ),
    (
        _rewritten("articles.jsonld.gz", lambda text: text.replace(b'"doi":"10.5555/article.12",', b"", 1)),
        "dumps/articles.jsonld.gz",
        "statements where",
    ),
    (
        _rewritten("articles.nt.gz", lambda text: b"".join(text.splitlines(keepends=True)[:-1])),
        "dumps/articles.nt.gz",
        "manifest.json says",
    ),
    (
        _rewritten("matched.nq.gz", lambda text: b"".join(text.splitlines(keepends=True)[:-1])),
        "dumps/matched.nq.gz",
        "manifest.json says",
    ),
    (lambda release: (release / "dumps/citations.csv.gz").unlink(), "dumps/citations.csv.gz", "is not there"),
    (_without_last_line("dumps/SHA256SUMS"), "dumps/SHA256SUMS", "does not say of"),
    (_less_in_store, "store", "lacks statements of the dumps"),
    (_less_in_store, "store", "statements of the facts; manifest.json says"),
    (lambda release: shutil.rmtree(release / "store"), "store", "is no store"),
    (_stated("triples", 7), "void.ttl", "does not state the 7 statements"),
    (_stated("counts.published", 7), "records.jsonl.zst", "manifest.json says 7"),
    (_stated("counts.published", 7), "revisions.tsv.zst", "manifest.json says 7"),
    (_stated("counts.rejected", 7), "rejected.jsonl", "manifest.json says 7"),
    (_stated("release", "20260101T000000Z-00000000"), "manifest.json", "is of release 20260101T000000Z-00000000"),
    (_without_last_line("manifest.json"), "manifest.json", "not a release's manifest"),
    (_shorter_patch, PATCH, "not as many rows"),
    (_other_patch, PATCH, "does not make this release of"),
]


def test_a_sound_release_is_sound(sound: Path) -> None:
    for full in (False, True):
        verdict = verify_release(sound, full=full)
        assert verdict.faults == []
        assert verdict.statements > 500
    assert verdict.looked_up > verdict.statements  # the matches too


def test_a_release_without_a_store_is_sound(tmp_path: Path) -> None:
    outcome = publish_release([article(1)], Settings(graph=str(tmp_path / "graph"), build_store=False))
    verdict = verify_release(Path(outcome.path), full=True)
    assert verdict.faults == []
    assert verdict.looked_up == 0


def test_a_release_without_a_table_of_members_is_read_whole(sound: Path, tmp_path: Path) -> None:
    copy = tmp_path / sound.name
    shutil.copytree(sound, copy)
    (copy / "members.jsonl.zst").unlink()
    verdict = verify_release(copy, full=True)
    assert (verdict.faults, verdict.statements) == ([], verify_release(sound).statements)


@pytest.mark.parametrize(("damage", "place", "message"), DAMAGES)
def test_what_is_wrong_is_found(damage: Damage, place: str, message: str, sound: Path, tmp_path: Path) -> None:
    folder = tmp_path / "releases"
    shutil.copytree(sound.parent, folder)
    release = folder / sound.name
    damage(release)
    faults = [(fault.place, fault.message) for fault in verify_release(release, full=True).faults]
    assert [found for found in faults if found[0].startswith(place) and message in found[1]], faults
