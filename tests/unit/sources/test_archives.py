"""Archives are read member by member, and nothing in them can stop the run or fill the disk."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from triplepress.record import ArticleRecord, Rejected
from triplepress.settings import Settings
from triplepress.sources import archives, read


def _works(*numbers: int) -> bytes:
    works = [
        {"DOI": f"10.55555/w.{number}", "type": "journal-article", "prefix": "10.55555", "title": ["T"]}
        for number in numbers
    ]
    return json.dumps({"items": works}).encode()


def _tar(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # a mode of three
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def _found(path: Path) -> tuple[list[str], list[str]]:
    """DOIs with their locations below the archive, and what was set aside."""
    results = list(read([str(path)], Settings()))
    records = [result for result in results if isinstance(result, ArticleRecord)]
    rejected = [result for result in results if isinstance(result, Rejected)]
    places = [f"{each.doi} {each.sources[0].location.removeprefix(f'{path}/')}" for each in records]
    return places, [f"{each.source.location.removeprefix(str(path))}: {each.findings[0].message}" for each in rejected]


@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz")])
def test_members_of_a_tar(name: str, mode: str, tmp_path: Path) -> None:
    members = {
        "./data/._0.json.gz": b"\x00\x05\x16\x07 of macOS",
        "./data/0.json.gz": gzip.compress(_works(1, 2)),
        "./data/1.json": _works(3),
        "__MACOSX/data/x": b"x",
        ".DS_Store": b"x",
    }
    places, rejected = _found(_tar(tmp_path / name, members, mode))
    assert places == [
        "10.55555/w.1 ./data/0.json.gz",
        "10.55555/w.2 ./data/0.json.gz",
        "10.55555/w.3 ./data/1.json",
    ]
    assert rejected == []


def test_each_member_is_a_source_of_its_own(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tar", {"0.json": _works(1), "1.json": _works(2)}, "w")
    sources = [result.sources[0] for result in read([str(path)], Settings()) if isinstance(result, ArticleRecord)]
    assert len({source.sha256 for source in sources}) == 2


def test_members_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/", b"")
        archive.writestr("data/0.json", _works(1))
        archive.writestr("data/picture.png", b"\x89PNG\r\n\x1a\n")
    places, rejected = _found(path)
    assert places == ["10.55555/w.1 data/0.json"]
    assert rejected == ["/data/picture.png: this is a PNG picture, not text"]


def test_an_office_document_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    assert _found(path)[1] == [": this is a ZIP archive (a .docx, .xlsx or .epub is one), not text"]


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_bomb_is_left_at_once(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_ALWAYS_ALLOWED", 4 * 1024 * 1024)
    zeros = b" " * (64 * 1024 * 1024)
    path = tmp_path / "bomb"
    if kind == "tar":
        _tar(path, {"0.json": _works(1), "1.json": zeros, "2.json": _works(2)})
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0.json", _works(1))
            archive.writestr("1.json", zeros)
            archive.writestr("2.json", _works(2))
    places, rejected = _found(path)
    assert places == ["10.55555/w.1 0.json"]
    assert rejected == ["/1.json: the archive unpacks to more than 200 times its size: no records do"]


def test_a_hidden_bomb_is_left_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_ALWAYS_ALLOWED", 4 * 1024 * 1024)
    path = _tar(tmp_path / "bomb.tar.gz", {"._1.json": b" " * (64 * 1024 * 1024), "2.json": _works(2)})
    assert "200 times" in _found(path)[1][0]


def test_a_damaged_tar_gives_what_stands_before(tmp_path: Path) -> None:
    path = _tar(tmp_path / "a.tar.gz", {"0.json": _works(1), "1.json": _works(*range(2, 5000))})
    path.write_bytes(path.read_bytes()[:-2000])
    places, rejected = _found(path)
    assert places[0] == "10.55555/w.1 0.json"
    assert "damaged" in rejected[0] or "cannot be unpacked" in rejected[0]


def test_a_damaged_member_of_a_zip_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("0.json", _works(1))
        archive.writestr("1.json", _works(2))
    path.write_bytes(path.read_bytes().replace(b"10.55555/w.1", b"10.55555/x.1"))
    places, rejected = _found(path)
    assert places == ["10.55555/w.2 1.json"]
    assert rejected[0].startswith("/0.json: the member cannot be unpacked: Bad CRC")


def test_a_zip_without_its_directory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    assert "damaged or cut short" in _found(path)[1][0]


def test_archives_in_archives_and_links_are_named(tmp_path: Path) -> None:
    inner = _tar(tmp_path / "inner.tar", {"0.json": _works(1)}, "w").read_bytes()
    path = tmp_path / "outer.tar"
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("../../inner.tar")
        info.size = len(inner)
        archive.addfile(info, io.BytesIO(inner))
        link = tarfile.TarInfo("link.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert _found(path) == (
        [],
        ["/../../inner.tar: an archive within an archive", "/link.json: a link or device in an archive, not a file"],
    )


def test_an_empty_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w"):
        pass
    assert _found(path)[1] == [": the archive is empty"]
