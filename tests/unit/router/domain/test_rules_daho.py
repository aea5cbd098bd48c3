"""What follows when the prefect designates a household to the SIAO under the right to shelter (DAHO)."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.errors import Unroutable
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.daho import (
    AccueilDaho,
    DahoAccueilli,
    DahoAttribue,
    DahoDesigne,
    DahoHorsDelai,
    DahoOriente,
    DahoRetire,
    MotifRetraitDaho,
)
from contracts.v1.echeance import Echeance, Etape
from router.domain.books import message_at
from router.domain.deadlines import Deadline, running_of
from router.domain.partners import Registry
from router.domain.rulebooks.daho import Daho
from tests.unit.router.domain.monde import (
    CENTRE,
    FINESS,
    JOUR,
    SIAO,
    Monde,
    ident,
    menage,
    proposition,
    vacance,
)
from tests.unit.router.domain.test_rules_actes import ETAT, monde, motif

__all__ = ["monde"]  # the fixture
DAHO, PLACE, ORIENTATION = ident("daho"), ident("place"), ident("orientation")
DECISION = JOUR - timedelta(days=2)


def designated(**more: Any) -> DahoDesigne:
    return DahoDesigne(**{"daho": DAHO, "menage": menage(), "decision_le": DECISION, **more})


def referred() -> DahoOriente:
    return DahoOriente(daho=DAHO, orientation=ORIENTATION, oriente_le=JOUR)


@pytest.fixture
def designe(monde: Monde) -> Monde:
    monde.dit(ETAT, designated())
    return monde


def running(monde: Monde, echeance: Echeance) -> Deadline:
    return running_of(held(monde), monde.registry)[echeance]


def held(monde: Monde) -> Daho:
    found = monde.subjects[DAHO]
    assert isinstance(found, Daho)
    return found


def late(monde: Monde) -> DahoHorsDelai:
    said = message_at(held(monde), running(monde, Echeance.DAHO), Etape.ECHUE)
    assert isinstance(said, DahoHorsDelai)
    return said


def test_the_siao_of_the_territory_gets_the_household_and_nobody_else(monde: Monde) -> None:
    assert monde.dit(ETAT, designated()).recipients == (SIAO,)
    assert monde.etat(DAHO) == "DESIGNE"


def test_without_a_siao_the_designation_waits_for_the_registry(monde: Monde) -> None:
    monde.registry = Registry({n: p for n, p in monde.registry.partners.items() if n != SIAO})
    with pytest.raises(Unroutable, match="aucun SIAO"):
        monde.dit(ETAT, designated())


@pytest.mark.parametrize(
    ("accueil", "last"),
    [
        (AccueilDaho.HEBERGEMENT, DECISION + timedelta(weeks=6)),
        (AccueilDaho.LOGEMENT_DE_TRANSITION, date(DECISION.year, DECISION.month + 3, DECISION.day)),
    ],
)
def test_the_siao_has_six_weeks_from_the_decision_and_three_months_for_transitional_housing(
    monde: Monde, accueil: AccueilDaho, last: date
) -> None:
    monde.dit(ETAT, designated(accueil=accueil))
    assert held(monde).avant_le == last
    assert (running(monde, Echeance.DAHO).due_at + timedelta(hours=1)).date() == last


def test_the_siao_is_reminded_before(designe: Monde) -> None:
    reminder = message_at(held(designe), running(designe, Echeance.DAHO), Etape.BIENTOT)
    (alert,) = designe.hub_dit(reminder).derived
    assert isinstance(alert, AlerteEcheance)
    assert alert.emetteur == SIAO
    assert SIAO in designe.hub_dit(alert).recipients


def test_when_the_time_is_over_both_learn_that_the_prefect_assigns_and_he_is_reminded(designe: Monde) -> None:
    assert set(designe.hub_dit(late(designe)).recipients) == {ETAT, SIAO}
    assert designe.etat(DAHO) == "A_ATTRIBUER"
    reminder = message_at(held(designe), running(designe, Echeance.ATTRIBUTION_DAHO), Etape.MI_DELAI)
    assert [a.emetteur for a in designe.hub_dit(reminder).derived if isinstance(a, AlerteEcheance)] == [ETAT]
    assigned = DahoAttribue(daho=DAHO, structure=FINESS, attribue_le=JOUR)
    assert designe.dit(ETAT, assigned).recipients == (SIAO,)
    assert designe.etat(DAHO) == "ATTRIBUE"


def test_a_referral_in_time_stops_the_clock_and_the_state_learns_it_and_the_reception(designe: Monde) -> None:
    late_one = late(designe)
    designe.dit(CENTRE, vacance(PLACE))
    designe.dit(SIAO, proposition(ORIENTATION, PLACE))
    assert designe.dit(SIAO, referred()).recipients == (ETAT,)
    assert not designe.hub_dit(late_one).recipients
    assert designe.dit(SIAO, DahoAccueilli(daho=DAHO, accueil_le=JOUR)).recipients == (ETAT,)
    assert (designe.etat(DAHO), running_of(held(designe), designe.registry)) == ("ACCUEILLI", {})


def test_a_household_that_is_referred_or_assigned_again_is_watched_again_from_then_on(designe: Monde) -> None:
    second = ident("seconde")
    designe.dit(CENTRE, vacance(PLACE))
    designe.dit(SIAO, proposition(ORIENTATION, PLACE))
    designe.dit(SIAO, proposition(second))
    assigned = DahoAttribue(daho=DAHO, structure=FINESS, attribue_le=JOUR)
    again = referred().model_copy(update={"orientation": second})
    later = assigned.model_copy(update={"attribue_le": JOUR + timedelta(days=40)})
    for who, first, new in ((SIAO, referred(), again), (ETAT, assigned, later)):
        designe.dit(who, first)
        before = running(designe, Echeance.ACCUEIL_DAHO)
        designe.now = before.stages[-1].at
        designe.dit(who, first)
        assert running(designe, Echeance.ACCUEIL_DAHO) == before, "redit, c'est le même"
        designe.dit(who, new)
        assert running(designe, Echeance.ACCUEIL_DAHO).started_at == designe.now


def test_the_siao_names_no_referral_but_its_own(designe: Monde) -> None:
    assert motif(designe.dit(SIAO, referred())) is MotifAnomalie.SUJET_INCONNU
    assert designe.etat(DAHO) == "DESIGNE"


def test_nobody_but_the_state_assigns_or_withdraws(designe: Monde) -> None:
    withdrawn = DahoRetire(daho=DAHO, motif=MotifRetraitDaho.AUTRE_SOLUTION)
    for said in (DahoAttribue(daho=DAHO, structure=FINESS, attribue_le=JOUR), withdrawn):
        assert motif(designe.dit(SIAO, said)) is MotifAnomalie.EMETTEUR_INATTENDU
    assert designe.dit(ETAT, withdrawn).recipients == (SIAO,)
    assert running_of(held(designe), designe.registry) == {}
