"""PubMed's MEDLINE format (`.nbib`): one citation at a time.

References:
    National Library of Medicine, PubMed Help, "MEDLINE / PubMed data element (field) descriptions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Final

from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    Journal,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.languages import language_code
from triplepress.sources.markup import plain_text
from triplepress.sources.names import name_parts
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.tagged import Dialect, Entry, read_entries
from triplepress.sources.values import date_in, known, month_number, without_mail

KIND: Final = "medline"
# Publication types that say what an article is; the first that is among an entry's types counts.
_KINDS: Final = {
    "retraction of publication": "retraction",
    "retraction notice": "retraction",
    "published erratum": "correction",
    "expression of concern": "expression-of-concern",
    "editorial": "editorial",
    "letter": "letter",
    "review": "review-article",
    "case reports": "case-report",
    "journal article": "journal-article",
    "comment": "commentary",
    "news": "news",
}
_OTHER: Final = re.compile(r"book|dissertation|preprint|collected works|dataset|speeches|congress", re.IGNORECASE)
# Notices that belong to the article, and articles that a notice belongs to.
_RELATIONS: Final = {
    "EIN": "is-corrected-by",
    "EFR": "corrects",
    "RIN": "is-retracted-by",
    "ROF": "retracts",
    "CON": "is-comment-on",
    "CIN": "has-comment",
    "UIN": "is-updated-by",
    "UOF": "updates",
}
# Languages that are printed in other letters than Latin ones, in which PubMed writes their titles.
_OTHER_SCRIPTS: Final = frozenset(
    ["ar", "be", "bg", "el", "fa", "he", "hi", "hy", "ja", "ka", "ko", "mk", "ru", "th", "uk", "zh"]
)
_DIALECT: Final = Dialect(tag=re.compile(r"(?P<tag>[A-Z]{2,4}) {0,2}- (?P<value>.*)|(?P<bare>[A-Z]{2,4}) {0,2}-$"))
_START: Final = re.compile(rb"^(?:\xef\xbb\xbf|\s)*(?:PMID- [0-9]+|OWN - [A-Z]+)\s*$", re.MULTILINE)
_REMEDY: Final = "Export the citation again, in the PubMed format"


def is_medline(head: bytes) -> bool:
    """Tell whether the first part of a file has the line that a citation of PubMed begins with.

    Example:
        >>> is_medline(b"PMID- 12345678"), is_medline(b"TY  - JOUR")
        (True, False)
    """
    return bool(_START.search(head))


def read_medline(stream: IO[bytes], source: Source, limit: int) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the result of each citation; a bad one does not stop the others.

    Args:
        stream: Unpacked bytes, UTF-8.
        source: The file; each result gets the line that its citation begins at.
        limit: The most bytes of one citation.
    """
    found = False
    for entry in read_entries(stream, _DIALECT, limit):
        found = True
        place = replace(source, position=f"line {entry.line}")
        if entry.problem:
            yield reject(place, entry.problem, _REMEDY, title=entry.first("TI"))
        else:
            yield _read_entry(entry, place)
    if not found:
        yield reject(source, "no citation in it: there is no line such as “PMID- 12345678”", _REMEDY)


def _read_entry(entry: Entry, source: Source) -> ArticleRecord | Rejected | Skipped:
    """Return the result of one citation."""
    checks = Checks()
    doi = _doi(entry, checks)
    types = entry.all("PT")
    kind = _kind(types)
    if kind is None:
        return Skipped(source=source, doi=doi, kind=types[0] if types else "without a type")
    pmid = next((text for text in entry.all("PMID") if re.fullmatch("[0-9]{1,8}", text)), None)
    title = plain_text(entry.first("TI") or "")
    abstract = plain_text(entry.first("AB") or "")
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else pmid,
            pmid=pmid,
            pmcid=next((text for text in entry.all("PMC") if re.fullmatch("PMC[0-9]+", text)), None),
            kind=kind,
            titles=_titles(entry, title),
            abstracts=[Text(text=abstract)] if abstract else [],
            keywords=[Text(text=word) for word in dict.fromkeys(_keywords(entry)) if word],
            language=_language(entry),
            issued=_issued(entry.first("DP"), checks),
            available=_day(entry.first("DEP")),
            received=_event(entry, "received"),
            accepted=_event(entry, "accepted"),
            journal=_journal(entry, checks),
            volume=known(entry.first("VI")),
            issue=known(entry.first("IP")),
            contributors=_contributors(entry, checks),
            relations=_relations(entry, doi),
            sources=[source],
            warnings=checks.warnings,
            **checks.pages(entry.first("PG")),
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


def _kind(types: list[str]) -> str | None:
    """Return the kind of article; None for books and the like, and for what states no type."""
    if not types or any(_OTHER.search(text) for text in types):
        return None
    lowered = {text.lower() for text in types}
    return next((kind for name, kind in _KINDS.items() if name in lowered), "journal-article")


def _doi(entry: Entry, checks: Checks) -> str | None:
    """Return the DOI among the article's identifiers: they carry their scheme in brackets."""
    for text in entry.all("LID", "AID"):
        stated, _, scheme = text.rpartition(" [")
        if scheme == "doi]" and (doi := checks.doi(stated)):
            return doi
    return None


