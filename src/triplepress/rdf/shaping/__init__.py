"""A record and the facts around it become nodes: one module for each kind of thing.

Nothing is guessed and nothing is judged here: what the record says is shaped, the shapes of the gate judge it. Two
titles in one language stay two; what should be an address and is none stays as text, so that the gate can name it.
"""

from triplepress.rdf.shaping.agents import shape_organisation, shape_person
from triplepress.rdf.shaping.article import shape_article
from triplepress.rdf.shaping.journals import place_of, shape_issue, shape_journal, shape_volume
from triplepress.rdf.shaping.matches import in_graph, shape_match, shape_matched_work, shape_matches
from triplepress.rdf.shaping.provenance import shape_run, shape_software, shape_source
from triplepress.rdf.shaping.revisions import shape_withdrawn
from triplepress.rdf.shaping.works import related_dois, shape_cited_work

__all__ = [
    "in_graph",
    "place_of",
    "related_dois",
    "shape_article",
    "shape_cited_work",
    "shape_issue",
    "shape_journal",
    "shape_match",
    "shape_matched_work",
    "shape_matches",
    "shape_organisation",
    "shape_person",
    "shape_run",
    "shape_software",
    "shape_source",
    "shape_volume",
    "shape_withdrawn",
]
