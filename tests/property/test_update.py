"""Whatever has changed among the inputs, an update and a full build come to the same edition, byte for byte."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pyoxigraph import Store

from tests.records import article, source
from tests.unit.release.test_matching import cited, citing
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.record import ArticleRecord, Contributor, Journal, Reference, Text, encode_record
from triplepress.release.publish import publish_release
from triplepress.release.verify import verify_release
from triplepress.settings import Settings
from triplepress.store.members import Section

# A state of the inputs: what each file says of some articles; of each, which of a few versions.
State = Mapping[str, Mapping[int, int]]
FILES = ("a.jsonl", "b.jsonl", "c.jsonl")
ARTICLES = 12
ALL_BUT_ONE = dict.fromkeys(range(1, 5), 0)
ALL = ALL_BUT_ONE | {5: 0}
states = st.fixed_dictionaries(
    {},
    optional={
        name: st.dictionaries(st.integers(1, ARTICLES), st.integers(0, 8), min_size=1, max_size=8) for name in FILES
    },
)
# Everything that a reader of a release sees, but the manifest (which tells how long it took) and what is about the
# release before.
SEEN = (
    "void.ttl",
    "rejected.jsonl",
    "report.json",
    "report.html",
    "report.ttl",
    "members.jsonl.zst",
    "records.jsonl.zst",
    "revisions.tsv.zst",
    "withdrawn.jsonl.zst",
)
JOURNALS = (
    Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], issn="2313-8920", eissn="2587-8174"),
    Journal(titles=[Text(text="Post-Soviet Issues", lang="en")], eissn="2587-8174"),
    Journal(titles=[Text(text="Постсоветские исследования", lang="ru")], issn="2618-7485"),
)
# What references without a DOI can be matched to.
TITLES = (
    "Transport corridors across the Caspian Sea after the drought",
    "Water disputes on the upper Irtysh between three neighbours",
    "A century of railway gauges in the Baltic countries",
)


def record(file: str, number: int, version: int) -> ArticleRecord:
    """Return one article as one file has it; the versions differ in what others see of them, or the gate does."""
    cites = [f"10.5555/article.{1 + (number * k) % ARTICLES}" for k in (2, 5)] + [f"10.5555/else.{number % 3}"]
    made = article(
        number,
        cites=cites if version != 1 else cites[:1],
        journal=JOURNALS[(number + version) % 3],
        titles=[
            Text(text=TITLES[number - 1] if number <= len(TITLES) else f"Rare-earth metals, part {number}", lang="en")
        ],
        sources=[source(f"{file}/{number}.txt", "jats" if file == "a.jsonl" else "crossref")],
    )
    person = Contributor(name="S. S. Zhiltsov", position=1, orcid="0000-0002-4898-2627")
    unlinked = Reference(
        position=9, text=f"Zhiltsov S. S. {TITLES[number % 3]} // Post-Soviet Issues. 2024. Vol. 11. No. 1."
    )
    changed = {
        0: made,
        1: replace(made, issued="2019"),
        2: replace(made, contributors=[person]),
        3: replace(made, titles=[]),  # the gate refuses it
        4: replace(made, references=[*made.references, unlinked]),
        5: replace(made, contributors=[replace(person, name="Sergey Zhiltsov")], volume=None, issue=None),
        # Without a DOI, from a source that is called like a scheme of identifiers.
        6: replace(made, doi=None, local_id=str(number), sources=[source(f"{file}/{number}.txt", "doi")]),
        7: replace(
            made, doi=None, local_id=str(number), sources=[source(f"{file}/{number}.txt", "doi")], issued="2019"
        ),
        8: replace(made, issued=None),  # a warning
    }
    return changed[version]


def write(folder: Path, state: State) -> None:
    """Write a state of the inputs."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        path = folder / name
        if name in state:
            lines = [encode_record(record(name, *each)) + b"\n" for each in state[name].items()]
            path.write_bytes(b"".join(lines))
        else:
            path.unlink(missing_ok=True)


