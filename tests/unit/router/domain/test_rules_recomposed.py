"""Who hears that a household has split or joined another: those that hold it, each of its own loop alone."""

from typing import Any
from uuid import UUID

import pytest

from contracts.base import Nature
from contracts.partner import Famille
from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.attribution import CandidaturePresentee, CandidatureRetiree
from contracts.v1.demande import DemandeRecue, EvaluationDemandee, EvaluationRealisee
from contracts.v1.orientation import OrientationProposee, OrientationRefusee
from contracts.v1.pret_logement import MenageReuni, MenageSepare, PretLogementDeclare
from contracts.v1.suite import AccompagnementDemande
from contracts.v1.suivi import SuiviDemande, SuiviRepondu
from router.domain.rules.effects import Effects
from tests.unit.router.domain.monde import (
    AUTRE,
    AUTRE_FINESS,
    BAILLEUR,
    CENTRE,
    DEMAIN,
    FINESS,
    JOUR,
    REGISTRE,
    SIAO,
    SIRET,
    Monde,
    ident,
    menage,
    partner,
)

AVDL, OPERATEUR = "010000040", "010000057"
A, B = ident("ménage"), ident("autre ménage")
ORIENTATION, CANDIDATURE, SUIVI, DEMANDE = map(ident, ("orientation", "candidature", "suivi", "demande"))
SPLIT, JOINED = MenageSepare(menage=A, autre=B), MenageReuni(menage=A, autre=B)


@pytest.fixture
def monde() -> Monde:
    beside = (
        partner("ccas", Famille.PRESCRIPTEUR, dialecte_sortant="prescripteur_json"),
        partner("ddets", Famille.CONTINGENT, dialecte_sortant="contingent_json"),
        partner("avdl", Famille.ACCOMPAGNEMENT, structures=(AVDL,), dialecte_sortant="cloudevents_json"),
        partner("fsl", Famille.ACCOMPAGNEMENT, structures=(OPERATEUR,), dialecte_sortant="cloudevents_json"),
        partner("siao-01-bis", Famille.SIAO, volet="insertion"),
    )
    urgence = REGISTRE.partners[SIAO].model_copy(update={"volet": "urgence"})
    return Monde().avec(*beside, urgence)


def referred(name: str = "ménage", **more: Any) -> OrientationProposee:
    values = {"orientation": ORIENTATION, "structure": FINESS, "dispositif": "INSERTION", "demande": DEMANDE}
    return OrientationProposee(**{**values, "menage": menage(name), **more})


def held(monde: Monde) -> None:
    """Everybody holds the household, and the evaluator has brought it under an id of its own."""
    monde.dit("ccas", DemandeRecue(demande=DEMANDE, menage=menage("chez le CCAS"), dispositif="URGENCE"))
    monde.dit(SIAO, EvaluationDemandee(demande=DEMANDE, avant_le=DEMAIN))
    monde.dit(SIAO, referred())
    monde.dit(SIAO, AccompagnementDemande(orientation=ORIENTATION, operateur=OPERATEUR))
    monde.dit(SIAO, PretLogementDeclare(menage=menage(), departement="01", evaluee_le=JOUR))
    monde.dit(SIAO, presented())
    monde.dit(SIAO, SuiviDemande(suivi=SUIVI, menage=menage(), operateur=AVDL))


def presented() -> CandidaturePresentee:
    household = menage(numero_unique="1110318016982G1104")
    return CandidaturePresentee(candidature=CANDIDATURE, menage=household, bailleur=SIRET, canal="DIRECT")


HOLDING = {
    (CENTRE, ORIENTATION, Nature.ORIENTATION),
    ("fsl", ORIENTATION, Nature.ORIENTATION),
    (BAILLEUR, CANDIDATURE, Nature.CANDIDATURE),
    ("ddets", A, Nature.MENAGE),
    ("avdl", SUIVI, Nature.SUIVI),
    ("ccas", DEMANDE, Nature.DEMANDE),
}


def told(effects: Effects) -> set[tuple[str | None, UUID, Nature]]:
    return {(each.emetteur, each.objet, each.nature) for each in alerts(effects)}


def alerts(effects: Effects) -> list[AlerteAnomalie]:
    return [each for each in effects.derived if isinstance(each, AlerteAnomalie)]


@pytest.mark.parametrize("said", [SPLIT, JOINED], ids=lambda each: each.NOM)
def test_everybody_that_holds_a_household_hears_of_its_own_loop_that_it_has_split_or_joined(
    monde: Monde, said: MenageSepare
) -> None:
    held(monde)
    effects = monde.dit(SIAO, said)
    assert told(effects) == HOLDING
    reached = {who for each in alerts(effects) for who in monde.hub_dit(each).recipients}
    assert reached == {who for who, _, _ in HOLDING} - {"ccas"} | {SIAO}, "qui ne lit pas d'alerte : le SIAO"


def test_no_holder_learns_the_other_household_or_shares_an_id_with_another_holder(monde: Monde) -> None:
    held(monde)
    told_each = alerts(monde.dit(SIAO, SPLIT))
    assert not any(str(B) in each.model_dump_json() for each in told_each)
    assert len({each.evenement for each in told_each}) == len(told_each)
    assert {each.etat for each in told_each} == {None}


def test_those_that_hold_the_household_of_those_who_left_hear_nothing_of_a_split(monde: Monde) -> None:
    monde.dit(SIAO, referred("autre ménage"))
    assert told(monde.dit(SIAO, SPLIT)) == set()
    assert told(monde.dit(SIAO, JOINED)) == {(CENTRE, ORIENTATION, Nature.ORIENTATION)}


def test_whoever_holds_it_no_longer_hears_nothing(monde: Monde) -> None:
    held(monde)
    refused = {"auteur": "STRUCTURE", "motif": "ACCESSIBILITE"}
    monde.dit(CENTRE, OrientationRefusee(orientation=ORIENTATION, **refused))
    monde.dit(SIAO, CandidatureRetiree(candidature=CANDIDATURE))
    monde.dit("avdl", SuiviRepondu(suivi=SUIVI, accepte=False))
    monde.dit("ccas", EvaluationRealisee(demande=DEMANDE, methode="VISITE", realisee_le=JOUR))
    assert told(monde.dit(SIAO, SPLIT)) == {("ddets", A, Nature.MENAGE)}


def test_only_the_loops_of_the_siao_that_says_it_are_concerned(monde: Monde) -> None:
    held(monde)
    elsewhere = ident("ailleurs")
    monde.dit("siao-01-bis", referred(orientation=elsewhere, structure=AUTRE_FINESS, demande=None))
    assert told(monde.dit("siao-01-bis", JOINED)) == {(AUTRE, elsewhere, Nature.ORIENTATION)}
