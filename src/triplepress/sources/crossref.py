"""Crossref's JSON: REST messages of today and of 2015, and doi.org's citeproc, one work at a time.

What is not a journal article is skipped with its type. `null` and `[[null]]` are nothing; a `volume` of `"null"` too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois, parse_doi_field
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    File,
    Journal,
    Reference,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.checks import Checks
from triplepress.sources.licences import licence_iri
from triplepress.sources.markup import plain_text
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import (
    as_clean,
    as_object,
    as_objects,
    as_text,
    as_texts,
    date_in,
    is_abstract_heading,
    is_web_address,
    known,
    page_range,
    without_mail,
)

KIND: Final = "crossref"
_ARTICLE_TYPES: Final = frozenset({"journal-article", "article-journal"})
_ROLES: Final = ("author", "editor", "translator", "chair")
# What Crossref calls an update, as the later notice states it, and what it makes of the notice.
_UPDATES: Final = {
    "addendum": ("is-addendum-to", "addendum"),
    "clarification": ("corrects", "correction"),
    "correction": ("corrects", "correction"),
    "corrigendum": ("corrects", "correction"),
    "erratum": ("corrects", "correction"),
    "expression_of_concern": ("expresses-concern-about", "expression-of-concern"),
    "removal": ("retracts", "retraction"),
    "retraction": ("retracts", "retraction"),
    "partial_retraction": ("retracts", "retraction"),
    "withdrawal": ("retracts", "retraction"),
    "new_version": ("is-new-version-of", None),
    "new_edition": ("is-new-version-of", None),
}
_UPDATED_BY: Final = {
    "addendum": "has-addendum",
    "expression_of_concern": "has-expression-of-concern",
    "new_version": "is-previous-version-of",
    "new_edition": "is-previous-version-of",
}
# Licences for mining the text, or for a manuscript, are not the licence of the article that is published.
_LICENCE_VERSIONS: Final = frozenset({"vor", "unspecified"})
# Fields that say how an entry was deposited, not what it cites, and those that have a place of their own.
_NOT_FIELDS: Final = frozenset({"key", "DOI", "doi-asserted-by", "unstructured", "issn-type"})
_DOI_HIDES_IN: Final = ("article-title", "journal-title", "volume-title", "series-title", "URL")
# What Crossref adds to a work, and a CSL item or a record of others has not.
_DEPOSITED: Final = frozenset(
    {"prefix", "member", "indexed", "deposited", "reference-count", "references-count", "is-referenced-by-count"}
)
# The title that an abstract begins with.
_HEADING: Final = re.compile(
    r"\s*(?:<jats:sec(?:\s[^<>]*)?>\s*)?<(?P<tag>(?:jats:)?title)(?:\s[^<>]*)?>(?P<text>[^<]*)</(?P=tag)>",
    re.IGNORECASE,
)
# So publishers mark the article that was retracted. "Retracted: …" in mixed case is also how some title the notice.
_RETRACTED_TITLE: Final = re.compile(r"\s*\[?(?:RETRACTED(?: ARTICLE)?|WITHDRAWN)\b")
_SAYS_RETRACTED: Final = re.compile(r"\s*\[?(?:retracted|withdrawn|retraction)\b", re.IGNORECASE)


def is_work(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a work as Crossref states it: any DOI, and how it was deposited.

    Example:
        >>> is_work({"DOI": "10.1234/a", "prefix": "10.1234"}), is_work({"DOI": "10.1234/a", "id": "a2024"})
        (True, False)
    """
    return "DOI" in value and not _DEPOSITED.isdisjoint(value)


