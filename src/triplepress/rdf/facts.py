"""What shaping has to be told beside the record itself: facts of the edition, of held works and of shared things.

A record says only what its own sources say. That a cited work is held, which ISSN is a journal's key, or which names
one ORCID iD goes by, is known to the release's index; these values carry it to the functions that shape nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pyoxigraph import NamedNode

from triplepress.errors import MappingError
from triplepress.rdf.minting import Minter
from triplepress.record import ArticleRecord, OtherName, Text

PROFILE_VERSION: Final = "1.0"

Layer = Literal["ocdm"]


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """What all nodes of one edition share.

    Attributes:
        root: The base IRI without its final slash.
        metadata_licence: IRI of the licence of the data itself.
        abstracts: Whether abstracts are published.
        layers: Extra output layers; `ocdm` adds identifiers as nodes, prism:publicationDate and pages on a
            manifestation.
        profile_version: Version of the application profile that the records conform to.
        minter: Mints the IRIs below `root`.

    Raises:
        MappingError: `root` or `metadata_licence` is no IRI: all triples that name it would be lost.
    """

    root: str
    metadata_licence: str
    abstracts: bool = True
    layers: tuple[Layer, ...] = ()
    profile_version: str = PROFILE_VERSION
    minter: Minter = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no IRI before a node is made with it."""
        for name in ("root", "metadata_licence"):
            try:
                NamedNode(getattr(self, name))
            except ValueError as error:
                raise MappingError(f"{name}: “{getattr(self, name)}” is no IRI; correct the setting") from error
        object.__setattr__(self, "minter", Minter(self.root))

    @property
    def ocdm(self) -> bool:
        """Whether the OpenCitations layer is on."""
        return "ocdm" in self.layers


@dataclass(frozen=True, slots=True)
class WorkFacts:
    """What a citing record must know of a held, published work that it cites.

    Attributes:
        doi: Canonical DOI.
        issued: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or None.
        journal: The journal's key (an ISSN), or None.
        orcids: Bare ORCID iDs of its authors.
        rors: Bare ROR iDs of its authors' affiliations.
    """

    doi: str
    issued: str | None = None
    journal: str | None = None
    orcids: frozenset[str] = frozenset()
    rors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PastState:
    """A state that a record is no longer in.

    Attributes:
        generated: xsd:dateTime from which it stood.
        run: Id of the run that made it.
        invalidated: xsd:dateTime until which it stood: when the record changed, or left the edition.
    """

    generated: str
    run: str
    invalidated: str


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """A record and what is known around it.

    Attributes:
        record: The canonical record.
        journal: The key of its journal (the ISSN that was chosen), or None where it has no ISSN.
        cited: Held works that it cites, by canonical DOI.
        modified: xsd:dateTime of the last change of the record's content.
        run: Id of the run that made this state of the record.
        history: Its earlier states, oldest first.
    """

    record: ArticleRecord
    journal: str | None
    modified: str
    run: str
    cited: Mapping[str, WorkFacts] = field(default_factory=dict)
    history: tuple[PastState, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawnFacts:
    """A record that the edition no longer holds.

    Attributes:
        key: What made it one article, as `release.merge.key_of` gives it: `doi/10.…` or `{source}/{local id}`.
        invalidated: xsd:dateTime since which the edition is without it.
        run: Id of the run that found it gone.
        reason: `withdrawn` by its source, `removed` from the inputs, `refused` by the gate in its present form.
        stated: When its source withdrew it, as the source says, or None.
        titles: The titles that it had.
        history: The states that it was in, oldest first; none where the source withdrew it before it was published.
    """

    key: str
    invalidated: str
    run: str
    reason: Literal["withdrawn", "removed", "refused"]
    stated: str | None = None
    titles: tuple[Text, ...] = ()
    history: tuple[PastState, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """A known work that a reference without a DOI was matched to.

    Attributes:
        place: Which entry of the record's reference list it is, from 0.
        doi: Canonical DOI of the work.
        score: How sure it is, 0.5 to 1.
        method: What carried it: `title`, `title+location` or `location`.
    """

    place: int
    doi: str
    score: float
    method: str


@dataclass(frozen=True, slots=True)
class JournalFacts:
    """A journal: `key` is the ISSN in its IRI, the others as its records state them."""

    key: str
    titles: tuple[Text, ...] = ()
    alternatives: tuple[Text, ...] = ()
    issn: str | None = None
    eissn: str | None = None
    issn_l: str | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class VolumeFacts:
    """A volume: the key of its journal and its number as printed."""

    journal: str
    volume: str


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """An issue: the key of its journal, its volume (None where there is none), its number, its year (YYYY) if stated.

    An issue without a volume is told from others of its number by its year, so then `year` is part of its IRI.
    """

    journal: str
    volume: str | None
    issue: str
    year: str | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person known by ORCID iD (bare), with every form of the name that the records print."""

    orcid: str
    names: tuple[OtherName, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation known by ROR iD (bare), its names and its country as printed."""

    ror: str
    names: tuple[Text, ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run of the press.

    Attributes:
        id: As in the release's name.
        started: xsd:dateTime.
        ended: xsd:dateTime, or None while unknown.
        sources: SHA-256 of every input, hexadecimal.
        software: Version of Triplepress.
    """

    id: str
    started: str
    ended: str | None
    sources: tuple[str, ...]
    software: str
