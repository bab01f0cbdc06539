"""Markup in titles, abstracts and references becomes clean text.

Registries and journals put HTML, JATS and MathML into what should be text, sometimes escaped once or twice. Here it is
read with a tolerant parser: sub- and superscripts and formulas stay readable, block elements keep their words apart,
entities are decoded, white space is folded. Text in right-to-left scripts keeps its order, for nothing is moved.
"""

from __future__ import annotations

import html
import re
from typing import Final

from lxml import etree
from lxml import html as lxml_html

# Only elements that occur in HTML, JATS, MathML and the registries' own markup count as tags, so that "2<q<3, n>1" or a
# SICI in a text stays what it is.
_TAG: Final = re.compile(
    r"</?(?:(?:jats|mml|ali):[a-z-]+|(?:[a-z]{2,4}:)?(?:a|abstract|annotation(?:-xml)?|b|bold|blockquote|br|break|caption|center|cite|code|dd|disp-formula"
    r"|div|dl|dt|em|ext-link|fn|font|formula|graphic|h[1-6]|i|img|inf|inline-formula|inline-graphic|italic|label|li|list"
    r"|list-item|maction|math|menclose|mfenced|mfrac|mi|mmultiscripts|mn|mo|monospace|mover|mpadded|mphantom|mprescripts"
    r"|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover|named-content|none|ol|p"
    r"|para|pre|q|roman|s|sans-serif|sc|script|scp|sec|section|semantics|simple-para|small|span|strike|strong|style"
    r"|styled-content|sub|sup|table|tbody|td|tex-math|th|thead|title|tr|tt|u|ul|underline|uri|var|xref"
    r"|etal|fpage|issue|lpage|volume|year))(?:\s[^<>]*)?/?>"
    r"|<!--.*?-->|<!\[CDATA\[|\]\]>",
    re.IGNORECASE | re.DOTALL,
)
# "<" and ">" that belong to no tag must survive the parser.
_BARE_BRACKET: Final = re.compile(rf"({_TAG.pattern})|<", re.IGNORECASE | re.DOTALL)
_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_BLOCKS: Final = frozenset(
    {"p", "div", "title", "sec", "section", "br", "break", "li", "list", "list-item", "ul", "ol", "tr", "td", "th"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "disp-formula", "label", "abstract", "simple-para", "para"}
    | {"table", "dt", "dd", "permissions", "copyright-statement"}
)
# What is not part of the printed text: notes' marks, the TeX beside a formula, and what never shows.
_SILENT: Final = frozenset(
    ["tex-math", "annotation", "annotation-xml", "fn", "xref", "script", "style", "inline-graphic", "graphic"]
)
_SUBSCRIPTS: Final = str.maketrans("0123456789+-=()aeoxhklmnpst−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜ₋")
_SUPERSCRIPTS: Final = str.maketrans("0123456789+-=()in−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ⁻")


def plain_text(text: str) -> str:
    """Return `text` without markup, on one line.

    Args:
        text: Text with any mixture of HTML, JATS and MathML elements and of entities, escaped or not.

    Returns:
        Text with single spaces; empty when there was nothing but markup.

    Example:
        >>> plain_text("BiFeO<sub>3</sub> &amp;amp; <i>in vitro</i>, p < 0.05")
        'BiFeO₃ & in vitro, p < 0.05'
        >>> plain_text("<jats:p>One.</jats:p><jats:p>Two.</jats:p>")
        'One. Two.'
    """
    for _ in range(3):  # "&amp;lt;i&amp;gt;" is markup that was escaped twice on its way
        if "<" in text and _TAG.search(text):
            text = _rendered(text)
        elif "&" in text and _ENTITY.search(text):
            text = html.unescape(text)
        else:
            break
    return " ".join(text.split())


def _rendered(text: str) -> str:
    """Return the readable text of a fragment of markup."""
    escaped = _BARE_BRACKET.sub(lambda match: match[1] or "&lt;", text)
    try:
        root = lxml_html.fragment_fromstring(escaped, create_parent="div")
    except (etree.ParserError, ValueError):  # nothing in it that a tolerant parser can hold on to
        return _TAG.sub(" ", text)
    return render(root)


