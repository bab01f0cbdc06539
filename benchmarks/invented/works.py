"""The articles themselves, each a pure function of the seed, its number, and how many there are.

An article needs no other article to be made: what it says of one that it cites is made again from that one's number.
So a workload of a million is made in as little memory as one of a thousand, and its files in any order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import gcd
from typing import Final

from benchmarks.invented import figures, words
from benchmarks.invented.figures import chosen, drawn

_ROR_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_COUNTRIES: Final = ("Russia", "Brazil", "Germany", "Spain", "India", "China", "Japan", "Kenya", "Canada", "France")
_INITIALS: Final = "ABCDEFGHIJKLMNOPRSTVW"
# Salts: what is drawn for one kind of thing has nothing to do with what is drawn for another.
_ARTICLE, _BODY, _OUTSIDE, _JOURNAL, _PERSON, _INSTITUTION, _CHANGE = range(1, 8)
_SPREAD: Final = 2_654_435_761


@dataclass(frozen=True, slots=True)
class Institution:
    """Where people work; `ror` is bare."""

    name: str
    country: str
    ror: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """An author; `orcid` is bare."""

    given: str
    family: str
    orcid: str | None
    institutions: tuple[Institution, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal: `second` is the second language of its articles' titles, `other_title` its own beside English."""

    number: int
    title: str
    short: str
    publisher: str
    issn: str | None
    eissn: str | None
    language: str
    second: str | None
    other_title: str | None
    other_language: str | None
    first_year: int
    prefix: str
    monthly: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What others say of a work when they cite it."""

    doi: str
    title: str
    journal: str
    year: int
    volume: str | None
    issue: str | None
    first_page: str | None
    family: str
    given: str


@dataclass(frozen=True, slots=True)
class Cited:
    """One entry of a reference list.

    Attributes:
        doi: The DOI, where one is stated.
        doi_by: Who stated it, `crossref` or `publisher`.
        text: The entry as printed, where it is deposited.
        fields: What is stated in fields, by Crossref's names.
    """

    doi: str | None
    doi_by: str
    text: str | None
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Article:
    """An invented article, with all that any of the formats can say of it."""

    number: int
    doi: str
    titles: tuple[tuple[str, str], ...]
    markup: bool
    abstract: str | None
    language: str
    states_language: bool
    states_original_title: bool
    journal: Journal
    issued: tuple[int, ...]
    volume: str | None
    issue: str | None
    first_page: str | None
    last_page: str | None
    article_number: str | None
    authors: tuple[Person, ...]
    licence: str | None
    references: tuple[Cited, ...]
    cited_by: int
    funder: str | None
    state: int = 0


@dataclass(frozen=True, slots=True)
class Workload:
    """All articles of one seed.

    Attributes:
        articles: How many there are; it says how many journals, people and cited works there are too.
        seed: Another seed is another workload.
    """

    articles: int
    seed: int = 2026
    _step: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the step that spreads the most cited articles over the files."""
        step = _SPREAD
        while gcd(step, self.articles) != 1:
            step += 1
        object.__setattr__(self, "_step", step)

    @property
    def journals(self) -> int:
        """How many journals there are."""
        return max(3, self.articles // figures.ARTICLES_A_JOURNAL)

    def article(self, number: int) -> Article:
        """Return one article, as it is at first."""
        head = _head(self, number)
        chance = _chance(self.seed, _BODY, number)
        draw = chance.random
        journal = _journal(self.seed, _journal_of(self, number))
        titles = [(head.title, journal.language)]
        if journal.second:
            letters = drawn(chance, figures.TITLE_LETTERS)
            titles.append((words.title(chance, journal.second, letters), journal.second))
        month, day = chance.randint(1, 12), chance.randint(1, 28)
        known = draw()
        issued = (
            (head.year, month, day)
            if known < figures.DAY_KNOWN
            else (head.year, month)
            if known < figures.DAY_KNOWN + figures.MONTH_KNOWN
            else (head.year,)
        )
        first = head.first_page
        cc = draw() < figures.WITH_CC_LICENCE
        with_licence = draw() < figures.WITH_LICENCE
        return Article(
            number=number,
            doi=head.doi,
            titles=tuple(titles),
            markup=draw() < figures.WITH_MARKUP_IN_TITLE,
            abstract=words.text(chance, journal.language, drawn(chance, figures.ABSTRACT_LETTERS))
            if draw() < figures.WITH_ABSTRACT
            else None,
            language=journal.language,
            states_language=draw() < figures.WITH_LANGUAGE,
            states_original_title=draw() < figures.STATES_ORIGINAL_TITLE,
            journal=journal,
            issued=issued,
            volume=head.volume,
            issue=head.issue,
            first_page=first,
            last_page=str(int(first) + chance.randint(1, 24)) if first else None,
            article_number=f"e{number % 100_000}" if not first or draw() < figures.WITH_ARTICLE_NUMBER else None,
            authors=self._authors(chance, number),
            licence=("https://creativecommons.org/licenses/by/4.0/" if cc else "https://www.example.org/tdm/1.0/")
            if with_licence
            else None,
            references=self._references(chance, head.doi),
            cited_by=int(40 * draw() ** 6),
            funder=f"{words.name(chance, 'en')} Foundation" if draw() < figures.WITH_FUNDER else None,
        )

    def changed(self, number: int, state: int = 1) -> Article:
        """Return a later state of an article: a title corrected, some DOIs found for its references, an author's iD."""
        article = self.article(number)
        chance = _chance(self.seed, _CHANGE, number * 1_000 + state)
        (title, language), *others = article.titles
        references = list(article.references)
        for place in chance.sample(range(len(references)), min(3, len(references))):
            if references[place].doi is None:
                outside = _outside(self, int(chance.random() * self.articles))
                references[place] = replace(references[place], doi=outside.doi, doi_by="crossref")
        return replace(
            article,
            titles=((f"{title} {words.word(chance, language)}", language), *others),
            references=tuple(references),
            cited_by=article.cited_by + chance.randint(1, 9),
            state=state,
        )

    def _authors(self, chance: random.Random, number: int) -> tuple[Person, ...]:
        """Return the authors: people of some circle, so that some wrote several articles; nobody twice in one."""
        people = max(10, int(self.articles * figures.PERSONS_AN_ARTICLE))
        # The first is the one that others cite the article by.
        found = {_author_of(self, number): None}
        for _ in range(drawn(chance, figures.AUTHORS) - 1):
            found[int(people * chance.random())] = None
        return tuple(_person(self.seed, person, self.articles) for person in found)

    def _references(self, chance: random.Random, own: str) -> tuple[Cited, ...]:
        draw = chance.random
        if draw() >= figures.WITH_REFERENCES:
            return ()
        found: list[Cited] = []
        cited: set[str] = {own}
        style = int(draw() * len(_STYLES))
        for position in range(1, drawn(chance, figures.REFERENCES) + 1):
            with_doi = draw() < figures.WITH_DOI
            held = draw() < (figures.TO_HELD if with_doi else figures.DESCRIBES_HELD)
            head = self._held(draw()) if held else _outside(self, self._outside_number(draw()))
            if head.doi in cited:  # a list names no work twice
                head = _outside(self, self._outside_number(draw()))
            if head.doi in cited:
                continue
            cited.add(head.doi)
            says = chosen(chance, figures.SAYS_WITH_DOI if with_doi else figures.SAYS_WITHOUT_DOI)
            text = None
            if says in {"text", "both"}:
                text = _printed(head, style, position, with_doi=with_doi and draw() < 0.5)
            found.append(
                Cited(
                    doi=head.doi if with_doi else None,
                    doi_by="crossref" if draw() < figures.DOI_BY_CROSSREF else "publisher",
                    text=text,
                    fields=_fields(chance, head) if says in {"fields", "both"} else {},
                )
            )
        return tuple(found)

    def _held(self, level: float) -> Head:
        """Return an article of the workload, the most cited ones by far the most often."""
        rank = int(self.articles * level**figures.HELD_SKEW)
        return _head(self, rank * self._step % self.articles)

    def _outside_number(self, level: float) -> int:
        return int(self.articles * figures.OUTSIDE_WORKS_AN_ARTICLE * level**figures.OUTSIDE_SKEW)


def _chance(seed: int, salt: int, number: int) -> random.Random:
    """Return the dice of one thing."""
    return random.Random((seed << 72) + (salt << 64) + number)  # noqa: S311 - the same dice every time, no secret


def _journal_of(workload: Workload, number: int) -> int:
    """Return the number of an article's journal; neighbours are often of one, as publishers deposit them."""
    level = _chance(workload.seed, _JOURNAL, number // 10).random()
    return int(workload.journals * level**figures.JOURNAL_SKEW)


def _author_of(workload: Workload, number: int) -> int:
    people = max(10, int(workload.articles * figures.PERSONS_AN_ARTICLE))
    return (number * 7 + number // 3) % people


@lru_cache(maxsize=20_000)
def _head(workload: Workload, number: int) -> Head:
    """Return how an article of the workload is cited."""
    chance = _chance(workload.seed, _ARTICLE, number)
    draw = chance.random
    journal = _journal(workload.seed, _journal_of(workload, number))
    year = max(journal.first_year, drawn(chance, figures.YEARS))
    author = _person(workload.seed, _author_of(workload, number), workload.articles)
    issn = (journal.issn or journal.eissn or "").lower()
    if year < 2002 and draw() < 0.3:  # as they were made in the nineties
        article = f"{number % 97}::aid-{issn[:4]}{number}"
        doi = f"{journal.prefix}/(sici){issn}({year}){number}:1<{article}>3.0.co;2-{number % 10}"
    else:
        doi = f"{journal.prefix}/j{journal.number}.{year}.{number:06d}"
    return Head(
        doi=doi,
        title=words.title(chance, journal.language, drawn(chance, figures.TITLE_LETTERS)),
        journal=journal.title,
        year=year,
        volume=str(year - journal.first_year + 1) if draw() < figures.WITH_VOLUME else None,
        issue=str(chance.randint(1, 12 if journal.monthly else 4)) if draw() < figures.WITH_ISSUE else None,
        first_page=str(1 + number % 2_000) if draw() < figures.WITH_PAGES else None,
        family=author.family,
        given=author.given,
    )


@lru_cache(maxsize=20_000)
def _outside(workload: Workload, number: int) -> Head:
    """Return a work that is cited and not in the workload."""
    chance = _chance(workload.seed, _OUTSIDE, number)
    journal = _journal(workload.seed, workload.journals + number % 5_000)
    year = max(journal.first_year, drawn(chance, figures.YEARS) - 3)
    letters = drawn(chance, figures.CITED_TITLE_LETTERS)
    issn = (journal.issn or journal.eissn or "").lower()
    return Head(
        doi=f"{journal.prefix}/{'s' if number % 3 else 'pii'}{issn}-{year}-{number:07d}",
        title=words.title(chance, "en" if journal.language == "ru" else journal.language, letters),
        journal=journal.title,
        year=year,
        volume=str(year - journal.first_year + 1),
        issue=str(chance.randint(1, 12)),
        first_page=str(chance.randint(1, 1_900)),
        family=words.name(chance, "en"),
        given=f"{chance.choice(_INITIALS)}. {chance.choice(_INITIALS)}.",
    )


@lru_cache(maxsize=8_000)
def _journal(seed: int, number: int) -> Journal:
    chance = _chance(seed, _JOURNAL, (1 << 48) + number)
    language, second = "en", None
    if chance.random() < figures.BILINGUAL_JOURNALS:
        second = chosen(chance, figures.LANGUAGES)
    other = second
    if second and chance.random() < figures.IN_THEIR_OWN_LANGUAGE:
        language, second = second, "en"
    kind = chance.random()
    title = words.title(chance, "en", chance.randint(12, 45))
    return Journal(
        number=number,
        title=title,
        short=" ".join(f"{word[:4]}." for word in title.split()[:4]),
        publisher=f"{words.name(chance, 'en')} {chance.choice(('Press', 'Verlag', 'University', 'Publishing'))}",
        issn=issn(2_500_000 + 2 * number) if kind < figures.PRINT_ONLY + figures.BOTH_ISSNS else None,
        eissn=issn(2_500_001 + 2 * number) if kind >= figures.PRINT_ONLY else None,
        language=language,
        second=second,
        other_title=words.title(chance, other, chance.randint(12, 45)) if other else None,
        other_language=other,
        first_year=chance.randint(1880, 2005),
        prefix=f"10.5555{'' if number % 7 else f'.{number % 13 + 1}'}",
        monthly=chance.random() < 0.5,
    )


@lru_cache(maxsize=20_000)
def _person(seed: int, number: int, articles: int) -> Person:
    chance = _chance(seed, _PERSON, number)
    draw = chance.random
    given = words.name(chance, "en") if draw() < 0.6 else f"{chance.choice(_INITIALS)}. {chance.choice(_INITIALS)}."
    institutions: list[Institution] = []
    if draw() < figures.WITH_AFFILIATION:
        there = max(5, articles // figures.ARTICLES_AN_INSTITUTION)
        institutions.append(_institution(seed, int(there * draw() ** 2)))
        if (
            draw() < figures.SECOND_AFFILIATION
            and (other := _institution(seed, int(there * draw()))) not in institutions
        ):
            institutions.append(other)
    return Person(
        given=given,
        family=words.name(chance, "en"),
        orcid=orcid(number) if draw() < figures.WITH_ORCID else None,
        institutions=tuple(institutions),
    )


@lru_cache(maxsize=8_000)
def _institution(seed: int, number: int) -> Institution:
    chance = _chance(seed, _INSTITUTION, number)
    country = chance.choice(_COUNTRIES)
    inner = words.title(chance, "en", drawn(chance, figures.AFFILIATION_LETTERS))
    name = f"Institute of {inner}, {words.name(chance, 'en')}, {country}"
    return Institution(name=name, country=country, ror=ror(number) if chance.random() < figures.WITH_ROR else None)


def _fields(chance: random.Random, head: Head) -> dict[str, str]:
    """Return what a reference states in fields, in the order of Crossref's own."""
    stated = {
        "issue": head.issue,
        "key": None,
        "first-page": head.first_page,
        "article-title": head.title,
        "volume": head.volume,
        "author": head.family,
        "year": str(head.year),
        "journal-title": head.journal,
    }
    shares = figures.FIELD_SHARES
    found = {name: value for name, value in stated.items() if value and chance.random() < shares[name]}
    return found or {"year": str(head.year)}


_STYLES: Final = (
    "{position}. {family} {given} {title}. {journal}. {year};{volume}({issue}):{page}.",
    "{family}, {given} ({year}). {title}. {journal}, {volume}({issue}), {page}.",
    "{family} {given} {title} // {journal}. – {year}. – Vol. {volume}, No. {issue}. – P. {page}.",
    "[{position}] {given} {family}, “{title},” {journal}, vol. {volume}, no. {issue}, p. {page}, {year}.",
)


def _printed(head: Head, style: int, position: int, *, with_doi: bool) -> str:
    """Return an entry as a journal prints it."""
    text = _STYLES[style].format(
        position=position,
        family=head.family,
        given=head.given,
        title=head.title,
        journal=head.journal,
        year=head.year,
        volume=head.volume or 1,
        issue=head.issue or 1,
        page=head.first_page or 1,
    )
    return f"{text} https://doi.org/{head.doi}" if with_doi and "<" not in head.doi else text


def issn(number: int) -> str:
    """Return the ISSN with the seven digits of a number.

    Example:
        >>> issn(2313892)
        '2313-8920'
    """
    digits = f"{number % 10_000_000:07d}"
    check = -sum((8 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    return f"{digits[:4]}-{digits[4:]}{'X' if check == 10 else check}"


def orcid(number: int) -> str:
    """Return the bare ORCID iD with the fifteen digits of a number, in the block that iDs are given from.

    Example:
        >>> orcid(6_825_009)
        '0000-0002-1825-0097'
    """
    digits = f"{15_000_000 + number:015d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "-".join(whole[at : at + 4] for at in range(0, 16, 4))


def ror(number: int) -> str:
    """Return the bare ROR iD of a number.

    Example:
        >>> ror(6_109_541)
        '005teb513'
    """
    letters = ""
    left = number
    for _ in range(6):
        left, digit = divmod(left, 32)
        letters = _ROR_DIGITS[digit] + letters
    return f"0{letters}{98 - number * 100 % 97:02d}"
