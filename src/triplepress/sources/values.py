"""Small values that several formats state alike: JSON texts and objects, web addresses, page ranges, dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from triplepress.sources.markup import plain_text

_NOTHING: Final = frozenset({"null", "none", "n/a", "undefined", "-", "–", "—"})
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ABSTRACT_HEADINGS: Final = frozenset(
    {"abstract", "summary", "аннотация", "реферат", "резюме", "анотація", "resumen", "resumo", "sumario", "sumário"}
    | {"résumé", "zusammenfassung", "riassunto", "streszczenie", "摘要", "초록"}
)
_MAIL: Final = re.compile(
    r"[\s,;.(]*\b(?:e-?mails?|electronic address|correo(?: electr[oó]nico)?)?[\s:]*[^\s@<>();,]+@[^\s@<>();,]+\)?",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"\s*(\w+)\s*[-–—]{1,2}\s*(\w+)\s*")


def known(text: str | None) -> str | None:
    """Return a volume, issue or page, or None where the source wrote a word for nothing.

    Example:
        >>> known("12"), known("null"), known(" ")
        ('12', None, None)
    """
    bare = (text or "").strip()
    return None if not bare or bare.lower() in _NOTHING else bare


def page_range(text: str | None) -> tuple[str | None, str | None]:
    """Return first and last page of `1-5`, `e116-e116` or `S1–S5`; of anything else the whole as the first.

    Example:
        >>> page_range("444-445"), page_range("e308"), page_range("1,7-9")
        (('444', '445'), ('e308', None), ('1,7-9', None))
    """
    stated = known(text)
    if stated is None:
        return None, None
    match = _PAGE.fullmatch(stated)
    return (match[1], match[2]) if match else (stated, None)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an absolute http(s) address without blanks.

    Example:
        >>> is_web_address("https://example.org/a"), is_web_address("www.example.org")
        (True, False)
    """
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:  # "http://[" and the like
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def without_mail(text: str) -> str:
    """Return a text without e-mail addresses and the words that announce them; they are never kept.

    Example:
        >>> without_mail("Institute of Examples, Tomsk; e-mail: a.author@example.org")
        'Institute of Examples, Tomsk'
    """
    if "@" not in text:
        return text
    return _MAIL.sub("", text).strip(" ,;:.(")


def as_text(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON a source states
    """Return a JSON value as text: a string that is not blank, or a whole number; else None.

    Example:
        >>> as_text(" a "), as_text(12), as_text(True), as_text({})
        ('a', '12', None, None)
    """
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def as_texts(value: Any) -> list[str]:  # noqa: ANN401
    """Return the texts in a text or a list of texts: sources and their generations differ in that.

    Example:
        >>> as_texts("a"), as_texts(["a", None, "b"]), as_texts(None)
        (['a'], ['a', 'b'], [])
    """
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := as_text(item))]


def as_clean(value: Any) -> str | None:  # noqa: ANN401
    """Return a text without markup, or None.

    Example:
        >>> as_clean("<i>In vitro</i> &amp; after"), as_clean("<b></b>")
        ('In vitro & after', None)
    """
    text = as_text(value)
    return (plain_text(text) or None) if text else None


def as_object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return a JSON object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Return the objects of a JSON list, or of a single one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def date_of(parts: Sequence[Any]) -> str | None:
    """Return year, month and day as a date of the calendar, at the precision that is sound; None without a year.

    Args:
        parts: Whole numbers or their digits; what follows a part that is none is left out.

    Example:
        >>> date_of([2024, 2, 30]), date_of(["2024", "2"]), date_of([2024, 0]), date_of([None])
        ('2024-02', '2024-02', '2024', None)
    """
    numbers: list[int] = []
    for part in parts[:3]:
        text = as_text(part)
        if text is None or not (text.isascii() and text.isdigit()) or int(text) == 0:
            break
        numbers.append(int(text))
    if not numbers or not 1000 <= numbers[0] <= 9999:
        return None
    for length in range(len(numbers), 1, -1):
        try:
            date(*[*numbers[:length], 1, 1][:3])
        except ValueError:
            continue
        return "-".join([f"{numbers[0]:04d}", *(f"{number:02d}" for number in numbers[1:length])])
    return f"{numbers[0]:04d}"


def date_in(text: str | None) -> str | None:
    """Return the date of `2024-05-01T…`, `2024/05`, `10 May 2006` or `May 10, 2006`; None of anything else.

    Example:
        >>> date_in("2024-05-01T10:00:00Z"), date_in("10 May 2006"), date_in("May 10, 2006"), date_in("spring 2006")
        ('2024-05-01', '2006-05-10', '2006-05-10', None)
    """
    stated = " ".join((text or "").split())
    if match := re.fullmatch(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2})(?:[T ].*)?)?)?", stated):
        return date_of([part for part in match.groups() if part])
    if match := re.fullmatch(r"(?:([0-9]{1,2}) )?([A-Za-z]{3,9})\.?,? ([0-9]{4})", stated):
        day, month, year = match.groups()
    elif match := re.fullmatch(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}), ?([0-9]{4})", stated):
        month, day, year = match.groups()
    else:
        return None
    number = month_number(month)
    return date_of([year, number, *([day] if day else [])]) if number else None


def month_number(text: str | None) -> int | None:
    """Return the number of a month written in digits or in English, in full or its first three letters.

    Example:
        >>> month_number("7"), month_number("July"), month_number("Sep"), month_number("summer")
        (7, 7, 9, None)
    """
    word = (text or "").strip().rstrip(".").lower()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    if word == "sept":
        return 9
    return next((at for at, month in enumerate(_MONTHS, start=1) if word in (month, month[:3])), None)


def is_abstract_heading(text: str) -> bool:
    """Tell whether a heading only says that an abstract follows; "Objective" and the like belong to the abstract.

    Example:
        >>> is_abstract_heading("Abstract:"), is_abstract_heading("Objective")
        (True, False)
    """
    return text.strip(" .:").lower() in _ABSTRACT_HEADINGS
