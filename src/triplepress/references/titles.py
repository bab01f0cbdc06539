"""Title and container: where the one ends and the other begins."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from triplepress.references.abbreviations import is_abbreviated
from triplepress.references.characters import DASHES, LOWER, UPPER
from triplepress.references.locate import MONTH
from triplepress.references.names import names_at

_U, _L = UPPER, LOWER
_SENTENCE: Final = re.compile(rf"(?P<mark>[.?!…]+[\"”’'»)\]]*)\s+(?=[\[\"“«‘(]?[{_U}0-9])")
_IN: Final = re.compile(
    rf"\sIn:\s|(?<=[.,?!;”\"\])])\s*(?:[Ii]n\.?\s?:|(?<=[.?!”\"\]]\s)IN:|In(?=\s[{_U}\"“«‘0-9])|in(?=\s"
    rf"(?:[{_U}][{_U}{_L}]+\s){{2,}})|[Вв]\s(?:кн|сб)\.\s?:?|V\s(?:kn|sb)\.\s?:?|В:|//)\s+"
)
_QUOTED: Final = re.compile(
    r"[“\"«„‘](?P<title>[^“”\"«»„]{8,}?(?:[“«„][^“”«»„]*[”»“][^“”\"«»„]*)*?)[,.?!]?[”\"»“’](?=[\s,.]|$)[\s,.]*"
)
_SINGLE_QUOTED: Final = re.compile(r"‘[^’]{8,}(?:[,.?!]’|’[,.])")
_BRACKETED: Final = re.compile(r"(?P<original>[^\[\]]{3,}?)\s?\[(?P<translation>[^\[\]]*[^\W\d]{3}[^\[\]]*)\]")
_NOTE: Final = re.compile(
    r"\s*\[(?:letter|editorial|abstract|review|comment|preprint|thesis|dissertation|in\s\w+|на\s[^\]]+|disserta\w+"
    r"|tese|internet|online|erratum|article in \w+|portuguese|english|french|german|russian)[^\[\]]{0,40}\]",
    re.IGNORECASE,
)
_PUBLISHER: Final = re.compile(
    rf"(?:(?<=[.?!;)\]])\s*|,\s|^|[.\s]\s?[—–-]\s)(?P<place>(?:St\.|[{_U}]\.|[{_U}][{_U}{_L}'’-]*)(?:[ ,/&-]{{1,2}}"
    rf"(?:[{_U}]\.|[{_U}][{_U}{_L}'’-]*\.?(?=\s?[:,])|[{_U}][{_U}{_L}'’-]*|de|do|da|of|la|sur|am|on|and"
    rf"|\([{_U}]{{2,3}}\))){{0,4}})\s?:\s?(?P<publisher>[{_U}0-9«“\"][^:;?!]{{1,90}})$"
)
_EDITION: Final = re.compile(
    r"\s:\s(?:автореф|дис)\b.*$|:\s(?:автореф|дис)\.\s.*$|[.,;]\s*(?:\(?[0-9]{1,2}(?:st|nd|rd|th|a|ª|e|º|-?е"
    r"|-?oe)?\.?\s(?:rev\.?\s)?(?:ed|edn|edition|edição|изд|izd)\b.*|(?:revised|second|third|fourth|fifth)\sed.*"
    r"|ed\.\s.*|(?:transl?|trad|tradução|traduction|org|translated|edited|editado|prefácio|introd|пер\.\s|под\sред"
    r"|отв\.\s?ред)\b.*|vol\.\s.*"
    r"|(?:dissertação|tese|thesis|ph\.?d|doctoral|master|monografia|диссертация|дис\b|автореф|trabalho\sde\sconclusão"
    r"|mestrado|doutorado).*)$",
    re.IGNORECASE,
)
_EDITION_IN_BRACKETS: Final = re.compile(
    r"\s\((?:[0-9]{1,2}(?:st|nd|rd|th|a|ª|-е)|rev(?:ised|\.)?|second|third|fourth|fifth)\s(?:rev\.\s)?(?:ed|edn"
    r"|edition|изд)\.?\)",
    re.IGNORECASE,
)
_EDITORS_BEFORE: Final = re.compile(
    rf"^(?:.{{3,200}}?[\[(,]\s?(?:eds?|editors?|editores|orgs?|coords?|org|organizadore?s?|сост|ред"
    rf"|hrsg)\b\.?\s?[\])]?\s?[.,:]*\s+)(?=[{_U}0-9“\"«])",
    re.IGNORECASE,
)
_EDITORS_AFTER: Final = re.compile(
    r",?\s*[(\[]?(?:(?:[0-9a-z]+\s)?edn?,?\s)?\b(?:eds?\.|edited\sby|ed\.\sby|hrsg\.|pod\sred\.|под\sред\."
    r"|отв\.\s?ред\.|сост\.|editores?|organizadores|editors).*$",
    re.IGNORECASE,
)
_TRAILING: Final = f" .,;:–—-([/{DASHES[2:]}"
_CONNECTING: Final = frozenset(
    [
        "of",
        "the",
        "and",
        "for",
        "in",
        "on",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "du",
        "des",
        "la",
        "le",
        "les",
        "el",
        "et",
        "y",
        "e",
        "und",
        "der",
        "die",
        "das",
        "für",
        "del",
        "di",
        "degli",
        "della",
        "van",
        "a",
        "an",
        "to",
        "&",
        "и",
        "в",
        "по",
        "на",
        "с",
        "о",
        "an",
        "den",
        "zur",
        "zum",
        "i",
        "v",
        "po",
        "na",
    ]
)
_CITY_LIKE: Final = re.compile(rf"[{_U}][{_L}'’-]+(?:[ -][{_U}][{_L}'’-]+){{0,2}}(?:,\s?[{_U}]{{2}})?")
_PLACES: Final = re.compile(
    r"^(?:M|М|СПб|SPb|Spb|L|Л|N\.\s?Y|Москва|Moscow|Moskva|London|Oxford|Cambridge|New York|Berlin|Paris|Leipzig"
    r"|Санкт-Петербург|Киев|Kiev|Минск|Новосибирск|Казань|Екатеринбург)\.?$"
)
_ALL_QUOTES: Final = " \"“”«»„‘’'"


class Titles(NamedTuple):
    """The title and container of a reference and their translations, as printed."""

    title: str | None
    title_translation: str | None
    container: str | None
    container_translation: str | None


_NONE: Final = Titles(None, None, None, None)


def split_titles(head: str, *, located: bool, periodical: bool, comma: bool, identified: bool = False) -> Titles:
    """Return title and container in what stands between the author line and the location.

    Args:
        head: That stretch of text.
        located: Whether volume, issue or pages were found, so that something contains the work.
        periodical: Whether a volume or issue was found, so that the container is a periodical or a series.
        identified: Whether the reference has a DOI or an arXiv number.
        comma: Whether the author line ended on a comma or semicolon: then commas, not full stops, part the fields.
    """
    head = head.strip(" .,;:–—-")
    if not head:
        return _NONE
    if " // " in head or "// " in head:
        title, _, container = head.partition("//")
        return _finish(title, _until_imprint(container))
    if "[" in head:
        head = _NOTE.sub("", head)
    if head[:3] in {"in ", "In "} and head[3:4].isupper():  # only the book is named: ", in Hydrogenation Methods"
        return _finish(None, _book_container(head[3:]))
    chapter = _IN.search(head, 8)
    if (
        chapter
        and len(head) - chapter.end() > 3
        and not (
            periodical
            and chapter.group().strip() in {"in", "In"}
            and "." not in head[chapter.start() - 2 : chapter.start()]
        )
    ):
        return _finish(head[: chapter.start()], _book_container(head[chapter.end() :]))
    if head[0] in '“"«„‘' and not (head[0] == "‘" and not _SINGLE_QUOTED.match(head)):
        quoted = _QUOTED.match(head)
        if quoted:
            rest = head[quoted.end() :].strip(_TRAILING)
            if rest.lower().startswith("in "):
                rest = _book_container(rest[3:])
            if rest and (located or not _PUBLISHER.search(rest)):
                return _finish(quoted["title"], rest if located else _until_imprint(rest))
            return _finish(quoted["title"] if rest or located else head, None)
    if "[" in head:
        translated = _with_translations(head, located=located)
        if translated:
            return translated
    if "(" in head[-120:]:
        head = _without_bracketed_imprint(head)
    if not located:
        day = _DAY_TAIL.search(head)
        if day and len(_SENTENCE.findall(head)):
            return _article(head[: day.start()].rstrip(" ,"), periodical=True, comma=False)
    if not periodical:
        published = _PUBLISHER.search(head) if ":" in head else None
        if published and published.start("place") > 3:
            return _finish(_EDITION.sub("", _EDITION_IN_BRACKETS.sub("", head[: published.start()])), None)
    if not located:
        return _unlocated(head, identified=identified)
    return _article(head, periodical=periodical, comma=comma)


# A newspaper: "…. Carta Capital, 22 de outubro de" before the year.
_DAY_TAIL: Final = re.compile(
    rf"[,.]\s?(?:(?:[0-9]{{1,2}}[.º°]?\s)?(?:de\s)?{MONTH}(?:\sde)?|{MONTH}\s[0-9]{{1,2}}),?$", re.IGNORECASE
)


def _article(head: str, *, periodical: bool, comma: bool) -> Titles:
    """Return title and container of an article, parted by a full stop or a comma."""
    sentences = [match for match in _SENTENCE.finditer(head) if not _inside_name(head, match)]
    if comma:
        parted = _at_comma(head)
        if parted:
            return parted
        if periodical and _is_name(head):
            return _finish(None, head)
    if sentences:
        cut = sentences[-1]
        if (
            (len(sentences) > 1 and not _is_name(head[cut.end() :]) and _is_name(head[sentences[-2].end() :]))
            or (
                len(sentences) > 1
                and _CITY_LIKE.fullmatch(head[cut.end() :].strip(_TRAILING))
                and _PLACES.match(head[cut.end() :].strip(_TRAILING))
            )
            or (len(sentences) > 1 and _is_series(head[cut.end() :]))
        ):
            cut = sentences[-2]
        left, right = head[: cut.end()], head[cut.end() :]
        if right.strip(_TRAILING):
            return _finish(left if cut["mark"][0] in "?!" else left.rstrip(" ."), right)
    if periodical and _is_name(head):
        return _finish(None, head)
    parted = _at_comma(head)
    if parted:
        return parted
    return _finish(head, None) if len(head.split()) > 6 or not periodical else _finish(None, head)


def _at_comma(head: str) -> Titles | None:
    """Return title and container parted at the last comma before a run of capitalised or abbreviated words."""
    commas = [match.start() for match in re.finditer(r"[,?!;]\s", head)]
    chosen = None
    for at in reversed(commas):
        right = head[at + 1 :].strip(_TRAILING)
        if not right or not _is_name(right) or len(right.split()) > 14:
            break
        chosen = at
        if not right[0].isupper():
            break
        if at > 0 and _looks_like_sentence(head[:at]):
            break
    if chosen is None or not head[:chosen].strip():
        return None
    mark = head[chosen]
    return _finish(head[:chosen] + (mark if mark in "?!" else ""), head[chosen + 1 :])


def _looks_like_sentence(text: str) -> bool:
    """Tell whether the words just before are prose: some of the last three begin in lower case and do not connect."""
    words = text.split()[-3:]
    return any(word[:1].islower() and word.lower() not in _CONNECTING for word in words)


def _is_name(text: str) -> bool:
    """Tell whether `text` reads as the name of a periodical: all words capitalised, abbreviated or connecting."""
    words = text.replace("(", " ").replace(")", " ").split()
    if not words or len(words) > 14:
        return False
    first = words[0].lstrip('[“"«')
    if not first[:1].isupper() and not first[:1].isdigit():
        return False
    plain = sum(1 for word in words if word[0].islower() and word.strip(".,:").lower() not in _CONNECTING)
    return (
        plain == 0 or (plain == 1 and len(words) >= 4 and _has_abbreviation(words)) or (len(words) <= 3 and plain <= 1)
    )


def _has_abbreviation(words: list[str]) -> bool:
    return any(word.endswith(".") and word[:1].isupper() for word in words)


def _is_series(text: str) -> bool:
    """Tell whether `text` only names a part of a periodical ("Seriya 12", "Section B", "Medical sciences")."""
    return bool(_SERIES.match(text))


_SERIES: Final = re.compile(
    r"(?:Seri[yj]a|Series|Ser\.|Серия|Сер\.|Section|Sect\.|Part|Sér\.|Série|Serie)\b", re.IGNORECASE
)


def _inside_name(head: str, match: re.Match[str]) -> bool:
    """Tell whether a full stop belongs to an abbreviation, so that no sentence ends there."""
    if match["mark"][0] != ".":
        return False
    word = _last_word(head[max(0, match.start() - 40) : match.start()])
    if not word:
        return len(match["mark"]) == 1 and head[max(0, match.start() - 1) : match.start()] == "."
    before = head[: match.start()].rstrip()
    if is_abbreviated(word):
        # "… in rats. J. Biol. Chem": a chain of abbreviations; "… of Appl. Phys" too
        return True
    if len(word) == 1 and word.isupper():
        previous = before.rsplit(None, 1)[-1] if before else ""
        return previous.endswith(".") or not previous or len(before) < 3 or not previous[:1].islower()
    after = head[match.end() :].split(None, 1)
    return bool(
        before.endswith(".")
        and word[:1].isupper()
        and len(word) <= 7
        and before.rsplit(None, 1)[-1][:-1].isalpha()
        and is_abbreviated(before.rsplit(None, 1)[-1][:-1])
        and not word.isupper()
        and bool(after)
        and word[-1] not in "aeiouy"
    )


def _last_word(text: str) -> str:
    """Return the letters before a full stop, back to a blank or another mark."""
    at = max(text.rfind(" "), text.rfind("."), text.rfind("?"), text.rfind("!"))
    return text[at + 1 :].strip('([«“"')


def _with_translations(head: str, *, located: bool) -> Titles | None:
    """Return "title [translation]. container [translation]" in its four parts."""
    match = _BRACKETED.match(head)
    if not match:
        return None
    original, translation = match["original"], match["translation"]
    rest = head[match.end() :].strip(_TRAILING)
    if not _ENDS_TITLE.match(head, match.end()):
        return None
    if rest.startswith("//"):
        rest = rest[2:].strip()
    container = _BRACKETED.match(rest) if "[" in rest else None
    if container:
        return Titles(
            _clean(original), _clean(translation), _clean(container["original"]), _clean(container["translation"])
        )
    if not rest:
        parts = _article(original, periodical=False, comma=False) if located else None
        if parts and parts.container and parts.title and _is_name(parts.container):
            return Titles(parts.title, None, parts.container, _clean(translation))
        return Titles(_clean(original), _clean(translation), None, None)
    if not located or _PUBLISHER.search(rest):
        return Titles(_clean(original), _clean(translation), None, None)
    return Titles(_clean(original), _clean(translation), _clean(_until_imprint(rest)), None)


_ENDS_TITLE: Final = re.compile(rf"\s*(?:[.,;/?!–—]|$|[\"”»]|(?=[{_U}]))")


def _until_imprint(container: str) -> str:
    """Return a container without the place, year and number of pages that follow it in the ГОСТ style."""
    container = container.strip(_TRAILING)
    cut = _IMPRINT.search(container, 2)
    while cut:
        word = container[: cut.start()].rsplit(None, 1)[-1].strip('([«“"')
        if cut.group()[0] == "." and cut.group().strip(" .")[:1].isupper() and (is_abbreviated(word) or len(word) == 1):
            cut = _IMPRINT.search(container, cut.start() + 1)
            continue
        return container[: cut.start()]
    return container


_IMPRINT: Final = re.compile(
    rf"\.?\s+[—–-]\s(?=[{_U}0-9])|[.,;]\s+(?=[0-9]{{4}}\b)|\.\s+(?=(?:{_PLACES.pattern[1:-4]})\s?[.,:;])|[.;]\s+"
    rf"(?=[{_U}][{_L}]+(?:-[{_U}{_L}]+)*(?:[:,]|\.?$))|\s:\s"
)


def _book_container(text: str) -> str:
    """Return the title of a book from what follows "In:": editors before or after it and the imprint left out."""
    text = text.strip(_TRAILING)
    editors = _EDITORS_BEFORE.match(text)
    if editors and len(text) - editors.end() > 4:
        text = text[editors.end() :]
    elif not editors:
        from_names = _names_before(text)
        text = text[from_names:]
    text = _without_bracketed_imprint(text)
    published = _PUBLISHER.search(text)
    if published and published.start("place") > 3:
        text = text[: published.start()]
    text = _EDITORS_AFTER.sub("", text) if len(_EDITORS_AFTER.sub("", text)) > 3 else text
    text = _EDITION.sub("", _EDITION_IN_BRACKETS.sub("", text))
    publisher = _PUBLISHER_AFTER_COMMA.search(text)
    if publisher:
        text = text[: publisher.start()]
    sentences = [match for match in _SENTENCE.finditer(text) if not _inside_name(text, match)]
    if sentences and len(text) - sentences[0].end() < 60:
        text = text[: sentences[0].end()].rstrip(" .")
    return text


def _names_before(text: str) -> int:
    """Return where the names in front of a book's title end, 0 where there are none."""
    names, end, _ = names_at(text, 0)
    if not names:
        return 0
    after = _AFTER_NAMES.match(text, end)
    return after.end() if after else 0


