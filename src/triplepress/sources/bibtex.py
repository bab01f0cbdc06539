"""BibTeX and biblatex: one entry at a time, in pieces of a file of any length.

bibtexparser cuts the text into blocks and names into parts, and says where a block is broken; what macros and `#` make
of a value, what an entry takes over from the one that it names in `crossref`, and what a field means is decided here.

References:
    O. Patashnik, "BibTeXing" (1988); P. Lehman et al., "The biblatex Package", chapters 2 and 3.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import IO, Final, NamedTuple

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import InvalidNameError, parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import Block, Entry, ParsingFailedBlock, String
from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import parse_doi_field
from triplepress.record import ArticleRecord, Contributor, Journal, Rejected, Skipped, Source, Text
from triplepress.sources.checks import Checks
from triplepress.sources.content import DAMAGED
from triplepress.sources.languages import language_code
from triplepress.sources.latex import latex_text, verbatim
from triplepress.sources.licences import licence_iri
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import date_in, is_web_address, known, month_number

KIND: Final = "bibtex"
_ARTICLES: Final = frozenset({"article"})
_START: Final = re.compile(
    rb"^(?:\xef\xbb\xbf|\s)*@(?:(?:string|preamble|comment)\s*[{(]|[A-Za-z]+\s*[{(]\s*[^\s{}\"(),=]*\s*,)",
    re.MULTILINE | re.IGNORECASE,
)
# Where a new block may begin: what was read before it is whole.
_BLOCK: Final = re.compile(rb"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.IGNORECASE)
_PIECE: Final = 256 * 1024
_DAY_MONTH: Final = re.compile(r"(?:([0-9]{1,2})[~.\s]*)?([A-Za-z]{3,9}|[0-9]{1,2})\.?(?:[~\s]+([0-9]{1,2}))?,?")
# biblatex's names of languages, where they differ from ISO's.
_LANGUAGES: Final = {
    "american": "en",
    "british": "en",
    "usenglish": "en",
    "ukenglish": "en",
    "ngerman": "de",
    "austrian": "de",
    "francais": "fr",
    "brazilian": "pt",
    "brazil": "pt",
    "mexican": "es",
    "greek": "el",
}
# What an article takes over from the issue that it names, and under which name.
_INHERITED: Final = frozenset(
    {"title", "booktitle", "journal", "journaltitle", "shortjournal", "date", "year", "month", "volume", "number"}
    | {"issue", "issn", "publisher", "language", "langid"}
)
_TAKEN_OVER: Final = {"title": "journaltitle", "booktitle": "journaltitle"}
_REMEDY: Final = "Correct the entry; BibTeX itself would stop at it too"

# Its warnings repeat what the results say.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

Result = ArticleRecord | Rejected | Skipped
Fields = Mapping[str, str]


class _Waiting(NamedTuple):
    """An article that takes fields over from an entry which may stand further down."""

    key: str
    fields: Fields
    place: Source


def is_bibtex(head: bytes) -> bool:
    r"""Tell whether the first part of a file has the line that a BibTeX entry begins with.

    Example:
        >>> is_bibtex(b"% mine\n@article{a2024,"), is_bibtex(b"@media (min-width: 3em) {")
        (True, False)
    """
    return bool(_START.search(head))


def read_bibtex(stream: IO[bytes], source: Source, limit: int) -> Iterator[Result]:
    """Yield the result of each entry, those that name another one in `crossref` last.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; each result gets the line that its entry begins at.
        limit: The most bytes of one entry.
    """
    macros: dict[str, str] = {}
    parents: dict[str, Fields] = {}
    waiting: list[_Waiting] = []
    found = False
    for line, text in _pieces(stream, limit):
        place = replace(source, position=f"line {line}")
        if not isinstance(text, str):
            found = True
            yield reject(place, text.message, text.remedy)
            continue
        for block in parse_string(text, parse_stack=[]).blocks:
            at = replace(source, position=f"line {line + (block.start_line or 0)}")
            if isinstance(block, String):
                macros[block.key.lower()] = _value(str(block.value), macros)
                found = True
                continue
            entry = _entry(block)
            if entry is None:
                if isinstance(block, ParsingFailedBlock):
                    found = True
                    yield reject(at, f"the entry is broken: {_problem(block)}", _REMEDY)
                continue
            found = True
            if (bare := _without_comma(entry)) is not None:
                yield reject(at, f"the entry is broken: there is no comma after the field “{bare}”", _REMEDY)
                continue
            fields = _fields(entry, macros)
            kind = "preprint" if _is_preprint(fields) else entry.entry_type.lower()
            if kind not in _ARTICLES:
                parents[entry.key.lower()] = {name: value for name, value in fields.items() if name in _INHERITED}
                yield Skipped(source=at, doi=_doi(fields, Checks()), kind=kind)
            elif fields.get("crossref") or fields.get("xdata"):
                waiting.append(_Waiting(entry.key, fields, at))
            else:
                yield _article(entry.key, fields, at, Checks())
    for article in waiting:
        yield _article_of(article.key, article.fields, article.place, parents)
    if not found:
        yield reject(source, "no BibTeX entry begins in it", "Export the entries as BibTeX, UTF-8")


class _NotText(NamedTuple):
    """Why a piece of the file is not read."""

    message: str
    remedy: str


def _pieces(stream: IO[bytes], limit: int) -> Iterator[tuple[int, str | _NotText]]:
    """Yield the file in pieces that end before the beginning of an entry, with the number of their first line."""
    lines: list[bytes] = []
    size, first, number = 0, 1, 1
    while True:
        try:
            raw = stream.readline(limit + 1)
        except DAMAGED as error:
            if lines:
                yield first, _decoded(lines, limit)
            yield number, _NotText(f"the compressed file is damaged or cut short: {error}", "Make or fetch it again")
            return
        if not raw or (size > _PIECE and _BLOCK.match(raw)):
            if lines:
                yield first, _decoded(lines, limit)
            lines, size, first = [], 0, number
        if not raw:
            return
        if size <= limit + _PIECE:  # what is longer is refused, and need not be kept
            lines.append(raw)
        size += len(raw)
        number += raw.endswith(b"\n")


def _decoded(lines: list[bytes], limit: int) -> str | _NotText:
    """Return the text of some lines."""
    data = b"".join(lines)
    if len(data) > limit + _PIECE:
        return _NotText(
            f"an entry of more than {limit} bytes", "Close the entry's braces; max_input_bytes raises the limit"
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return _NotText("this part of the file is not UTF-8", "Save the file as UTF-8")


def _entry(block: Block) -> Entry | None:
    """Return the entry of a block; one that repeats a key or a field is an entry all the same."""
    if isinstance(block, Entry):
        return block
    inner = getattr(block, "ignore_error_block", None)
    return inner if isinstance(inner, Entry) else None


def _problem(block: ParsingFailedBlock) -> str:
    """Return what the parser says of a broken block, in one line."""
    words = getattr(block.error, "abort_reason", None) or str(block.error) or type(block.error).__name__
    return " ".join(str(words).split())


def _without_comma(entry: Entry) -> str | None:
    """Return the name of a field whose value goes on after its closing brace: it has swallowed the next field."""
    for each in entry.fields:
        for part in _parts(str(each.value).strip()):
            if part.startswith("{") and "}" in part[:-1] and len(_group(part)) < len(part):
                return each.key
    return None


def _group(text: str) -> str:
    """Return the group in braces that a text starts with; all of it where the brace is not closed."""
    depth = 0
    for at, character in enumerate(text):
        if character in "{}" and text[at - 1] != "\\":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return text[: at + 1]
    return text


def _fields(entry: Entry, macros: Mapping[str, str]) -> dict[str, str]:
    """Return an entry's fields by their names in lower case, the first of those that are repeated."""
    fields: dict[str, str] = {}
    for each in entry.fields:
        value = _value(str(each.value), macros).strip()
        if value:
            fields.setdefault(each.key.lower(), value)
    return fields


