"""Is every text of the interface there in every language, and none that nobody says?"""

from __future__ import annotations

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest

import triplepress.web
from triplepress.web.examples import EXAMPLES
from triplepress.web.pages.article import LANGUAGES as ARTICLE_LANGUAGES
from triplepress.web.pages.related import INCOMING, METHODS, OUTGOING
from triplepress.web.translations import LANGUAGES, Translator, choose_language, table

WEB = Path(triplepress.web.__file__).parent
# Problems are titled in English by the module that makes them; the page says them in the reader's language.
_TITLES = (
    re.compile(r'title="([A-Z][^"]*)"'),
    re.compile(r'status, title = [0-9]+, "([^"]*)"'),
)
_SAID = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def said_in_the_interface() -> set[str]:
    # Texts that reach a template as values: languages of articles, titles of examples, columns of a graph as a table.
    related = (*OUTGOING.values(), *INCOMING.values(), *METHODS.values())
    texts = {
        *ARTICLE_LANGUAGES.values(),
        *related,
        *(example.title for example in EXAMPLES),
        "subject",
        "predicate",
        "object",
    }
    for path in (*WEB.rglob("*.html"), *WEB.rglob("*.py")):
        texts |= {ast.literal_eval(literal) for literal in _SAID.findall(path.read_text(encoding="utf-8"))}
    for path in WEB.glob("*.py"):
        texts |= {title for pattern in _TITLES for title in pattern.findall(path.read_text(encoding="utf-8"))}
    return texts | {HTTPStatus.METHOD_NOT_ALLOWED.phrase}


@pytest.mark.parametrize("lang", [code for code, _ in LANGUAGES if code != "en"])
def test_nothing_is_missing(lang: str) -> None:
    said = said_in_the_interface()
    assert len(said) > 80
    assert said - set(table(lang)) == set()
    assert set(table(lang)) - said == set()


@pytest.mark.parametrize("lang", [code for code, _ in LANGUAGES if code != "en"])
def test_the_same_values_are_put_in(lang: str) -> None:
    fields = re.compile(r"\{[a-z]+\}")
    for english, text in table(lang).items():
        assert sorted(fields.findall(english)) == sorted(fields.findall(text)), english


@pytest.mark.parametrize(
    ("asked", "accept", "chosen"),
    [
        (None, None, "en"),
        ("ru", "en", "ru"),
        ("xx", "ru", "ru"),
        (None, "ru", "ru"),
        (None, "en;q=0.5, ru;q=0.8", "ru"),
        (None, "de, fr", "en"),
        (None, "ru;q=0", "en"),
        (None, "ru;q=nonsense", "en"),
        (None, ";;,,", "en"),
    ],
)
def test_the_language_of_a_reader(asked: str | None, accept: str | None, chosen: str) -> None:
    assert choose_language(asked, accept, "en") == chosen


def test_braces_in_a_value_stay() -> None:
    assert Translator("en")("Reference {n}", n="{x}") == "Reference {x}"
