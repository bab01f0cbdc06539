"""Does anybody ever see half an edition, while one is loaded and another served?"""

from __future__ import annotations

import http.client
import json
import threading
import time
from pathlib import Path

import pytest

from tests.engines.conftest import Serve
from tests.engines.servers import BASE, Engine, Press, triplepress
from triplepress import pipeline
from triplepress.errors import ReleaseError
from triplepress.settings import Settings
from triplepress.store.remote.graphs import release_graphs
from triplepress.store.remote.loading import EngineWriter

COUNTS = """SELECT ?facts ?matches WHERE {
  { SELECT (COUNT(*) AS ?facts) WHERE { ?s ?p ?o } } { SELECT (COUNT(*) AS ?matches) WHERE { GRAPH ?g { ?x ?y ?z } } }
}"""


def _figures(graph: Path, release: str) -> tuple[int, int]:
    manifest = json.loads((graph / "releases" / release / "manifest.json").read_bytes())
    return manifest["triples"], manifest["matches"]["triples"]


def test_readers_see_the_old_edition_or_the_new_one(
    engine: Engine, inputs: list[str], tmp_path: Path, press: Serve
) -> None:
    graph = tmp_path / "graph"
    common = ["--graph", str(graph), "--base", BASE, "--json", *engine.options()]
    # First the special records alone, then all; no matches are lost between the two.
    first = json.loads(triplepress("publish", inputs[2], *common, settings=engine.settings).stdout)["release"]
    server = press(graph, engine.settings)
    seen: list[tuple[int, int]] = []
    failures: list[str] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            # A fresh query each time, or the answer would be one that is kept.
            status, _, body = server.sparql(f"{COUNTS} #{time.monotonic_ns()}", "text/csv")
            if status != 200:
                failures.append(body.decode())
                return
            facts, matches = body.decode().splitlines()[1].split(",")
            seen.append((int(facts), int(matches)))
            time.sleep(0.1)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        done = triplepress("publish", *inputs, *common, settings=engine.settings, status=None)
        assert done.returncode in {0, 1}, done.stderr
        second = json.loads(done.stdout)["release"]
        deadline = time.monotonic() + 30
        while _figures(graph, second) not in seen and not failures and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert not failures
    assert set(seen) == {_figures(graph, first), _figures(graph, second)}
    assert seen[0] == _figures(graph, first)
    assert len(seen) > 20

    # Back again, at once: its graphs are still there.
    triplepress("rollback", first, "--graph", str(graph))
    deadline = time.monotonic() + 30
    while server.get("/ready")[2] and json.loads(server.get("/ready")[2])["release"] != first:
        assert time.monotonic() < deadline
        time.sleep(0.2)

    # A release that is current and not all there is not served; the one before is.
    triplepress("rollback", second, "--graph", str(graph))
    done = triplepress("load", first, *engine.options(), "--keep", "1", "--graph", str(graph), settings=engine.settings)
    assert "dropped" not in done.stderr  # the one named and the current one stay
    triplepress("prune", "--keep", "1", "--graph", str(graph), settings=engine.settings)
    gone = triplepress("load", second, "--graph", str(graph), "--json", settings=engine.settings)
    assert not json.loads(gone.stdout)["loaded"]  # the one in use stays
    again = server.sparql(f"{COUNTS} #again", "text/csv")
    assert again[2].decode().splitlines()[1] == ",".join(map(str, _figures(graph, second)))


