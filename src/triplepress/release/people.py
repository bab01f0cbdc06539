"""The same people in two versions of one article: when their names agree, and what the one version adds to the other.

Two versions of one article list the same authors, so a name in the same place is compared with one other name only, and
the comparison may be generous: initials for given names, another script, another romanisation. Where a name does not
agree nothing is taken over: a wrong iD is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from triplepress.record import Affiliation, Contributor, OrganisationName, OtherName

_WORD: Final = re.compile(r"[^\W\d_]+")
_CYRILLIC: Final = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфхэыі", "abvgdeziiklmnoprstufheyi", strict=True)),
        **{"ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya"},
        **{"ь": "", "ъ": "", "є": "e", "ї": "i", "ґ": "g", "ў": "u", "’": "", "'": "", "ʹ": "", "ʼ": ""},
    }
)
# What one Russian sound is written as in Latin letters, and what stands for it here; the longer spellings first.
_SPELLINGS: Final = (
    *(("shch", "s"), ("sch", "s"), ("sh", "s"), ("zh", "z"), ("kh", "h"), ("tch", "q"), ("ch", "q"), ("tz", "q")),
    *(("ts", "q"), ("ph", "f"), ("ck", "k"), ("iyu", "u"), ("iya", "a"), ("ija", "a"), ("yu", "u"), ("iu", "u")),
    *(("ju", "u"), ("ya", "a"), ("ia", "a"), ("ja", "a"), ("yo", "e"), ("jo", "e"), ("io", "e"), ("ye", "e")),
    *(("je", "e"), ("ie", "e"), ("x", "ks"), ("w", "v"), ("c", "k"), ("y", "i"), ("j", "i")),
)
_SPELLING: Final = re.compile("|".join(spelling for spelling, _ in _SPELLINGS))
_SOUNDS: Final = dict(_SPELLINGS)
_DOUBLED: Final = re.compile(r"(.)\1+")


def script_of(text: str) -> str:
    """Return the script of a name, as Unicode names it, by its first letter; an empty text has none.

    Example:
        >>> script_of("С. С. Жильцов"), script_of("Zhiltsov S.S."), script_of("李")
        ('CYRILLIC', 'LATIN', 'CJK')
    """
    letter = next((character for character in text if character.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0] if letter else ""


def names_agree(one: str, other: str) -> bool:
    """Tell whether two names in the same place of two author lines are of one person.

    Every word of the shorter name must stand in the longer one, as it is or as its initial, and at least one word must
    be the same in full. Latin and Cyrillic letters are compared by sound.

    Example:
        >>> names_agree("ZHILTSOV S. S.", "Sergey S. Zhiltsov"), names_agree("С. С. Жильцов", "Zhil'tsov S.S.")
        (True, True)
        >>> names_agree("Jane Smith", "John Smith"), names_agree("J. Smith", "J. Smits")
        (False, False)
    """
    scripts = {script_of(one), script_of(other)}
    if len(scripts) > 1 and scripts != {"LATIN", "CYRILLIC"}:
        return False
    heard = len(scripts) > 1
    words, others = list(_words(one, heard=heard)), list(_words(other, heard=heard))
    shared = [word for word in dict.fromkeys(words) if word in others]
    for word in shared:
        words.remove(word)
        others.remove(word)
    for word in list(words):
        initial = next((each for each in others if word[0] == each[0] and 1 in (len(word), len(each))), None)
        if initial is not None:
            words.remove(word)
            others.remove(initial)
    return any(len(word) > 1 for word in shared) and not (words and others)


def _words(name: str, *, heard: bool) -> Iterator[str]:
    """Yield the words of a name without case and diacritics; `heard` by their sound, so that spellings compare."""
    text = unicodedata.normalize("NFKD", name.casefold().translate(_CYRILLIC) if heard else name.casefold())
    for word in _WORD.findall("".join(c for c in text if not unicodedata.combining(c))):
        if not heard:
            yield word
            continue
        sound = _DOUBLED.sub(r"\1", _SPELLING.sub(lambda match: _SOUNDS[match[0]], word))
        yield sound.rstrip("i") or sound


def united_people(base: Sequence[Contributor], others: Sequence[Contributor]) -> tuple[list[Contributor], list[str]]:
    """Return one version's contributors with what another version adds, and the paths of what was added.

    An ORCID iD and affiliations are added where there were none and the names in the same place agree; an iD that the
    other version gives to two people is nobody's. A name in another script is added only where both lists are as long
    and agree name by name from the first to the last; so is an affiliation's, where each of the two states just one.

    Args:
        base: The nearer version's contributors.
        others: Another version's.
    """
    pairs = [(place, person, _beside(base, others, place)) for place, person in enumerate(base)]
    whole = len(base) == len(others) and all(other is not None for _, _, other in pairs)
    places = _other_places(pairs) if whole else {}
    stated = Counter(person.orcid for person in others)
    refused = {person.orcid for person in base} | {orcid for orcid, times in stated.items() if times > 1} | {None}
    united: list[Contributor] = []
    paths: list[str] = []
    for place, person, other in pairs:
        path, fuller = f"contributors[{place}]", person
        if other is not None and person.orcid is None and other.orcid not in refused:
            fuller = replace(fuller, orcid=other.orcid)
            paths.append(f"{path}.orcid")
        if other is not None and not person.affiliations and other.affiliations:
            fuller = replace(fuller, affiliations=other.affiliations)
            paths.append(f"{path}.affiliations")
        elif places:
            affiliations = [places.get(_key(affiliation), affiliation) for affiliation in person.affiliations]
            for at, (old, new) in enumerate(zip(person.affiliations, affiliations, strict=True)):
                if old != new:
                    paths.append(f"{path}.affiliations[{at}].other_names[{len(old.other_names)}]")
            fuller = replace(fuller, affiliations=affiliations)
        for form in _other_forms(person, other) if whole and other is not None else ():
            paths.append(f"{path}.other_names[{len(fuller.other_names)}]")
            fuller = replace(fuller, other_names=[*fuller.other_names, form])
        united.append(fuller)
    return united, paths


def _beside(base: Sequence[Contributor], others: Sequence[Contributor], place: int) -> Contributor | None:
    """Return the other version's contributor in a place, if it is the same one."""
    if place >= len(others):
        return None
    person, other = base[place], others[place]
    if person.role != other.role or person.organisation != other.organisation:
        return None
    forms = [person.name, *(form.name for form in person.other_names)]
    if any(names_agree(form, name) for form in forms for name in (other.name, *(n.name for n in other.other_names))):
        return other
    return None


