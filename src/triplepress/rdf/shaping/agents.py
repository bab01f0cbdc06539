"""People and organisations that have an identifier and are therefore shared by articles."""

from __future__ import annotations

from triplepress.identifiers import path_segment
from triplepress.rdf.facts import EditionFacts, OrganisationFacts, PersonFacts
from triplepress.rdf.nodes import OrganisationNode, PersonNode
from triplepress.rdf.shaping.countries import country_iri
from triplepress.rdf.shaping.identifiers import identifier_nodes
from triplepress.rdf.shaping.texts import language_map, text_map


def shape_person(facts: PersonFacts, edition: EditionFacts) -> PersonNode:
    """Return the node of a person with an ORCID iD."""
    iri = edition.minter.person(facts.orcid)
    nodes = identifier_nodes(iri, [("datacite:orcid", facts.orcid)], edition)
    return PersonNode(
        id=iri,
        same_as=f"https://orcid.org/{path_segment(facts.orcid)}",
        name=language_map((name.name, name.lang) for name in facts.names),
        given_name=language_map((name.given, name.lang) for name in facts.names),
        family_name=language_map((name.family, name.lang) for name in facts.names),
        identifiers=[node.id for node in nodes],
        included=[*nodes],
    )


def shape_organisation(facts: OrganisationFacts, edition: EditionFacts) -> OrganisationNode:
    """Return the node of an organisation with a ROR iD."""
    iri = edition.minter.organisation(facts.ror)
    nodes = identifier_nodes(iri, [("datacite:ror", facts.ror)], edition)
    return OrganisationNode(
        id=iri,
        same_as=f"https://ror.org/{path_segment(facts.ror)}",
        name=text_map(facts.names),
        country=country_iri(facts.country),
        identifiers=[node.id for node in nodes],
        included=[*nodes],
    )
