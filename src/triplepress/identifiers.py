"""DOI, ISSN, ORCID and ROR: parse, check, canonical form, and the DOIs that hide in running text.

The rules for DOIs (lower-case ASCII letters only, what is stripped from running text and never from a field, which
characters are percent-encoded) are those of the application profile, section 4.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from triplepress.errors import RecordError

_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
# Most are so already: nothing in them that any rule changes.
_CANONICAL_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[a-z0-9._;:()/<>\[\]-]+")
_DOI_URL: Final = re.compile(r"(?:(?:https?:)?//)?(?:www\.)?(?:dx\.)?doi\.org/+", re.IGNORECASE)
_DOI_LABEL: Final = re.compile(r"(?:info:doi/|urn:doi:|doi\s*[:=]?\s*)", re.IGNORECASE)
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# RFC 3986 pchar and "/": what may stand unencoded in a path; the profile, section 4.3.
_PCHAR: Final = "-._~!$&'()*+,;=:@/"
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_SEGMENT: Final = "-._~!$&'()*+,;=:@"
_CLOSING: Final = {")": "(", "]": "[", "}": "{", ">": "<", "»": "«", "”": "“"}
_TAIL: Final = ".,;:!?…'\"’"
# Only with its semicolon: "&copy=1" in an address is no entity.
_ENTITY: Final = re.compile(r"&(?:[a-z]+[0-9]*|#[0-9]+|#x[0-9a-f]+);", re.IGNORECASE)
# The end of a SICI, ANSI/NISO Z39.56: "3.0.CO;2-O", where the last part may be missing.
_SICI_END: Final = r"[0-9]\.[0-9]\.[A-Za-z]{2};2(?:-[0-9A-Za-z#])?"
# A SICI with its brackets escaped as in an address, though it is none. "%253c" was escaped twice: that is not undone.
_ESCAPED_SICI: Final = re.compile(rf"10\.[^\s%]+%(?:3c|5b)[^\s%]*(?:%(?:3e|5d)|>|\])(?={_SICI_END})", re.IGNORECASE)
_SICI_ESCAPE: Final = re.compile(r"%(?:3[ce]|5[bd])", re.IGNORECASE)
# A DOI in running text ends at white space, a quotation mark or an angle bracket (unless the bracket is part of a
# SICI), and where a comma or semicolon is followed by the next DOI. After a slash it counts only behind a resolver or
# "info:doi/": in a publisher's own address more path may follow it.
_IN_TEXT: Final = re.compile(
    r"(?:(?P<url>doi\.org/+)|(?<=info:doi/)|(?<![0-9./]))"
    r"(?P<doi>10\.[0-9]{4,9}(?:\.[0-9]+)*/"
    rf"(?:<[^<>\s]{{0,60}}>(?={_SICI_END})|(?![,;](?:doi:)?10\.[0-9]{{4,9}}/)[^\s\"“”«»<>〈〉])*)",
    re.IGNORECASE,
)
_NEXT_WORD: Final = re.compile(r" (?P<word>[^\s\"“”«»<>]+)")


class FoundDoi(NamedTuple):
    """A place in running text that looks like a DOI.

    Attributes:
        printed: The characters of the text.
        doi: The canonical DOI, or None where it cannot be told without guessing.
    """

    printed: str
    doi: str | None


def normalise_doi(text: str, *, running_text: bool = False) -> str:
    """Return the DOI that `text` is, bare and canonical.

    Args:
        text: A DOI, with or without `doi:`, `info:doi/` or a resolver's address before it.
        running_text: Whether it was cut out of prose; then a sentence's punctuation and unbalanced closing brackets at
            its end are taken off. From a DOI field nothing is taken off: `10.17070/aeaas.2014.12.36.` is one.

    Returns:
        NFC text that starts with `10.`; ASCII letters in lower case, all others as they are; percent-decoded, once, if
        and only if it came as an address.

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
        DOI Handbook, section 3 (numbering); ISO 26324; the application profile, section 4.2.
    """
    if not running_text and _CANONICAL_DOI.fullmatch(text):
        return text
    bare = text.strip()
    label = _DOI_LABEL.match(bare)
    if label and not _DOI_URL.match(bare):
        bare = bare[label.end() :]
    url = _DOI_URL.match(bare)
    if url:
        try:
            bare = unquote(bare[url.end() :], errors="strict")
        except UnicodeDecodeError as error:
            raise RecordError("doi", text, "its percent-escapes are not UTF-8", "Write the DOI itself") from error
    if running_text:
        bare = _without_tail(bare)
    # NFC twice: the Kelvin sign becomes an ASCII K, and "H" with a macron below has a composed form in lower case only.
    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFC", bare).translate(_ASCII_LOWER))
    if not _DOI.fullmatch(bare) or not bare.isprintable():
        raise RecordError("doi", text, "not a DOI", "A DOI looks like 10.1234/abc, without blanks; correct it")
    return bare


def parse_doi_field(text: str) -> str:
    """Return the DOI in a field that is meant for one, undoing the escapes that such fields come with.

    HTML entities are read, and so are the percent-escapes of a SICI's brackets; each once. All else is as in
    `normalise_doi`, whose result this leaves alone.

    Raises:
        RecordError: It is not a DOI.

    Example:
        >>> parse_doi_field("10.1892/0891-6640(2005)19&lt;115:UTMOPI&gt;2.0.CO;2")
        '10.1892/0891-6640(2005)19<115:utmopi>2.0.co;2'
    """
    return normalise_doi(_unescape(text))


def _unescape(text: str) -> str:
    """Return `text` without the entities and escaped SICI brackets that DOIs are found with; one level only."""
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "%" in text and "doi.org/" not in text.lower():  # an address is decoded as a whole, by `normalise_doi`
        text = _ESCAPED_SICI.sub(lambda sici: _SICI_ESCAPE.sub(lambda escape: unquote(escape[0]), sici[0]), text)
    return text


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


def scan_dois(text: str) -> Iterator[FoundDoi]:
    """Yield each place in running text that looks like a DOI, in order.

    A DOI that a blank has split (`10.1126/science. 1109070`) would lose its second half, and half a DOI is another
    work's. So where the part before the blank has no digit and stops at a joint (`.`, `/`, `-`, `_`), the next word
    decides: a number too long for a year belongs to the DOI; a year or a plain word is prose and the DOI was whole;
    anything between is not decided here (`doi` is None). A DOI that has a digit before the blank was whole: references
    go on with `2021. Vol.` after it.

    Args:
        text: Prose, such as a reference; HTML entities and percent-escapes in resolver addresses are understood.

    Example:
        >>> [found.doi for found in scan_dois("doi: 10.1126/science. 1109070; doi: 10.1126/science. a1")]
        ['10.1126/science.1109070', None]
    """
    text = _unescape(text)
    if "10." not in text:  # most texts name none, and the search below looks at every character
        return
    for match in _IN_TEXT.finditer(text):
        printed = match["doi"]
        address = "https://doi.org/" if match["url"] else ""
        suffix = printed.partition("/")[2]
        following = _NEXT_WORD.match(text, match.end())
        if following and suffix[-1:] in {"", ".", "/", "-", "_"} and not re.search("[0-9]", suffix):
            word = _without_tail(following["word"])
            if re.fullmatch(r"[0-9]{5}[0-9A-Za-z.()/-]*", word):
                yield FoundDoi(match[0] + following[0], _normalised(f"{address}{printed}{word}"))
                continue
            # A plain word or a year starts a new sentence; "j.tig.2004" may be the rest of the DOI, or may not.
            if not suffix or (re.search("[0-9]", word) and not re.fullmatch(r"(?:1[5-9]|20)[0-9]{2}", word)):
                yield FoundDoi(match[0] + following[0], None)
                continue
        yield FoundDoi(match[0], _normalised(address + printed))


def _normalised(printed: str) -> str | None:
    """Return the canonical DOI of a piece of running text, or None where it only looked like one."""
    try:
        return normalise_doi(printed, running_text=True)
    except RecordError:
        return None


def find_dois(text: str) -> list[str]:
    """Return the DOIs that a piece of running text names, canonical, each once, in order.

    Args:
        text: Prose, such as a reference; see `scan_dois`.

    Returns:
        Canonical DOIs (see `normalise_doi`); what merely resembles one, or is not whole, is left out.

    Example:
        >>> find_dois("One Earth. 2021. Vol. 4. P. 1674–1675, DOI: 10.1016/j.oneear.2021.12.001.")
        ['10.1016/j.oneear.2021.12.001']
        >>> find_dois("(see 10.1002/(SICI)1097-4571(199806)49:8&lt;693::AID-ASI4&gt;3.0.CO;2-O).")
        ['10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o']
    """
    return list(dict.fromkeys(found.doi for found in scan_dois(text) if found.doi is not None))


def doi_path(doi: str) -> str:
    """Return a canonical DOI as the path of an IRI: pchar and `/` as they are, all else percent-encoded.

    Example:
        >>> doi_path("10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o")
        '10.1002/(sici)1097-4571(199806)49:8%3C693::aid-asi4%3E3.0.co;2-o'
    """
    return doi if _PLAIN_PATH.fullmatch(doi) else quote(doi, safe=_PCHAR)  # nearly all DOIs are plain


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
    # The Cyrillic letter that looks like the check character is read as it; a check digit leaves no room for a guess.
    match = re.fullmatch(
        r"\s*(?:e-?|p-?)?(?:issn)?(?:-l)?[\s:]*([0-9]{4})[-‐‑–−]?([0-9]{3}[0-9xXхХ])\s*", text, re.IGNORECASE
    )
    if not match:
        raise RecordError("issn", text, "not an ISSN", "An ISSN has eight digits, as in 2313-8920")
    digits = (match[1] + match[2]).upper().replace("Х", "X")
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
