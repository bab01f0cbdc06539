"""One JATS article: identifiers, titles, dates, journal, licence, relations; contributors and references beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois, parse_doi_field, parse_issn
from triplepress.record import (
    ArticleRecord,
    File,
    Journal,
    RecordWarning,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
    language_tag,
)
from triplepress.sources.jats.contributors import element_text, read_contributors
from triplepress.sources.jats.references import read_references
from triplepress.sources.licences import licence_iri
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.values import (
    date_in,
    date_of,
    is_abstract_heading,
    is_web_address,
    known,
    month_number,
    page_range,
)
from triplepress.sources.xml import child, children, descendants, language_of, link_of, local_name, parse_xml

# The values of article-type that this product has another word for; all others stand as they are.
_KINDS: Final = {
    "research-article": "journal-article",
    "research": "journal-article",
    "article": "journal-article",
    "other": "journal-article",
    "article-commentary": "commentary",
    "discussion": "commentary",
    "rapid-communication": "rapid-communication",
    "news": "news",
    "in-brief": "news",
    "partial-retraction": "retraction",
    "data-paper": "data-paper",
}
# related-article-type of this article's notice, and the relation it states.
_RELATIONS: Final = {
    "corrected-article": "corrects",
    "retracted-article": "retracts",
    "partial-retraction": "retracts",
    "correction-forward": "is-corrected-by",
    "retraction-forward": "is-retracted-by",
    "object-of-concern": "expresses-concern-about",
    "preprint": "has-preprint",
    "addended-article": "is-addendum-to",
    "addendum": "has-addendum",
    "translated-article": "is-translation-of",
    "updated-article": "is-new-version-of",
    "update": "is-previous-version-of",
    "commentary": "has-comment",
    "commentary-article": "is-comment-on",
    "peer-reviewed-article": "is-review-of",
    "concern-forward": "has-expression-of-concern",
    "companion": "has-companion",
    "reviewer-report": "has-review",
}
# The date of the issue before the day it went online, which has a field of its own.
_ISSUED: Final = ("ppub", "collection", "pub", "epub-ppub", "epub", "")
_AVAILABLE: Final = ("epub", "pub")


def read_jats(data: bytes, source: Source) -> Iterator[ArticleRecord | Rejected | Skipped]:
    """Yield the articles in one XML document: JATS 1.0 to 1.3 and NLM 2.2 to 3.0, bare or wrapped.

    Args:
        data: The document's bytes.
        source: Where it was found.
    """
    try:
        root = parse_xml(data)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        message = f"the XML is not well-formed: {error.msg}"
        yield reject(source, message, "Correct the file, or export it again", position=f"line {line}, column {column}")
        return
    articles = [root] if local_name(root) == "article" else list(_outermost(root))
    if not articles:
        yield reject(source, f"no JATS article: the root element is “{local_name(root)}”", "Give a JATS or NLM article")
    for article in articles:
        yield read_article(article, source)


def _outermost(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the `article` elements that stand in no other article."""
    for element in root.iter():
        if local_name(element) == "article" and not any(
            local_name(above) == "article" for above in element.iterancestors()
        ):
            yield element


def read_article(article: etree._Element, source: Source) -> ArticleRecord | Rejected | Skipped:
    """Return the record of one `article` element."""
    meta = child(article, "front", "article-meta")
    if meta is None:
        return reject(source, "the article has no front matter (article-meta)", "Export the article with its metadata")
    try:
        return _Reader(article, meta, source).record()
    except RecordError as error:
        return reject_value(source, error)


