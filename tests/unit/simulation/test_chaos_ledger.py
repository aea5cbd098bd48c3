"""Each poison is in quarantine with its cause, and nothing else is: what differs is named."""

import pytest

from simulation.chaos.ledger import CAUSES, Kept, Ledger
from simulation.chaos.poison import EMPTY, FOREIGN, UNREADABLE

HERE = ("demo.offre.v1", 2, 7)
THERE = ("demo.offre.v1", 3, 1)
CAUSE, FORGED = CAUSES


def poured() -> Ledger:
    ledger = Ledger()
    ledger.note(HERE, EMPTY)
    ledger.note(THERE, FOREIGN)
    return ledger


RECORD = Kept(CAUSE, EMPTY, HERE)
FOREIGN_EVENT = Kept(FORGED, FOREIGN, THERE)


def test_every_poison_in_quarantine_is_no_trouble():
    assert list(poured().troubles([RECORD, FOREIGN_EVENT])) == []


def test_a_poison_that_left_no_trace_is_named():
    (trouble,) = poured().troubles([RECORD])
    assert "/".join(map(str, THERE)) in trouble
    assert "absent" in trouble


@pytest.mark.parametrize(
    "row",
    [
        Kept(CAUSE, EMPTY, ("demo.offre.v1", 2, 8)),
        Kept("bug", EMPTY, HERE),
        Kept(CAUSE, UNREADABLE, HERE),
        Kept("bug", "", "6f1c0e2a-0000-4000-8000-000000000002"),
    ],
    ids=["nobody poured it", "another cause", "another reason", "an event of the hub"],
)
def test_a_row_that_no_poison_explains_is_named(row):
    troubles = list(poured().troubles([RECORD, FOREIGN_EVENT, row]))
    assert len(troubles) == 1
    assert "sans poison" in troubles[0]


def test_what_a_lost_bus_took_along_need_not_be_there_and_may_be():
    ledger = poured()
    ledger.bus_is_lost([FOREIGN_EVENT])
    assert list(ledger.troubles([FOREIGN_EVENT])) == []
    assert list(ledger.troubles([RECORD, FOREIGN_EVENT])) == []
    assert len(list(ledger.troubles([RECORD]))) == 1


def test_a_place_of_a_bus_that_began_anew_is_another_record():
    ledger = poured()
    ledger.bus_is_lost([RECORD, FOREIGN_EVENT])
    ledger.note(HERE, UNREADABLE)
    assert len(list(ledger.troubles([RECORD, FOREIGN_EVENT]))) == 1
    assert list(ledger.troubles([RECORD, FOREIGN_EVENT, Kept(CAUSE, UNREADABLE, HERE)])) == []


def test_one_of_which_the_bus_never_answered_may_be_there_once():
    ledger = poured()
    ledger.doubtful[EMPTY] += 1
    stray = Kept(CAUSE, EMPTY, ("demo.offre.v1", 0, 0))
    assert list(ledger.troubles([RECORD, FOREIGN_EVENT])) == []
    assert list(ledger.troubles([RECORD, FOREIGN_EVENT, stray])) == []
    assert len(list(ledger.troubles([RECORD, FOREIGN_EVENT, stray, stray]))) == 1
