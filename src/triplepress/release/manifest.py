"""`manifest.json`: what went into a release, what came out, with which versions and settings, and how long it took."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from triplepress import __version__
from triplepress.errors import ReleaseError
from triplepress.release.counting import Counts, SourceCounts
from triplepress.release.dumps import Dump
from triplepress.release.journals import JournalIdentity
from triplepress.release.withdrawals import WithdrawnRecord
from triplepress.settings import Settings

NAME: Final = "manifest.json"
# The libraries that have a say in the bytes of a release.
_LIBRARIES: Final = ("pyoxigraph", "msgspec", "zstandard", "pyshacl", "rdflib", "shacl")


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One input file: where it lay, what it held, the SHA-256 of its bytes, and how many records were found in it."""

    location: str
    kind: str
    sha256: str | None
    records: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the press, as records name it."""

    id: str
    started: str
    ended: str
    software: str


class EditionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that have a say in what an edition states."""

    base: str
    title: str
    description: str
    publisher: str
    contact: str
    metadata_licence: str
    abstracts: bool
    layers: list[str]
    language: str
    parse_references: bool = True
    match_references: bool = True
    catalogues: list[str] = []

    @classmethod
    def of(cls, settings: Settings) -> EditionSettings:
        """Return these settings out of all."""
        return cls(**{name: getattr(settings, name) for name in cls.__struct_fields__})


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """What the graph of matched references holds.

    Attributes:
        references: How many references without a DOI were matched.
        works: How many works they were matched to.
        triples: Number of triples in the graph.
        known: How many works there were to match with, of the edition and of the catalogues.
        catalogue: How many of these came from the catalogues alone.
    """

    references: int = 0
    works: int = 0
    triples: int = 0
    known: int = 0
    catalogue: int = 0


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of one release.

    Attributes:
        release: The release's id.
        created: xsd:dateTime.
        counts: What became of the inputs' records.
        sources: The same for each kind of source, what was skipped by its type.
        withdrawn: The records that their sources took back.
        triples: Number of triples in each dump of facts.
        matches: What the graph of matched references holds.
        warnings: Number of warnings among the findings about published records.
        seconds: How long the run took.
        timings: Seconds by stage.
        engine: The validation engine that judged.
        versions: Versions of Triplepress, Python and the libraries that have a say in the bytes.
        settings: The settings that have a say in what the edition states.
        inputs: Every input.
        dumps: Every file of `dumps/`.
        runs: The runs that records of this edition name.
        journals: The ISSNs of each journal by the key in its IRI, kept so that it stays.
        build_store: Whether the release has a store of its own.
    """

    release: str
    created: str
    counts: Counts
    triples: int
    warnings: int
    seconds: float
    timings: dict[str, float]
    engine: str
    versions: dict[str, str]
    settings: EditionSettings
    inputs: list[Input]
    dumps: list[Dump]
    runs: list[Run]
    journals: dict[str, JournalIdentity]
    sources: list[SourceCounts] = []
    withdrawn: list[WithdrawnRecord] = []
    matches: Matches = Matches()
    build_store: bool = True


def versions_in_use() -> dict[str, str]:
    """Return the versions of Triplepress, Python and the libraries that are installed."""
    found = {"triplepress": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an extra that is not installed has no say
            continue
    return found


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json` into a release's folder."""
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a release.

    Raises:
        ReleaseError: It is not there, or no manifest of this version.
    """
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise ReleaseError(
            f"{path}: not a release's manifest ({error}); remove that release, or publish again"
        ) from error
