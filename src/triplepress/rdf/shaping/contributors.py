"""Contributors of one article: the agents, their roles with order, and their affiliations as stated there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from triplepress.rdf.facts import EditionFacts
from triplepress.rdf.nodes import Node, OrganisationNode, PersonNode, Role, RoleNode
from triplepress.rdf.shaping.countries import country_iri
from triplepress.rdf.shaping.texts import language_map
from triplepress.record import Affiliation, ArticleRecord, Contributor, OrganisationName, OtherName

_ROLES: Final[dict[str, Role]] = {
    "author": "pro:author",
    "editor": "pro:editor",
    "guest-editor": "pro:guest-editor",
    "editor-in-chief": "pro:editor-in-chief",
    "series-editor": "pro:series-editor",
    "translator": "pro:translator",
    "illustrator": "pro:illustrator",
    "compiler": "pro:compiler",
    "reviewer": "pro:reviewer",
    "peer-reviewer": "pro:peer-reviewer",
}


@dataclass(frozen=True, slots=True)
class Contributors:
    """The IRIs of authors and roles, and the nodes that are parts of the article: agents, roles, affiliations."""

    creators: list[str]
    roles: list[str]
    nodes: list[Node]


def shape_contributors(record: ArticleRecord, article: str, edition: EditionFacts) -> Contributors:
    """Return the contributors of a record in their order.

    Someone with an ORCID iD, or an organisation with a ROR iD, is a shared thing and shaped elsewhere; all others are
    hash IRIs of the article, numbered by their place in the record. A role that PRO has no individual for is
    pro:contributor.
    """
    minter = edition.minter
    creators: dict[str, None] = {}
    agents: list[PersonNode | OrganisationNode] = []
    roles: list[RoleNode] = []
    affiliations = _Affiliations(article, edition)
    for n, contributor in enumerate(record.contributors, 1):
        if contributor.orcid is not None:
            agent = minter.person(contributor.orcid)
        else:
            agent = minter.sub(article, "author" if contributor.role == "author" else "contributor", n)
            agents.append(_agent_node(agent, contributor))
        if contributor.role == "author":
            creators[agent] = None
        roles.append(
            RoleNode(
                id=minter.sub(article, "role", n),
                role=_ROLES.get(contributor.role, "pro:contributor"),
                held_by=agent,
                position=contributor.position,
                affiliations=affiliations.iris(contributor.affiliations),
            )
        )
        if contributor.corresponding:
            corresponding = minter.sub(article, "role", f"{n}-corresponding")
            roles.append(RoleNode(id=corresponding, role="scoro:corresponding-author", held_by=agent))
    return Contributors(list(creators), [role.id for role in roles], [*agents, *roles, *affiliations.nodes])


def _agent_node(iri: str, contributor: Contributor) -> PersonNode | OrganisationNode:
    """Return the node of a contributor that belongs to this article alone."""
    name = language_map(
        [(contributor.name, contributor.lang), *((other.name, other.lang) for other in contributor.other_names)]
    )
    if contributor.organisation:
        return OrganisationNode(id=iri, name=name)
    forms: list[Contributor | OtherName] = [contributor, *contributor.other_names]
    return PersonNode(
        id=iri,
        name=name,
        given_name=language_map((form.given, form.lang) for form in forms),
        family_name=language_map((form.family, form.lang) for form in forms),
    )


class _Affiliations:
    """Numbers the affiliations of one article: the same one stated for two authors is one node."""

    def __init__(self, article: str, edition: EditionFacts) -> None:
        self._article = article
        self._minter = edition.minter
        self._seen: list[tuple[Affiliation, str]] = []
        self.nodes: list[OrganisationNode] = []

    def iris(self, affiliations: list[Affiliation]) -> list[str]:
        """Return the IRIs of a contributor's affiliations, each once."""
        return list(dict.fromkeys(self._iri(affiliation) for affiliation in affiliations))

    def _iri(self, affiliation: Affiliation) -> str:
        if affiliation.ror is not None:
            return self._minter.organisation(affiliation.ror)
        for known, iri in self._seen:
            if known == affiliation:
                return iri
        iri = self._minter.sub(self._article, "aff", len(self.nodes) + 1)
        self._seen.append((affiliation, iri))
        names: list[Affiliation | OrganisationName] = [affiliation, *affiliation.other_names]
        self.nodes.append(
            OrganisationNode(
                id=iri,
                name=language_map((name.name, name.lang) for name in names),
                country=country_iri(affiliation.country),
            )
        )
        return iri
