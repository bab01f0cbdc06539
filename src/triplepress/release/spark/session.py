"""The connection to a Spark cluster, and stages run on it."""

from __future__ import annotations

import os
import pickle
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from triplepress.errors import PartError, ReleaseError, TriplepressError
from triplepress.release.edition import Progress
from triplepress.release.spark import daemon

if TYPE_CHECKING:
    from pyspark import RDD, SparkContext

_Row = TypeVar("_Row")
_LOOK_SECONDS: Final = 0.5
# What a user's own configuration (spark-defaults.conf, spark-submit) may say otherwise.
_DEFAULTS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.python.worker.reuse": "true",
    "spark.driver.maxResultSize": "0",
}


class Cluster:
    """A running Spark application.

    Args:
        context: Its context.
        progress: Called with the stage, how many of its tasks are done, and how many there are.
    """

    def __init__(self, context: SparkContext, progress: Progress | None = None) -> None:
        """Keep the context."""
        self._context = context
        self._progress = progress
        self.parallelism = context.defaultParallelism

    @property
    def master(self) -> str:
        """The address of the cluster's master."""
        return str(self._context.master)

    def rows(self, values: Sequence[Any]) -> RDD[Any]:
        """Return values as partitions, one value each."""
        return self._context.parallelize(values, max(1, len(values)))

    def sorted(self, pairs: RDD[tuple[Any, Any]], number: int, partition: Callable[[Any], int]) -> RDD[tuple[Any, Any]]:
        """Return pairs of key and value, each in its partition and there in the order of the keys.

        Args:
            pairs: Any pairs.
            number: How many partitions.
            partition: Returns the partition of a key, from 0.
        """
        return pairs.repartitionAndSortWithinPartitions(number, partition)

    def run(self, stage: str, rows: RDD[Any], task: Callable[[int, Iterator[Any]], _Row]) -> list[_Row]:
        """Run a task on every partition, and return what each came to, in the order of the partitions.

        Spark takes one result of each task, however often it had to be run.

        Args:
            stage: The stage's name for progress.
            rows: The partitions.
            task: Called with the partition's number and its rows; it can be pickled.

        Raises:
            TriplepressError: A task raised it: Spark would only raise it again.
            ReleaseError: A task failed as often as Spark lets it, or the last of its executors did not see a part.
        """
        from py4j.protocol import Py4JError

        job = rows.mapPartitionsWithIndex(partial(_told, task))
        with self._shown(stage, rows.getNumPartitions()):
            try:
                results = job.collect()
            except Py4JError as error:
                raise ReleaseError(
                    f"the stage “{stage}” failed on {self.master}: {_cause(error)}. The old edition stays; see the"
                    " executors' logs, mend the cause, and publish again"
                ) from error
        for result in results:
            if isinstance(result, TriplepressError):
                raise result
        return results

    @contextmanager
    def _shown(self, stage: str, total: int) -> Iterator[None]:
        """Tell how many tasks are done while they are."""
        if self._progress is None:
            yield
            return
        done = threading.Event()
        progress = self._progress

        def look() -> None:
            tracker = self._context.statusTracker()
            while not done.wait(_LOOK_SECONDS):
                with suppress(Exception):  # the context ends, or Spark forgets a stage: nothing to show then
                    for number in tracker.getActiveStageIds():
                        found = tracker.getStageInfo(number)
                        if found is not None:
                            progress(stage, found.numCompletedTasks, found.numTasks)

        thread = threading.Thread(target=look, name="progress", daemon=True)
        progress(stage, 0, total)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _told(task: Callable[[int, Iterator[Any]], Any], number: int, rows: Iterator[Any]) -> Iterable[Any]:
    """Yield what a task came to; an error that would come again is a result, so that Spark does not try it again."""
    try:
        result = task(number, rows)
    except PartError:  # another executor may see it
        raise
    except TriplepressError as error:
        result = _picklable(error)
    for _ in rows:  # a worker with rows left is ended, and another has to be started
        pass
    yield result


def _picklable(error: TriplepressError) -> TriplepressError:
    """Return an error as it is, or one with its words where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made in the line before
    except Exception:  # noqa: BLE001 - whatever its fields are
        return ReleaseError(str(error))
    return error


def _cause(error: Exception) -> str:
    """Return the last line that says what went wrong in a task, out of a trace in Python within one in Java."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    named = [
        line for line in lines if ("Error" in line or "Exception" in line) and not line.startswith(("at ", "File"))
    ]
    python = [line for line in named if not line.startswith(("py4j", "org.", ":", "Caused by: org."))]
    return (python or named or lines or ["no reason was given"])[-1][:500]


@contextmanager
def connected(master: str, modules: Sequence[str], progress: Progress | None = None) -> Iterator[Cluster]:
    """Start an application on a cluster, and end it.

    Args:
        modules: Modules that the tasks need; each executor loads them once.
        master: `local[4]`, `spark://host:7077`, `yarn`, `k8s://…`; empty takes what `spark-submit` or
            `spark-defaults.conf` say, else `local[*]`.
        progress: See `Cluster`.

    Raises:
        ReleaseError: PySpark or Java is not there, or the cluster cannot be reached.
    """
    try:
        import pyspark
        from pyspark import SparkConf, SparkContext
        from pyspark.errors import PySparkException
    except ImportError as error:
        raise ReleaseError("PySpark is not installed; pip install 'triplepress[spark]'") from error
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise ReleaseError(
            "Spark needs Java 17 and there is none: apt install openjdk-17-jre-headless, or set JAVA_HOME"
        )
    # The package from PyPI is a whole distribution; a cluster's own, named by SPARK_HOME, comes first.
    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    if not master or master.startswith("local"):  # the Python that has triplepress; elsewhere the cluster says which
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    configuration = SparkConf().setAppName("triplepress publish")
    for name, value in _DEFAULTS.items():
        configuration.setIfMissing(name, value)
    configuration.setIfMissing("spark.python.daemon.module", daemon.__name__)
    configuration.setExecutorEnv(daemon.MODULES, ",".join(modules))
    # One task a core works already; the validation engine would start a thread a core in each.
    configuration.setIfMissing("spark.executorEnv.RAYON_NUM_THREADS", "1")
    if master:
        configuration.setMaster(master)
    else:
        configuration.setIfMissing("spark.master", "local[*]")
    if SparkContext._active_spark_context is not None:
        raise ReleaseError("this process runs a Spark application already; end it, or publish from another process")
    try:
        context = SparkContext(conf=configuration)
    except (PySparkException, OSError, ValueError) as error:
        raise _unreachable(master, error) from error
    except Exception as error:  # py4j's own, which has no common root with PySpark's
        if not type(error).__module__.startswith("py4j"):
            raise
        raise _unreachable(master, error) from error
    try:
        yield Cluster(context, progress)
    finally:
        context.stop()


def _unreachable(master: str, error: Exception) -> ReleaseError:
    return ReleaseError(f"Spark cannot be started on {master or 'the default master'}: {_cause(error)}; check --master")
