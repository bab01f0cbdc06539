"""Content negotiation: which of the offered formats a client's `Accept` asks for.

References:
    RFC 9110, HTTP Semantics, sections 5.6 (lists, quoted strings), 12.4.2 (quality values), 12.5.1 (Accept).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers

from triplepress.rdf.formats import Format

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the grammar's own word
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
# One element of the list: commas inside quoted strings do not end it.
_ELEMENT: Final = re.compile(rf"(?:{_QUOTED}|[^,\"]|\")+?(?=,|$)", re.DOTALL)
_RANGE: Final = re.compile(rf"\s*({_TOKEN})(?:/({_TOKEN}))?\s*((?:;.*)?)$", re.DOTALL)
_PARAMETER: Final = re.compile(rf";\s*(?:({_TOKEN})\s*=\s*({_QUOTED}|{_TOKEN})?)?\s*", re.DOTALL)
_QUALITY: Final = re.compile(r"\d*\.?\d*$")
# A header is a few hundred bytes; a longer list is cut so that a hostile one costs nothing.
_MAX_ELEMENTS: Final = 64


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One media range of an `Accept`, lower-cased, `*` for a wildcard; `quality` from 0 to 1."""

    type: str
    subtype: str
    quality: float
    narrowed: bool = False
    """Whether it carries parameters that are not ours (a profile, a level): it then asks for less than its type."""

    def specificity(self, media_type: str) -> int:
        """Return how closely the range names a media type: 0 not at all, 4 exactly."""
        type_, _, subtype = media_type.partition("/")
        if self.type == "*":
            return 1
        if self.type != type_:
            return 0
        if self.subtype == "*":
            return 2
        if self.subtype != subtype:
            return 0
        return 3 if self.narrowed else 4


def parse_accept(accept: str) -> tuple[MediaRange, ...]:
    """Return the media ranges of an `Accept`, in its order; what is malformed is left out.

    Example:
        >>> [(r.type, r.subtype, r.quality) for r in parse_accept("text/turtle;q=0.5, */*;q=.1, nonsense//")]
        [('text', 'turtle', 0.5), ('*', '*', 0.1)]
    """
    ranges = []
    for element in accept.split(",", _MAX_ELEMENTS) if '"' not in accept else _ELEMENT.findall(accept):
        found = _parse_range(element)
        if found is not None:
            ranges.append(found)
    return tuple(ranges[:_MAX_ELEMENTS])


def _parse_range(element: str) -> MediaRange | None:
    """Return one media range, None when it is malformed."""
    match = _RANGE.match(element)
    if match is None:
        return None
    type_, subtype, rest = match[1].lower(), (match[2] or "").lower(), match[3]
    if not subtype:
        if type_ != "*":
            return None
        # Old Java clients write a lone "*".
        subtype = "*"
    if type_ == "*" and subtype != "*":
        return None
    quality, narrowed = 1.0, False
    position = 0
    while position < len(rest):
        parameter = _PARAMETER.match(rest, position)
        if parameter is None:
            return None
        position = parameter.end()
        name, value = (parameter[1] or "").lower(), (parameter[2] or "").strip('"')
        if name == "q":
            if not _QUALITY.match(value) or value in {"", "."}:
                return None
            quality = min(float(value), 1.0)
        elif name and not (name == "charset" and value.lower() in {"utf-8", "utf8"}):
            narrowed = True
    return MediaRange(type_, subtype, quality, narrowed)


def negotiate(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """Return the offered format that a client likes best.

    The most specific range that matches a format decides its quality, so `text/turtle;q=0, */*` refuses Turtle. Among
    formats of one quality those named outright come before those that only a wildcard covers, then the order of
    `offered` decides. A media type that is an alias of a format counts only when it is named outright.

    Args:
        accept: The header's value (several headers joined by commas), or None.
        offered: The formats there are, best first.

    Returns:
        The format, or None when nothing offered is acceptable. No header, an empty one, or one of which nothing is
        well formed takes anything.

    Example:
        >>> from triplepress.rdf.formats import GRAPH_FORMATS
        >>> negotiate("application/rdf+xml;q=0.9, text/*;q=0.4", GRAPH_FORMATS).name
        'rdf'
    """
    ranges = parse_accept(accept) if accept else ()
    if not ranges:
        return offered[0] if offered else None
    best: Format | None = None
    best_rank = (0.0, 0)
    for candidate in offered:
        quality, specificity = max(
            _rank(ranges, candidate.media_type, 1), *(_rank(ranges, alias, 3) for alias in candidate.aliases), (0.0, 0)
        )
        rank = (quality, specificity >= 3)
        if quality > 0 and rank > best_rank:
            best, best_rank = candidate, rank
    return best


def _rank(ranges: Sequence[MediaRange], media_type: str, least: int) -> tuple[float, int]:
    """Return quality and specificity of the range that speaks for a media type, (0, 0) without one."""
    speaking = (0, 0.0)
    for media_range in ranges:
        specificity = media_range.specificity(media_type)
        if specificity >= least:
            speaking = max(speaking, (specificity, media_range.quality))
    return speaking[1], speaking[0]


def accept_of(headers: Headers) -> str | None:
    """Return a request's `Accept`, several header lines joined as RFC 9110, 5.3 says."""
    return ", ".join(headers.getlist("accept")) or None
