"""A whole harvest: page after page of a repository's records into a folder, from where the last one stopped.

The pages are saved as they came, so the folder is an input like any other. Three things make an interruption harmless:
a page is on disk before the state says so; a token that has expired is replaced by a date before which everything is on
earlier pages; and a harvest that is done remembers the repository's own clock, from which the next one starts.

References:
    The Open Archives Initiative Protocol for Metadata Harvesting, sections 2.5 (deletions), 2.7 (dates), 3.5 (lists);
    Implementation Guidelines for Harvesters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from msgspec.structs import replace

from triplepress.errors import RepositoryError, SourceError
from triplepress.sources.oaipmh.endpoint import Endpoint
from triplepress.sources.oaipmh.page import Page, read_page
from triplepress.sources.oaipmh.payloads import best_prefix, known_prefixes
from triplepress.sources.oaipmh.state import (
    Cut,
    Run,
    State,
    drop_unknown,
    load_state,
    locked,
    page_path,
    save_state,
    write_whole,
)
from triplepress.sources.oaipmh.wanted import Harvested, Manners, Wanted

_OVERLAP: Final = timedelta(hours=1)  # records come late into some repositories' lists
_BROKEN_TRIES: Final = 3  # a page that is not well-formed may have been cut on its way
_STALLED: Final = 3
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
_END: Final = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>\s*\Z")
_EMPTY_TOKEN: Final = re.compile(rb"<(?:[\w.-]+:)?resumptionToken(?:\s[^<>]*)?(?:/>|>\s*</)")
_MALFORMED_END: Final = (
    "page {page} is not well-formed ({fault}) and its token cannot be found, so the list cannot go on; it is kept as "
    "{path}; tell the repository, and harvest again: it goes on with this page"
)

Progress = Callable[[int, int | None], None]
"""Called with how many records are saved, and how many the repository said there are."""


def harvest(
    wanted: Wanted,
    folder: Path,
    manners: Manners,
    *,
    progress: Progress | None = None,
    on_wait: Callable[[float, str], None] | None = None,
) -> Harvested:
    """Save all records that a repository has to give, or all that are new since the last harvest into the folder.

    Args:
        wanted: What is to be harvested. One folder is for one repository, set and format.
        folder: Where the pages go; made if it is not there.
        manners: How the repository is treated.
        progress: Called after each page.
        on_wait: Told of every wait after a failure: the seconds, and why.

    Returns:
        What this harvest brought; nothing new is no error.

    Raises:
        SourceError: The address or a date is none, the folder is another harvest's, or another process is at work
            in it.
        RepositoryError: The repository refuses, or does not answer. What came so far is saved, and the next harvest
            goes on from there.
    """
    wanted = _checked(wanted)
    with locked(folder), Endpoint(wanted.url, manners, on_wait) as endpoint:
        return _Harvest(wanted, folder, endpoint, progress).all()


def default_folder(wanted: Wanted, root: Path) -> Path:
    """Return the folder of a harvest below `root`, named for what is harvested.

    Example:
        >>> str(default_folder(Wanted("https://journal.example.org/index.php/j/oai", set="j:ART"), Path("harvest")))
        'harvest/journal.example.org-index.php-j-oai-j-ART'
    """
    parts = urlsplit(wanted.url)
    name = "-".join(part for part in (parts.netloc, parts.path.strip("/"), wanted.set, wanted.prefix) if part)
    return root / re.sub(r"[^\w.-]+", "-", name)


def _checked(wanted: Wanted) -> Wanted:
    """Return what is wanted with its address bare of arguments, or raise for what cannot be asked for."""
    parts = urlsplit(wanted.url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SourceError("this is no web address; name the base URL of the repository", location=wanted.url)
    for name, text in (("--from", wanted.since), ("--until", wanted.until)):
        if text is not None:
            _check_date(name, text)
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise SourceError(f"--from {wanted.since} is after --until {wanted.until}", location=wanted.url)
    # "…/oai?verb=Identify" is what people copy from their browser.
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith("verb="))
    url = urlunsplit(parts._replace(query=query, fragment=""))
    return Wanted(url, wanted.set, wanted.since, wanted.until, wanted.prefix, wanted.afresh)


def _check_date(name: str, text: str) -> None:
    """Raise for a date that OAI-PMH does not know."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        sound = False
    else:
        sound = bool(_DATE.fullmatch(text))
    if not sound:
        raise SourceError(f"{name} is no date; write 2026-11-22 or 2026-11-22T10:15:00Z", location=text)


