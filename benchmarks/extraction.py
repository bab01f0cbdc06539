"""What is read of real records, against counts made here by other means, and how fast, and in how much memory.

    python -m benchmarks.extraction ../shared/data

Every file of the corpus is read through `sources.read`, so a new format is counted as soon as it is in the table. The
independent counts use the standard library's JSON and XPath alone: articles, entries of reference lists, and every DOI
that stands in a DOI field. Each DOI that is not in the record exactly as it was stated is printed with what the record
has instead.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import re
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from triplepress.record import ArticleRecord, Rejected, Skipped
from triplepress.settings import Settings
from triplepress.sources import read

Cited = tuple[str, int, str]
"""One DOI field of a reference: the citing article, the entry's number, the DOI by the profile's rules."""

_CROSSREF_ARTICLES = {"journal-article", "article-journal"}
_LISTS = ("items", "message", "data", "results")


@dataclass
class Stated:
    """What a folder states, counted without the reader."""

    articles: int = 0
    references: int = 0
    dois: Counter[Cited] = field(default_factory=Counter)
    printed: dict[Cited, str] = field(default_factory=dict)

    def cite(self, article: str, position: int, text: str) -> None:
        """Count one DOI field."""
        cited = (article, position, canonical(text))
        self.dois[cited] += 1
        self.printed[cited] = text


def canonical(text: str) -> str:
    """Return a DOI field by the profile's rules, written here a second time: what they do not mend stays as it is."""
    bare = html.unescape(text.strip())
    bare = re.sub(
        r"^(?:https?://)?(?:dx\.)?doi\.org/|^(?:info:doi/|urn:doi:|doi[:\s]\s*)", "", bare, flags=re.IGNORECASE
    )
    bare = re.sub(r"%(3[ce]|5[bd])", lambda found: chr(int(found[1], 16)), bare, flags=re.IGNORECASE)
    return re.sub("[A-Z]", lambda found: found[0].lower(), unicodedata.normalize("NFC", bare))


