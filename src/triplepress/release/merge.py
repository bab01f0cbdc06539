"""One article from several sources is one record: first-hand beats second-hand, field by field.

The result does not depend on the order in which the versions came: they are put into an order of their own first (how
near the source is to the article, then how much it says, then the bytes themselves).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from triplepress.rdf.minting import source_name
from triplepress.record import ArticleRecord, Contributor, Finding, Journal, Rejected, Source, Text, encode_record
from triplepress.release.people import united_people

# How near a source stands to the article: its own page or full text, a registry, an aggregator, anything else.
_RANKS: Final = {
    "elpub": 0,
    "html": 0,
    "csv": 0,  # the publisher's own spreadsheet
    "highwire": 0,
    "jats": 0,
    "record": 0,
    "crossref": 1,
    "datacite": 1,
    "csl": 2,
    "marcxml": 2,
    "oai_dc": 2,
    "openalex": 2,
    "doaj": 2,
    "medline": 2,
    "opencitations": 2,
}
FARTHEST: Final = 3

# A language that only the second source states is no contradiction of the first: these are united by language.
_TEXTS: Final = ("titles", "abstracts", "keywords")
# Each item is a fact of its own.
_LISTS: Final = ("relations", "landing_pages", "files", "warnings")
# Taken from one source or not at all, for the one explains the other.
_PAGES: Final = ("pages", "first_page", "last_page")
_NOT_MERGED: Final = frozenset({"sources", "origins", "warnings"})


def rank_of(source: Source | None) -> int:
    """Return how far a source is from the article itself: 0 first-hand, `FARTHEST` for what is not known."""
    return FARTHEST if source is None else _RANKS.get(source.kind, FARTHEST)


def key_of(record: ArticleRecord) -> str | None:
    """Return what makes two records one article: the DOI, else the source's own identifier; None where both lack.

    Example:
        >>> key_of(ArticleRecord(doi="10.24975/2313-8920-2024-11-1-8-19"))
        'doi/10.24975/2313-8920-2024-11-1-8-19'
    """
    if record.doi is not None:
        return f"doi/{record.doi}"
    if record.local_id is not None:
        return f"{source_name(record.sources[0].kind if record.sources else '')}/{record.local_id}"
    return None


def merge_records(versions: Iterable[ArticleRecord]) -> ArticleRecord:
    """Return one record that says what all versions of one article say, the nearest source winning a contradiction.

    Args:
        versions: Records of one key (`key_of`), in any order; at least one.

    Returns:
        The record; `sources` holds every source, first-hand first, `origins` the source of each field. With one source
        in all, it is that source's record unchanged.
    """
    distinct = {encode_record(version): version for version in versions}
    ordered = [distinct[line] for line in sorted(distinct, key=lambda line: _precedence(distinct[line], line))]
    sources = _united_sources(ordered)
    if len(ordered) == 1 or len(sources) == 1:
        return ordered[0] if len(ordered) == 1 else msgspec.structs.replace(ordered[0], sources=sources, origins={})
    return _Merger(ordered, sources).merge()


def strangers_among(versions: Sequence[ArticleRecord]) -> list[int]:
    """Return which versions of one key, by place, are another work than the nearest version.

    A DOI names one work wherever it stands, and so does an OAI identifier. Another identifier of a source, such as a
    citation key, is only unique in its file: two records that share one and no title are two works.

    Args:
        versions: Records of one key (`key_of`), in any order.

    Example:
        >>> one, other = (ArticleRecord(local_id="a", titles=[Text(text=title)]) for title in ("On ores", "On rivers"))
        >>> strangers_among([one, one]), len(strangers_among([one, other]))
        ([], 1)
    """
    if versions[0].doi is not None or (versions[0].local_id or "").startswith("oai:"):
        return []
    lines = [encode_record(version) for version in versions]
    nearest = min(range(len(versions)), key=lambda place: _precedence(versions[place], lines[place]))
    known = _folded_titles(versions[nearest])
    return [
        place
        for place, version in enumerate(versions)
        if known and (titles := _folded_titles(version)) and not titles & known
    ]


def stranger_rejected(record: ArticleRecord) -> Rejected:
    """Return the line of `rejected.jsonl` of a record that bears the identifier of another work."""
    finding = Finding(
        severity="Violation",
        field="local_id",
        value=record.local_id,
        message="another article of this kind of source has the same identifier and another title",
        remedy="Give one of the two a DOI, or an identifier of its own",
    )
    return Rejected(
        source=record.sources[0] if record.sources else Source(kind="record", location=""),
        title=record.titles[0].text if record.titles else None,
        stage="record",
        findings=[finding],
    )


def _folded_titles(record: ArticleRecord) -> set[str]:
    """Return a record's titles with nothing but their letters and digits, in one case."""
    return {"".join(filter(str.isalnum, title.text.casefold())) for title in record.titles}


def _precedence(record: ArticleRecord, line: bytes) -> tuple[int, int, bytes]:
    """Return the sort key of one version: nearness, then fullness, then the bytes."""
    filled = sum(bool(getattr(record, field)) for field in record.__struct_fields__)
    return rank_of(record.sources[0] if record.sources else None), -filled, line


def _identity(source: Source) -> tuple[str, str, str]:
    """Return what makes two sources the same: equal bytes, the same place in them; not what the file is called."""
    return source.kind, source.sha256 or source.location, source.position or ""


def _united_sources(versions: Sequence[ArticleRecord]) -> list[Source]:
    """Return all sources once, first-hand first, in an order of their own."""
    united: dict[tuple[str, str, str], Source] = {}
    for source in sorted(
        (source for version in versions for source in version.sources),
        key=lambda source: (rank_of(source), source.location, source.position or "", encode_source(source)),
    ):
        united.setdefault(_identity(source), source)
    return list(united.values())


