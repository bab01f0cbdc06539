"""Languages of texts, as IRIs of the Library of Congress."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import pycountry

_AUTHORITY: Final = "http://id.loc.gov/vocabulary/iso639-2/"


@lru_cache(maxsize=1024)
def language_iri(tag: str | None) -> str | None:
    """Return the IRI of a language, or None if ISO 639-2 does not know it.

    Args:
        tag: A well-formed BCP 47 tag; only its primary subtag counts.

    Returns:
        The IRI with the bibliographic code, which is the one that the Library of Congress uses (`ger`, not `deu`).

    Example:
        >>> language_iri("ru"), language_iri("de-at"), language_iri("xx")
        ('http://id.loc.gov/vocabulary/iso639-2/rus', 'http://id.loc.gov/vocabulary/iso639-2/ger', None)
    """
    if tag is None:
        return None
    primary = tag.partition("-")[0].lower()
    language = pycountry.languages.get(**{"alpha_2" if len(primary) == 2 else "alpha_3": primary})
    if language is None and len(primary) == 3:
        language = pycountry.languages.get(bibliographic=primary)
    if language is None or not hasattr(language, "alpha_2"):
        return _three_letters_only(primary)
    code: str = getattr(language, "bibliographic", language.alpha_3)
    return _AUTHORITY + code


def _three_letters_only(primary: str) -> str | None:
    """Return the IRI of a language that has no two-letter code: only those that are in ISO 639-2 have one here."""
    return _AUTHORITY + primary if primary in _ISO_639_2_ONLY else None


# Living languages with a code in ISO 639-2 but none in ISO 639-1, from the lands whose journals this press prints.
_ISO_639_2_ONLY: Final = frozenset(
    {"sah", "udm", "myv", "mdf", "krc", "kum", "lez", "nog", "inh", "kbd", "ady", "tyv", "xal", "krl", "grc", "mul"}
)