def _other_forms(person: Contributor, other: Contributor) -> Iterator[OtherName]:
    """Yield the forms of a name in scripts that the nearer version does not have."""
    scripts = {script_of(name) for name in (person.name, *(form.name for form in person.other_names))}
    forms = [
        OtherName(name=other.name, given=other.given, family=other.family, lang=other.lang),
        *other.other_names,
    ]
    for form in forms:
        if script_of(form.name) not in scripts:
            scripts.add(script_of(form.name))
            yield form


def _key(affiliation: Affiliation) -> tuple[str, str | None, str | None]:
    return affiliation.name, affiliation.country, affiliation.ror


def _other_places(
    pairs: Sequence[tuple[int, Contributor, Contributor | None]],
) -> dict[tuple[str, str | None, str | None], Affiliation]:
    """Return affiliations with their names in another script, where every author of one says the same."""
    found: dict[tuple[str, str | None, str | None], set[tuple[str, str | None]]] = {}
    stated: dict[tuple[str, str | None, str | None], Affiliation] = {}
    for _, person, other in pairs:
        if other is None or len(person.affiliations) != 1 or len(other.affiliations) != 1:
            continue
        own, theirs = person.affiliations[0], other.affiliations[0]
        scripts = {script_of(name) for name in (own.name, *(each.name for each in own.other_names))}
        if script_of(theirs.name) not in scripts:
            found.setdefault(_key(own), set()).add((theirs.name, theirs.lang))
            stated[_key(own)] = own
    united = {}
    for key, names in found.items():
        if len(names) == 1:
            name, lang = names.copy().pop()
            own = stated[key]
            united[key] = replace(own, other_names=[*own.other_names, OrganisationName(name=name, lang=lang)])
    return united
