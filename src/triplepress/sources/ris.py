"""RIS, as publishers and reference managers export it: one entry at a time.

References:
    Research Information Systems, RIS Format Specifications (2001 and 2011).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any, Final

from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import parse_doi_field
from triplepress.record import ArticleRecord, Contributor, File, Journal, Rejected, Skipped, Source, Text
from triplepress.sources.checks import Checks
from triplepress.sources.languages import language_code
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.tagged import Dialect, Entry, read_entries
from triplepress.sources.values import is_abstract_heading, is_web_address, known

KIND: Final = "ris"
# An article in a journal, one that is printed electronically only, one in press.
_ARTICLES: Final = frozenset({"JOUR", "EJOUR", "INPR"})
_KINDS: Final = {
    "ABST": "abstract",
    "BOOK": "book",
    "CHAP": "book-chapter",
    "COMP": "software",
    "CONF": "proceedings",
    "CPAPER": "conference-paper",
    "DATA": "dataset",
    "EBOOK": "book",
    "ECHAP": "book-chapter",
    "EDBOOK": "book",
    "ELEC": "webpage",
    "JFULL": "journal",
    "MGZN": "magazine-article",
    "NEWS": "newspaper-article",
    "PAT": "patent",
    "RPRT": "report",
    "STAND": "standard",
    "THES": "thesis",
    "UNPB": "manuscript",
}
_DIALECT: Final = Dialect(
    tag=re.compile(r"\s*(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?:\s+(?P<value>.*)|\s*$)"),
    starts="TY",
    ends="ER",
    lists=frozenset({"AU", "A1", "A2", "A3", "A4", "ED", "KW", "UR"}),
)
_START: Final = re.compile(rb"^(?:\xef\xbb\xbf|\s)*TY {1,2}- {0,2}[A-Z]{3,8}\s*$", re.MULTILINE)
_RESOLVER: Final = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/", re.IGNORECASE)
_REMEDY: Final = "Export the entry again, as UTF-8"


def is_ris(head: bytes) -> bool:
    """Tell whether the first part of a file has the line that begins an entry of RIS.

    Example:
        >>> is_ris(b"TY  - JOUR"), is_ris(b"@article{ty,")
        (True, False)
    """
    return bool(_START.search(head))


def read_ris(stream: IO[bytes], source: Source, limit: int) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the result of each entry; a bad one does not stop the others.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; each result gets the line that its entry begins at.
        limit: The most bytes of one entry.
    """
    found = False
    for entry in read_entries(stream, _DIALECT, limit):
        found = True
        place = replace(source, position=f"line {entry.line}")
        if entry.problem:
            yield reject(place, entry.problem, _REMEDY, title=entry.first("TI", "T1"))
        else:
            yield _read_entry(entry, place)
    if not found:
        yield reject(source, "no entry of RIS begins in it: there is no line “TY  - …”", "Export the entries as RIS")


def _read_entry(entry: Entry, source: Source) -> ArticleRecord | Rejected | Skipped:
    """Return the result of one entry."""
    checks = Checks()
    doi = _doi(entry, checks)
    stated = (entry.first("TY") or "").upper()
    if stated not in _ARTICLES:
        return Skipped(source=source, doi=doi, kind=_KINDS.get(stated, stated or "without a type"))
    title = _clean(entry.first("TI", "T1", "CT"))
    abstracts = [text for item in entry.all("AB", "N2") if (text := plain_text(item)) and not is_abstract_heading(text)]
    volume, issue = known(_clean(entry.first("VL"))), known(_clean(entry.first("IS", "CP")))
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else entry.first("ID"),
            pmid=_pmid(entry),
            pmcid=next((text for text in entry.all("C2") if re.fullmatch("PMC[0-9]+", text)), None),
            titles=[Text(text=title)] if title else [],
            abstracts=[Text(text=abstracts[0])] if abstracts else [],
            keywords=[Text(text=word) for word in dict.fromkeys(map(plain_text, entry.all("KW"))) if word],
            language=language_code(entry.first("LA")),
            issued=_issued(entry, checks),
            journal=_journal(entry, checks),
            volume=volume,
            issue=issue,
            article_number=known(_clean(entry.first("C7"))),
            contributors=_contributors(entry),
            landing_pages=[
                address
                for address in dict.fromkeys(_addresses(entry, "UR"))
                if not _RESOLVER.match(address) and not address.lower().endswith(".pdf")
            ],
            files=[
                File(url=address, media_type="application/pdf")
                for address in dict.fromkeys(_addresses(entry, "L1", "UR"))
                if address.lower().endswith(".pdf")
            ],
            sources=[source],
            warnings=checks.warnings,
            **_pages(entry, checks),
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


