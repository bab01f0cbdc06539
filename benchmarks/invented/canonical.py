"""An invented article as a canonical record."""

from __future__ import annotations

from typing import Final

from benchmarks.invented.works import Article, Journal
from triplepress.record import Affiliation, ArticleRecord, Contributor, File, Reference, Text
from triplepress.record import Journal as JournalRecord

_CREATIVE_COMMONS: Final = "creativecommons"


def record(article: Article) -> ArticleRecord:
    """Return the record that says all that is known of an article; it names no source, so its file is one."""
    first, last = article.first_page, article.last_page
    return ArticleRecord(
        doi=article.doi,
        titles=[Text(text=title, lang=language) for title, language in article.titles],
        abstracts=[Text(text=article.abstract, lang=article.language)] if article.abstract else [],
        language=article.language,
        issued=_date(article.issued),
        journal=_journal(article.journal),
        volume=article.volume,
        issue=article.issue,
        pages=f"{first}-{last}" if first else None,
        first_page=first,
        last_page=last,
        article_number=article.article_number,
        contributors=[
            Contributor(
                name=f"{person.given} {person.family}",
                position=position,
                given=person.given,
                family=person.family,
                orcid=person.orcid,
                affiliations=[
                    Affiliation(name=institution.name, country=institution.country, ror=institution.ror)
                    for institution in person.institutions
                ],
            )
            for position, person in enumerate(article.authors, 1)
        ],
        licences=[article.licence] if article.licence and _CREATIVE_COMMONS in article.licence else [],
        references=[
            Reference(position=position, text=cited.text, doi=cited.doi, fields=dict(cited.fields))
            for position, cited in enumerate(article.references, 1)
        ],
        landing_pages=[f"https://www.example.org/articles/{article.number}"],
        files=[File(url=f"https://www.example.org/fulltext/{article.number}.pdf", media_type="application/pdf")],
    )


def _date(parts: tuple[int, ...]) -> str:
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])


def _journal(journal: Journal) -> JournalRecord:
    titles = [Text(text=journal.title, lang="en")]
    if journal.other_title:
        titles.append(Text(text=journal.other_title, lang=journal.other_language))
    return JournalRecord(titles=titles, issn=journal.issn, eissn=journal.eissn, publisher=journal.publisher)
