"""Runs Morph-KGC and prints its triples and its CPU seconds; runs in the peer's own environment."""

from __future__ import annotations

import json
import sys
import time

import morph_kgc  # type: ignore[import-not-found]

if __name__ == "__main__":
    began = time.process_time()
    triples = morph_kgc.materialize_set(sys.argv[1])
    print(json.dumps({"triples": len(triples), "seconds": time.process_time() - began}))
