"""Bytes to text: UTF-8 and nothing else. What it is instead is named, never guessed into text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

# The first bytes of what is sent in by mistake, and its name.
_MAGIC: Final = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive (a .docx, .xlsx or .epub is one)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
)
# Words of the interface, by which windows-1251 is told from other encodings of one byte a letter.
_RUSSIAN_WORDS: Final = ("аннотация", "литератур", "цитирован", "автор", "журнал", "поиск", "ключевые слова")


@dataclass(frozen=True, slots=True)
class NotText:
    """Why bytes are not text: what they are, what to do, and where (`line 3`)."""

    message: str
    remedy: str
    position: str | None = None


def decode_utf8(data: bytes) -> str | NotText:
    """Return the text of UTF-8 bytes, without its byte order mark, or why they are none."""
    binary = name_binary(data)
    if binary:
        return binary
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _not_utf8(data, f"line {line}")


def name_binary(head: bytes) -> NotText | None:
    """Return what the first bytes of a file say it is, if that is not text; None for text of one byte a letter."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return NotText(f"this is {name}, not text", "Save the article's landing page as text, UTF-8")
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "UTF-32LE"),
        (codecs.BOM_UTF32_BE, "UTF-32BE"),
        (codecs.BOM_UTF16_LE, "UTF-16LE"),
        (codecs.BOM_UTF16_BE, "UTF-16BE"),
    ):
        if head.startswith(mark):
            return NotText(f"this is {encoding}, not UTF-8", _convert(encoding[:6]))
    if b"\x00" in head:
        return NotText("this is a binary file, not text", "Save the article's landing page as text, UTF-8")
    return None


def _not_utf8(data: bytes, position: str) -> NotText:
    """Return why bytes without a mark are not UTF-8, naming windows-1251 where Russian words come out of it."""
    sample = data[:65536].decode("cp1251", errors="replace").lower()
    if sum(word in sample for word in _RUSSIAN_WORDS) > 1:
        return NotText("this is not UTF-8; it looks like windows-1251", _convert("windows-1251"), position)
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x1f]", data[:65536]))
    if controls > 8:
        return NotText("this is a binary file, not text", "Save the article's landing page as text, UTF-8", position)
    return NotText("this is not UTF-8", "Save it as UTF-8 in the program that wrote it", position)


def _convert(encoding: str) -> str:
    """Return how to convert a file to UTF-8."""
    return f"Save it as UTF-8, or convert it: iconv -f {encoding} -t UTF-8 FILE > NEW"
