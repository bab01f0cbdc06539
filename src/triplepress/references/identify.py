"""Identifiers and addresses in a reference: found, checked, and taken out of the text.

No digit of theirs may be mistaken for a year, a volume or a page.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from triplepress.identifiers import find_dois

_MONTH: Final = (
    r"(?:jan|fe[bv]|mar|a[pbv]r|ma[iyj]|jun|jul|a[ug][go]|sep|se[tp]|o[ckut]t|nov|d[eiz][czs]|янв|фев|мар|апр|ма[йя]"
    r"|июн|июл|авг|сен|окт|ноя|дек|mai|août)"
    r"[^\W\d]*\.?"
)
_DAY: Final = (
    rf"(?:[0-9]{{1,2}}-[IVX]{{1,4}}-[0-9]{{4}}|[0-9]{{1,2}}[./-][0-9]{{1,2}}[./-][0-9]{{2,4}}"
    rf"|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|[0-9]{{1,2}}[.º°]?(?:st|nd|rd|th)?,?\s(?:de\s)?{_MONTH},?\s(?:de\s)?[0-9]{{4}}|{_MONTH}\s[0-9]{{1,2}}(?:st|nd"
    rf"|rd|th)?,?\s[0-9]{{4}}"
    rf"|[0-9]{{4}},?\s{_MONTH}(?:\s[0-9]{{1,2}})?|{_MONTH},?\s(?:de\s)?[0-9]{{4}})"
)
_ACCESS_WORDS: Final = (
    r"(?:last\s)?(?:acces+ed|access\sdate|accessed|acesso|acessado|acesado|accedido|acceso|consulted|consultado"
    r"|consultada|consulté|retrieved|cited|citado|viewed"
    r"|visited|updated|downloaded|дата\sобращения|дата\sдоступа|обращение|просмотрено|проверено|data\sobrashcheniya"
    r"|zugriff|abgerufen)"
)
_ACCESS: Final = re.compile(
    rf"[\[(]?\s*(?:{_ACCESS_WORDS})\s*(?:on|em|el|en|le|am|in|date|:)*\s*:?\s*{_DAY}\s*(?:г\."
    rf"|,\s*from)?\s*[\])]?[;.,]?",
    re.IGNORECASE,
)
# A plain search for one of these is many times faster than trying the pattern at every character.
_ACCESS_HINTS: Final = (
    "acces",
    "acess",
    "consult",
    "retriev",
    "cited",
    "citado",
    "viewed",
    "visited",
    "updated",
    "downloaded",
    "обращ",
    "доступа",
    "просмотр",
    "провер",
    "obrashch",
    "zugriff",
    "abgeruf",
)
_AVAILABLE_HINTS: Final = (
    "available",
    "disponí",
    "disponible",
    "retrieved",
    "accessed at",
    "url:",
    " url",
    " uri",
    "режим",
    "rezhim",
    "доступно",
    "[internet",
    "[online",
    "[elect",
    "[элект",
    "[elekt",
    "[e-res",
    "[text",
    "[текст",
    "text :",
    "text:",
    "текст:",
    "текст :",
    " see ",
)
_AVAILABLE: Final = re.compile(
    r"\[(?:internet|online|electronic resource|электронный ресурс|elektronnyi resurs|elektronnyy resurs|e-resource"
    r"|text|текст)\]"
    r"|(?:text\s*:\s*electronic|текст\s*:\s*(?:электронный|непосредственный))"
    r"|(?:[\[(<]\s*)?\b(?:available\s(?:online\s)?(?:from|at|in|via)?|available|disponível(?:\sem)?|disponible\s(?:en"
    r"|sur|à)|retrieved\sfrom|retrieved|"
    r"accessed\sat|url|uri|режим\sдоступа|rezhim\sdostupa|доступно|see(?=\s*$|\s*[.,)\]]))\s*:?\s*(?=[<\[(.,;\x00]|\s"
    r"|$)",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"[<〈(\[]?\s?((?:https?|ftp)://[^\s<>«»“”\"〈〉]+|www\.[^\s<>«»“”\"]+)\s?[>〉]?", re.IGNORECASE
)
_DOI_SPAN: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_DOI_LEAD: Final = re.compile(
    r"[<(\[]?\s?(?:(?:digital object identifier|crossref|doi)\s*[:=.]?\s*|(?:https?://|//)?"
    r"(?:dx\.)?doi\.org\s?/+\s?)+$",
    re.IGNORECASE,
)
# Addresses that resolve a DOI elsewhere than at doi.org: "doi.acm.org/10.1145/…", "https://example.org/doi/abs/10.1096/…".
_RESOLVER: Final = re.compile(
    r"(?:https?://)?(?:\bdoi\.(?!org\b)[a-z0-9-]+(?:\.[a-z0-9-]+)+/|(?:[a-z0-9-]+\.)+[a-z]{2,}/(?:[a-z]+/)?(?:doi"
    r"|works)/(?:abs/|full/|pdf/|epdf/)?)"
    r"(?P<doi>10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s?#\"“”«»<>〈〉]+)(?:[?#][^\s\"“”«»<>〈〉]*)?",
    re.IGNORECASE,
)
# What publishers append to a DOI in their addresses.
_VIEW: Final = re.compile(
    r"/(?:abstract|citedby|epdf|epub|full|fulltext|full/html|html|meta|pdf|references|summary|suppinfo)$", re.IGNORECASE
)
_DOI_WORD: Final = re.compile(r"\b(?:https?://)?(?:dx\.)?doi(?:\.org/?)?\s*[:=]?\s*(?=[.,;)\]]|$)", re.IGNORECASE)
_ARXIV: Final = re.compile(
    r"(?:https?://)?(?:[a-z]+\.)?arxiv(?:\.org/(?:abs|pdf)/|\s*(?:preprint)?\s*(?:arxiv)?\s*[:.]?\s*)"
    r"([0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}(?:v[0-9]+)?)(?:\s*\[[^\]\s]{2,20}\])?",
    re.IGNORECASE,
)
_ISBN: Final = re.compile(r"\bISBN(?:-1[03])?[:\s]*((?:97[89][\s‐‑–-]?)?(?:[0-9][\s‐‑–-]?){9}[0-9XxХх])", re.IGNORECASE)
_PMID: Final = re.compile(
    r"\b(?:PMID|PubMed(?:\sPMID|\sID|\sCentral)?|Medline)\s*[:=]?\s*([1-9][0-9]{3,8})\b"
    r"|pubmed/([1-9][0-9]{3,8})\b|pubmed\.ncbi\.nlm\.nih\.gov/([1-9][0-9]{3,8})\b",
    re.IGNORECASE,
)
_PMCID: Final = re.compile(r"(?:\b(?:PMCID)\s*[:=]?\s*)?\b(PMC[1-9][0-9]{3,8})\b", re.IGNORECASE)
_URL_TAIL: Final = ".,;:!?’'”"


class Identified(NamedTuple):
    """The identifiers of a reference and the text without them."""

    text: str
    doi: str | None
    url: str | None
    arxiv: str | None
    isbn: str | None
    pmid: str | None
    pmcid: str | None


def identify(text: str) -> Identified:
    """Return the identifiers in an even text (see `normalise.even_text`) and what is left of it."""
    doi = url = arxiv = isbn = pmid = pmcid = None
    lower = text.lower()
    if "arxiv" in lower:
        match = _ARXIV.search(text)
        if match:
            arxiv = match[1]
            text = _cut(text, match.start(), match.end())
    if "10." in text:
        if "doi." in lower or "/doi/" in lower or "/works/" in lower:
            address = _RESOLVER.search(text)
            if address and "doi.org/" not in address.group().lower():
                url = _without_tail(address.group())
                named = _VIEW.sub("", _without_tail(address["doi"]))
                text = f"{text[: address.start()]}https://doi.org/{named} {text[address.end() :]}"
        dois = find_dois(text)
        if dois:
            doi = dois[0]
            text = _without_dois(text, dois)
            if "doi" in lower:
                text = _DOI_WORD.sub("", text)
    if "pubmed" in lower or "pmid" in lower or "medline" in lower:
        match = _PMID.search(text)
        if match:
            pmid = match[1] or match[2] or match[3]
            if match[1]:
                text = _cut(text, match.start(), match.end())
    if "pmc" in lower:
        match = _PMCID.search(text)
        if match:
            pmcid = match[1].upper()
    if "isbn" in lower:
        match = _ISBN.search(text)
        if match:
            isbn = _checked_isbn(match[1])
            text = _cut(text, match.start(), match.end())
    has_address = "://" in text or "www." in lower
    if has_address:
        match = _URL.search(text, _address_at(text))
        while match:
            found = _without_tail(match[1])
            if url is None and "doi.org/10." not in found.lower():
                url = found
            end = match.end()
            if not match[0].endswith((">", "〉")):
                end = match.start(1) + len(found)
            text = _cut(text, match.start() if match[0][0] in "<〈" else match.start(1), end)
            at = _address_at(text)
            match = _URL.search(text, at) if at >= 0 else None
    if pmcid and "pmc" in text.lower():
        text = _PMCID.sub("", text)
    lower = text.lower()
    for hint in _ACCESS_HINTS:
        if hint in lower:
            text = _ACCESS.sub(" ", text)
            break
    for hint in _AVAILABLE_HINTS:
        if hint in lower:
            text = _AVAILABLE.sub(" ", text)
            break
    return Identified(text.rstrip(" <>([,;:"), doi, url, arxiv, isbn, pmid, pmcid)


def _address_at(text: str) -> int:
    """Return where an address may begin, -1 where none does."""
    found = [at for at in (text.find("://"), text.lower().find("www.")) if at >= 0]
    return max(0, min(found) - 8) if found else -1


def _cut(text: str, start: int, end: int) -> str:
    """Return `text` without a span and without the brackets that held nothing else."""
    left, right = text[:start].rstrip(), text[end:].lstrip()
    while left and right and left[-1] + right[0] in ("()", "[]", "<>"):
        left, right = left[:-1].rstrip(), right[1:].lstrip()
    return f"{left} {right}" if right and right[0] not in ".,;:)]" else left + right


def _without_dois(text: str, dois: list[str]) -> str:
    """Return `text` without its DOIs and the labels and resolvers before them."""
    match = _DOI_SPAN.search(text)
    while match:
        start, end = match.start(), match.start() + len(_without_tail(match[0]))
        folded = match[0].lower()
        for doi in dois:
            if not folded.startswith(doi) and doi.startswith(_without_tail(folded)):
                end = max(end, _reach(text, start, doi))  # a blank stood inside it
        from_here = max(0, start - 48)
        lead = _DOI_LEAD.search(text[from_here:start])
        if lead:
            start = from_here + lead.start()
        if text[start] in "<([" and not text[end : end + 2].lstrip().startswith((">", ")", "]")):
            start += 1
        text = _cut(text, start, end)
        match = _DOI_SPAN.search(text)
    return text


def _reach(text: str, start: int, doi: str) -> int:
    """Return where a DOI ends in `text` when the blanks inside it are passed over."""
    at = start
    for character in doi:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text) or text[at].lower() != character:
            return start
        at += 1
    return at


def _without_tail(text: str) -> str:
    """Return an address without the punctuation and unbalanced brackets that belong to the sentence."""
    while text:
        last = text[-1]
        if last in _URL_TAIL or (last == ")" and "(" not in text) or (last == "]" and "[" not in text) or last == ">":
            text = text[:-1]
        else:
            break
    return text


def _checked_isbn(text: str) -> str | None:
    """Return an ISBN without hyphens if its check digit is right (ISO 2108), else None."""
    digits = "".join(
        character for character in text.upper().replace("Х", "X") if character.isdigit() or character == "X"
    )
    if len(digits) == 13 and digits.isdigit():
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return digits if total % 10 == 0 else None
    if len(digits) == 10 and digits[:9].isdigit():
        total = sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(digits))
        return digits if total % 11 == 0 else None
    return None
