"""OpenCitations Meta's tables: one row a work, with the identifiers of everything in brackets.

References:
    OpenCitations, "OpenCitations Meta: CSV format of the dump".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Final, NamedTuple

from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Contributor, Journal, Rejected, Skipped, Source, Text
from triplepress.sources.checks import Checks
from triplepress.sources.delimited import header_of, read_rows
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import date_in, known

KIND: Final = "opencitations"
_COLUMNS: Final = frozenset({"id", "title", "author", "pub_date", "venue", "volume", "issue", "page", "type"})
_ARTICLE: Final = "journal article"
_NAMED: Final = re.compile(r"(?P<name>.*?)\s*(?:\[(?P<ids>[^\[\]]*)\])?\s*")
# A semicolon outside of brackets.
_PEOPLE: Final = re.compile(r";(?![^\[\]]*\])")
_REMEDY: Final = "Correct the row, or fetch the table again"


class _Named(NamedTuple):
    """A name and its identifiers, the values of each scheme in order."""

    name: str
    ids: Mapping[str, list[str]]


def is_opencitations(head: bytes) -> bool:
    """Tell whether a file's header has the columns of OpenCitations Meta."""
    return _COLUMNS.issubset(header_of(head))


def read_opencitations(stream: IO[bytes], source: Source, limit: int) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the result of each row.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; each result gets the line of its row.
        limit: The most characters of one cell.
    """
    rows = read_rows(stream, limit)
    header = next(rows, None)
    if header is None or not _COLUMNS.issubset(header.cells):
        seen = ", ".join(header.cells) if header else "none"
        yield reject(source, f"not a table of OpenCitations Meta; its columns: {seen}", "Give a CSV file of its dump")
        return
    for row in rows:
        place = replace(source, position=f"line {row.line}")
        if row.problem or len(row.cells) > len(header.cells):
            yield reject(place, row.problem or "the row has more cells than the header", _REMEDY)
        else:
            yield _read_row(dict(zip(header.cells, row.cells, strict=False)), place)


def _read_row(row: Mapping[str, str], source: Source) -> ArticleRecord | Rejected | Skipped:
    """Return the result of one row."""
    checks = Checks()
    ids = _identifiers(row["id"])
    dois = [doi for text in ids.get("doi", []) if (doi := checks.doi(text))]
    doi = dois[0] if dois else None
    if len(dois) > 1:
        checks.warn("doi", f"the row states further DOIs: {', '.join(dois[1:])}; the first is taken")
    kind = row.get("type", "")
    if kind != _ARTICLE:
        return Skipped(source=source, doi=doi, kind=kind or "without a type")
    title = plain_text(row.get("title", ""))
    pmid = next(iter(ids.get("pmid", [])), None)
    omid = next(iter(ids.get("omid", [])), None)
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else omid or pmid,
            pmid=pmid,
            pmcid=next(iter(ids.get("pmcid", [])), None),
            titles=[Text(text=title)] if title else [],
            issued=_issued(row.get("pub_date", ""), checks),
            journal=_journal(_named(row.get("venue", "")), _named(row.get("publisher", "")), checks),
            volume=known(row.get("volume")),
            issue=known(row.get("issue")),
            contributors=[
                *_contributors(row.get("author", ""), "author", checks),
                *_contributors(row.get("editor", ""), "editor", checks),
            ],
            sources=[source],
            warnings=checks.warnings,
            **checks.pages(row.get("page")),
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title or None)


def _identifiers(text: str) -> dict[str, list[str]]:
    """Return identifiers by their scheme.

    Example:
        >>> _identifiers("doi:10.1234/a:b omid:br/061")
        {'doi': ['10.1234/a:b'], 'omid': ['br/061']}
    """
    found: dict[str, list[str]] = {}
    for each in text.split():
        scheme, _, value = each.partition(":")
        if value:
            found.setdefault(scheme.lower(), []).append(value)
    return found


def _named(text: str) -> _Named:
    """Return the name and the identifiers in brackets behind it."""
    match = _NAMED.fullmatch(text)
    if match is None:  # brackets within the name
        name, _, rest = text.rpartition("[")
        return _Named(plain_text(name), _identifiers(rest.rstrip("] ")))
    return _Named(plain_text(match["name"]), _identifiers(match["ids"] or ""))


def _issued(stated: str, checks: Checks) -> str | None:
    found = date_in(stated)
    if stated and found is None:
        checks.warn("issued", f"“{stated}” is no date that can be read without a guess")
    return found


def _journal(venue: _Named, publisher: _Named, checks: Checks) -> Journal | None:
    """Return the journal; of its ISSNs the table does not say which is the printed one's."""
    issns = checks.issns((None, number) for number in venue.ids.get("issn", []))
    if not venue.name and not issns:
        return None
    return Journal(titles=[Text(text=venue.name)] if venue.name else [], publisher=publisher.name or None, **issns)


def _contributors(text: str, role: str, checks: Checks) -> list[Contributor]:
    """Return the people of one cell; `Family, ` without a given name is the whole name."""
    contributors: list[Contributor] = []
    for part in _PEOPLE.split(text):
        person = _named(part.strip())
        name, given, family = name_parts(person.name.strip().removesuffix(",").strip())
        if name:
            orcid = checks.orcid(next(iter(person.ids.get("orcid", [])), None))
            contributors.append(
                Contributor(
                    role=role, position=len(contributors) + 1, name=name, given=given, family=family, orcid=orcid
                )
            )
    return contributors
