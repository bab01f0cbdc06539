"""DOI, ISSN, ORCID and ROR: parse, check, canonical form, and the DOIs that hide in running text.

The rules for DOIs (lower-case ASCII letters only, what is stripped from running text and never from a field, which
characters are percent-encoded) are those of the application profile, section 4.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import quote, unquote

from triplepress.errors import RecordError

_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_DOI_URL: Final = re.compile(r"(?:https?:)?//(?:www\.)?(?:dx\.)?doi\.org/+|(?:dx\.)?doi\.org/+", re.IGNORECASE)
_DOI_LABEL: Final = re.compile(r"(?:info:doi/|urn:doi:|doi\s*[:=]?\s*)", re.IGNORECASE)
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# RFC 3986 pchar and "/": what may stand unencoded in a path; the profile, section 4.3.
_PCHAR: Final = "-._~!$&'()*+,;=:@/"
_SEGMENT: Final = "-._~!$&'()*+,;=:@"
_CLOSING: Final = {")": "(", "]": "[", "}": "{", ">": "<", "»": "«", "”": "“"}
_TAIL: Final = ".,;:!?…'\"’"
# A DOI in running text ends at white space, a quotation mark or an angle bracket, unless the bracket is part of a SICI.
_IN_TEXT: Final = re.compile(
    r"(?P<url>(?:dx\.)?doi\.org/+)?(?<![0-9./])(?P<doi>10\.[0-9]{4,9}(?:\.[0-9]+)*/"
    r"(?:<[^<>\s]{1,60}>[0-9]\.[0-9]\.[A-Za-z]{2};2-[0-9A-Za-z]|[^\s\"“”«»<>])+)",
    re.IGNORECASE,
)


def normalise_doi(text: str, *, running_text: bool = False) -> str:
    """Return the DOI that `text` is, bare and canonical.

    Args:
        text: A DOI, with or without `doi:`, `info:doi/` or a resolver's address before it.
        running_text: Whether it was cut out of prose; then a sentence's punctuation and unbalanced closing brackets at
            its end are taken off. From a DOI field nothing is taken off: `10.17070/aeaas.2014.12.36.` is one.

    Returns:
        NFC text that starts with `10.`; ASCII letters in lower case, all others as they are; never percent-encoded.

    Raises:
        RecordError: It is not a DOI.

    Example:
        >>> normalise_doi("https://doi.org/10.46272/IT.2025.23.1.80.1")
        '10.46272/it.2025.23.1.80.1'
        >>> normalise_doi("10.24975/broken 2024")
        Traceback (most recent call last):
        ...
        triplepress.errors.RecordError: doi “10.24975/broken 2024”: not a DOI. ...

    References:
        DOI Handbook, section 3 (numbering); ISO 26324.
    """
    bare = text.strip()
    url = _DOI_URL.match(bare)
    if url:
        bare = unquote(bare[url.end() :])
    else:
        label = _DOI_LABEL.match(bare)
        if label:
            bare = bare[label.end() :]
            url = _DOI_URL.match(bare)
            if url:
                bare = unquote(bare[url.end() :])
    if running_text:
        bare = _without_tail(bare)
    bare = unicodedata.normalize("NFC", bare).translate(_ASCII_LOWER)
    if not _DOI.fullmatch(bare) or not bare.isprintable():
        raise RecordError("doi", text, "not a DOI", "A DOI looks like 10.1234/abc, without blanks; correct it")
    return bare


def _without_tail(text: str) -> str:
    """Return `text` without the punctuation and unbalanced closing brackets at its end."""
    end = len(text)
    while end:
        last = text[end - 1]
        opening = _CLOSING.get(last)
        unbalanced = opening is not None and text.count(opening, 0, end) < text.count(last, 0, end)
        if last not in _TAIL and not unbalanced:
            break
        end -= 1
    return text[:end]


def find_dois(text: str) -> list[str]:
    """Return the DOIs that a piece of running text names, canonical, each once, in order.

    Args:
        text: Prose, such as a reference; HTML entities and percent-escapes in resolver addresses are understood.

    Returns:
        Canonical DOIs (see `normalise_doi`); what merely resembles one is left out.

    Example:
        >>> find_dois("One Earth. 2021. Vol. 4. P. 1674–1675, DOI: 10.1016/j.oneear.2021.12.001.")
        ['10.1016/j.oneear.2021.12.001']
        >>> find_dois("(see 10.1002/(SICI)1097-4571(199806)49:8&lt;693::AID-ASI4&gt;3.0.CO;2-O).")
        ['10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o']
    """
    found: dict[str, None] = {}
    for match in _IN_TEXT.finditer(html.unescape(text) if "&" in text else text):
        printed = match["doi"]
        candidate = f"https://doi.org/{printed}" if match["url"] else printed
        try:
            found[normalise_doi(candidate, running_text=True)] = None
        except RecordError:
            continue  # "10.1234/" and a full stop: it only looked like one
    return list(found)


def doi_path(doi: str) -> str:
    """Return a canonical DOI as the path of an IRI: pchar and `/` as they are, all else percent-encoded.

    Example:
        >>> doi_path("10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o")
        '10.1002/(sici)1097-4571(199806)49:8%3C693::aid-asi4%3E3.0.co;2-o'
    """
    return quote(doi, safe=_PCHAR)


def doi_iri(doi: str) -> str:
    """Return the `https://doi.org/` IRI of a canonical DOI."""
    return f"https://doi.org/{doi_path(doi)}"


def path_segment(text: str) -> str:
    """Return `text` as one segment of a path: `/` encoded too, and never `.` or `..`, which clients would resolve.

    Example:
        >>> path_segment("1-2/а")
        '1-2%2F%D0%B0'
    """
    if text in {".", ".."}:
        return text.replace(".", "%2E")
    return quote(text, safe=_SEGMENT)


def parse_issn(text: str) -> str:
    """Return the ISSN in `text` as `NNNN-NNNX`.

    Args:
        text: An ISSN with or without its hyphen and the letters `ISSN`; surrounding space is ignored.

    Returns:
        Nine characters; a final x in upper case.

    Raises:
        RecordError: Not eight digits, or the check digit is wrong.

    Example:
        >>> parse_issn("ISSN 23138920")
        '2313-8920'

    References:
        ISO 3297, annex A (modulus 11).
    """
    match = re.fullmatch(r"\s*(?:e-?|p-?)?(?:issn)?[\s:]*([0-9]{4})[-‐‑–]?([0-9]{3}[0-9xX])\s*", text, re.IGNORECASE)
    if not match:
        raise RecordError("issn", text, "not an ISSN", "An ISSN has eight digits, as in 2313-8920")
    digits = (match[1] + match[2]).upper()
    if not issn_check_digit_is_right(digits):
        raise RecordError(
            "issn", text, "the check digit is wrong", "Compare it with the printed journal or portal.issn.org"
        )
    return f"{digits[:4]}-{digits[4:]}"


def issn_check_digit_is_right(digits: str) -> bool:
    """Tell whether eight characters, the last a digit or `X`, add up by ISO 3297."""
    total = sum((8 - place) * int(digit) for place, digit in enumerate(digits[:7]))
    return (total + (10 if digits[7] == "X" else int(digits[7]))) % 11 == 0


def parse_orcid(text: str) -> str:
    """Return the ORCID iD in `text` as its canonical IRI.

    Args:
        text: An iD or its URI; surrounding space is ignored.

    Returns:
        An absolute https IRI, 37 characters, hyphenated.

    Raises:
        RecordError: Not 16 digits, or the check digit is wrong.

    Example:
        >>> parse_orcid("0000-0002-1825-0097")
        'https://orcid.org/0000-0002-1825-0097'

    References:
        ORCID, Structure of the ORCID Identifier (ISO/IEC 7064, MOD 11-2).
    """
    match = re.fullmatch(
        r"\s*(?:https?://(?:www\.)?orcid\.org/|orcid[\s:]*)?([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9xX])/?\s*",
        text,
        re.IGNORECASE,
    )
    if not match:
        raise RecordError("orcid", text, "not an ORCID iD", "An iD has 16 digits, as in 0000-0002-1825-0097")
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[15] != ("X" if check == 10 else str(check)):
        raise RecordError(
            "orcid", text, "the check digit is wrong", "Ask the author for the iD, or look it up at orcid.org"
        )
    return "https://orcid.org/" + "-".join(digits[at : at + 4] for at in range(0, 16, 4))


# Crockford's base 32, which ROR iDs are written in: no i, l, o or u.
_ROR_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def parse_ror(text: str) -> str:
    """Return the ROR iD in `text` as its canonical IRI.

    Args:
        text: An iD or its URI; surrounding space is ignored.

    Returns:
        An absolute https IRI, 25 characters.

    Raises:
        RecordError: Not a 0, six characters and two check digits, or the check digits are wrong.

    Example:
        >>> parse_ror("ror.org/05dxps055")
        'https://ror.org/05dxps055'

    References:
        ROR documentation, "ROR ID pattern"; ISO/IEC 7064, MOD 97-10.
    """
    match = re.fullmatch(
        r"\s*(?:(?:https?://)?(?:www\.)?ror\.org/)?(0[0-9a-hj-km-np-tv-z]{6}[0-9]{2})/?\s*", text, re.IGNORECASE
    )
    if not match:
        raise RecordError("ror", text, "not a ROR iD", "An iD has nine characters and starts with 0, as in 05dxps055")
    bare = match[1].lower()
    number = 0
    for character in bare[:7]:
        number = number * 32 + _ROR_DIGITS.index(character)
    if int(bare[7:]) != 98 - (number * 100) % 97:
        raise RecordError("ror", text, "the check digits are wrong", "Look the organisation up at ror.org")
    return f"https://ror.org/{bare}"
