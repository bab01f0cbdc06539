"""Text as gzip members: equal text gives equal bytes, on every processor.

libdeflate takes half of zlib's time. It keeps no state between calls, and one version of it gives the same bytes
wherever it runs; faster libraries choose their hash functions by processor. Another version may give other bytes: then
dumps of equal content differ, and say the same.

References:
    RFC 1952, sections 2.2 (a file is a series of members) and 2.3 (the header of a member).
"""

from __future__ import annotations

import zlib
from typing import Final

import deflate

_LEVEL: Final = 6
_GZIP: Final = 31  # zlib's window bits for a gzip member


def gzip_member(text: bytes) -> bytes:
    """Return a text as one complete gzip member, with neither time nor name in its header.

    Args:
        text: Of any length, also empty.
    """
    return bytes(deflate.gzip_compress(text, _LEVEL))


def gunzip(members: bytes) -> bytes:
    """Return the text of a series of gzip members.

    Args:
        members: One or several, whoever wrote them.

    Raises:
        ValueError: They are damaged, cut short, or followed by something else.
    """
    texts: list[bytes] = []
    while members:
        decompressor = zlib.decompressobj(_GZIP)
        try:
            texts.append(decompressor.decompress(members))
        except zlib.error as error:
            raise ValueError(f"not a gzip member: {error}") from error
        if not decompressor.eof:
            raise ValueError("the gzip member is cut short")
        members = decompressor.unused_data
    return b"".join(texts)
