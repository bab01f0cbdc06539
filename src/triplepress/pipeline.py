"""The one module that knows all stages: inputs to records, records to a release, a release to answers.

Each function is one command; the command line adds words, tables and exit statuses, nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from triplepress import __version__
from triplepress.errors import QueryError, ReleaseError, SettingsError, TriplepressError
from triplepress.rdf.formats import FORMATS, GRAPH_FORMATS, JSON, RESULT_FORMATS, TURTLE, Format
from triplepress.record import ArticleRecord, Reference, Rejected, Skipped, Withdrawn
from triplepress.references import parsed_fields
from triplepress.release.building import Outcome
from triplepress.release.check import CheckOutcome, check_records
from triplepress.release.counting import SourceCounts
from triplepress.release.diff import Change, Difference, Edition, Summary, differences
from triplepress.release.edition import Progress
from triplepress.release.patches import changes_between, patch_between
from triplepress.release.publish import publish_release
from triplepress.release.reading import Inputs, file_digest
from triplepress.release.switch import (
    ReleaseInfo,
    current_release,
    list_releases,
    named_release,
    release_folders,
    roll_back,
)
from triplepress.release.switch import prune as prune_releases
from triplepress.release.verify import Fault, Verdict, verify_release
from triplepress.settings import CONFIG_NAME, Settings, setting_descriptions
from triplepress.sources import input_files, read, read_file
from triplepress.sources.columns import mapping_files
from triplepress.sources.inputs import covers, is_endpoint
from triplepress.sources.oaipmh.wanted import Harvested, Manners, Wanted
from triplepress.store.remote.address import EngineAddress, engine_address
from triplepress.store.workers import QueryPool
from triplepress.validation.report import Row, report_html, report_lines, report_rows, write_report_turtle

if TYPE_CHECKING:
    from triplepress.release.delivery import Delivery

__all__ = [
    "Change",
    "CheckOutcome",
    "Comparison",
    "Difference",
    "EngineAddress",
    "Fault",
    "Harvested",
    "Manners",
    "Outcome",
    "Progress",
    "QueryTable",
    "ReleaseInfo",
    "Row",
    "SourceCounts",
    "Summary",
    "Verdict",
    "Wanted",
    "check",
    "check_html",
    "check_lines",
    "check_rows",
    "check_turtle",
    "diff",
    "diff_patch",
    "engine_to_load",
    "harvest",
    "init",
    "load",
    "prune",
    "publish",
    "query",
    "query_table",
    "records",
    "releases",
    "rollback",
    "serve",
    "verify",
]

Item = ArticleRecord | Rejected | Skipped | Withdrawn
_NOTHING_PUBLISHED: Final = "nothing is published here yet; run triplepress publish INPUT..."
_PIECES: Final = 16  # pieces of an answer that wait for a slow reader
_LOOK_SECONDS: Final = 0.1


def records(
    inputs: Sequence[str], settings: Settings, *, input_format: str | None = None, progress: Progress | None = None
) -> Iterator[Item]:
    """Return an iterator over the records in the inputs, and what was set aside or skipped, in the inputs' order.

    Args:
        inputs: As on the command line; where none are named, those of the settings.
        settings: The settings in force.
        input_format: The kind of the inputs; None tells it from the content.
        progress: Called with `read` and the number of results so far.

    Raises:
        SourceError: At once: a named path is not there, or no format has that name.
        SettingsError: No inputs are named at all.
    """
    items = read(_paths(inputs, settings, input_format, progress), settings, input_format=input_format)
    if settings.parse_references:
        items = map(_parsed, items)
    return items if progress is None else _counted(items, progress)


def _paths(inputs: Sequence[str], settings: Settings, input_format: str | None, progress: Progress | None) -> list[str]:
    """Return the inputs as paths; what is behind an address is harvested first."""
    named = list(inputs) or settings.sources
    if not named:
        raise SettingsError(f"name an input, or set sources in {CONFIG_NAME}", key="sources")
    read([name for name in named if not is_endpoint(name)], settings, input_format=input_format)  # a slip shows first
    return [_harvested(name, settings, progress) if is_endpoint(name) else name for name in named]


def _inputs(inputs: Sequence[str], settings: Settings, input_format: str | None, progress: Progress | None) -> Inputs:
    """Return the inputs for the press, which reads them in processes."""
    paths = _paths(inputs, settings, input_format, progress)
    return Inputs(
        input_files(paths),
        partial(_read_input, settings, input_format),
        lambda location: any(covers(path, location) for path in paths),
        _manner(settings, input_format),
    )


def _manner(settings: Settings, input_format: str | None) -> str:
    """Return a digest of all that has a say in what is read in a file: readers, settings, the mappings of columns."""
    mappings = [(path.name, file_digest(str(path))) for path in mapping_files(Path(settings.mappings))]
    parts = [__version__, input_format, settings.parse_references, settings.max_input_bytes, mappings]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _read_input(settings: Settings, input_format: str | None, location: str) -> Iterator[Item]:
    """Return what is in one file, with the references' texts parsed."""
    items = read_file(location, settings, input_format=input_format)
    return map(_parsed, items) if settings.parse_references else items