def _value(raw: str, macros: Mapping[str, str]) -> str:
    """Return a value without its delimiters, macros replaced and parts joined; an unknown macro stays as it is.

    Example:
        >>> _value('me # " and " # {Bo}', {"me": "Jo"}), _value("jan", {}), _value("{a # b}", {})
        ('Jo and Bo', 'jan', 'a # b')
    """
    parts: list[str] = []
    for part in _parts(raw.strip()):
        if (part[:1], part[-1:]) in {("{", "}"), ('"', '"')} and len(part) > 1:
            parts.append(part[1:-1])
        else:
            parts.append(macros.get(part.lower(), part))
    return "".join(parts)


def _parts(raw: str) -> Iterator[str]:
    """Yield the parts that `#` joins, outside of braces and quotation marks."""
    if "#" not in raw:
        yield raw
        return
    depth, start, quoted = 0, 0, False
    for at, character in enumerate(raw):
        escaped = at > 0 and raw[at - 1] == "\\"
        if character == "{" and not escaped:
            depth += 1
        elif character == "}" and not escaped:
            depth -= 1
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif character == "#" and depth == 0 and not quoted:
            yield raw[start:at].strip()
            start = at + 1
    yield raw[start:].strip()


def _article_of(key: str, fields: Fields, place: Source, parents: Mapping[str, Fields]) -> ArticleRecord | Rejected:
    """Return the record of an article with what it takes over from other entries."""
    checks = Checks()
    whole = dict(fields)
    for field in ("xdata", "crossref"):
        for name in filter(None, (part.strip() for part in fields.get(field, "").split(","))):
            parent = parents.get(name.lower())
            if parent is None:
                checks.warn("journal", f"the entry takes fields over from “{name}”, which the file does not have")
                continue
            for own, value in parent.items():
                renamed = own if field == "xdata" else _TAKEN_OVER.get(own, own)
                if renamed and not (renamed == "journaltitle" and "journal" in whole):
                    whole.setdefault(renamed, value)
    return _article(key, whole, place, checks)


