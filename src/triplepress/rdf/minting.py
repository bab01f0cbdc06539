"""Every IRI of an edition is minted here, by section 4 of the application profile.

Things live below `/id/`; what belongs to one article alone is a hash IRI of that article, so one request brings the
whole record. Two different things never get one IRI.
"""

from __future__ import annotations

from typing import Final

from triplepress.errors import RecordError
from triplepress.identifiers import doi_path, path_segment
from triplepress.record import ArticleRecord

# The first path segments below /id/ that name an identifier scheme: a source of that name must not share them.
_SCHEMES: Final = frozenset({"doi", "journal", "orcid", "ror"})


def source_name(kind: str) -> str:
    """Return the name under which a kind of source has its articles without a DOI: never that of an identifier scheme.

    Example:
        >>> source_name("elpub"), source_name("doi"), source_name("")
        ('elpub', 'source-doi', 'record')
    """
    name = kind or "record"
    return f"source-{name}" if name in _SCHEMES else name


class Minter:
    """Mints the IRIs of one edition.

    Args:
        root: The base IRI without its final slash.

    Example:
        >>> minter = Minter("https://data.example.org")
        >>> minter.work("10.46272/it.2025.23.1.80.1")
        'https://data.example.org/id/doi/10.46272/it.2025.23.1.80.1'
        >>> minter.issue("https://data.example.org/id/journal/2313-8920", "11", "1", "2024")
        'https://data.example.org/id/journal/2313-8920/vol/11/issue/1'
    """

    __slots__ = ("_things", "root")

    def __init__(self, root: str) -> None:
        """Keep the base."""
        self.root = root
        self._things = f"{root}/id/"

    @property
    def dataset(self) -> str:
        """The edition as a dataset."""
        return f"{self.root}/dataset"

    def profile(self, version: str) -> str:
        """Return the IRI of one version of the application profile: a part of the document at `/profile.ttl`."""
        return f"{self.root}/profile.ttl#{version}"

    def work(self, doi: str) -> str:
        """Return the IRI of the work with a canonical DOI, whether it is held or only cited."""
        return f"{self._things}doi/{doi_path(doi)}"

    def article(self, record: ArticleRecord) -> str:
        """Return the IRI of a record's article: from its DOI, else from its id in its first source.

        Raises:
            RecordError: It has neither.
        """
        if record.doi is not None:
            return self.work(record.doi)
        if record.local_id is None:
            raise RecordError("doi", "", "neither a DOI nor an id of its source", "Give the record one of the two")
        return self._local(record.sources[0].kind if record.sources else "record", record.local_id)

    def article_of_key(self, key: str) -> str:
        """Return the IRI of an article by what makes it one (`release.merge.key_of`), as `article` mints it."""
        head, _, name = key.partition("/")
        return self.work(name) if head == "doi" else self._local(head, name)

    def _local(self, kind: str, local_id: str) -> str:
        """Return the IRI of an article without a DOI, from the kind of its source and its id there."""
        return f"{self._things}{path_segment(source_name(kind))}/{doi_path(local_id)}"

    def journal(self, issn: str) -> str:
        """Return the IRI of the journal whose key is `issn`."""
        return f"{self._things}journal/{path_segment(issn)}"

    def volume(self, journal: str, volume: str) -> str:
        """Return the IRI of a volume below the IRI of its journal."""
        return f"{journal}/vol/{path_segment(volume)}"

    def issue(self, journal: str, volume: str | None, issue: str, year: str | None) -> str:
        """Return the IRI of an issue below the IRI of its journal: by volume, or by year where it has no volume.

        Raises:
            RecordError: Neither volume nor year is known; its number alone does not tell it from others.
        """
        if volume is not None:
            return f"{self.volume(journal, volume)}/issue/{path_segment(issue)}"
        if year is None:
            raise RecordError("issue", issue, "an issue without volume and year", "State the volume or the year")
        return f"{journal}/year/{path_segment(year)}/issue/{path_segment(issue)}"

    def person(self, orcid: str) -> str:
        """Return the IRI of the person with a bare ORCID iD."""
        return f"{self._things}orcid/{path_segment(orcid)}"

    def organisation(self, ror: str) -> str:
        """Return the IRI of the organisation with a bare ROR iD."""
        return f"{self._things}ror/{path_segment(ror)}"

    def sub(self, thing: str, name: str, n: int | str | None = None) -> str:
        """Return a hash IRI of a thing, such as `…#author-1`."""
        return f"{thing}#{name}" if n is None else f"{thing}#{name}-{n}"

    def citation(self, article: str, cited_doi: str) -> str:
        """Return the IRI of an article's citation of a work: from the cited DOI, so renumbering does not change it."""
        return f"{article}#cites/{doi_path(cited_doi)}"

    def document(self, thing: str) -> str:
        """Return the IRI of the record document about a thing: `/id/…` becomes `/data/…`."""
        return self._twin(thing, "data")

    def page(self, thing: str) -> str:
        """Return the IRI of the HTML page about a thing: `/id/…` becomes `/page/…`."""
        return self._twin(thing, "page")

    def source(self, sha256: str) -> str:
        """Return the IRI of an input with these bytes."""
        return f"{self.root}/source/{path_segment(sha256)}"

    def run(self, run: str) -> str:
        """Return the IRI of a run of the press."""
        return f"{self.root}/run/{path_segment(run)}"

    def software(self, version: str) -> str:
        """Return the IRI of a version of this software."""
        return f"{self.root}/software/{path_segment(version)}"

    def graph(self, name: str) -> str:
        """Return the IRI of a named graph beside the facts: `matched` or `inferred`."""
        return f"{self.root}/graph/{path_segment(name)}"

    def _twin(self, thing: str, folder: str) -> str:
        """Return the IRI of the document or page about a thing below `/id/`, without the thing's fragment."""
        thing = thing.partition("#")[0]
        if not thing.startswith(self._things):
            raise ValueError(f"{thing} is not below {self._things}")
        return f"{self.root}/{folder}/{thing[len(self._things) :]}"
