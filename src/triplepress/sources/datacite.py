"""DataCite's JSON: the API's resources (`attributes`) and the flat form of schemas 3 and 4, one resource at a time.

DataCite derives `citeproc: article-journal` from any text, a poster or a thesis included. So what makes an article is
the general type, the publisher's own words, or a journal that it is part of.

References:
    DataCite Metadata Schema 4.6; DataCite REST API, "DOIs".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    Journal,
    Reference,
    Rejected,
    Relation,
    Skipped,
    Source,
    Text,
    language_tag,
)
from triplepress.sources.checks import Checks
from triplepress.sources.licences import licence_iri
from triplepress.sources.rejection import reject_value
from triplepress.sources.values import (
    as_clean,
    as_object,
    as_objects,
    as_text,
    date_in,
    is_web_address,
    known,
    without_mail,
)

KIND: Final = "datacite"
# What publishers write as the type of a text that is an article of a journal, letters only, and the kind that it is.
_WORDS: Final = {
    "journalarticle": "journal-article",
    "article": "journal-article",
    "researcharticle": "journal-article",
    "originalarticle": "journal-article",
    "articlejournal": "journal-article",
    "scholarlyarticle": "journal-article",
    "zeitschriftenartikel": "journal-article",
    "articulo": "journal-article",
    "artigo": "journal-article",
    "статья": "journal-article",
    "reviewarticle": "review-article",
    "editorial": "editorial",
    "letter": "letter",
    "korrespondenz": "letter",
    "casereport": "case-report",
    "bookreview": "book-review",
    "correction": "correction",
    "erratum": "correction",
    "datapaper": "data-paper",
}
_GENERAL: Final = {"JournalArticle": "journal-article", "DataPaper": "data-paper"}
# Words that say nothing: a text of these that stands in a journal is taken for its article.
_VAGUE: Final = frozenset({"", "text", "textjournalarticle", "pdf", "pdfdocument", "other"})
_CITES: Final = frozenset({"References", "Cites"})
# Stated by DataCite of others, or no relation between works.
_NOT_RELATIONS: Final = _CITES | {"IsCitedBy", "IsReferencedBy", "IsPartOf", "HasPart", "HasMetadata", "IsMetadataFor"}
_RELATIONS: Final = {
    "IsReviewedBy": "has-review",
    "Reviews": "is-review-of",
    "Obsoletes": "is-new-version-of",
    "IsObsoletedBy": "is-previous-version-of",
}
_SCHEMES: Final = {"arxiv": "arxiv", "isbn": "isbn", "pmid": "pmid", "url": "url", "handle": "handle", "urn": "urn"}
_ROLES: Final = {"Editor": "editor", "Translator": "translator"}


def is_resource(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a resource of DataCite, in the API's form or the flat one.

    Example:
        >>> is_resource({"id": "10.1234/a", "type": "dois", "attributes": {}}), is_resource({"doi": "10.1234/a"})
        (True, False)
    """
    if isinstance(value.get("attributes"), dict):
        return value.get("type") in {"dois", "works"} or "doi" in value["attributes"]
    return "creators" in value and not {"doi", "identifier", "identifiers", "id"}.isdisjoint(value)


