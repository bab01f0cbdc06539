"""One repository on the web: a request at a time, never faster than it likes, and again when it fails in passing.

oaipmh-scythe speaks the protocol. Waiting is done here: it is the part that a repository notices, it has to show, and a
body that is no XML (the usual one of a 503) must not stand in its way.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx2
from lxml import etree
from oaipmh_scythe import Scythe
from oaipmh_scythe.config import HTTPConfig
from oaipmh_scythe.exceptions import GeneralOAIPMHError, OAIPMHException

from triplepress import __version__
from triplepress.errors import RepositoryError
from triplepress.sources.oaipmh.protocol import ERRORS, plain
from triplepress.sources.oaipmh.wanted import Manners
from triplepress.sources.xml import child, descendants, parse_xml

# Overload and faults that pass: RFC 9110, 15.5.9 and 15.6; RFC 6585, section 4.
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF: Final = 120.0  # seconds
_LONGEST_WAIT: Final = 3600.0  # seconds; whoever asks for more is asked again in another run
_HEAD: Final = 4096  # bytes in which a response names itself
_AGAIN: Final = "harvest again later: it goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Repository:
    """What a repository says of itself.

    Attributes:
        name: Its name.
        days: Whether its dates are days, and not moments.
        deletions: What it says of deleted records: `persistent`, `transient` or `no`.
    """

    name: str
    days: bool
    deletions: str


class _NoResponse(Exception):  # noqa: N818 - it says what happened, and stays in this module
    """The answer is no OAI-PMH response; its first characters are the argument."""


class _Client(Scythe):
    """The library's client, with redirections followed and answers looked at before they are parsed."""

    def __init__(self, url: str, manners: Manners) -> None:
        agent = f"triplepress/{__version__}" + (f" ({manners.contact})" if manners.contact else "")
        super().__init__(url, http_config=HTTPConfig(timeout=manners.timeout, user_agent=agent))
        sender = manners.contact.removeprefix("mailto:") if manners.contact.startswith("mailto:") else None
        self._http = httpx2.Client(
            headers={"User-Agent": agent, "Accept": "text/xml, application/xml"} | ({"From": sender} if sender else {}),
            timeout=manners.timeout,
            follow_redirects=True,
            event_hooks={"response": [_look]},
        )

    @property
    def client(self) -> httpx2.Client:
        """The HTTP client of all requests."""
        return self._http

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _look(response: httpx2.Response) -> None:
    """Raise for an answer that the protocol's reader should not see: a failure in passing, or no response at all."""
    if response.has_redirect_location:
        return
    response.read()
    named = b"OAI-PMH" in response.content[:_HEAD]
    if response.status_code in _PASSING or (response.is_error and not named):
        response.raise_for_status()
    if not named:
        raise _NoResponse(response.content[:80].decode("utf-8", "replace").strip())