@dataclass
class _Reader:
    """Reads one article; what cannot be used is noted in `warnings`."""

    article: etree._Element
    meta: etree._Element
    source: Source
    warnings: list[RecordWarning] = field(default_factory=list)

    def record(self) -> ArticleRecord:
        """Return the record."""
        meta = self.meta
        doi = self._doi(meta)
        first, last = self._pages()
        language = language_of(self.article)
        dates = self._dates()
        history = self._history()
        references = read_references(self.article, doi, self.warnings)
        identifiers = {
            kind: element_text(element)
            for element in children(meta, "article-id")
            if (kind := element.get("pub-id-type")) in {"pmid", "pmc", "pmcid", "publisher-id"}
        }
        pmcid = identifiers.get("pmcid") or identifiers.get("pmc")
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else identifiers.get("publisher-id") or pmcid,
            pmid=identifiers.get("pmid"),
            pmcid=(f"PMC{pmcid}" if pmcid.isdigit() else pmcid) if pmcid else None,
            kind=self._kind(),
            titles=self._texts(self._titles()),
            abstracts=self._texts(self._abstracts()),
            keywords=self._keywords(),
            language=language,
            issued=next((dates[kind] for kind in _ISSUED if kind in dates), None),
            received=history.get("received"),
            accepted=history.get("accepted"),
            available=next((dates[kind] for kind in _AVAILABLE if kind in dates), None),
            journal=self._journal(),
            volume=known(element_text(child(meta, "volume"))),
            issue=known(element_text(child(meta, "issue"))),
            pages=f"{first}-{last}" if first and last else first,
            first_page=first,
            last_page=last,
            article_number=known(element_text(child(meta, "elocation-id"))),
            contributors=read_contributors(meta, self.warnings),
            licences=self._licences(),
            references=references,
            relations=self._relations(doi),
            files=[
                File(
                    url=link,
                    media_type=element.get("content-type") if "/" in (element.get("content-type") or "") else None,
                )
                for element in children(meta, "self-uri")
                if (link := link_of(element)) and is_web_address(link)
            ],
            sources=[self.source],
            warnings=self.warnings,
        )

    def _warn(self, where: str, message: str) -> None:
        self.warnings.append(RecordWarning(field=where, message=message))

    def _doi(self, meta: etree._Element) -> str | None:
        for element in children(meta, "article-id"):
            if (element.get("pub-id-type") or "").lower() == "doi":
                text = element_text(element)
                try:
                    return parse_doi_field(text)
                except RecordError as error:
                    self._warn("doi", str(error))
        return None

    def _kind(self) -> str:
        stated = (self.article.get("article-type") or "").lower()
        return _KINDS.get(stated, stated) or "journal-article"

    def _translations(self) -> list[etree._Element]:
        """Return the sub-articles that are this article in another language."""
        return [
            sub for sub in children(self.article, "sub-article", "response") if sub.get("article-type") == "translation"
        ]

    def _stub(self, sub: etree._Element) -> etree._Element | None:
        stub = child(sub, "front-stub")
        return stub if stub is not None else child(sub, "front", "article-meta")

    def _titles(self) -> Iterator[tuple[etree._Element, str | None]]:
        """Yield the title elements with their languages, the article's own first."""
        own = language_of(self.article)
        group = child(self.meta, "title-group")
        for title in children(group, "article-title"):
            yield title, language_of(title) or own
        for translated in children(group, "trans-title-group"):
            for title in children(translated, "trans-title"):
                yield title, language_of(title) or language_of(translated)
        for title in children(group, "trans-title"):  # NLM 2
            yield title, language_of(title)
        for sub in self._translations():
            for title in children(child(self._stub(sub), "title-group"), "article-title"):
                yield title, language_of(title) or language_of(sub)

    def _abstracts(self) -> Iterator[tuple[etree._Element, str | None]]:
        """Yield the abstracts proper with their languages; graphical and short ones are other things."""
        own = language_of(self.article)
        for abstract in children(self.meta, "abstract"):
            if not abstract.get("abstract-type"):
                yield abstract, language_of(abstract) or own
        for abstract in children(self.meta, "trans-abstract"):
            if not abstract.get("abstract-type"):
                yield abstract, language_of(abstract)
        for sub in self._translations():
            for abstract in children(self._stub(sub), "abstract"):
                if not abstract.get("abstract-type"):
                    yield abstract, language_of(abstract) or language_of(sub)

    def _texts(self, found: Iterator[tuple[etree._Element, str | None]]) -> list[Text]:
        """Return one text a language: the first that the article states."""
        texts: dict[str | None, Text] = {}
        for element, language in found:
            tag = language_tag(language)
            text = self._abstract(element) if local_name(element).endswith("abstract") else element_text(element)
            subtitle = element.getnext() if local_name(element) == "article-title" else None
            if subtitle is not None and local_name(subtitle) == "subtitle" and (more := element_text(subtitle)):
                text = f"{text.removesuffix(':')}: {more}"
            if text and tag not in texts:
                texts[tag] = Text(text=text, lang=tag)
        return list(texts.values())

    def _abstract(self, element: etree._Element) -> str:
        """Return the text of an abstract without the heading that only says so."""
        parts = [
            element_text(part)
            for place, part in enumerate(element)
            if local_name(part) != "label"
            and not (place < 2 and local_name(part) == "title" and is_abstract_heading(element_text(part)))
        ]
        own = " ".join((element.text or "").split())
        return " ".join(part for part in [own, *parts] if part)

    def _keywords(self) -> list[Text]:
        """Return the authors' keywords of all languages."""
        keywords: dict[tuple[str, str | None], Text] = {}
        stubs = [(self.meta, language_of(self.article))]
        stubs += [(stub, language_of(sub)) for sub in self._translations() if (stub := self._stub(sub)) is not None]
        for holder, own in stubs:
            for group in children(holder, "kwd-group"):
                if (group.get("kwd-group-type") or "") in {"abbreviations", "abbr"}:
                    continue
                language = language_tag(language_of(group) or own)
                for element in children(group, "kwd"):
                    text = element_text(element)
                    if text:
                        keywords.setdefault((text, language), Text(text=text, lang=language))
        return list(keywords.values())

    def _date(self, element: etree._Element, where: str) -> str | None:
        """Return the date of an element's year, month and day, at the precision it has."""
        year, month, day = (element_text(child(element, part)) for part in ("year", "month", "day"))
        if not year:
            return date_in(element.get("iso-8601-date") or element_text(child(element, "string-date")))
        number = month_number(month)
        date = date_of([year, number or None, day])
        if date is None or (number and date.count("-") < (2 if day else 1)):
            self._warn(where, f"“{' '.join(part for part in (year, month, day) if part)}” is no date of the calendar")
        return date

    def _dates(self) -> dict[str, str]:
        """Return the dates of publication by their kind."""
        dates: dict[str, str] = {}
        for element in children(self.meta, "pub-date"):
            kind = (element.get("pub-type") or element.get("date-type") or "").lower()
            if kind == "pub" and element.get("publication-format") == "print":
                kind = "ppub"
            date = self._date(element, "issued")
            if date and kind not in {"nihms-submitted", "pmc-release", "retraction", "corrected"}:
                dates.setdefault(kind, date)
        return dates

    def _history(self) -> dict[str, str]:
        dates: dict[str, str] = {}
        for element in children(child(self.meta, "history"), "date"):
            date = self._date(element, "received")
            if date:
                dates.setdefault(element.get("date-type") or "", date)
        return dates

    def _pages(self) -> tuple[str | None, str | None]:
        first, last = known(element_text(child(self.meta, "fpage"))), known(element_text(child(self.meta, "lpage")))
        if first is None:
            return page_range(element_text(child(self.meta, "page-range")))
        return first, last

    def _journal(self) -> Journal | None:
        meta = child(self.article, "front", "journal-meta")
        if meta is None:
            return None
        titles = [
            element_text(title)
            for holder in (child(meta, "journal-title-group"), meta)
            for title in children(holder, "journal-title")
        ]
        issns: dict[str, str] = {}
        for element in children(meta, "issn", "issn-l"):
            kind = element.get("pub-type") or element.get("publication-format") or ""
            try:
                issn = parse_issn(element_text(element))
            except RecordError as error:
                self._warn("journal.issn", str(error))
                continue
            linking = local_name(element) == "issn-l"
            slot = "issn_l" if linking else "eissn" if kind in {"epub", "electronic", "online-only"} else "issn"
            if issns.setdefault(slot, issn) != issn:
                self._warn("journal.issn", f"the article states another ISSN: {issn}")
        publisher = element_text(child(meta, "publisher", "publisher-name"))
        if not any(titles) and not issns:
            return None
        return Journal(
            titles=[Text(text=titles[0])] if titles and titles[0] else [],
            issn=issns.get("issn"),
            eissn=issns.get("eissn"),
            issn_l=issns.get("issn_l"),
            publisher=publisher or None,
        )

    def _licences(self) -> list[str]:
        """Return the licences by their own IRIs: tagged, linked, or told by their words."""
        licences: dict[str, None] = {}
        holders = [*children(self.meta, "permissions"), self.meta]
        for licence in (element for holder in holders for element in children(holder, "license")):
            addresses = [link_of(licence), *(element_text(ref) for ref in descendants(licence, "license_ref"))]
            addresses += [link_of(link) for link in descendants(licence, "ext-link", "uri")]
            iris = [iri for address in addresses if address and (iri := licence_iri(address))]
            told = iris[0] if iris else licence_iri(element_text(licence))
            if told is None and addresses and addresses[0] and is_web_address(addresses[0]):
                told = addresses[0]
            if told is not None:
                licences[told] = None
        return list(licences)

    def _relations(self, doi: str | None) -> list[Relation]:
        relations: dict[tuple[str, str], Relation] = {}
        for element in children(self.meta, "related-article", "related-object"):
            stated = element.get("related-article-type") or element.get("link-type") or ""
            other = self._related_doi(element)
            text = None if other else _related_text(element)
            if stated and (other or text) and other != doi:
                relation = _RELATIONS.get(stated, stated)
                relations.setdefault((relation, other or text or ""), Relation(type=relation, doi=other, text=text))
        for sub in self._translations():
            stub = self._stub(sub)
            other = self._doi(stub) if stub is not None else None
            if other and other != doi:
                relations.setdefault(("has-translation", other), Relation(type="has-translation", doi=other))
        return list(relations.values())

    def _related_doi(self, element: etree._Element) -> str | None:
        """Return the DOI of a related article: its link as a field, else what its text names."""
        link = link_of(element) or ""
        if (element.get("ext-link-type") or element.get("document-id-type") or "").lower() == "doi":
            for text in (link, element.get("document-id") or "", element_text(element)):
                try:
                    return parse_doi_field(text)
                except RecordError:
                    continue
        found = find_dois(f"{link} {element_text(element)}")
        return found[0] if found else None


def _related_text(element: etree._Element) -> str | None:
    """Return what a related article without a DOI is known by: an identifier, its place, or its own words."""
    kind, link = element.get("ext-link-type") or "", link_of(element)
    if link and not link.startswith("#"):
        return f"{kind}:{link}" if kind and kind != "uri" else link
    place = [element.get(name) for name in ("journal-id", "vol", "issue", "page", "elocation-id")]
    return element_text(element) or " ".join(part for part in place if part) or None
