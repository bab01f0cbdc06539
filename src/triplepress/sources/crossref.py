"""Crossref's JSON: REST messages of today and of 2015, and doi.org's citeproc, one work at a time.

What is not a journal article is skipped with its type. `null` and `[[null]]` are nothing; a `volume` of `"null"` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois, normalise_doi, parse_issn, parse_orcid
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    File,
    Journal,
    RecordWarning,
    Reference,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
)
from triplepress.sources.licences import licence_iri
from triplepress.sources.markup import plain_text
from triplepress.sources.rejection import reject
from triplepress.sources.values import is_web_address, known, page_range

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
_RETRACTED_TITLE: Final = ("retracted:", "retracted article:", "[retracted]", "withdrawn:")


def works_of(document: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON may come
    """Yield the works in one JSON document: a work, a REST message of one, a list of works, or the data file's items.

    Example:
        >>> [work["DOI"] for work in works_of({"message": {"items": [{"DOI": "10.1234/a"}, {"DOI": "10.1234/b"}]}})]
        ['10.1234/a', '10.1234/b']
    """
    if isinstance(document, list):
        for item in document:
            yield from works_of(item)
    elif isinstance(document, dict):
        inner = document.get("message", document.get("items"))
        if isinstance(inner, dict | list) and "DOI" not in document:
            yield from works_of(inner)
        else:
            yield document


def read_work(work: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one Crossref work.

    Args:
        work: A work as Crossref's REST API (any generation) or doi.org's citeproc states it.
        source: Where it was found.

    Returns:
        The record; `Skipped` for what is no journal article; `Rejected` for what has no valid DOI.
    """
    stated = _text(work.get("DOI"))
    kind = _text(work.get("type"))
    try:
        doi = normalise_doi(stated or "")
    except RecordError as error:
        return reject(source, error.reason, error.remedy, field="doi", value=stated, stage="record")
    if kind not in _ARTICLE_TYPES:
        return Skipped(source=source, doi=doi, kind=kind or "without a type")
    try:
        return _Reader(work, source, doi).record()
    except RecordError as error:
        return reject(source, error.reason, error.remedy, field=error.field, value=error.value, doi=doi, stage="record")