_AFTER_NAMES: Final = re.compile(
    rf"\s*(?:[(\[,]\s?(?:eds?|orgs?|editors?|comps?|coords?|dir|hrsg|ред|сост)\b\.?\s?[\])]?)?\s*[.,:]*\s*"
    rf"(?=[{_U}“\"«0-9])",
    re.IGNORECASE,
)


def _unlocated(head: str, *, identified: bool) -> Titles:
    """Return title and container of what has no volume and no pages: a book, a web page, an article with only a DOI."""
    head = _EDITION.sub("", _EDITION_IN_BRACKETS.sub("", head))
    sentences = [match for match in _SENTENCE.finditer(head) if not _inside_name(head, match)]
    if not sentences:
        return _finish(_book_title(head), None)
    last = sentences[-1]
    tail = head[last.end() :]
    if not _is_name(tail):
        return _finish(_book_title(head), None)
    title = head[: last.end()].rstrip() if last["mark"][0] in "?!" else head[: last.start("mark")]
    return _finish(title, tail if identified and not _PUBLISHER_WORD.search(tail) and "," not in tail else None)


_PUBLISHER_WORD: Final = re.compile(
    r"\b(?:Press|Verlag|Publish\w+|Wiley|Springer|Elsevier|Books|Univers\w+|Editora|Éditions|McGraw|Routledge|Sage"
    r"|Издательство|Наука|Institut\w*|Centre|Center|Ministry|Organi[sz]ation|Association)\b"
)


