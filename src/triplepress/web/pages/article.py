"""The page of an article whose record is held."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from triplepress.identifiers import doi_iri
from triplepress.web import queries
from triplepress.web.countries import country_name
from triplepress.web.pages.listing import listing
from triplepress.web.pages.related import METHODS, matched_references, probably_cited_by, related_works
from triplepress.web.pages.shown import Page, Shown
from triplepress.web.pages.withdrawn import past_states
from triplepress.web.view import Said, best_of

# English names of the languages of articles; the translation tables have the others. MARC codes, as the profile's
# language IRIs end.
LANGUAGES: Final = {
    "ara": "Arabic", "bel": "Belarusian", "bul": "Bulgarian", "chi": "Chinese", "cze": "Czech", "dut": "Dutch",
    "eng": "English", "fin": "Finnish", "fre": "French", "ger": "German", "hun": "Hungarian", "ind": "Indonesian",
    "ita": "Italian", "jpn": "Japanese", "kaz": "Kazakh", "kor": "Korean", "per": "Persian", "pol": "Polish",
    "por": "Portuguese", "rum": "Romanian", "rus": "Russian", "spa": "Spanish", "swe": "Swedish", "tur": "Turkish",
    "ukr": "Ukrainian", "uzb": "Uzbek",
}  # fmt: skip


class Author(NamedTuple):
    """One name in the author line.

    `affiliations` are numbers of the page's list of affiliations, from 1; `orcid` the iD's IRI, `page` the path of the
    person's page, where there is one.
    """

    anchor: str
    names: list[Said]
    orcid: str | None
    page: str | None
    affiliations: list[int]
    corresponding: bool


class Reference(NamedTuple):
    """One entry of the reference list: the printed text, and the work that it names."""

    iri: str
    anchor: str
    number: str
    text: str | None
    cited: str | None
    doi: str | None
    title: Said | None
    fields: list[str]


async def article_page(shown: Shown) -> Page:
    """Return template and values for an article."""
    view, iri, lang = shown.view, shown.iri, shown.lang
    authors, affiliations = authors_of(shown)
    cited_by = await listing(
        shown.edition,
        shown.request,
        lang,
        iri,
        counting=queries.COUNT_CITED_BY,
        pattern=queries.CITING,
        fragment="cited-by",
    )
    references = references_of(shown)
    related, retracted = await related_works(shown)
    titles = view.texts(iri, "dcterms:title")
    title = best_of(titles, lang) or Said(shown.thing.name, None)
    document = next(iter(view.subjects("foaf:primaryTopic", iri)), None)
    language = view.iri(iri, "dcterms:language")
    return "article.html", {
        "title": title,
        "other_titles": [said for said in titles if said != title],
        "authors": authors,
        "affiliations": affiliations,
        "place": place_of(shown),
        "doi": view.text(iri, "prism:doi"),
        "doi_iri": doi_iri(shown.thing.name) if shown.thing.kind == "doi" else None,
        "language": language_name(language),
        "references": references,
        "probable": await matched_references(shown),
        "probably_cited_by": await probably_cited_by(shown),
        "methods": METHODS,
        "related": related,
        "retracted": retracted,
        "cited_by": cited_by,
        "document": document,
        "states": past_states(view, document) if document else [],
        "files": [
            (file, view.iri(embodiment, "dcterms:format"))
            for embodiment in view.iris(iri, "frbr:embodiment")
            for file in view.iris(embodiment, "frbr:exemplar")
        ],
        "meta": meta_tags(shown, title, authors, affiliations),
    }


def language_name(iri: str | None) -> str | None:
    """Return the English name of an article's language, its code where we have no name for it."""
    if iri is None:
        return None
    code = iri.rpartition("/")[2]
    return LANGUAGES.get(code, code)


def authors_of(shown: Shown) -> tuple[list[Author], list[tuple[str, list[Said], str | None]]]:
    """Return the author line in order, and the affiliations in order of first mention (IRI, names, country)."""
    view, iri = shown.view, shown.iri
    by_agent: dict[str, dict[str, Any]] = {}
    for role in view.iris(iri, "pro:isDocumentContextFor"):
        agent = view.iri(role, "pro:isHeldBy")
        kind = (view.iri(role, "pro:withRole") or "").rpartition("/")[2]
        if agent is None or kind not in {"author", "corresponding-author"}:
            continue
        entry = by_agent.setdefault(agent, {"position": 1 << 30, "affiliations": [], "corresponding": False})
        if kind == "corresponding-author":
            entry["corresponding"] = True
        position = view.text(role, "schema:position")
        if position is not None and position.isdigit():
            entry["position"] = min(entry["position"], int(position))
        entry["affiliations"] += sorted(view.iris(role, "pro:relatesToOrganization"), key=natural)
    numbers: dict[str, int] = {}
    authors = []
    for agent, entry in sorted(by_agent.items(), key=lambda item: (item[1]["position"], natural(item[0]))):
        for organisation in entry["affiliations"]:
            numbers.setdefault(organisation, len(numbers) + 1)
        orcid = f"{shown.root}/id/orcid/"
        own = agent.startswith(orcid)
        names = view.texts(agent, "foaf:name") or [Said(agent.rpartition("/")[2], None)]
        best = best_of(names, shown.lang) or names[0]
        authors.append(
            Author(
                anchor=agent.partition("#")[2] or agent.rpartition("/")[2],
                names=[best, *(said for said in names if said != best)],
                orcid=f"https://orcid.org/{agent.removeprefix(orcid)}" if own else None,
                page=f"/page/orcid/{agent.removeprefix(orcid)}" if own else None,
                affiliations=list(dict.fromkeys(numbers[organisation] for organisation in entry["affiliations"])),
                corresponding=entry["corresponding"],
            )
        )
    affiliations = []
    for organisation in numbers:
        names = view.texts(organisation, "foaf:name") or [Said(organisation, None)]
        country = view.iri(organisation, "dcterms:spatial")
        affiliations.append((organisation, names, country_name(country, shown.lang)))
    return authors, affiliations


