"""Inputs on which builds may differ: merges and matches between files, records refused round by round, broken ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from tests.editions import CHECKOUT
from tests.records import INTERNATIONAL_TRENDS, POST_SOVIET_ISSUES, article, refused, source
from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    Journal,
    Reference,
    Source,
    Text,
    decode_record,
    encode_record,
)
from triplepress.settings import Settings
from triplepress.sources import read

_JATS = 40
_CROSSREF = 60
_TWINS = 12
_SYNTHETIC = 24
_DELETED = ("oai:dspace.mit.edu:1721.1/112746", "oai:test.example.com:1585310")
_ORCID = "0000-0002-1825-0097"
_ROR = "05dxps055"


def write_inputs(folder: Path, shared: Path) -> list[str]:
    """Write some 150 records into files of a folder, and return the inputs.

    Args:
        folder: An empty folder.
        shared: The folder of real records.
    """
    shutil.copytree(CHECKOUT / "examples", folder / "examples")
    jats = folder / "jats"
    jats.mkdir()
    for path in sorted((shared / "data" / "jats").glob("*.xml"), key=lambda path: (path.stat().st_size, path.name))[
        :_JATS
    ]:
        shutil.copyfile(path, jats / path.name)
    works = (shared / "data" / "crossref" / "works.jsonl").read_bytes().splitlines(keepends=True)
    for number in range(3):
        (folder / f"crossref-{number}.jsonl").write_bytes(b"".join(works[number:_CROSSREF:3]))
    for name in ("MITLibraries_list-records-include-deleted_0.xml", "mloesch_ListRecords3.xml"):
        shutil.copyfile(shared / "data" / "oai" / name, folder / name)
    known = [item for item in read([str(jats)], Settings()) if isinstance(item, ArticleRecord)]
    _write(folder / "twins.jsonl", [_twin(record, number) for number, record in enumerate(known[:_TWINS])])
    _write(folder / "citing.jsonl", [_citing(known[number::8], number) for number in range(8)])
    synthetic = _synthetic()
    _write(folder / "synthetic-0.jsonl", synthetic[::2])
    _write(folder / "synthetic-1.jsonl", synthetic[1::2])
    (folder / "broken.jsonl").write_bytes(
        encode_record(article(900)) + b'\n{"doi": "no DOI"}\n{"doi": \n' + encode_record(ArticleRecord()) + b"\n"
    )
    (folder / "cut.xml").write_bytes((folder / "MITLibraries_list-records-include-deleted_0.xml").read_bytes()[:900])
    (folder / "empty.json").touch()
    return [str(folder)]


def change_inputs(folder: Path) -> None:
    """Make the inputs what they are a day later: a file gone, records changed, one refused now, one no longer."""
    (folder / "crossref-2.jsonl").unlink()
    for name in ("synthetic-0.jsonl", "synthetic-1.jsonl"):
        lines = (folder / name).read_bytes().splitlines()
        records = [decode_record(line) for line in lines]
        _write(folder / name, [_changed(record, number) for number, record in enumerate(records)])


def _changed(record: ArticleRecord, number: int) -> ArticleRecord:
    """Return a record a day later; most are as they were."""
    if record.doi == "10.5555/article.300":  # it has a title now
        return msgspec.structs.replace(record, titles=[Text(text="A title at last", lang="en")])
    if record.doi == "10.5555/article.5":
        return msgspec.structs.replace(record, titles=[])
    if number % 4 == 0:
        return msgspec.structs.replace(record, pages=f"{number}-{number + 5}")
    return record


def _write(path: Path, records: list[ArticleRecord]) -> None:
    path.write_bytes(b"".join(encode_record(record) + b"\n" for record in records))


def _twin(record: ArticleRecord, number: int) -> ArticleRecord:
    """Return what a registry says of the same article: an iD and a publisher more, another title."""
    sources = [Source(kind="crossref", location="registry.json", position=f"line {number}", sha256=f"{number:064x}")]
    journal = record.journal and msgspec.structs.replace(record.journal, publisher="A registry's publisher")
    return msgspec.structs.replace(
        record, titles=[*record.titles, Text(text=f"Titel {number}", lang="de")], journal=journal, sources=sources
    )


def _citing(works: list[ArticleRecord], number: int) -> ArticleRecord:
    """Return a record that names works in words only, as a printed list does."""
    references = []
    for position, work in enumerate(works, 1):
        family = work.contributors[0].family if work.contributors else None
        container = work.journal.titles[0].text if work.journal and work.journal.titles else ""
        year = (work.issued or "")[:4]
        title = work.titles[0].text if work.titles else ""
        text = f"{family or 'Anonymous'} A. {title}. {container}. {year};{work.volume}:{work.first_page}."
        references.append(Reference(position=position, text=text))
    return article(700 + number, references=references)


def _synthetic() -> list[ArticleRecord]:
    """Return records around refused ones: what these said counts nowhere, and that comes out round by round."""
    person = Contributor(
        name="Josiah Carberry",
        given="Josiah",
        family="Carberry",
        lang="en",
        position=1,
        orcid=_ORCID,
        affiliations=[Affiliation(name="An institute", lang="en", ror=_ROR)],
    )
    online = Journal(titles=[Text(text="Post-Soviet Issues online", lang="en")], eissn="2587-8174")
    records = [
        article(
            number,
            cites=[f"10.5555/article.{other}" for other in (number + 1, number + 7, 300)],
            journal=(POST_SOVIET_ISSUES, INTERNATIONAL_TRENDS, online)[number % 3],
            volume=str(number % 4),
            issued=("2023", "2024-02", "2024-02-29")[number % 3],
            contributors=[msgspec.structs.replace(person, name=f"J. Carberry {number % 3}")],
        )
        for number in range(_SYNTHETIC)
    ]
    # The only witness of a journal's two numbers is refused: what states the second alone is another journal then.
    linking = Journal(titles=[Text(text="Annals", lang="en")], issn="2049-3630", eissn="1532-4435")
    alone = Journal(titles=[Text(text="Annals online", lang="en")], eissn="1532-4435")
    records += [
        refused(300, journal=linking, contributors=[msgspec.structs.replace(person, name="J. S. Carberry")]),
        article(301, journal=alone, cites=["10.5555/article.300", "10.5555/article.302"]),
        article(302, journal=alone, cites=["10.5555/article.303"]),
        article(303, cites=["10.5555/article.301", "10.5555/article.300"]),
    ]
    # A repository took these back.
    records += [article(310 + number, local_id=local_id) for number, local_id in enumerate(_DELETED)]
    # One article of two sources that agree on nothing but its DOI; two works with one citation key.
    records += [
        article(304, kind="openalex", volume="12", journal=INTERNATIONAL_TRENDS),
        article(304, kind="crossref", volume="13"),
        article(304),
    ]
    records += [
        article(
            number, doi=None, local_id="same", titles=[Text(text=title, lang="en")], sources=[source(title, "bibtex")]
        )
        for number, title in ((305, "On ores"), (306, "On rivers"))
    ]
    return records
