"""From an address to a thing: the path of a request, canonical, and the IRI it stands for.

Three addresses belong to a thing: its own (`/id/…`, or `/run/…` and its like), its page and its data. Lookup is by the
decoded path, so any spelling finds the thing; the canonical path is what identifiers and minting write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from triplepress.errors import RecordError
from triplepress.identifiers import doi_path, normalise_doi, parse_issn, parse_orcid, parse_ror, path_segment

# Things whose IRIs stand beside `/id/`, not below it.
OUTSIDE_ID: Final = frozenset({"run", "source", "software", "dataset", "graph"})
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_PAIRS: Final = frozenset({"run", "software", "graph"})


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that an address stands for.

    Attributes:
        kind: `doi`, `journal`, `volume`, `issue`, `orcid`, `ror`, `run`, `source`, `software`, `dataset`, `graph`, or
            `local` for an article without a DOI.
        path: Its canonical path below `/id/`, `/page/` and `/data/`, percent-encoded, without a leading slash.
        name: What the address says of it, decoded: the DOI, the ISSN, the run's id.
    """

    kind: str
    path: str
    name: str

    @property
    def own_path(self) -> str:
        """The path of the thing's own IRI."""
        return f"/{self.path}" if self.path.partition("/")[0] in OUTSIDE_ID else f"/id/{self.path}"

    @property
    def page_path(self) -> str:
        """The path of its page."""
        return f"/page/{self.path}"

    @property
    def data_path(self) -> str:
        """The path of its data."""
        return f"/data/{self.path}"

    def iri(self, root: str) -> str:
        """Return its IRI; `root` is the base without its final slash."""
        return root + self.own_path


def decode(raw: str) -> str | None:
    """Return a raw path decoded once, None where it is not UTF-8 or holds control characters.

    Example:
        >>> decode("10.1002/%28SICI%291%3C2"), decode("%ff")
        ('10.1002/(SICI)1<2', None)
    """
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def thing_at(raw: str) -> Thing | None:
    """Return the thing that a raw path below `/id/`, `/page/` or `/data/` names, None when it can name none.

    Args:
        raw: The path as it came over the wire, without the leading `/id/`; an escaped slash counts as a slash in a DOI.

    Example:
        >>> thing_at("doi/10.46272%2FIT.2025.23.1.80.1").path
        'doi/10.46272/it.2025.23.1.80.1'
        >>> thing_at("journal/2313-8920/vol/11/issue/1-2").kind
        'issue'
    """
    head, _, rest = raw.partition("/")
    if head == "dataset" and not rest:
        return Thing("dataset", "dataset", "dataset")
    reader = _READERS.get(head)
    if not rest or decode(rest) is None:
        return None
    return reader(rest) if reader else _local(head, rest)


def _doi(raw: str) -> Thing | None:
    text = decode(raw)
    if text is None or not text.startswith("10."):
        return None
    try:
        doi = normalise_doi(text)
    except RecordError:
        return None
    return Thing("doi", f"doi/{doi_path(doi)}", doi)


def _journal(raw: str) -> Thing | None:
    segments = [decode(segment) or "" for segment in raw.split("/")]
    try:
        issn = parse_issn(segments[0])
    except RecordError:
        return None
    path = "/".join([f"journal/{issn}", *(path_segment(segment) for segment in segments[1:])])
    match segments[1:]:
        case []:
            return Thing("journal", path, issn)
        case ["vol", volume] if volume:
            return Thing("volume", path, volume)
        case ["vol", volume, "issue", issue] if volume and issue:
            return Thing("issue", path, issue)
        case ["year", year, "issue", issue] if year and issue:
            return Thing("issue", path, issue)
        case _:
            return None


def _orcid(raw: str) -> Thing | None:
    try:
        iri = parse_orcid(decode(raw) or "")
    except RecordError:
        return None
    bare = iri.removeprefix("https://orcid.org/")
    return Thing("orcid", f"orcid/{bare}", bare)


def _ror(raw: str) -> Thing | None:
    try:
        bare = parse_ror(decode(raw) or "").removeprefix("https://ror.org/")
    except RecordError:
        return None
    return Thing("ror", f"ror/{bare}", bare)


def _source(raw: str) -> Thing | None:
    return Thing("source", f"source/{raw.lower()}", raw.lower()) if _SHA256.fullmatch(raw) else None


def _single(kind: str) -> Callable[[str], Thing | None]:
    def read(raw: str) -> Thing | None:
        name = decode(raw)
        return Thing(kind, f"{kind}/{path_segment(name)}", name) if name else None

    return read


def _local(kind: str, raw: str) -> Thing | None:
    """An article without a DOI, by its source and the identifier it has there."""
    source, name = decode(kind), decode(raw)
    if not source or not name:
        return None
    return Thing("local", f"{path_segment(source)}/{doi_path(name)}", name)


_READERS: Final[dict[str, Callable[[str], Thing | None]]] = {
    "doi": _doi,
    "journal": _journal,
    "orcid": _orcid,
    "ror": _ror,
    "source": _source,
    **{kind: _single(kind) for kind in sorted(_PAIRS)},
}
KINDS: Final[Sequence[str]] = ("doi", "journal", "volume", "issue", "orcid", "ror", "local", *sorted(OUTSIDE_ID))
