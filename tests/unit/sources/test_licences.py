"""From the words on a page to a licence's address; what does not name one licence names none."""

from __future__ import annotations

import pytest

from triplepress.sources.licences import licence_iri, mentions_licence

_CC = "https://creativecommons.org"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("This work is licensed under a Creative Commons Attribution 4.0 License.", "/licenses/by/4.0/"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International", "/licenses/by-nc-nd/4.0/"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "/licenses/by-sa/3.0/"),
        ("Контент доступен под лицензией Creative Commons Attribution 4.0 License.", "/licenses/by/4.0/"),
        ("Лицензия Creative Commons «Атрибуция – Некоммерческое использование» 4.0 Всемирная", "/licenses/by-nc/4.0/"),
        ("Creative Commons С указанием авторства – На тех же условиях 4.0", "/licenses/by-sa/4.0/"),
        ("CC BY-NC-SA 4.0", "/licenses/by-nc-sa/4.0/"),
        ("CC-BY 4.0", "/licenses/by/4.0/"),
        ("CC0 1.0 Universal", "/publicdomain/zero/1.0/"),
        ("http://creativecommons.org/licenses/by-nc/4.0/deed.ru", "/licenses/by-nc/4.0/"),
        ("https://creativecommons.org/publicdomain/zero/1.0", "/publicdomain/zero/1.0/"),
        ("https://creativecommons.org/licenses/by/3.0/us/", "/licenses/by/3.0/us/"),
        ("Creative Commons Attribution-NoDerivs-NonCommercial 1.0", "/licenses/by-nd-nc/1.0/"),
    ],
)  # fmt: skip
def test_a_licence_is_named(text: str, path: str) -> None:
    assert licence_iri(text) == _CC + path
    assert mentions_licence(text)


@pytest.mark.parametrize(
    "text",
    [
        "Creative Commons License",
        "Creative Commons Attribution License",
        "Creative Commons Attribution 3.0 Россия",
        "Creative Commons Attribution 4.0 or Attribution-ShareAlike 3.0",
        "Creative Commons Attribution-ShareAlike-NoDerivatives 4.0",
        "All rights reserved. Licence 4.0",
        "https://creativecommons.org/licenses/by-xy/4.0/",
        "Views: 415",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert licence_iri(text) is None
