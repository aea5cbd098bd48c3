"""What a run comes to: a refusal, a task and a loss are three things, and an orphan is none of them."""

from simulation.chaos.reckoning import account
from simulation.fates import Explained
from simulation.moods import Mood
from simulation.observed import Delivery
from simulation.oracle import Fate
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

REFUSED = Explained(Fate.REFUSED, "escale : refusee", "refusee")
TASK = Explained(Fate.OPEN, "quarantaine InvalidContract", "quarantaine")
WAITS = Explained(Fate.OPEN, "escale : en_attente", "en_attente")
ASIDE = Explained(Fate.REFUSED, "anomalie : transition_illegale", "anomalie")
GONE = Explained(Fate.GONE, "escale : livree", "livree")


def missing(ref: str = "dossier-11:orientation.proposee") -> Journals:
    return Journals().sent(ref, opens="dossier-11").answered(ref)


def referred() -> Journals:
    """A referral that has arrived."""
    journals = missing()
    return journals.effect("dossier-11:orientation.proposee", to="escale", subject="uuid-11", dossier=11)


def test_a_refused_referral_is_listed_and_neither_lost_nor_orphaned():
    found = account(missing().observed, {"dossier-11:orientation.proposee": REFUSED})
    assert found.sound
    assert len(found.refused) == 1
    assert (found.verdict.total.lost, found.orphans) == ([], ())


def test_a_run_in_which_nothing_was_accepted_proves_nothing():
    assert not account(Journals().observed, {}).sound


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
    journals.declined("dossier-11:orientation.proposee", Mood.FALSE_SUCCESS, by="escale")
    found = account(journals.observed, {"dossier-11:orientation.proposee": GONE})
    assert not found.sound
    assert found.orphans == ("dossier-11",)
    assert "faux-succes" in found.lost[0]


def test_a_loop_that_waits_for_an_answer_nobody_gave_is_an_orphan():
    journals = Journals().arrived("dossier-11:orientation.proposee", opens="dossier-11")
    assert account(journals.observed, {}).orphans == ("dossier-11",)


def test_a_refused_answer_explains_the_loop_of_its_referral():
    journals = referred().sent("uuid-11:orientation.refusee", subject="uuid-11", seq=2)
    journals.answered("uuid-11:orientation.refusee")
    assert journals.observed.loop_of("uuid-11:orientation.refusee") == "dossier-11"
    found = account(journals.observed, {"uuid-11:orientation.refusee": REFUSED})
    assert found.orphans == ()
    assert found.sound


@each_row("event", ["orientation.accusee", "orientation.acceptee", "decision.commission"])
def test_a_refused_step_on_the_way_explains_no_loop_without_an_answer(event: str):
    journals = referred()
    for seq, name in enumerate((event, "entree.constatee"), 2):
        journals.sent(f"uuid-11:{name}", subject="uuid-11", seq=seq).answered(f"uuid-11:{name}")
    journals.effect("uuid-11:entree.constatee")  # and yet no outcome of it was noted
    assert account(journals.observed, {f"uuid-11:{event}": REFUSED}).orphans == ("dossier-11",)


def test_a_waiting_list_that_the_siao_refused_to_hear_of_explains_that_it_took_nothing_back():
    journals = referred().sent("uuid-11:orientation.mise-en-attente", subject="uuid-11", seq=2)
    journals.answered("uuid-11:orientation.mise-en-attente")
    assert account(journals.observed, {"uuid-11:orientation.mise-en-attente": REFUSED}).orphans == ()


def test_an_undecided_delivery_that_did_not_arrive_is_a_task_and_may_come_whenever():
    undecided = [Delivery("siao-59", "k1", "e1", "place.vacante", "p", "incertaine")]
    journals = Journals().sent("a", subject="p").sent("b", subject="p", seq=2).answered("a").answered("b")
    journals.effect("b", key="k2")
    said = {"a": Explained(Fate.OPEN, "siao-59 : incertaine", "incertaine")}
    found = account(journals.observed, said, undecided=undecided)
    assert found.sound
    assert len(found.tasks) == 1
    journals.effect("a", key="k1")
    assert account(journals.observed, {}, undecided=undecided).sound
    assert account(journals.observed, {}).verdict.total.inversions == ["a"]


def test_a_run_is_not_sound_when_the_observation_lacks_a_step():
    journals = Journals().arrived("dossier-11:orientation.proposee")
    assert account(journals.observed, {}).sound
    assert not account(journals.observed, {}, observes=True).sound
    journals.effect("hub:observation.jeu:A", to="observation-59", steps=["orientation:O1"])
    assert account(journals.observed, {}, observes=True).sound
