"""One saved response of an OAI-PMH repository: its records one by one, or a word on what else it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from lxml import etree
from msgspec.structs import replace

from triplepress.errors import RecordError
from triplepress.identifiers import find_dois
from triplepress.record import ArticleRecord, Rejected, Skipped, Source, Withdrawn
from triplepress.sources.content import DAMAGED
from triplepress.sources.oaipmh.entities import EntityStream
from triplepress.sources.oaipmh.payloads import read_payload
from triplepress.sources.oaipmh.protocol import ERRORS, Header, date_time, plain
from triplepress.sources.rejection import reject, reject_value
from triplepress.sources.xml import child, children, local_name, parse_xml, root_name

KIND: Final = "oaipmh"
Result = ArticleRecord | Rejected | Skipped | Withdrawn

_ROOTS: Final = frozenset({"OAI-PMH", "ListRecords", "GetRecord"})
_START: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>")
# Where one record of a response starts: an element `record` that holds a header, which MARC's own `record` does not.
_RECORD: Final = re.compile(
    rb"<(?:[A-Za-z_][\w.-]*:)?record(?:\s[^<>]*)?>\s*(?:<!--.*?-->\s*)*<(?:[A-Za-z_][\w.-]*:)?header[\s>]", re.DOTALL
)
_LIST_END: Final = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?(?:ListRecords|GetRecord)\s*>")
_LISTED: Final = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?record\s*>")
# Answers that are sound and hold no records.
_NO_RECORDS: Final = frozenset({"Identify", "ListSets", "ListIdentifiers", "ListMetadataFormats"})
_HEADERS: Final = ("record", "header", "error", "responseDate", "OAI-PMH", *sorted(_NO_RECORDS))


def is_oaipmh(head: bytes) -> bool:
    """Tell whether the first part of a file is an OAI-PMH response, or the list out of one."""
    return root_name(head) in _ROOTS


def read_oaipmh(stream: IO[bytes], source: Source, limit: int) -> Iterator[Result]:
    """Yield what each record of a saved response gives; memory stays flat.

    A record's source has the kind of its metadata (`jats`, `crossref`, `oai_dc`, ...), as its position the record's
    place (`records/3`), and as the time of its retrieval the response's own date. Its `local_id` is the OAI identifier.

    Args:
        stream: Unpacked bytes.
        source: The file.
        limit: The most bytes that are held when a response is not well-formed and has to be read piece by piece.

    Yields:
        Records; a `Withdrawn` for each record that the repository marks as deleted; `Skipped` for a response that holds
        none (Identify, ListSets, ...) and for "nothing matches"; `Rejected` for each error, each metadata format that
        is not known, and each record that is not well-formed.
    """
    reading = _Reading(source)
    try:
        yield from reading.parse(stream)
    except DAMAGED as error:
        message = f"the compressed file is damaged or cut short: {error}"
        yield reject(source, message, "Harvest it again; the records before are read", position=reading.place)
        return
    except etree.XMLSyntaxError as error:
        yield from _read_pieces(stream, source, limit, reading, error)
        return
    yield from reading.end()


@dataclass
class _Reading:
    """How far a response has been read."""

    source: Source
    count: int = 0
    given: int = 0
    retrieved: str | None = None
    verb: str | None = None
    errors: list[tuple[str, str]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The record that was read last."""
        return f"records/{self.count}"

    def parse(self, stream: IO[bytes]) -> Iterator[Result]:
        """Yield the results of a well-formed response, up to where it is none."""
        events = etree.iterparse(
            EntityStream(stream),
            events=("end",),
            tag=[f"{{*}}{name}" for name in _HEADERS],
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=True,
            remove_pis=True,
        )
        for _, element in events:
            name = local_name(element)
            if name == "responseDate":
                self.retrieved = date_time(plain(element)) or self.retrieved
            elif name == "error" and local_name(element.getparent()) == "OAI-PMH":
                self.errors.append((element.get("code") or "without a code", plain(element)))
            elif name in _NO_RECORDS:
                self.verb = self.verb or name
            elif name == "record" and child(element, "header") is not None:
                yield from self.record(element)
                _forget(element)
            elif name == "header" and local_name(element.getparent()) == "ListIdentifiers":
                yield from self._listed(element)
                _forget(element)

    def record(self, element: etree._Element) -> Iterator[Result]:
        """Yield what one `record` gives."""
        self.count += 1
        header = Header.of(child(element, "header"))
        place = replace(self.source, position=self.place, retrieved=self.source.retrieved or self.retrieved)
        for result in _results(element, header, place):
            self.given += 1
            yield result

    def _listed(self, element: etree._Element) -> Iterator[Result]:
        """Yield a `Withdrawn` for a header of ListIdentifiers that says so; the others say nothing of a record."""
        header = Header.of(element)
        if header.deleted and header.identifier:
            self.count += 1
            self.given += 1
            place = replace(self.source, position=f"headers/{self.count}", retrieved=self.retrieved)
            yield _withdrawn(header, place)

    def end(self) -> Iterator[Result]:
        """Yield the word on a response without records."""
        source = replace(self.source, retrieved=self.source.retrieved or self.retrieved)
        for code, text in self.errors:
            if code == "noRecordsMatch":
                yield Skipped(source=source, kind="OAI-PMH response: noRecordsMatch, nothing to harvest")
                continue
            known = ERRORS.get(code)
            message = f"the repository answered with the error {code}" + (f" ({text})" if text else "")
            yield reject(source, message, known or "Ask the repository what it means, and harvest again")
        if self.verb is not None:
            yield Skipped(source=source, kind=f"OAI-PMH response: {self.verb}")
        elif not self.given and not self.errors:
            yield Skipped(source=source, kind="OAI-PMH response: a list without records")


