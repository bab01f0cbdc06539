"""MARC 21 in XML: the article of a journal, as libraries, INSPIRE and publishers describe it.

The elements are read here and not by pymarc, whose reader loses the text before a formula that a publisher put into a
field. What makes a record an article is its host item (773): a journal with a title or an ISSN.

References:
    MARC 21 Format for Bibliographic Data, Library of Congress; fields 037, 100 $j and 773 as INSPIRE and Hindawi use
    them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from triplepress.errors import RecordError
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    File,
    Journal,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.citations import read_citation
from triplepress.sources.languages import language_code
from triplepress.sources.licences import licence_iri
from triplepress.sources.names import name_parts
from triplepress.sources.oaipmh.protocol import Header, plain
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import date_in, is_web_address, known, page_range, without_mail
from triplepress.sources.xml import child, children, local_name

# Leader, position 7, and what a record of that level is; a component part (a, b) may be an article.
_LEVELS: Final = {
    "c": "collection",
    "d": "part of a collection",
    "m": "monograph",
    "s": "serial",
    "i": "integrating resource",
}
_ROLES: Final = {"edt": "editor", "editor": "editor", "ed.": "editor", "trl": "translator", "translator": "translator"}
_NOT_AUTHORS: Final = frozenset({"ths", "dgs", "supervisor", "advisor", "fnd", "spn", "pbl", "his", "his.", "isb"})
_NO_ARTICLE: Final = re.compile(r"conferencepaper|proceedings|thesis|book|preprint|dataset|lecture", re.IGNORECASE)
_END: Final = " /:;,=."
_ISBD_END: Final = re.compile(r"\s*\.\s*[-–—]\s*$")  # what catalogues write between one area and the next
_YEAR: Final = re.compile(r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2})(?![0-9])")
_PAGES: Final = re.compile(
    r"(?:pp?|s|с|seiten?)\.?\s*(?P<pages>[A-Za-z]?\d+(?:\s*[-–]\s*[A-Za-z]?\d+)?)", re.IGNORECASE
)


def read_marc(element: etree._Element, header: Header, source: Source) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the record of one MARC record, or of each in a collection.

    Args:
        element: `record` or `collection`.
        header: The header of the OAI record.
        source: Where it was found.
    """
    del header
    for record in children(element, "record") if local_name(element) == "collection" else [element]:
        marc = _Marc(record)
        reason = marc.no_article()
        if reason is not None:
            yield Skipped(source=source, doi=marc.doi(), kind=reason)
            continue
        try:
            yield marc.article(source)
        except RecordError as error:
            yield reject_value(source, error)


class _Field:
    """One data field: its indicators, and its subfields in order."""

    def __init__(self, element: etree._Element) -> None:
        self.second = element.get("ind2") or " "
        self.subfields = [
            (part.get("code") or "", text) for part in children(element, "subfield") if (text := plain(part))
        ]

    def all(self, *codes: str) -> list[str]:
        """Return the subfields of these codes, in order."""
        return [text for code, text in self.subfields if code in codes]

    def one(self, *codes: str) -> str | None:
        """Return the first subfield of the first of these codes that is there."""
        return next((text for code in codes for text in self.all(code)), None)