def _documents(path: Path) -> Iterator[Any]:
    """Yield the JSON values in a file or in the members of a tar file."""
    if path.name.endswith((".tar.gz", ".tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                stream = archive.extractfile(member) if not Path(member.name).name.startswith("._") else None
                if stream is not None:
                    yield json.load(stream)
        return
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        yield from (json.loads(line) for line in data.splitlines() if line.strip())
    else:
        yield json.loads(data)


def _objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON may come
    """Yield the objects in a value, out of lists and messages."""
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)
    elif isinstance(value, dict):
        held = [value[name] for name in _LISTS if isinstance(value.get(name), list | dict)]
        if held and not {"DOI", "doi", "attributes", "bibjson"} & value.keys():
            yield from _objects(held[0])
        else:
            yield value


def count_crossref(folder: Path) -> Stated:
    """Count Crossref's JSON: articles by type, entries of `reference`, their `DOI`."""
    stated = Stated()
    for path in sorted(folder.rglob("*.json*")) + sorted(folder.rglob("*.tar.gz")):
        for document in _documents(path):
            for work in _objects(document):
                if work.get("type") not in _CROSSREF_ARTICLES:
                    continue
                stated.articles += 1
                own = canonical(work["DOI"])
                for position, entry in enumerate(work.get("reference") or [], start=1):
                    stated.references += 1
                    if entry.get("DOI"):
                        stated.cite(own, position, entry["DOI"])
    return stated


def _all(node: Any, path: str) -> Any:  # noqa: ANN401 - what XPath gives depends on the path
    """Return what an XPath finds."""
    return node.xpath(path)


def count_crossref_xml(folder: Path) -> Stated:
    """Count Crossref's XML by XPath: `journal_article`, `citation`, their `doi`."""
    stated = Stated()
    for path in sorted(folder.glob("*.xml")):
        for article in _all(etree.parse(path), "//*[local-name()='journal_article']"):
            stated.articles += 1
            own = canonical(_all(article, "string(*[local-name()='doi_data']/*[local-name()='doi'])"))
            for position, citation in enumerate(_all(article, ".//*[local-name()='citation']"), start=1):
                stated.references += 1
                for text in _all(citation, "*[local-name()='doi']/text()"):
                    stated.cite(own, position, text)
    return stated


def count_jats(folder: Path) -> Stated:
    """Count JATS by XPath: `ref` outside sub-articles, and in each the `pub-id` and `ext-link` of type `doi`."""
    stated = Stated()
    parser = etree.XMLParser(recover=True, load_dtd=False, no_network=True, resolve_entities=False)
    for path in sorted(folder.glob("*.xml")):
        root = etree.parse(path, parser).getroot()
        stated.articles += 1
        own = canonical(_all(root, "string((front/article-meta/article-id[@pub-id-type='doi'])[1])")) or path.name
        for position, ref in enumerate(
            _all(root, "//ref[not(ancestor::sub-article) and not(ancestor::response)]"), start=1
        ):
            stated.references += 1
            texts = [_all(element, "string()") for element in _all(ref, ".//pub-id[@pub-id-type='doi']")]
            texts += _all(ref, ".//ext-link[@ext-link-type='doi']/@*[local-name()='href']")
            for text in {canonical(text): text for text in texts if text.strip()}.values():
                stated.cite(own, position, text)
    return stated


def count_datacite(folder: Path) -> Stated:
    """Count DataCite's `References` and `Cites` with a DOI, for every resource: only those of articles are read."""
    stated = Stated()
    for path in sorted(folder.glob("*.json*")):
        for document in _documents(path):
            for resource_ in _objects(document):
                data = resource_.get("attributes", resource_)
                types = data.get("types") or {}
                stated.articles += types.get("citeproc") == "article-journal"
                own = canonical(data.get("doi") or "")
                cited = [
                    item
                    for item in data.get("relatedIdentifiers") or []
                    if item.get("relationType") in {"References", "Cites"}
                ]
                for position, item in enumerate(cited, start=1):
                    stated.references += 1
                    if item.get("relatedIdentifierType") == "DOI":
                        stated.cite(own, position, item["relatedIdentifier"])
    return stated


INDEPENDENT: dict[str, Callable[[Path], Stated]] = {
    "crossref": count_crossref,
    "crossref_xml": count_crossref_xml,
    "jats": count_jats,
    "datacite": count_datacite,
}


@dataclass
class Found:
    """What the reader made of a folder."""

    files: int
    records: int = 0
    skipped: int = 0
    rejected: int = 0
    others: int = 0
    references: int = 0
    cited: int = 0
    seconds: float = 0.0
    articles: set[str] = field(default_factory=set)
    dois: Counter[Cited] = field(default_factory=Counter)
    at: dict[tuple[str, int], list[str | None]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)


def read_folder(folder: Path) -> Found:
    """Read a folder as a user would, and count what comes."""
    found = Found(sum(path.is_file() for path in folder.rglob("*")))
    started = time.process_time()
    results = list(read([str(folder)], Settings()))
    found.seconds = time.process_time() - started
    for result in results:
        if isinstance(result, Skipped):
            found.skipped += 1
        elif isinstance(result, Rejected):
            found.rejected += 1
            found.reasons[result.findings[0].message] += 1
        elif isinstance(result, ArticleRecord):
            _count(result, found)
        else:
            found.others += 1
    return found


def _count(record: ArticleRecord, found: Found) -> None:
    """Count one record."""
    own = record.doi or Path(record.sources[0].location).name
    found.records += 1
    found.articles.add(own)
    found.references += len({reference.position for reference in record.references})
    for reference in record.references:
        found.at.setdefault((own, reference.position), []).append(reference.doi)
        if reference.doi is not None:
            found.cited += 1
            found.dois[own, reference.position, reference.doi] += 1


def differences(stated: Stated, found: Found) -> list[tuple[str, list[str | None]]]:
    """Return each stated DOI that no record has as stated, with what the record has at that entry."""
    return [
        (stated.printed[cited], found.at.get(cited[:2], []))
        for cited in sorted(stated.dois)
        if cited[0] in found.articles and cited not in found.dois
    ]


_MEMORY = """
import sys
from pathlib import Path
from triplepress.settings import Settings
from triplepress.sources import read
count = sum(1 for _ in read(sys.argv[1:], Settings()))
# ru_maxrss starts at what the parent process held; the kernel's own mark starts anew.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(count, peak.split()[1])
"""


def _peak(path: Path) -> tuple[int, float]:
    """Return the results and the peak memory, in MiB, of reading a path in a process of its own."""
    answer = subprocess.run([sys.executable, "-c", _MEMORY, str(path)], capture_output=True, text=True, check=True)
    count, kilobytes = answer.stdout.split()
    return int(count), int(kilobytes) / 1024


def memory(data: Path) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """Yield, for each kind of container, results and peak memory at 1 and at 100 times the input."""
    lines = (data / "crossref/works.jsonl").read_bytes().splitlines(keepends=True)[:150]
    articles = sorted((data / "jats").glob("*.xml"))[:3]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield "Crossref, JSON lines", [_peak(_lines(folder, lines, times)) for times in (1, 100)]
        yield "Crossref, one list of items, packed", [_peak(_items(folder, lines, times)) for times in (1, 100)]
        yield "JATS, articles in a packed tar", [_peak(_tar(folder, articles, times)) for times in (1, 100)]
        page = (data / "oai/vufind-org_oai_doaj.xml").read_bytes()
        yield "OAI-PMH, one response", [_peak(_response(folder, page, times)) for times in (1, 100)]


def _lines(folder: Path, lines: list[bytes], times: int) -> Path:
    path = folder / f"{times}.jsonl"
    with path.open("wb") as stream:
        for _ in range(times):
            stream.writelines(lines)
    return path


def _items(folder: Path, lines: list[bytes], times: int) -> Path:
    path = folder / f"{times}.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b'{"items": [')
        for time_ in range(times):
            stream.write((b"," if time_ else b"") + b",".join(lines))
        stream.write(b"]}")
    return path


def _tar(folder: Path, articles: list[Path], times: int) -> Path:
    path = folder / f"{times}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for time_ in range(times):
            for article in articles:
                archive.add(article, f"{time_}/{article.name}")
    return path


def _response(folder: Path, page: bytes, times: int) -> Path:
    path = folder / f"{times}.xml"
    start, end = page.index(b"<record>"), page.rindex(b"</record>") + len(b"</record>")
    path.write_bytes(page[:start] + page[start:end] * times + page[end:])
    return path


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of real records")
    parser.add_argument("--only", nargs="*", help="folders of it to read; all without this")
    parser.add_argument("--no-memory", action="store_true", help="leave out the measurement of memory")
    given = parser.parse_args()
    folders = [path for path in sorted(given.data.iterdir()) if path.is_dir()]
    folders = [path for path in folders if not given.only or path.name in given.only]
    print("| folder | files | records | skipped | rejected | withdrawn | references | with DOI | records/s |")
    print("|---|---|---|---|---|---|---|---|---|")
    counted: dict[str, Found] = {}
    for folder in folders:
        found = counted[folder.name] = read_folder(folder)
        rate = (found.records + found.skipped) / found.seconds if found.seconds else 0
        numbers = [
            found.files,
            found.records,
            found.skipped,
            found.rejected,
            found.others,
            found.references,
            found.cited,
        ]
        print(f"| {folder.name} | {' | '.join(f'{number:,}' for number in numbers)} | {rate:,.0f} |")
    print(
        "\n| folder | articles counted / read | references counted / read "
        "| DOI fields | kept as stated | mended | lost |"
    )
    print("|---|---|---|---|---|---|---|")
    notes: list[str] = []
    for name, count in INDEPENDENT.items():
        if name not in counted:
            continue
        stated, found = count(given.data / name), counted[name]
        fields = {cited for cited in stated.dois if cited[0] in found.articles}
        other = differences(stated, found)
        lost = [(text, has) for text, has in other if not any(has)]
        print(
            f"| {name} | {stated.articles:,} / {found.records:,} | {stated.references:,} / {found.references:,} "
            f"| {len(fields):,} | {len(fields) - len(other):,} | {len(other) - len(lost):,} | {len(lost):,} |"
        )
        notes += [f"{name}: “{text}” is {', '.join(map(str, has)) or 'not there'}" for text, has in other]
    print("\nEach DOI field that is not in the record as it was stated:")
    print("\n".join(f"- {note}" for note in notes) or "- none")
    print("\nRejected, by reason:")
    for name, found in counted.items():
        for reason, times in found.reasons.most_common():
            print(f"- {name}: {times} × {reason}")
    if not given.no_memory:
        print("\n| container | results × 1 | MiB | results × 100 | MiB |\n|---|---|---|---|---|")
        for label, peaks in memory(given.data):
            print(f"| {label} | {' | '.join(f'{count:,} | {peak:.0f}' for count, peak in peaks)} |")
    print(f"\nThis process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB, all results held.")


if __name__ == "__main__":
    main()
