"""The works of the corpora and the references to them, for the benchmark of matching."""

# ruff: noqa: ANN401 - lxml trees and foreign JSON have no narrower type
from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from benchmarks.reference_corpora.corpora import _PARSER, crossref_works, gold_fields, jats_references, printed_text
from triplepress.errors import RecordError
from triplepress.identifiers import normalise_doi
from triplepress.record import Reference
from triplepress.references.known import KnownWork


def _first(value: Any) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    return " ".join(str(value).split()) if isinstance(value, str | int) and str(value).strip() else None


def _doi(text: Any) -> str | None:
    try:
        return normalise_doi(str(text)) if text else None
    except RecordError:
        return None


def _crossref_work(work: dict[str, Any]) -> KnownWork | None:
    doi = _doi(work.get("DOI"))
    titles = work.get("title") or []
    titles = [titles] if isinstance(titles, str) else titles
    subtitle = _first(work.get("subtitle"))
    if subtitle and titles:
        titles = [*titles, f"{titles[0]}: {subtitle}"]
    containers = work.get("container-title") or []
    containers = [containers] if isinstance(containers, str) else containers
    short = work.get("short-container-title") or []
    year = None
    for name in ("published-print", "issued", "published-online"):
        parts = (work.get(name) or {}).get("date-parts") or [[None]]
        if parts[0] and parts[0][0]:
            year = str(parts[0][0])
            break
    if not doi:
        return None
    return KnownWork(
        doi=doi,
        titles=tuple(str(title) for title in titles if title),
        authors=tuple(
            str(a.get("family") or a.get("name") or "")
            for a in work.get("author") or []
            if a.get("family") or a.get("name")
        ),
        year=year,
        containers=tuple(str(name) for name in [*containers, *([short] if isinstance(short, str) else short)] if name),
        volume=_first(work.get("volume")),
        issue=_first(work.get("issue")),
        first_page=_first(work.get("page")) or _first(work.get("article-number")),
    )


def _jats_work(path: Path) -> KnownWork | None:
    root: Any = etree.parse(path, _PARSER).getroot()
    front: Any = root.find(".//article-meta")
    if front is None:
        return None
    doi = _doi("".join(front.xpath("./article-id[@pub-id-type='doi'][1]//text()")))
    if not doi:
        return None

    def text(expression: str) -> str | None:
        found = front.xpath(expression)
        return (" ".join("".join(found[0].itertext()).split()) or None) if found else None

    titles = [
        " ".join("".join(t.itertext()).split())
        for t in front.xpath("./title-group//article-title | ./title-group//trans-title")
    ]
    return KnownWork(
        doi=doi,
        titles=tuple(title for title in titles if title),
        authors=tuple(
            "".join(s.itertext()).strip()
            for s in front.xpath("./contrib-group//contrib[@contrib-type='author']//surname")
        ),
        year=text("./pub-date/year"),
        containers=tuple(
            "".join(t.itertext()).strip()
            for t in root.xpath(".//journal-meta//journal-title | .//journal-meta//abbrev-journal-title")
        ),
        volume=text("./volume"),
        issue=text("./issue"),
        first_page=text("./fpage") or text("./elocation-id"),
    )