def read_resource(resource: Mapping[str, Any], source: Source) -> ArticleRecord | Skipped | Rejected:
    """Return the record of one resource of DataCite; `Skipped`, with its types, for what is no journal article."""
    data = as_object(resource.get("attributes")) or resource
    checks = Checks()
    doi = checks.doi(_stated_doi(data, resource))
    journal = _journal(data, checks)
    kind, name = _kind(data, in_journal=journal is not None and bool(journal.issn or journal.eissn or journal.issn_l))
    if kind is None:
        return Skipped(source=source, doi=doi, kind=name)
    titles = _titles(data, checks)
    container = as_object(data.get("container"))
    first, last = known(as_clean(container.get("firstPage"))), known(as_clean(container.get("lastPage")))
    address = as_text(data.get("url"))
    relations = _relations(data, doi, checks)
    dates, year = _dates(data, checks), date_in(as_text(data.get("publicationYear")))
    try:
        return ArticleRecord(
            doi=doi,
            kind=kind,
            titles=titles,
            abstracts=_one_a_language(
                Text(text=clean, lang=language_tag(as_text(item.get("lang"))))
                for item in as_objects(data.get("descriptions"))
                if item.get("descriptionType", "Abstract") == "Abstract"
                and (clean := as_clean(item.get("description")))
            ),
            keywords=[
                Text(text=clean, lang=language_tag(as_text(item.get("lang"))))
                for item in as_objects(data.get("subjects"))
                if not item.get("subjectScheme") and (clean := as_clean(item.get("subject")))
            ],
            language=language_tag(as_text(data.get("language"))),
            issued=dates.get("Issued") or date_in(as_text(data.get("published"))) or year,
            received=dates.get("Submitted"),
            accepted=dates.get("Accepted"),
            available=dates.get("Available"),
            journal=journal,
            volume=known(as_clean(container.get("volume"))),
            issue=known(as_clean(container.get("issue"))),
            pages=f"{first}-{last}" if first and last and first != last else first,
            first_page=first,
            last_page=last,
            contributors=_contributors(data, checks),
            licences=_licences(data),
            references=_references(data, doi, checks),
            relations=relations,
            landing_pages=[address] if address and is_web_address(address) else [],
            sources=[source],
            warnings=checks.warnings,
        )
    except RecordError as error:
        return reject_value(source, error, doi=doi, title=titles[0].text if titles else None)


def _stated_doi(data: Mapping[str, Any], resource: Mapping[str, Any]) -> str | None:
    """Return the text of the DOI: in a field of its own, or as the identifier of schemas 2 and 3, or as the id."""
    stated = as_text(data.get("doi"))
    if stated:
        return stated
    identifiers = [*as_objects(data.get("identifier")), *as_objects(data.get("identifiers"))]
    typed = [item for item in identifiers if (as_text(item.get("identifierType")) or "").upper() == "DOI"]
    return as_text(typed[0].get("identifier")) if typed else as_text(resource.get("id"))


def _kind(data: Mapping[str, Any], *, in_journal: bool) -> tuple[str | None, str]:
    """Return the kind of article, None for what is none, and the types as DataCite states them."""
    types = as_object(data.get("types")) or as_object(data.get("resourceType"))
    general = as_text(types.get("resourceTypeGeneral")) or as_text(data.get("resource-type-id")) or ""
    stated = as_text(types.get("resourceType")) or as_text(data.get("resource-type-subtype")) or ""
    name = "/".join(part for part in (general, stated) if part) or "without a type"
    word = re.sub(r"[\W\d_]+", "", stated).lower()
    if general in _GENERAL:
        return _WORDS.get(word, _GENERAL[general]), name
    if general.lower() in {"text", ""}:
        if word in _WORDS:
            return _WORDS[word], name
        if word in _VAGUE and in_journal and (types.get("citeproc") == "article-journal" or general):
            return "journal-article", name
    return None, name


def _one_a_language(texts: Iterator[Text]) -> list[Text]:
    """Return the first text of each language."""
    found: dict[str | None, Text] = {}
    for text in texts:
        found.setdefault(text.lang, text)
    return list(found.values())


def _titles(data: Mapping[str, Any], checks: Checks) -> list[Text]:
    """Return the title with its subtitle, and translated titles whose language is stated."""
    stated = as_objects(data.get("titles"))
    subtitle = next((as_clean(item.get("title")) for item in stated if item.get("titleType") == "Subtitle"), None)
    found: dict[str | None, Text] = {}
    for item in stated:
        text, kind = as_clean(item.get("title")), as_text(item.get("titleType"))
        language = language_tag(as_text(item.get("lang")))
        if not text or kind in {"Subtitle", "AlternativeTitle"}:
            continue
        if found and (language is None or language in found):
            checks.warn("titles", f"DataCite states another title, without saying its language: {text}")
            continue
        if not found and subtitle and subtitle.lower() not in text.lower():
            text = f"{text.removesuffix(':')}: {subtitle}"
        found[language] = Text(text=text, lang=language)
    return list(found.values())