def natural(iri: str) -> tuple[int, str]:
    """Return a key that sorts `#aff-10` after `#aff-2`."""
    digits = iri.rpartition("-")[2]
    return (int(digits) if digits.isdigit() else 1 << 30, iri)


def references_of(shown: Shown) -> list[Reference]:
    """Return the reference list in its order."""
    view, iri = shown.view, shown.iri
    references = []
    doi_start = f"{shown.root}/id/doi/"
    for part in view.iris(iri, "frbr:part"):
        if "biro:BibliographicReference" not in view.types(part):
            continue
        number = view.text(part, "fabio:hasSequenceIdentifier") or ""
        cited = view.iri(part, "biro:references")
        described = cited is not None and cited.startswith(f"{iri}#")
        fields = [said.text for said in view.texts(cited, *_FIELDS)] if cited is not None and described else []
        references.append(
            Reference(
                iri=part,
                anchor=part.partition("#")[2],
                number=number,
                text=view.text(part, "c4o:hasContent"),
                cited=None if described else cited,
                doi=view.text(cited, "prism:doi") if cited and cited.startswith(doi_start) else None,
                title=view.label(cited, shown.lang) if cited and not described else None,
                fields=fields,
            )
        )
    return sorted(references, key=lambda ref: (int(ref.number) if ref.number.isdigit() else 1 << 30, ref.anchor))


_FIELDS: Final = ("dcterms:title", "fabio:hasPublicationYear", "prism:volume", "prism:startingPage")


def place_of(shown: Shown) -> dict[str, Any]:
    """Return where an article stands: journal, volume, issue, pages, each as far as it is stated."""
    view, iri = shown.view, shown.iri
    journal = view.iri(iri, "dcterms:isPartOf")
    place: dict[str, Any] = {
        "journal": journal,
        "journal_title": view.label(journal, shown.lang) if journal else None,
        "journal_titles": view.texts(journal, "dcterms:title") if journal else [],
        "date": view.text(iri, "dcterms:issued"),
        "pages": view.text(iri, "prism:pageRange") or view.text(iri, "prism:startingPage"),
        "number": view.text(iri, "fabio:hasElectronicArticleIdentifier"),
        "volume": None,
        "issue": None,
    }
    todo = view.iris(iri, "frbr:partOf")
    seen: set[str] = set()
    while todo:
        whole = todo.pop()
        if whole in seen:
            continue
        seen.add(whole)
        issue, volume = view.text(whole, "prism:issueIdentifier"), view.text(whole, "prism:volume")
        if issue is not None:
            place["issue"] = (whole, issue)
        elif volume is not None:
            place["volume"] = (whole, volume)
        todo += view.iris(whole, "frbr:partOf")
    return place


def meta_tags(
    shown: Shown, title: Said, authors: list[Author], affiliations: list[tuple[str, list[Said], str | None]]
) -> list[tuple[str, str, str | None]]:
    """Return Highwire Press and Dublin Core tags: name, content, language.

    References:
        Google Scholar, Inclusion Guidelines for Webmasters, "Indexing".
    """
    view, iri = shown.view, shown.iri
    place = place_of(shown)
    tags: list[tuple[str, str | None, str | None]] = [("citation_title", title.text, title.lang)]
    for author in authors:
        tags.append(("citation_author", author.names[0].text, None))
        tags += [("citation_author_institution", affiliations[n - 1][1][0].text, None) for n in author.affiliations]
        tags.append(("citation_author_orcid", author.orcid, None))
    date = place["date"]
    tags += [
        ("citation_publication_date", date.replace("-", "/") if date else None, None),
        ("citation_journal_title", place["journal_title"].text if place["journal_title"] else None, None),
        ("citation_volume", place["volume"][1] if place["volume"] else None, None),
        ("citation_issue", place["issue"][1] if place["issue"] else None, None),
        ("citation_firstpage", view.text(iri, "prism:startingPage"), None),
        ("citation_lastpage", view.text(iri, "prism:endingPage"), None),
        ("citation_doi", view.text(iri, "prism:doi"), None),
        ("citation_abstract_html_url", shown.root + shown.thing.page_path, None),
        ("DC.identifier", view.iri(iri, "owl:sameAs") or iri, None),
        ("DC.rights", view.iri(iri, "dcterms:license"), None),
        ("DC.date", date, None),
    ]
    tags += [("citation_keywords", said.text, said.lang) for said in view.texts(iri, "prism:keyword")]
    tags += [("DC.title", said.text, said.lang) for said in view.texts(iri, "dcterms:title")]
    tags += [("DC.creator", author.names[0].text, author.names[0].lang) for author in authors]
    return [(name, content, lang) for name, content, lang in tags if content]
