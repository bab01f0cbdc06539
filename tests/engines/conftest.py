"""The edition that every engine has to serve alike, and the engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.engines.servers import BASE, Engine, Oxigraph, Press, Virtuoso, need_virtuoso, triplepress
from tests.records import article
from triplepress.record import ArticleRecord, Reference, Relation, Text

_CHECKOUT = Path(__file__).resolve().parent.parent.parent
_TAKEN = 100


def special_records() -> list[ArticleRecord]:
    """Return what the others lack: a match, spans of years, months and days, a retraction, tags of several parts."""
    dated = article(
        31, issued="2019-02-10", titles=[Text(text="標題", lang="zh-Hant"), Text(text="A title", lang="en")]
    )
    matched = article(
        32, titles=[Text(text="Rare-earth metals and the water balance of small rivers", lang="en")], first_page="8"
    )
    text = "Zhiltsov S.S. Rare-earth metals and the water balance of small rivers. Post-Soviet Issues. 2024;11(1)."
    citing = article(
        33,
        issued="2021-05-03",
        abstracts=[Text(text="A “quoted” \\ text,\nof two lines & <b>no markup</b> 😀", lang="en")],
        references=[
            Reference(position=1, text="The dated one.", doi=dated.doi),
            Reference(position=2, text=text),
        ],
    )
    notice = article(34, kind="crossref", relations=[Relation(type="retracts", doi="10.5555/article.31")])
    return [dated, matched, citing, notice]


@pytest.fixture(scope="session")
def inputs(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The inputs of the edition: the examples, a hundred real records, and the special ones."""
    folder = tmp_path_factory.mktemp("inputs")
    with (shared / "data" / "crossref" / "works.jsonl").open(encoding="utf-8") as lines:
        taken = [next(lines) for _ in range(_TAKEN)]
    (folder / "works.jsonl").write_text("".join(taken), encoding="utf-8")
    special = b"\n".join(msgspec.json.encode(record) for record in special_records())
    (folder / "special.jsonl").write_bytes(special + b"\n")
    return [str(_CHECKOUT / "examples"), str(folder / "works.jsonl"), str(folder / "special.jsonl")]


@pytest.fixture(scope="session")
def edition(inputs: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph folder with one release."""
    graph = tmp_path_factory.mktemp("edition") / "graph"
    # Some of the real records are set aside.
    done = triplepress("publish", *inputs, "--graph", str(graph), "--base", BASE, status=None)
    assert done.returncode in {0, 1}, done.stderr
    return graph


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A running engine without data."""
    folder = tmp_path_factory.mktemp(request.param)
    started: Engine
    if request.param == "oxigraph":
        started = Oxigraph(folder)
    else:
        need_virtuoso()
        started = Virtuoso(folder, by_update=request.param == "virtuoso-update")
    started.start()
    yield started
    started.kill()


Serve = Callable[..., Press]


@pytest.fixture
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts servers; the arguments are a graph folder and the settings of an engine."""
    running: list[Press] = []

    def start(graph: Path, store: dict[str, str] | None = None) -> Press:
        server = Press(tmp_path_factory.mktemp("press"))
        running.append(server)
        return server.over(graph, store)

    yield start
    for server in running:
        server.stop()
