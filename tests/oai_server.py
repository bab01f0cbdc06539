"""A small OAI-PMH repository, run as a process of its own: it pages, fails, delays, deletes and lets tokens expire.

`python -m tests.oai_server --records 40 --page 7` prints its port and serves until it is killed. What goes wrong is
told as a plan: the n-th ListRecords request, counted from 1 and with every retry, meets the fault of that number. Tests
reach behind the counter by POST /control and GET /log.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

_OAI: Final = "http://www.openarchives.org/OAI/2.0/"
_START: Final = datetime(2024, 3, 1, tzinfo=UTC)


def identifier(number: int) -> str:
    """Return the OAI identifier of the n-th record, from 1."""
    return f"oai:journal.example.org:article/{number}"


def doi(number: int) -> str:
    """Return the DOI of the n-th record."""
    return f"10.5555/oai.{number}"


@dataclass
class Item:
    """One record of the repository."""

    number: int
    changed: datetime
    deleted: bool = False
    title: str = ""

    @property
    def metadata(self) -> dict[str, str]:
        """Its metadata by format."""
        title = escape(self.title or f"Hernia repair in the {self.number}. series")
        dublin_core = (
            '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f'<dc:title xml:lang="en-US">{title}</dc:title><dc:creator>Filippov, M. V.</dc:creator>'
            "<dc:type>info:eu-repo/semantics/article</dc:type><dc:date>2024-03-29</dc:date>"
            f"<dc:identifier>{doi(self.number)}</dc:identifier>"
            "<dc:source>Journal of Examples; Vol. 11, No. 1 (2024); 8-19</dc:source><dc:source>2313-8920</dc:source>"
            "</oai_dc:dc>"
        )
        jats = (
            '<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" article-type="research-article"><front>'
            "<journal-meta><journal-title-group><journal-title>Journal of Examples</journal-title>"
            '</journal-title-group><issn pub-type="ppub">2313-8920</issn></journal-meta><article-meta>'
            f'<article-id pub-id-type="doi">{doi(self.number)}</article-id>'
            f"<title-group><article-title>{title}</article-title></title-group>"
            '<pub-date pub-type="ppub"><year>2024</year></pub-date></article-meta></front></article>'
        )
        return {"oai_dc": dublin_core, "oai_jats": jats}


@dataclass
class Repository:
    """The records and all that is set for a test."""

    items: list[Item]
    page: int
    days: bool
    now: datetime
    delay: float = 0.0
    shuffled: bool = False
    plan: dict[int, dict[str, Any]] = field(default_factory=dict)
    generation: int = 0
    asked: int = 0
    log: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stamp(self, moment: datetime) -> str:
        """Return a moment as this repository writes dates."""
        return f"{moment:%Y-%m-%d}" if self.days else f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    def listed(self, since: str, until: str) -> list[Item]:
        """Return the records of a time, in the order of the list."""
        items = [
            item
            for item in self.items
            if (not since or self.stamp(item.changed) >= since) and (not until or self.stamp(item.changed) <= until)
        ]
        return sorted(items, key=lambda item: item.number * 7919 % 101 if self.shuffled else item.changed.timestamp())


class _Handler(BaseHTTPRequestHandler):
    """Answers requests; what it knows stands in the server's `repository`."""

    protocol_version = "HTTP/1.1"

    @property
    def repository(self) -> Repository:
        return self.server.repository  # type: ignore[attr-defined, no-any-return]  # set where the server is made

    def log_message(self, *_: object) -> None:
        """Keep stderr for what is wrong."""

    def do_POST(self) -> None:
        """Change the repository as a test asks."""
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        repository = self.repository
        with repository.lock:
            if "now" in wanted:
                repository.now = datetime.fromisoformat(wanted["now"])
            for number in wanted.get("delete", []):
                repository.items[number - 1].deleted = True
                repository.items[number - 1].changed = repository.now
            for number in wanted.get("change", []):
                repository.items[number - 1].title = f"Hernia repair, revised {number}"
                repository.items[number - 1].changed = repository.now
            if "plan" in wanted:
                repository.plan = {int(number): fault for number, fault in wanted["plan"].items()}
                repository.asked = 0
        self._send(200, b"{}", "application/json")

    def do_GET(self) -> None:
        """Answer one request of the protocol, or show the log."""
        parts = urlsplit(self.path)
        repository = self.repository
        if parts.path == "/log":
            self._send(200, json.dumps(repository.log).encode(), "application/json")
            return
        if parts.path == "/moved":
            self.send_response(302)
            self.send_header("Location", f"/oai?{parts.query}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if parts.path == "/page":
            self._send(200, b"<html><body>An article.</body></html>", "text/html")
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        fault: dict[str, Any] = {}
        with repository.lock:
            if query.get("verb") == "ListRecords":
                repository.asked += 1
                fault = repository.plan.get(repository.asked, {})
            repository.log.append({"time": time.time(), "query": query, "fault": fault.get("fault")})
        time.sleep(repository.delay + fault.get("seconds", 0))
        self._answer(query, fault)

    def _answer(self, query: dict[str, str], fault: dict[str, Any]) -> None:
        kind = fault.get("fault")
        if kind == "status":
            headers = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            self._send(fault["status"], b"The server is busy.", "text/plain", headers)
            return
        if kind == "expire":
            self.repository.generation += 1
        body = self._verb(query)
        if kind == "text":
            body = b"Database error 2002"
        if kind == "malformed":
            body = body.replace(b"</dc:title>", b" & so on</dc:title>", 1)
        if kind == "headless":  # neither well-formed nor with a token
            body = body.replace(b"<resumptionToken", b"<resumption Token", 1).replace(b"</dc:title>", b"<", 1)
        if kind == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._send(200, body, "text/xml; charset=utf-8")

    def _send(self, status: int, body: bytes, media_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _verb(self, query: dict[str, str]) -> bytes:
        verb = query.get("verb", "")
        answer = {"Identify": self._identify, "ListMetadataFormats": self._formats, "ListSets": self._sets}.get(verb)
        if answer is not None:
            return self._response(query, answer())
        if verb != "ListRecords":
            return self._response(query, '<error code="badVerb">no such verb here</error>')
        return self._response(query, self._records(query))

    def _response(self, query: dict[str, str], body: str) -> bytes:
        request = "".join(f' {name}="{escape(value)}"' for name, value in query.items())
        date = f"{self.repository.now:%Y-%m-%dT%H:%M:%SZ}"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{_OAI}"><responseDate>{date}</responseDate>'
            f"<request{request}>http://127.0.0.1/oai</request>{body}</OAI-PMH>\n"
        ).encode()

    def _identify(self) -> str:
        granularity = "YYYY-MM-DD" if self.repository.days else "YYYY-MM-DDThh:mm:ssZ"
        return (
            "<Identify><repositoryName>Journal of Examples</repositoryName><baseURL>http://127.0.0.1/oai</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>editor@example.org</adminEmail>"
            f"<earliestDatestamp>{self.repository.stamp(_START)}</earliestDatestamp>"
            f"<deletedRecord>persistent</deletedRecord><granularity>{granularity}</granularity></Identify>"
        )

    def _formats(self) -> str:
        formats = "".join(
            f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>http://example.org/{name}.xsd</schema>"
            f"<metadataNamespace>http://example.org/{name}</metadataNamespace></metadataFormat>"
            for name in ("mods", *self.repository.items[0].metadata)
        )
        return f"<ListMetadataFormats>{formats}</ListMetadataFormats>"

    def _sets(self) -> str:
        return "<ListSets><set><setSpec>even</setSpec><setName>Even numbers</setName></set></ListSets>"

    def _records(self, query: dict[str, str]) -> str:
        repository = self.repository
        at = 0
        if "resumptionToken" in query:
            generation, since, until, chosen, prefix, offset = unquote(query["resumptionToken"]).split("|")
            if int(generation) != repository.generation:
                return '<error code="badResumptionToken">it has expired</error>'
            at = int(offset)
        else:
            since, until, chosen, prefix = (query.get(name, "") for name in ("from", "until", "set", "metadataPrefix"))
        if prefix not in repository.items[0].metadata:
            return '<error code="cannotDisseminateFormat">not here</error>'
        items = [item for item in repository.listed(since, until) if not chosen or item.number % 2 == 0]
        if not items:
            return '<error code="noRecordsMatch">nothing</error>'
        records = "".join(self._record(item, prefix) for item in items[at : at + repository.page])
        token = ""
        if len(items) > repository.page:
            following = at + repository.page
            text = f"{repository.generation}|{since}|{until}|{chosen}|{prefix}|{following}"
            text = quote(text) if following < len(items) else ""
            token = f'<resumptionToken completeListSize="{len(items)}" cursor="{at}">{text}</resumptionToken>'
        return f"<ListRecords>{records}{token}</ListRecords>"

    def _record(self, item: Item, prefix: str) -> str:
        stamp = self.repository.stamp(item.changed)
        status = ' status="deleted"' if item.deleted else ""
        metadata = "" if item.deleted else f"<metadata>{item.metadata[prefix]}</metadata>"
        return (
            f"<record><header{status}><identifier>{identifier(item.number)}</identifier>"
            f"<datestamp>{stamp}</datestamp></header>{metadata}</record>"
        )


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=40)
    parser.add_argument("--page", type=int, default=7)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--deleted-every", type=int, default=9)
    parser.add_argument("--days", action="store_true")
    parser.add_argument("--shuffled", action="store_true", help="lists are in no order of dates")
    parser.add_argument("--plan", type=json.loads, default={})
    options = parser.parse_args()
    step = timedelta(hours=8) if options.days else timedelta(minutes=1)
    items = [
        Item(number, _START + step * (number // 3), deleted=number % options.deleted_every == 0)
        for number in range(1, options.records + 1)
    ]
    plan = {int(number): fault for number, fault in options.plan.items()}
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.repository = Repository(  # type: ignore[attr-defined]
        items, options.page, options.days, now, options.delay, options.shuffled, plan
    )
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