def _dates(data: Mapping[str, Any], checks: Checks) -> dict[str, str]:
    """Return the dates by DataCite's type of them; a range counts from its beginning."""
    stated: dict[str, str] = {}
    for item in as_objects(data.get("dates")):
        kind, text = as_text(item.get("dateType")), as_text(item.get("date"))
        date = date_in((text or "").partition("/")[0] if text and re.match(r"[0-9]{4}-.*/", text) else text)
        if kind and date:
            stated.setdefault(kind, date)
        elif kind in {"Issued", "Accepted", "Submitted"} and text:
            checks.warn("issued", f"“{text}” is no date that can be read without a guess")
    return stated


def _journal(data: Mapping[str, Any], checks: Checks) -> Journal | None:
    """Return the journal: the container, or the ISSNs of what the resource is part of."""
    container = as_object(data.get("container"))
    stated: list[tuple[str | None, str | None]] = []
    kind = (as_text(container.get("identifierType")) or "").upper()
    if kind in {"ISSN", "EISSN", "LISSN"}:
        stated.append((_issn_kind(kind), as_text(container.get("identifier"))))
    for item in as_objects(data.get("relatedIdentifiers")):
        kind = (as_text(item.get("relatedIdentifierType")) or "").upper()
        if item.get("relationType") == "IsPartOf" and kind in {"ISSN", "EISSN", "LISSN"}:
            stated.append((_issn_kind(kind), as_text(item.get("relatedIdentifier"))))
    issns = checks.issns(dict.fromkeys(stated))
    title = as_clean(container.get("title")) if as_text(container.get("type")) in {"Journal", "Series", None} else None
    if not title and not issns:
        return None
    publisher = data.get("publisher")
    name = as_clean(publisher.get("name") if isinstance(publisher, dict) else publisher)
    return Journal(titles=[Text(text=title)] if title else [], publisher=name, **issns)


def _issn_kind(kind: str) -> str | None:
    return {"EISSN": "electronic", "LISSN": "linking"}.get(kind)


def _contributors(data: Mapping[str, Any], checks: Checks) -> list[Contributor]:
    """Return the creators as authors, and editors and translators among the contributors."""
    stated = [("author", item) for item in as_objects(data.get("creators"))]
    stated += [
        (_ROLES[kind], item)
        for item in as_objects(data.get("contributors"))
        if (kind := as_text(item.get("contributorType")) or "") in _ROLES
    ]
    found: list[Contributor] = []
    for role, item in stated:
        given, family = as_clean(item.get("givenName")), as_clean(item.get("familyName"))
        name = as_clean(item.get("name")) or as_clean(item.get("creatorName"))
        if given and family:
            name = f"{given} {family}"
        elif name and name.count(", ") == 1 and as_text(item.get("nameType")) == "Personal":
            family, _, given = name.partition(", ")
            name = f"{given} {family}"
        name = name or family or given
        if not name:
            checks.warn("contributors", f"DataCite states an {role} without a name")
            continue
        organisation = "Organizational" in (as_text(item.get("nameType")), as_text(item.get("type")))
        found.append(
            Contributor(
                role=role,
                position=sum(other.role == role for other in found) + 1,
                name=name,
                given=given,
                family=family,
                organisation=organisation,
                orcid=_orcid(item, checks),
                affiliations=_affiliations(item, checks),
            )
        )
    return found


def _orcid(item: Mapping[str, Any], checks: Checks) -> str | None:
    for identifier in as_objects(item.get("nameIdentifiers")):
        text = as_text(identifier.get("nameIdentifier"))
        if (as_text(identifier.get("nameIdentifierScheme")) or "").upper() == "ORCID" or "orcid.org/" in (text or ""):
            return checks.orcid(text)
    own = as_text(item.get("id"))
    return checks.orcid(own) if own and "orcid.org/" in own else None


