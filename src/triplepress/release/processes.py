"""Work shared out to processes, its results in the order of the tasks, so that how many there are changes nothing.

Each process keeps one worker, which holds what is costly to load; tasks and results are small. With one process the
work is done here, without any other.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Any, Final, Generic, TypeVar

from triplepress.errors import ReleaseError

_Worker = TypeVar("_Worker")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

# Tasks that wait beside those that are worked on: enough that no process is idle, few enough that memory stays flat.
_WAITING: Final = 2
_PRELOADED: Final = ["triplepress.release.presser"]


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes(Generic[_Worker]):
    """Some processes with a worker each.

    Args:
        make: Makes a worker; it and its arguments can be pickled.
        number: How many processes; 1 works in this one.

    Example:
        >>> with Processes(dict, 1) as processes:
        ...     list(processes.map(dict.get, ["title"]))
        [None]
    """

    def __init__(self, make: Callable[[], _Worker], number: int) -> None:
        """Remember how workers are made; none is started before it is needed."""
        self._make = make
        self._number = number
        self._executor: ProcessPoolExecutor | None = None
        self._own: list[_Worker] = []

    def __enter__(self) -> Processes[_Worker]:
        """Return the processes."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes; what they have not begun is not done."""
        self.close()

    def close(self) -> None:
        """End the processes; what they have not begun is not done."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
        for worker in self._own:
            end = getattr(worker, "close", None)
            if end is not None:
                end()
        self._own.clear()

    def map(
        self, method: Callable[[_Worker, _Task], _Result], tasks: Iterable[_Task], *, least: int = 1
    ) -> Iterator[_Result]:
        """Yield the result of each task, in the order of the tasks.

        Args:
            method: A method of the worker's class, or a function whose first argument is the worker.
            tasks: What can be pickled; it is taken from here as results are asked for.
            least: Fewer tasks than this are done here, where no processes run yet.

        Raises:
            ReleaseError: A process ended before its task was done.
        """
        remaining = iter(tasks)
        first = list(islice(remaining, least)) if self._executor is None else []
        tasks = chain(first, remaining)
        if self._number <= 1 or (self._executor is None and len(first) < least):
            for task in tasks:
                yield method(self._here(), task)
            return
        waiting: deque[Future[_Result]] = deque()
        executor = self._processes()
        try:
            for task in tasks:
                waiting.append(executor.submit(_work, method, task))
                if len(waiting) >= self._number * (1 + _WAITING):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise ReleaseError(
                "a process of this run ended before its work was done, perhaps for want of memory; the old edition"
                " stays. Publish again, with fewer --processes if memory is short"
            ) from error
        finally:
            for future in waiting:
                future.cancel()

    def _here(self) -> _Worker:
        """Return the worker of this process."""
        if not self._own:
            self._own.append(self._make())
        return self._own[0]

    def _processes(self) -> ProcessPoolExecutor:
        """Return the pool, started when it is first needed."""
        if self._executor is None:
            # Forked from a process of its own, which has loaded the libraries and runs no threads.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(_PRELOADED)
            self._executor = ProcessPoolExecutor(self._number, context, _start, (self._make,))
        return self._executor


# The worker of this process, where it is one of the pool's.
_worker: list[Any] = []


def _start(make: Callable[[], Any]) -> None:
    """Begin a process: it ends with the one that started it, and leaves a keyboard interrupt to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One process a processor works already; the validation engine would start as many threads in each.
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _worker.append(make())


def _end_with(sentinel: int) -> None:
    """End this process when another has ended: a killed publisher leaves nothing behind that works on."""
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def _work(method: Callable[[Any, Any], Any], task: object) -> Any:  # noqa: ANN401 - what the method returns
    """Do one task with the worker of this process."""
    return method(_worker[0], task)
