"""The opened current release, and the switch to the next one without dropping a request.

A request holds the edition it began with until its last byte is sent; a replaced edition is closed when the last
request that holds it ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from triplepress.errors import QueryTimeout, ReleaseError, StoreDown, StoreError, StoreSlow, TriplepressError
from triplepress.settings import Settings
from triplepress.store.embedded import EmbeddedStore
from triplepress.store.entries import Entries
from triplepress.store.protocol import GraphStore, QueryRunner
from triplepress.store.remote.address import engine_address
from triplepress.store.workers import QueryPool
from triplepress.web.answers import ASKED, Answers, Keeping
from triplepress.web.cache import Cache
from triplepress.web.problems import Problem

_log: Final = logging.getLogger(__name__)
_POLL_SECONDS: Final = 1.0
_AHEAD_SECONDS: Final = 300.0
_AHEAD_LOOK_SECONDS: Final = 0.1
_SENDING_SECONDS: Final = 120.0  # beyond the deadline of a query, to send what is left of its result
_EARLIER: Final = 10  # releases that are tried where the current one cannot be opened


class Edition:
    """One opened release.

    Attributes:
        id: The release's name, `<UTC time>-<digest>`.
        folder: Its folder.
        store: Answers the small queries of pages and data.
        pool: Runs the queries of strangers.
        manifest: What `manifest.json` says.
        cache: Descriptions and results already made.
        answers: Answers already given, as they went over the wire.
        facts: Figures of the home page, by name; filled once.
    """

    def __init__(
        self,
        folder: Path,
        store: GraphStore,
        pool: QueryRunner,
        manifest: dict[str, Any],
        cache_bytes: int,
        longest: float,
    ) -> None:
        """Keep the parts; `open_edition` opens them.

        Args:
            folder: Its folder.
            store: Answers the small queries of pages and data.
            pool: Runs the queries of strangers.
            manifest: What `manifest.json` says.
            cache_bytes: How much of what has been made is kept.
            longest: Seconds that a request may take which began before the release was replaced.
        """
        self.id = folder.name
        self.folder = folder
        self.store = store
        self.pool = pool
        self.manifest = manifest
        self.cache: Cache[str, bytes] = Cache(cache_bytes // 2)
        self.answers: Answers = Cache(cache_bytes // 2)
        self.facts: dict[str, Any] = {}
        self._fact_locks: dict[str, asyncio.Lock] = {}
        self._longest = longest
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def once(self, name: str, make: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever `make` makes
        """Return a fact of the release, made at its first use."""
        if name not in self.facts:
            async with self._fact_locks.setdefault(name, asyncio.Lock()):
                if name not in self.facts:
                    self.facts[name] = await make()
        return self.facts[name]

    def file(self, name: str) -> bytes | None:
        """Return one of the release's own small files, None when it has none of that name."""
        with suppress(FileNotFoundError):
            return (self.folder / name).read_bytes()
        return None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the release open for a block."""
        self._users += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                self._idle.set()

    async def close(self) -> None:
        """Wait for the last request, but not for a client that never reads, then let go of store and workers."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._longest):
                await self._idle.wait()
        await self.pool.close()
        await self.store.close()


async def open_edition(folder: Path, settings: Settings) -> Edition:
    """Return an opened release, its store read ahead.

    Raises:
        ReleaseError: The folder is not a complete release.
        StoreError: The store cannot be opened.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{folder}: no readable manifest.json; publish again, or roll back to another") from error
    store, pool = await _open_stores(folder, manifest, settings)
    longest = settings.query_timeout + _SENDING_SECONDS
    return Edition(folder, store, pool, manifest, settings.cache_bytes, longest)


async def _open_stores(folder: Path, manifest: dict[str, Any], settings: Settings) -> tuple[GraphStore, QueryRunner]:
    """Return what answers pages, and what answers strangers: the release's own store, or the engine that is set."""
    address = engine_address(settings)
    base = manifest.get("settings", {}).get("base", settings.base)
    if address is not None:
        # The engine's client takes as long to import as all the web's libraries.
        from triplepress.store.remote.opening import open_remote

        return await open_remote(address, settings, base, folder.name)
    store = await asyncio.to_thread(EmbeddedStore, folder / "store", Entries(folder, base.rstrip("/")))
    pool = QueryPool(folder / "store", settings)
    try:
        await pool.start()
    except TriplepressError:
        await store.close()
        raise
    return store, pool


