"""What stands beside an article: works that it is related to, its retraction, and what was matched to references."""

from __future__ import annotations

from typing import Final, NamedTuple

from pyoxigraph import Literal

from triplepress.rdf.minting import Minter
from triplepress.web import queries
from triplepress.web.edition import Edition
from triplepress.web.pages.shown import Shown
from triplepress.web.view import Said, View, best_of, value_of

# Each property as the article's own page says it; the English text is the key of the translations.
OUTGOING: Final = {
    "cito:isRetractedBy": "Retracted by",
    "cito:retracts": "Retracts",
    "cito:isCorrectedBy": "Corrected by",
    "cito:corrects": "Corrects",
    "dcterms:isReplacedBy": "Replaced by",
    "dcterms:replaces": "Replaces",
    "cito:isUpdatedBy": "Updated by",
    "cito:updates": "Updates",
    "dcterms:hasVersion": "Other version",
    "dcterms:isVersionOf": "Version of",
    "frbr:translation": "Translation",
    "frbr:translationOf": "Translation of",
    "frbr:supplement": "Supplement",
    "frbr:supplementOf": "Supplement to",
    "cito:hasReplyFrom": "Reply",
    "cito:repliesTo": "Replies to",
    "cito:isDiscussedBy": "Comment",
    "cito:discusses": "Comments on",
    "cito:isReviewedBy": "Review",
    "cito:reviews": "Reviews",
    "cito:isDocumentedBy": "Documented by",
    "cito:documents": "Documents",
    "dcterms:source": "Derived from",
    "dcterms:relation": "Related work",
}
# What another article says of this one, as this one's page says it.
INCOMING: Final = {
    "cito:retracts": "Retracted by",
    "cito:corrects": "Corrected by",
    "dcterms:replaces": "Replaced by",
    "cito:updates": "Updated by",
    "dcterms:isVersionOf": "Other version",
    "frbr:translationOf": "Translation",
    "frbr:supplementOf": "Supplement",
    "cito:repliesTo": "Reply",
    "cito:discusses": "Comment",
    "cito:reviews": "Review",
}
# How a reference was matched, by the matcher's own word for it.
METHODS: Final = {
    "title": "by its title",
    "title+location": "by its title and its place in the journal",
    "location": "by its place in the journal",
}


class Related(NamedTuple):
    """A related work: how, its IRI, and its title where it is known."""

    how: str
    work: str
    title: Said | None


class Probable(NamedTuple):
    """A match: the reference, the work it probably names, how that was found and how sure it is."""

    reference: str
    work: str
    title: Said | None
    method: str
    score: str

    @property
    def anchor(self) -> str:
        """The match's own anchor on the page of the citing article."""
        return self.reference.partition("#")[2].replace("ref-", "match-", 1)

    @property
    def article(self) -> str:
        """The citing article."""
        return self.reference.partition("#")[0]


async def related_works(shown: Shown) -> tuple[list[Related], bool]:
    """Return the works that an article is related to, each once and way, and whether it is retracted."""
    view, iri = shown.view, shown.iri
    about = View(await shown.edition.store.construct(queries.bound(queries.INCOMING, iri)))
    found: dict[tuple[str, str], Related] = {}
    for name, how in OUTGOING.items():
        for work in view.iris(iri, name):
            found.setdefault((how, work), Related(how, work, view.label(work, shown.lang)))
    for name, how in INCOMING.items():
        for work in about.subjects(name, iri):
            title = best_of(about.texts(work, "dcterms:title"), shown.lang)
            found.setdefault((how, work), Related(how, work, title))
    retracted = any(how == "Retracted by" for how, _ in found) or any(
        view.iri(status, "pso:withStatus") == _RETRACTED for status in view.iris(iri, "pso:holdsStatusInTime")
    )
    order = list(dict.fromkeys(OUTGOING.values()))
    return sorted(found.values(), key=lambda each: (order.index(each.how), each.work)), retracted


_RETRACTED: Final = "http://purl.org/spar/pso/retracted-from-publication"


def has_matches(edition: Edition) -> bool:
    """Return whether anything was matched in a release: if not, nobody needs to ask."""
    return bool((edition.manifest.get("matches") or {}).get("references"))


async def matched_references(shown: Shown) -> dict[str, Probable]:
    """Return the works that an article's references without a DOI probably name, by the reference's IRI."""
    found = await _probable(shown, queries.MATCHES_OF)
    return {match.reference: match for match in found}


async def probably_cited_by(shown: Shown) -> list[Probable]:
    """Return the references of other articles that probably name a work."""
    return await _probable(shown, queries.MATCHED_TO)


async def _probable(shown: Shown, query: str) -> list[Probable]:
    """Return the matches that a query finds, in the order of the references."""
    if not has_matches(shown.edition):
        return []
    graph = Minter(shown.root).graph("matched")
    rows = await shown.edition.store.select(queries.bound(query, shown.iri).replace("$graph", f"<{graph}>"))
    titles: dict[tuple[str, str, str, str], list[Said]] = {}
    for row in rows:
        score = f"{float(value_of(row['score'])):.2f}"
        key = value_of(row["ref"]), value_of(row["work"]), value_of(row["method"]), score
        title = row.get("title")
        said = titles.setdefault(key, [])
        if isinstance(title, Literal):
            said.append(Said(title.value, title.language))
    return [
        Probable(ref, work, best_of(said, shown.lang), method, score)
        for (ref, work, method, score), said in sorted(titles.items())
    ]
