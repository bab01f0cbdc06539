"""The two seed pages, and the examples made of their facts, say exactly what a careful reader found in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triplepress.record import ArticleRecord, encode_record
from triplepress.settings import Settings
from triplepress.sources import read

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_TRUTHS = {"000_f787e68e000489d7.txt": "zhiltsov-2024.txt", "001_892ba7b806053b26.txt": "chimiris-krupina.txt"}
# What must never get into a record: an e-mail, a postal code or street of the pages, a degree, a count of views.
_PRIVATE = re.compile(r"@|11902[0-9]|125009|191060|117312|Ostozhenka|Doctor of|Views", re.IGNORECASE)


def _truth(shared: Path, file: str) -> dict[str, Any]:
    lines = (shared / "data/seeds/truth.jsonl").read_text(encoding="utf-8").splitlines()
    return next(truth for truth in map(json.loads, lines) if truth["file"] == file)


def _read_one(path: Path) -> ArticleRecord:
    (record,) = read([str(path)], Settings())
    assert isinstance(record, ArticleRecord)
    return record


def _as_truth(record: ArticleRecord) -> dict[str, Any]:
    """The record in the terms of truth.jsonl, as interfaces.md reads it."""
    assert record.journal
    return {
        "doi": record.doi,
        "title": record.titles[0].text,
        "journal": " / ".join(title.text for title in record.journal.titles),
        "issn_print": record.journal.issn,
        "issn_online": record.journal.eissn,
        "year": int(record.issued[:4]) if record.issued else None,
        "volume": record.volume,
        "issue": record.issue,
        "pages": f"{record.first_page}-{record.last_page}" if record.first_page else None,
        "authors": [
            {"name": author.name, "affiliations": [affiliation.name for affiliation in author.affiliations]}
            for author in record.contributors
        ],
        "licence": record.licences[0],
        "n_references": len(record.references),
        "ref_dois": [reference.doi for reference in record.references if reference.doi],
        "language": record.language,
        "keywords": [keyword.text for keyword in record.keywords],
    }


@pytest.mark.parametrize("file", _TRUTHS)
@pytest.mark.parametrize("example", [False, True], ids=["seed", "example"])
def test_a_page_says_what_the_truth_says(shared: Path, file: str, example: bool) -> None:
    truth = {key: value for key, value in _truth(shared, file).items() if key not in {"file", "notes"}}
    record = _read_one(_EXAMPLES / _TRUTHS[file] if example else shared / "data/seeds" / file)
    assert _as_truth(record) == truth
    assert record.warnings == []
    assert not _PRIVATE.search(encode_record(record).decode())


@pytest.mark.parametrize("file", _TRUTHS)
def test_references_are_verbatim_and_in_order(shared: Path, file: str) -> None:
    printed = (shared / "data/seeds" / file).read_text(encoding="utf-8")
    listed = printed[printed.index("\nReferences\n") : printed.index("\nReview\n")]
    expected = [line.split(". ", 1)[1].rstrip() for line in listed.splitlines() if re.match(r"[0-9]+\. ", line)]
    for path in (shared / "data/seeds" / file, _EXAMPLES / _TRUTHS[file]):
        record = _read_one(path)
        assert [reference.text for reference in record.references] == expected
        assert [reference.position for reference in record.references] == list(range(1, len(expected) + 1))


def test_the_second_seed_as_the_profile_reads_it(shared: Path) -> None:
    record = _read_one(shared / "data/seeds/001_892ba7b806053b26.txt")
    assert record.journal
    assert [(title.text, title.lang) for title in record.journal.titles] == [
        ("International Trends", "en"),
        ("Mezhdunarodnye protsessy", None),
    ]
    assert [(author.given, author.family, author.lang) for author in record.contributors] == [
        ("EKATERINA", "CHIMIRIS", "en"),
        ("ANNA", "KRUPINA", "en"),
    ]
    assert {affiliation.country for author in record.contributors for affiliation in author.affiliations} == {
        "Russian Federation"
    }
    assert record.issued is record.volume is record.issue is record.pages is None
    assert record.citation
    assert record.citation.lang == "en"
    assert record.citation.text.endswith("(In Russ.) https://doi.org/10.46272/IT.2025.23.1.80.1")
    assert record.references[7].doi == "10.24975/2313-8920-2024-11-1-8-19"


@pytest.mark.parametrize("file", _TRUTHS)
def test_the_examples_have_abstracts_of_their_own(shared: Path, file: str) -> None:
    ours, theirs = (
        set(re.findall(r"\w+(?: \w+){5}", _read_one(path).abstracts[0].text))
        for path in (_EXAMPLES / _TRUTHS[file], shared / "data/seeds" / file)
    )
    assert ours
    assert not ours & theirs


@pytest.mark.parametrize("file", _TRUTHS)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "  \t\n"),
        lambda text: "\n\n" + text + "\n\n\n",
    ],
    ids=["CRLF", "CR", "byte order mark", "trailing blanks", "blank lines around"],
)
def test_line_ends_and_blanks_change_nothing(
    shared: Path, tmp_path: Path, file: str, change: Callable[[str], str]
) -> None:
    seed = shared / "data/seeds" / file
    changed = tmp_path / file
    changed.write_bytes(change(seed.read_text(encoding="utf-8")).encode())
    before, after = (json.loads(encode_record(_read_one(path))) for path in (seed, changed))
    del before["sources"], after["sources"]
    assert after == before
