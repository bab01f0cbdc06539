"""Editions for tests of what is served: pressed by the real press, served by a real server process."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from triplepress.record import (
    Affiliation,
    ArticleRecord,
    Contributor,
    Journal,
    OtherName,
    Reference,
    Rejected,
    Skipped,
    Source,
    Text,
)
from triplepress.release.publish import publish_release
from triplepress.settings import Settings
from triplepress.sources import read

CHECKOUT = Path(__file__).resolve().parent.parent
BASE = "http://127.0.0.1:8000/"
FIRST_SEED = "10.24975/2313-8920-2024-11-1-8-19"
SECOND_SEED = "10.46272/it.2025.23.1.80.1"
STUB = "10.1080/0163660x.2022.2059146"
SICI = "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"
# Every character that has ever broken a link: all stand in one DOI, which is synthetic.
AWKWARD = '10.5555/a#b?c%d[e]{f}|g^h`i"j\\k;l&m+n=o'
DOT_TTL = "10.5555/graph.ttl"
NON_ASCII = "10.5555/журнал-é"
ORCID = "0000-0002-1825-0097"
ROR = "05dxps055"
_SERVER = """
import asyncio, socket, sys
import msgspec, uvicorn
from triplepress.settings import Settings
from triplepress.web.server import server_config
settings = msgspec.structs.replace(msgspec.json.decode(sys.argv[2], type=Settings), graph=sys.argv[3])
config = server_config(settings, root_path=sys.argv[4])
asyncio.run(uvicorn.Server(config).serve([socket.socket(fileno=int(sys.argv[1]))]))
"""


def example_items() -> list[ArticleRecord]:
    """Return the two articles of the example edition."""
    items = read([str(CHECKOUT / "examples")], Settings())
    return [item for item in items if isinstance(item, ArticleRecord)]


def synthetic_records() -> list[ArticleRecord]:
    """Return records without facts about the world: awkward DOIs, a person, an organisation, an Arabic title."""
    source = Source(kind="canonical", location="synthetic.jsonl", sha256="0" * 63 + "1")
    journal = Journal(titles=[Text(text="Journal of Tests", lang="en")], issn="2049-3630")
    person = Contributor(
        name="Josiah Carberry",
        given="Josiah",
        family="Carberry",
        lang="en",
        position=1,
        orcid=ORCID,
        other_names=[OtherName(name="Джосайя Карберри", lang="ru")],
        corresponding=True,
        affiliations=[Affiliation(name="An institute", lang="en", ror=ROR)],
    )
    plain = [
        ArticleRecord(
            doi=doi, titles=[Text(text=f"Title {n}", lang="en")], issued="2021", journal=journal, sources=[source]
        )
        for n, doi in enumerate((SICI, AWKWARD, DOT_TTL, NON_ASCII))
    ]
    return [
        *plain,
        ArticleRecord(
            doi="10.5555/full",
            titles=[Text(text="An English title", lang="en"), Text(text="عنوان بالعربية", lang="ar")],
            abstracts=[Text(text="First paragraph.\n\nSecond <b>paragraph</b>.", lang="en")],
            keywords=[Text(text="testing", lang="en")],
            issued="2022-05-01",
            journal=journal,
            volume="7",
            issue="1-2",
            pages="3-9",
            first_page="3",
            last_page="9",
            language="en",
            contributors=[person],
            licences=["https://creativecommons.org/licenses/by/4.0/"],
            references=[
                Reference(position=1, text="The first synthetic reference.", doi=DOT_TTL),
                Reference(position=2, text="<script>alert(1)</script>"),
            ],
            landing_pages=["https://example.org/article/1"],
            sources=[source],
        ),
        ArticleRecord(
            local_id="oai:example.org:17",
            titles=[Text(text="An article without a DOI", lang="en")],
            sources=[source],
        ),
        ArticleRecord(doi="10.5555/no-title", sources=[source]),
    ]


def press(graph: Path, items: Sequence[ArticleRecord | Rejected | Skipped], base: str = BASE) -> str:
    """Publish an edition into a folder; return the release's id."""
    settings = Settings(base=base, graph=str(graph), title="Edition of the tests", contact="mailto:data@example.org")
    return publish_release(items, settings, force=True).release


@dataclass(frozen=True)
class Server:
    """A server process."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the process and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def start(graph: Path, log: Path, *, base: str = BASE, root_path: str = "", ready: str = "/ready") -> Server:
    """Start a server over a graph folder on a free port; return when `ready` answers 200."""
    settings = Settings(base=base, title="Edition of the tests", publisher="A small press", query_timeout=10)
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with log.open("wb") as stream, listening:
        arguments = [str(listening.fileno()), msgspec.json.encode(settings).decode(), str(graph), root_path]
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, *arguments], stdout=stream, stderr=stream, pass_fds=[listening.fileno()]
        )
    server = Server(url, process, log)
    deadline = time.monotonic() + 40
    while True:
        try:
            with urllib.request.urlopen(url + ready, timeout=5) as answer:
                json.load(answer)
                return server
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                server.process.kill()
                raise AssertionError(log.read_text(encoding="utf-8")) from error
            time.sleep(0.05)
