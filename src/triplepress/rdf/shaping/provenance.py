"""Where a record comes from: its own document, the inputs, the run, the software."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

from triplepress.rdf.facts import ArticleFacts, EditionFacts, RunFacts
from triplepress.rdf.nodes import DocumentNode, RunNode, SoftwareNode, SourceNode
from triplepress.rdf.shaping.revisions import revision_nodes
from triplepress.record import Source

_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_DCMI_TYPES: Final = "http://purl.org/dc/dcmitype/"

# What an input of a kind is by definition of the kind; of the others the record does not say it.
_FORMATS: Final = {
    "elpub": "text/plain",
    "highwire": "text/html",
    "jats": "application/xml",
    "crossref": "application/json",
    "datacite": "application/json",
    "openalex": "application/json",
    "csl": "application/vnd.citationstyles.csl+json",
    "oaipmh": "application/xml",
}
_TEXTS: Final = frozenset({"elpub", "highwire", "jats"})


def media_type_iri(media_type: str) -> str:
    """Return the IRI of a media type in IANA's registry."""
    return _MEDIA_TYPES + media_type


def shape_document(facts: ArticleFacts, article: str, edition: EditionFacts) -> DocumentNode:
    """Return the document of a record: facts of the record's state here, facts of the run on the run."""
    minter = edition.minter
    sources = dict.fromkeys(source.sha256 for source in facts.record.sources if source.sha256 is not None)
    document = minter.document(article)
    revisions = revision_nodes(document, facts.history, edition)
    return DocumentNode(
        id=document,
        type=["Document", "Entity"],
        primary_topic=article,
        in_dataset=minter.dataset,
        conforms_to=minter.profile(edition.profile_version),
        licence=[edition.metadata_licence],
        modified=facts.modified,
        generated_at=facts.modified,
        generated_by=minter.run(facts.run),
        revision_of=revisions[-1].id if revisions else None,
        primary_source=[minter.source(sha256) for sha256 in sources],
        included=[*revisions],
    )


def shape_source(source: Source, edition: EditionFacts) -> SourceNode:
    """Return the node of an input, named by the last part of its location: a folder is nobody's business.

    Raises:
        ValueError: The source has no checksum, and so no IRI.
    """
    if source.sha256 is None:
        raise ValueError(f"the source {source.location} has no checksum")
    media_type = _FORMATS.get(source.kind)
    return SourceNode(
        id=edition.minter.source(source.sha256),
        identifier=f"sha256:{source.sha256}",
        label={"@none": [_file_name(source.location)]},
        format=None if media_type is None else media_type_iri(media_type),
        kind=_DCMI_TYPES + "Text" if source.kind in _TEXTS else None,
        generated_at=source.retrieved,
    )


def shape_run(facts: RunFacts, edition: EditionFacts) -> RunNode:
    """Return the node of a run of the press."""
    minter = edition.minter
    return RunNode(
        id=minter.run(facts.id),
        started_at=facts.started,
        ended_at=facts.ended,
        used=[minter.source(sha256) for sha256 in dict.fromkeys(facts.sources)],
        associated_with=minter.software(facts.software),
    )


def shape_software(version: str, edition: EditionFacts) -> SoftwareNode:
    """Return the node of a version of this software."""
    return SoftwareNode(id=edition.minter.software(version), label={"en": [f"Triplepress, version {version}"]})


def _file_name(location: str) -> str:
    """Return the last part of a path or URL, or the location itself where it has none."""
    path = unquote(urlsplit(location).path) if "://" in location else location
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or location
