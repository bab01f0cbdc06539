"""What PySpark forks its workers from on an executor, with our modules loaded: so they are loaded once, not in each.

Spark starts it by the setting `spark.python.daemon.module`, in the place of its own, which it calls.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Final

# Names of the modules, with commas between.
MODULES: Final = "SPARK_PRELOADED_MODULES"

if __name__ == "__main__":
    for name in os.environ[MODULES].split(","):
        import_module(name)
    import_module("pyspark.daemon").manager()