def read_work(work: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one Crossref work.

    Args:
        work: A work as Crossref's REST API (any generation) or doi.org's citeproc states it.
        source: Where it was found.

    Returns:
        The record; `Skipped` for what is no journal article; `Rejected` for an article that has no valid DOI.
    """
    stated = as_text(work.get("DOI"))
    kind = as_text(work.get("type"))
    title = next((clean for text in as_texts(work.get("title")) if (clean := plain_text(text))), None)
    try:
        doi = parse_doi_field(stated or "")
    except RecordError as error:
        if kind is not None and kind not in _ARTICLE_TYPES:
            return Skipped(source=source, kind=kind)
        return reject(source, error.reason, error.remedy, field="doi", value=stated, title=title, stage="record")
    if kind not in _ARTICLE_TYPES:
        return Skipped(source=source, doi=doi, kind=kind or "without a type")
    try:
        return _Reader(work, source, doi).record()
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


@dataclass
class _Reader:
    """Reads one work."""

    work: Mapping[str, Any]
    source: Source
    doi: str
    checks: Checks = field(default_factory=Checks)

    def record(self) -> ArticleRecord:
        """Return the record."""
        work = self.work
        titles = self._titles()
        first, last = page_range(as_text(work.get("page")))
        relations, kind = self._relations()
        if kind is None and titles and _SAYS_RETRACTED.match(titles[0].text):
            if _RETRACTED_TITLE.match(titles[0].text):
                relations.append(Relation(type="is-retracted", text=titles[0].text))
            else:
                self.checks.warn("relations", "by its title a retraction, or retracted; Crossref states no update")
        references = [
            self._reference(position, entry)
            for position, entry in enumerate(as_objects(work.get("reference")), start=1)
        ]
        declared = work.get("reference-count", work.get("references-count"))
        if references and isinstance(declared, int) and declared != len(references):
            self.checks.warn("references", f"Crossref counts {declared} references and lists {len(references)}")
        abstract = plain_text(_without_heading(as_text(work.get("abstract")) or ""))
        resource = as_object(as_object(work.get("resource")).get("primary")).get("URL")
        return ArticleRecord(
            doi=self.doi,
            pmid=as_text(work.get("PMID")),
            pmcid=as_text(work.get("PMCID")),
            kind=kind or "journal-article",
            titles=titles,
            abstracts=[Text(text=abstract)] if abstract else [],
            language=as_text(work.get("language")),
            issued=self._date("issued"),
            received=self._asserted("received"),
            accepted=self._date("accepted") or self._asserted("accepted"),
            available=self._date("published-online"),
            journal=self._journal(),
            volume=known(as_clean(work.get("volume"))),
            issue=known(as_clean(work.get("issue"))),
            pages=f"{first}-{last}" if first and last else first,
            first_page=first,
            last_page=last,
            article_number=known(as_clean(work.get("article-number"))),
            contributors=self._contributors(),
            licences=self._licences(),
            references=references,
            relations=relations,
            landing_pages=[resource] if isinstance(resource, str) and is_web_address(resource) else [],
            files=self._files(),
            sources=[self.source],
            warnings=self.checks.warnings,
        )

    def _titles(self) -> list[Text]:
        """Return the title with its subtitle; its language is not said, so it has none, and can be but one."""
        titles = [clean for text in as_texts(self.work.get("title")) if (clean := plain_text(text))]
        if not titles:
            return []
        subtitle = next((clean for text in as_texts(self.work.get("subtitle")) if (clean := plain_text(text))), "")
        title = titles[0]
        if subtitle and subtitle.lower() not in title.lower():
            title = f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {subtitle}"
        others = titles[1:] + [plain_text(text) for text in as_texts(self.work.get("original-title"))]
        for other in others:
            if other and other not in (title, titles[0]):
                self.checks.warn("titles", f"Crossref states another title, without saying its language: {other}")
        return [Text(text=title)]

    def _date(self, name: str) -> str | None:
        """Return a date of `date-parts` at the precision it has."""
        groups = as_object(self.work.get(name)).get("date-parts")
        parts = groups[0] if isinstance(groups, list) and groups and isinstance(groups[0], list) else []
        return self.checks.date(parts, name)

    def _asserted(self, name: str) -> str | None:
        """Return a date that the publisher asserts in words, such as `10 May 2006`."""
        for assertion in as_objects(self.work.get("assertion")):
            if as_text(assertion.get("name")) in (name, f"date_{name}") and (
                date := date_in(as_text(assertion.get("value")))
            ):
                return date
        return None

    def _journal(self) -> Journal | None:
        """Return the journal; of ISSNs without a kind the first counts as the journal's own."""
        titles = [clean for text in as_texts(self.work.get("container-title")) if (clean := plain_text(text))]
        typed = as_objects(self.work.get("issn-type"))
        stated = [(as_text(item.get("type")), as_text(item.get("value"))) for item in typed]
        issns = self.checks.issns(stated or [(None, text) for text in as_texts(self.work.get("ISSN"))])
        if not titles and not issns:
            return None
        for other in titles[1:]:
            self.checks.warn("journal.titles", f"Crossref states another journal title: {other}")
        return Journal(
            titles=[Text(text=title) for title in titles[:1]], publisher=as_clean(self.work.get("publisher")), **issns
        )

    def _contributors(self) -> list[Contributor]:
        """Return authors, editors, translators and chairs, each role with positions of its own."""
        contributors = []
        for role in _ROLES:
            position = 0
            for person in as_objects(self.work.get(role)):
                given, family = as_clean(person.get("given")), as_clean(person.get("family"))
                suffix = as_clean(person.get("suffix"))
                # Some state a person as an organisation that has a given name; "literal" is doi.org's own.
                group = as_clean(person.get("name")) or as_clean(person.get("literal"))
                printed = " ".join(part for part in (given, family, suffix) if part)
                if not (name := printed or group):
                    self.checks.warn("contributors", f"Crossref states an {role} without a name")
                    continue
                position += 1
                contributors.append(
                    Contributor(
                        role=role,
                        position=position,
                        name=name,
                        given=given,
                        family=family,
                        organisation=not printed and "literal" not in person,
                        orcid=self.checks.orcid(person.get("ORCID")),
                        affiliations=self._affiliations(person),
                    )
                )
        return contributors

    def _affiliations(self, person: Mapping[str, Any]) -> list[Affiliation]:
        affiliations = []
        for item in as_objects(person.get("affiliation")):
            name = without_mail(as_clean(item.get("name")) or "")
            if name:
                rors = [each for each in as_objects(item.get("id")) if as_text(each.get("id-type")) == "ROR"]
                ror = self.checks.ror(rors[0].get("id")) if rors else None
                affiliations.append(Affiliation(name=name, ror=ror))
        return affiliations

    def _licences(self) -> list[str]:
        licences: dict[str, None] = {}
        for item in as_objects(self.work.get("license")):
            address = as_text(item.get("URL"))
            if address and item.get("content-version", "unspecified") in _LICENCE_VERSIONS:
                iri = licence_iri(address)
                if iri or is_web_address(address):
                    licences[iri or address] = None
        return list(licences)

    def _files(self) -> list[File]:
        files: dict[str, File] = {}
        for item in as_objects(self.work.get("link")):
            address, media_type = as_text(item.get("URL")), as_text(item.get("content-type"))
            version = item.get("content-version", "vor")
            if address and is_web_address(address) and version == "vor":
                files.setdefault(
                    address, File(url=address, media_type=None if media_type == "unspecified" else media_type)
                )
        return list(files.values())

    def _relations(self) -> tuple[list[Relation], str | None]:
        """Return the stated relations, and the kind that an update gives its notice."""
        relations: dict[tuple[str, str], Relation] = {}
        kind: str | None = None
        for update in as_objects(self.work.get("update-to")):
            relation, of_notice = _UPDATES.get(_update_kind(update), ("updates", None))
            if self.checks.relate(relations, relation, update.get("DOI"), self.doi):
                kind = kind or of_notice
        for update in as_objects(self.work.get("updated-by")):
            name = _update_kind(update)
            retracts = _UPDATES.get(name, ("", None))[0] == "retracts"
            corrects = _UPDATES.get(name, ("", None))[0] == "corrects"
            relation = _UPDATED_BY.get(
                name, "is-retracted-by" if retracts else "is-corrected-by" if corrects else "is-updated-by"
            )
            self.checks.relate(relations, relation, update.get("DOI"), self.doi)
        for name, items in as_object(self.work.get("relation")).items():
            relation = name.replace("_", "-")
            for item in as_objects(items):
                scheme, identifier = as_text(item.get("id-type")), as_text(item.get("id"))
                if scheme == "doi":
                    self.checks.relate(relations, relation, identifier, self.doi)
                elif identifier:
                    text = f"{scheme}:{identifier}" if scheme and scheme != "uri" else identifier
                    relations.setdefault((relation, text), Relation(type=relation, text=text))
        return list(relations.values()), kind

    def _reference(self, position: int, entry: Mapping[str, Any]) -> Reference:
        """Return one entry: the text as deposited, never one composed of fields; the DOI wherever it hides."""
        unstructured = as_text(entry.get("unstructured"))
        text = plain_text(unstructured) if unstructured else None
        fields = {
            name: plain_text(value) if isinstance(value, str) else value
            for name, value in entry.items()
            if name not in _NOT_FIELDS and value not in (None, "")
        }
        isbn = as_text(entry.get("ISBN"))
        return Reference(
            position=position,
            text=text or None,
            doi=self._cited_doi(position, entry, unstructured),
            identifiers={"isbn": isbn.rpartition("/")[2]} if isbn else {},
            fields=fields,
        )

    def _cited_doi(self, position: int, entry: Mapping[str, Any], unstructured: str | None) -> str | None:
        """Return the DOI of the cited work; never one in `key`, which is the citing article's own as a rule."""
        stated = as_text(entry.get("DOI"))
        if stated:
            try:
                return parse_doi_field(stated)
            except RecordError:
                found = find_dois(stated)
                if len(found) == 1:
                    return found[0]
                self.checks.warn(f"references[{position}].doi", f"“{stated}” is no DOI")
        # More than one DOI in one text: which of them is cited, nothing says.
        for text in (unstructured, *(as_text(entry.get(name)) for name in _DOI_HIDES_IN)):
            found = [doi for doi in find_dois(text) if doi != self.doi] if text and "10." in text else []
            if len(found) == 1:
                return found[0]
        return None


def _without_heading(abstract: str) -> str:
    """Return an abstract's markup without the title that only says so."""
    heading = _HEADING.match(abstract)
    return abstract[heading.end() :] if heading and is_abstract_heading(heading["text"]) else abstract


def _update_kind(update: Mapping[str, Any]) -> str:
    """Return the kind of an update in one spelling: it is written `Correction`, `new-version`, `publisher-note`."""
    return re.sub(r"[\s-]+", "_", (as_text(update.get("type")) or "").lower())
