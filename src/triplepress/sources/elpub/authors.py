"""The section about the authors: names, affiliations, countries and ORCID iDs; the rest is nobody's business here.

Biographies, postal addresses, telephone numbers and e-mail addresses are left where they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from triplepress.errors import RecordError
from triplepress.identifiers import parse_orcid
from triplepress.rdf.shaping.countries import country_iri
from triplepress.record import Affiliation, Contributor, RecordWarning
from triplepress.sources.elpub.language import tag
from triplepress.sources.elpub.names import CitedName, given_and_family, is_the_same, looks_like_name
from triplepress.sources.elpub.page import Line, Part

_ORCID: Final = re.compile(
    r"(?:orcid(?:\.org/|\s*id|\s*:)?[\s:/]*)(?:https?://orcid\.org/)?"
    r"(?P<orcid>[0-9]{4}-?[0-9]{4}-?[0-9]{4}-?[0-9]{3}[0-9xX])(?![0-9])",
    re.IGNORECASE,
)
# What marks a line as an address or another identifier, so not as an affiliation.
_PRIVATE: Final = re.compile(
    r"@|(?<![0-9])[0-9]{5,6}(?![0-9])|\b(?:tel|phone|fax|e-?mail|orcid|spin|scopus|researcher|author\s?id|wos)\b|"
    r"\b(?:тел|факс|почта|эл\.|spin-код)(?![а-я])|https?://|\b(?:str|street|st\.|bld|ul|ave|prospekt)\.?(?=[\s,])|"
    r"(?<![а-яё])(?:ул|просп|пр-т|пер|наб|д)\.",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Block:
    """One author's lines: the name, the lines right below it, and all that follows up to the next author."""

    lines: list[Line]
    more: list[Line] = field(default_factory=list)
    cited: CitedName | None = None


def read_authors(
    parts: list[Part], cited: list[CitedName], *, whole: bool, interface: str | None
) -> tuple[list[Contributor], list[RecordWarning]]:
    """Return the authors, in the page's order.

    Args:
        parts: The sections about the authors, the page's own language first; the first that is not empty is read.
        cited: The authors of the citation line, by which names are told from other lines.
        whole: Whether these are all.
        interface: `en` or `ru`.

    Returns:
        Contributors and what a reader should know about them. Authors that only the citation line names have their
        names as printed there.
    """
    warnings: list[RecordWarning] = []
    part = next((part for part in parts if part.paragraphs()), None)
    blocks = _blocks(part, cited, whole=whole) if part else []
    contributors = [_contributor(block, number, interface, warnings) for number, block in enumerate(blocks, 1)]
    missing = [author for author in cited if all(block.cited is not author for block in blocks)]
    if missing and blocks and len(blocks) >= len(cited):
        missing = []  # as many authors as cited, only spelt otherwise
    if missing and blocks:
        names = ", ".join(author.printed for author in missing)
        message = f"named in the citation line only, not in the section about the authors: {names}"
        warnings.append(RecordWarning(field="contributors", message=message))
    for author in missing:
        contributors.append(
            Contributor(
                name=author.printed,
                given=author.initials,
                family=author.family,
                position=len(contributors) + 1,
                lang=tag(author.family, interface),
            )
        )
    return contributors, warnings


def _blocks(part: Part, cited: list[CitedName], *, whole: bool) -> list[_Block]:
    """Return the authors' blocks: those whose name the citation line confirms, if it confirms all of its own."""
    paragraphs = _spaced_paragraphs(part)
    starts: list[tuple[int, CitedName | None]] = []
    left = list(cited)
    for at, (gap, lines) in enumerate(paragraphs):
        name = lines[0].text
        author = next((each for each in left if is_the_same(name, each)), None)
        if author and (at == 0 or gap > 1 or len(lines) > 1 or not _may_be_biography(paragraphs, at)):
            starts.append((at, author))
            left.remove(author)
        elif at == 0 or (looks_like_name(name) and (_ends_in_country(lines) or (gap > 1 and len(lines) > 1))):
            starts.append((at, None))
    if whole and cited and not left:
        starts = [(at, author) for at, author in starts if author]
    ends = [at for at, _ in starts[1:]] + [len(paragraphs)]
    return [
        _Block(paragraphs[at][1], [line for _, lines in paragraphs[at + 1 : end] for line in lines], author)
        for (at, author), end in zip(starts, ends, strict=True)
    ]