def encode_source(source: Source) -> bytes:
    """Return one source as JSON: equal sources give equal bytes."""
    return msgspec.json.encode(source)


class _Merger:
    """The state of one merge: the versions in their order, the united sources, and what was taken from where."""

    def __init__(self, versions: Sequence[ArticleRecord], sources: Sequence[Source]) -> None:
        self._versions = versions
        self._sources = list(sources)
        self._places = {_identity(source): place for place, source in enumerate(sources)}
        self._origins: dict[str, int] = {}

    def merge(self) -> ArticleRecord:
        """Return the merged record."""
        values: dict[str, Any] = {}
        for field in ArticleRecord.__struct_fields__:
            if field in _TEXTS:
                values[field] = self._texts(field)
            elif field in _LISTS:
                values[field] = self._list(field)
            elif field == "journal":
                values[field] = self._journal()
            elif field == "contributors":
                values[field] = self._contributors()
            elif field not in _NOT_MERGED and field not in _PAGES:
                values |= self._first(field)
        values |= self._pages()
        return ArticleRecord(**values, sources=self._sources, origins=dict(sorted(self._origins.items())))

    def _source(self, version: ArticleRecord, *paths: str) -> Source | None:
        """Return the source that gave one version the first of these paths it knows the origin of."""
        for path in paths:
            if path in version.origins and version.origins[path] < len(version.sources):
                return version.sources[version.origins[path]]
        return version.sources[0] if version.sources else None

    def _stating(self, *fields: str) -> list[ArticleRecord]:
        """Return the versions that state any of the fields, the nearest source of that very field first."""
        stating = [version for version in self._versions if any(getattr(version, field) for field in fields)]
        return sorted(stating, key=lambda version: rank_of(self._source(version, *fields)))  # stable: ties keep order

    def _note(self, path: str, source: Source | None) -> None:
        """Remember where a value came from."""
        if source is not None:
            self._origins[path] = self._places[_identity(source)]

    def _first(self, field: str) -> dict[str, Any]:
        """Return the field with the value of the nearest version that has one, if any has."""
        stating = self._stating(field)
        if not stating:
            return {}
        self._note(field, self._source(stating[0], field))
        return {field: getattr(stating[0], field)}

    def _pages(self) -> dict[str, Any]:
        """Return the pages of the nearest version that has any, all from that one."""
        stating = self._stating(*_PAGES)
        if not stating:
            return {}
        for field in _PAGES:
            if getattr(stating[0], field):
                self._note(field, self._source(stating[0], field))
        return {field: getattr(stating[0], field) for field in _PAGES}

    def _texts(self, field: str) -> list[Text]:
        """Return the nearest version's texts, and those in languages that only others state.

        Languages can be compared only where they are stated: a text without one stands alone.
        """
        taken: list[Text] = []
        for version in self._stating(field):
            texts: list[Text] = getattr(version, field)
            known = {text.lang for text in taken}
            for place, text in enumerate(texts):
                if taken and known and (None in known or text.lang is None or text.lang in known):
                    continue
                source = self._source(version, f"{field}[{place}]", field)
                if not taken:
                    self._note(field, source)
                elif source is not None and self._places[_identity(source)] != self._origins.get(field):
                    self._note(f"{field}[{len(taken)}]", source)
                taken.append(text)
        return taken

    def _list(self, field: str) -> list[Any]:
        """Return the items of all versions, each once."""
        taken: dict[bytes, Any] = {}
        for version in self._stating(field):
            for place, item in enumerate(getattr(version, field)):
                line = msgspec.json.encode(item)
                if line in taken:
                    continue
                source = self._source(version, f"{field}[{place}]", field)
                if field == "warnings" or source is None:
                    pass  # a warning is no statement of the source
                elif not taken:
                    self._note(field, source)
                elif self._places[_identity(source)] != self._origins.get(field):
                    self._note(f"{field}[{len(taken)}]", source)
                taken[line] = item
        return list(taken.values())

    def _contributors(self) -> list[Contributor]:
        """Return the nearest version's contributors, with what the others add to those whose names agree."""
        stating = self._stating("contributors")
        if not stating:
            return []
        nearest = stating[0]
        people: list[Contributor] = nearest.contributors
        self._note("contributors", self._source(nearest, "contributors"))
        for path in nearest.origins:
            if path.startswith("contributors["):
                self._note(path, self._source(nearest, path))
        for version in stating[1:]:
            people, paths = united_people(people, version.contributors)
            for path in paths:
                source = self._source(version, path, "contributors")
                if source is not None and self._places[_identity(source)] != self._origins.get("contributors"):
                    self._note(path, source)
        return list(people)

    def _journal(self) -> Journal | None:
        """Return the nearest version's journal; what it leaves open is filled from those that do not contradict it."""
        stating = self._stating("journal")
        if not stating:
            return None
        values: dict[str, Any] = {}
        for version in stating:
            journal = version.journal
            if journal is None or any(
                values.get(name) and getattr(journal, name) and values[name] != getattr(journal, name)
                for name in ("issn", "issn_l")
            ):
                continue  # another print ISSN is another journal: nothing of it fits here
            for name in Journal.__struct_fields__:
                if getattr(journal, name) and not values.get(name):
                    values[name] = getattr(journal, name)
                    path = "journal" if "journal" not in self._origins else f"journal.{name}"
                    source = self._source(version, f"journal.{name}", "journal")
                    if source is not None and self._places[_identity(source)] != self._origins.get("journal"):
                        self._note(path, source)
        return Journal(**values)
