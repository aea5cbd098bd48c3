"""What holds of every message, whatever it says."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.sealed import clear_half, put_together, take_apart
from contracts.v1 import CONTRATS
from contracts.v1.aide_sociale import AideSocialeDemandee
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit
from contracts.v1.attribution import CandidaturePresentee, CandidatureSurListe
from contracts.v1.daho import DahoOriente
from contracts.v1.examen import ExamenAvis
from contracts.v1.livraison import LivraisonRemise
from contracts.v1.orientation import OrientationAccusee, OrientationProposee
from contracts.v1.place import PlaceOccupee
from contracts.v1.suite import AdmissionDirecte
from router.domain import judging
from tests.rows import each_row
from tests.unit.contracts.contrats_fictifs import contrats
from tests.unit.router.domain.monde import CENTRE, SIAO, Monde, attributes, ident, proposition, vacance

quelques = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOUS = each_row("contrat", CONTRATS.values(), ids=lambda contrat: contrat.__name__)


@TOUS
@quelques
@given(data=st.data())
def test_every_message_out_of_the_blue_has_a_consequence(contrat: type[Contrat], data: st.DataObject) -> None:
    """A delivery, an alert, an outcome, or an error that takes it to quarantine: never silence."""
    event = data.draw(contrats(contrat))
    try:
        effects = Monde().dit(CENTRE, event)
    except Unroutable:
        return
    assert effects.recipients or effects.derived or effects.outcome


@TOUS
@quelques
@given(data=st.data())
def test_the_rules_decide_by_the_clear_half_alone(contrat: type[Contrat], data: st.DataObject) -> None:
    event = data.draw(contrats(contrat))
    clear = put_together(contrat, clear_half(event))
    assert _judged(event) == _judged(clear)


def _judged(event: Contrat) -> judging.Effects | str:
    try:
        return Monde().suites(CENTRE, event)
    except Unroutable as exc:
        return str(exc)


@TOUS
@quelques
@given(data=st.data())
def test_a_message_reads_its_own_subject_first(contrat: type[Contrat], data: st.DataObject) -> None:
    event = data.draw(contrats(contrat))
    first, *others = judging.concerned(event)
    assert first == event.sujet
    assert others == _named(event), "les autres sujets que ce message lit : `_named`"


def _named(event: Contrat) -> list[UUID]:
    if isinstance(event, CandidaturePresentee | CandidatureSurListe):
        return [event.menage.id, *(() if event.acte is None else (event.acte,))]
    if isinstance(event, ExamenAvis):
        return [each for each in (event.menage, event.candidature) if each is not None]
    if isinstance(event, AdmissionDirecte):
        return [each for each in (event.orientation, event.acte) if each is not None]
    if isinstance(event, AideSocialeDemandee | DahoOriente | PlaceOccupee):
        return [] if event.orientation is None else [event.orientation]
    if not isinstance(event, OrientationProposee):
        return []
    named = (event.place, *event.autres_places, event.demande, event.acte, event.candidature)
    return [ident for ident in named if ident is not None]


def test_an_alert_of_the_hub_goes_to_the_siao_and_moves_nothing() -> None:
    monde = Monde()
    monde.dit(CENTRE, vacance(ident("place")))
    monde.dit(SIAO, proposition(ident("une"), ident("place")))
    (conflict,) = monde.dit(SIAO, proposition(ident("autre"), ident("place"))).derived
    (anomaly,) = monde.dit(SIAO, OrientationAccusee(orientation=ident("une"))).derived
    assert isinstance(conflict, AlerteConflit)
    assert isinstance(anomaly, AlerteAnomalie)
    for alert in (conflict, anomaly):
        assert monde.hub_dit(alert) == judging.Effects(recipients=(SIAO,))


def test_an_alert_says_which_event_gave_rise_to_it_and_nothing_personal() -> None:
    monde = Monde()
    (alert,) = monde.dit(CENTRE, OrientationAccusee(orientation=ident("inconnue"))).derived
    assert isinstance(alert, AlerteAnomalie)
    assert alert.evenement == ident("événement 1")
    assert alert.type_evenement == OrientationAccusee.TYPE
    assert take_apart(alert)[1] == {}


def test_a_receipt_of_what_the_hub_does_not_know_has_no_effect() -> None:
    receipt = LivraisonRemise(objet=ident("inconnu"), partenaire=CENTRE, remise_le="2026-03-02T18:00:00Z")
    assert Monde().hub_dit(receipt).outcome == ("sans_effet", "deja_connu")


def test_a_contract_without_a_rule_is_unroutable_in_french() -> None:
    class Inconnu(Contrat):
        DOMAINE = "offre"
        NOM = "inconnu"
        SUJET = "chose"
        chose: UUID

    contrat = Inconnu(chose=ident("une"))
    now = datetime(2026, 3, 2, 18, tzinfo=UTC)
    event = Event(attributes(1, CENTRE, contrat, "67", now), contrat)
    with pytest.raises(Unroutable, match=r"aucune règle pour fr.siao.offre.inconnu.v1"):
        judging.apply(event, judging.World({}, Monde().registry, None), now)  # type: ignore[arg-type]  # no rule forwards it
