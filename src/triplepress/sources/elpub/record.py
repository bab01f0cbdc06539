"""One article's record from the parts of its page, or the reason why the page is no article's."""

from __future__ import annotations

import re
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.identifiers import normalise_doi, parse_issn
from triplepress.record import (
    ArticleRecord,
    Citation,
    Journal,
    RecordWarning,
    Rejected,
    Source,
    Text,
)
from triplepress.sources.elpub import headings
from triplepress.sources.elpub.authors import read_authors
from triplepress.sources.elpub.citation import CitationLine, read_citations, read_edn
from triplepress.sources.elpub.language import script, tag
from triplepress.sources.elpub.page import Line, Page, paragraphs, split_page
from triplepress.sources.elpub.reference_list import read_references
from triplepress.sources.elpub.texts import read_abstracts, read_keywords
from triplepress.sources.encoding import decode_utf8
from triplepress.sources.licences import licence_iri, mentions_licence
from triplepress.sources.rejection import reject

KIND: Final = "elpub"
_TWO_NAMES: Final = re.compile(r"\s+[/=]\s+")
_ISSN_LINE: Final = re.compile(
    r"(?P<label>(?:e|p)?-?)?ISSN\s*:?\s*(?P<issn>[0-9]{4}[-‐‑–−]?[0-9]{3}[0-9XxХх])(?:\s*\(?(?P<medium>[^\W\d_][\w-]*)?\)?)?",
    re.IGNORECASE,
)
_PRINT: Final = ("print", "печат")
_ONLINE: Final = ("online", "electronic", "онлайн", "электрон")
_SAVE_REMEDY: Final = "Save the landing page of one article as text: title, DOI, abstract, authors, references"


def read_elpub(data: bytes, source: Source) -> ArticleRecord | Rejected:
    """Return the record of the article on one landing page.

    Args:
        data: The page saved as text, UTF-8.
        source: Where it comes from; the record's only source.

    Returns:
        The record, or why there is none: not UTF-8, an issue's page, one of the journal's own pages, no article page at
        all, a DOI that is none, or nothing by which the article could be addressed.
    """
    text = decode_utf8(data)
    if not isinstance(text, str):
        return reject(source, text.message, text.remedy, position=text.position)
    page = split_page(text)
    refusal = _refusal(page, source)
    if refusal:
        return refusal
    try:
        return _record(page, source)
    except RecordError as error:
        return reject(
            source,
            error.reason,
            error.remedy or "Correct the page",
            field=error.field,
            value=error.value or None,
            position=f"line {page.doi.number}" if page.doi and error.field == "doi" else None,
            title=_title_line(page),
            stage="record",
        )


def is_elpub(head: str) -> bool:
    """Tell whether the first part of a text is that of an Elpub page, an article's or another."""
    page = split_page(head)
    return page.told or len({part.section for part in page.parts} & {"abstract", "authors", "citation"}) > 1


def _refusal(page: Page, source: Source) -> Rejected | None:
    """Return why the page is no article's, or None if it is one."""
    names = [part.section for part in page.parts]
    cited = any(part.paragraphs() for part in page.sections("citation"))
    title = _title_line(page)
    evidence = {"abstract", "authors", "references", "keywords"} & set(names)
    lines = [*page.head, *(line for part in page.parts for line in part.lines)]
    of_issue = title is not None and headings.is_issue_title(title)
    if of_issue and "authors" not in names:
        message = "this is the page of an issue, not of an article; its DOI, if it has one, is the issue's"
        remedy = "Save the landing page of each article of the issue instead"
    elif not cited and (names.count("abstract") > 1 or any(headings.is_issue_line(line.text) for line in lines)):
        message, remedy = "this is a list of articles, not the page of one", "Save the landing page of each article"
    elif not cited and (
        (title is not None and headings.is_about_line(title))
        or any(headings.is_about_line(line.text) for line in page.head)
    ):
        message, remedy = "this is one of the journal's own pages, not an article's", _SAVE_REMEDY
    elif not cited and len(evidence) < 2:
        missing = "no citation line, and not two of abstract, keywords, authors and references"
        message, remedy = f"not an article page: it has {missing}", _SAVE_REMEDY
    elif title is None:
        message, remedy = "the page has no title above its DOI or its first heading", "Add the title's line"
    else:
        return None
    return reject(source, message, remedy, title=title)


