"""An invented article as Crossref's REST API gives it."""

from __future__ import annotations

from typing import Any, Final

from benchmarks.invented.works import Article, Cited, Person

_NOTED: Final = ((2024, 3, 1), (2025, 6, 17))


def work(article: Article) -> dict[str, Any]:
    """Return the object of one work; no order of keys is promised, as the API promises none."""
    journal, references = article.journal, article.references
    date = {"date-parts": [list(article.issued)]}
    issns = [(kind, number) for kind, number in (("print", journal.issn), ("electronic", journal.eissn)) if number]
    stated: dict[str, Any] = {
        "indexed": _moment(_NOTED[min(article.state, 1)]),
        "reference-count": len(references),
        "publisher": journal.publisher,
        "license": _licences(article, date),
        "funder": [{"name": article.funder}] if article.funder else None,
        "content-domain": {"domain": [], "crossmark-restriction": False},
        "short-container-title": [journal.short],
        "published-print": date if journal.issn else None,
        "published-online": None if journal.issn else date,
        "DOI": article.doi,
        "type": "journal-article",
        "created": _moment(_NOTED[0]),
        "page": f"{article.first_page}-{article.last_page}" if article.first_page else None,
        "article-number": article.article_number,
        "source": "Crossref",
        "is-referenced-by-count": article.cited_by,
        "title": [marked_up(article.titles[0][0]) if article.markup else article.titles[0][0]],
        "original-title": [title for title, _ in article.titles[1:]] if article.states_original_title else [],
        "prefix": journal.prefix,
        "volume": article.volume,
        "issue": article.issue,
        "author": [_author(place, person) for place, person in enumerate(article.authors)],
        "member": str(1_000 + journal.number % 900),
        "reference": [_entry(position, cited) for position, cited in enumerate(references, 1)] or None,
        "container-title": [journal.title],
        "abstract": f"<jats:p>{_escaped(article.abstract)}</jats:p>" if article.abstract else None,
        "language": article.language if article.states_language else None,
        "link": [
            {
                "URL": f"https://www.example.org/fulltext/{article.number}.pdf",
                "content-type": "application/pdf",
                "content-version": "vor",
                "intended-application": "text-mining",
            }
        ],
        "deposited": _moment(_NOTED[min(article.state, 1)]),
        "score": 1,
        "resource": {"primary": {"URL": f"https://www.example.org/articles/{article.number}"}},
        "subtitle": [],
        "issued": date,
        "references-count": len(references),
        "journal-issue": {"issue": article.issue, "published-print": date} if article.issue else None,
        "URL": f"https://doi.org/{article.doi}",
        "ISSN": [number for _, number in issns],
        "issn-type": [{"type": kind, "value": number} for kind, number in issns],
        "published": date,
    }
    return {name: value for name, value in stated.items() if value is not None}


def marked_up(title: str) -> str:
    """Return a title with its second word set in italics, as names of species are."""
    first, blank, rest = title.partition(" ")
    second, gap, end = rest.partition(" ")
    return f"{first}{blank}<i>{second}</i>{gap}{end}" if second else title


def _author(place: int, person: Person) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    if person.orcid:
        stated["ORCID"] = f"https://orcid.org/{person.orcid}"
        stated["authenticated-orcid"] = False
    stated |= {"given": person.given, "family": person.family, "sequence": "additional" if place else "first"}
    stated["affiliation"] = [
        {"name": institution.name}
        | (
            {"id": [{"id": f"https://ror.org/{institution.ror}", "id-type": "ROR", "asserted-by": "publisher"}]}
            if institution.ror
            else {}
        )
        for institution in person.institutions
    ]
    return stated


def _entry(position: int, cited: Cited) -> dict[str, Any]:
    stated: dict[str, Any] = {"key": f"ref{position}"}
    if cited.doi:
        # Where Crossref found the DOI it writes it in lower case; publishers write it as they please.
        upper = cited.doi_by == "publisher" and position % 5 == 0
        stated |= {"doi-asserted-by": cited.doi_by, "DOI": cited.doi.upper() if upper else cited.doi}
    if cited.text:
        stated["unstructured"] = cited.text
    return stated | cited.fields


def _licences(article: Article, date: dict[str, Any]) -> list[dict[str, Any]] | None:
    if article.licence is None:
        return None
    ours = "creativecommons" in article.licence
    version = "vor" if ours else "tdm"
    return [{"start": date, "content-version": version, "delay-in-days": 0, "URL": article.licence}]


def _moment(date: tuple[int, int, int]) -> dict[str, Any]:
    year, month, day = date
    return {"date-parts": [list(date)], "date-time": f"{year}-{month:02d}-{day:02d}T09:30:00Z"}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
