from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from benchmarks.invented.broken import FORMATS, WAYS, Format
from benchmarks.invented.works import Workload
from benchmarks.workload import Broken, Changes, Plan, encoded, write_workload
from triplepress.record import ArticleRecord, Rejected, Skipped, Withdrawn
from triplepress.settings import Settings
from triplepress.sources import read

_CHECKOUT = Path(__file__).resolve().parents[3]


def plan(format: Format = "crossref", articles: int = 60, files: int = 20, **more: object) -> Plan:
    return Plan(Workload(articles), format, files, **more)  # type: ignore[arg-type]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def results(folder: Path) -> list[ArticleRecord | Rejected | Skipped | Withdrawn]:
    return list(read([str(folder)], Settings()))


def records(folder: Path) -> dict[str, ArticleRecord]:
    found = results(folder)
    assert all(isinstance(item, ArticleRecord) for item in found)
    return {item.doi or "": item for item in found if isinstance(item, ArticleRecord)}


def broken_in(out: Path) -> list[Broken]:
    lines = Path(f"{out}.broken.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Broken) for line in lines]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(format: Format, tmp_path: Path) -> None:
    write_workload(plan(format, broken=0.1), tmp_path / "one")
    write_workload(plan(format, broken=0.1), tmp_path / "two", jobs=2)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert broken_in(tmp_path / "one") == broken_in(tmp_path / "two")


def test_another_seed_gives_other_articles() -> None:
    assert encoded(Workload(10, 1).article(3), "crossref") != encoded(Workload(10, 2).article(3), "crossref")


def test_packed_files_hold_the_same_lines(tmp_path: Path) -> None:
    write_workload(plan(), tmp_path / "plain")
    write_workload(plan(zipped=True), tmp_path / "packed")
    assert [record.doi for record in records(tmp_path / "plain").values()] == [
        record.doi for record in records(tmp_path / "packed").values()
    ]


def test_the_three_formats_of_an_article_agree(tmp_path: Path) -> None:
    read_as = {}
    for format in FORMATS:
        write_workload(plan(format), tmp_path / format)
        read_as[format] = records(tmp_path / format)
    assert len(read_as["crossref"]) == 60
    assert read_as["crossref"].keys() == read_as["jats"].keys() == read_as["canonical"].keys()
    for doi, whole in read_as["canonical"].items():
        crossref, jats = read_as["crossref"][doi], read_as["jats"][doi]
        assert jats.titles == whole.titles
        assert [title.text for title in crossref.titles] == [whole.titles[0].text]
        assert whole.journal is not None
        for other in (crossref, jats):
            assert other.journal is not None
            assert (other.journal.issn, other.journal.eissn) == (whole.journal.issn, whole.journal.eissn)
            assert other.journal.publisher == whole.journal.publisher
            for field in ("issued", "volume", "issue", "first_page", "last_page", "article_number", "licences"):
                assert getattr(other, field) == getattr(whole, field), field
            assert [text.text for text in other.abstracts] == [text.text for text in whole.abstracts]
            assert [(person.name, person.orcid) for person in other.contributors] == [
                (person.name, person.orcid) for person in whole.contributors
            ]
            assert [[(at.name, at.ror) for at in person.affiliations] for person in other.contributors] == [
                [(at.name, at.ror) for at in person.affiliations] for person in whole.contributors
            ]
            assert [(cited.position, cited.doi, cited.text) for cited in other.references] == [
                (cited.position, cited.doi, cited.text) for cited in whole.references
            ]
        assert [cited.fields for cited in crossref.references] == [cited.fields for cited in whole.references]
        assert not jats.warnings


def test_it_is_of_the_shape_that_was_measured() -> None:
    workload = Workload(2_000)
    articles = [workload.article(number) for number in range(1_000)]
    references = [cited for article in articles for cited in article.references]
    assert 27 < len(references) / len(articles) < 36
    assert 0.64 < sum(cited.doi is not None for cited in references) / len(references) < 0.69
    assert statistics.median(len(article.authors) for article in articles) == 3
    assert any(len(article.titles) == 2 for article in articles)
    own = {workload.article(number).doi for number in range(2_000)}
    held = Counter(cited.doi for cited in references if cited.doi in own)
    assert 0.1 < held.total() / len(references) < 0.2
    assert held.most_common(1)[0][1] > 20 * statistics.median(held.values())
    for article in articles:
        cited = [entry.doi for entry in article.references if entry.doi]
        assert len(cited) == len(set(cited))
        assert article.doi not in cited
        iris = [person.orcid for person in article.authors if person.orcid]
        assert len(iris) == len(set(iris))


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_broken_is_read_as_foretold(format: Format, tmp_path: Path) -> None:
    expected = write_workload(plan(format, articles=200, files=50, broken=0.25), tmp_path / "in")
    foretold = broken_in(tmp_path / "in")
    assert {line.way for line in foretold} == {way.name for way in WAYS[format]}
    found = results(tmp_path / "in")
    assert len(found) == expected["read"]
    for line in foretold:
        here = [item for item in found if stands_at(item, line)]
        assert here, line
        item = here[0]
        if line.fate == "skipped":
            assert isinstance(item, Skipped)
        elif line.fate == "rejected" and line.stage != "validate":
            assert isinstance(item, Rejected)
            assert item.stage == line.stage
            if line.field:
                assert (item.findings[0].field or "").partition("[")[0] == line.field.partition("[")[0], line
        else:
            assert isinstance(item, ArticleRecord)
            if line.field and line.fate == "published":
                assert line.field in {warning.field.partition("[")[0] for warning in item.warnings}
            if line.fate == "merged":
                assert sum(isinstance(other, ArticleRecord) and other.doi == line.doi for other in found) == 2


def stands_at(item: ArticleRecord | Rejected | Skipped | Withdrawn, line: Broken) -> bool:
    """Tell whether a result comes from the place that a line names."""
    source = item.sources[0] if isinstance(item, ArticleRecord) else item.source
    if not source.location.endswith(line.file):
        return False
    return line.line is None or (source.position or "").partition(",")[0] == f"line {line.line}"


def test_a_later_state_differs_in_few_files_and_in_the_records_that_it_should(tmp_path: Path) -> None:
    first, later = plan(articles=400), plan(articles=400, changes=Changes(12, 3, 2))
    write_workload(first, tmp_path / "first")
    expected = write_workload(later, tmp_path / "later")
    before, after = files_of(tmp_path / "first"), files_of(tmp_path / "later")
    differing = {name for name in after if before.get(name) != after[name]}
    assert differing == {f"works-{shard:05d}.jsonl" for shard in later.differing_shards()}
    assert len(differing) <= 6
    old, new = records(tmp_path / "first"), records(tmp_path / "later")
    assert len(new.keys() - old.keys()) == 3
    assert len(old.keys() - new.keys()) == 2
    same = ("titles", "references", "contributors")
    changed = [
        doi for doi in old.keys() & new.keys() if any(getattr(old[doi], f) != getattr(new[doi], f) for f in same)
    ]
    assert len(changed) == 12
    assert expected["read"] == expected["published"] == 401


def test_the_later_state_can_be_written_over_the_first(tmp_path: Path) -> None:
    later = plan(articles=400, broken=0.05, changes=Changes(12, 3, 2))
    write_workload(plan(articles=400, broken=0.05), tmp_path / "in")
    expected = write_workload(later, tmp_path / "in", only_differing=True)
    assert write_workload(later, tmp_path / "whole") == expected
    assert files_of(tmp_path / "in") == files_of(tmp_path / "whole")
    assert sorted(broken_in(tmp_path / "in"), key=str) == sorted(broken_in(tmp_path / "whole"), key=str)


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "in"
    command = [
        sys.executable,
        "-m",
        "benchmarks.workload",
        str(out),
        "--articles",
        "30",
        "--files",
        "10",
        "--jobs",
        "1",
    ]
    ran = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == {"read": 30, "published": 30, "merged": 0, "skipped": 0, "rejected": 0}
    assert json.loads(Path(f"{out}.expected.json").read_text(encoding="utf-8")) == json.loads(ran.stdout)
    assert sorted(path.name for path in out.iterdir()) == [f"works-{number:05d}.jsonl" for number in range(3)]


@pytest.mark.parametrize("wrong", [["--changes", "1,2"], ["--only-differing"], ["--broken", "2"]])
def test_what_makes_no_sense_is_refused(wrong: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.workload", str(tmp_path / "in"), *wrong]
    ran = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "error" in ran.stderr