def _parsed(item: Item) -> Item:
    """Return a record with its references' texts parsed where that tells something new; anything else as it is."""
    if not isinstance(item, ArticleRecord) or not any(map(_is_to_be_parsed, item.references)):
        return item
    references = [
        msgspec.structs.replace(reference, parsed=parsed_fields(reference.text or ""))
        if _is_to_be_parsed(reference)
        else reference
        for reference in item.references
    ]
    return msgspec.structs.replace(item, references=references)


def _is_to_be_parsed(reference: Reference) -> bool:
    """Tell whether a reference has a text that nobody parsed yet, and lacks a DOI or fields of its own."""
    return bool(reference.text) and not reference.parsed and (reference.doi is None or not reference.fields)


def _harvested(url: str, settings: Settings, progress: Progress | None) -> str:
    """Harvest what is new behind an address, and return the folder with all that was ever harvested from it."""
    return harvest(Wanted(url), settings, progress=progress).folder


def harvest(
    wanted: Wanted,
    settings: Settings,
    *,
    folder: Path | None = None,
    manners: Manners | None = None,
    progress: Progress | None = None,
    on_wait: Callable[[float, str], None] | None = None,
) -> Harvested:
    """Save what an OAI-PMH repository has to give, or what is new there, as files that every command reads.

    Args:
        wanted: The repository, and what of it.
        settings: The settings in force; `contact` is told to the repository.
        folder: Where the responses go; None takes one below `harvests` that is named for what is harvested.
        manners: How the repository is treated.
        progress: Called with `harvest`, the number of records so far, and how many there are where that is known.
        on_wait: Told of every wait after a failure: the seconds, and why.

    Raises:
        SourceError: The address or a date is none, or the folder holds another harvest.
        RepositoryError: The repository refuses, or does not answer; what came so far stays, and the next call goes on.
    """
    # The HTTP client takes as long to import as all else, and no other command needs it.
    from triplepress.sources.oaipmh.harvest import default_folder
    from triplepress.sources.oaipmh.harvest import harvest as harvest_pages

    def show(done: int, total: int | None) -> None:
        if progress is not None:
            progress("harvest", done, total)

    return harvest_pages(
        wanted,
        folder or default_folder(wanted, Path(settings.harvests)),
        replace(manners or Manners(), contact=settings.contact),
        progress=show,
        on_wait=on_wait,
    )


def _counted(items: Iterator[Item], progress: Progress) -> Iterator[Item]:
    """Pass items on, and tell how many there were so far."""
    for number, item in enumerate(items, 1):
        progress("read", number, None)
        yield item


