"""Dates at the precision that a source states, and the time between two of them."""

from __future__ import annotations

import calendar
from typing import Final, Literal

from triplepress.rdf.nodes import DateValue

_DATATYPES: Final[dict[int, Literal["xsd:gYear", "xsd:gYearMonth", "xsd:date"]]] = {
    4: "xsd:gYear",
    7: "xsd:gYearMonth",
    10: "xsd:date",
}


def date_value(date: str | None) -> DateValue | None:
    """Return a record's date (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`) with the datatype of its precision."""
    return None if date is None else DateValue(type=_DATATYPES[len(date)], value=date)


def time_span(citing: str, cited: str) -> str:
    """Return the time from the cited work's date to the citing one's, at the coarser precision of the two.

    Years alone give whole years, years and months give those, two full dates give years, months and days such that
    the cited date plus the span is the citing date. A work that cites a later one has a negative span: the span of
    the two dates exchanged, with a minus sign.

    Args:
        citing: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        cited: As `citing`.

    Returns:
        The canonical lexical form of an xsd:duration: no zero parts, and `PT0S` for no time at all, because that is
        what a store gives back whatever was put in.

    Example:
        >>> time_span("2025", "2024-05"), time_span("2025-03", "2024-01-31"), time_span("2023", "2024")
        ('P1Y', 'P1Y2M', '-P1Y')
        >>> time_span("2024-03-01", "2024-01-31"), time_span("2024", "2024-12-31")
        ('P1M1D', 'PT0S')

    References:
        XML Schema 1.1 part 2, sections 3.3.6.2 (canonical form) and E.3.3 (adding a duration to a date).
    """
    precision = min(len(citing), len(cited))
    later, earlier = citing[:precision], cited[:precision]
    sign = ""
    if later < earlier:
        later, earlier, sign = earlier, later, "-"
    years, months, days = _difference(_parts(later), _parts(earlier))
    if not (years or months or days):
        return "PT0S"
    return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}{f'{days}D' if days else ''}"


def _parts(date: str) -> tuple[int, int, int]:
    """Return year, month and day; what is not stated counts as 1 and cancels out."""
    year, month, day = (*(int(part) for part in date.split("-")), 1, 1)[:3]
    return year, month, day


def _difference(later: tuple[int, int, int], earlier: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the years, months and days to add to the earlier date: months first, the day pinned to the month's end."""
    months = (later[0] - earlier[0]) * 12 + later[1] - earlier[1]
    day = _pinned(later[0], later[1], earlier[2])
    if day > later[2]:  # the last month is not full
        months -= 1
        year, month = (later[0], later[1] - 1) if later[1] > 1 else (later[0] - 1, 12)
        length = calendar.monthrange(year, month)[1]
        days = max(length - _pinned(year, month, earlier[2]), 0) + later[2]
    else:
        days = later[2] - day
    return months // 12, months % 12, days


def _pinned(year: int, month: int, day: int) -> int:
    """Return the day, or the month's last day where the month is shorter."""
    return min(day, calendar.monthrange(year, month)[1])