def _article(key: str, fields: Fields, source: Source, checks: Checks) -> ArticleRecord | Rejected:
    """Return the record of an article."""
    doi = _doi(fields, checks)
    title = ": ".join(text for name in ("title", "subtitle") if (text := latex_text(fields.get(name, ""))))
    abstract = latex_text(fields.get("abstract", ""))
    address = verbatim(fields.get("url", ""))
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else key or None,
            pmid=next(iter(re.findall(r"^\s*([0-9]{1,8})\s*$", fields.get("pmid", ""))), None),
            pmcid=next(iter(re.findall(r"^\s*(PMC[0-9]+)\s*$", fields.get("pmcid", ""))), None),
            titles=[Text(text=title)] if title else [],
            abstracts=[Text(text=abstract)] if abstract else [],
            keywords=[Text(text=word) for word in _keywords(fields)],
            language=_language(fields),
            issued=_issued(fields, checks),
            journal=_journal(fields, checks),
            volume=known(latex_text(fields.get("volume", ""))),
            issue=known(latex_text(fields.get("number") or fields.get("issue", ""))),
            article_number=known(latex_text(fields.get("eid") or fields.get("articleno", ""))),
            contributors=_contributors(fields, checks),
            licences=[iri for name in ("copyright", "license") if (iri := licence_iri(verbatim(fields.get(name, ""))))],
            landing_pages=[address] if is_web_address(address) and "doi.org/" not in address else [],
            sources=[source],
            warnings=checks.warnings,
            **checks.pages(verbatim(fields.get("pages", "")).replace("--", "-").rstrip("+")),
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title or None)


def _is_preprint(fields: Fields) -> bool:
    """Tell whether an entry names a repository of preprints as its journal, as Google Scholar and DBLP write them."""
    journal = latex_text(fields.get("journal", "")).lower()
    return journal.startswith("arxiv") or (journal == "corr" and fields.get("volume", "").startswith("abs/"))


def _doi(fields: Fields, checks: Checks) -> str | None:
    """Return the DOI of its field, else of the resolver's address."""
    doi = checks.doi(verbatim(fields.get("doi", "")))
    if doi is None and "doi.org/10." in fields.get("url", ""):
        try:
            return parse_doi_field(verbatim(fields["url"]))
        except RecordError as error:
            checks.warn("doi", str(error))
    return doi


def _keywords(fields: Fields) -> list[str]:
    """Return the keywords; they stand in one field."""
    text = latex_text(fields.get("keywords", ""))
    return list(dict.fromkeys(word for part in text.split(";" if ";" in text else ",") if (word := part.strip())))


