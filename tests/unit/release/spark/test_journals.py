"""The journals of a build on Spark are those of one here."""

from __future__ import annotations

from collections import Counter

from triplepress.release.journals import JournalIdentity, JournalStatement
from triplepress.release.spark.pressing import _journals


def test_a_kept_key_that_nobody_states_any_more_stays_where_it_was() -> None:
    kept = {"1728-2756": JournalIdentity(issn="1728-2756", eissn="1811-2773")}
    journals = _journals(Counter({JournalStatement(None, None, "1811-2773"): 3}), kept)
    assert journals.identities == kept
