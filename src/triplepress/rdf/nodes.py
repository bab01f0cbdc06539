"""The nodes that a record is shaped into: plain JSON objects whose keys the mapping gives a meaning.

Each struct says once which keys a node of its kind may have, so that `mapping.py` can hold every key, and every fixed
value, against the context before the first record is mapped. A fixed value is a term of the context (classes) or a
compact IRI whose prefix the context declares (individuals, datatypes).
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

# A text for a property whose value is an IRI; the mapping's own check tells the two kinds of text apart by it.
Iri = Annotated[str, msgspec.Meta(extra_json_schema={"format": "iri"})]
# A language map: a tag, or "@none" where the source does not say, to the texts in that language.
Texts = dict[str, list[str]]


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What all nodes share: keys in camel case; what is not known is not there."""


class DateValue(Node, frozen=True, kw_only=True):
    """A date at the precision that the source states; never padded."""

    type: Literal["xsd:gYear", "xsd:gYearMonth", "xsd:date"]
    value: str


class PlainValue(Node, frozen=True, kw_only=True):
    """What stands where an IRI is due but is none: kept as text, so that the gate sees it and names it."""

    value: str


Link = Iri | PlainValue

IdentifierScheme = Literal[
    "datacite:doi",
    "datacite:pmid",
    "datacite:pmcid",
    "datacite:issn",
    "datacite:eissn",
    "datacite:lissn",
    "datacite:orcid",
    "datacite:ror",
]


class IdentifierNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Identifier"):
    """An identifier as a node (the OCDM layer); it belongs to exactly one thing."""

    id: Iri
    scheme: IdentifierScheme
    literal_value: str


class PersonNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Person"):
    """A person: shared if an ORCID iD is stated, else a part of one article. Never merged on a name."""

    id: Iri
    same_as: Iri | None = None
    name: Texts = {}
    given_name: Texts = {}
    family_name: Texts = {}
    identifiers: list[Iri] = []
    included: list[Node] = []


class OrganisationNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Organization"):
    """An organisation: shared if a ROR iD is stated, else a part of one article or journal."""

    id: Iri
    same_as: Iri | None = None
    name: Texts = {}
    country: Iri | None = None
    identifiers: list[Iri] = []
    included: list[Node] = []


Role = Literal[
    "pro:author",
    "pro:editor",
    "pro:guest-editor",
    "pro:editor-in-chief",
    "pro:series-editor",
    "pro:translator",
    "pro:illustrator",
    "pro:compiler",
    "pro:reviewer",
    "pro:peer-reviewer",
    "pro:contributor",
    "scoro:corresponding-author",
]


class RoleNode(Node, frozen=True, kw_only=True, tag_field="type", tag="RoleInTime"):
    """What an agent was for one article: the role, the place in the list, the affiliations stated there."""

    id: Iri
    role: Role
    held_by: Iri
    position: int | None = None
    affiliations: list[Iri] = []


class ReferenceNode(Node, frozen=True, kw_only=True, tag_field="type", tag="BibliographicReference"):
    """An entry of the reference list: its number, its text as printed, the work it points at."""

    id: Iri
    number: int
    content: str | None = None
    references: Iri | None = None


class DescribedWorkNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Expression"):
    """A cited work that a source describes by fields but does not identify by a DOI."""

    id: Iri
    title: Texts = {}
    publication_year: str | None = None
    volume: str | None = None
    starting_page: str | None = None
    pmid: str | None = None
    pmcid: str | None = None


class CitedWorkNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Expression"):
    """A work known only because something cites it by DOI."""

    id: Iri
    same_as: Iri
    doi: str
    identifiers: list[Iri] = []
    included: list[Node] = []


CitationType = Literal["Citation", "AuthorSelfCitation", "JournalSelfCitation", "AffiliationSelfCitation"]


class CitationNode(Node, frozen=True, kw_only=True):
    """A citation: one for each pair of works, however often the list names the cited one."""

    id: Iri
    type: list[CitationType]
    citing_entity: Iri
    cited_entity: Iri
    characterization: Literal["cito:cites"]
    creation_date: DateValue | None = None
    time_span: str | None = None
    derived_from: list[Iri]


class MatchedReferenceNode(Node, frozen=True, kw_only=True):
    """A reference in the graph of matches: only the work that it was matched to; what it is, the facts say."""

    id: Iri
    references: Iri


class MatchNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Entity"):
    """How a reference was matched, and how sure it is: a decimal from 0.5 to 1."""

    id: Iri
    derived_from: list[Iri]
    technique: str
    score: str


class MatchedWorkNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Expression"):
    """A work that nothing but a match names."""

    id: Iri
    doi: str


class StatusNode(Node, frozen=True, kw_only=True, tag_field="type", tag="StatusInTime"):
    """A status that an article's own source says it has."""

    id: Iri
    status: Literal["pso:retracted-from-publication"]


class FileNode(Node, frozen=True, kw_only=True, tag_field="type", tag="DigitalManifestation"):
    """A file of the full text."""

    id: Iri
    format: Iri | None = None
    exemplar: Link


class PagesNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Manifestation"):
    """The printed embodiment with its pages (the OCDM layer)."""

    id: Iri
    starting_page: str | None = None
    ending_page: str | None = None


class RevisionNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Entity"):
    """A state that a record's document is no longer in: from when to when it stood, which run made it."""

    id: Iri
    revision_of: Iri | None = None
    generated_at: str
    generated_by: Iri
    invalidated_at: str


class WithdrawnNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Entity"):
    """The document of a record that the edition no longer holds: what it was about, since when it is gone, and why."""

    id: Iri
    title: Texts = {}
    description: Texts
    topic: list[Iri]
    revision_of: Iri | None = None
    invalidated_at: str
    invalidated_by: Iri
    included: list[Node] = []


class DocumentNode(Node, frozen=True, kw_only=True):
    """The record's own document: what it is about, under which licence, from which sources, made when and how."""

    id: Iri
    type: list[Literal["Document", "Entity"]]
    primary_topic: Iri
    in_dataset: Iri
    conforms_to: Iri
    licence: list[Link]
    modified: str
    generated_at: str
    generated_by: Iri
    revision_of: Iri | None = None
    primary_source: list[Iri] = []
    included: list[Node] = []


ArticleType = Literal[
    "JournalArticle",
    "ReviewArticle",
    "JournalEditorial",
    "Letter",
    "BriefReport",
    "RapidCommunication",
    "JournalNewsItem",
    "RetractionNotice",
]


class ArticleNode(Node, frozen=True, kw_only=True):
    """An article, an FRBR expression, with everything that belongs to it alone in `included`."""

    id: Iri
    type: list[ArticleType]
    same_as: Iri | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    identifiers: list[Iri] = []
    kind: Iri | None = None
    title: Texts = {}
    abstract: Texts = {}
    keyword: Texts = {}
    language: Iri | None = None
    issued: DateValue | None = None
    publication_year: str | None = None
    publication_date: DateValue | None = None
    submitted: DateValue | None = None
    accepted: DateValue | None = None
    available: DateValue | None = None
    part_of: Iri | None = None
    is_part_of: Iri | None = None
    volume: str | None = None
    issue_identifier: str | None = None
    starting_page: str | None = None
    ending_page: str | None = None
    page_range: str | None = None
    article_number: str | None = None
    licence: list[Link] = []
    bibliographic_citation: Texts = {}
    page: list[Link] = []
    embodiment: list[Iri] = []
    creator: list[Iri] = []
    roles: list[Iri] = []
    parts: list[Iri] = []
    cites: list[Iri] = []
    corrects: list[Iri] = []
    is_corrected_by: list[Iri] = []
    retracts: list[Iri] = []
    is_retracted_by: list[Iri] = []
    updates: list[Iri] = []
    is_updated_by: list[Iri] = []
    reviews: list[Iri] = []
    is_reviewed_by: list[Iri] = []
    replies_to: list[Iri] = []
    has_reply_from: list[Iri] = []
    discusses: list[Iri] = []
    is_discussed_by: list[Iri] = []
    documents: list[Iri] = []
    is_documented_by: list[Iri] = []
    compiles: list[Iri] = []
    is_compiled_by: list[Iri] = []
    is_version_of: list[Iri] = []
    has_version: list[Iri] = []
    replaces: list[Iri] = []
    is_replaced_by: list[Iri] = []
    translation_of: list[Iri] = []
    translation: list[Iri] = []
    supplement_of: list[Iri] = []
    supplement: list[Iri] = []
    source: list[Iri] = []
    refers_to: list[Iri] = []
    is_referred_to_by: list[Iri] = []
    relation: list[Iri] = []
    statuses: list[Iri] = []
    included: list[Node] = []


class JournalNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Journal"):
    """A journal."""

    id: Iri
    title: Texts = {}
    alternative: Texts = {}
    issn: str | None = None
    eissn: str | None = None
    issn_l: str | None = None
    publisher: Iri | None = None
    identifiers: list[Iri] = []
    included: list[Node] = []


class VolumeNode(Node, frozen=True, kw_only=True, tag_field="type", tag="JournalVolume"):
    """A volume of a journal."""

    id: Iri
    volume: str
    part_of: Iri


class IssueNode(Node, frozen=True, kw_only=True, tag_field="type", tag="JournalIssue"):
    """An issue of a journal, part of its volume where it has one."""

    id: Iri
    issue_identifier: str
    publication_year: str | None = None
    part_of: Iri


class SourceNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Entity"):
    """An input that records came from, known by its bytes."""

    id: Iri
    identifier: str
    label: Texts
    format: Iri | None = None
    kind: Iri | None = None
    generated_at: str | None = None


class RunNode(Node, frozen=True, kw_only=True, tag_field="type", tag="Activity"):
    """A run of the press."""

    id: Iri
    started_at: str
    ended_at: str | None = None
    used: list[Iri] = []
    associated_with: Iri


class SoftwareNode(Node, frozen=True, kw_only=True, tag_field="type", tag="SoftwareAgent"):
    """A version of this software."""

    id: Iri
    label: Texts


# Every kind of node; the mapping is held against all of them.
NODE_TYPES: Final[tuple[type[Node], ...]] = (
    ArticleNode,
    JournalNode,
    VolumeNode,
    IssueNode,
    PersonNode,
    OrganisationNode,
    RoleNode,
    ReferenceNode,
    DescribedWorkNode,
    CitedWorkNode,
    CitationNode,
    MatchedReferenceNode,
    MatchNode,
    MatchedWorkNode,
    StatusNode,
    FileNode,
    PagesNode,
    IdentifierNode,
    DocumentNode,
    RevisionNode,
    WithdrawnNode,
    SourceNode,
    RunNode,
    SoftwareNode,
)

_ENCODER: Final = msgspec.json.Encoder()


def encode_node(node: Node) -> bytes:
    """Return a node as one line of JSON, without its line end: equal nodes give equal bytes."""
    return _ENCODER.encode(node)
