"""Stock rdflib-endpoint over rdflib's own store, as its documentation sets it up. Arguments: port, N-Triples file."""

import sys

import rdflib
import uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint

# Normalised, a negative duration with years and days would stop the reading: rdflib cannot write it.
rdflib.NORMALIZE_LITERALS = False
graph = Graph().parse(sys.argv[2], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[1]), log_level="error", access_log=False)