class _Harvest:
    """The state of one harvest while it goes on."""

    def __init__(self, wanted: Wanted, folder: Path, endpoint: Endpoint, progress: Progress | None) -> None:
        self._wanted = wanted
        self._folder = folder
        self._endpoint = endpoint
        self._progress = progress
        self._state, self._run, resumed = self._begin()
        self._digest = b""
        self._report = Harvested(
            folder=str(folder),
            url=wanted.url,
            prefix=self._state.prefix,
            since=self._run.since,
            resumed=resumed,
            deletions=self._state.deletions,
        )

    def all(self) -> Harvested:
        """Harvest until the list ends."""
        drop_unknown(self._folder, self._state)
        while True:
            data, page = self._next()
            if page is None:
                break
            self._accept(data, page)
            if self._progress is not None:
                self._progress(self._run.records, self._run.total)
            if page.token is None and not self._came_short():
                break
        run = self._run
        self._report.records, self._report.deleted = run.records, run.deleted
        self._report.pages = run.page - 1
        self._finish()
        return self._report

    def _begin(self) -> tuple[State, Run, bool]:
        """Return the state and the run to go on with, and whether it is one that was interrupted."""
        wanted, state = self._wanted, load_state(self._folder)
        if state is not None:
            self._require_same(state)
        if state is not None and state.run is not None and (not wanted.afresh or state.run.afresh):
            self._require_same_dates(state.run, days=state.days)
            return state, state.run, True
        if state is None:
            repository = self._endpoint.identify()
            prefix = self._prefix()
            state = State(
                url=wanted.url, set=wanted.set, prefix=prefix, days=repository.days, deletions=repository.deletions
            )
        since = wanted.since
        if since is None and not wanted.afresh and state.harvested is not None:
            since = _earlier(state.harvested, days=state.days)
        run = Run(
            number=state.runs + 1,
            since=_as_granular(since, days=state.days),
            until=_as_granular(wanted.until, days=state.days),
            afresh=wanted.afresh,
        )
        run = replace(run, asked=run.since, cut=Cut(date=run.since))
        state = replace(state, run=run)
        save_state(self._folder, state)
        return state, run, False

    def _require_same(self, state: State) -> None:
        """Raise where the folder holds pages of something else."""
        wanted = self._wanted
        for name, here, asked in (
            ("repository", state.url, wanted.url),
            ("set", state.set, wanted.set),
            ("format", state.prefix, wanted.prefix or state.prefix),
        ):
            if here != asked:
                message = (
                    f"this folder holds a harvest of the {name} {here or '(all)'}, not of {asked or '(all)'}; "
                    "name another folder with --to"
                )
                raise SourceError(message, location=str(self._folder))

    def _require_same_dates(self, run: Run, *, days: bool) -> None:
        """Raise where other dates are wanted than those of the run that was interrupted: its records would be lost."""
        wanted = self._wanted
        for name, here, asked in (("from", run.since, wanted.since), ("until", run.until, wanted.until)):
            if asked is not None and here != _as_granular(asked, days=days):
                message = (
                    f"an interrupted harvest in this folder was {name} {here or 'any time'}, not {asked}; finish it "
                    "without --from and --until, or start over with --fresh"
                )
                raise SourceError(message, location=str(self._folder))

    def _prefix(self) -> str:
        """Return the metadata format to ask for: the one that is wanted, or the best of those that are read here."""
        offered = self._endpoint.prefixes()
        prefix = self._wanted.prefix or best_prefix(offered)
        if prefix is None:
            message = (
                f"the repository offers {', '.join(offered) or 'no metadata format'}, and none of them is read here; "
                f"those that are: {', '.join(known_prefixes())}"
            )
            raise RepositoryError(message, location=self._wanted.url, code="cannotDisseminateFormat")
        return prefix

    def _query(self) -> dict[str, str]:
        """Return the arguments of the next request."""
        if self._run.token is not None:
            return {"verb": "ListRecords", "resumptionToken": self._run.token}
        stated = {"from": self._run.asked, "until": self._run.until, "set": self._state.set}
        return {"verb": "ListRecords", "metadataPrefix": self._state.prefix} | {
            name: value for name, value in stated.items() if value is not None
        }

    def _next(self) -> tuple[bytes, Page | None]:
        """Return the next page and its bytes; no page where the list has ended.

        A page that is not well-formed is asked for again, for it may have been cut on its way. If it stays so and its
        token can be told, the list goes on.
        """
        for attempt in range(1, _BROKEN_TRIES + 1):
            try:
                data = self._endpoint.get(self._query())
            except RepositoryError as error:
                if error.code == "noRecordsMatch":
                    return b"", None
                if error.code == "badResumptionToken" and self._run.token is not None:
                    self._restart(error)
                    return self._next()
                raise
            page = read_page(data)
            digest = hashlib.sha256(data).digest()
            if page.fault is None:
                if digest == self._digest and page.token is not None and page.token == self._run.token:
                    message = f"the repository sends page {self._run.page - 1} again and again; tell whoever runs it"
                    raise RepositoryError(message, location=self._wanted.url)
                self._digest = digest
                return data, page
            if attempt == _BROKEN_TRIES:
                return data, self._set_aside(data, page)
        raise AssertionError  # the loop returns or raises

    def _set_aside(self, data: bytes, page: Page) -> Page:
        """Return a broken page whose token is known, having noted it; raise where the list cannot go on."""
        path = page_path(self._folder, self._run.number, self._run.page)
        fault = page.fault or ""
        if page.token is None and not self._is_last(data, page):
            kept = path.with_name(f".{path.name}.broken")
            write_whole(kept, data)
            message = _MALFORMED_END.format(page=self._run.page, fault=fault, path=kept)
            raise RepositoryError(message, location=self._wanted.url)
        self._report.broken.append((str(path), fault))
        return page

    def _is_last(self, data: bytes, page: Page) -> bool:
        """Tell whether a broken page without a token ends the list: it says so itself, or nothing speaks against it."""
        if _EMPTY_TOKEN.search(data):
            return True
        counted = page.total or self._run.total
        short = counted is not None and self._run.records + page.records < counted
        return not short and b"resumption" not in data and _END.search(data) is not None

    def _accept(self, data: bytes, page: Page) -> None:
        """Save a page, then the state that knows it."""
        run = self._run
        write_whole(page_path(self._folder, run.number, run.page), data)
        stamps = [_as_granular(stamp, days=self._state.days) or "" for stamp in page.datestamps]
        known = [run.last] if run.last is not None else []
        sound = page.fault is None and len(stamps) == page.records
        ordered = run.ordered and sound and [*known, *stamps] == sorted([*known, *stamps])
        cut = run.cut
        if not ordered:
            cut = Cut(date=run.since)
        elif stamps and run.last is not None and stamps[0] > run.last:
            cut = Cut(page=run.page, date=stamps[0], records=run.records, deleted=run.deleted, last=run.last)
        self._save(
            replace(
                run,
                page=run.page + 1,
                token=page.token,
                first=run.first or page.date,
                records=run.records + page.records,
                deleted=run.deleted + page.deleted,
                # After a restart by date the repository counts from there.
                total=run.total if page.total is None or run.asked != run.since else page.total,
                last=max([*known, *stamps], default=None),
                ordered=ordered,
                cut=cut,
            )
        )

    def _restart(self, error: RepositoryError) -> None:
        """Ask for the list again from the last date before which nothing is missing; what is asked for again goes."""
        run = self._run
        stalled = run.stalled + 1 if run.page <= run.expired else 0
        if stalled >= _STALLED:
            message = f"its tokens expire before the next page can be asked for ({error.args[0]})"
            raise RepositoryError(f"{message}; try a smaller --delay", location=self._wanted.url) from error
        self._report.restarts += 1
        self._back_to(run.cut, replace(run, expired=run.page, stalled=stalled))

    def _back_to(self, cut: Cut, run: Run) -> None:
        """Go back to a cut: first the state, then the pages behind it."""
        self._save(
            replace(
                run,
                asked=cut.date,
                page=cut.page,
                token=None,
                records=cut.records,
                deleted=cut.deleted,
                last=cut.last,
                ordered=run.ordered if cut.page > 1 else True,
            )
        )
        drop_unknown(self._folder, self._state)

    def _came_short(self) -> bool:
        """Start again from the beginning where a list that was cut by date has fewer records than it should.

        The dates came in order as far as they were seen; what was never seen may still have been older.
        """
        run = self._run
        if run.asked == run.since or run.total is None or run.records >= run.total:
            return False
        self._back_to(Cut(date=run.since), replace(run, token=None, total=None, cut=Cut(date=run.since)))
        return True

    def _save(self, run: Run) -> None:
        """Write the state with the run as it is now."""
        self._run = run
        self._state = replace(self._state, run=run)
        save_state(self._folder, self._state)

    def _finish(self) -> None:
        """Write that the run is done, and from when on the next one has to ask."""
        run, state = self._run, self._state
        filled = run.page > 1
        reached = min((moment for moment in (run.first or run.last, run.until) if moment), default=None)
        known = None if run.afresh else state.harvested
        # What lies between the last harvest and a later --from is not here: the next one has to ask for it still.
        gap = known is not None and run.since is not None and run.since > known
        if known is not None and (reached is None or reached < known or gap):
            reached = known
        self._state = replace(
            state,
            run=None,
            runs=run.number if filled else state.runs,
            oldest=run.number if run.afresh and filled else state.oldest,
            harvested=reached if filled else state.harvested,
        )
        save_state(self._folder, self._state)
        drop_unknown(self._folder, self._state)


def _as_granular(date: str | None, *, days: bool) -> str | None:
    """Return a date as fine as the repository's own; a day stands for its first moment.

    Example:
        >>> _as_granular("2026-11-22T10:15:00Z", days=True), _as_granular("2026-11-22", days=False)
        ('2026-11-22', '2026-11-22T00:00:00Z')
    """
    if date is None:
        return None
    if days:
        return date[:10]
    return f"{date}T00:00:00Z" if len(date) == 10 else date


def _earlier(date: str, *, days: bool) -> str | None:
    """Return the date from which the next harvest asks: a little before the last one; None for what is no date.

    Example:
        >>> _earlier("2026-11-22T10:15:00Z", days=False), _earlier("2026-11-22T10:15:00Z", days=True)
        ('2026-11-22T09:15:00Z', '2026-11-21')
    """
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:  # a datestamp of the repository's own making
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if days:
        return f"{moment - timedelta(days=1):%Y-%m-%d}"
    return f"{moment - _OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
