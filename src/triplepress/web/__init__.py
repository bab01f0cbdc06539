"""The edition on the web: pages, data behind every IRI, dumps and the SPARQL endpoint."""
