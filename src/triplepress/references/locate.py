"""Where in a publication: year, volume, issue and pages, each printed convention a pattern of its own."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from triplepress.references.characters import DASHES, UPPER

_D: Final = DASHES
YEAR: Final = r"(?:1[5-9][0-9]{2}|20[0-9]{2})"
MONTH: Final = (
    r"(?:jan|fe[bv]|mar|a[pbv]r|ma[iyj]|jun|jul|a[ug][go]|sep|se[tp]|o[ckut]t|nov|d[eiz][czs]|spring|summer|autumn"
    r"|fall|winter|"
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[^\W\d]*\.?"
)
_PAGE: Final = r"(?:[A-Za-zСсЕе]{1,4}[-.]?(?=[0-9]))?[0-9]+(?:[.·][A-Za-z]?[0-9]+)?(?:[A-Za-z](?![A-Za-z])[0-9]*)?"
_PAGES: Final = rf"(?:{_PAGE}(?:\s?[{_D}]{{1,2}}\s?{_PAGE})?)"
# Eos-like thousands: "11 335–11 351".
_SPACED_PAGES: Final = rf"[0-9]{{1,3}} [0-9]{{3}}\s?[{_D}]\s?[0-9]{{1,3}} [0-9]{{3}}(?![0-9])"
_ROMAN_PAGES: Final = rf"[ivxlc]{{1,7}}(?:\s?[{_D}]\s?[ivxlc]{{1,7}})?\b"
_VOLUME: Final = rf"(?:[A-Z]{{1,2}}[-.]?)?[0-9]{{1,5}}(?:[{_D}/][0-9]{{1,4}})?[A-Z]?"
_SUPPLEMENT: Final = r"(?:suppl(?:ement)?|supl|pt|part|spec(?:ial)?(?:\s?no| issue| iss)?|дополнение|прил)\b\.?"
_IN_BRACKETS: Final = r"\(\s?(?P<issue>[^()]{1,30}?)\s?\)"
_YEAR_IN_BRACKETS: Final = rf"\((?P<year>{YEAR})[a-z]?\)"
_PAGE_WORD: Final = r"(?:(?:pp?|pgs?|pages?|art(?:icle)?(?:\s(?:no|id)\.?|\snumber)?|с|стр|s)\b\.?\s?)?"
_END: Final = r"(?![\w])"

# Such as "2004;99:510-20"  "2017;19(3):387-94"  "2006;15 Suppl. 2:S192-300"  "1988, 37, 785"  "2020 Jan 6;70(1):10"
_YEAR_FIRST: Final = re.compile(
    rf"(?<![\w{_D}/])\(?(?P<year>{YEAR})[a-z]?\)?\.?(?:\s{MONTH}(?:[{_D}/\s]+(?:{MONTH}|[0-9]{{1,2}}"
    rf"(?:[{_D}][0-9]{{1,2}})?(?![\w:(])))*)?\s?[;,:]\s?"
    rf"(?:vol\.?\s?)?(?P<volume>{_VOLUME})?\s?(?:{_IN_BRACKETS}|(?P<supplement>{_SUPPLEMENT}\s?[0-9A-Z]{{0,3}}))?\s?"
    rf"(?P<mark>[:,])\s?"
    rf"{_PAGE_WORD}(?P<pages>{_SPACED_PAGES}|{_PAGES}){_END}",
    re.IGNORECASE,
)
# Such as "91 (3) (2009) 652–663"  "47(6), 1-14"  "22 (12): 1232"  "37 (2003) 5453"  "70(1) 10"
_VOLUME_ISSUE: Final = re.compile(
    rf"(?<![\w({_D}/.])(?P<volume>{_VOLUME})\s?{_IN_BRACKETS}(?:\s?{_YEAR_IN_BRACKETS})?\s?[:,;.]?\s?{_PAGE_WORD}"
    rf"(?P<pages>{_SPACED_PAGES}|{_PAGES}|{_ROMAN_PAGES}){_END}",
    re.IGNORECASE,
)
# Such as "65, 375 (2019) 416"
_VOLUME_COMMA_ISSUE: Final = re.compile(
    rf"(?<![\w({_D}/.])(?P<volume>{_VOLUME})\s?,\s(?P<issue>[0-9]{{1,4}}"
    rf"(?:[{_D}/][0-9]{{1,4}})?)\s?{_YEAR_IN_BRACKETS}\s?,?\s?(?P<pages>{_PAGES}){_END}"
)
# Such as "7, 428 (2019)"  "37, no. 3, 12-14 (2001)" is the labelled kind
_VOLUME_PAGE_YEAR: Final = re.compile(
    rf"(?<![\w({_D}/.])(?P<volume>{_VOLUME})\s?(?:{_IN_BRACKETS})?\s?[,:]\s?"
    rf"(?P<pages>{_PAGES})\s?,?\s?{_YEAR_IN_BRACKETS}"
)
# Such as "27:899-912"  "94: e20220493"
_VOLUME_COLON: Final = re.compile(
    rf"(?<![\w({_D}/.])(?P<volume>{_VOLUME})\s?(?:"
    rf"(?P<supplement>{_SUPPLEMENT}\s?[0-9A-Z]{{0,3}})\s?)?:\s?[:,]?\s?{_PAGE_WORD}(?P<pages>{_SPACED_PAGES}"
    rf"|{_PAGES}){_END}(?!:)",
    re.IGNORECASE,
)
# Such as "Journal, 251, 118-126"  "Journal, 6, e14699"
_VOLUME_COMMA: Final = re.compile(
    rf"(?:(?<=[,.]\s)|(?<=[^\W\d],))(?P<volume>[0-9]{{1,4}}(?:[{_D}][0-9]{{1,4}})?[A-Z]?)\s?,\s?{_PAGE_WORD}"
    rf"(?P<pages>{_SPACED_PAGES}|{_PAGE}\s?[{_D}]\s?{_PAGE}|(?:[A-Za-z]{{1,4}}(?=[0-9]{{3}})"
    rf"|[A-Za-z])?[0-9]{{1,12}}){_END}(?!\s?[{_D}:])"
    rf"|(?<=[^\W\d]\s)(?P<volume2>[0-9]{{1,4}}[A-Z]?)\s?,\s?{_PAGE_WORD}(?P<pages2>{_PAGE}\s?[{_D}]\s?{_PAGE}"
    rf"|[A-Za-z]?[0-9]{{1,8}}){_END}(?!\s?[{_D}:])"
    rf"|(?<=[,.]\s)(?P<pages3>[A-Z]{{2,5}}[0-9]{{6,}})$"
)
# Such as "Biota Neotropica 6(2)." and "2008;13(120)."
_VOLUME_ISSUE_ALONE: Final = re.compile(
    rf"(?:(?P<year>{YEAR})[a-z]?\s?[;,:]\s?|(?<=[^\W\d][ ,.])\s?)(?P<volume>[0-9]{{1,4}})\s?\((?P<issue>[0-9]{{1,4}}"
    rf"(?:[{_D}/][0-9]{{1,4}})?)\)(?=[.,;]?\s*(?:$|[{UPPER}]))"
)
# Such as "Madison, WI, 725–734." and "New York, 1985; 296."
_PAGES_ALONE: Final = re.compile(
    rf"(?:(?P<year>{YEAR})\s?[;:]\s?(?P<pages2>[0-9]{{1,4}}|{_PAGE}\s?[{_D}]\s?{_PAGE})|,\s"
    rf"(?P<pages>[0-9]{{1,4}}\s?[{_D}]\s?[0-9]{{1,4}}))(?=[.,;]?\s*$)"
)
# Such as "Memoirs, 55," where the year stood with the authors
_VOLUME_ALONE: Final = re.compile(r"(?<=[^\W\d],\s)(?P<volume>[0-9]{1,3})(?=[.,]?\s*$)")
_NUMBERED: Final = re.compile(
    rf"(?P<volume>(?<![\w{_D}])[0-9]{{1,4}}[A-Z]?)\s?,\s(?=(?:no|nos|iss|issue|№)\b\.?)", re.IGNORECASE
)
_VOLUME_WORD: Final = re.compile(
    rf"(?<![\w.])(?:vol(?:ume|s)?\b\.?|v\.|v(?=\s[0-9])|том\b|т\.|t\.|tom\b\.?|bd\b\.?|band\b|tome\b|jg\.)\s?"
    rf"(?P<volume>{_VOLUME}|[IVXLC]{{1,8}}\b)(?:\s?\(\s?(?P<issue>[0-9]{{1,4}}(?:\s?[{_D}/]\s?[0-9]{{1,4}})?)\s?\))?",
    re.IGNORECASE,
)
_NUMBER: Final = r"(?:[A-ZА-Я]{0,2}[0-9]{1,5}[A-ZА-Яа-яa-z]?\b|[IVXLC]{1,6}\b)"
_ISSUE_WORD: Final = re.compile(
    rf"(?<![\w.])(?:nos?\.|no(?=\s[0-9])|n\.|n\.?[º°o]\.?|num\b\.?|núm\b\.?|nr\b\.?|№№?|issues?\b|iss\b\.?|вып\b\.?"
    rf"|выпуск\b|vyp\b\.?|heft\b|h\.|fasc\b\.?)"
    rf"\s?(?P<issue>{_NUMBER}(?:\s?[{_D}/]\s?{_NUMBER})?(?:\s?\(\s?[0-9]{{1,5}}(?:\s?[{_D}/]\s?[0-9]{{1,5}})?\s?\))?)"
    rf"(?![.,]?[0-9]|[{_D}/]\w)",
    re.IGNORECASE,
)
_PAGES_WORD: Final = re.compile(
    rf"(?<![\w./])(?:pp?\.|pp(?=\s[0-9])|pgs?\b\.?|pages?\b|стр\b\.?|с\.|c\.|s\.|art(?:icle)?\b\.?(?:\s?(?:no\b\.?"
    rf"|id\b|number|№))?|статья|ст\.)\s?"
    rf"(?P<pages>{_SPACED_PAGES}|{_PAGES}|{_ROMAN_PAGES})(?![\w])(?!\s?(?:p\.|pp\.|с\.|стр))",
    re.IGNORECASE,
)
_TOTAL_PAGES: Final = re.compile(
    r"(?<![\w])[0-9]{1,4}\s?(?:p|pp|с|c|s|стр|pages|pág|págs|seiten)\b\.?(?!\s?[0-9])", re.IGNORECASE
)
# A plain search for one of these is many times faster than trying the patterns at every character.
_HINTS: Final = (
    "vol",
    "v.",
    " v ",
    "no.",
    " no ",
    "nos.",
    "n.",
    "n º",
    "nº",
    "n°",
    "num",
    "núm",
    " nr",
    "iss",
    "p.",
    "pp ",
    "pp.",
    "page",
    " art",
    "т.",
    "t.",
    "том",
    "tom",
    "№",
    "вып",
    "vyp",
    "с.",
    "стр",
    " s.",
    " bd",
    "band",
    " jg",
    "heft",
    " h.",
    "fasc",
    "pgs",
)
_YEAR_TOKEN: Final = re.compile(
    rf"(?<![\w{_D}/.:])(?:c|©)?(?P<year>{YEAR})(?:[a-zа-г](?![\w]))?(?![\w]|[{_D}/]\s?[0-9]|\.[0-9]|\sгод)"
)
_YEAR_RANGE_END: Final = re.compile(rf"{YEAR}[{_D}/](?P<year>{YEAR})(?![\w{_D}])")
_IS_YEAR: Final = re.compile(rf"{YEAR}[a-z]?")
_YEAR_IN_ISSUE: Final = re.compile(rf"{MONTH}\s(?P<year>{YEAR})|(?P<year2>{YEAR})", re.IGNORECASE)
_TRAILING_CODE: Final = re.compile(r"(?<=[0-9])\.?\s+[1-9][0-9]{6,8}\s*$")
_DIGIT: Final = re.compile(r"[0-9]")


class Location(NamedTuple):
    """Where a reference points to; `start` and `end` delimit it in the text (`start` = length where there is none)."""

    start: int
    end: int
    volume: str | None
    issue: str | None
    pages: str | None
    year: str | None
    year_start: int


def locate(text: str, start: int, *, dated: bool = False) -> Location:
    """Return volume, issue, pages and the year that stands with them.

    Args:
        text: The reference without identifiers.
        start: Where its author line ends, in characters from 0; nothing before it is looked at.
        dated: Whether the year stood with the authors, so that a number like a year may be a page.
    """
    digit = _DIGIT.search(text, start)
    if digit is None:
        return Location(len(text), len(text), None, None, None, None, -1)
    start = max(start, digit.start() - 16)  # nothing before the first number but its label is of interest
    lower = text[start:].lower()
    labelled = None
    for hint in _HINTS:
        if hint in lower:
            labelled = _labelled(text, start)
            break
    if labelled and labelled.pages and (labelled.volume or labelled.issue):
        return labelled
    printed = _printed(text, start, dated=dated)
    if printed is None and labelled is None and dated:
        alone = _VOLUME_ALONE.search(text, start)
        if alone:
            return Location(alone.start(), alone.end(), alone["volume"], None, None, None, -1)
    if printed is None:
        return labelled or Location(len(text), len(text), None, None, None, None, -1)
    if labelled and (labelled.volume or labelled.issue) and labelled.start <= printed.start:
        return labelled
    return printed


def _printed(text: str, start: int, *, dated: bool) -> Location | None:
    """Return a location that is written without labels, the last of the first kind that fits."""
    for pattern, needed in _PRINTED:
        if needed and needed not in text:
            continue
        last = None
        for match in pattern.finditer(text, start):
            last = match
            if pattern is _YEAR_FIRST:
                break  # what follows it ("Erratum in: …") is of another work
        if last and not (
            pattern is _VOLUME_COMMA and not dated and _IS_YEAR.fullmatch(last["pages"] or last["pages2"] or "")
        ):
            found = _from_match(last)
            if found:
                return found
    return None


def _from_match(match: re.Match[str]) -> Location | None:
    """Return the location in a match, or None when its numbers only look like one."""
    groups = match.groupdict()
    volume = groups.get("volume") or groups.get("volume2")
    issue, pages, year = (
        groups.get("issue"),
        groups.get("pages") or groups.get("pages2") or groups.get("pages3"),
        groups.get("year"),
    )
    if issue and year is None:
        date = _YEAR_IN_ISSUE.fullmatch(issue)
        if date:
            year, issue = date["year"] or date["year2"], None
    if groups.get("supplement"):
        issue = groups["supplement"]
    if match.re is _YEAR_FIRST and volume is None and issue is None and groups.get("mark") == ",":
        return None
    if match.re is _VOLUME_ISSUE and issue and not any(character.isdigit() for character in issue) and len(issue) > 12:
        return None
    if volume and year is None and match.re is not _YEAR_FIRST and _IS_YEAR.fullmatch(volume):
        # "2019: 100-120", "BMJ 2005(7497),932": the year, and no volume
        return Location(match.start(), match.end(), None, issue, pages, volume[:4], match.start())
    at = match.start("year") if year is not None and groups.get("year") else match.start()
    return Location(match.start(), match.end(), volume, issue, pages, year, at)


def _labelled(text: str, start: int) -> Location | None:
    """Return a location whose parts are labelled: Vol., No., P., Т., №, С. and their like."""
    volume = issue = pages = None
    first, last = len(text), start
    match = _VOLUME_WORD.search(text, start)
    if match:
        volume, issue = match["volume"], match["issue"]
        first, last = match.start(), match.end()
    number = None
    for number in _ISSUE_WORD.finditer(text, last if volume else start):
        if _OF_A_LAW.search(text, max(start, number.start() - 16), number.start()):
            number = None
            break
        if issue is None or volume:
            break
    if number:
        issue = number["issue"] if issue is None else issue
        first, last = min(first, number.start()), max(last, number.end())
        if volume is None:
            before = None
            for found in _NUMBERED.finditer(text, start, number.start() + 2):
                before = found
            if before and before.end() == number.start():
                first = min(first, before.start())
                if _IS_YEAR.fullmatch(before["volume"]):
                    return _with_pages(text, start, Location(first, last, None, issue, None, before["volume"], first))
                volume = before["volume"]
    page = None
    for found in _PAGES_WORD.finditer(text, last if volume or issue else start):
        page = found
        if volume or issue:
            break
    if page and not _is_total(text, page):
        pages = page["pages"]
        first, last = min(first, page.start()), max(last, page.end())
    elif volume or issue:
        after = _AFTER_LABELS.match(text, last)
        if after and not _IS_YEAR.fullmatch(after["pages"]):
            pages = after["pages"]
            last = after.end()
    if volume is None and issue is None and pages is None:
        return None
    year, year_start = None, -1
    inside = _YEAR_TOKEN.search(text, first, last + 1) if pages or volume else None
    if inside and (not page or inside.end() <= page.start("pages") or inside.start() >= page.end("pages")):
        year, year_start = inside["year"], inside.start()
        if year in (volume, issue):
            year, year_start = None, -1
    return Location(first, last, volume, issue, pages, year, year_start)


def _with_pages(text: str, start: int, found: Location) -> Location:
    """Return a location completed by the labelled pages after it."""
    page = _PAGES_WORD.search(text, max(start, found.end))
    if page:
        return found._replace(pages=page["pages"], end=max(found.end, page.end()))
    after = _AFTER_LABELS.match(text, found.end)
    return found._replace(pages=after["pages"], end=after.end()) if after else found


_OF_A_LAW: Final = re.compile(
    r"(?:lei|decreto|portaria|resolução|law|act|order|directive|regulation|report|patent|закон|фз|указ|приказ"
    r"|постановлени[ея]|распоряжени[ея]|от\s[0-9.]{8,10}|complementar|grant)[\s,]*$",
    re.IGNORECASE,
)
_AFTER_LABELS: Final = re.compile(
    rf"\s?(?:[,:;.]|\((?:{MONTH}\s)?{YEAR}\)\s?[:,.]?|,\s(?:{MONTH}\s)?{YEAR}\s?[:,])\s?(?P<pages>{_PAGES})(?!\w)"
    rf"(?!\s?(?:{MONTH}))",
    re.IGNORECASE,
)
_PRINTED: Final = (
    (_YEAR_FIRST, ""),
    (_VOLUME_COMMA_ISSUE, "("),
    (_VOLUME_ISSUE, "("),
    (_VOLUME_PAGE_YEAR, "("),
    (_VOLUME_COLON, ":"),
    (_VOLUME_ISSUE_ALONE, "("),
    (_VOLUME_COMMA, ""),
    (_PAGES_ALONE, ""),
)


def _is_total(text: str, page: re.Match[str]) -> bool:
    """Tell whether "pp. 329" counts the pages of a book: a number alone, at the very end, right after the year."""
    pages = page["pages"]
    if any(character in pages for character in "-‐‑‒–—−"):
        return False
    if not page.group().lower().startswith("pp"):
        return False
    return bool(_YEAR_BEFORE.search(text, max(0, page.start() - 12), page.start())) and len(text) - page.end() < 4


_YEAR_BEFORE: Final = re.compile(rf"{YEAR}[.,;\s{_D}]*$")


def split_pages(pages: str) -> tuple[str, str | None]:
    """Return first and last page; an abbreviated last page is made complete.

    Example:
        >>> split_pages("447-85"), split_pages("S192-300"), split_pages("e14699")
        (('447', '485'), ('S192', 'S300'), ('e14699', None))
    """
    parts = _DASH.split(pages.replace(" ", ""), maxsplit=1)
    first = parts[0]
    if len(parts) == 1 or not parts[1]:
        return first, None
    last = parts[1]
    if last.isdigit():
        head = _PREFIX.fullmatch(first)
        if head:
            digits = head["digits"]
            if len(last) < len(digits):
                last = digits[: len(digits) - len(last)] + last
            if head["prefix"]:
                last = head["prefix"] + last
    return first, last


_DASH: Final = re.compile(rf"[{_D}]+")
_PREFIX: Final = re.compile(r"(?P<prefix>[^\W\d]*)(?P<digits>[0-9]+)")


def years(text: str, start: int, end: int) -> list[re.Match[str]]:
    """Return the years that stand alone in a stretch of text, neither part of a range nor of a number."""
    return list(_YEAR_TOKEN.finditer(text, start, end))


def without_total_pages(text: str) -> str:
    """Return `text` without the number of pages of a book ("235 p.")."""
    return _TOTAL_PAGES.sub("", text)
