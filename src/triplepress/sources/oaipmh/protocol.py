"""The protocol's own words: the header of a record, the errors, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from triplepress.sources.markup import plain_text, render
from triplepress.sources.xml import child, children

# https://www.openarchives.org/OAI/openarchivesprotocol.html#ErrorConditions, and what to do about each.
ERRORS: Final = {
    "badArgument": "Check --from, --until, --set and --metadata-prefix against the repository's Identify and ListSets",
    "badResumptionToken": "The token has expired: harvest again, it goes on from the last date",
    "badVerb": "The address is not that of an OAI-PMH endpoint, or it is not sound; check it",
    "cannotDisseminateFormat": "Choose a format that the repository has with --metadata-prefix",
    "idDoesNotExist": "Check the identifier, or ask the repository where the record went",
    "noRecordsMatch": "Nothing to do: the repository has no records of this kind in this time",
    "noMetadataFormats": "The repository has no metadata of this item; ask it",
    "noSetHierarchy": "The repository has no sets: leave --set out",
}
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one record.

    Attributes:
        identifier: The OAI identifier; empty where the repository left it out.
        datestamp: When the record was made, changed or deleted, as the repository writes it.
        deleted: Whether the record is gone.
    """

    identifier: str
    datestamp: str | None = None
    deleted: bool = False

    @classmethod
    def of(cls, element: etree._Element | None) -> Header:
        """Return the header that an element holds."""
        datestamp = plain(child(element, "datestamp")) or None
        status = "" if element is None else (element.get("status") or "")
        return cls(plain(child(element, "identifier")), datestamp, status.strip().lower() == "deleted")


def plain(element: etree._Element | None) -> str:
    """Return the readable text of an element on one line; empty for None."""
    return "" if element is None else plain_text(render(element))


def texts(element: etree._Element, *names: str) -> list[str]:
    """Return the readable texts of the children of these names that have any."""
    return [text for found in children(element, *names) if (text := plain(found))]


def first_text(element: etree._Element | None, *names: str) -> str | None:
    """Return the first readable text of a child of these names."""
    return None if element is None else next(iter(texts(element, *names)), None)


def date_time(text: str) -> str | None:
    """Return a response's date as xsd:dateTime, or None; without a time zone it is UTC, as the protocol demands.

    Example:
        >>> date_time("2013-03-15T12:24:50"), date_time("yesterday")
        ('2013-03-15T12:24:50Z', None)
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    moment = f"{match[1]}T{match[2]}{match[3] or 'Z'}"
    try:
        datetime.fromisoformat(moment)
    except ValueError:  # no day of the calendar
        return None
    return moment
