"""A restored database may cost what the handbook says, row by row, and not a row more."""

import pytest

from simulation.chaos.permitted import READ_AGAIN, Restoration
from simulation.chaos.reckoning import account
from simulation.fates import Explained
from simulation.journal import Kind
from simulation.oracle import Fate
from tests.unit.simulation.journaux import SECOND, Journals

GONE = Explained(Fate.GONE, "inconnue du hub (HTTP 404)")
ASIDE = Explained(Fate.REFUSED, "anomalie : transition_illegale", "anomalie")
REF = "dossier-11:orientation.proposee"


def restored(copied_s: int, lost_s: int, *on_bus: str) -> list[Restoration]:
    return [Restoration(copied_s * SECOND, lost_s * SECOND, (lost_s + 5) * SECOND, frozenset(on_bus))]


def referral() -> Journals:
    """Accepted as message `m` at the second second."""
    return Journals().sent(REF, opens="dossier-11").answered(REF)


def test_what_was_not_yet_published_is_permitted_and_its_loop_no_orphan():
    found = account(referral().observed, {REF: GONE}, restorations=restored(1, 10))
    assert found.sound
    assert len(found.permitted) == 1


def test_what_the_bus_knew_is_lost_all_the_same():
    found = account(referral().observed, {REF: GONE}, restorations=restored(1, 10, "m"))
    assert not found.sound
    assert len(found.lost) == 1


def test_what_was_accepted_before_the_copy_or_sent_after_the_loss_is_lost_all_the_same():
    for restorations in (restored(5, 10), restored(0, 1)):
        found = account(referral().observed, {REF: GONE}, restorations=restorations)
        assert (len(found.lost), found.permitted) == (1, ())


def test_what_was_in_doubt_and_accepted_anew_afterwards_is_not_permitted_to_be_missing():
    journals = Journals().sent(REF, opens="dossier-11")
    journals.tick(30)
    journals.answered(REF)
    assert len(account(journals.observed, {REF: GONE}, restorations=restored(0, 10)).lost) == 1


def test_what_the_hub_still_knows_is_told_as_it_says():
    said = Explained(Fate.REFUSED, "escale : oubliee", "oubliee")
    found = account(referral().observed, {REF: said}, restorations=restored(1, 10))
    assert (len(found.refused), found.permitted) == (1, ())


def test_what_a_rule_leaves_aside_for_want_of_it_is_permitted_and_nothing_else():
    journals = referral().sent("dossier-11:orientation.annulee").answered("dossier-11:orientation.annulee")
    journals.sent("dossier-21:orientation.annulee").answered("dossier-21:orientation.annulee")
    said = {REF: GONE, "dossier-11:orientation.annulee": ASIDE, "dossier-21:orientation.annulee": ASIDE}
    found = account(journals.observed, said, restorations=restored(1, 3))
    assert len(found.permitted) == 2
    assert [line.split()[0] for line in found.aside] == ["dossier-21:orientation.annulee"]


def test_a_place_that_is_permitted_to_be_missing_forgives_no_other_place_a_row_left_aside():
    here, there = "TIL-00001:place.vacante", "ESC-00002:place.vacante"
    journals = Journals().sent(here).answered(here).sent(there).answered(there)
    found = account(journals.observed, {here: GONE, there: ASIDE}, restorations=restored(1, 3))
    assert not found.sound
    assert [line.split()[0] for line in found.aside] == [there]


def test_what_the_hub_says_of_a_place_is_not_counted_where_a_row_is_permitted_to_be_missing():
    journals = referral().sent("dossier-21:orientation.annulee").answered("dossier-21:orientation.annulee")
    journals.effect("dossier-21:orientation.annulee", to="escale")
    said = {REF: GONE}
    found = account(journals.effect("hub:alerte.anomalie:e").observed, said, restorations=restored(1, 3))
    assert [trouble.place for trouble in found.verdict.news] == [2]
    said["dossier-21:orientation.proposee"] = GONE
    journals.sent("dossier-21:orientation.proposee").answered("dossier-21:orientation.proposee")
    assert account(journals.observed, said, restorations=restored(1, 10)).verdict.news == ()


def test_a_row_in_doubt_when_the_base_was_lost_may_come_twice_and_any_other_may_not():
    journals = Journals().sent("a")
    journals.tick(10)
    journals.answered("a").effect("a").effect("a")
    assert account(journals.observed, {}, restorations=restored(0, 5)).sound
    assert account(journals.observed, {}, restorations=restored(0, 20)).verdict.total.duplicates == ["a"]
    assert not account(journals.observed, {}).sound


def test_how_far_the_base_went_back_counts_to_its_loss():
    assert restored(10, 640)[0].back_s == 630.0


def test_an_acknowledgement_of_what_the_base_does_not_know_yet_is_permitted_after_its_loss_alone():
    journals = Journals().arrived("a")
    record = {"at": journals.tick(), "kind": Kind.ACKNOWLEDGED, "key": "k", "status": 404}
    journals.observed.add("halte-canal", record)
    assert account(journals.observed, {}, restorations=restored(0, 4)).sound
    assert not account(journals.observed, {}).sound


@pytest.mark.parametrize("read_again", sorted(READ_AGAIN))
def test_a_row_that_the_hub_reads_again_by_itself_may_arrive_twice_and_no_other_row(read_again: str):
    fiche, other = "dossier-14:menage.pret-logement.declare", "dossier-15:menage.pret-logement.declare"
    journals = Journals()
    for ref, flow in ((fiche, {"flow": read_again}), (other, {})):
        journals.sent(ref, **flow).answered(ref).effect(ref).effect(ref)
    assert account(journals.observed, {}, restorations=restored(1, 30)).verdict.total.duplicates == [other]
    twice = account(journals.observed, {}, restorations=restored(5, 30)).verdict.total.duplicates
    assert twice == [fiche, other]