def _book_title(head: str) -> str:
    """Return the title of what is contained in nothing: all but edition, translators, place and publisher."""
    head = _EDITION.sub("", head)
    sentences = [match for match in _SENTENCE.finditer(head) if not _inside_name(head, match)]
    if sentences:
        first = sentences[0]
        return head[: first.end()].rstrip() if first["mark"][0] in "?!" else head[: first.start("mark")]
    commas = _PUBLISHER_AFTER_COMMA.search(head)
    return head[: commas.start()] if commas else head


_PUBLISHER_AFTER_COMMA: Final = re.compile(
    r",\s(?=[^,]*\b(?:Press|Verlag|Publish\w+|Wiley|Springer|Elsevier|Books|University|Universidade|Editora|Academic"
    r"|Éditions|McGraw|Routledge|Sage|Издательство|Наука)\b)"
)


def _without_bracketed_imprint(text: str) -> str:
    """Return `text` without a bracketed publisher or editors at its end: "(John Wiley & Sons, New York)"."""
    return _BRACKETED_IMPRINT.sub("", text)


_BRACKETED_IMPRINT: Final = re.compile(
    r"\s*\((?:[^()]*(?:Press|Verlag|Publish|Wiley|Springer|Elsevier|McGraw|Academic|University|:|\beds?\b|,\s)[^()]*"
    r"|[Oo]rgs?\.?|[Cc]oords?\.?)\)?[\s.,;]*$"
)


