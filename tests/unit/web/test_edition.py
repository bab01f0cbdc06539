"""An opened release: its facts, and how long it stays open."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from triplepress.web.edition import Edition


class Closing:
    """A store and a pool that can be closed, and nothing else."""

    closed = False

    async def close(self) -> None:
        """Remember it."""
        self.closed = True


def _edition(parts: Closing, *, longest: float = 60) -> Edition:
    return Edition(Path("none"), cast("Any", parts), cast("Any", parts), {}, 0, longest)


def test_a_release_waits_for_its_last_request_but_not_for_ever() -> None:
    async def close() -> list[bool]:
        parts, stuck = Closing(), Closing()
        edition, never = _edition(parts), _edition(stuck, longest=0.01)
        with never.held():
            await never.close()
        with edition.held():
            closing = asyncio.create_task(edition.close())
            await asyncio.sleep(0.1)
            before = parts.closed
        await closing
        return [stuck.closed, before, parts.closed]

    assert asyncio.run(close()) == [True, False, True]


def test_a_fact_is_made_once_and_does_not_wait_for_another() -> None:
    async def ask() -> tuple[list[str], list[str]]:
        edition, made = _edition(Closing()), list[str]()
        go_on = asyncio.Event()

        async def slow() -> str:
            made.append("slow")
            await go_on.wait()
            return "slow"

        async def quick() -> str:
            made.append("quick")
            return "quick"

        waiting = [asyncio.create_task(edition.once("a", slow)) for _ in range(2)]
        while not made:
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            found = [await edition.once("b", quick)]
        go_on.set()
        return made, [*found, *await asyncio.gather(*waiting)]

    assert asyncio.run(ask()) == (["slow", "quick"], ["quick", "slow", "slow"])
