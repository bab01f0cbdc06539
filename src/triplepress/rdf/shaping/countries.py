"""Printed country names, English and Russian, and the IRIs of the countries."""

from __future__ import annotations

import gettext
from functools import cache
from typing import Final

import pycountry

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/country/"

# Everyday names and abbreviations that ISO 3166-1 does not list, beside its alpha-3 code.
_EVERYDAY: Final = {
    "RUS": ("Russia", "Россия", "РФ"),
    "USA": ("USA", "U.S.A.", "US", "U.S.", "США", "Соединенные Штаты Америки"),
    "GBR": ("UK", "U.K.", "Great Britain", "Великобритания", "Соединенное Королевство"),
    "CHN": ("PR China", "P.R. China", "PRC", "КНР", "Китай", "Китайская Народная Республика"),
    "BLR": ("Republic of Belarus", "Беларусь", "Республика Беларусь", "Белоруссия"),
    "KAZ": ("Republic of Kazakhstan", "Казахстан", "Республика Казахстан"),
    "KGZ": ("Kyrgyz Republic", "Kyrgyzstan", "Киргизия", "Кыргызстан", "Кыргызская Республика"),
    "UZB": ("Republic of Uzbekistan", "Узбекистан", "Республика Узбекистан"),
    "TJK": ("Republic of Tajikistan", "Таджикистан", "Республика Таджикистан"),
    "TKM": ("Turkmenistan", "Туркменистан", "Туркмения"),
    "MDA": ("Moldova", "Молдова", "Молдавия", "Республика Молдова"),
    "ARM": ("Republic of Armenia", "Армения", "Республика Армения"),
    "AZE": ("Republic of Azerbaijan", "Азербайджан", "Азербайджанская Республика"),
    "IRN": ("Iran", "Иран"),
    "KOR": ("South Korea", "Republic of Korea", "Южная Корея", "Республика Корея"),
    "PRK": ("North Korea", "DPRK", "КНДР", "Северная Корея"),
    "VNM": ("Vietnam", "Viet Nam", "Вьетнам"),
    "TUR": ("Turkey", "Türkiye", "Турция"),
    "CZE": ("Czech Republic", "Чехия", "Чешская Республика"),
    "SYR": ("Syria", "Сирия"),
    "TWN": ("Taiwan", "Тайвань"),
    "VEN": ("Venezuela", "Венесуэла"),
    "BOL": ("Bolivia", "Боливия"),
    "TZA": ("Tanzania", "Танзания"),
    "LAO": ("Laos", "Лаос"),
    "NLD": ("Holland", "The Netherlands", "Нидерланды", "Голландия"),
    "ARE": ("UAE", "ОАЭ"),
    "PSE": ("Palestine", "Палестина"),
    "MKD": ("North Macedonia", "Macedonia", "Северная Македония"),
    "CIV": ("Ivory Coast",),
    "BIH": ("Bosnia and Herzegovina", "Bosnia & Herzegovina"),
    "FRA": ("Франция",),
    "DEU": ("Германия", "ФРГ"),
}


def country_iri(name: str | None) -> str | None:
    """Return the IRI of the country that a printed name means in the EU's authority list, or None if none is known.

    Args:
        name: A name in English or Russian, as a source prints it, or an ISO 3166-1 code; case does not matter.

    Example:
        >>> country_iri("Российская Федерация")
        'http://publications.europa.eu/resource/authority/country/RUS'
        >>> country_iri("Ruritania")

    References:
        Publications Office of the European Union, authority table "Country"; ISO 3166-1 alpha-3.
    """
    if not name:
        return None
    code = _codes().get(_key(name))
    return None if code is None else _AUTHORITY + code


@cache
def _codes() -> dict[str, str]:
    """Return alpha-3 codes by folded name; a name that two countries share means neither."""
    russian = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["ru"])
    codes: dict[str, str] = {}
    shared: set[str] = set()
    for country in pycountry.countries:
        names = {country.alpha_2, country.alpha_3}
        for field in ("name", "common_name", "official_name"):
            name = getattr(country, field, None)
            if name:
                names |= {name, russian.gettext(name)}
        for key in {_key(name) for name in names}:
            if codes.setdefault(key, country.alpha_3) != country.alpha_3:
                shared.add(key)
    for key in shared:
        del codes[key]
    return codes | {_key(name): code for code, names in _EVERYDAY.items() for name in names}


def _key(name: str) -> str:
    """Return a name as it is compared: one case, single spaces, е for ё, no final full stop."""
    return " ".join(name.casefold().replace("ё", "е").split()).rstrip(" .,;")