def _title_line(page: Page) -> str | None:
    """Return the first candidate for a title, or None."""
    found = _title_candidates(page)
    return found[0] if found else None


def _title_candidates(page: Page) -> list[str]:
    """Return the paragraphs of the head that may be the title; the name of the issue's section is none."""
    texts = [" ".join(line.text for line in lines) for lines in paragraphs(page.head)]
    return [text for text in texts if headings.fold(text) not in headings.KINDS]


def _kind(page: Page) -> str:
    """Return the kind of article that the issue's section above the title names."""
    folded = [headings.fold(line.text) for line in page.head]
    return next((headings.KINDS[line] for line in folded if line in headings.KINDS), "journal-article")


def _record(page: Page, source: Source) -> ArticleRecord:
    """Return the record of an article page."""
    warnings: list[RecordWarning] = []
    titles = _title_candidates(page)
    citations = read_citations(page.sections("citation"), titles, _journal_names(page.journal))
    title = _title(titles, citations, warnings)
    edn = read_edn([*page.head, *page.foot, *(line for part in page.sections("citation") for line in part.lines)])
    doi = _doi(page.doi, citations, warnings)
    if doi is None and edn is None:
        raise RecordError(
            "doi", "", "the page states neither a DOI nor an EDN", "Add the DOI's line below the title, if there is one"
        )
    names = next((line for line in citations if line.lang == page.interface and line.authors), None) or next(
        (line for line in citations if line.authors), None
    )
    contributors, about_authors = read_authors(
        page.sections("authors"),
        names.authors if names else [],
        whole=names is not None and names.authors_whole,
        interface=page.interface,
    )
    lists = [part for part in page.sections("references") if part.paragraphs()]
    references, about_references = read_references(lists[0]) if lists else ([], [])
    if len(lists) > 1:
        message = f"the page has {len(lists)} reference lists; the one in the page's own language is taken"
        about_references.append(RecordWarning(field="references", message=message))
    imprint = _agreed(citations, warnings)
    return ArticleRecord(
        doi=doi,
        local_id=edn,
        kind=_kind(page),
        titles=[Text(text=title, lang=tag(title, page.interface))],
        abstracts=read_abstracts(page.sections("abstract")),
        keywords=read_keywords(page.sections("keywords")),
        language=_language(citations, warnings),
        journal=_journal(page, citations, warnings),
        contributors=contributors,
        licences=_licences(page, warnings),
        references=references,
        citation=Citation(text=citations[0].text, lang=tag(citations[0].text, citations[0].lang))
        if citations
        else None,
        sources=[source],
        warnings=warnings + about_authors + about_references,
        **imprint,
    )


def _title(candidates: list[str], citations: list[CitationLine], warnings: list[RecordWarning]) -> str:
    """Return the title: the paragraph that the citation line repeats, else the last one above the DOI."""
    if len(candidates) == 1:
        return candidates[0]
    for candidate in candidates:
        words = " ".join(candidate.split()).casefold()
        if any(words in " ".join(line.text.split()).casefold() for line in citations):
            return candidate
    message = f"{len(candidates)} paragraphs stand above the DOI; the last is taken as the title"
    warnings.append(RecordWarning(field="titles", message=message))
    return candidates[-1]


def _doi(line: Line | None, citations: list[CitationLine], warnings: list[RecordWarning]) -> str | None:
    """Return the DOI of the line below the title, else the one DOI of the citation lines.

    Raises:
        RecordError: The line below the title is not a DOI.
    """
    cited = list(dict.fromkeys(doi for citation in citations for doi in citation.dois))
    if line is None:
        return cited[0] if len(cited) == 1 else None
    doi = normalise_doi(line.text)
    if cited and doi not in cited:
        message = f"the citation line has another DOI, {cited[0]}; the one below the title is taken"
        warnings.append(RecordWarning(field="doi", message=message))
    return doi


