"""What the hub says of its own accord follows from the journals: as often as it is due, in order, and once."""

from simulation import derived
from simulation.journal import Kind
from simulation.moods import Mood
from simulation.observed import Delivery
from simulation.oracle import judge
from tests.rows import each_row
from tests.unit.simulation.journaux import Journals

ENDS = ("orientation.refusee", "presentation.absence")


def free(version: int, place: str = "p") -> str:
    return f"hub:place.disponible:{place}:{version}"


def ended(*events: str) -> Journals:
    """Place 1, known as `p`, and a referral to it for each of these events, which end it and have arrived."""
    ref = "TIL-00001:place.vacante"
    journals = Journals().sent(ref).answered(ref).effect(ref, code="TIL-00001", place="p")
    for slot, event in enumerate(events, 1):
        number, subject = 10 + slot, f"uuid-{slot}"
        proposed, answer = f"dossier-{number}:orientation.proposee", f"{subject}:{event}"
        journals.arrived(proposed, subject=subject).observed.loops[subject] = f"dossier-{number}"
        journals.arrived(answer, subject=subject, seq=2)
    return journals


def test_a_place_is_told_free_once_for_each_referral_that_ended_without_an_arrival():
    journals = ended(*ENDS).effect(free(3)).effect(free(5))
    assert judge(journals.observed).sound
    assert judge(journals.observed).derived == 2
    assert not derived.untold(journals.observed)


def test_a_place_that_is_given_up_and_never_told_free_is_named():
    journals = ended(*ENDS).effect(free(3))
    assert derived.untold(journals.observed)
    (trouble,) = judge(journals.observed).news
    assert trouble.place == 1
    assert not judge(journals.observed).sound


@each_row("version", [3, 4, 5])
def test_a_place_told_free_once_too_often_is_named_whatever_its_version(version: int):
    journals = ended("orientation.refusee").effect(free(3)).effect(free(version))
    assert not judge(journals.observed).sound


def test_a_place_that_nobody_knows_is_told_free_for_no_reason():
    assert len(judge(Journals().effect(free(3)).observed).news) == 1


def test_an_arrival_frees_no_place_and_a_referral_to_a_structure_has_none():
    journals = ended("entree.constatee")
    journals.observed.loops["uuid-9"] = "dossier-19"
    journals.arrived("uuid-9:orientation.refusee", subject="uuid-9")
    assert judge(journals.observed).news == ()


def test_an_end_that_waits_on_its_way_or_was_refused_by_who_was_to_hear_of_it():
    journals = ended()
    journals.observed.loops["uuid-1"] = "dossier-11"
    journals.sent("uuid-1:orientation.refusee").answered("uuid-1:orientation.refusee")
    assert judge(journals.observed).news == ()
    assert judge(journals.effect(free(3)).observed).news == ()
    declined = {"at": journals.tick(), "kind": Kind.DECLINED, "key": "k", "mood": Mood.REFUSAL}
    waiting = ended()
    waiting.observed.loops["uuid-1"] = "dossier-11"
    waiting.sent("uuid-1:orientation.refusee").answered("uuid-1:orientation.refusee")
    waiting.observed.add("siao-59", {**declined, "ref": "uuid-1:orientation.refusee"})
    assert len(judge(waiting.observed).news) == 1


def test_news_that_its_recipient_refused_was_told_and_an_outage_is_no_refusal():
    for mood, told in ((Mood.REFUSAL, True), (Mood.ERROR, False)):
        journals = ended("orientation.refusee")
        declined = {"at": journals.tick(), "kind": Kind.DECLINED, "key": "k", "mood": mood, "ref": free(3)}
        journals.observed.add("siao-59", declined)
        assert (judge(journals.observed).news == ()) is told


def test_news_of_which_nobody_knows_whether_it_arrived_is_a_task_and_excuses_its_place_alone():
    journals = ended("orientation.refusee")
    for place, excused in (("p", True), ("q", False)):
        undecided = [Delivery("siao-59", "d", "e", "place.disponible", place, "incertaine")]
        assert (judge(journals.observed, undecided=undecided).news == ()) is excused


def test_versions_of_a_place_that_go_back_are_an_inversion():
    journals = ended(*ENDS).effect(free(5)).effect(free(3))
    assert judge(journals.observed).total.inversions == [free(3)]


def test_a_version_told_again_with_another_content_is_a_duplicate():
    journals = ended("orientation.refusee").effect(free(3)).effect("hub:place.liberee:p:3")
    assert judge(journals.observed).total.duplicates == ["hub:place.liberee:p:3"]


def test_the_same_news_under_two_keys_is_doubled():
    journals = ended("orientation.refusee").effect(free(3)).effect(free(3))
    assert judge(journals.observed).total.duplicates == [free(3)]


def test_recipients_and_places_have_no_order_between_them():
    journals = Journals().effect(free(5)).effect(free(3, "q")).effect("hub:place.liberee:p:4", to="escale")
    assert judge(journals.observed).total.inversions == []


def test_an_alert_is_a_surprise():
    (surprise,) = judge(Journals().effect("hub:alerte.anomalie:e").observed).surprises
    assert "alerte" in surprise
