"""An invented article as JATS 1.3: front matter and reference list."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from benchmarks.invented.crossref import marked_up
from benchmarks.invented.works import Article, Cited, Institution, Journal, Person

# Crossref's names of a reference's fields, and the elements that JATS has for them.
_ELEMENTS: Final = {
    "article-title": "article-title",
    "journal-title": "source",
    "year": "year",
    "volume": "volume",
    "issue": "issue",
    "first-page": "fpage",
}


def document(article: Article) -> str:
    """Return the XML of one article."""
    (title, _), *others = article.titles
    heading = marked_up(title).replace("i>", "italic>") if article.markup else escape(title)
    translated = "".join(
        f'<trans-title-group xml:lang="{language}">{_element("trans-title", other)}</trans-title-group>'
        for other, language in others
    )
    institutions = {place: None for person in article.authors for place in person.institutions}
    numbers = {institution: number for number, institution in enumerate(institutions, 1)}
    pieces = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        '<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="research-article" dtd-version="1.3"',
        f' xml:lang="{article.language}">\n<front>\n',
        _journal(article.journal),
        f'<article-meta>\n<article-id pub-id-type="doi">{escape(article.doi)}</article-id>\n',
        f"<title-group><article-title>{heading}</article-title>{translated}</title-group>\n<contrib-group>\n",
        *(_author(person, numbers) for person in article.authors),
        "</contrib-group>\n",
        *(_affiliation(number, institution) for institution, number in numbers.items()),
        _date(article.issued),
        _element("volume", article.volume),
        _element("issue", article.issue),
        _element("fpage", article.first_page),
        _element("lpage", article.last_page),
        _element("elocation-id", article.article_number),
        _licence(article.licence),
        f'<self-uri content-type="application/pdf" xlink:href="https://www.example.org/fulltext/{article.number}.pdf"/>',
        f"<abstract><p>{escape(article.abstract)}</p></abstract>\n" if article.abstract else "\n",
        "</article-meta>\n</front>\n",
        _references(article.references),
        "</article>\n",
    ]
    return "".join(pieces)


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _journal(journal: Journal) -> str:
    titles = _element("journal-title", journal.title)
    if journal.other_title:
        other = _element("trans-title", journal.other_title)
        titles += f'<trans-title-group xml:lang="{journal.other_language}">{other}</trans-title-group>'
    issns = "".join(
        f'<issn publication-format="{kind}">{number}</issn>'
        for kind, number in (("print", journal.issn), ("electronic", journal.eissn))
        if number
    )
    publisher = f"<publisher>{_element('publisher-name', journal.publisher)}</publisher>"
    return f"<journal-meta><journal-title-group>{titles}</journal-title-group>{issns}{publisher}</journal-meta>\n"


def _author(person: Person, numbers: dict[Institution, int]) -> str:
    orcid = ""
    if person.orcid:
        orcid = f'<contrib-id contrib-id-type="orcid">https://orcid.org/{person.orcid}</contrib-id>'
    name = f"<name>{_element('surname', person.family)}{_element('given-names', person.given)}</name>"
    marks = "".join(f'<xref ref-type="aff" rid="aff{numbers[place]}"/>' for place in person.institutions)
    return f'<contrib contrib-type="author">{orcid}{name}{marks}</contrib>\n'


def _affiliation(number: int, institution: Institution) -> str:
    ror = ""
    if institution.ror:
        ror = f'<institution-id institution-id-type="ror">https://ror.org/{institution.ror}</institution-id>'
    named = f"<institution-wrap>{ror}{_element('institution', institution.name)}</institution-wrap>"
    return f'<aff id="aff{number}">{named}{_element("country", institution.country)}</aff>\n'


def _date(parts: tuple[int, ...]) -> str:
    names = ("year", "month", "day")
    # The standard has the day before the month, the month before the year.
    stated = "".join(f"<{name}>{part}</{name}>" for name, part in reversed(list(zip(names, parts, strict=False))))
    return f'<pub-date date-type="pub" publication-format="print">{stated}</pub-date>\n'


def _licence(address: str | None) -> str:
    if address is None or "creativecommons" not in address:
        return ""
    return f'<permissions><license license-type="open-access" xlink:href={quoteattr(address)}/></permissions>\n'


def _references(references: tuple[Cited, ...]) -> str:
    if not references:
        return ""
    entries = "".join(_entry(position, cited) for position, cited in enumerate(references, 1))
    return f"<back>\n<ref-list>\n{entries}</ref-list>\n</back>\n"


def _entry(position: int, cited: Cited) -> str:
    printed = _element("mixed-citation", cited.text)
    tagged = ""
    if cited.fields or cited.doi:
        author = cited.fields.get("author")
        people = f"<person-group><name>{_element('surname', author)}</name></person-group>" if author else ""
        fields = "".join(_element(element, cited.fields.get(name)) for name, element in _ELEMENTS.items())
        doi = f'<pub-id pub-id-type="doi">{escape(cited.doi)}</pub-id>' if cited.doi else ""
        tagged = f'<element-citation publication-type="journal">{people}{fields}{doi}</element-citation>'
    both = f"<citation-alternatives>{printed}{tagged}</citation-alternatives>" if printed and tagged else ""
    return f'<ref id="r{position}">{both or printed or tagged or "<mixed-citation/>"}</ref>\n'