def _language(citations: list[CitationLine], warnings: list[RecordWarning]) -> str | None:
    """Return the language that the citation lines say the article is in, if they name exactly one."""
    named = list(dict.fromkeys(language for line in citations for language in line.languages))
    if len(named) > 1:
        message = f"the citation names several languages ({', '.join(named)}); none is taken"
        warnings.append(RecordWarning(field="language", message=message))
    return named[0] if len(named) == 1 else None


def _agreed(citations: list[CitationLine], warnings: list[RecordWarning]) -> dict[str, Any]:
    """Return year, volume, issue and pages; where two citation lines differ, those of the page's own language."""
    found: dict[str, Any] = {}
    for field, name in (("year", "issued"), ("volume", "volume"), ("issue", "issue"), ("pages", "pages")):
        values = list(dict.fromkeys(value for line in citations if (value := getattr(line, field)) is not None))
        if values:
            found[name] = values[0]
        if len(values) > 1:
            message = f"the citation lines differ: {', '.join(values)}; the first is taken"
            warnings.append(RecordWarning(field=name, message=message))
    pages = found.get("pages")
    if pages:
        found |= _first_and_last(pages, warnings)
    return found


def _first_and_last(pages: str, warnings: list[RecordWarning]) -> dict[str, str]:
    """Return first and last page of one printed range; a last page printed short (`112-8`) is written out."""
    if "," in pages:
        return {"first_page": re.split("[-,]", pages)[0]}
    first, _, last = pages.partition("-")
    if not last:
        return {"first_page": first}
    if first.isdecimal() and last.isdecimal() and len(last) < len(first):
        short, last = last, first[: len(first) - len(last)] + last
        warnings.append(RecordWarning(field="last_page", message=f"printed as {short}, read as {last}"))
    return {"first_page": first, "last_page": last}


def _journal_names(line: Line | None) -> list[str]:
    """Return the journal's line and the names in it."""
    return [line.text, *_TWO_NAMES.split(line.text)] if line else []


def _journal(page: Page, citations: list[CitationLine], warnings: list[RecordWarning]) -> Journal | None:
    """Return the journal: its names in the page's head (else in the citation line), and its ISSNs."""
    printed = page.journal.text if page.journal else next((line.journal for line in citations if line.journal), None)
    issns = _issns(page, warnings)
    if printed is None and not issns:
        return None
    return Journal(titles=_journal_titles(printed, page.interface) if printed else [], **issns)


def _journal_titles(printed: str, interface: str | None) -> list[Text]:
    """Return the names in ` / ` or ` = `: one is in the page's language, what the others are in is not said."""
    names = [name.strip() for name in _TWO_NAMES.split(printed) if name.strip()]
    home = "Cyrl" if interface == "ru" else "Latn"
    own = next((at for at, name in enumerate(names) if script(name) == home), None)
    return [Text(text=name, lang=tag(name, interface) if at == own else None) for at, name in enumerate(names)]


def _issns(page: Page, warnings: list[RecordWarning]) -> dict[str, str]:
    """Return `issn` and `eissn` as the foot of the page states them."""
    found: dict[str, str] = {}
    for line in page.foot:
        for match in _ISSN_LINE.finditer(line.text):
            label, medium = (match["label"] or "").lower(), (match["medium"] or "").lower()
            online = label.startswith("e") or medium.startswith(_ONLINE)
            field = "eissn" if online else "issn"
            try:
                issn = parse_issn(match["issn"])
            except RecordError as error:
                warnings.append(RecordWarning(field=f"journal.{field}", message=str(error)))
                continue
            if not online and not label.startswith("p") and not medium.startswith(_PRINT):
                message = f"{issn}: the page does not say print or online; kept as print"
                warnings.append(RecordWarning(field="journal.issn", message=message))
            if found.setdefault(field, issn) != issn:
                message = f"a second one, {issn}, is left out"
                warnings.append(RecordWarning(field=f"journal.{field}", message=message))
    return found


def _licences(page: Page, warnings: list[RecordWarning]) -> list[str]:
    """Return the licences that the foot of the page names."""
    lines = [line.text for line in page.foot if mentions_licence(line.text)]
    found = list(dict.fromkeys(iri for line in lines if (iri := licence_iri(line))))
    if lines and not found:
        message = f"“{max(lines, key=len)[:200]}” names no licence that has an address here"
        warnings.append(RecordWarning(field="licences", message=message))
    return found
