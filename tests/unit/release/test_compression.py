from __future__ import annotations

import gzip
import hashlib

import pytest

from triplepress.release.compression import gunzip, gzip_member

TEXTS = [b"", b"a", b"One line.\n" * 100_000, bytes(range(256)) * 5000]


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_any_gzip_reader_reads_a_member(text: bytes) -> None:
    assert gzip.decompress(gzip_member(text)) == text


@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_equal_texts_give_equal_bytes(text: bytes) -> None:
    assert gzip_member(bytes(bytearray(text))) == gzip_member(text)


def test_a_header_has_neither_time_nor_name() -> None:
    header = gzip_member(b"text")[:10]
    assert header[:4] == b"\x1f\x8b\x08\x00"  # gzip, DEFLATE, no flag: so no name, comment or extra field
    assert header[4:8] == b"\0\0\0\0"


def test_the_bytes_are_the_same_everywhere_with_one_version() -> None:
    # Where another version of the library gives other bytes, this fails, and releases of equal content will differ.
    text = b"".join(b'<urn:s%d> <urn:p> "%d" .\n' % (n % 97, n * n) for n in range(20_000))
    digest = hashlib.sha256(gzip_member(text)).hexdigest()
    assert digest == "863b3328f8f44b1bfda25ddaf1098a8d2bf1f3381cce632f5c4e6f66458436f6"


def test_members_are_read_in_series() -> None:
    assert gunzip(b"") == b""
    assert gunzip(gzip_member(b"one") + gzip.compress(b"two") + gzip_member(b"")) == b"onetwo"


@pytest.mark.parametrize("damaged", [b"no gzip", gzip_member(b"text" * 99)[:-9], gzip_member(b"text") + b"more"])
def test_what_is_damaged_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="gzip"):
        gunzip(damaged)


def test_a_wrong_checksum_is_refused() -> None:
    member = bytearray(gzip_member(b"text"))
    member[-5] ^= 1
    with pytest.raises(ValueError, match="gzip"):
        gunzip(bytes(member))
