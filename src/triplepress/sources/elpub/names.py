"""Names of people: which part is the family name, as far as the page says."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

# Cyrillic letters that look like Latin ones stand in Latin initials (`M.В.`), and the other way round.
_LOOK_ALIKES: Final = str.maketrans("АВЕЁКМНОРСТУХІЅЈавеёкмнорстухіѕј", "ABEEKMHOPCTYXISJabeekmhopctyxisj")
_INITIAL: Final = r"(?:[^\W\d_]{1,2}\.)"
_INITIALS: Final = re.compile(rf"{_INITIAL}(?:\s*-?\s*{_INITIAL})*|[A-ZА-ЯЁ]{{1,3}}")
# One author of a citation line, "van der Berg J.-P.": family name, then initials.
_CITED: Final = re.compile(
    r"(?P<family>[^\W\d_][^\s,;.]*(?:[ ][^\W\d_][^\s,;.]*){0,4})\s+"
    rf"(?P<initials>{_INITIAL}(?:\s*-?\s*{_INITIAL}){{0,3}})"
)
_PARTICLES: Final = frozenset(
    re.findall(
        r"\w+",
        "de da do dos das del della der den di du el al la le ten ter van von zu bin ibn ben oglu ogly kyzy "
        "оглы оглу кызы де да дер ван фон ди ла ле аль эль ибн бен",
    )
)
_ORGANISATION: Final = re.compile(
    r"\b(?:universit\w*|institut\w*|academ\w*|college|cent(?:er|re)|department|faculty|school|laborator\w*|hospital|"
    r"ministry|committee|foundation|agency|company|association|society|museum|library|"
    r"университет\w*|институт\w*|академи\w*|колледж\w*|центр\w*|кафедр\w*|факультет\w*|школ\w*|лаборатори\w*|"
    r"больниц\w*|министерств\w*|комитет\w*|фонд\w*|агентств\w*|компани\w*|ассоциаци\w*|обществ\w*|музе\w*|библиотек\w*|"
    r"doctor|candidate|professor|phd|доктор\w*|кандидат\w*|профессор\w*|доцент\w*|аспирант\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CitedName:
    """An author as the citation line has it: `Zhiltsov S.S.`."""

    family: str
    initials: str

    @property
    def printed(self) -> str:
        """The name as printed there."""
        return f"{self.family} {self.initials}"


def folded(text: str) -> str:
    """Return a name as names are compared: one case, look-alikes of the other script as Latin letters."""
    return unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES).casefold().replace("’", "'").replace("ё", "е")


def cited_names(text: str) -> tuple[list[CitedName], bool]:
    """Return the authors in the head of a citation line.

    Args:
        text: What stands before the title: `Chimiris E., Krupina A.`.

    Returns:
        The authors whose family name is told from their initials, and whether that is all there is: no organisation, no
        “et al.”.
    """
    names: list[CitedName] = []
    whole = True
    for piece in re.split(r"[,;]", text):
        stripped = piece.strip()
        match = _CITED.fullmatch(stripped.rstrip(" ") if stripped.endswith(".") else f"{stripped}.")
        if match:
            names.append(CitedName(match["family"], " ".join(match["initials"].split())))
        elif stripped.strip(" ."):
            whole = False
    return names, whole and bool(names)


def leading_names(text: str) -> list[CitedName]:
    """Return the authors at the very start of a citation line whose title is not known."""
    names: list[CitedName] = []
    at = 0
    while match := _CITED.match(text, at):
        names.append(CitedName(match["family"], " ".join(match["initials"].split())))
        comma = re.compile(r"\s*[,;]\s*").match(text, match.end())
        if not comma:
            break
        at = comma.end()
    return names


def looks_like_name(line: str) -> bool:
    """Tell whether a line may be the name of a person and nothing else."""
    if re.search(r"[0-9@;:/()«»\"]", line) or _ORGANISATION.search(line) or line.count(",") > 1:
        return False
    words = line.replace(",", " ").split()
    return 1 <= len(words) <= 6 and all(word[0].isupper() or folded(word) in _PARTICLES for word in words)


def is_the_same(line: str, cited: CitedName) -> bool:
    """Tell whether a line is a name and the citation line's author may be the same person: family name and initials."""
    return _split_by(line, cited) is not None


def given_and_family(name: str, cited: CitedName | None) -> tuple[str | None, str | None]:
    """Return given and family name of a person, (None, None) where the page does not tell them apart.

    A comma tells (`Zhiltsov, Sergey`), then the citation line, then initials: these are never a family name.

    Example:
        >>> given_and_family("EKATERINA CHIMIRIS", CitedName("CHIMIRIS", "E."))
        ('EKATERINA', 'CHIMIRIS')
        >>> given_and_family("S. S. Zhiltsov", None)
        ('S. S.', 'Zhiltsov')
        >>> given_and_family("Li Wei", None)
        (None, None)
    """
    if name.count(",") == 1:
        family, given = (part.strip() for part in name.split(","))
        return (given, family) if given and family else (None, None)
    split = _split_by(name, cited) if cited else None
    if split:
        return split
    words = name.split()
    for at in range(1, len(words)):
        before, after = words[:at], words[at:]
        if all(map(_is_initials, before)) and not any(map(_is_initials, after)):
            return " ".join(before), " ".join(after)
        if all(map(_is_initials, after)) and not any(map(_is_initials, before)):
            return " ".join(after), " ".join(before)
    return None, None


def _is_initials(word: str) -> bool:
    """Tell whether a word consists of initials with their full stops."""
    return bool(re.fullmatch(rf"{_INITIAL}(?:-?{_INITIAL})*", word))


def _split_by(name: str, cited: CitedName) -> tuple[str, str] | None:
    """Return given and family name if the name is the cited family name and given names with the cited initials."""
    words = name.replace(",", " ").split()
    family = folded(cited.family).split()
    size = len(family)
    if len(words) <= size:
        return None
    plain = [folded(word) for word in words]
    for given, found in ((words[:-size], plain[-size:]), (words[size:], plain[:size])):
        if found == family and _initials_fit(given, cited.initials):
            return " ".join(given), " ".join(words[-size:] if given == words[:-size] else words[:size])
    return None


def _initials_fit(given: list[str], initials: str) -> bool:
    """Tell whether given names start with the printed initials, as far as both go; particles do not count."""
    wanted = [piece for piece in re.split(r"[\s.\-]+", folded(initials)) if piece]
    names = [piece for piece in re.split(r"[\s.\-]+", folded(" ".join(given))) if piece and piece not in _PARTICLES]
    return bool(names) and all(
        name.startswith(start) or start.startswith(name) for name, start in zip(names, wanted, strict=False)
    )