def _affiliations(item: Mapping[str, Any], checks: Checks) -> list[Affiliation]:
    """Return the affiliations: texts, or objects that may state a ROR iD."""
    stated = item.get("affiliation")
    found = []
    for each in stated if isinstance(stated, list) else [stated]:
        holder = as_object(each)
        name = without_mail(as_clean(holder.get("name")) or as_clean(each) or "")
        identifier = as_text(holder.get("affiliationIdentifier")) or as_text(holder.get("id")) or ""
        if name:
            found.append(Affiliation(name=name, ror=checks.ror(identifier) if "ror.org/" in identifier else None))
    return found


def _licences(data: Mapping[str, Any]) -> list[str]:
    """Return the licences: what `info:eu-repo` says of access is none."""
    found: dict[str, None] = {}
    for item in as_objects(data.get("rightsList")):
        address = as_text(item.get("rightsUri")) or as_text(item.get("rightsURI"))
        for text in (address, as_text(item.get("rights"))):
            if text and (iri := licence_iri(text)):
                found[iri] = None
                break
        else:
            if address and is_web_address(address):
                found[address] = None
    return list(found)


def _references(data: Mapping[str, Any], own: str | None, checks: Checks) -> list[Reference]:
    """Return the cited works: by identifiers in `relatedIdentifiers`, by fields in `relatedItems`."""
    found: list[Reference] = []
    for item in as_objects(data.get("relatedIdentifiers")):
        if item.get("relationType") not in _CITES:
            continue
        kind = (as_text(item.get("relatedIdentifierType")) or "").lower()
        text = as_text(item.get("relatedIdentifier"))
        if not text:
            continue
        if kind == "doi":
            doi = checks.doi(text, f"references[{len(found) + 1}].doi")
            found.append(Reference(position=len(found) + 1, doi=doi, fields={} if doi else {"relatedIdentifier": text}))
            continue
        hidden = [doi for doi in find_dois(text) if doi != own] if "doi.org/" in text.lower() else []
        scheme = _SCHEMES.get(kind)
        found.append(
            Reference(
                position=len(found) + 1,
                doi=hidden[0] if len(hidden) == 1 else None,
                identifiers={scheme: text} if scheme else {},
                fields={} if scheme else {str(kind): text},
            )
        )
    for item in as_objects(data.get("relatedItems")):
        if item.get("relationType") in _CITES:
            found.append(_cited_item(item, len(found) + 1, checks))
    return found


def _cited_item(item: Mapping[str, Any], position: int, checks: Checks) -> Reference:
    """Return a cited work that is described by fields."""
    identifier = as_object(item.get("relatedItemIdentifier"))
    is_doi = (as_text(identifier.get("relatedItemIdentifierType")) or "").upper() == "DOI"
    fields: dict[str, Any] = {
        name: text
        for name in ("publicationYear", "volume", "issue", "firstPage", "lastPage", "publisher", "edition")
        if (text := as_clean(item.get(name)))
    }
    title = next((clean for each in as_objects(item.get("titles")) if (clean := as_clean(each.get("title")))), None)
    return Reference(
        position=position,
        doi=checks.doi(identifier.get("relatedItemIdentifier"), f"references[{position}].doi") if is_doi else None,
        fields=({"title": title} if title else {}) | fields,
    )


def _relations(data: Mapping[str, Any], own: str | None, checks: Checks) -> list[Relation]:
    """Return the other relations to works with a DOI, under the names that Crossref gives such."""
    found: dict[tuple[str, str], Relation] = {}
    for item in as_objects(data.get("relatedIdentifiers")):
        name = as_text(item.get("relationType")) or ""
        kind = (as_text(item.get("relatedIdentifierType")) or "").upper()
        if kind == "DOI" and name and name not in _NOT_RELATIONS:
            relation = _RELATIONS.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
            checks.relate(found, relation, item.get("relatedIdentifier"), own)
    return list(found.values())