def _finish(title: str | None, container: str | None) -> Titles:
    """Return the two parts, clean, and their translations in brackets apart."""
    title_translation = container_translation = None
    if title and title.rstrip(" .").endswith("]"):
        match = _BRACKETED.fullmatch(title.strip(" ."))
        if match:
            title, title_translation = match["original"], match["translation"]
    if container and container.rstrip(" .,").endswith("]"):
        match = _BRACKETED.fullmatch(container.strip(" .,"))
        if match:
            container, container_translation = match["original"], match["translation"]
    return Titles(_clean(title), _clean(title_translation), _clean(container), _clean(container_translation))


def _clean(text: str | None) -> str | None:
    """Return `text` without the punctuation and quotation marks around it; a mark that belongs to it stays."""
    if text is None:
        return None
    text = text.strip().strip(" ,;:/–—")
    if text.endswith(".") and not text.endswith(".."):
        text = text[:-1].rstrip(" ,;:") if not _ENDS_ABBREVIATED.search(text) else text
    if len(text) > 2 and text[0] in '“"«„' and text[-1] in '”"»“' and not any(mark in text[1:-1] for mark in '“”«»"'):
        text = text[1:-1].strip(" .,")
    text = text.strip()
    if text.endswith(")") and "(" not in text:
        text = text[:-1]
    if text.endswith("(") or text.endswith("["):
        text = text[:-1].rstrip(" ,")
    return text if any(character.isalpha() for character in text) else None


_ENDS_ABBREVIATED: Final = re.compile(rf"(?:\s|^|\.)[{_U}][{_L}]{{0,9}}\.\s?[{_U}][{_L}]{{0,9}}\.$")
