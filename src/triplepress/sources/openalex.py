"""OpenAlex's works, from its API and its snapshot: one work at a time.

OpenAlex states at second hand: its affiliations are matched, its keywords and topics are computed, its cited works have
numbers of its own. So the affiliation is taken as it was printed, keywords are not taken, and a cited work is known by
its OpenAlex iD alone.

References:
    OpenAlex technical documentation, "Work object".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplepress.errors import RecordError
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
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import (
    as_clean,
    as_object,
    as_objects,
    as_text,
    as_texts,
    date_in,
    is_web_address,
    known,
    without_mail,
)

KIND: Final = "openalex"
_HOME: Final = "https://openalex.org/"
# OpenAlex's own types, and those of Crossref that older works have; all of a journal.
_ARTICLE_TYPES: Final = {
    "article": "journal-article",
    "journal-article": "journal-article",
    "review": "review-article",
    "editorial": "editorial",
    "letter": "letter",
    "erratum": "correction",
    "retraction": "retraction",
}
_NOT_JOURNALS: Final = frozenset({"repository", "conference", "ebook platform", "book series", "metadata"})


def is_work(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a work of OpenAlex.

    Example:
        >>> is_work({"id": "https://openalex.org/W1", "title": "On paper"}), is_work({"id": "W1", "authorships": []})
        (True, True)
    """
    return str(value.get("id")).startswith(_HOME) or "authorships" in value or "abstract_inverted_index" in value


def read_work(work: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one work of OpenAlex.

    Returns:
        The record; `Skipped` for what is no journal article: another type, or an article that only a repository holds.
    """
    checks = Checks()
    ids = as_object(work.get("ids"))
    doi = checks.doi(work.get("doi") or ids.get("doi"))
    location = as_object(work.get("primary_location"))
    venue = as_object(location.get("source")) or as_object(work.get("host_venue"))
    kind = as_text(work.get("type_crossref")) or as_text(work.get("type")) or "without a type"
    own_kind = _ARTICLE_TYPES.get(as_text(work.get("type")) or "") if kind in _ARTICLE_TYPES else None
    if own_kind is None:
        return Skipped(source=source, doi=doi, kind=kind)
    if as_text(venue.get("type")) in _NOT_JOURNALS or work.get("is_paratext") is True:
        where = "paratext" if work.get("is_paratext") is True else as_text(venue.get("type"))
        return Skipped(source=source, doi=doi, kind=f"{kind} in a {where}" if where != "paratext" else "paratext")
    title = as_clean(work.get("title")) or as_clean(work.get("display_name"))
    abstract = as_clean(abstract_text(as_object(work.get("abstract_inverted_index"))))
    biblio = as_object(work.get("biblio"))
    first, last = known(as_clean(biblio.get("first_page"))), known(as_clean(biblio.get("last_page")))
    licence = as_text(location.get("license"))
    page, file = as_text(location.get("landing_page_url")), as_text(location.get("pdf_url"))
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else _bare(work.get("id")),
            pmid=_bare(ids.get("pmid")),
            pmcid=_pmcid(ids.get("pmcid")),
            kind=own_kind,
            titles=[Text(text=title)] if title else [],
            abstracts=[Text(text=abstract)] if abstract else [],
            issued=_issued(work),
            journal=_journal(venue, checks),
            volume=known(as_clean(biblio.get("volume"))),
            issue=known(as_clean(biblio.get("issue"))),
            pages=f"{first}-{last}" if first and last and first != last else first,
            first_page=first,
            last_page=last,
            contributors=_authors(work, checks),
            licences=[iri] if licence and (iri := licence_iri(licence.replace("cc-", "CC ").upper())) else [],
            references=_references(work),
            relations=[Relation(type="is-retracted", text=title)] if work.get("is_retracted") is True else [],
            landing_pages=[page] if page and is_web_address(page) and "doi.org/" not in page else [],
            files=[File(url=file, media_type="application/pdf")] if file and is_web_address(file) else [],
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


def abstract_text(index: Mapping[str, Any]) -> str:
    """Return the text of an inverted index: each word, with the places where it stands.

    Example:
        >>> abstract_text({"be": [1, 5], "To": [0], "or": [2], "not": [3], "to": [4]})
        'To be or not to be'
    """
    if isinstance(index.get("InvertedIndex"), dict):  # as the snapshot had it until 2022
        index = index["InvertedIndex"]
    words = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(words))


def _bare(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON a source states
    """Return an identifier without the address before it."""
    text = as_text(value)
    return text.rstrip("/").rpartition("/")[2] or None if text else None


def _pmcid(value: Any) -> str | None:  # noqa: ANN401
    bare = _bare(value)
    return f"PMC{bare}" if bare and bare.isdigit() else bare


def _issued(work: Mapping[str, Any]) -> str | None:
    """Return the date; the first of January is OpenAlex's way to write a year alone, so only the year is believed."""
    date = date_in(as_text(work.get("publication_date")))
    year = date_in(as_text(work.get("publication_year")))
    return year or date[:4] if date is not None and date.endswith("-01-01") else date or year


def _journal(venue: Mapping[str, Any], checks: Checks) -> Journal | None:
    """Return the journal: its ISSN-L is stated, the kind of the others is not."""
    title = as_clean(venue.get("display_name"))
    linking = as_text(venue.get("issn_l"))
    others = [text for text in as_texts(venue.get("issn")) if text != linking]
    issns = checks.issns([("linking", linking)] if linking else [(None, text) for text in others[:1]])
    if not title and not issns:
        return None
    publisher = as_clean(venue.get("host_organization_name")) or as_clean(venue.get("publisher"))
    return Journal(titles=[Text(text=title)] if title else [], publisher=publisher, **issns)


def _authors(work: Mapping[str, Any], checks: Checks) -> list[Contributor]:
    """Return the authors with their names and affiliations as printed, as far as OpenAlex kept them."""
    authors: list[Contributor] = []
    for authorship in as_objects(work.get("authorships")):
        author = as_object(authorship.get("author"))
        name = as_clean(authorship.get("raw_author_name")) or as_clean(author.get("display_name"))
        if not name:
            checks.warn("contributors", "OpenAlex states an author without a name")
            continue
        printed = as_texts(authorship.get("raw_affiliation_strings")) or as_texts(
            authorship.get("raw_affiliation_string")
        )
        names = [without_mail(clean) for text in printed if (clean := as_clean(text))]
        authors.append(
            Contributor(
                position=len(authors) + 1,
                name=name,
                # The author's iD is matched; the one that was printed is told apart since 2024.
                orcid=checks.orcid(authorship.get("raw_orcid", author.get("orcid"))),
                corresponding=authorship.get("is_corresponding") is True,
                affiliations=[Affiliation(name=text) for text in dict.fromkeys(names) if text],
            )
        )
    return authors


def _references(work: Mapping[str, Any]) -> list[Reference]:
    """Return the cited works by their OpenAlex iDs: their order is not that of the printed list."""
    bare = [identifier for each in as_texts(work.get("referenced_works")) if (identifier := _bare(each))]
    return [
        Reference(position=position, identifiers={"openalex": identifier})
        for position, identifier in enumerate(bare, start=1)
    ]