def _clean(text: str | None) -> str | None:
    return (plain_text(text) or None) if text else None


def _doi(entry: Entry, checks: Checks) -> str | None:
    """Return the DOI: its own field, else a field that is nothing but one, else the resolver's address."""
    for text in entry.all("DO"):
        if doi := checks.doi(text):
            return doi
    for text in [*entry.all("M3", "L3", "N1"), *filter(_RESOLVER.match, entry.all("UR"))]:
        with suppress(RecordError):  # these fields hold other things as well
            return parse_doi_field(text)
    return None


def _pmid(entry: Entry) -> str | None:
    """Return the accession number where the database is PubMed."""
    number = entry.first("AN") or ""
    database = " ".join(entry.all("DB", "DP")).lower()
    medical = any(name in database for name in ("pubmed", "medline", "nlm"))
    return number if medical and re.fullmatch("[0-9]{1,8}", number) else None


def _issued(entry: Entry, checks: Checks) -> str | None:
    """Return the date: that of the year's field and the fuller one that agrees with it; `Y1` is an old name of both."""
    dates: list[str] = []
    for text in entry.all("PY", "DA") or entry.all("Y1"):
        year, *rest = text.split("/")
        parts = [part.strip() for part in [year, *rest][:3] if part.strip()]
        if not parts or set(parts[0]) == {"0"}:
            continue
        if re.fullmatch("[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", parts[0]):
            parts = parts[0].split("-")
        date = checks.date(parts, "issued")
        if date:
            dates.append(date)
    if not dates:
        return None
    agreeing = [date for date in dates if date.startswith(dates[0][:4])]
    if len(agreeing) < len(dates):
        checks.warn("issued", f"the entry states several dates: {', '.join(dates)}; the first is taken")
    return max(agreeing, key=len)


def _journal(entry: Entry, checks: Checks) -> Journal | None:
    """Return the journal: its full name before an abbreviated one."""
    title = _clean(entry.first("JF", "T2", "JO", "JA", "J2", "J1"))
    numbers = [part.strip() for text in entry.all("SN") for part in re.split(r"[;,]|\s(?=[0-9]{4}-)", text)]
    issns = checks.issns((_medium(number), re.sub(r"\s*\(.*", "", number)) for number in numbers if number)
    if not title and not issns:
        return None
    return Journal(titles=[Text(text=title)] if title else [], publisher=_clean(entry.first("PB")), **issns)


def _medium(number: str) -> str | None:
    """Return the medium in brackets after an ISSN."""
    match = re.search(r"\((.*?)\)", number)
    return match[1].lower() if match else None


def _pages(entry: Entry, checks: Checks) -> dict[str, Any]:
    """Return the pages: first and last in a field each, or both in the first."""
    first, last = known(entry.first("SP")), known(entry.first("EP"))
    return checks.pages(f"{first}-{last}" if first and last and first != last and "-" not in first else first)


def _contributors(entry: Entry) -> list[Contributor]:
    """Return the authors, then the editors and translators; names are `Family, Given, Suffix`."""
    contributors: list[Contributor] = []
    for role, tag, older in (("author", "AU", "A1"), ("editor", "ED", "A2"), ("translator", "A4", "TA")):
        stated_names = entry.all(tag)
        stated_names += [text for text in entry.all(older) if text not in stated_names]
        names = filter(None, (_clean(text.strip(" ,;")) for text in stated_names))
        for position, stated in enumerate(names, start=1):
            name, given, family = name_parts(stated)
            contributors.append(Contributor(role=role, position=position, name=name, given=given, family=family))
    return contributors


def _addresses(entry: Entry, *tags: str) -> list[str]:
    """Return the web addresses of these tags; some programs put several into one."""
    parts = [part.rstrip(";") for text in entry.all(*tags) for part in text.split()]
    return [part for part in parts if is_web_address(part)]
