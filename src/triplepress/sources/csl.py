"""CSL-JSON, as reference managers export it: one item at a time.

References:
    Citation Style Language, csl-data.json schema, version 1.0.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.record import ArticleRecord, Contributor, Journal, Rejected, Skipped, Source, Text, language_tag
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
    page_range,
)

KIND: Final = "csl"
_ARTICLE_TYPES: Final = {"article-journal": "journal-article", "review-book": "book-review"}
_TYPES: Final = frozenset(
    {"article", "article-journal", "article-magazine", "article-newspaper", "bill", "book", "broadcast", "chapter"}
    | {"classic", "collection", "dataset", "document", "entry", "entry-dictionary", "entry-encyclopedia", "event"}
    | {"figure", "graphic", "hearing", "interview", "legal_case", "legislation", "manuscript", "map", "motion_picture"}
    | {"musical_score", "pamphlet", "paper-conference", "patent", "performance", "periodical", "post", "post-weblog"}
    | {"personal_communication", "regulation", "report", "review", "review-book", "software", "song", "speech"}
    | {"standard", "thesis", "treaty", "webpage"}
)
_ROLES: Final = ("author", "editor", "translator")


def is_item(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a CSL item: it has one of CSL's types and is otherwise described.

    Example:
        >>> is_item({"type": "article-journal", "title": "On paper"}), is_item({"type": "Feature", "id": 1})
        (True, False)
    """
    kind = value.get("type")
    return isinstance(kind, str) and kind in _TYPES and not {"title", "id", "DOI", "issued"}.isdisjoint(value)


def read_item(item: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one CSL item; `Skipped` for what is no journal article.

    An item without a DOI keeps its `id`, which is its own only within its file.
    """
    checks = Checks()
    doi = checks.doi(item.get("DOI"))
    kind = as_text(item.get("type")) or "without a type"
    if kind not in _ARTICLE_TYPES:
        return Skipped(source=source, doi=doi, kind=kind)
    title, abstract = as_clean(item.get("title")), as_clean(item.get("abstract"))
    first, last = page_range(as_text(item.get("page")))
    address = as_text(item.get("URL"))
    try:
        return ArticleRecord(
            doi=doi,
            local_id=None if doi else as_text(item.get("id")),
            pmid=as_text(item.get("PMID")),
            pmcid=as_text(item.get("PMCID")),
            kind=_ARTICLE_TYPES[kind],
            titles=[Text(text=title)] if title else [],
            abstracts=[Text(text=abstract)] if abstract else [],
            keywords=[Text(text=word) for word in _keywords(item)],
            language=language_tag((as_text(item.get("language")) or "").replace("_", "-")),
            issued=_date(item.get("issued"), checks),
            available=_date(item.get("available-date"), checks),
            journal=_journal(item, checks),
            volume=known(as_clean(item.get("volume"))),
            issue=known(as_clean(item.get("issue"))),
            pages=f"{first}-{last}" if first and last else first,
            first_page=first,
            last_page=last,
            article_number=known(as_clean(item.get("number"))),
            contributors=_contributors(item, checks),
            licences=[iri for text in as_texts(item.get("license")) if (iri := licence_iri(text))],
            landing_pages=[address] if address and is_web_address(address) and "doi.org/" not in address else [],
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=title)


def _date(value: Any, checks: Checks) -> str | None:  # noqa: ANN401 - whatever JSON a source states
    """Return a CSL date: in parts (the first of a range), or written in ISO 8601."""
    date = as_object(value)
    groups = date.get("date-parts")
    if isinstance(groups, list) and groups and isinstance(groups[0], list):
        return checks.date(groups[0], "issued")
    stated = as_text(date.get("raw")) or as_text(date.get("literal")) or as_text(value)
    found = date_in((stated or "").partition("/")[0] if stated and len(stated) > 10 else stated)
    if stated and found is None:
        checks.warn("issued", f"“{stated}” is no date that can be read without a guess")
    return found


def _journal(item: Mapping[str, Any], checks: Checks) -> Journal | None:
    title = as_clean(item.get("container-title"))
    numbers = [number for text in as_texts(item.get("ISSN")) for number in text.replace(";", ",").split(",")]
    issns = checks.issns((None, number) for number in numbers if number.strip())
    if not title and not issns:
        return None
    return Journal(titles=[Text(text=title)] if title else [], publisher=as_clean(item.get("publisher")), **issns)


def _contributors(item: Mapping[str, Any], checks: Checks) -> list[Contributor]:
    """Return the people of each role; particles stand where the name has them."""
    contributors: list[Contributor] = []
    for role in _ROLES:
        for person in as_objects(item.get(role)):
            given = as_clean(person.get("given"))
            family = " ".join(
                part for name in ("non-dropping-particle", "family") if (part := as_clean(person.get(name)))
            )
            particle, suffix = as_clean(person.get("dropping-particle")), as_clean(person.get("suffix"))
            literal = as_clean(person.get("literal")) or as_clean(person.get("name"))
            name = literal or " ".join(part for part in (given, particle, family, suffix) if part)
            if not name:
                checks.warn("contributors", f"the item states an {role} without a name")
                continue
            contributors.append(
                Contributor(
                    role=role,
                    position=sum(other.role == role for other in contributors) + 1,
                    name=name,
                    given=given,
                    family=family or None,
                    orcid=checks.orcid(person.get("ORCID")),
                )
            )
    return contributors


def _keywords(item: Mapping[str, Any]) -> list[str]:
    """Return the keywords: CSL has them in one text."""
    text = as_clean(item.get("keyword")) or ""
    separator = ";" if ";" in text else ","
    return list(dict.fromkeys(word for part in text.split(separator) if (word := part.strip())))
