"""What this edition is, how its addresses work, and the profile that its graph follows."""

from __future__ import annotations

from typing import NamedTuple

from pyoxigraph import RdfFormat, parse, serialize
from starlette.requests import Request
from starlette.responses import Response

from triplepress.resources import resource
from triplepress.web.description import dataset_description
from triplepress.web.edition import Edition
from triplepress.web.pages.home import articles_of, figures_of
from triplepress.web.pages.listing import cards_of
from triplepress.web.rendering import site_of
from triplepress.web.view import View, compact


class Term(NamedTuple):
    """A property of the profile as this edition uses it: its IRI, its prefixed name, how many statements."""

    iri: str
    name: str
    uses: int


async def about_page(request: Request, edition: Edition, headers: dict[str, str]) -> Response:
    """Return the page about the edition."""
    site = site_of(request)
    root = site.settings.root
    dataset = View(dataset_description(edition))
    profile = View(_ntriples("profile.ttl"))
    figures = await figures_of(edition, root)
    example = next(iter(await cards_of(edition, await articles_of(edition, figures, 1, 0), "en")), None)
    return site.render(
        request,
        "about.html",
        {
            "profile": profile,
            "profile_iris": profile.subjects("rdf:type", "http://www.w3.org/ns/dx/prof/Profile"),
            "classes": _terms(dataset, root, "void:classPartition", "void:class", "void:entities"),
            "properties": _terms(dataset, root, "void:propertyPartition", "void:property", "void:triples"),
            "example": example,
            "manifest": edition.manifest,
        },
        data_path="/data/dataset",
        headers=headers,
    )


def _ntriples(name: str) -> bytes:
    """Return one of the product's own Turtle files as N-Triples."""
    path = resource("ontology", name)
    quads = parse(path.read_bytes(), format=RdfFormat.TURTLE, base_iri=path.as_uri())
    return serialize(quads, format=RdfFormat.N_TRIPLES) or b""


def _terms(view: View, root: str, partition: str, kind: str, count: str) -> list[Term]:
    found = []
    for node in view.iris(f"{root}/dataset", partition):
        iri, said = view.iri(node, kind), view.text(node, count)
        if iri is not None and said is not None and said.isdigit():
            found.append(Term(iri, compact(iri), int(said)))
    return sorted(found, key=lambda term: (-term.uses, term.name))
