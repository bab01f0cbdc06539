"""The printed text of a reference, of whatever style, as fields.

One road for all styles: make the text even, take out what identifies (DOI, address, arXiv, ISBN, PMID), read the
author line from the left and the location (volume, issue, pages, year) from the right; what lies between is title and
container. What cannot be told is left out.
"""

from __future__ import annotations

import re
from typing import Any, Final

from triplepress.references.identify import identify
from triplepress.references.language import language_of
from triplepress.references.locate import Location, locate, split_pages, without_total_pages, years
from triplepress.references.names import author_line, responsibility
from triplepress.references.normalise import even_text
from triplepress.references.parsed import ParsedReference
from triplepress.references.titles import split_titles

# A page of text is no reference; the longest real ones (collaborations with all names) stay below this.
_LONGEST: Final = 6000


def parse_reference(text: str) -> ParsedReference:
    """Return the fields of one reference.

    Args:
        text: Its printed text, verbatim: markup, entities, the number in the list and line breaks may be in it.

    Returns:
        What the text tells; an empty `ParsedReference` for a text that tells nothing. It never raises.

    Example:
        >>> found = parse_reference(
        ...     "8. Zhiltsov S.S. (2024). Politika Zapada v Tsentral'noi Azii [Western Policy in Central Asia]. "
        ...     "Problemy postsovetskogo prostranstva [Post-Soviet Issues]. Vol. 11. No. 1. P. 8–19. "
        ...     "DOI: 10.24975/2313-8920-2024-11-1-8-19."
        ... )
        >>> found.container, found.volume, found.issue, found.first_page, found.year
        ('Problemy postsovetskogo prostranstva', '11', '1', '8', '2024')
        >>> found.title_translation, found.doi
        ('Western Policy in Central Asia', '10.24975/2313-8920-2024-11-1-8-19')
    """
    even = even_text(text[:_LONGEST])
    if not even:
        return ParsedReference()
    identified = identify(even)
    rest = identified.text
    line = author_line(rest)
    authors, et_al = line.authors, line.et_al
    location = locate(rest, line.end, dated=line.year is not None)
    year = line.year
    head_end = location.start
    if year is None:
        year, head_end = _year(rest, line.end, location)
    elif location.year and location.year_start >= 0:
        head_end = min(head_end, location.year_start)
    head = rest[line.end : head_end]
    head = without_total_pages(head) if location.pages is None else head
    if " / " in head:
        at, named, more = responsibility(head)
        if at >= 0:
            if len(named) > len(authors):
                authors, et_al = tuple(named), et_al or more
            rest_of_head = head[at + 3 :]
            container_at = rest_of_head.find("//")
            head = head[:at] + (" // " + rest_of_head[container_at + 2 :] if container_at >= 0 else "")
    titles = split_titles(
        head,
        located=location.volume is not None or location.issue is not None or location.pages is not None,
        periodical=location.volume is not None or location.issue is not None,
        comma=line.mark in {",", ";"},
        identified=identified.doi is not None or identified.arxiv is not None,
    )
    first_page, last_page = split_pages(location.pages) if location.pages else (None, None)
    return ParsedReference(
        authors=authors,
        et_al=et_al,
        year=year,
        title=titles.title,
        title_translation=titles.title_translation,
        container=titles.container,
        container_translation=titles.container_translation,
        volume=location.volume,
        issue=location.issue,
        pages=location.pages,
        first_page=first_page,
        last_page=last_page,
        doi=identified.doi,
        url=identified.url,
        arxiv=identified.arxiv,
        isbn=identified.isbn,
        pmid=identified.pmid,
        pmcid=identified.pmcid,
        language=language_of(even, titles.title),
    )


def parsed_fields(text: str) -> dict[str, Any]:
    """Return what `parse_reference` finds as the `parsed` object of a record's reference."""
    return parse_reference(text).as_fields()


def _year(text: str, start: int, location: Location) -> tuple[str | None, int]:
    """Return the year, and where the head ends: before the year when it stands between container and location."""
    if location.year:
        return location.year, min(location.start, location.year_start) if location.year_start >= 0 else location.start
    before = years(text, start, location.start)
    after = years(text, location.end, len(text)) if location.end < len(text) else []
    slashes = text.find("//", start)
    if slashes >= 0:
        after_slashes = [match for match in before if match.start() > slashes]
        if after_slashes:
            return after_slashes[-1]["year"], after_slashes[-1].start()
    if after:
        return after[0]["year"], location.start
    if before:
        last = before[-1]
        between = text[last.end() : location.start]
        if len(between) < 40 or not _PROSE.search(between):
            return last["year"], last.start()
        if last.start() > start and text[last.start() - 1] == "(":
            return last["year"], location.start
        return last["year"], location.start
    return None, location.start


_PROSE: Final = re.compile(r"[a-zа-я]{3}")
