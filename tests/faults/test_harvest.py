"""What a harvest survives: a repository that fails, cuts, delays, deletes and forgets, and its own death."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.oai_server import doi, identifier
from triplepress.record import ArticleRecord, Rejected, Source, Withdrawn
from triplepress.sources.oaipmh import read_oaipmh

_CHECKOUT = Path(__file__).resolve().parent.parent.parent
_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """A repository process."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, **wanted: Any) -> None:  # noqa: ANN401 - JSON
        body = json.dumps(wanted).encode()
        request = urllib.request.Request(f"{self.url}/control", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10):
            pass

    def log(self, verb: str = "ListRecords") -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.url}/log", timeout=10) as answer:
            return [each for each in json.load(answer) if each["query"].get("verb") == verb]


Repository = Callable[..., Served]


@pytest.fixture
def repository() -> Iterator[Repository]:
    running: list[Served] = []

    def start(*arguments: str, plan: dict[int, dict[str, Any]] | None = None) -> Served:
        command = [sys.executable, "-m", "tests.oai_server", "--plan", json.dumps(plan or {}), *arguments]
        process = subprocess.Popen(command, cwd=_CHECKOUT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        port = int(process.stdout.readline())
        running.append(Served(f"http://127.0.0.1:{port}", process))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()
        each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()


def _command(served: Served, folder: Path, *options: str) -> list[str]:
    return [
        *(sys.executable, "-m", "triplepress", "harvest", f"{served.url}/oai", "--to", str(folder)),
        *("--delay", "0.01", "--timeout", "2", *options),
    ]


def harvest(served: Served, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(served, folder, *options),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def summary(served: Served, folder: Path, *options: str) -> dict[str, Any]:
    done = harvest(served, folder, "--json", *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def results(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.glob("[0-9]*.xml")):
        source = Source(kind="oaipmh", location=path.name)
        yield from read_oaipmh(io.BytesIO(path.read_bytes()), source, 1 << 24)


def saved(folder: Path) -> Counter[str]:
    """How often each record stands in the saved pages."""
    return Counter(str(item.local_id) for item in results(folder) if isinstance(item, ArticleRecord | Withdrawn))


def every(count: int) -> Counter[str]:
    return Counter(identifier(number) for number in range(1, count + 1))


def test_all_records_come_each_once(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "40", "--page", "7")
    found = summary(served, tmp_path / "to")
    assert (found["records"], found["pages"], found["deleted"], found["prefix"]) == (40, 6, 4, "oai_jats")
    assert saved(tmp_path / "to") == every(40)
    items = list(results(tmp_path / "to"))
    assert {item.local_id for item in items if isinstance(item, Withdrawn)} == {identifier(n) for n in (9, 18, 27, 36)}
    records = [item for item in items if isinstance(item, ArticleRecord)]
    assert {record.doi for record in records} == {doi(n) for n in range(1, 41) if n % 9}
    assert {record.sources[0].retrieved for record in records} == {"2026-01-05T12:00:00Z"}


def test_faults_in_passing_are_waited_out(repository: Repository, tmp_path: Path) -> None:
    served = repository(
        *("--records", "40", "--page", "7"),
        plan={
            1: {"fault": "status", "status": 500},
            3: {"fault": "status", "status": 503, "retry_after": 1},
            5: {"fault": "cut"},
            7: {"fault": "delay", "seconds": 3},
            9: {"fault": "text"},
            11: {"fault": "malformed"},
            12: {"fault": "status", "status": 429, "retry_after": 0},
        },
    )
    done = harvest(served, tmp_path / "to", "--metadata-prefix", "oai_dc")
    assert done.returncode == 0, done.stderr
    assert saved(tmp_path / "to") == every(40)
    for reason in ("HTTP 500", "HTTP 503", "RemoteProtocolError", "ReadTimeout", "Database error 2002", "HTTP 429"):
        assert reason in done.stderr
    log = served.log()
    asked = next(place for place, each in enumerate(log) if each["query"] == log[2]["query"])
    assert log[asked + 1]["time"] - log[asked]["time"] >= 1  # Retry-After: 1


def test_requests_keep_their_distance(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "20", "--page", "5")
    summary(served, tmp_path / "to", "--delay", "0.3")
    times = [each["time"] for each in served.log()]
    assert len(times) == 4
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.29


def test_a_long_retry_after_stops_the_harvest_until_another_run(repository: Repository, tmp_path: Path) -> None:
    served = repository(
        "--records", "20", "--page", "5", plan={3: {"fault": "status", "status": 503, "retry_after": 7200}}
    )
    done = harvest(served, tmp_path / "to")
    assert done.returncode == 2
    assert "asks to wait 2.0 hours" in done.stderr
    assert summary(served, tmp_path / "to")["resumed"]
    assert saved(tmp_path / "to") == every(20)


def test_attempts_are_bounded(repository: Repository, tmp_path: Path) -> None:
    served = repository(plan={number: {"fault": "status", "status": 500} for number in range(1, 20)})
    done = harvest(served, tmp_path / "to", "--attempts", "3")
    assert done.returncode == 2
    assert "after 3 attempts (HTTP 500" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(served.log()) == 3


@pytest.mark.parametrize("prefix", ["oai_dc", "oai_jats"])
def test_killed_at_any_moment_nothing_is_lost_or_there_twice(
    repository: Repository, tmp_path: Path, prefix: str
) -> None:
    served = repository("--records", "120", "--page", "5", "--delay", "0.03")
    folder = tmp_path / "to"
    kills = 0
    for round_ in range(12):
        process = subprocess.Popen(
            _command(served, folder, "--metadata-prefix", prefix),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        before = len(list(folder.glob("*.xml")))
        deadline = time.monotonic() + _SECONDS
        while process.poll() is None and len(list(folder.glob("*.xml"))) < before + 2:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(0.004 * round_)  # the two writes of a page, and the wait for the next, are met in turn
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills >= 5
    found = summary(served, folder, "--metadata-prefix", prefix)
    assert saved(folder) == every(120)
    assert found["records"] in {0, 120}  # all of this run, or nothing new after it
    first_requests = [each for each in served.log() if "resumptionToken" not in each["query"]]
    assert len(first_requests) <= 3  # no run began the list anew: the first page's two, at most, and what is new


def test_state_and_pages_agree_when_the_last_page_is_not_acknowledged(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "30", "--page", "10", plan={3: {"fault": "status", "status": 404}})
    folder = tmp_path / "to"
    assert harvest(served, folder).returncode == 2
    # A page was written, and the process died before the state said so.
    (folder / "0001-000003.xml").write_bytes((folder / "0001-000001.xml").read_bytes())
    summary(served, folder)
    assert saved(folder) == every(30)


@pytest.mark.parametrize("options", [(), ("--days",), ("--shuffled",), ("--days", "--shuffled")], ids=" ".join)
@pytest.mark.parametrize("at", [2, 4, 6])
def test_an_expired_token_costs_no_record(
    repository: Repository, tmp_path: Path, options: tuple[str, ...], at: int
) -> None:
    served = repository("--records", "60", "--page", "8", *options, plan={at: {"fault": "expire"}})
    found = summary(served, tmp_path / "to")
    assert saved(tmp_path / "to") == every(60)
    assert (found["restarts"], found["records"]) == (1, 60)


def test_a_token_that_expires_between_two_runs(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "60", "--page", "8", plan={5: {"fault": "status", "status": 404}})
    folder = tmp_path / "to"
    assert harvest(served, folder).returncode == 2
    served.control(plan={1: {"fault": "expire"}})
    found = summary(served, folder)
    assert found["resumed"]
    assert found["restarts"] == 1
    assert saved(folder) == every(60)
    dates = [each["query"]["from"] for each in served.log() if "from" in each["query"]]
    assert len(dates) == 1  # it went on from a date, not from the beginning
    assert dates[0] > "2024-03-01T00:00:00Z"


def test_tokens_that_always_expire_end_the_harvest(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "60", "--page", "8", plan={n: {"fault": "expire"} for n in range(2, 200, 2)})
    done = harvest(served, tmp_path / "to")
    assert done.returncode == 2
    assert "expire before the next page" in done.stderr
    assert len(served.log()) < 60


def test_the_next_harvest_asks_for_what_is_new(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "30", "--page", "10")
    folder = tmp_path / "to"
    summary(served, folder)
    done = harvest(served, folder)
    assert done.returncode == 0
    assert "nothing new since 2026-01-05T11:00:00Z" in done.stderr
    served.control(now="2026-02-01T08:00:00+00:00", change=[4], delete=[5])
    found = summary(served, folder)
    assert (found["records"], found["deleted"], found["since"]) == (2, 1, "2026-01-05T11:00:00Z")
    items = list(results(folder))
    gone = [item for item in items if isinstance(item, Withdrawn) and item.local_id == identifier(5)]
    assert [item.withdrawn for item in gone] == ["2026-02-01T08:00:00Z"]
    versions = [item for item in items if isinstance(item, ArticleRecord) and item.local_id == identifier(4)]
    latest = max(versions, key=lambda record: record.sources[0].retrieved or "")
    assert latest.titles[0].text == "Hernia repair, revised 4"


def test_fresh_replaces_what_was_there_only_when_it_is_done(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "30", "--page", "10")
    folder = tmp_path / "to"
    summary(served, folder)
    served.control(plan={2: {"fault": "status", "status": 404}})
    assert harvest(served, folder, "--fresh").returncode == 2
    assert set(saved(folder)) == set(every(30))
    assert len(list(folder.glob("0001-*.xml"))) == 3
    assert summary(served, folder)["resumed"]
    assert not list(folder.glob("0001-*.xml"))
    assert saved(folder) == every(30)


def test_sets_dates_and_formats_are_asked_for(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "30", "--page", "10")
    found = summary(
        served,
        tmp_path / "to",
        *("--set", "even", "--from", "2024-03-01T00:02:00Z", "--until", "2024-03-01T00:06:00Z"),
        *("--metadata-prefix", "oai_dc"),
    )
    numbers = [number for number in range(1, 31) if number % 2 == 0 and 2 <= number // 3 <= 6]
    assert saved(tmp_path / "to") == Counter(identifier(number) for number in numbers)
    assert found["records"] == len(numbers)
    other = harvest(served, tmp_path / "to", "--set", "odd")
    assert other.returncode == 2
    assert "holds a harvest of the set even, not of odd" in other.stderr
    assert harvest(served, tmp_path / "new", "--metadata-prefix", "mods").returncode == 2


def test_a_day_stands_for_a_moment_where_the_repository_knows_only_days(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "30", "--page", "10", "--days")
    summary(served, tmp_path / "to", "--from", "2024-03-03T10:00:00Z")
    assert served.log()[0]["query"]["from"] == "2024-03-03"
    assert "nothing new since 2026-01-04" in harvest(served, tmp_path / "to").stderr


def test_a_page_that_is_not_well_formed_costs_one_record(repository: Repository, tmp_path: Path) -> None:
    broken = {"fault": "malformed"}
    served = repository("--records", "30", "--page", "10", plan={2: broken, 3: broken, 4: broken})
    done = harvest(served, tmp_path / "to", "--metadata-prefix", "oai_dc")
    assert done.returncode == 1
    assert "0001-000002.xml: not well-formed, line 2, column" in done.stderr
    rejected = [item for item in results(tmp_path / "to") if isinstance(item, Rejected)]
    assert len(rejected) == 1
    assert (rejected[0].source.location, rejected[0].source.position) == ("0001-000002.xml", "records/1 (line 2)")
    assert saved(tmp_path / "to") == every(30) - Counter([identifier(11)])


def test_a_broken_page_without_a_token_waits_for_the_next_run(repository: Repository, tmp_path: Path) -> None:
    broken = {"fault": "headless"}
    served = repository("--records", "30", "--page", "10", plan={2: broken, 3: broken, 4: broken})
    done = harvest(served, tmp_path / "to", "--metadata-prefix", "oai_dc")
    assert done.returncode == 2
    assert "page 2 is not well-formed" in done.stderr
    summary(served, tmp_path / "to", "--metadata-prefix", "oai_dc")
    assert saved(tmp_path / "to") == every(30)


def test_an_address_that_is_no_repository(repository: Repository, tmp_path: Path) -> None:
    served = repository()
    for address, reason in (
        (f"{served.url}/page", "no OAI-PMH endpoint"),
        ("ftp://127.0.0.1/oai", "no web address"),
        ("http://127.0.0.1:9/oai", "does not answer after 2 attempts"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "triplepress", "harvest", address, "--attempts", "2", "--delay", "0.01"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 2
        assert reason in done.stderr
        assert "Traceback" not in done.stderr


def test_redirections_are_followed(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "10", "--page", "20")
    done = subprocess.run(
        [sys.executable, "-m", "triplepress", "harvest", f"{served.url}/moved?verb=Identify", "--to", "to"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert saved(tmp_path / "to") == every(10)


def test_two_harvests_do_not_share_a_folder(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "400", "--page", "2", "--delay", "0.2")
    first = subprocess.Popen(_command(served, tmp_path / "to"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _SECONDS
        while not list((tmp_path / "to").glob("*.xml")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        second = harvest(served, tmp_path / "to")
    finally:
        first.kill()
        first.wait()
    assert second.returncode == 2
    assert "another harvest is at work" in second.stderr


def test_an_endpoint_is_an_input(repository: Repository, tmp_path: Path) -> None:
    served = repository("--records", "12", "--page", "5")
    done = subprocess.run(
        [sys.executable, "-m", "triplepress", "records", f"{served.url}/oai"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["doi"] for record in found] == [doi(n) for n in range(1, 13) if n != 9]
    assert len({record["sources"][0]["sha256"] for record in found}) == 3
    missing = subprocess.run(
        [sys.executable, "-m", "triplepress", "check", f"{served.url}/oai", "no-such-file"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert missing.returncode == 2
    assert len(served.log("Identify")) == 1  # the slip is seen before anything is asked