def _language(fields: Fields) -> str | None:
    """Return the language of the text."""
    stated = latex_text(fields.get("language") or fields.get("langid", ""))
    return _LANGUAGES.get(stated.lower()) or language_code(stated[:1].upper() + stated[1:]) or language_code(stated)


def _issued(fields: Fields, checks: Checks) -> str | None:
    """Return biblatex's date (the first of a range), else year, month and day."""
    if "date" in fields:
        found = date_in(fields["date"].partition("/")[0].rstrip("~?%"))
        if found is None:
            checks.warn("issued", f"“{fields['date']}” is no date that can be read without a guess")
        return found
    year = latex_text(fields.get("year", ""))
    stated = latex_text(fields.get("month", ""))
    match = _DAY_MONTH.fullmatch(stated)
    month = month_number(match[2]) if match else None
    if stated and month is None:
        checks.warn("issued", f"“{stated}” is no month that can be read without a guess")
    day = (match[1] or match[3]) if match and month else None
    return checks.date([year, *([month] if month else []), *([day or fields.get("day")] if month else [])], "issued")


def _journal(fields: Fields, checks: Checks) -> Journal | None:
    """Return the journal."""
    title = latex_text(fields.get("journaltitle") or fields.get("journal") or fields.get("shortjournal", ""))
    numbers = re.findall(r"[0-9]{4}-?[0-9]{3}[0-9Xx](?:\s*\([^)]*\))?", fields.get("issn", ""))
    stated = [re.split(r"\s*\(", number.rstrip(")")) for number in numbers]
    issns = checks.issns((parts[1] if len(parts) > 1 else None, parts[0]) for parts in stated)
    if fields.get("issn") and not numbers:
        checks.warn("journal.issn", f"“{fields['issn']}” is no ISSN")
    if not title and not issns:
        return None
    publisher = latex_text(fields.get("publisher", "")) or None
    return Journal(titles=[Text(text=title)] if title else [], publisher=publisher, **issns)


def _contributors(fields: Fields, checks: Checks) -> list[Contributor]:
    """Return authors, editors and translators."""
    contributors: list[Contributor] = []
    for role in ("author", "editor", "translator"):
        numbers = dict(re.findall(r'([0-9]+)\s*=\s*"([^"]+)"', fields.get(f"{role}+an:orcid", "")))
        position = 0
        for at, stated in enumerate(split_multiple_persons_names(fields.get(role, "")), start=1):
            if stated == "others":
                checks.warn("contributors", f"the entry leaves out further {role}s (“and others”)")
                continue
            name, given, family = _name(stated)
            if not name:
                checks.warn("contributors", f"the entry states an {role} without a name")
                continue
            position += 1
            contributors.append(
                Contributor(
                    role=role,
                    position=position,
                    name=name,
                    given=given,
                    family=family,
                    orcid=checks.orcid(numbers.get(str(at))),
                )
            )
    return contributors


def _name(stated: str) -> tuple[str, str | None, str | None]:
    """Return a name in reading order, its given names and its family name with the particle.

    Example:
        >>> _name("von Hicks, III, Michael")
        ('Michael von Hicks, III', 'Michael', 'von Hicks')
        >>> _name("{Institute of Examples}")
        ('Institute of Examples', None, None)
    """
    labelled = dict(re.findall(r"\b(given|family|prefix|suffix)(?:-i)?\s*=\s*([^,]+)", stated)) if "=" in stated else {}
    if "family" in labelled:
        first, von, last, suffix = (labelled.get(name, "").strip() for name in ("given", "prefix", "family", "suffix"))
    else:
        try:
            parts = parse_single_name_into_parts(stated, strict=False)
        except InvalidNameError:
            return latex_text(stated), None, None
        first, von, last, suffix = (" ".join(part) for part in (parts.first, parts.von, parts.last, parts.jr))
    given = latex_text(first) or None
    family = " ".join(text for part in (von, last) if (text := latex_text(part))) or None
    name = " ".join(part for part in (given, family) if part)
    if not given:
        return name, None, None
    return f"{name}, {latex_text(suffix)}" if suffix else name, given, family
