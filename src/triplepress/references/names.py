"""The author line: where it ends, and whose names it holds."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from triplepress.references.abbreviations import is_abbreviated
from triplepress.references.characters import APOSTROPHES, HYPHENS, LOWER, UPPER
from triplepress.references.locate import MONTH, YEAR
from triplepress.references.parsed import ParsedAuthor

_U, _L, _A, _H = UPPER, LOWER, APOSTROPHES, HYPHENS
_PARTICLE: Final = (
    r"(?:(?:[Dd]e(?:\s(?:la|las|los|le|l['’]))?|[Dd]a|[Dd]os?|[Dd]as|[Dd]el(?:la|le)?|[Dd]i|[Dd]u|[Vv]an(?:\s?(?:der"
    r"|den|de|'t|het))?|[Vv]on(?:\s?(?:der|dem|den))?|vom|zu[mr]?|[Dd]en|[Tt]en|[Tt]er|[Ll]a|[Ll]e|[Ee]l"
    r"|[Aa]l|bin|ibn|[Aa]f|[Uu]it|[Hh]et|фон|ван|де|ди|St\.|DE|DA|DO|DOS|DAS|DEL|DI|DU|VAN|VON|LA|LE)\s)"
)
_WORD: Final = rf"(?:[dDlLO][’']\s?)?+[{_U}][{_U}{_L}{_A}]++(?:[{_H}][{_U}{_L}{_A}]++)*+"
_FAMILY: Final = rf"{_PARTICLE}{{0,2}}{_WORD}(?:[ ](?:{_PARTICLE})?{_WORD}){{0,2}}?"
# Possessive throughout: two optional blanks around a hyphen would make "A. A. A. …" exponential.
_DOTTED: Final = (
    rf"[{_U}][{_L}]{{0,2}}\.(?:[ ]?+(?:[{_H}][ ]?+)?+[{_U}{_L}][{_L}]?+\.){{0,8}}+"
    rf"(?:[ ]?[{_H}]?[{_U}](?=[,;]|[ ]?[&]))?"
)
_BARE: Final = rf"(?:Shch|Dzh|Sh|Ch|Zh|Yu|Ya|Kh|Ts|Ye|Yo|Th|[{_U}]){{1,6}}(?:[{_H} ][{_U}]{{1,2}})?(?![{_L}{_U}{_A}])"
_SUFFIX: Final = (
    r"(?P<suffix>,\s?(?:Jr|JR|Sr|III?|IV|[23](?:nd|rd)|2d)\b\.?|\s(?:Jr|JR|Sr|Júnior|JÚNIOR|Junior|Filho|FILHO|Neto"
    r"|NETO|III?|IV|[23](?:nd|rd)|2d)\b\.?)"
)
_STOP: Final = rf"(?=\s*(?:[,;.:&(/]|$|[–—]|and\b|et\b|и\b|e\b|y\b|und\b|{YEAR}|\[))"
_PARTICLE_AFTER: Final = r"(?:\s(?:de|da|do|dos|das|di|du|del|van|von|van der|van den|de la|DE|DA|DOS?)(?=[,;.]))?"

# Such as "Smith, J. A."  "Smith J.A."  "Smith JA"  "SMITH, J. A. de"  "Иванов И. И."
_FAMILY_FIRST: Final = re.compile(
    rf"(?P<family>{_FAMILY}){_SUFFIX}?(?:,[ ]?|[ ])(?P<given>{_DOTTED}{_PARTICLE_AFTER}"
    rf"|{_BARE}{_PARTICLE_AFTER}{_STOP})(?:{_SUFFIX.replace('suffix', 'suffix2')}(?=[\s,;.:&(]))?"
)
# Such as "J. A. Smith"  "J.A. van der Smith"  "И. И. Иванов"
_INITIALS_FIRST: Final = re.compile(
    rf"(?P<given>{_DOTTED})\s?(?P<family>{_PARTICLE}{{0,2}}{_WORD}(?:[ ](?:{_PARTICLE})?{_WORD}){{0,2}}?)(?:{_SUFFIX}"
    rf"(?=[\s,;.:&(]))?{_STOP}"
)
# Such as "JA Smith": only in a list that began so
_BARE_FIRST: Final = re.compile(rf"(?P<given>[{_U}]{{1,3}})\s(?P<family>{_PARTICLE}{{0,2}}{_WORD}){_STOP}")
# Such as "ARAÚJO, Ana Cristina"  "Smith, John B."
_FULL: Final = re.compile(
    rf"(?P<family>{_FAMILY}),[ ](?P<given>[{_U}][{_L}{_A}]+(?:[{_H}][{_U}]?[{_L}]+)?(?:[ ](?:(?:de|da|do|dos|das|del"
    rf"|di|e|y)\s)?(?:[{_U}][{_L}{_A}]+(?:[{_H}][{_U}][{_L}]+)?|[{_U}]\.)){{0,3}}{_PARTICLE_AFTER})"
    rf"(?=[.;]|,\s(?:and|&|et|e|y|и)\s|,\s[{_U}][{_L}]+\s[{_U}]|\s(?:and|&|et|e|y|и)\s|\s?\(|,?\s(?:ed|eds)\b"
    rf"|,?\s{YEAR})"
)
# Such as "Jane B. Doe": after the first name of a list in full
_GIVEN_FULL: Final = re.compile(
    rf"(?P<given>[{_U}][{_L}{_A}]+(?:[{_H}][{_U}]?[{_L}]+)?(?:[ ](?:[{_U}][{_L}]+|[{_U}]\.))*)[ ]"
    rf"(?P<family>{_PARTICLE}{{0,2}}{_WORD})(?=[.;:]|,?\s(?:and|&|et|e|y|и)\s|,|\s?\()"
)
# Such as "LounevVY"  "PoppT.J.": a list whose blanks were lost
_GLUED: Final = re.compile(
    rf"(?P<family>(?:Mc|Mac|De|Di|La|Le|O[’'])?[{_U}][{_L}{_A}]+(?:[ {_H}][{_U}][{_L}]+)?)(?P<given>(?:[{_U}]\.-?)+"
    rf"(?=[,;]|\s|$)|[{_U}]{{1,4}}(?=[,;.]|\s(?:and|&|et)\s|\s\())"
)

_BETWEEN: Final = re.compile(
    r"\s*(?:[,;/]\s*(?:&|and\b|et\b(?!\s+al)|und\b|e\b|y\b|и\b|with\b)?|&|and\b|et\b(?!\s+al)|und\b|e\b(?=\s)|y\b"
    r"(?=\s)|и\b|with\b)\s*"
)
_ET_AL: Final = re.compile(
    r"[\s,;&]*(?:and\s|&\s)?(?:(?:et\s*\.?\s?al{1,2}\b|et\sal(?=[.,;: ])|и\sдр\b|и\sсоавт\b|e\scols?\b|y\scols?\b"
    r"|i\sdr\b|and\sothers\b|u\.\s?a\.)\.?|…|\.\.\.)",
    re.IGNORECASE,
)
_EDITORS: Final = re.compile(
    r"[\s,]*[\[(]?(?:hrsg|eds?|editors?|orgs?|coords?|сост|ред|отв\.\s?ред|под\sред|organizadore?s?|organizador|dir"
    r"|comp|trans|transl)\b\.?[\])]?\s*[.,:]?",
    re.IGNORECASE,
)
# Such as "VOLÓCHINOV, V. (Círculo de Bakhtin)."
_AFFIX: Final = re.compile(r"\s\([^()0-9]{2,40}\)(?=\.)")
DATE_AFTER: Final = re.compile(
    rf"[\s.,;:]*(?:[(\[]\s?(?:c|ca\.?\s?|©)?(?P<year>{YEAR})(?:[a-zа-г]\b|\s?[/–-]\s?[0-9]{{4}})?(?:[^"
    rf"()\[\]]{{0,30}})[)\]]|(?P<bare>{YEAR})[a-zа-г]?(?=[.,:;]|\s[{_U}“\"«‘])(?![;:,]\s?[0-9]))\s*[.,:;]*\s*"
)
_COLLECTIVE_DATE: Final = re.compile(
    rf"(?P<name>[{_U}][^()\[\]“”\"«»]{{1,150}}?(?:\([^()]{{2,40}}\))?)[.,]?\s*[(\[](?P<year>{YEAR})[a-zа-г]?(?:,\s[^"
    rf"()]{{1,30}})?[)\]]\s*[.,:;]*\s*"
)
_COLLECTIVE_BARE_DATE: Final = re.compile(
    rf"(?P<name>[{_U}][^()\[\]“”\"«»0-9]{{2,100}}?(?:\([^()]{{2,60}}\))?)[.,]\s(?P<year>{YEAR})[a-z]?[.:]\s+(?=[{_U}])"
)
_SENTENCE: Final = re.compile(r"[^.:“”\"«»]{3,120}+[.:]\s")
_ORGANISATION_WORDS: Final = re.compile(
    r"organi[sz]a[tçc][ií]?[oã]|ministr|ministér|ministèr|ministery|department|departament|universi|institut|associa"
    r"|committee|commission|comissão|council|conselho|agency|agência|bureau|foundation"
    r"|fundação|society|sociedade|centers? for|centre|collaborat|consort|group\b|bank\b|federation|union\b|academy"
    r"|office\b|service\b|secretaria|federal|national|nations|brasil\b|brazil\b"
    r"|министерств|организац|росси|комитет|институт|университет|федера|агентств|союз|академи|банк|служб|\bUNESCO\b"
    r"|\bWHO\b|\bOECD\b|\bFAO\b|\bUNICEF\b|\bICES\b|team\b|investigators|unido|estados",
    re.IGNORECASE,
)
_RESPONSIBILITY: Final = re.compile(r"\s/\s(?!/)")
_NAME_END: Final = re.compile(r"[\s.,;:]*")
_COMPILER: Final = re.compile(
    rf"[\s,;]*(?:for the [^.()]{{5,80}}|on behalf of[^.()]{{5,80}}|; [{_U}][^.();,]{{8,90}}(?:Group|Investigators"
    rf"|Consortium|Committee|Society|Network|Team|Collaborators)\b[^.();,]{{0,40}})"
)
_DATE_WORD: Final = re.compile(MONTH, re.IGNORECASE)


class AuthorLine(NamedTuple):
    """The names, where the text after them starts, the date right after them, and the mark that ended the list."""

    authors: tuple[ParsedAuthor, ...]
    et_al: bool
    end: int
    year: str | None
    mark: str


def author_line(text: str) -> AuthorLine:
    """Return the author line at the start of a reference (no authors and `end` 0 where there is none)."""
    names, end, et_al = names_at(text, 0)
    if names:
        collective = _COMPILER.match(text, end)
        if collective:
            name = collective.group().strip(" ,;")
            names.append(ParsedAuthor(family=name))
            end = collective.end()
        affix = _AFFIX.match(text, end)
        if affix:
            end = affix.end()
        editors = _EDITORS.match(text, end)
        if editors and editors.end() > end:
            end = editors.end()
        return _dated(text, tuple(names), et_al, end)
    date = DATE_AFTER.match(text) if text[:1].isdigit() or text[:1] == "(" else None
    if date:
        return AuthorLine((), False, date.end(), date["year"] or date["bare"], ")")
    match = _COLLECTIVE_DATE.match(text)
    if match and _plausible_collective(match["name"]):
        return AuthorLine((ParsedAuthor(family=match["name"].strip(" .,")),), False, match.end(), match["year"], ")")
    match = _COLLECTIVE_BARE_DATE.match(text)
    if match and _plausible_collective(match["name"]):
        return AuthorLine((ParsedAuthor(family=match["name"].strip(" .,")),), False, match.end(), match["year"], ".")
    match = _SENTENCE.match(text)
    if match and len(text) - match.end() > 15 and _names_organisation(match.group()):
        return _dated(text, (ParsedAuthor(family=match.group().strip(" .:")),), False, match.end() - 1)
    return AuthorLine((), False, 0, None, "")


def _dated(text: str, authors: tuple[ParsedAuthor, ...], et_al: bool, end: int) -> AuthorLine:
    """Return the author line with the date that follows it."""
    date = DATE_AFTER.match(text, end)
    if date:
        return AuthorLine(authors, et_al, date.end(), date["year"] or date["bare"], ")")
    tail = _NAME_END.match(text, end)
    stop = tail.end() if tail else end
    mark = text[end:stop].strip()[-1:]
    return AuthorLine(authors, et_al, stop, None, mark)


def _plausible_collective(name: str) -> bool:
    """Tell whether what stands before a date is a name, not a title: few words, or a word for an organisation."""
    return len(name.split()) <= 5 or bool(_ORGANISATION_WORDS.search(name))


def _names_organisation(text: str) -> bool:
    """Tell whether a sentence is the name of an organisation: a word for one, and all words capitalised."""
    return bool(_ORGANISATION_WORDS.search(text)) and _all_capitalised(text)


def _all_capitalised(text: str) -> bool:
    """Tell whether all words but connecting ones begin with a capital, as in the name of an organisation."""
    return all(word[:1] in "(&/–-" or not word[:1].islower() or word in _CONNECTING for word in text.split())


_CONNECTING: Final = frozenset(
    [
        "of",
        "the",
        "for",
        "and",
        "on",
        "in",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "e",
        "y",
        "la",
        "las",
        "del",
        "et",
        "des",
        "и",
        "по",
        "на",
        "für",
        "der",
        "die",
        "und",
        "di",
        "della",
    ]
)


def names_at(text: str, start: int) -> tuple[list[ParsedAuthor], int, bool]:
    """Return the names of a list that begins at `start`, where it ends, and whether it says "et al."."""
    authors: list[ParsedAuthor] = []
    at = start
    et_al = False
    kinds: tuple[re.Pattern[str], ...] = _FIRST
    while True:
        match = None
        for kind in kinds:
            match = kind.match(text, at)
            if match and not (kind is _INITIALS_FIRST and _begins_periodical(text, match)):
                break
            match = None
        if match is None:
            break
        if not authors:
            kinds = _NEXT[match.re]
        authors.append(_author(match))
        end = match.end()
        more = _ET_AL.match(text, end)
        if more:
            return authors, more.end(), True
        between = _BETWEEN.match(text, end)
        at = end
        if not between:
            return authors, end, et_al
        at = between.end()
    if not authors:
        return authors, start, False
    return authors, end, et_al


def _begins_periodical(text: str, match: re.Match[str]) -> bool:
    """Tell whether "J. Organomet" is the beginning of "J. Organomet. Chem."."""
    return text[match.end() : match.end() + 1] == "." and is_abbreviated(match["family"].rsplit(None, 1)[-1])


def _author(match: re.Match[str]) -> ParsedAuthor:
    """Return the name in a match, the suffix with the given names."""
    groups = match.groupdict()
    given = groups["given"].strip(" ,")
    suffix = groups.get("suffix") or groups.get("suffix2")
    if suffix:
        given = f"{given} {suffix.strip(' ,.')}"
    return ParsedAuthor(family=groups["family"].strip(), given=given)


_FIRST: Final = (_FAMILY_FIRST, _INITIALS_FIRST, _FULL, _GLUED)
_NEXT: Final = {
    _FAMILY_FIRST: (_FAMILY_FIRST, _INITIALS_FIRST, _FULL),
    _INITIALS_FIRST: (_INITIALS_FIRST,),
    _FULL: (_FULL, _FAMILY_FIRST, _GIVEN_FULL),
    _GLUED: (_GLUED, _FAMILY_FIRST),
}


def responsibility(text: str) -> tuple[int, list[ParsedAuthor], bool]:
    """Return where the statement of responsibility (" / И. И. Иванов") starts, its names, and whether it says "et al.".

    The start is -1 where there is none.

    References:
        ГОСТ Р 7.0.100-2018, section 5.2.6.
    """
    match = _RESPONSIBILITY.search(text)
    if not match:
        return -1, [], False
    names, _, et_al = names_at(text, match.end())
    return match.start(), names, et_al