def _may_be_biography(paragraphs: list[tuple[int, list[Line]]], at: int) -> bool:
    """Tell whether a lone line with an author's name is rather the start of the biography of the block above."""
    return at + 1 < len(paragraphs) and paragraphs[at][0] <= 1 and len(paragraphs[at - 1][1]) > 1


def _spaced_paragraphs(part: Part) -> list[tuple[int, list[Line]]]:
    """Return each paragraph with the number of blank lines before it."""
    found: list[tuple[int, list[Line]]] = []
    gap = 0
    fresh = True
    for line in part.lines:
        if not line.text:
            gap += 1
            fresh = True
        elif fresh:
            found.append((gap, [line]))
            gap, fresh = 0, False
        else:
            found[-1][1].append(line)
    return found


def _is_country(text: str) -> bool:
    """Tell whether a line is the name of a country, or several with semicolons; a two-letter code is none here."""
    names = [name.strip() for name in text.split(";")]
    return all(len(name) > 2 and country_iri(name) is not None for name in names if name) and any(names)


def _ends_in_country(lines: list[Line]) -> bool:
    return len(lines) > 1 and _is_country(lines[-1].text)


def _contributor(block: _Block, position: int, interface: str | None, warnings: list[RecordWarning]) -> Contributor:
    """Return one author."""
    name = block.lines[0].text.strip(" ,;")
    given, family = given_and_family(name, block.cited)
    orcid = _orcid(block, position, warnings)
    return Contributor(
        name=name,
        given=given,
        family=family,
        position=position,
        lang=tag(family or name, interface),
        orcid=orcid,
        affiliations=_affiliations(block.lines[1:], interface),
    )


def _affiliations(lines: list[Line], interface: str | None) -> list[Affiliation]:
    """Return the affiliations in the lines below a name; the last line may be the country of all."""
    texts = [line.text for line in lines]
    countries: list[str] = []
    if texts and _is_country(texts[-1]):
        countries = [name.strip() for name in texts.pop().split(";") if name.strip()]
    names: list[str] = []
    for text in texts:
        if names and text[0].islower():
            names[-1] = f"{names[-1]} {text}"  # the line before was only wrapped
        else:
            names.append(text)
    names = [piece.strip(" ,") for name in names for piece in name.split(";")]
    names = [name for name in names if name and not _PRIVATE.search(name)]
    if len(countries) == len(names):
        of_each: list[str | None] = [*countries]
    else:
        of_each = [countries[0] if len(set(countries)) == 1 else None] * len(names)
    return [
        Affiliation(name=name, lang=tag(name, interface), country=country)
        for name, country in zip(names, of_each, strict=True)
    ]


def _orcid(block: _Block, position: int, warnings: list[RecordWarning]) -> str | None:
    """Return the one ORCID iD that an author's lines state, bare; none if it is wrong or there are several."""
    printed = {match["orcid"] for line in block.lines + block.more for match in _ORCID.finditer(line.text)}
    found: set[str] = set()
    for text in sorted(printed):
        try:
            found.add(parse_orcid(text).removeprefix("https://orcid.org/"))
        except RecordError as error:
            warnings.append(RecordWarning(field=f"contributors[{position}].orcid", message=str(error)))
    if len(found) > 1:
        message = f"{len(found)} ORCID iDs stand beside one name; none is taken"
        warnings.append(RecordWarning(field=f"contributors[{position}].orcid", message=message))
    return found.pop() if len(found) == 1 else None
