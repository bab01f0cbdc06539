"""The lines by which an Elpub page is told and cut: the interface's own words, English and Russian."""

from __future__ import annotations

import re
from typing import Final, Literal

Section = Literal["abstract", "keywords", "authors", "references", "review", "citation", "full text", "aside"]

# (section, language of the heading, the heading as a whole line without its colon)
_HEADINGS: Final[tuple[tuple[Section, str, tuple[str, ...]], ...]] = (
    ("abstract", "en", ("abstract", "summary")),
    ("abstract", "ru", ("аннотация", "резюме", "реферат")),
    ("keywords", "en", ("keywords", "key words")),
    ("keywords", "ru", ("ключевые слова",)),
    ("authors", "en", ("about the author", "about the authors", "about author", "about authors")),
    ("authors", "ru", ("об авторе", "об авторах", "сведения об авторе", "сведения об авторах")),
    ("references", "en", ("references", "bibliography")),
    ("references", "ru", ("список литературы", "литература", "список источников", "библиография")),
    ("review", "en", ("review", "reviews")),
    ("review", "ru", ("рецензия", "рецензии")),
    ("citation", "en", ("for citation", "for citations", "cite as", "how to cite")),
    ("citation", "ru", ("для цитирования", "как цитировать")),
    ("full text", "en", ("full text",)),
    ("full text", "ru", ("полный текст",)),
    (
        "aside",
        "en",
        ("supplementary files", "additional files", "refbacks", "backlinks", "acknowledgements", "funding"),
    ),
    (
        "aside",
        "ru",
        ("дополнительные файлы", "обратные ссылки", "благодарности", "финансирование", "конфликт интересов"),
    ),
)
_BY_LINE: Final = {line: (section, lang) for section, lang, lines in _HEADINGS for line in lines}
# No heading is longer, blanks and colon included: the long lines of a page need no closer look.
_LONGEST: Final = 60
# These two also stand at the head of a line, with their text after a colon.
_INLINE: Final = {
    line: (section, lang) for section, lang, lines in _HEADINGS if section in {"keywords", "citation"} for line in lines
}

SEARCH: Final = {"advanced search": "en", "расширенный поиск": "ru"}
# Links of the page's head that say nothing of the article.
NOISE: Final = frozenset(
    {
        "preview",
        "full text",
        "contents",
        "jump to",
        "go to",
        "содержание",
        "полный текст",
        "перейти к",
        "scroll to",
        "русский",
        "english",
        "rus",
        "eng",
        "login",
        "вход",
        "войти",
        "register",
    }
)
# The section of the issue, printed above the title on some pages, and the kind of article that it means.
KINDS: Final = {
    "original article": "journal-article",
    "оригинальная статья": "journal-article",
    "review article": "review-article",
    "обзорная статья": "review-article",
    "обзор литературы": "review-article",
    "editorial": "editorial",
    "от редакции": "editorial",
    "слово редактора": "editorial",
    "letter to the editor": "letter",
    "письмо в редакцию": "letter",
    "erratum": "correction",
    "correction": "correction",
    "исправление": "correction",
    "retraction": "retraction",
    "ретракция": "retraction",
}
# An issue's title: "Vol 11, No 1 (2024)", "Том 11, № 1 (2024)", "No 2 (2023)".
_ISSUE_TITLE: Final = re.compile(
    r"(?=.*(?:vol|no|issue|том|т\.|№|вып))"
    r"(?:(?:vol(?:ume)?|том|т)\.?\s*\w+\s*,?\s*)?(?:(?:no|issue|№|вып(?:уск)?)\.?\s*[\w()/\-–]+\s*)?\(?(?:19|20)[0-9]{2}\)?"
    r"(?:\s*[:.–-].*)?",
    re.IGNORECASE,
)
_ISSUE_LINES: Final = frozenset(
    {
        "view or download the full issue",
        "download issue",
        "download full issue",
        "full issue",
        "скачать выпуск",
        "скачать выпуск pdf",
        "весь выпуск",
        "current issue",
        "текущий выпуск",
        "содержание выпуска",
        "table of contents",
    }
)
_ABOUT_LINES: Final = frozenset(
    {
        "about the journal",
        "about journal",
        "о журнале",
        "editorial policies",
        "редакционная политика",
        "focus and scope",
        "aims and scope",
        "цели и задачи",
        "editorial board",
        "редакционная коллегия",
        "редколлегия",
        "author guidelines",
        "правила для авторов",
        "publication ethics",
        "издательская этика",
        "archive",
        "архив",
    }
)


def fold(line: str) -> str:
    """Return a line as the tables above have it: lower case, single blanks, no colon at the end."""
    return " ".join(line.split()).rstrip(" :").lower()


def heading(line: str) -> tuple[Section, str, str] | None:
    """Return the section that a line opens, the language of its heading, and what stands after a colon.

    Example:
        >>> heading("Для цитирования:"), heading("Keywords: rare earths")
        (('citation', 'ru', ''), ('keywords', 'en', 'rare earths'))
        >>> heading("Abstract art in Moscow") is None
        True
    """
    name, colon, rest = line[:_LONGEST].partition(":")
    if len(line) <= _LONGEST and (found := _BY_LINE.get(fold(line))):
        return (*found, "")
    found = _INLINE.get(fold(name)) if colon else None
    rest += line[_LONGEST:]
    return (*found, rest.strip()) if found else None


def is_issue_title(text: str) -> bool:
    """Tell whether a title is that of an issue."""
    return bool(_ISSUE_TITLE.fullmatch(text.strip()))


def is_issue_line(line: str) -> bool:
    """Tell whether a line stands only on the page of an issue."""
    return fold(line) in _ISSUE_LINES


def is_about_line(line: str) -> bool:
    """Tell whether a line is the title of one of the journal's own pages."""
    return fold(line) in _ABOUT_LINES
