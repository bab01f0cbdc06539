"""Whether `publish` stays flat: memory and time per article at ten times the articles.

    python -m benchmarks.table --only memory

Memory is the most that all processes of the command had at once, looked at twice a second, shared pages counted once
(PSS: `/proc/*/smaps_rollup`; pages of files that are mapped are in it). The same two runs give the time per article.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.editions import BuildError, edition
from benchmarks.rows import Row, Sizes

_MEMORY = "memory of publish, all processes"
_GROWTH = "growth of publish, time an article"
_FLAT, _MOST, _GROWN = 1.2, 1.5e9, 1.15


def rows(sizes: Sizes) -> Iterator[Row]:
    """Yield the row of memory and the row of growth."""
    flat = f"at most {_FLAT} ×, under {_MOST / 1e9:.1f} GB"
    grown = f"at most {_GROWN} ×"
    try:
        small, large = edition(sizes, sizes.small), edition(sizes, sizes.large)
    except BuildError as error:
        yield Row.left_out(_MEMORY, "itself", flat, str(error))
        yield Row.left_out(_GROWTH, "itself", grown, str(error))
        return
    peer = f"itself at {small.articles:,} articles"
    sized = f"{large.articles:,} articles, {large.triples:,} triples"
    ratio = large.peak / small.peak
    yield Row(
        what=_MEMORY,
        ours=f"{large.peak / 1e9:.2f} GB",
        peer_name=peer,
        peer=f"{small.peak / 1e9:.2f} GB",
        ratio=ratio,
        target=flat,
        met=None if sizes.quick else ratio <= _FLAT and large.peak < _MOST,
        note=f"{sized}; the most at once (PSS)" + ("; too few to judge by" if sizes.quick else ""),
    )
    times = [made.seconds / made.articles for made in (small, large)]
    ratio = times[1] / times[0]
    yield Row(
        what=_GROWTH,
        ours=f"{times[1] * 1e3:.2f} ms",
        peer_name=peer,
        peer=f"{times[0] * 1e3:.2f} ms",
        ratio=ratio,
        target=grown,
        met=None if sizes.quick else ratio <= _GROWN,
        note=f"{sized} in {large.seconds:,.0f} s ({large.articles / large.seconds:,.0f} articles/s)"
        + ("; too few to judge by" if sizes.quick else ""),
    )
