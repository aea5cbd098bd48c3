"""What the door says of an answer that cannot apply, and of one that it takes all the same."""

from datetime import date, timedelta

import pytest

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.mots import ACTES
from contracts.reference.codes import Dispositif, MotifRefus
from contracts.v1.orientation import OrientationAccusee, OrientationAnnulee
from contracts.v1.place import PlaceLiberee
from contracts.v1.suite import AccompagnementDemande
from router.domain import judging
from router.domain.at_the_door import Refusal, is_far_ahead, is_judged, leaves_before_it_came, refusal
from router.domain.messages import FACTS, THE_HUB
from tests.unit.router.domain.monde import (
    AUTRE,
    CENTRE,
    MAINTENANT,
    RESERVATION,
    SIAO,
    Monde,
    attributes,
    ident,
    proposition,
    reservation,
    vacance,
)
from tests.unit.router.domain.reponses import absence, acceptee, entree, refusee, sortie

PLACE, ORIENTATION, SECONDE = ident("place"), ident("orientation"), ident("seconde")


@pytest.fixture
def monde() -> Monde:
    return reservation(PLACE, ORIENTATION)


def told(monde: Monde, source: str, contrat: Contrat) -> Refusal | None:
    """What the door says."""
    event = Event(attributes(1000, source, contrat, "01", monde.now), contrat)
    return refusal(event, judging.World(monde.subjects, monde.registry, RESERVATION), MAINTENANT)


def test_an_answer_to_a_refused_referral_is_refused_with_where_it_stands_and_whom_to_call(monde: Monde):
    monde.dit(CENTRE, refusee(ORIENTATION))
    refused = told(monde, CENTRE, acceptee(ORIENTATION))
    assert refused == Refusal(
        "transition_illegale",
        "Cette orientation est refusée par la structure : on ne peut pas l'accepter. En cas de doute, appelez le SIAO.",
    )


def test_who_answers_a_referral_of_somebody_else_is_told_what_is_told_of_one_that_does_not_exist(
    monde: Monde,
):
    anothers = told(monde, AUTRE, acceptee(ORIENTATION))
    assert anothers is not None
    assert anothers == told(monde, AUTRE, acceptee(SECONDE))
    assert anothers.code == "envoi_inconnu"
    assert CENTRE not in anothers.message
    assert SIAO not in anothers.message


def test_the_siao_is_not_told_to_call_itself(monde: Monde):
    monde.dit(CENTRE, refusee(ORIENTATION))
    refused = told(monde, SIAO, OrientationAnnulee(orientation=ORIENTATION))
    assert refused is not None
    assert refused.message.endswith("En cas de doute, appelez l'équipe du hub.")


def test_a_departure_before_any_arrival_cannot_be_said_yet(monde: Monde):
    refused = told(monde, CENTRE, sortie(ORIENTATION))
    assert refused is not None
    assert "proposée, sans réponse encore : on ne peut pas déclarer la sortie" in refused.message


def test_a_motive_that_emergency_shelter_does_not_know_is_refused(monde: Monde):
    monde.dit(SIAO, proposition(SECONDE, dispositif=Dispositif.URGENCE))
    refused = told(monde, CENTRE, refusee(SECONDE, MotifRefus.RESSOURCES_INSUFFISANTES))
    assert refused is not None
    assert refused.code == "ressources_en_urgence"
    assert "L345-2-2" in refused.message


def test_who_asks_a_service_that_the_hub_does_not_know_is_told_to_name_another(monde: Monde):
    monde.dit(CENTRE, acceptee(ORIENTATION))
    for source in (SIAO, CENTRE):
        refused = told(monde, source, AccompagnementDemande(orientation=ORIENTATION, operateur="010000099"))
        assert refused is not None
        assert refused.code == "service_inconnu"
        assert "nommez le service" in refused.message


def test_a_late_acceptance_and_the_arrival_of_a_household_are_taken_though_their_place_is_lost(monde: Monde):
    held = monde.place(PLACE)
    monde.hub_dit(PlaceLiberee(place=PLACE, version=held.version))
    monde.dit(SIAO, proposition(SECONDE, PLACE))
    for answer in (acceptee(ORIENTATION), entree(ORIENTATION)):
        assert monde.suites(CENTRE, answer).outcome is not None
        assert told(monde, CENTRE, answer) is None


def test_what_is_said_again_or_too_late_to_matter_does_no_harm_and_is_taken(monde: Monde):
    monde.dit(CENTRE, acceptee(ORIENTATION))
    for answer in (acceptee(ORIENTATION), OrientationAccusee(orientation=ORIENTATION)):
        assert monde.suites(CENTRE, answer).outcome == ("sans_effet", "deja_connu")
        assert told(monde, CENTRE, answer) is None


def test_what_nobody_can_hear_is_taken_for_whoever_mends_the_registry(monde: Monde):
    registry = monde.registry
    monde.registry = type(registry).of(p for p in registry.partners.values() if p.id != SIAO)
    assert told(monde, CENTRE, absence(ORIENTATION)) is None


def test_only_what_answers_is_judged_and_nothing_that_opens_or_tells_of_a_place():
    assert is_judged(acceptee(ORIENTATION))
    assert not is_judged(proposition(ORIENTATION, PLACE))
    assert not is_judged(vacance(PLACE))


def test_everything_that_is_judged_has_its_words():
    said = {contrat for contrat, row in FACTS.items() if is_judged(contrat) and row.said_by != THE_HUB}
    assert said <= ACTES.keys()


def test_a_departure_before_the_day_of_arrival_is_told(monde: Monde):
    for answer in (acceptee(ORIENTATION), entree(ORIENTATION)):
        monde.dit(CENTRE, answer)
    world = judging.World(monde.subjects, monde.registry, RESERVATION)
    came = monde.orientation(ORIENTATION).presentation_le
    assert came is not None
    for days, early in ((-1, True), (0, False), (1, False)):
        leaves = sortie(ORIENTATION).model_copy(update={"sortie_le": came + timedelta(days=days)})
        assert leaves_before_it_came(leaves, world) is early


def test_a_day_more_than_a_year_ahead_is_told_in_an_answer_and_in_nothing_else():
    today = date(2026, 3, 1)
    for days, far in ((-400, False), (366, False), (367, True)):
        said = entree(ORIENTATION).model_copy(update={"entree_le": today + timedelta(days=days)})
        assert is_far_ahead(said, today) is far
    assert not is_far_ahead(proposition(ORIENTATION, PLACE), date(2000, 1, 1))