def _titles(entry: Entry, title: str) -> list[Text]:
    """Return the title. In brackets it is PubMed's translation into English, and the article's own stands in `TT`."""
    own = plain_text(entry.first("TT") or "").removesuffix(".")
    translated = re.fullmatch(r"\[(.*)\]\.?", title)
    language = _language(entry)
    if language in _OTHER_SCRIPTS and own.isascii():
        language = f"{language}-latn"
    texts = [Text(text=own, lang=language)] if own else []
    if translated:
        return [*texts, Text(text=translated[1].removesuffix("."), lang="en")]
    if own and title:
        return [*texts, Text(text=title.removesuffix("."), lang="en")]
    return [Text(text=title.removesuffix("."))] if title else texts


def _keywords(entry: Entry) -> Iterator[str]:
    """Yield the authors' keywords: subject headings are the library's, and an asterisk only marks the main ones."""
    return (plain_text(text).lstrip("*").strip() for text in entry.all("OT"))


def _language(entry: Entry) -> str | None:
    """Return the language of the text; of several none."""
    stated = entry.all("LA")
    return language_code(stated[0]) if len(stated) == 1 else None


def _issued(stated: str | None, checks: Checks) -> str | None:
    """Return the date of `1996 Jul 9`; of a season or a range as much as is said without a guess.

    Example:
        >>> _issued("1996 Jul 9", Checks()), _issued("2004 Winter", Checks()), _issued("2019 Dec-2020 Jan", Checks())
        ('1996-07-09', '2004', '2019-12')
    """
    year, *rest = re.split(r"[ /]", (stated or "").partition("-")[0].strip())
    if not year:
        return None
    month = month_number(rest[0]) if rest else None
    return checks.date([year, *([month, *rest[1:2]] if month else [])], "issued")


def _day(stated: str | None) -> str | None:
    """Return the date of `20150303`."""
    match = re.fullmatch("([0-9]{4})([0-9]{2})([0-9]{2})", stated or "")
    return date_in("-".join(match.groups())) if match else None


def _event(entry: Entry, name: str) -> str | None:
    """Return the day of one event of the article's history."""
    found = next((text for text in entry.all("PHST") if text.endswith(f"[{name}]")), "")
    return date_in(found.partition(" ")[0])


def _journal(entry: Entry, checks: Checks) -> Journal | None:
    """Return the journal, its ISSNs by their kind."""
    title = plain_text(entry.first("JT", "TA") or "")
    stated = [re.fullmatch(r"(.*?)\s*\((.*)\)", text) for text in entry.all("IS")]
    numbers = [(match[2], match[1]) for match in stated if match]
    linking = [number for kind, number in numbers if kind == "Linking"]
    issns = checks.issns(pair for pair in numbers if pair[0] != "Linking")
    issns |= checks.issns(("Linking", number) for number in linking)  # it is one of the others, or of an older name
    return Journal(titles=[Text(text=title)] if title else [], **issns) if title or issns else None


def _contributors(entry: Entry, checks: Checks) -> list[Contributor]:
    """Return the authors, then the editors: full names where there are any, each with what follows it."""
    tags = {
        "FAU" if entry.first("FAU") else "AU": "author",
        "CN": "author",
        "FED" if entry.first("FED") else "ED": "editor",
    }
    contributors: list[Contributor] = []
    for at, (tag, value) in enumerate(entry.values):
        role = tags.get(tag)
        if role is None or not value or value == "et al.":
            continue
        details = []
        for other, text in entry.values[at + 1 :]:
            if other in {"FAU", "CN", "FED"} or (other == tag and tag in {"AU", "ED"}) or other == "LA":
                break
            details.append((other, text))
        stated = plain_text(value)
        name, given, family = (stated, None, None) if tag == "CN" else name_parts(stated)
        contributors.append(
            Contributor(
                role=role,
                position=sum(each.role == role for each in contributors) + 1,
                name=name,
                given=given,
                family=family,
                organisation=tag == "CN",
                orcid=next((iD for other, text in details if other == "AUID" and (iD := _orcid(text, checks))), None),
                affiliations=[
                    Affiliation(name=clean)
                    for other, text in details
                    if other == "AD" and (clean := without_mail(plain_text(text)).rstrip("."))
                ],
            )
        )
    return contributors


def _orcid(stated: str, checks: Checks) -> str | None:
    """Return the iD of `ORCID: 0000-…`; other schemes are not kept."""
    scheme, _, number = stated.partition(":")
    return checks.orcid(number.strip().rpartition("/")[2]) if scheme.strip().upper() == "ORCID" else None


def _relations(entry: Entry, own: str | None) -> list[Relation]:
    """Return the works that the citation names as related; their text names the DOI, if at all."""
    found: dict[tuple[str, str], Relation] = {}
    for tag, text in entry.values:
        if (kind := _RELATIONS.get(tag)) is None or not text:
            continue
        dois = [doi for doi in find_dois(text) if doi != own]
        doi = dois[0] if len(dois) == 1 else None
        found.setdefault((kind, doi or text), Relation(type=kind, doi=doi, text=None if doi else text))
    return list(found.values())