class Endpoint:
    """A repository's endpoint."""

    def __init__(self, url: str, manners: Manners, on_wait: Callable[[float, str], None] | None = None) -> None:
        """Take the address.

        Args:
            url: The base URL of the repository.
            manners: How it is treated.
            on_wait: Told of every wait after a failure: the seconds, and why.
        """
        self.url = url
        self._manners = manners
        self._on_wait = on_wait
        self._client = _Client(url, manners)
        self._next = 0.0

    def __enter__(self) -> Endpoint:
        """Return the endpoint."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._client.close()

    def identify(self) -> Repository:
        """Return what the repository says of itself.

        Raises:
            RepositoryError: It does not answer, or what answers is no OAI-PMH endpoint.
        """
        found = next(descendants(self._root({"verb": "Identify"}), "Identify"), None)
        if found is None:
            raise self._no_endpoint("its answer to Identify holds no Identify")
        granularity = plain(child(found, "granularity"))
        return Repository(
            name=plain(child(found, "repositoryName")),
            days="hh" not in granularity.lower(),
            deletions=plain(child(found, "deletedRecord")).lower() or "no",
        )

    def prefixes(self) -> list[str]:
        """Return the metadata prefixes that the repository offers."""
        formats = descendants(self._root({"verb": "ListMetadataFormats"}), "metadataFormat")
        return [prefix for found in formats if (prefix := plain(child(found, "metadataPrefix")))]

    def _root(self, query: Mapping[str, str]) -> etree._Element:
        """Return the root of an answer that must be well-formed."""
        try:
            return parse_xml(self.get(query))
        except etree.XMLSyntaxError as error:
            raise self._no_endpoint(f"its answer to {query['verb']} is not well-formed: {error.msg}") from error

    def _no_endpoint(self, reason: str) -> RepositoryError:
        message = f"this is no OAI-PMH endpoint that works: {reason}; check the address with the repository"
        return RepositoryError(message, location=self.url)

    def get(self, query: Mapping[str, str]) -> bytes:
        """Return the bytes of the response to one request.

        A failure in passing (a timeout, a connection cut, 429, 500, 503, ...) is waited out: as long as the repository
        asks for (`Retry-After`), else twice as long each time.

        Args:
            query: The arguments of the request, the verb among them.

        Raises:
            RepositoryError: The repository refuses (with the protocol's code), or all attempts failed.
        """
        for attempt in range(1, self._manners.attempts + 1):
            time.sleep(max(0.0, self._next - time.monotonic()))
            stated: float | None = None
            try:
                return bytes(self._client.harvest(dict(query)).http_response.content)
            except OAIPMHException as error:
                raise self._refused(error) from error
            except httpx2.HTTPStatusError as error:
                status = error.response.status_code
                reason = f"HTTP {status} {error.response.reason_phrase}".strip()
                if status not in _PASSING:
                    message = f"the repository answers {reason}; check the address, or ask whoever runs it"
                    raise RepositoryError(message, location=self.url) from error
                stated = retry_after(error.response.headers.get("Retry-After"))
            except _NoResponse as error:
                reason = f"the answer is no OAI-PMH response (“{error}…”)"
                if query["verb"] == "Identify":  # not a repository in trouble: something else
                    raise self._no_endpoint(reason) from error
            except (httpx2.TransportError, httpx2.DecodingError) as error:
                reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            except (httpx2.InvalidURL, httpx2.TooManyRedirects) as error:
                raise self._no_endpoint(str(error)) from error
            finally:
                self._next = time.monotonic() + self._manners.delay
            if stated is not None and stated > _LONGEST_WAIT:
                message = f"the repository asks to wait {stated / 3600:.1f} hours ({reason}); {_AGAIN}"
                raise RepositoryError(message, location=self.url)
            if attempt < self._manners.attempts:
                self._wait(self._backoff(attempt) if stated is None else stated, reason)
        message = f"the repository does not answer after {self._manners.attempts} attempts ({reason}); {_AGAIN}"
        raise RepositoryError(message, location=self.url)

    def _backoff(self, attempt: int) -> float:
        """Return the seconds to wait after the n-th failure, a part of them by chance, so that clients do not march."""
        longest = min(_LONGEST_BACKOFF, max(self._manners.delay, 0.05) * 2.0**attempt)
        return random.uniform(longest / 2, longest)  # noqa: S311 - no secret hangs on it

    def _wait(self, seconds: float, reason: str) -> None:
        """Wait after a failure, and say so."""
        if self._on_wait is not None:
            self._on_wait(seconds, reason)
        self._next = max(self._next, time.monotonic() + seconds)

    def _refused(self, error: OAIPMHException) -> RepositoryError:
        """Return the protocol's error with what to do about it."""
        name = type(error).__name__
        code = "an error of its own" if isinstance(error, GeneralOAIPMHError) else name[0].lower() + name[1:]
        said = f" ({' '.join(str(error).split())})" if str(error).strip() else ""
        remedy = ERRORS.get(code, "Ask whoever runs it what it means")
        return RepositoryError(f"the repository answers {code}{said}. {remedy}", location=self.url, code=code)


def retry_after(text: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` field asks to wait, or None where it is none.

    Args:
        text: The field: seconds, or a date.
        now: The time that a date is compared with; the clock's where None.

    Example:
        >>> retry_after("120"), retry_after("soon")
        (120.0, None)
        >>> retry_after("Sun, 22 Nov 2026 10:00:30 GMT", datetime(2026, 11, 22, 10, tzinfo=UTC))
        30.0

    References:
        RFC 9110, section 10.2.3.
    """
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
