"""What a record was before: its earlier states, and what is left of one that the edition no longer holds.

A state is a hash IRI of the record's document, numbered from 1, so it answers with the document and keeps its number.
What a state said stands in the release of its time; here stands from when to when it was true of the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from triplepress.identifiers import doi_iri
from triplepress.rdf.facts import EditionFacts, PastState, WithdrawnFacts
from triplepress.rdf.nodes import RevisionNode, Texts, WithdrawnNode
from triplepress.rdf.shaping.texts import text_map

_REASONS: Final = {
    "withdrawn": {"en": "Its source withdrew the record{day}.", "ru": "Источник отозвал запись{day}."},
    "removed": {
        "en": "The inputs of this edition no longer hold the record.",
        "ru": "Записи больше нет среди входных данных издания.",
    },
    "refused": {
        "en": "The record in its present form does not pass the edition’s checks.",
        "ru": "Запись в нынешнем виде не проходит проверок издания.",
    },
}
_DAY: Final = {"en": " on {stated}", "ru": " {stated}"}


def revision_nodes(document: str, history: Sequence[PastState], edition: EditionFacts) -> list[RevisionNode]:
    """Return the nodes of the earlier states of a record, oldest first, each a revision of the one before it.

    Args:
        document: IRI of the record's document.
        history: The states.
        edition: The edition's facts.
    """
    minter = edition.minter
    return [
        RevisionNode(
            id=minter.sub(document, "revision", number),
            revision_of=minter.sub(document, "revision", number - 1) if number > 1 else None,
            generated_at=state.generated,
            generated_by=minter.run(state.run),
            invalidated_at=state.invalidated,
        )
        for number, state in enumerate(history, start=1)
    ]


def shape_withdrawn(facts: WithdrawnFacts, edition: EditionFacts) -> WithdrawnNode:
    """Return the document of a record that the edition no longer holds.

    It is no record of the dataset any more, so it has neither licence nor sources, and no primary topic: what it is
    about may be described by others still.
    """
    minter = edition.minter
    article = minter.article_of_key(facts.key)
    document = minter.document(article)
    revisions = revision_nodes(document, facts.history, edition)
    doi = facts.key.removeprefix("doi/")
    return WithdrawnNode(
        id=document,
        title=text_map(facts.titles),
        description=_reason(facts),
        topic=[article] if doi == facts.key else [article, doi_iri(doi)],
        revision_of=revisions[-1].id if revisions else None,
        invalidated_at=facts.invalidated,
        invalidated_by=minter.run(facts.run),
        included=[*revisions],
    )


def _reason(facts: WithdrawnFacts) -> Texts:
    """Return why the record is gone, in the languages of the pages."""
    return {
        lang: [text.format(day=_DAY[lang].format(stated=facts.stated) if facts.stated else "")]
        for lang, text in _REASONS[facts.reason].items()
    }