def known_works(shared: Path) -> Iterator[KnownWork]:
    """Yield the works that the corpora hold records of: Crossref, the public data file, JATS, OpenCitations Meta."""
    for work in crossref_works(shared):
        if known := _crossref_work(work):
            yield known
    with gzip.open(shared / "data/crossref/raw/publicdatafile_0.json.gz") as stream:
        for work in json.load(stream)["items"]:
            if known := _crossref_work(work):
                yield known
    for path in sorted((shared / "data/jats").glob("*.xml")):
        if known := _jats_work(path):
            yield known
    with (shared / "data/ocmeta/meta_rows.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            match = re.search(r"doi:(\S+)", row.get("id") or "")
            doi = _doi(match[1]) if match else None
            if doi and row.get("title"):
                yield KnownWork(
                    doi=doi,
                    titles=(row["title"],),
                    authors=tuple(
                        name.split(",")[0].split("[")[0].strip()
                        for name in (row.get("author") or "").split("; ")
                        if name
                    ),
                    year=(row.get("pub_date") or "")[:4] or None,
                    containers=((row.get("venue") or "").split(" [")[0],),
                    volume=row.get("volume") or None,
                    issue=row.get("issue") or None,
                    first_page=(row.get("page") or "").split("-")[0] or None,
                )


def references_with_doi(shared: Path) -> Iterator[tuple[str, str, Reference]]:
    """Yield (citing key, cited DOI, reference without that DOI) for every reference whose DOI a source states."""
    position = 0
    for work in crossref_works(shared):
        for stated in work.get("reference") or []:
            doi = _doi(stated.get("DOI"))
            if not doi:
                continue
            position += 1
            fields = {
                name: value
                for name, value in stated.items()
                if name not in {"DOI", "key", "doi-asserted-by", "unstructured"}
            }
            text = stated.get("unstructured")
            yield work["DOI"].lower(), doi, _hidden(position, text, fields, doi)
    for key, ref in jats_references(shared / "data/jats"):
        citations = list(ref.iter("mixed-citation", "element-citation", "nlm-citation", "citation"))
        if not citations:
            continue
        mixed = next((c for c in citations if c.tag == "mixed-citation"), None)
        fields = gold_fields(citations[-1])
        doi = _doi(fields.pop("doi", None))
        if not doi:
            continue
        position += 1
        plain_fields = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
        yield (
            key,
            doi,
            _hidden(
                position,
                printed_text(mixed) if mixed is not None else None,
                {} if mixed is not None else plain_fields,
                doi,
            ),
        )


def _hidden(position: int, text: str | None, fields: dict[str, Any], doi: str) -> Reference:
    """Return a reference with its DOI taken out of its text."""
    if text:
        text = re.sub(
            r"(?:https?://)?(?:dx\.)?(?:doi(?:\.org/|:|\s)?\s*)*" + re.escape(doi), "", text, flags=re.IGNORECASE
        )
        if "10." in text and doi.split("/", 1)[1][:6] in text.lower():
            text = re.sub(r"10\.\d{4,9}/\S+", "", text)
    return Reference(position=position, text=text or None, fields=fields)


def described_works(
    references: list[tuple[str, str, Reference]],
) -> tuple[list[KnownWork], list[tuple[str, str, Reference]]]:
    """Return a catalogue made of references, and the other references: the works that several articles cite.

    Of each DOI that two citing articles or more give, the first reference with a title, a year and an author becomes
    the known work; those of the other articles are to find it. Every other reference is to a work that is not there.
    """
    chosen: dict[str, tuple[str, KnownWork]] = {}
    citing: dict[str, set[str]] = {}
    for key, doi, _ in references:
        citing.setdefault(doi, set()).add(key.split("#")[0])
    for key, doi, reference in references:
        fields = reference.fields
        title, year, author = (_first(fields.get(name)) for name in ("article-title", "year", "author"))
        if doi in chosen or len(citing[doi]) < 2 or not (title and year and author):
            continue
        work = KnownWork(
            doi=doi,
            titles=(title,),
            authors=(author,),
            year=year[:4],
            containers=tuple(filter(None, (_first(fields.get("journal-title")),))),
            volume=_first(fields.get("volume")),
            issue=_first(fields.get("issue")),
            first_page=_first(fields.get("first-page")),
        )
        chosen[doi] = (key.split("#")[0], work)
    rest = [entry for entry in references if entry[1] not in chosen or chosen[entry[1]][0] != entry[0].split("#")[0]]
    return [work for _, work in chosen.values()], rest


def says_anything(reference: Reference) -> bool:
    """Tell whether anything is left of a reference when its DOI is hidden."""
    return bool(reference.text) or any(str(value).strip() for value in reference.fields.values())