def test_what_servers_answer_from_is_not_dropped(
    engine: Engine, inputs: list[str], tmp_path: Path, press: Serve
) -> None:
    """The current release is not in the engine: running servers answer from the one before, and so do new ones."""
    graph = tmp_path / "graph"
    base = f"{BASE}in-use/"  # the engine has releases of other graph folders
    settings = Settings(graph=str(graph), base=base, processes=1, **engine.settings)  # type: ignore[arg-type]  # names of settings
    address = pipeline.engine_to_load(settings, None)
    assert address is not None
    examples, special = inputs[0], inputs[2]
    first = pipeline.publish([special], settings).release
    pipeline.load(address, settings)
    server = press(graph, engine.settings)
    second = pipeline.publish([special, examples], settings).release  # and not loaded
    with pytest.raises(ReleaseError, match=f"does not have the current release {second}"):
        pipeline.prune(settings, 1)
    with pytest.raises(ReleaseError, match=f"does not have the current release {second}"):
        pipeline.load(address, settings, first, keep=1)
    for each in (server, press(graph, engine.settings)):
        answer = each.sparql(f"{COUNTS} #{time.monotonic_ns()}", "text/csv")
        assert answer[2].decode().splitlines()[1] == ",".join(map(str, _figures(graph, first)))

    # Once it is there, queries to the one before may still run.
    assert pipeline.load(address, settings, keep=1).dropped == []
    assert pipeline.prune(settings, 1) == []
    third = pipeline.publish([examples], settings, force=True).release
    pipeline.load(address, settings)
    assert pipeline.prune(settings, 1) == [first]
    _wait_for(server, third)

    # What an engine loses for all that is not served as an empty edition.
    with EngineWriter(address) as writer:
        writer.drop(release_graphs(base, third).mark)
        _wait_for(server, second)
        writer.drop(release_graphs(base, second).mark)
    deadline = time.monotonic() + 30
    while server.get("/ready")[0] != 503:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    status, headers, body = server.sparql(f"{COUNTS} #lost", "text/csv")
    assert (status, headers["retry-after"]) == (503, "5")
    assert f"triplepress load {third}" in json.loads(body)["detail"]


def test_a_cut_graph_is_refused_also_of_a_small_edition(
    engine: Engine, inputs: list[str], tmp_path: Path, press: Serve
) -> None:
    """Virtuoso says nothing of a CONSTRUCT that it cuts, and a query may have more solutions than there are triples."""
    settings = Settings(graph=str(tmp_path), base=BASE, processes=1, **engine.settings)  # type: ignore[arg-type]  # as above
    address = pipeline.engine_to_load(settings, None)
    assert address is not None
    assert pipeline.publish([inputs[2]], settings).triples < 1000
    pipeline.load(address, settings)
    server = press(tmp_path, engine.settings)
    query = "CONSTRUCT { ?s ?p ?c } WHERE { ?s ?p ?o . ?a ?b ?c }"
    try:
        status, _, body = server.sparql(query, "application/n-triples")
    except http.client.IncompleteRead:
        status, body = 0, b""
    if engine.name == "virtuoso":
        assert status in {0, 503}, (status, len(body))
    else:
        assert status == 200
        assert len(body.splitlines()) > 10_000


def _wait_for(server: Press, release: str) -> None:
    """Wait until a server answers from a release."""
    deadline = time.monotonic() + 30
    while json.loads(server.get("/ready")[2]).get("release") != release:
        assert time.monotonic() < deadline
        time.sleep(0.2)


# What is loaded by INSERT DATA takes ten times as long; how it is read does not differ.
@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso", "virtuoso-update"], indirect=True)
def test_a_load_that_was_interrupted_is_begun_anew(engine: Engine, edition: Path) -> None:
    engine.kill()
    done = triplepress("load", *engine.options(), "--graph", str(edition), settings=engine.settings, status=2)
    assert "again in" in done.stderr  # it waited, and said why
    assert "cannot be reached" in done.stderr
    engine.start()
    done = triplepress("load", *engine.options(), "--graph", str(edition), "--json", settings=engine.settings)
    delivery = json.loads(done.stdout)
    assert delivery["loaded"]
    assert delivery["triples"] > 50_000
    done = triplepress("load", *engine.options(), "--graph", str(edition), "--json", settings=engine.settings)
    assert not json.loads(done.stdout)["loaded"]


def test_a_wrong_password_and_a_missing_way_in_are_said(engine: Engine, edition: Path) -> None:
    missing = triplepress("load", "--to", engine.settings["store"], "--graph", str(edition), status=2)
    assert "store_graphs" in missing.stderr
    if engine.name == "oxigraph":
        pytest.skip("Oxigraph's server asks for no login")
    wrong = {**engine.settings, "store_password": "wrong"}
    # Something must be there to load: a mark that is found ends the work before.
    refused = triplepress(
        "load", "--to", engine.settings["store"], "--graph", str(edition), settings=wrong, status=None
    )
    assert refused.returncode in {0, 2}
    assert "wrong" not in refused.stderr