@dataclass
class _Reader:
    """Reads one work; what cannot be used is noted in `warnings`."""

    work: Mapping[str, Any]
    source: Source
    doi: str
    warnings: list[RecordWarning] = field(default_factory=list)

    def record(self) -> ArticleRecord:
        """Return the record."""
        work = self.work
        titles = self._titles()
        first, last = page_range(_text(work.get("page")))
        relations, kind = self._relations()
        if kind is None and titles and titles[0].text.lower().startswith(_RETRACTED_TITLE):
            relations.append(Relation(type="is-retracted", text=titles[0].text))
        references = [
            self._reference(position, entry) for position, entry in enumerate(_dicts(work.get("reference")), start=1)
        ]
        declared = work.get("reference-count", work.get("references-count"))
        if references and isinstance(declared, int) and declared != len(references):
            self._warn("references", f"Crossref counts {declared} references and lists {len(references)}")
        abstract = plain_text(_text(work.get("abstract")) or "")
        resource = _dict(_dict(work.get("resource")).get("primary")).get("URL")
        return ArticleRecord(
            doi=self.doi,
            pmid=_text(work.get("PMID")),
            pmcid=_text(work.get("PMCID")),
            kind=kind or "journal-article",
            titles=titles,
            abstracts=[Text(text=abstract)] if abstract else [],
            language=_text(work.get("language")),
            issued=self._date("issued"),
            accepted=self._date("accepted"),
            available=self._date("published-online"),
            journal=self._journal(),
            volume=known(_clean(work.get("volume"))),
            issue=known(_clean(work.get("issue"))),
            pages=f"{first}-{last}" if first and last else first,
            first_page=first,
            last_page=last,
            article_number=known(_clean(work.get("article-number"))),
            contributors=self._contributors(),
            licences=self._licences(),
            references=references,
            relations=relations,
            landing_pages=[resource] if isinstance(resource, str) and is_web_address(resource) else [],
            files=self._files(),
            sources=[self.source],
            warnings=self.warnings,
        )

    def _warn(self, where: str, message: str) -> None:
        self.warnings.append(RecordWarning(field=where, message=message))

    def _titles(self) -> list[Text]:
        """Return the title with its subtitle; its language is not said, so it has none."""
        titles = [clean for text in _texts(self.work.get("title")) if (clean := plain_text(text))]
        if not titles:
            return []
        subtitle = next((clean for text in _texts(self.work.get("subtitle")) if (clean := plain_text(text))), "")
        title = titles[0]
        if subtitle and subtitle.lower() not in title.lower():
            title = f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {subtitle}"
        others = titles[1:] + [plain_text(text) for text in _texts(self.work.get("original-title"))]
        for other in others:
            if other and other != title:
                self._warn("titles", f"Crossref states another title, without saying its language: {other}")
        return [Text(text=title)]

    def _date(self, name: str) -> str | None:
        """Return a date of `date-parts` at the precision it has."""
        groups = _dict(self.work.get(name)).get("date-parts")
        parts = groups[0] if isinstance(groups, list) and groups and isinstance(groups[0], list) else []
        numbers = [int(part) for part in parts[:3] if isinstance(part, int | str) and str(part).isdigit()]
        if not numbers:
            return None
        year, *rest = numbers
        date = f"{year:04d}" + "".join(f"-{number:02d}" for number in rest)
        try:
            ArticleRecord(issued=date)
        except RecordError:
            self._warn(name, f"Crossref states the date {parts}, which is none")
            return None
        return date

    def _journal(self) -> Journal | None:
        """Return the journal; of ISSNs without a kind the first counts as the journal's own."""
        titles = [clean for text in _texts(self.work.get("container-title")) if (clean := plain_text(text))]
        issns: dict[str, str] = {}
        typed = _dicts(self.work.get("issn-type"))
        pairs = [(_text(item.get("type")), _text(item.get("value"))) for item in typed]
        pairs += [("print", text) for text in _texts(self.work.get("ISSN")) if not typed]
        for kind, text in pairs:
            try:
                issn = parse_issn(text or "")
            except RecordError as error:
                self._warn("journal.issn", str(error))
                continue
            slot = "eissn" if kind == "electronic" else "issn"
            if issns.setdefault(slot, issn) != issn:
                self._warn("journal.issn", f"Crossref states another ISSN: {issn}")
        if not titles and not issns:
            return None
        for other in titles[1:]:
            self._warn("journal.titles", f"Crossref states another journal title: {other}")
        return Journal(
            titles=[Text(text=title) for title in titles[:1]],
            issn=issns.get("issn"),
            eissn=issns.get("eissn"),
            publisher=_text(self.work.get("publisher")),
        )

    def _contributors(self) -> list[Contributor]:
        """Return authors, editors, translators and chairs, each role with positions of its own."""
        contributors = []
        for role in _ROLES:
            position = 0
            for person in _dicts(self.work.get(role)):
                given, family = _clean(person.get("given")), _clean(person.get("family"))
                organisation = _clean(person.get("name"))
                suffix = _clean(person.get("suffix"))
                name = organisation or " ".join(part for part in (given, family, suffix) if part)
                if not name:
                    self._warn("contributors", f"Crossref states an {role} without a name")
                    continue
                position += 1
                contributors.append(
                    Contributor(
                        role=role,
                        position=position,
                        name=name,
                        given=given,
                        family=family,
                        organisation=organisation is not None,
                        orcid=self._orcid(person.get("ORCID")),
                        affiliations=[
                            Affiliation(name=affiliation)
                            for item in _dicts(person.get("affiliation"))
                            if (affiliation := _clean(item.get("name")))
                        ],
                    )
                )
        return contributors

    def _orcid(self, text: Any) -> str | None:  # noqa: ANN401
        if not isinstance(text, str):
            return None
        try:
            return parse_orcid(text).removeprefix("https://orcid.org/")
        except RecordError as error:
            self._warn("contributors.orcid", str(error))
            return None

    def _licences(self) -> list[str]:
        licences: dict[str, None] = {}
        for item in _dicts(self.work.get("license")):
            address = _text(item.get("URL"))
            if address and item.get("content-version", "unspecified") in _LICENCE_VERSIONS:
                known = licence_iri(address)
                if known or is_web_address(address):
                    licences[known or address] = None
        return list(licences)

    def _files(self) -> list[File]:
        files: dict[str, File] = {}
        for item in _dicts(self.work.get("link")):
            address, media_type = _text(item.get("URL")), _text(item.get("content-type"))
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
        for update in _dicts(self.work.get("update-to")):
            relation, of_notice = _UPDATES.get(_text(update.get("type")) or "", ("updates", None))
            if self._relate(relations, relation, update.get("DOI")):
                kind = kind or of_notice
        for update in _dicts(self.work.get("updated-by")):
            name = _text(update.get("type")) or ""
            retracts = _UPDATES.get(name, ("", None))[0] == "retracts"
            relation = "is-retracted-by" if retracts else _UPDATED_BY.get(name, "is-corrected-by")
            self._relate(relations, relation, update.get("DOI"))
        stated = self.work.get("relation")
        for name, items in stated.items() if isinstance(stated, dict) else ():
            for item in _dicts(items):
                if item.get("id-type") == "doi":
                    self._relate(relations, name, item.get("id"))
        return list(relations.values()), kind

    def _relate(self, relations: dict[tuple[str, str], Relation], relation: str, text: Any) -> bool:  # noqa: ANN401
        """Add a relation to another work; tell whether its DOI was one."""
        try:
            doi = normalise_doi(text if isinstance(text, str) else "")
        except RecordError as error:
            self._warn("relations", f"{relation}: {error}")
            return False
        if doi != self.doi:
            relations.setdefault((relation, doi), Relation(type=relation, doi=doi))
        return True

    def _reference(self, position: int, entry: Mapping[str, Any]) -> Reference:
        """Return one entry: the text as deposited, never one composed of fields; the DOI wherever it hides."""
        unstructured = _text(entry.get("unstructured"))
        text = plain_text(unstructured) if unstructured else None
        fields = {
            name: plain_text(value) if isinstance(value, str) else value
            for name, value in entry.items()
            if name not in _NOT_FIELDS and value not in (None, "")
        }
        return Reference(
            position=position, text=text or None, doi=self._cited_doi(position, entry, unstructured), fields=fields
        )

    def _cited_doi(self, position: int, entry: Mapping[str, Any], unstructured: str | None) -> str | None:
        stated = _text(entry.get("DOI"))
        if stated:
            try:
                return normalise_doi(stated)
            except RecordError:
                found = find_dois(stated)
                if len(found) == 1:
                    return found[0]
                self._warn(f"references[{position}].doi", f"“{stated}” is no DOI")
        # More than one DOI in one text: which of them is cited, nothing says.
        for text in (
            unstructured,
            *(_text(entry.get(name)) for name in ("article-title", "journal-title", "volume-title")),
        ):
            found = [doi for doi in find_dois(text or "") if doi != self.doi]
            if len(found) == 1:
                return found[0]
        return None


def read_works(documents: Iterable[Any], source: Source) -> Iterator[ArticleRecord | Skipped | Rejected]:
    """Yield what is read of each work in some JSON documents of one source."""
    for document in documents:
        for work in works_of(document):
            yield read_work(work, source)


def _text(value: Any) -> str | None:  # noqa: ANN401
    """Return a JSON value as text: a string that is not blank, or a number; else None."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: Any) -> list[str]:  # noqa: ANN401
    """Return the texts in a string or a list of strings: the generations differ in that."""
    items = value if isinstance(value, list) else [value]
    return [text for item in items if (text := _text(item))]


def _clean(value: Any) -> str | None:  # noqa: ANN401
    """Return a text without markup, or None."""
    text = _text(value)
    return (plain_text(text) or None) if text else None


def _dict(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return a JSON object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Return the objects of a JSON list, or of a single one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
