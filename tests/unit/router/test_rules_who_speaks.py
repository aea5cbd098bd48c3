"""Who may say what, and who learns that somebody may not."""

import pytest

from contracts.base import Contrat
from contracts.partner import Famille
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, MotifAnomalie
from contracts.v1.orientation import OrientationAcceptee
from contracts.v1.place import PlaceReservee
from contracts.v1.suite import AccompagnementDemande, AdmissionDirecte
from router.partners import Registry
from tests.unit.router.monde import (
    AUTRE,
    CENTRE,
    JOUR,
    MAINTENANT,
    REGISTRE,
    SIAO,
    Monde,
    ident,
    menage,
    partner,
    proposition,
    vacance,
)

PLACE, ORIENTATION = ident("place"), ident("orientation")


@pytest.fixture
def monde() -> Monde:
    monde = Monde()
    monde.dit(CENTRE, vacance(PLACE))
    return monde


def alert(monde: Monde, source: str, event: Contrat) -> AlerteAnomalie | AlerteConflit | None:
    derived = [c for c in monde.dit(source, event).derived if isinstance(c, AlerteAnomalie | AlerteConflit)]
    return derived[0] if derived else None


def direct(derogation: str | None = None) -> AdmissionDirecte:
    return AdmissionDirecte(place=PLACE, menage=menage(), admission_le=JOUR, derogation=derogation)


def test_a_direct_admission_under_a_derogation_is_told_and_occupies_its_place(monde: Monde) -> None:
    effects = monde.dit(CENTRE, direct("D-2026-12"))
    assert effects.recipients == (SIAO,)
    assert effects.derived == ()
    assert monde.etat(PLACE) == "OCCUPEE"


def test_without_a_derogation_it_is_a_fact_all_the_same_and_an_anomaly(monde: Monde) -> None:
    effects = monde.dit(CENTRE, direct())
    assert effects.recipients == (SIAO,)
    assert monde.etat(PLACE) == "OCCUPEE"
    assert [c.motif for c in effects.derived if isinstance(c, AlerteAnomalie)] == [
        MotifAnomalie.SANS_DEROGATION
    ]


def test_a_direct_admission_to_a_reserved_place_tells_the_siao_of_both_households(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    effects = monde.dit(CENTRE, direct("D-2026-12"))
    conflict = next(c for c in effects.derived if isinstance(c, AlerteConflit))
    assert (conflict.motif, conflict.place) == (MotifAnomalie.PLACE_DEJA_RESERVEE, PLACE)


@pytest.mark.parametrize(
    "event", [direct(), PlaceReservee(place=PLACE, orientation=ORIENTATION, expire_le=MAINTENANT)], ids=str
)
def test_of_a_place_only_its_manager_speaks(monde: Monde, event: Contrat) -> None:
    said = alert(monde, AUTRE, event)
    assert said is not None
    assert said.motif is MotifAnomalie.EMETTEUR_INATTENDU
    assert monde.etat(PLACE) == "DISPONIBLE"


@pytest.mark.parametrize("source", [SIAO, CENTRE])
def test_an_accompaniment_is_asked_for_by_either_side_of_a_referral(monde: Monde, source: str) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    event = AccompagnementDemande(orientation=ORIENTATION)
    assert alert(monde, source, event) is None
    assert monde.dit(source, event).recipients == ({SIAO: CENTRE, CENTRE: SIAO}[source],)


def test_an_alert_reaches_the_siao_and_the_sender_of_what_it_is_about(monde: Monde) -> None:
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    said = alert(monde, AUTRE, OrientationAcceptee(orientation=ORIENTATION))
    assert isinstance(said, AlerteAnomalie)
    assert monde.hub_dit(said).recipients == (SIAO, AUTRE)
    assert said.etat is None, "qui n'a rien à y voir n'apprend pas où elle en est"


def test_a_sender_whose_system_reads_no_alerts_is_simply_not_addressed(monde: Monde) -> None:
    deaf = partner(AUTRE, Famille.HEBERGEMENT, dialecte_sortant="hebergement_csv")
    monde.registry = Registry.of([*REGISTRE.partners.values(), deaf])
    said = alert(monde, AUTRE, OrientationAcceptee(orientation=ORIENTATION))
    assert said is not None
    assert monde.hub_dit(said).recipients == (SIAO,)


def test_a_message_without_effect_still_makes_older_ones_older(monde: Monde) -> None:
    monde.dit(CENTRE, vacance(PLACE, version=5))
    monde.dit(SIAO, proposition(ORIENTATION, PLACE))
    monde.dit(CENTRE, vacance(PLACE, version=9))
    assert monde.dit(CENTRE, vacance(PLACE, version=7)).outcome == ("sans_effet", "plus_ancien")
