"""Creative Commons licences: from the words on a page to the licence's own IRI."""

from __future__ import annotations

import re
from typing import Final

_ROOT: Final = "https://creativecommons.org"
_ADDRESS: Final = re.compile(
    r"creativecommons\.org/(?P<kind>licenses|publicdomain)/(?P<code>[a-z-]+)/(?P<version>[1-4]\.[05])(?P<port>/[a-z]{2}\b)?",
    re.IGNORECASE,
)
# https://creativecommons.org/licenses/list.en: the codes that each version has, ports to a country's law left out.
_SIX: Final = frozenset({"by", "by-nc", "by-nd", "by-sa", "by-nc-nd", "by-nc-sa"})
_CODES: Final = {
    "1.0": (_SIX - {"by-nc-nd"}) | {"by-nd-nc", "sa", "nd", "nc", "nc-sa", "nd-nc"},
    "2.0": _SIX | {"sa", "nd", "nc", "nc-sa", "nd-nc"},
    "2.5": _SIX,
    "3.0": _SIX,
    "4.0": _SIX,
}
_ABBREVIATION: Final = re.compile(
    r"\bCC[\s-]*(?P<code>BY(?:[\s-]*(?:NC|ND|SA)){0,2})[\s,-]*v?(?P<version>[1-4]\.[05])\b", re.IGNORECASE
)
_ZERO: Final = re.compile(r"\bCC[\s-]?(?:0|zero)\b", re.IGNORECASE)
_VERSION: Final = re.compile(r"(?<![0-9.])([1-4]\.[05])(?![0-9])")
# Each element with its names, English and as the Russian translations of the licences have them.
_ELEMENTS: Final = (
    ("by", re.compile(r"\battribution\b|атрибуци|указани\w+ авторств", re.IGNORECASE)),
    ("nc", re.compile(r"\bnon-?\s?commercial\b|некоммерческ|коммерческ\w+ использовани\w+ запрещ", re.IGNORECASE)),
    (
        "sa",
        re.compile(r"\bshare-?\s?alike\b|на тех же условиях|на таких же условиях|сохранени\w+ условий", re.IGNORECASE),
    ),
    (
        "nd",
        re.compile(r"\bno-?\s?deriv(?:ative)?s?\b|без производных|без производн|без права переработки", re.IGNORECASE),
    ),
)
# A licence adapted to one country's law has another address, which its name does not tell.
_PORTED: Final = re.compile(
    r"[1-4]\.[05]\s+(?!license|licence|international|unported|generic|лиценз|международн|всемирн|непортирован|общая)"
    r"[A-ZА-ЯЁ][a-zа-яё]+",
    re.IGNORECASE,
)
_MENTION: Final = re.compile(
    r"creative\s*commons|\bcc[\s-]*(?:by|0)\b|public domain|licen[sc]|лицензи|общественн\w+ достояни", re.IGNORECASE
)


def mentions_licence(text: str) -> bool:
    """Tell whether a line speaks of a licence."""
    return bool(_MENTION.search(text))


def licence_iri(text: str) -> str | None:
    """Return the IRI of the Creative Commons licence that a text names.

    Args:
        text: A line of a page, in English or Russian, or an address of the licence.

    Returns:
        The canonical IRI (https, final slash), or None: another licence, no version, or a version for one country.

    Example:
        >>> licence_iri("This work is licensed under a Creative Commons Attribution 4.0 License.")
        'https://creativecommons.org/licenses/by/4.0/'
        >>> licence_iri("Creative Commons License") is None
        True

    References:
        Creative Commons, "The list of licenses".
    """
    address = _ADDRESS.search(text)
    if address:
        return _from_address(address)
    abbreviation = _ABBREVIATION.search(text)
    if abbreviation:
        return _licence("-".join(re.findall("[a-z]{2}", abbreviation["code"].lower())), abbreviation["version"])
    if _ZERO.search(text):
        return f"{_ROOT}/publicdomain/zero/1.0/"
    if not re.search(r"creative\s*commons", text, re.IGNORECASE) or _PORTED.search(text):
        return None
    versions = set(_VERSION.findall(text))
    code = "-".join(name for name, pattern in _ELEMENTS if pattern.search(text))
    return _licence(code, versions.pop()) if len(versions) == 1 else None


def _from_address(address: re.Match[str]) -> str | None:
    """Return the canonical form of a licence's address, or None if no licence has it."""
    code, version = address["code"].lower(), address["version"]
    if address["kind"].lower() == "publicdomain":
        known = {("zero", "1.0"), ("mark", "1.0")}
        return f"{_ROOT}/publicdomain/{code}/{version}/" if (code, version) in known else None
    if address["port"]:
        return f"{_ROOT}/licenses/{code}/{version}{address['port'].lower()}/" if code in _CODES[version] else None
    return _licence(code, version)


def _licence(code: str, version: str) -> str | None:
    """Return the IRI of a licence, its elements in the order of its address, or None if there is no such licence."""
    parts = set(code.split("-"))
    for known in _CODES[version]:
        if set(known.split("-")) == parts:
            return f"{_ROOT}/licenses/{known}/{version}/"
    return None
