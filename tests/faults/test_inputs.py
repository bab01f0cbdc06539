"""What survives a hostile, broken or missing input: every one gives a line that says why, and the run goes on."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from triplepress.errors import SourceError
from triplepress.record import ArticleRecord, Rejected, Skipped, Text, Withdrawn, encode_record
from triplepress.settings import Settings
from triplepress.sources import format_names, read

_PAGE = """Preview

Northern Rivers Review

Advanced search

Ferries

https://doi.org/10.55555/nrr.2019.1

Abstract

Ferries of one river.

For citations:

Ustyev O. Ferries. Northern Rivers Review. 2019;1(2):15-21. https://doi.org/10.55555/nrr.2019.1
"""
_RUSSIAN = "Расширенный поиск\n\nПаромы\n\nАннотация\n\nТекст.\n\nСписок литературы\n\nДля цитирования:\n\nУстьев О.\n"


def _read(
    *inputs: object, limit: int = Settings().max_input_bytes
) -> list[ArticleRecord | Rejected | Skipped | Withdrawn]:
    return list(read([str(each) for each in inputs], Settings(max_input_bytes=limit)))


def _lines(count: int) -> bytes:
    records = (ArticleRecord(doi=f"10.1234/{n}", titles=[Text(text="A river", lang="en")]) for n in range(count))
    return b"".join(encode_record(record) + b"\n" for record in records)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \r\n\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF file"),
        (b"PK\x03\x04rest", "ZIP"),
        (bytes(range(256)) * 10, "binary"),
        (codecs.BOM_UTF16_LE + _RUSSIAN.encode("utf-16-le"), "UTF-16LE, not UTF-8"),
        (codecs.BOM_UTF16_BE + _PAGE.encode("utf-16-be"), "UTF-16BE, not UTF-8"),
        (_RUSSIAN.encode("cp1251"), "windows-1251"),
        (_PAGE.replace("one river", "one r\udce9ver").encode("utf-8", "surrogateescape"), "not UTF-8"),
        (b"a shopping list\n\neggs, milk\n", "not an article page"),
        (b"<!DOCTYPE html><html><head></head></html>", "HTML"),
        (b'[\n {\n  "colour": null\n }\n]\n', "JSON"),
        (b'{"tittle": "A"}\n', "unknown field"),
        (gzip.compress(_PAGE.encode())[:-12], "damaged or cut short"),
        (zstandard.compress(_PAGE.encode())[:-5], "damaged or cut short"),
        (b"\x1f\x8b\x08 and no more", "damaged or cut short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_set_aside_and_the_run_goes_on(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a-bad.txt").write_bytes(data)
    (tmp_path / "b-good.txt").write_text(_PAGE, encoding="utf-8")
    bad, good = _read(tmp_path)
    assert isinstance(bad, Rejected)
    assert bad.source.location == str(tmp_path / "a-bad.txt")
    (finding,) = bad.findings
    assert message in finding.message
    assert finding.remedy
    assert isinstance(good, ArticleRecord)


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(_PAGE.encode().replace(b"Ferries of", b"Ferri\xe9s of"))
    (bad,) = _read(tmp_path)
    assert isinstance(bad, Rejected)
    assert bad.source.position == "line 13"


def test_a_hundred_megabytes_of_one_line(tmp_path: Path) -> None:
    for name, start in (("text.txt", b"Preview "), ("record.jsonl", b'{"doi": "')):
        with (tmp_path / name).open("wb") as file:
            file.write(start)
            for _ in range(100):
                file.write(b"a" * 1024 * 1024)
    (tmp_path / "z.txt").write_text(_PAGE, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    record, text, good = _read(tmp_path, limit=1024 * 1024)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert isinstance(record, Rejected)
    assert isinstance(text, Rejected)
    assert isinstance(good, ArticleRecord)
    assert record.source.position == "line 1"
    assert "longer than 1048576 bytes" in record.findings[0].message
    assert "max_input_bytes" in text.findings[0].remedy
    assert after - before < 50 * 1024  # kilobytes: neither file was held whole


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_small_file_that_unpacks_to_a_huge_one(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "a.txt").write_bytes(pack(_PAGE.encode() + b"x" * 20_000_000))
    (bad,) = _read(tmp_path, limit=100_000)
    assert isinstance(bad, Rejected)
    assert "longer than 100000 bytes" in bad.findings[0].message


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_a_bad_line_does_not_stop_the_others(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    lines = _lines(3).splitlines(keepends=True)
    lines[1:2] = [b"not JSON\n", b"\n", b'{"volume": "' + b"9" * 3000 + b'"}\n', b'{"doi": "10.1234/ABC"}\n', lines[1]]
    (tmp_path / "records").write_bytes(pack(b"".join(lines).rstrip(b"\n")))
    results = _read(tmp_path / "records", limit=2000)
    assert [result.doi for result in results if isinstance(result, ArticleRecord)] == [
        "10.1234/0",
        "10.1234/1",
        "10.1234/2",
    ]
    assert [result.source.position for result in results if isinstance(result, Rejected)] == [
        "line 2",
        "line 4",
        "line 5",
    ]
    sources = [result.sources[0] for result in results if isinstance(result, ArticleRecord)]
    assert [(source.kind, source.position) for source in sources] == [
        ("record", "line 1"),
        ("record", "line 6"),
        ("record", "line 7"),
    ]


def test_several_packed_members_and_a_cut_one(tmp_path: Path) -> None:
    for pack in (gzip.compress, zstandard.compress):
        whole = pack(_lines(2)) + pack(_lines(1))
        (tmp_path / "a").write_bytes(whole)
        assert len(_read(tmp_path / "a")) == 3
        (tmp_path / "a").write_bytes(whole[:-3])
        assert any(isinstance(result, Rejected) for result in _read(tmp_path / "a"))


def test_a_stated_source_is_kept(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(_PAGE, encoding="utf-8")
    (record,) = _read(tmp_path / "page.txt")
    (tmp_path / "again.jsonl").write_bytes(encode_record(record))
    assert _read(tmp_path / "again.jsonl") == [record]


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/two.txt", "a/one.txt", "c.txt", ".hidden/no.txt", "a/.no.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(_PAGE, encoding="utf-8")
    found = [result.sources[0].location for result in _read(tmp_path) if isinstance(result, ArticleRecord)]
    assert found == [str(tmp_path / name) for name in ("a/one.txt", "b/two.txt", "c.txt")]


def test_a_location_is_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "[1].txt").write_text(_PAGE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for named, location in (
        ("pages", "pages/[1].txt"),
        ("./pages/", "./pages/[1].txt"),
        ("pages/*.txt", "pages/[1].txt"),
        ("pages/[1].txt", "pages/[1].txt"),
    ):
        (record,) = _read(named)
        assert isinstance(record, ArticleRecord)
        assert record.sources[0].location == location
        assert re.fullmatch("[0-9a-f]{64}", record.sources[0].sha256 or "")


def test_links_pipes_and_devices(tmp_path: Path) -> None:
    (tmp_path / "a-dangling").symlink_to("nowhere")
    (tmp_path / "b-itself").symlink_to("b-itself")
    (tmp_path / "c-loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "d-pipe")
    (tmp_path / "e-device").symlink_to("/dev/zero")
    (tmp_path / "f-file.txt").write_text(_PAGE, encoding="utf-8")
    (tmp_path / "g-link.txt").symlink_to("f-file.txt")
    *bad, one, other = _read(tmp_path)
    messages = [result.findings[0].message for result in bad if isinstance(result, Rejected)]
    assert messages == [
        "a symbolic link to nowhere, which is not there",
        "a symbolic link to b-itself that leads nowhere",
        "a symbolic link that leads back to a folder it is in",
        "a named pipe, not a file",
        "a device, not a file",
    ]
    assert isinstance(one, ArticleRecord)
    assert isinstance(other, ArticleRecord)
    (dangling,) = _read(tmp_path / "a-dangling")
    assert isinstance(dangling, Rejected)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    for name in ("file.txt", "folder"):
        path = tmp_path / name
        path.mkdir() if name == "folder" else path.write_text(_PAGE, encoding="utf-8")
        path.chmod(0)
    results = _read(tmp_path)
    (tmp_path / "folder").chmod(0o700)
    assert [result.findings[0].message for result in results if isinstance(result, Rejected)] == [
        "permission denied"
    ] * 2


@pytest.mark.parametrize("name", ["no-such-file", "no-such-*.txt", "https://example.org/article"])
def test_a_named_path_that_is_not_there_raises_before_anything_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "good.txt").write_text(_PAGE, encoding="utf-8")
    with pytest.raises(SourceError):
        read([str(tmp_path / "good.txt"), name if ":" in name else str(tmp_path / name)], Settings())


def test_an_input_format_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="elpub"):
        read([str(tmp_path)], Settings(), input_format="docx")
    assert {"record", "elpub", "jats", "crossref", "json"} <= set(format_names())


def test_standard_input_is_told_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (_PAGE.encode(), gzip.compress(_lines(1))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        (record,) = _read("-")
        assert isinstance(record, ArticleRecord)
        assert record.sources[0].location == "-"


def test_reading_many_lines_keeps_memory_flat(tmp_path: Path) -> None:
    line = _lines(1)
    with gzip.open(tmp_path / "many.gz", "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(line * 1000)
    program = (
        "import resource, sys\n"
        "from triplepress.settings import Settings\n"
        "from triplepress.sources import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "count = sum(1 for _ in read([sys.argv[1]], Settings()))\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "many.gz")], capture_output=True, text=True, check=True
    )
    count, grown = map(int, done.stdout.split())
    assert count == 100_000
    assert grown < 30 * 1024  # kilobytes, for a file of some 60 MB


def test_progress_is_told(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_bytes(_lines(1200))
    told: list[tuple[str, int]] = []
    path = str(tmp_path / "records.jsonl")
    count = sum(1 for _ in read([path], Settings(), progress=lambda location, number: told.append((location, number))))
    assert count == 1200
    assert told == [(path, 0), (path, 500), (path, 1000), (path, 1200)]
