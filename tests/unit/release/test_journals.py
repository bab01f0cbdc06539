from __future__ import annotations

import random

from triplepress.record import Journal
from triplepress.release.journals import (
    JournalIdentity,
    choose_keys,
    identify,
    statement_of,
)
from triplepress.release.journals import (
    JournalStatement as Stated,
)

PRINT, ONLINE = "2313-8920", "2587-8174"
OTHER, LINKING = "1728-2756", "0036-8075"


def test_no_issn_no_journal() -> None:
    assert statement_of(None) is None
    assert statement_of(Journal(publisher="Somebody")) is None


def test_the_key_is_the_linking_number_else_print_else_electronic() -> None:
    full, printed, online = Stated(LINKING, PRINT, ONLINE), Stated(None, OTHER, None), Stated(None, None, "1811-2773")
    assert choose_keys([full, printed, online]) == {full: LINKING, printed: OTHER, online: "1811-2773"}


def test_a_linking_number_holds_for_those_that_only_print_the_other() -> None:
    full, printed = Stated(LINKING, PRINT, None), Stated(None, PRINT, ONLINE)
    assert choose_keys([printed, full]) == {full: LINKING, printed: LINKING}


def test_an_electronic_number_alone_joins_the_one_journal_that_has_it() -> None:
    both, online = Stated(None, PRINT, ONLINE), Stated(None, None, ONLINE)
    assert choose_keys([online, both])[online] == PRINT


def test_an_electronic_number_of_two_journals_joins_neither() -> None:
    first, second, online = Stated(None, PRINT, ONLINE), Stated(None, OTHER, ONLINE), Stated(None, None, ONLINE)
    assert choose_keys([first, second, online])[online] == ONLINE


def test_two_print_numbers_are_two_journals_even_under_one_linking_number() -> None:
    first, second = Stated(LINKING, PRINT, None), Stated(LINKING, OTHER, None)
    assert len(set(choose_keys([first, second]).values())) == 2


def test_a_number_called_electronic_here_and_print_there_is_one_journal() -> None:
    printed, swapped = Stated(None, PRINT, ONLINE), Stated(None, None, PRINT)
    assert choose_keys([printed, swapped])[swapped] == PRINT


def test_a_kept_key_stays_whatever_is_learnt() -> None:
    kept = {PRINT: JournalIdentity(issn=PRINT, eissn=ONLINE)}
    learnt, online = Stated(LINKING, PRINT, ONLINE), Stated(None, None, ONLINE)
    assert choose_keys([learnt, online], kept) == {learnt: PRINT, online: PRINT}


def test_the_order_decides_nothing() -> None:
    numbers = [None, PRINT, ONLINE, OTHER, LINKING]
    stated = [Stated(a, b, c) for a in numbers for b in numbers for c in numbers if a or b or c]
    expected = choose_keys(stated)
    shuffled = list(stated)
    for seed in range(20):
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - the order need not be secret
        assert choose_keys(shuffled) == expected


def test_what_most_records_state_is_the_journals() -> None:
    stated = {Stated(None, PRINT, ONLINE): 2, Stated(None, PRINT, OTHER): 1, Stated(None, PRINT, PRINT): 9}
    assert identify(PRINT, stated, {PRINT}) == JournalIdentity(issn=PRINT, eissn=ONLINE, issn_l=None)


def test_a_linking_number_that_is_another_journals_key_is_not_this_ones() -> None:
    assert identify(PRINT, {Stated(LINKING, PRINT, None): 1}, {PRINT, LINKING}).issn_l is None


def test_the_number_in_the_iri_is_not_outvoted() -> None:
    stated = {Stated(LINKING, PRINT, None): 1, Stated(OTHER, PRINT, None): 2}
    assert identify(LINKING, stated, {LINKING}).issn_l == LINKING


def test_a_kept_key_that_nobody_states_any_more_stays_where_it_was() -> None:
    moved = identify(LINKING, {Stated(OTHER, PRINT, None): 2}, {LINKING}, JournalIdentity(issn=PRINT, issn_l=LINKING))
    assert moved == JournalIdentity(issn=PRINT, issn_l=LINKING)
    online = identify(PRINT, {Stated(None, None, ONLINE): 1}, {PRINT}, JournalIdentity(issn=PRINT, eissn="1811-2773"))
    assert online == JournalIdentity(issn=PRINT, eissn=ONLINE)
