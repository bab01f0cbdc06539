"""What a harvest has to know of one page before it is kept: how much is on it, from when, and how the list goes on."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from triplepress.sources.oaipmh.protocol import date_time
from triplepress.sources.xml import child, descendants, parse_xml

# What can be told of a page that is not well-formed; a prefix may stand before each name.
_TOKEN: Final = re.compile(
    rb"<(?:[\w.-]+:)?resumptionToken(?P<attributes>\s[^<>]*)?>(?P<token>[^<]*)</(?:[\w.-]+:)?resumptionToken\s*>"
)
_TOTAL: Final = re.compile(rb"completeListSize\s*=\s*[\"']([0-9]+)")
_HEADER: Final = re.compile(rb"<(?:[\w.-]+:)?header(?:\s[^<>]*)?>")
_DELETED: Final = re.compile(rb"\sstatus\s*=\s*[\"']deleted")
_STAMP: Final = re.compile(rb"<(?:[\w.-]+:)?datestamp\s*>\s*([^<\s]+)\s*<")
_DATE: Final = re.compile(rb"<(?:[\w.-]+:)?responseDate\s*>\s*([^<\s]+)\s*<")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of records.

    Attributes:
        records: How many records are on it, deleted ones included.
        deleted: How many of them are marked as deleted.
        datestamps: Those of the records, in their order; fewer than `records` where some have none.
        token: What to ask the next page with; None for the last.
        total: How many records the list has, where the repository says.
        date: When the repository answered, as xsd:dateTime.
        fault: Why the page is not well-formed, and where; None where it is.
    """

    records: int
    deleted: int
    datestamps: Sequence[str]
    token: str | None
    total: int | None
    date: str | None
    fault: str | None = None


def read_page(data: bytes) -> Page:
    """Return what the bytes of a response say of the page; never raises, for a page may be broken."""
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        return _broken(data, f"line {line}, column {column}: {error.msg}")
    headers = list(descendants(root, "header"))
    token = next(descendants(root, "resumptionToken"), None)
    size = token.get("completeListSize", "") if token is not None else ""
    return Page(
        records=len(headers),
        deleted=sum((header.get("status") or "").strip().lower() == "deleted" for header in headers),
        datestamps=[stamp for header in headers if (stamp := _text(child(header, "datestamp")))],
        token=_text(token) or None,
        total=int(size) if size.isdigit() else None,
        date=date_time(_text(next(descendants(root, "responseDate"), None))),
    )


def _broken(data: bytes, fault: str) -> Page:
    """Return what can be told of a page that is not well-formed."""
    headers = _HEADER.findall(data)
    token = _TOKEN.search(data)
    total = _TOTAL.search(token["attributes"] or b"") if token else None
    date = _DATE.search(data)
    return Page(
        records=len(headers),
        deleted=sum(bool(_DELETED.search(header)) for header in headers),
        datestamps=[stamp.decode("ascii", "replace") for stamp in _STAMP.findall(data)],
        token=(html.unescape(token["token"].decode("utf-8", "replace")).strip() or None) if token else None,
        total=int(total[1]) if total else None,
        date=date_time(date[1].decode("ascii", "replace")) if date else None,
        fault=fault,
    )


def _text(element: etree._Element | None) -> str:
    """Return an element's own text as it stands, for a token is no prose."""
    return "" if element is None else (element.text or "").strip()