def publish(folder: Path, graph: Path, moment: int, *, update: bool = False, processes: int = 1) -> Path | None:
    """Publish what is in a folder; None where nothing can be published."""
    with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(moment)}):
        settings = Settings(base="https://data.example.org/", graph=str(graph), processes=processes)
        try:
            outcome = pipeline.publish([str(folder)], settings, force=False, update=update)
        except ReleaseError as error:
            if "nothing can be published" in str(error) or "would have" in str(error):
                return None
            raise
    return Path(outcome.path)


def seen(release: Path) -> dict[str, str]:
    """Return the digest of everything that a reader of a release sees."""
    files = [*(release / "dumps").iterdir(), *(release / name for name in SEEN)]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.exists()}
    store = Store.read_only(str(release / "store"))
    found["store"] = hashlib.sha256("\n".join(sorted(map(str, store))).encode()).hexdigest()
    manifest = json.loads((release / "manifest.json").read_bytes())
    for name in ("seconds", "timings"):
        del manifest[name]
    return found | {name: json.dumps(value, sort_keys=True) for name, value in manifest.items()}


# A first person, in a section that had none; then none again.
@example(first={"a.jsonl": {1: 0}}, then=[{"a.jsonl": {1: 2}}, {"a.jsonl": {1: 0}}], cut=1)
@example(first={"a.jsonl": {1: 6}}, then=[{"a.jsonl": {1: 7}}], cut=1)
# A record is as it was, and so is what was found about it.
@example(first={"a.jsonl": {1: 8, 2: 0}}, then=[{"a.jsonl": {1: 8, 2: 1}}], cut=1)
# A refused one that began a member is gone.
@example(first={"a.jsonl": {1: 0, 2: 3}}, then=[{"a.jsonl": {1: 0}}], cut=1)
# One is back, and the run in which it left has no more to say.
@example(first={"a.jsonl": ALL}, then=[{"a.jsonl": ALL_BUT_ONE}, {"a.jsonl": ALL}], cut=1)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=states, then=st.lists(states, min_size=1, max_size=2), cut=st.sampled_from([1, 3, 50]))
def test_an_update_makes_what_a_full_build_makes(first: State, then: Sequence[State], cut: int) -> None:
    with TemporaryDirectory() as name, ExitStack() as stack:
        # However much has changed, it is spliced.
        stack.enter_context(patch("triplepress.release.publish._LARGEST_UPDATE", 2))
        stack.enter_context(patch.object(Section, "begins", lambda _, key: _number(key) % cut == 0))
        folder, updated, full = Path(name) / "in", Path(name) / "updated", Path(name) / "full"
        write(folder, first)
        if publish(folder, updated, 1_780_000_000) is None:
            return
        shutil.copytree(updated, full, symlinks=True)
        for step, state in enumerate(then, 1):
            write(folder, state)
            moment = 1_780_000_000 + step * 86_400
            small = publish(folder, updated, moment, update=True)
            whole = publish(folder, full, moment)
            assert (small is None) == (whole is None)
            if small is not None and whole is not None and state != first:
                assert seen(small) == seen(whole)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big")


def test_a_patched_dump_is_read_by_any_reader_of_gzip(tmp_path: Path) -> None:
    write(tmp_path / "in", {"a.jsonl": {1: 0, 2: 0, 3: 0, 4: 0, 5: 0}})
    publish(tmp_path / "in", tmp_path / "graph", 1_780_000_000)
    write(tmp_path / "in", {"a.jsonl": {1: 0, 2: 1, 3: 0, 4: 0, 5: 0}})
    release = publish(tmp_path / "in", tmp_path / "graph", 1_780_086_400, update=True)
    assert release is not None
    document = json.loads(gzip.decompress((release / "dumps" / "articles.jsonld.gz").read_bytes()))
    assert sum("JournalArticle" in node["type"] for node in document["@graph"]) == 5


def test_the_patch_of_a_full_build_holds_what_was_matched(tmp_path: Path) -> None:
    settings = Settings(base="https://data.example.org/", graph=str(tmp_path / "graph"))
    publish_release([cited()], settings)
    release = Path(publish_release([citing(), cited()], settings).path)
    assert b"/graph/matched>" in gzip.decompress((release / "patch.rdfp.gz").read_bytes())
    assert not verify_release(release, full=True).faults