def render(element: etree._Element) -> str:
    """Return the readable text of an element and what it holds, white space not yet folded."""
    parts: list[str] = []
    _walk(element, parts)
    return "".join(parts)


def _walk(element: etree._Element, parts: list[str]) -> None:
    """Add the readable text of `element` to `parts`; its tail is the caller's."""
    if not isinstance(element.tag, str):  # a comment or a processing instruction
        return
    name = element.tag.rpartition("}")[2].rpartition(":")[2].lower()
    if name in _SILENT:
        return
    render_case = _CASES.get(name)
    if render_case is not None:
        parts.append(render_case(element))
        return
    block = name in _BLOCKS
    if block:
        parts.append(" ")
    parts.append(element.text or "")
    for child in element:
        _walk(child, parts)
        parts.append(child.tail or "")
    if block:
        parts.append(" ")


def _inner(element: etree._Element) -> str:
    """Return the readable text inside an element, without outer white space."""
    parts = [element.text or ""]
    for child in element:
        _walk(child, parts)
        parts.append(child.tail or "")
    return "".join(parts).strip()


def _children(element: etree._Element) -> list[str]:
    """Return the readable text of each child element."""
    texts = []
    for child in element:
        parts: list[str] = []
        _walk(child, parts)
        texts.append("".join(parts).strip())
    return texts


def _lowered(text: str) -> str:
    """Return `text` as a subscript: in Unicode's own characters where all of it has them, else after `_`."""
    lowered = text.translate(_SUBSCRIPTS)
    if not text or all(before != after for before, after in zip(text, lowered, strict=True)):
        return lowered
    return f"_{text}" if len(text) == 1 else f"_({text})"


def _raised(text: str) -> str:
    """Return `text` as a superscript: in Unicode's own characters where all of it has them, else after `^`."""
    raised = text.translate(_SUPERSCRIPTS)
    if not text or all(before != after for before, after in zip(text, raised, strict=True)):
        return raised
    return f"^{text}" if len(text) == 1 else f"^({text})"


def _base_and_scripts(element: etree._Element, *marks: str) -> str:
    """Return a MathML base with its scripts; `marks` tells which follow, `_` or `^`."""
    base, *scripts = [*_children(element), *[""] * (len(marks) + 1)][: len(marks) + 1]
    render_script = {"_": _lowered, "^": _raised}
    return base + "".join(render_script[mark](text) for mark, text in zip(marks, scripts, strict=True))


def _fraction(element: etree._Element) -> str:
    """Return a MathML fraction as `a/b`, each in brackets where it is more than a word."""
    above, below = [*_children(element), "", ""][:2]
    return "/".join(part if re.fullmatch(r"\w*", part) else f"({part})" for part in (above, below))


def _math(element: etree._Element) -> str:
    """Return a formula; the white space between its elements is no text."""
    return "".join(_children(element)) or _inner(element)


_CASES: Final = {
    "sub": lambda element: _lowered(_inner(element)),
    "inf": lambda element: _lowered(_inner(element)),
    "sup": lambda element: _raised(_inner(element)),
    "math": _math,
    "mrow": _math,
    "mstyle": _math,
    "semantics": _math,
    "msub": lambda element: _base_and_scripts(element, "_"),
    "munder": lambda element: _base_and_scripts(element, "_"),
    "msup": lambda element: _base_and_scripts(element, "^"),
    "mover": lambda element: _base_and_scripts(element, "^"),
    "msubsup": lambda element: _base_and_scripts(element, "_", "^"),
    "munderover": lambda element: _base_and_scripts(element, "_", "^"),
    "mfrac": _fraction,
    "msqrt": lambda element: f"√({_math(element)})",
    "mspace": lambda _: " ",
    "mi": _inner,
    "mn": _inner,
    "mo": _inner,
}