def publish(
    inputs: Sequence[str],
    settings: Settings,
    *,
    update: bool = False,
    force: bool = False,
    input_format: str | None = None,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> Outcome:
    """Make an edition of exactly these inputs the current one; see `release.publish.publish_release`.

    Raises:
        SourceError: A named path is not there.
        SettingsError: No inputs are named at all, or an update is asked of a cluster.
        ReleaseError: Nothing can be published, the edition would shrink, another publisher is at work, or there is no
            room. The old edition stays.
    """
    if settings.engine == "spark":
        if update:
            raise SettingsError("an update is made on one machine; leave out --engine spark", key="engine")
        # PySpark is an extra, and takes a second to import.
        from triplepress.release.spark.publish import publish_on_spark

        return publish_on_spark(
            _inputs(inputs, settings, input_format, progress),
            settings,
            catalogue=_catalogue_inputs(settings),
            force=force,
            progress=progress,
            on_set_aside=on_set_aside,
        )
    return publish_release(
        _inputs(inputs, settings, input_format, progress),
        settings,
        catalogue=_catalogue_inputs(settings) or (),
        update=update,
        force=force,
        progress=progress,
        on_set_aside=on_set_aside,
    )


def _catalogue_inputs(settings: Settings) -> Inputs | None:
    """Return the catalogues as files that others read; None where there are none, or nothing is matched.

    Raises:
        SourceError: A named path is not there.
    """
    if not (settings.catalogues and settings.match_references):
        return None
    files = list(input_files(settings.catalogues))
    return Inputs(files, partial(_read_listed, settings), manner=_manner(settings, None))


def _read_listed(settings: Settings, location: str) -> Iterator[Item]:
    """Return what is in one file of the catalogues."""
    return read_file(location, settings)


def check(
    inputs: Sequence[str],
    settings: Settings,
    *,
    input_format: str | None = None,
    progress: Progress | None = None,
    on_set_aside: Callable[[Rejected], None] | None = None,
) -> CheckOutcome:
    """Return what publishing these inputs would find; nothing is pressed."""
    items = _inputs(inputs, settings, input_format, progress)
    return check_records(items, settings, progress=progress, on_set_aside=on_set_aside)


def check_lines(outcome: CheckOutcome) -> Iterator[bytes]:
    """Return the findings as lines of JSON, as in `rejected.jsonl`."""
    return report_lines(outcome.entries)


def check_rows(outcome: CheckOutcome) -> Iterator[Row]:
    """Return the findings as rows of a table."""
    return report_rows(outcome.entries)


def check_html(outcome: CheckOutcome, settings: Settings) -> str:
    """Return the findings as one HTML page that needs nothing else: all counts, and the gravest of the records."""
    return report_html(outcome.entries, settings.language, title=settings.title)


def check_turtle(outcome: CheckOutcome, settings: Settings, path: Path) -> None:
    """Write the gate's results as a SHACL validation report in Turtle."""
    write_report_turtle(path, outcome.results, settings.root)


def releases(settings: Settings) -> list[ReleaseInfo]:
    """Return the releases of the graph folder, oldest first."""
    return list_releases(Path(settings.graph))


def rollback(settings: Settings, release: str) -> str:
    """Make another release the current one, and return its id.

    Args:
        settings: The settings in force.
        release: Its id, or the start of it if only one begins so.

    Raises:
        ReleaseError: There is no such release.
    """
    return roll_back(Path(settings.graph), release).name


def prune(settings: Settings, keep: int) -> list[str]:
    """Delete all releases but the newest few and the current one, in the engine that serves them, too.

    With an engine, what its servers may still answer from stays as well: the release before the current one.

    Returns:
        The ids of those that are gone.

    Raises:
        ReleaseError: The engine does not have the current release.
        StoreError: The engine cannot be reached, or refuses.
    """
    graph = Path(settings.graph)
    engine = engine_to_load(settings, None)
    if engine is None:
        return prune_releases(graph, keep)
    from triplepress.release.delivery import releases_in_use, withdraw

    bases = {info.release: info.base for info in list_releases(graph)}  # told by the manifests, which go, too
    gone = prune_releases(graph, keep, releases_in_use(graph, engine))
    withdraw(engine, {release: bases[release] for release in gone})
    return gone


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two releases, and what they say differently, in the order of the keys; to be read once."""

    before: Edition
    after: Edition
    differences: Iterator[Difference]


def diff(
    settings: Settings, before: str = "previous", after: str = "current", *, statements: bool = False
) -> Comparison:
    """Return what two releases say differently.

    Args:
        settings: The settings in force.
        before: Id of a release, the start of it, `current` or `previous`.
        after: Another.
        statements: Whether the statements themselves are wanted, not only how many.

    Raises:
        ReleaseError: There is no such release, or it cannot be read.
    """
    graph = Path(settings.graph)
    one, two = (Edition.of(named_release(graph, name)) for name in (before, after))
    if statements:
        return Comparison(one, two, differences(one, two))
    return Comparison(one, two, (Difference(change, [], []) for change in changes_between(one, two)))


def diff_patch(settings: Settings, before: str = "previous", after: str = "current") -> Iterator[bytes]:
    """Return the RDF patch that makes one release of another, in pieces; the arguments are those of `diff`."""
    graph = Path(settings.graph)
    one, two = (Edition.of(named_release(graph, name)) for name in (before, after))
    return patch_between(one, two)


def verify(
    settings: Settings,
    release: str = "current",
    *,
    every: bool = False,
    full: bool = False,
    progress: Progress | None = None,
) -> Iterator[Verdict]:
    """Yield what is wrong with a release, or with each of them.

    Args:
        settings: The settings in force.
        release: Its id, the start of it, `current` or `previous`.
        every: Check all releases, oldest first.
        full: Look up every statement in the store, and apply the kept patch.
        progress: Called with `verify`, how many statements were read, and how many there are.

    Raises:
        ReleaseError: There is no such release.
    """
    graph = Path(settings.graph)
    folders = release_folders(graph) if every else [named_release(graph, release)]
    return (verify_release(folder, full=full, progress=progress) for folder in folders)


def engine_to_load(settings: Settings, to: str | None) -> EngineAddress | None:
    """Return the engine that releases are loaded into, None where there is none.

    Args:
        settings: The settings in force.
        to: What the command line names; None takes the setting `store`, if there is an address for loading.

    Raises:
        SettingsError: An address is none, or there is no way into the engine that was named.
    """
    engine = engine_address(settings, to)
    if engine is not None and not engine.is_writable:
        if to is None:
            return None
        raise SettingsError(
            "set store_graphs (Graph Store Protocol) or store_update (SPARQL Update): where the engine is loaded",
            key="store_graphs",
        )
    return engine


def load(
    engine: EngineAddress,
    settings: Settings,
    release: str | None = None,
    *,
    keep: int | None = None,
    progress: Progress | None = None,
    on_wait: Callable[[float, str], None] | None = None,
) -> Delivery:
    """Bring a release into an engine; see `release.delivery.deliver`."""
    # The HTTP client takes as long to import as all else.
    from triplepress.release.delivery import deliver

    return deliver(Path(settings.graph), engine, release=release, keep=keep, progress=progress, on_wait=on_wait)


class QueryTable(msgspec.Struct, frozen=True):
    """The solutions of a SELECT query, or the answer of an ASK: terms by their value, an unbound one as None."""

    columns: list[str]
    rows: list[list[str | None]]


def query(text: str, settings: Settings, format_name: str | None = None) -> Iterator[bytes]:
    """Return the answer of a query to the current release, piece by piece.

    Args:
        text: SPARQL 1.1.
        settings: `query_timeout` and `query_memory` limit it.
        format_name: A name of the format table; None takes SPARQL JSON for solutions and Turtle for graphs.

    Raises:
        ReleaseError: Nothing is published.
        QueryError: The query is not valid, not allowed, or its result cannot be written in that format.
        QueryTimeout: The deadline passed.
        StoreError: The store does not answer.
    """
    chosen = None if format_name is None else FORMATS.get(format_name)
    if format_name is not None and chosen not in (*RESULT_FORMATS, *GRAPH_FORMATS):
        known = ", ".join(each.name for each in (*RESULT_FORMATS, *GRAPH_FORMATS))
        raise QueryError(f"there is no format “{format_name}”; choose one of {known}")
    folder = current_release(Path(settings.graph))
    if folder is None:
        raise ReleaseError(f"{settings.graph}: {_NOTHING_PUBLISHED}")
    one_worker = msgspec.structs.replace(settings, workers=1)
    return _pieces(lambda: _answer(text, one_worker, folder / "store", chosen))


def query_table(text: str, settings: Settings) -> QueryTable | str:
    """Return the answer of a query to the current release for a terminal: a table, or Turtle where it is a graph.

    Raises:
        ReleaseError: Nothing is published.
        QueryError: The query is not valid, or not allowed.
        QueryTimeout: The deadline passed.
        StoreError: The store does not answer.
    """
    content = b"".join(query(text, settings))
    try:
        answer: dict[str, Any] = json.loads(content)
    except ValueError:  # Turtle: never a JSON object
        return content.decode()
    if "boolean" in answer:
        return QueryTable(["answer"], [["yes" if answer["boolean"] else "no"]])
    columns: list[str] = answer["head"]["vars"]
    solutions = answer["results"]["bindings"]
    return QueryTable(columns, [[_shown(solution.get(name)) for name in columns] for solution in solutions])


def _shown(term: dict[str, Any] | None) -> str | None:
    """Return a term of SPARQL's JSON results as a person reads it."""
    if term is None:
        return None
    value = term["value"]
    if isinstance(value, dict):  # a quoted triple
        return " ".join(str(_shown(value[part])) for part in ("subject", "predicate", "object"))
    return f"_:{value}" if term["type"] == "bnode" else str(value)


async def _answer(text: str, settings: Settings, store: Path, chosen: Format | None) -> AsyncIterator[bytes]:
    """Yield the answer of a query, evaluated in a process that can be stopped."""
    pool = QueryPool(store, settings)
    await pool.start()
    try:
        results_format = JSON if chosen is None else chosen if chosen in RESULT_FORMATS else None
        graph_format = TURTLE if chosen is None else chosen if chosen in GRAPH_FORMATS else None
        async with pool.run(text, results_format=results_format, graph_format=graph_format) as result:
            if result.format is None:
                fitting = GRAPH_FORMATS if result.kind == "graph" else RESULT_FORMATS
                kind = "a graph" if result.kind == "graph" else "solutions"
                names = ", ".join(each.name for each in fitting)
                raise QueryError(f"the query makes {kind}; choose one of {names}")
            async for piece in result:
                yield piece
    finally:
        await pool.close()


def _pieces(answer: Callable[[], AsyncIterator[bytes]]) -> Iterator[bytes]:
    """Yield what an asynchronous iterator gives, from a thread of its own."""
    waiting: queue.Queue[bytes | BaseException | None] = queue.Queue(_PIECES)
    left = threading.Event()

    def put(piece: bytes | BaseException | None) -> None:
        while not left.is_set():
            with suppress(queue.Full):
                waiting.put(piece, timeout=_LOOK_SECONDS)
                return

    async def pump() -> None:
        pieces = answer()
        try:
            async for piece in pieces:
                await asyncio.to_thread(put, piece)
                if left.is_set():
                    return
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]  # an asynchronous generator has it

    def work() -> None:
        try:
            asyncio.run(pump())
        except TriplepressError as error:
            put(error)
        except BaseException as error:  # noqa: BLE001 - it belongs to the thread that reads
            put(error)
        else:
            put(None)

    thread = threading.Thread(target=work, name="query")
    thread.start()
    try:
        while (piece := waiting.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        left.set()
        thread.join()


def serve(settings: Settings) -> None:
    """Serve the current release until the process is told to end.

    Raises:
        ReleaseError: Nothing is published.
        SettingsError: The address cannot be listened on.
    """
    # The web's libraries take as long to import as all others together, and no other command needs them.
    from triplepress.web import server

    if current_release(Path(settings.graph)) is None:
        raise ReleaseError(f"{settings.graph}: {_NOTHING_PUBLISHED}")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except (OSError, OverflowError) as error:  # the latter for a port above 65535
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"{settings.host}:{settings.port} cannot be listened on ({reason}); choose with --host and --port"
        raise SettingsError(message, key="port", value=str(settings.port)) from error
    with listening:
        server.serve(settings, listening)


def init(folder: Path, settings: Settings) -> Path:
    """Write a `triplepress.toml` with every setting explained; those that are not the default are set.

    Args:
        folder: Where it is written; made if it is not there.
        settings: The settings in force.

    Returns:
        The file's path.

    Raises:
        SettingsError: The file is there already, or cannot be written.
    """
    path = folder / CONFIG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(settings_document(settings))
    except FileExistsError as error:
        raise SettingsError(f"{path} is there already and stays as it is; remove it, or name another folder") from error
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}; name another folder") from error
    return path


def settings_document(settings: Settings) -> str:
    """Return the text of a `triplepress.toml`: each setting with its explanation, defaults commented out."""
    defaults = Settings()
    blocks = ["# Triplepress. A line that starts with # is a remark; a setting behind one has its default value.\n"]
    for name, words in setting_descriptions().items():
        # A password that came from a variable is not written into a file.
        value = getattr(defaults if name == "store_password" else settings, name)
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"  # JSON's texts, numbers, lists, true are TOML's too
        blocks.append(f"# {words}\n{'# ' if value == getattr(defaults, name) else ''}{line}\n")
    return "\n".join(blocks)
