"""Names of countries for pages, from their IRIs in the EU's authority list."""

from __future__ import annotations

import gettext
from functools import cache
from typing import Final

import pycountry

# ISO's own short names of some states are longer than anyone writes them.
_EVERYDAY: Final = {"RUS": {"en": "Russia", "ru": "Россия"}, "USA": {"en": "USA", "ru": "США"}, "GBR": {"en": "UK"}}


@cache
def country_name(iri: str | None, lang: str) -> str | None:
    """Return the name of a country in a language of the interface.

    Args:
        iri: The country's IRI, whose last segment is its ISO 3166-1 alpha-3 code; None gives None.
        lang: `en` or `ru`.

    Returns:
        The name; the code where ISO 3166-1 has no such country.

    Example:
        >>> kazakhstan = "http://publications.europa.eu/resource/authority/country/KAZ"
        >>> country_name(kazakhstan, "en"), country_name(kazakhstan, "ru")
        ('Kazakhstan', 'Казахстан')
    """
    if iri is None:
        return None
    code = iri.rpartition("/")[2]
    if lang in _EVERYDAY.get(code, {}):
        return _EVERYDAY[code][lang]
    country = pycountry.countries.get(alpha_3=code)
    if country is None:
        return code
    name = str(getattr(country, "common_name", country.name))
    translations = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[lang], fallback=True)
    return translations.gettext(name)
