"""Saved responses: each record counted, each answer that holds none named, nothing hostile let in."""

from __future__ import annotations

import gzip
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.settings import Settings
from triplepress.sources import read
from triplepress.sources.oaipmh import is_oaipmh, read_oaipmh
from triplepress.sources.oaipmh.response import Result

_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_ARTICLE = (
    f'<oai_dc:dc xmlns:oai_dc="{_DC}" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Example</dc:title>'
    "<dc:type>article</dc:type>{more}</oai_dc:dc>"
)


def article(more: str = "") -> str:
    return _ARTICLE.replace("{more}", more)


def record(number: int, metadata: str, attributes: str = "") -> str:
    header = f"<header{attributes}><identifier>oai:x:{number}</identifier><datestamp>2026-01-01</datestamp></header>"
    return f"<record>{header}<metadata>{metadata}</metadata></record>"


def response(body: str, namespace: str = ' xmlns="http://www.openarchives.org/OAI/2.0/"') -> bytes:
    date = "<responseDate>2026-01-01T00:00:00Z</responseDate>"
    return f"<OAI-PMH{namespace}>{date}<request/>{body}</OAI-PMH>".encode()


def results(data: bytes, limit: int = 1 << 20) -> list[Result]:
    return list(read_oaipmh(io.BytesIO(data), Source(kind="oaipmh", location="x.xml"), limit))


def listed(*records: str) -> bytes:
    return response(f"<ListRecords>{''.join(records)}</ListRecords>")


@pytest.mark.parametrize("verb", ["Identify", "ListSets", "ListMetadataFormats", "ListIdentifiers"])
def test_an_answer_without_records_is_named(verb: str) -> None:
    (found,) = results(response(f"<{verb}><set/></{verb}>"))
    assert isinstance(found, Skipped)
    assert found.kind == f"OAI-PMH response: {verb}"


@pytest.mark.parametrize("code", ["badArgument", "badResumptionToken", "idDoesNotExist", "noSetHierarchy", "foo"])
def test_an_error_is_rejected_by_its_code(code: str) -> None:
    (found,) = results(response(f'<error code="{code}">in words</error>'))
    assert isinstance(found, Rejected)
    assert found.findings[0].message == f"the repository answered with the error {code} (in words)"
    assert found.findings[0].remedy


def test_nothing_to_harvest_is_no_error() -> None:
    assert [type(each) for each in results(response('<error code="noRecordsMatch"/>'))] == [Skipped]
    assert [type(each) for each in results(listed())] == [Skipped]


def test_deleted_headers_of_a_list_of_identifiers_withdraw() -> None:
    headers = (
        '<header status="deleted"><identifier>info:doi/10.5555/a.1</identifier></header>'
        "<header><identifier>b</identifier></header>"
    )
    gone, rest = results(response(f"<ListIdentifiers>{headers}</ListIdentifiers>"))
    assert isinstance(gone, Withdrawn)
    assert (gone.local_id, gone.doi) == ("info:doi/10.5555/a.1", "10.5555/a.1")
    assert isinstance(rest, Skipped)


def test_a_response_without_namespace_is_read() -> None:
    (found,) = results(response(f"<GetRecord>{record(1, article())}</GetRecord>", namespace=""))
    assert isinstance(found, ArticleRecord)
    assert found.local_id == "oai:x:1"
    assert found.sources[0].position == "records/1"


