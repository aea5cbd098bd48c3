"""What a run comes to: a refusal, a task and a loss are three things, and an orphan is none of them."""

from simulation.chaos.reckoning import account, loop_of
from simulation.fates import Explained
from simulation.journal import Kind
from simulation.oracle import Fate
from tests.unit.simulation.journaux import Journals

REFUSED = Explained(Fate.REFUSED, "escale : refusee", "refusee")
TASK = Explained(Fate.OPEN, "quarantaine InvalidContract", "quarantaine")
WAITS = Explained(Fate.OPEN, "escale : en_attente", "en_attente")
ASIDE = Explained(Fate.REFUSED, "anomalie : transition_illegale", "anomalie")
GONE = Explained(Fate.GONE, "escale : livree", "livree")


def missing(ref: str = "dossier-11:orientation.proposee") -> Journals:
    return Journals().sent(ref, opens="dossier-11").answered(ref)


def test_a_refused_referral_is_listed_and_neither_lost_nor_orphaned():
    found = account(missing().observed, {"dossier-11:orientation.proposee": REFUSED})
    assert found.sound
    assert len(found.refused) == 1
    assert (found.verdict.total.lost, found.orphans) == ([], ())


def test_a_task_is_listed_as_one():
    found = account(missing().observed, {"dossier-11:orientation.proposee": TASK})
    assert found.sound
    assert (len(found.tasks), len(found.refused)) == (1, 0)


def test_what_still_waits_at_the_end_is_stuck():
    found = account(missing().observed, {"dossier-11:orientation.proposee": WAITS})
    assert not found.sound
    assert len(found.waiting) == 1


def test_a_right_row_that_a_rule_left_aside_is_a_defect():
    found = account(missing().observed, {"dossier-11:orientation.proposee": ASIDE})
    assert not found.sound
    assert len(found.aside) == 1


def test_what_the_hub_believes_delivered_is_lost_and_its_loop_an_orphan():
    journals = missing()
    declined = {"at": journals.tick(), "kind": Kind.DECLINED, "key": "k", "mood": "faux-succes"}
    journals.observed.add("escale", {**declined, "ref": "dossier-11:orientation.proposee"})
    found = account(journals.observed, {"dossier-11:orientation.proposee": GONE})
    assert not found.sound
    assert found.orphans == ("dossier-11",)
    assert "faux-succes" in found.lost[0]


def test_a_loop_that_waits_for_an_answer_nobody_gave_is_an_orphan():
    journals = Journals().arrived("dossier-11:orientation.proposee", opens="dossier-11")
    assert account(journals.observed, {}).orphans == ("dossier-11",)


def test_a_refused_answer_explains_the_loop_of_its_referral():
    journals = Journals().sent("dossier-11:orientation.proposee", opens="dossier-11")
    journals.answered("dossier-11:orientation.proposee")
    journals.effect("dossier-11:orientation.proposee", to="escale", subject="uuid-11", dossier=11)
    journals.sent("uuid-11:orientation.refusee").answered("uuid-11:orientation.refusee")
    assert loop_of(journals.observed, "uuid-11:orientation.refusee") == "dossier-11"
    found = account(journals.observed, {"uuid-11:orientation.refusee": REFUSED})
    assert found.orphans == ()
    assert found.sound
