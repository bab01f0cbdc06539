"""What the page of a thing is made from."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from triplepress.web.edition import Edition
from triplepress.web.rendering import Site
from triplepress.web.things import Thing
from triplepress.web.view import Said, View

Page = tuple[str, dict[str, Any]]
"""The name of a template and its values."""


class Shown:
    """A thing on its way to a page: its description, and how to name and link what it points at."""

    def __init__(self, request: Request, edition: Edition, thing: Thing, view: View, site: Site) -> None:
        """Keep what pages share."""
        self.request = request
        self.edition = edition
        self.thing = thing
        self.view = view
        self.site = site
        self.lang = site.language(request)
        self.root = site.settings.root
        self.iri = thing.iri(self.root)

    def label(self, iri: str) -> Said:
        """Return what a thing is called: its title or name, else its IRI."""
        return self.view.label(iri, self.lang) or Said(iri, None)
