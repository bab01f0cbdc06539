"""Names as catalogues write them, family name first."""

from __future__ import annotations

import re
from typing import Final

# Words that follow the comma of an organisation's name, not of a person's.
_ORGANISATION: Final = re.compile(
    r"\b(?:universit|institut|departm|minist|academy|associat|societ|council|committee|consort|collaborat|centre|center"
    r"|group|laborator|hospital|college|school|foundation|inc\b|ltd\b|университет|институт|академи|министерств|общество"
    r"|центр|кафедр|лаборатор)",
    re.IGNORECASE,
)


_SUFFIX: Final = re.compile(r"(?:Jr|Sr|II|III|IV)\.?", re.IGNORECASE)


def name_parts(stated: str) -> tuple[str, str | None, str | None]:
    """Return name, given and family name of `Family, Given[, Jr.]`; of anything else the name as it stands.

    Example:
        >>> name_parts("Filippov, M. V."), name_parts("M. V. Filippov")
        (('M. V. Filippov', 'M. V.', 'Filippov'), ('M. V. Filippov', None, None))
        >>> name_parts("Institute of Examples, Tomsk")
        ('Institute of Examples, Tomsk', None, None)
        >>> name_parts("Filippov, M. V., Jr.")
        ('M. V. Filippov, Jr.', 'M. V.', 'Filippov')
    """
    family, comma, given = (part.strip() for part in stated.partition(","))
    parts = [part.strip() for part in given.split(",")]
    at = next((at for at, part in enumerate(parts) if _SUFFIX.fullmatch(part)), None)
    if at is not None and len(parts) == 2 and all(parts):  # "Smith, John, Jr." of RIS, "Smith, Jr., John" of BibTeX
        return f"{parts[1 - at]} {family}, {parts[at]}", parts[1 - at], family
    if not comma or not family or not given or "," in given or len(given.split()) > 4 or _ORGANISATION.search(stated):
        return stated, None, None
    return f"{given} {family}", given, family
