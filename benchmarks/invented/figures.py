"""The figures that the invented articles follow, and where each comes from.

Measured once over the 1,276 journal articles of a corpus of 1,475 distinct Crossref works of all years and publishers
(`../shared/data/crossref/works.jsonl`), with 33,376 references and 5,757 authors. Where a figure was set another way,
its line says why. Quantiles are those of 0, 5, 10, 25, 50, 75, 90, 95, 99 and 100 in a hundred; what lies between is
interpolated.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

_LEVELS: Final = (0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1)

# The lengths of what there is, as quantiles.
REFERENCES: Final = (1, 5, 9, 19, 32, 50, 72, 93, 174, 313)
AUTHORS: Final = (1, 1, 1, 2, 3, 5, 8, 9, 15, 60)  # the corpus has one article of 1,014 authors, left out here
TITLE_LETTERS: Final = (8, 20, 30, 57, 85, 114, 143, 159, 210, 330)
CITED_TITLE_LETTERS: Final = (8, 36, 45, 63, 85, 110, 136, 153, 187, 330)
ABSTRACT_LETTERS: Final = (40, 359, 551, 1010, 1346, 1882, 2708, 3343, 4521, 8458)
AFFILIATION_LETTERS: Final = (10, 23, 42, 70, 93, 117, 142, 166, 230, 339)
# The corpus has every year since 1837, half of them after 2014.
YEARS: Final = (1950, 1967, 1975, 2002, 2014, 2018, 2021, 2023, 2025, 2026)

# What share of articles has it at all.
WITH_REFERENCES: Final = 0.78  # 0.68 in the corpus; with this share an article has 30 on average
WITH_ABSTRACT: Final = 0.34
WITH_VOLUME: Final = 0.98
WITH_ISSUE: Final = 0.61
WITH_LANGUAGE: Final = 0.79
WITH_LICENCE: Final = 0.79
WITH_CC_LICENCE: Final = 0.4
WITH_PAGES: Final = 0.95
WITH_ARTICLE_NUMBER: Final = 0.09
WITH_MARKUP_IN_TITLE: Final = 0.046
WITH_FUNDER: Final = 0.38
DAY_KNOWN: Final = 0.49
MONTH_KNOWN: Final = 0.33

# Of journals, by the ISSNs that they state, and of those with titles in two languages: few in the corpus (0.3 % of its
# articles state an original title), many in the countries that publish in their own language and in English.
PRINT_ONLY, BOTH_ISSNS, ELECTRONIC_ONLY = 0.455, 0.364, 0.181
BILINGUAL_JOURNALS: Final = 0.25
IN_THEIR_OWN_LANGUAGE: Final = 0.4  # so a tenth of all titles are not ASCII, as in the corpus
LANGUAGES: Final = {"ru": 0.4, "es": 0.25, "pt": 0.2, "de": 0.15}
STATES_ORIGINAL_TITLE: Final = 0.02

# Of authors.
WITH_ORCID: Final = 0.124
WITH_AFFILIATION: Final = 0.37
SECOND_AFFILIATION: Final = 0.12
WITH_ROR: Final = 0.1  # of institutions; one of 2,653 in the corpus, whose authors are older than the registry

# Of references: whether they have a DOI (0.79 in the corpus; two thirds among the works that deposit lists at all), and
# in each class what else they say: fields, a text, both, or nothing more.
WITH_DOI: Final = 0.667
SAYS_WITH_DOI: Final = {"fields": 0.694, "nothing": 0.291, "text": 0.013, "both": 0.002}
SAYS_WITHOUT_DOI: Final = {"fields": 0.829, "nothing": 0.003, "text": 0.154, "both": 0.014}
DOI_BY_CROSSREF: Final = 0.56  # the others were stated by the publisher
FIELD_SHARES: Final = {
    "year": 0.994,
    "author": 0.923,
    "journal-title": 0.867,
    "volume": 0.853,
    "first-page": 0.85,
    "article-title": 0.779,
    "issue": 0.321,
}
# To works of the same workload, so that there are held works, citations between them, and works to match. In a sample
# of all works it is near nothing (18 of 26,384), in the whole of them nearly all.
TO_HELD: Final = 0.2
DESCRIBES_HELD: Final = 0.05  # of those without a DOI

# How uneven: a number drawn from 0 to 1, to this power, chooses among works in the order of how often they are cited.
HELD_SKEW: Final = 3
OUTSIDE_SKEW: Final = 2
OUTSIDE_WORKS_AN_ARTICLE: Final = 20
JOURNAL_SKEW: Final = 2
# How many of each there are for so many articles.
ARTICLES_A_JOURNAL: Final = 150
PERSONS_AN_ARTICLE: Final = 1.5
ARTICLES_AN_INSTITUTION: Final = 20


def drawn(chance: random.Random, quantiles: Sequence[float]) -> int:
    """Return a whole number that follows ten quantiles.

    Example:
        >>> drawn(random.Random(1), AUTHORS)
        1
    """
    level = chance.random()
    place = bisect_right(_LEVELS, level)
    low, high = quantiles[place - 1], quantiles[place]
    return round(low + (high - low) * (level - _LEVELS[place - 1]) / (_LEVELS[place] - _LEVELS[place - 1]))


def chosen(chance: random.Random, shares: dict[str, float]) -> str:
    """Return one of some names by their shares, which add up to one."""
    level = chance.random()
    for name, share in shares.items():
        level -= share
        if level < 0:
            return name
    return next(reversed(shares))
