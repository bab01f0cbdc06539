"""LaTeX in bibliographies becomes readable text: accents, symbols, sub- and superscripts.

The commands are pylatexenc's; here is what it does not expect of bibliographies, where `&` and `%` are often printed
characters and a formula is a subscript.
"""

from __future__ import annotations

import logging
import re
from functools import cache, lru_cache
from typing import Final

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import get_default_latex_context_db as default_arguments
from pylatexenc.macrospec import LatexContextDb, MacroSpec

from triplepress.sources.markup import plain_text

_FORMULA: Final = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")
_GROUP: Final = r"(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\[A-Za-z]+|[^\s{}\\]))"
_SUPERSCRIPT: Final = re.compile(rf"\^\s*{_GROUP}")
_SUBSCRIPT: Final = re.compile(rf"_\s*{_GROUP}")
# What TeX would take for a column, a comment or a parameter stands for itself in a title.
_SPECIAL: Final = re.compile(r"(?<!\\)([&%#])")
_DOLLAR: Final = re.compile(r"(?<!\\)\$")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+\*?\s*|\\(.)|[{}]")


# What it cannot read stays readable; a bibliography is no place to complain of unknown commands.
logging.getLogger("pylatexenc").addHandler(logging.NullHandler())


_BRACES: Final = str.maketrans("", "", "{}")


@cache
def _arguments() -> LatexContextDb:
    """Return which commands take arguments: the library's, and those of scripts in text."""
    commands = default_arguments()
    scripts = [MacroSpec("textsuperscript", "{"), MacroSpec("textsubscript", "{")]
    commands.add_context_category("bibliography", prepend=True, macros=scripts)
    return commands


@cache
def _reader() -> LatexNodes2Text:
    """Return the reader of LaTeX; superscripts and subscripts become the elements that `markup` knows."""
    commands = default_texts()
    commands.add_context_category(
        "bibliography",
        prepend=True,
        macros=[
            MacroTextSpec("textsuperscript", simplify_repl="<sup>%s</sup>"),
            MacroTextSpec("textsubscript", simplify_repl="<sub>%s</sub>"),
            MacroTextSpec("url", simplify_repl="%s"),
        ],
    )
    return LatexNodes2Text(latex_context=commands, math_mode="text", strict_latex_spaces=False)


@lru_cache(maxsize=4096)  # names and journals come again and again
def latex_text(source: str) -> str:
    r"""Return the readable text of LaTeX, on one line; what is no LaTeX stays as it is.

    Example:
        >>> latex_text(r"{\O}rsted's na{\"\i}ve {DNA}, R&D"), latex_text(r"Ba$_{2}$ and $\alpha^2$")
        ("Ørsted's naïve DNA, R&D", 'Ba₂ and α²')
        >>> latex_text("{broken $5")
        'broken $5'
    """
    if not any(
        mark in source for mark in ("\\", "$", "~", "`", "''", "--")
    ):  # no command: braces only keep capitals as they are
        return plain_text(source.translate(_BRACES))
    text = _SPECIAL.sub(r"\\\1", source)
    text = _FORMULA.sub(_with_scripts, text)
    if len(_DOLLAR.findall(text)) % 2:
        text = _DOLLAR.sub(r"\\$", text)
    try:
        text = _reader().latex_to_text(text, tolerant_parsing=True, latex_context=_arguments())
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        # A command without what it needs; the library does not say which errors that may raise.
        text = _COMMAND.sub(r"\1", source)
    return plain_text(text)


def _with_scripts(formula: re.Match[str]) -> str:
    """Return a formula whose scripts are written as in text."""
    inner = _SUPERSCRIPT.sub(r"\\textsuperscript{\1\2}", formula[1])
    return "$" + _SUBSCRIPT.sub(r"\\textsubscript{\1\2}", inner) + "$"


def verbatim(source: str) -> str:
    r"""Return a DOI or an address as it is meant: without the escapes that LaTeX needs.

    Example:
        >>> verbatim(r"10.1007/978-3-642-1{\_}5"), verbatim(r"\url{https://example.org/a\%20b}")
        ('10.1007/978-3-642-1_5', 'https://example.org/a%20b')
    """
    text = re.sub(r"^\s*\\(?:url|href|path)\s*\{(.*)\}\s*$", r"\1", source.strip(), flags=re.DOTALL)
    text = re.sub(r"\{\\([_%#&$])\}", r"\1", text)
    return re.sub(r"\\([_%#&$~])", r"\1", text).strip()