def _forget(element: etree._Element) -> None:
    """Let go of an element that was read, and of all before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _results(element: etree._Element, header: Header, place: Source) -> Iterator[Result]:
    """Yield what the metadata of one record gives, under the record's own identifier."""
    if not header.identifier:
        yield reject(place, "a record without an identifier in its header", "Tell the repository; nothing names it")
        return
    if header.deleted:
        yield _withdrawn(header, place)
        return
    payloads = [payload for holder in children(element, "metadata") for payload in holder if local_name(payload)]
    if not payloads:
        message = f"the record {header.identifier} has no metadata and is not marked as deleted"
        yield reject(place, message, "Harvest it again, or tell the repository")
    for payload in payloads:
        given = False
        try:
            for result in read_payload(payload, header, place):
                given = True
                yield replace(result, local_id=header.identifier) if isinstance(result, ArticleRecord) else result
        except RecordError as error:
            yield reject_value(place, error)
        else:
            if not given:
                yield Skipped(source=place, kind=f"“{local_name(payload)}” without a work in it")


def _withdrawn(header: Header, place: Source) -> Withdrawn:
    """Return the withdrawal of one record; its DOI where the identifier holds just one."""
    dois = find_dois(header.identifier)
    return Withdrawn(
        source=replace(place, kind=KIND),
        local_id=header.identifier,
        doi=dois[0] if len(dois) == 1 else None,
        withdrawn=header.datestamp,
    )


def _read_pieces(
    stream: IO[bytes], source: Source, limit: int, reading: _Reading, error: etree.XMLSyntaxError
) -> Iterator[Result]:
    """Yield the records of a response that is not well-formed from where reading stopped, each parsed alone.

    One stray character must not cost a page of a hundred records: only the record that has it is set aside.
    """
    line, column = error.position
    fault = f"the XML is not well-formed: {error.msg}"
    position = f"line {line}, column {column}"
    stream.seek(0)
    data = stream.read(limit + 1)
    starts = [match.start() for match in _RECORD.finditer(data)]
    if len(data) > limit or len(starts) <= reading.count:
        remedy = "Harvest it again; the records before are read" if reading.count else "Harvest it again"
        yield reject(source, fault, remedy, position=position)
        return
    opening = _opening(data[: starts[0]])
    end = _LIST_END.search(data, starts[-1])
    bounds = [*starts, end.start() if end else len(data)]
    for start, stop in zip(bounds[reading.count :], bounds[reading.count + 1 :], strict=False):
        try:
            root = parse_xml(opening + data[start:stop].rstrip() + b"</OAI>")
        except etree.XMLSyntaxError as piece:
            reading.count += 1
            cut = end is None and stop == len(data) and not _LISTED.search(data, start)
            message = (
                f"the record is cut off: {fault}" if cut else f"the XML of the record is not well-formed: {piece.msg}"
            )
            first_line = data.count(b"\n", 0, start) + 1
            where = f"{reading.place} (line {first_line})"
            yield reject(source, message, "Harvest it again, or tell the repository", position=where)
        else:
            for element in children(root, "record"):
                yield from reading.record(element)
    if end is None:
        yield reject(source, f"the response is cut short: {fault}", "Harvest it again", position=position)


def _opening(before: bytes) -> bytes:
    """Return a start tag that declares what the elements around the records declare."""
    declared: dict[bytes, bytes] = {}
    for tag in _START.finditer(before):
        for name, value in re.findall(rb"\s(xmlns(?::[\w.-]+)?)\s*=\s*(\"[^\"<]*\"|'[^'<]*')", tag[0]):
            declared[name] = value
    return b"<OAI" + b"".join(b" " + name + b"=" + value for name, value in declared.items()) + b">"