@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_entities_are_resolved_wherever_a_piece_ends(size: int) -> None:
    text = "A&nbsp;&eacute;&amp;&alpha;&nosuch; &lt;5"

    class Slow(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            return super().read(size)

    data = listed(record(1, article().replace("Example", text)))
    (found,) = read_oaipmh(Slow(data), Source(kind="oaipmh", location="x"), 1 << 20)
    assert isinstance(found, ArticleRecord)
    assert found.titles[0].text == "A é&α&nosuch; <5"


def test_other_encodings() -> None:
    text = listed(record(1, article("<dc:creator>Жильцов</dc:creator>"))).decode()
    for encoding in ("utf-16", "windows-1251"):
        data = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
        (found,) = results(data)
        assert isinstance(found, ArticleRecord)
        assert found.contributors[0].name == "Жильцов"


def test_no_entity_is_expanded_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", encoding="utf-8")
    lol = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    doctype = f'<!DOCTYPE OAI-PMH [{lol}<!ENTITY f SYSTEM "file://{secret}">]>'
    data = doctype.encode() + listed(record(1, article("<dc:publisher>&f;&b;</dc:publisher>")))
    for each in results(data):
        assert "SECRET" not in str(each)
        assert "haha" not in str(each)


@pytest.mark.parametrize("slip", ["&", "<", "\x01", "</dc:title>", "<dc:title>"])
def test_one_bad_record_costs_no_other(slip: str) -> None:
    bad = record(2, article().replace("Example", f"Ex{slip}ample"))
    data = listed(record(1, article()), bad, record(3, article()), record(4, article()))
    found = results(data)
    assert [each.local_id for each in found if isinstance(each, ArticleRecord)] == ["oai:x:1", "oai:x:3", "oai:x:4"]
    (rejected,) = [each for each in found if isinstance(each, Rejected)]
    assert rejected.source.position == "records/2 (line 1)"


def test_bytes_that_are_no_characters_cost_one_record() -> None:
    data = listed(record(1, article()), record(2, article()), record(3, article()))
    second = data.index(b"Example", data.index(b"oai:x:2"))
    found = results(data[:second] + b"\xff\xfe" + data[second:])
    assert [type(each) for each in found] == [ArticleRecord, Rejected, ArticleRecord]


@pytest.mark.parametrize("cut", range(150, 900, 83))
def test_a_response_that_is_cut_short_says_so(cut: int) -> None:
    data = listed(*(record(number, article()) for number in range(1, 4)))
    assert len(data) > 900
    found = results(data[:cut])
    assert isinstance(found[-1], Rejected)
    whole = data[:cut].count(b"</record>")
    assert sum(isinstance(each, ArticleRecord) for each in found) == whole


def test_a_broken_response_above_the_limit_gives_what_comes_before() -> None:
    data = listed(record(1, article()), record(2, article().replace("Example", "&")), record(3, article()))
    found = results(data, limit=200)
    assert [type(each) for each in found] == [ArticleRecord, Rejected]


def test_nested_marc_records_are_not_taken_for_the_list() -> None:
    marc = '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam</leader></record>'
    found = results(listed(record(1, marc), record(2, marc)))
    assert [each.kind for each in found if isinstance(each, Skipped)] == ["monograph", "monograph"]


def test_packed_and_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "page.bin"
    path.write_bytes(
        gzip.compress(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- kept -->\n" + listed(record(1, article())))
    )
    (found,) = read([str(path)], Settings())
    assert isinstance(found, ArticleRecord)
    assert found.sources[0].sha256
    assert not is_oaipmh(b"<html><body>OAI-PMH</body></html>")


def test_every_real_response_is_read_and_every_record_accounted_for(shared: Path) -> None:
    """Against lxml's own count of the records and deletions of each file."""
    totals: Counter[str] = Counter()
    files = sorted((shared / "data" / "oai").glob("*.xml"))
    assert len(files) > 120
    for path in files:
        data = path.read_bytes()
        assert is_oaipmh(data[:65536]), path.name
        root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
        headers = list(root.iter("{*}header"))
        records = [header for header in headers if etree.QName(header.getparent()).localname == "record"]
        deleted = [header for header in headers if header.get("status") == "deleted"]
        named = [
            header for header in deleted if header.find("{*}identifier") is not None
        ]  # one real file leaves it out
        found = results(data, 1 << 26)
        assert found
        places = {
            (each.sources[0] if isinstance(each, ArticleRecord) else each.source).position or "" for each in found
        }
        assert {place for place in places if place.startswith("records/")} == {
            f"records/{number}" for number in range(1, len(records) + 1)
        }
        assert sum(isinstance(each, Withdrawn) for each in found) == len(named)
        totals.update(type(each).__name__ for each in found)
        for each in found:
            if isinstance(each, ArticleRecord):
                assert each.local_id
                assert each.titles
                related = [relation.doi for relation in each.relations]
                assert each.doi is None or each.doi not in related
    assert totals["ArticleRecord"] > 300


def test_dois_of_doaj_arxiv_and_marc_are_all_kept(shared: Path) -> None:
    folder = shared / "data" / "oai"
    for name, pattern in (
        ("vufind-org_oai_doaj.xml", rb"<oai_doaj:doi>([^<]+)"),
        (
            "cern-sis_test_hindawi_api_client_get_metadata_without_from_date_0.xml",
            rb'<datafield tag="024"[^>]*><subfield code="a">([^<]+)</subfield><subfield code="2">DOI',
        ),
    ):
        data = (folder / name).read_bytes()
        stated = {doi.decode().lower() for doi in re.findall(pattern, data)}
        assert stated
        assert stated == {each.doi for each in results(data, 1 << 26) if isinstance(each, ArticleRecord) and each.doi}
