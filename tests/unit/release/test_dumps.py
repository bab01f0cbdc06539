from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from triplepress.release.dumps import GzipBlocks, Spool, citations_table, write_dump


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 7])
def test_a_dump_depends_on_its_content_alone(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    whole = write_dump(tmp_path, "whole.gz", "text/plain", [content])
    pieces = [content[at : at + 77_777] for at in range(0, size, 77_777)]
    cut = write_dump(tmp_path, "cut.gz", "text/plain", pieces)
    stored = (tmp_path / "whole.gz").read_bytes()
    assert stored == (tmp_path / "cut.gz").read_bytes()
    assert gzip.decompress(stored) == content
    assert whole.sha256 == cut.sha256 == hashlib.sha256(stored).hexdigest()
    assert whole.bytes == len(stored)


def test_a_gzip_header_has_neither_time_nor_name(tmp_path: Path) -> None:
    with GzipBlocks(tmp_path / "named.gz") as file:
        file.write(b"text")
    header = (tmp_path / "named.gz").read_bytes()[:10]
    assert header[3] == 0
    assert header[4:8] == b"\0\0\0\0"


def test_pieces_of_a_spool_are_read_by_place(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    places = [spool.append(content) for content in (b"one", b"", b"two" * 1000)]
    assert [spool.read(place) for place in reversed(places)] == [b"two" * 1000, b"", b"one"]
    spool.close()


def test_a_doi_with_a_comma_is_quoted() -> None:
    lines = b"".join(citations_table([("10.5555/a,b", '10.5555/c"d')]))
    assert lines == b'citing,cited\r\n"10.5555/a,b","10.5555/c""d"\r\n'