class _Marc:
    """One record: its leader, its control fields and its data fields by tag."""

    def __init__(self, element: etree._Element) -> None:
        self.leader = plain(child(element, "leader")) if child(element, "leader") is not None else ""
        self.controls = {
            field.get("tag"): "".join(map(str, field.itertext())) for field in children(element, "controlfield")
        }
        self.fields: dict[str, list[_Field]] = {}
        for field in children(element, "datafield"):
            self.fields.setdefault(field.get("tag") or "", []).append(_Field(field))
        self.checks = Checks()

    def of(self, *tags: str) -> list[_Field]:
        """Return the fields of these tags, in the order of the tags."""
        return [field for tag in tags for field in self.fields.get(tag, [])]

    def first(self, tag: str, *codes: str) -> str | None:
        """Return the first text of these subfields in the fields of one tag."""
        return next((text for field in self.of(tag) if (text := field.one(*codes))), None)

    def host(self) -> _Field | None:
        """Return the host item that is a journal, a fuller one before others."""
        hosts = [field for field in self.of("773") if field.one("t", "p", "x")]
        return max(hosts, key=lambda field: len(field.subfields), default=None)

    def no_article(self) -> str | None:
        """Return what the record is if it is no article, None if it is one."""
        level = _LEVELS.get(self.leader[7:8])
        if self.of("502"):
            return "thesis"
        kinds = [text for field in self.of("980", "655") for text in field.all("a")]
        other = next((kind for kind in kinds if _NO_ARTICLE.search(kind)), None)
        if other is not None:
            return other
        if self.of("111") and not self.of("245"):
            return "conference"
        if self.host() is None:
            return level or "without a host item (773) that is a journal"
        return level if level in {"monograph", "serial"} else None

    def doi(self) -> str | None:
        """Return the DOI that field 024 states."""
        for field in self.of("024"):
            if (field.one("2") or "").lower() == "doi" and (doi := self.checks.doi(field.one("a"))):
                return doi
        return None

    def article(self, source: Source) -> ArticleRecord:
        """Return the record of an article."""
        self.checks = Checks()
        host = self.host()
        doi = self.doi()
        titles = self.titles()
        volume, issue, first, last, number, year = self.place(host)
        language = self.language()
        issued = self.issued(year)
        arxiv = [text for field in self.of("037") if (field.one("9") or "") == "arXiv" and (text := field.one("a"))]
        return ArticleRecord(
            doi=doi,
            titles=titles,
            abstracts=[Text(text=text) for text in [self.first("520", "a")] if text],
            keywords=[
                Text(text=text.strip(_END)) for field in self.of("653") for text in field.all("a") if text.strip(_END)
            ],
            language=language,
            issued=issued,
            journal=self.journal(host),
            volume=volume,
            issue=issue,
            pages=f"{first}-{last}" if first and last else first,
            first_page=first,
            last_page=last,
            article_number=number,
            contributors=self.contributors(),
            licences=list(
                dict.fromkeys(
                    iri for field in self.of("540") for text in field.all("u", "a") if (iri := licence_iri(text))
                )
            ),
            relations=[Relation(type="has-preprint", text=text) for text in dict.fromkeys(arxiv)],
            landing_pages=list(dict.fromkeys(link for link, kind in self.links() if kind in {None, "text/html"})),
            files=[
                File(url=link, media_type=kind)
                for link, kind in dict.fromkeys(self.links())
                if kind not in {None, "text/html"}
            ],
            sources=[source],
            warnings=self.checks.warnings,
        )

    def titles(self) -> list[Text]:
        """Return the title with the rest of it."""
        title, rest = (self.first("245", code) for code in ("a", "b"))
        if not title:
            return []
        whole = f"{title.rstrip(' /:;,=')}: {rest.rstrip(' /')}" if rest else title.rstrip(" /:;,=")
        return [Text(text=whole)]

    def language(self) -> str | None:
        """Return the one language of field 041, else that of field 008."""
        codes = {
            code
            for text in (field for found in self.of("041") for field in found.all("a"))
            if (code := language_code(text))
        }
        if len(codes) == 1:
            return codes.pop()
        fixed = self.controls.get("008", "")[35:38]
        return language_code(fixed) if fixed.isalpha() and fixed not in {"und", "zxx", "mul"} and not codes else None

    def place(self, host: _Field | None) -> tuple[str | None, ...]:
        """Return volume, issue, first and last page, article number and year, of the host's subfields or its `$g`."""
        if host is None:
            return (None,) * 6
        volume, issue = known(host.one("v")), known(host.one("n"))
        issue = None if issue == "0" else issue  # Hindawi's word for none
        first, last = page_range(host.one("c"))
        year = date_in(host.one("y"))
        number = None
        if host.one("c") and last is None and first is not None and len(first) > 4:
            first, number = None, first  # an article number stands where the pages would
        related = "; ".join(host.all("g"))
        if related:
            stated = read_citation(f"-; {related}")
            pages = _PAGES.search(related)
            found = _YEAR.search(related)
            volume = volume or (stated.volume if stated else None)
            issue = issue or (stated.issue if stated else None)
            year = year or (found[1] if found else None)
            if pages and first is None and number is None:
                first, last = page_range(pages["pages"])
        return volume, issue, first, last, number, year

    def issued(self, year: str | None) -> str | None:
        """Return the date of publication, or the year of the issue where only that is sound."""
        for text in [text for field in self.of("260", "264") for text in field.all("c")]:
            found = _YEAR.search(text)
            date = date_in(text) or (found[1] if found else None)
            if date is not None:
                return date if year is None or date.startswith(year) else year
        return year

    def journal(self, host: _Field | None) -> Journal | None:
        """Return the journal that the host item names."""
        if host is None:
            return None
        title = _ISBD_END.sub("", host.one("t", "p") or "").strip(_END.replace(".", ""))
        numbers = self.checks.issns((None, text.strip(" .;")) for text in host.all("x"))
        publisher = self.first("260", "b") or self.first("264", "b")
        return Journal(
            titles=[Text(text=title)] if title else [],
            publisher=publisher.strip(" ,:;[]") if publisher else None,
            **numbers,
        )

    def contributors(self) -> list[Contributor]:
        """Return persons and organisations of the fields 100, 110, 700 and 710, each role counted from 1."""
        contributors: list[Contributor] = []
        counts: dict[str, int] = {}
        for tag in ("100", "110", "700", "710"):
            for field in self.of(tag):
                stated = [text.lower().strip(" ,") for text in field.all("4", "e")]
                name = (field.one("a") or "").rstrip(" ,;:")
                if not name or any(text in _NOT_AUTHORS for text in stated):
                    continue
                role = next((_ROLES[text] for text in stated if text in _ROLES), "author")
                counts[role] = counts.get(role, 0) + 1
                organisation = tag in {"110", "710"}
                parts = (name, None, None) if organisation else name_parts(name)
                contributors.append(
                    Contributor(
                        role=role,
                        position=counts[role],
                        name=parts[0],
                        given=parts[1],
                        family=parts[2],
                        organisation=organisation,
                        orcid=self.orcid(field),
                        affiliations=[
                            Affiliation(name=name) for text in field.all("u", "v") if (name := without_mail(text))
                        ],
                    )
                )
        return contributors

    def orcid(self, field: _Field) -> str | None:
        """Return the iD that a name's subfields hold."""
        for text in field.all("j", "0", "1"):
            match = re.search(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx]", text)
            if match and (orcid := self.checks.orcid(match[0])):
                return orcid
        return None

    def links(self) -> list[tuple[str, str | None]]:
        """Return the addresses of field 856 with their media types; a DOI's is none, it stands in field 024."""
        found = []
        for field in self.of("856"):
            stated = (field.one("q", "x") or "").lower()
            for link in field.all("u"):
                if is_web_address(link) and "//doi.org/" not in link and "//dx.doi.org/" not in link:
                    kind = "application/pdf" if link.lower().endswith(".pdf") else stated if "/" in stated else None
                    found.append((link, kind))
        return found