class CurrentEdition:
    """Follows `graph/current`.

    Args:
        graph: The folder of the releases.
        settings: The settings in force.
        prepare: Makes, in the background, what a release that has just been opened will be asked for first.

    Attributes:
        edition: The open release, None before the first one.
        failure: Why the release that `graph/current` names could not be opened, None once it is.
    """

    def __init__(self, graph: Path, settings: Settings, prepare: Callable[[Edition], Awaitable[None]]) -> None:
        """Open nothing yet; `running` does."""
        self._prepare = prepare
        self.graph = graph
        self._settings = settings
        self.edition: Edition | None = None
        self.failure: str | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._preparing: asyncio.Task[None] | None = None

    def target(self) -> Path | None:
        """Return the folder that `graph/current` names, None when nothing was published yet."""
        link = self.graph / "current"
        try:
            return self.graph / link.readlink()
        except FileNotFoundError:
            return None
        except OSError:  # a copied tree, where the link has become a folder
            return link if link.is_dir() else None

    async def refresh(self) -> None:
        """Open what `graph/current` names if it is not open yet, and switch to it.

        What is open stays until the next one's store is read ahead, or a server that was ready would say that it is
        not. Where opening fails, it stays, too. Where nothing is open, an earlier release is better than none: the
        current one may still be on its way into an engine.
        """
        await self._leave_lost()
        folder = self.target()
        if folder is None or (self.edition is not None and self.edition.folder == folder):
            return
        try:
            opened = await open_edition(folder, self._settings)
        except TriplepressError as error:
            if str(error) != self.failure:
                _log.exception("release %s cannot be opened; serving goes on from one before, if any", folder.name)
            self.failure = str(error)
            earlier = await self._earlier(folder) if self.edition is None and _is_about_release(error) else None
            if earlier is not None:
                self._switch_to(earlier)
            return
        try:
            if self.edition is not None:
                await _read_ahead(opened)
        except asyncio.CancelledError:
            self._close(opened)
            raise
        self.failure = None
        if self.target() == folder:
            self._switch_to(opened)
        else:  # the next look opens what is current now
            self._close(opened)

    async def _leave_lost(self) -> None:
        """Serve no longer what an engine has lost: its answers would be empty ones."""
        edition = self.edition
        is_there: Callable[[], Awaitable[bool]] | None = getattr(edition and edition.store, "is_there", None)
        if edition is None or is_there is None or await is_there():
            return
        _log.error("release %s is no longer in the engine", edition.id)
        self.edition = None
        self._close(edition)

    async def _earlier(self, current: Path) -> Edition | None:
        """Return the newest release before the current one that can be opened."""
        folders = sorted(path.parent for path in current.parent.glob("[0-9]*/manifest.json"))
        for folder in [folder for folder in folders if folder.name < current.name][: -_EARLIER - 1 : -1]:
            with suppress(TriplepressError):
                return await open_edition(folder, self._settings)
        return None

    def _switch_to(self, opened: Edition) -> None:
        """Answer from a release that has been opened."""
        old, self.edition = self.edition, opened
        _log.info("serving release %s", opened.id)
        if self._preparing is not None:
            self._preparing.cancel()
        self._preparing = asyncio.create_task(self._prepared(opened))
        if old is not None:
            self._close(old)

    def _close(self, edition: Edition) -> None:
        """Close an edition once the last request that holds it has ended."""
        task = asyncio.create_task(edition.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _prepared(self, edition: Edition) -> None:
        """Prepare a release, once its store is read ahead: from a cold disk, it would only be in the way."""
        with edition.held():
            await _read_ahead(edition)
            try:
                await self._prepare(edition)
            except TriplepressError as error:
                _log.warning("release %s: what its home page says could not be prepared: %s", edition.id, error)

    def nothing_yet(self) -> Problem:
        """Return the problem of a server without a release, saying which command to run."""
        detail = (
            self.failure or f"No edition has been published into “{self.graph}” yet. Run: triplepress publish INPUT..."
        )
        return Problem(status=503, title="No edition yet", detail=detail, headers={"Retry-After": "5"})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001 - the watch must outlive whatever a release's folder holds
                _log.exception("looking for a new release failed")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the current release and follow it; close everything at the end."""
        await self.refresh()
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            if self._preparing is not None:
                self._preparing.cancel()
                await asyncio.gather(self._preparing, return_exceptions=True)
            if self.edition is not None:
                self._closing.add(asyncio.create_task(self.edition.close()))
            if self._closing:
                await asyncio.wait(self._closing, timeout=10)


async def _read_ahead(edition: Edition) -> None:
    """Wait until a store is read ahead; not for ever, for a disk may be slow."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_AHEAD_SECONDS):
            while not getattr(edition.store, "ready", True):
                await asyncio.sleep(_AHEAD_LOOK_SECONDS)


def _is_about_release(error: TriplepressError) -> bool:
    """Return whether a store cannot be opened for what it holds, not because it is away."""
    return isinstance(error, StoreError) and not isinstance(error, (StoreDown, StoreSlow, QueryTimeout))


class WithinEdition:
    """ASGI middleware: a request sees one edition, from its first byte to the last of its answer.

    The edition is `scope["triplepress.edition"]`. Without one, every address but a few answers 503. Answers that
    are the same for everybody are kept with the edition.
    """

    # What is answered without a release: liveness, styles, and the error page itself.
    WITHOUT: Final = ("/health", "/ready", "/static/", "/robots.txt")

    def __init__(self, app: ASGIApp, current: CurrentEdition, refuse: Callable[[Scope, Problem], ASGIApp]) -> None:
        """Wrap an application; `refuse` makes the answer where there is no release."""
        self.app = app
        self.current = current
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within the edition that is current now."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        edition = self.current.edition
        scope["triplepress.edition"] = edition
        if edition is None:
            if scope["path"].startswith(self.WITHOUT):
                await self.app(scope, receive, send)
            else:
                await self.refuse(scope, self.current.nothing_yet())(scope, receive, send)
            return
        asked = scope.get(ASKED)
        with edition.held():
            await self.app(scope, receive, send if asked is None else Keeping(edition.answers, asked, send))
