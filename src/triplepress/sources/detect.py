"""The one table of formats, and which of them a file is in, told by what is in it, never by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Final

from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.settings import Settings
from triplepress.sources import (
    bibtex,
    canonical,
    crossref,
    crossref_xml,
    csl,
    datacite,
    doaj,
    json_documents,
    medline,
    openalex,
    opencitations,
    ris,
    spreadsheet,
)
from triplepress.sources.elpub.record import KIND as ELPUB
from triplepress.sources.elpub.record import is_elpub, read_elpub
from triplepress.sources.html import KIND as HTML
from triplepress.sources.html import is_html, read_html
from triplepress.sources.jats.article import read_jats
from triplepress.sources.oaipmh import KIND as OAIPMH
from triplepress.sources.oaipmh import is_oaipmh, read_oaipmh
from triplepress.sources.rejection import reject
from triplepress.sources.xml import as_utf8, root_name

Result = ArticleRecord | Rejected | Skipped | Withdrawn


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table.

    Attributes:
        name: As in `--input-format` and in a record's `sources[].kind`.
        sniff: Whether the first bytes of a file (up to 64 KiB, unpacked) are this format's.
        read: The results of one file: its unpacked stream, the source to put into them, and the most bytes that one
            article may take.
        streams: Whether a file may hold many articles, so that the limit is on one of them and not on the file.
    """

    name: str
    sniff: Callable[[bytes], bool]
    read: Callable[[IO[bytes], Source, int], Iterable[Result]]
    streams: bool = False


def _sniff_elpub(head: bytes) -> bool:
    return is_elpub(head.decode("utf-8", errors="replace"))


def _read_elpub(stream: IO[bytes], source: Source, limit: int) -> Iterable[Result]:
    data = stream.read(limit + 1)
    if len(data) > limit:  # a small packed file may hold a huge one
        yield too_large(source, limit)
    else:
        yield read_elpub(data, source)


def _sniff_crossref_xml(head: bytes) -> bool:
    return crossref_xml.is_crossref_xml(root_name(head))


def _read_crossref(stream: IO[bytes], source: Source, limit: int) -> Iterable[Result]:
    """Return the results of Crossref's JSON or XML: which it is, the first character tells."""
    start = b""
    while not start.strip(_BLANK) and (piece := stream.read(1)):
        start += piece
    whole = json_documents.prefixed(start, stream)
    if start.strip(_BLANK) != b"<":
        return json_documents.read_json(whole, source, limit, forced=crossref.KIND)
    data = whole.read(limit + 1)
    return [too_large(source, limit)] if len(data) > limit else crossref_xml.read_crossref_xml(data, source)


# Root elements that hold something else of a kind of their own, or a page.
_OTHER_XML: Final = frozenset({"OAI-PMH", "html", "rss", "feed"})
_JATS_INSIDE: Final = re.compile(
    rb"<(?:[\w.-]+:)?article(?:\s[^>]*)?>\s*(?:<!--.*?-->\s*)*<(?:[\w.-]+:)?(?:processing-meta|front)\b", re.DOTALL
)
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"


def _sniff_jats(head: bytes) -> bool:
    root = root_name(head)
    return root == "article" or (
        root is not None and root not in _OTHER_XML and bool(_JATS_INSIDE.search(as_utf8(head)))
    )


def _read_jats(stream: IO[bytes], source: Source, limit: int) -> Iterable[Result]:
    data = stream.read(limit + 1)
    return [too_large(source, limit)] if len(data) > limit else read_jats(data, source)


def _read_html(stream: IO[bytes], source: Source, limit: int) -> Iterable[Result]:
    data = stream.read(limit + 1)
    return [too_large(source, limit) if len(data) > limit else read_html(data, source)]


def _never(_head: bytes) -> bool:
    """Tell of no file: the format is told object by object, see `json_documents`, and its name only forces it."""
    return False


def too_large(source: Source, limit: int) -> Rejected:
    """Return the rejection for one article's file above the limit."""
    message = f"longer than {limit} bytes, too long for the page of one article"
    return reject(source, message, "Check the file; max_input_bytes raises the limit")


def _spreadsheets(mappings: Path) -> Format:
    """Return the row of spreadsheets whose columns the mappings of a folder name."""
    read = partial(spreadsheet.read_spreadsheet, folder=mappings)
    return Format(spreadsheet.KIND, partial(spreadsheet.is_spreadsheet, folder=mappings), read, streams=True)


# The first row whose sniff says yes reads the file, so the more particular format stands first.
FORMATS: Final = (
    Format(crossref.KIND, _sniff_crossref_xml, _read_crossref, streams=True),
    Format("jats", _sniff_jats, _read_jats),
    Format(json_documents.KIND, json_documents.is_json_documents, json_documents.read_json, streams=True),
    *(
        Format(name, _never, partial(json_documents.read_json, forced=name), streams=True)
        for name in (csl.KIND, datacite.KIND, doaj.KIND, openalex.KIND)
    ),
    Format(HTML, is_html, _read_html),
    Format(opencitations.KIND, opencitations.is_opencitations, opencitations.read_opencitations, streams=True),
    Format(ris.KIND, ris.is_ris, ris.read_ris, streams=True),
    Format(bibtex.KIND, bibtex.is_bibtex, bibtex.read_bibtex, streams=True),
    Format(medline.KIND, medline.is_medline, medline.read_medline, streams=True),
    Format(OAIPMH, is_oaipmh, read_oaipmh, streams=True),
    Format(canonical.KIND, canonical.is_canonical, canonical.read_canonical, streams=True),
    Format(ELPUB, _sniff_elpub, _read_elpub),
    _spreadsheets(Path(Settings().mappings)),
)


def format_names() -> tuple[str, ...]:
    """Return the names for `--input-format`."""
    return tuple(each.name for each in FORMATS)


def formats(mappings: Path) -> tuple[Format, ...]:
    """Return the table, with spreadsheets read by the mappings of a folder."""
    row = _spreadsheets(mappings)
    return tuple(row if each.name == row.name else each for each in FORMATS)


def detect(head: bytes, table: Iterable[Format] = FORMATS) -> Format | None:
    """Return the format of a file by its first bytes, or None."""
    return next((each for each in table if each.sniff(head)), None)
