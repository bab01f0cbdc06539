"""DOIs that hide in the text of references: found in real ones, and in real DOIs hidden in every way seen."""

from __future__ import annotations

import csv
import html
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from benchmarks.reference_corpora.corpora import crossref_works, jats_references, printed_text
from triplepress.errors import RecordError
from triplepress.identifiers import normalise_doi

_LOOKS_LIKE_ONE = re.compile(r"10\s?\.\s?[0-9]{4,9}\s?/")


def printed_references(shared: Path) -> Iterator[tuple[str, str, str | None]]:
    """Yield (key, printed text, DOI that the source states beside it or None) of every reference that has a text."""
    for work in crossref_works(shared):
        for reference in work.get("reference") or []:
            if reference.get("unstructured"):
                yield f"{work['DOI']}#{reference.get('key')}", reference["unstructured"], reference.get("DOI")
    for key, ref in jats_references(shared / "data/jats"):
        for number, citation in enumerate(ref.iter("mixed-citation")):
            yield f"{key}/{number}", printed_text(citation), None


def looks_like_one(text: str) -> bool:
    """Tell whether a text holds the beginning of a DOI, blanks and escapes or not; the parser has no part in it."""
    return bool(_LOOKS_LIKE_ONE.search(unquote(html.unescape(text))))


def holds(text: str, doi: str) -> bool:
    """Tell whether a text holds a DOI once entities, percent-escapes and blanks are out of the way."""
    return doi.lower() in re.sub(r"\s", "", unquote(html.unescape(text))).lower()


def verdicts(folder: Path) -> list[dict[str, str]]:
    """Return the list of DOIs that were drawn at random and read by eye."""
    with (folder / "doi_verdicts.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


# Each way of hiding that the corpora show, as text around a DOI.
HIDINGS: dict[str, Callable[[str], str]] = {
    "doi: …, full stop": lambda doi: f"Smith J. A title. J Res. 2019;14:31-44. doi: {doi}.",
    "DOI:… upper case": lambda doi: f"Smith J. A title. J Res. 2019;14:31-44. DOI:{doi.upper()}",
    "address": lambda doi: f"Smith J. A title. J Res. 2019;14:31-44. https://doi.org/{quote(doi, safe='/():;,.-_')}",
    "old address in <>": lambda doi: (
        f"Smith J. A title. Available: <http://dx.doi.org/{quote(doi, safe='/')}>. Accessed 3 May 2020."
    ),
    "entities": lambda doi: f"Smith J. A title. J Res. 2019;14:31-44. doi:{html.escape(doi)}.",
    "bracketed": lambda doi: f"Smith J. A title. J Res. (doi:{doi}) 2019.",
    "info:doi": lambda doi: f"Smith J. A title. info:doi/{doi}",
    "ГОСТ": lambda doi: f"Иванов И. И. Название // Журнал. – 2020. – Т. 5, № 3. – С. 12–20. – DOI {doi}.",
    "junk after": lambda doi: f"Smith J. A title. J Res. 2019;14:31-44. {doi} S0168-9525(04)00193-3",
}


def stated_dois(shared: Path, size: int) -> list[str]:
    """Return a random sample of the DOIs that Crossref's own DOI fields state, always the same one.

    DOIs that end in punctuation are left out: in running text nobody can tell theirs from the sentence's.
    """
    found = set()
    for work in crossref_works(shared):
        for reference in work.get("reference") or []:
            try:
                found.add(normalise_doi(str(reference.get("DOI") or "")))
            except RecordError:
                continue
    plain = sorted(doi for doi in found if doi[-1].isalnum())
    return random.Random(2026).sample(plain, min(size, len(plain)))  # noqa: S311 - a sample, no secret
