"""The journal, volume, issue, year and pages in one line, as OJS and Elpub write them into `dc:source`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from triplepress.sources.values import known, page_range

_VOLUME: Final = re.compile(
    r"(?<!\w)(?:volume|vol|v|том|т|band|bd|jahrgang|jg|tome|tom|cilt|roč|årg|sayfa)(?:\.|\b)\s*(?P<volume>[\w/–-]+)",
    re.IGNORECASE,
)
_ISSUE: Final = re.compile(
    r"(?<!\w)(?:number|numéro|número|núm|num|nr|no|n|n[º°o]|№|issue|iss|выпуск|вып|heft|h|sayı|br|č)(?:\.|\b|(?<=№))\s*"
    r"(?P<issue>[\w/–-]*\d[\w/–-]*(?:\s?\(\d+\))?)",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\((?P<year>1[5-9][0-9]{2}|20[0-9]{2})\)")
_PAGES: Final = re.compile(
    r"(?:p{1,2}\.?|с\.|стр\.|s\.)?\s*(?P<pages>[a-z]{0,2}\d[\w.]*(?:\s*[-–—]\s*[a-z]{0,2}\d[\w.]*)?)", re.I
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What a line says of the place of an article; what it does not say is None."""

    journal: str
    volume: str | None = None
    issue: str | None = None
    year: str | None = None
    first_page: str | None = None
    last_page: str | None = None


def read_citation(line: str) -> Citation | None:
    """Return the parts of `Journal; Vol. 11, No. 1 (2024): Spring; 8-19`, or None where it is no such line.

    Example:
        >>> read_citation("Ex.; Том 11, № 1 (2024); 8-19")
        Citation(journal='Ex.', volume='11', issue='1', year='2024', first_page='8', last_page='19')
        >>> read_citation("Wiley") is None
        True
    """
    journal, *rest = (part.strip() for part in line.split(";"))
    place = next((part for part in rest if _YEAR.search(part) or _VOLUME.search(part) or _ISSUE.search(part)), None)
    if not journal or place is None:
        return None
    year = _YEAR.search(place)
    before = place[: year.start()] if year else place.partition(":")[0]
    volume, issue = _VOLUME.search(before), _ISSUE.search(before)
    pages = next((match for part in reversed(rest) if part != place and (match := _PAGES.fullmatch(part))), None)
    first, last = page_range(pages["pages"]) if pages else (None, None)
    return Citation(
        journal,
        known(volume["volume"].strip("–-")) if volume else None,
        known(issue["issue"].strip("–-")) if issue else None,
        year["year"] if year else None,
        first,
        last,
    )
