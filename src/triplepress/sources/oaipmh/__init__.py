"""OAI-PMH: responses that were saved, and the harvester that saves them.

`response` reads one saved response record by record, `payloads` knows which reader takes which metadata format, and the
readers of formats that come in no other dress stand beside it. `harvest` asks a repository for all its records, page by
page, `endpoint` sends the single request, and `state` is what a harvest knows when it goes on after an interruption.

References:
    The Open Archives Initiative Protocol for Metadata Harvesting, version 2.0.
"""

from triplepress.sources.oaipmh.response import KIND, is_oaipmh, read_oaipmh

__all__ = ["KIND", "is_oaipmh", "read_oaipmh"]
