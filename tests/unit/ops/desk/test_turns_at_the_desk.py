"""Whose turn it is, in the words that every page of the desk uses."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from contracts.partner import Famille
from contracts.reference.codes import Dispositif
from ops.desk.about import next_to_act
from ops.desk.tasks import CONFIRMS, CONFIRMS_THERE, Ligne, at_the_desk
from ops.status.quantities import ZONE
from ops.tracing.whose_turn import IS_TO_COLLECT, NextAct
from router.domain.deadlines import time_to_answer
from router.domain.partners import Registry
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import Etat
from router.domain.subjects import Demande, Orientation
from tests.unit.router.domain.monde import CENTRE, SIAO, ident, partner

REGISTRY = Registry.of([partner(SIAO, Famille.SIAO), partner(CENTRE, Famille.HEBERGEMENT)])
PARIS = ZoneInfo("Europe/Paris")
UNTIL = datetime(2026, 11, 30, 16, 7, tzinfo=PARIS)
TURN = NextAct("proposée", CENTRE, IS_TO_COLLECT, None, UNTIL, late=False)
NIGHT = Orientation(
    id=ident("o"),
    etat=Etat.PROPOSEE,
    emetteur=SIAO,
    destinataire=CENTRE,
    menage=ident("m"),
    dispositif=Dispositif.URGENCE,
)


def test_an_expected_act_is_said_with_its_deadline_and_the_time_then_left_for_the_answer() -> None:
    token = ZONE.set(PARIS)
    line = Ligne(NIGHT, "", at_the_desk(TURN, SIAO), puis=time_to_answer(NIGHT, REGISTRY))
    opens = "confirmer la réception avant le 30/11 à 16 h 07, puis 30 minutes pour répondre"
    assert line.attendu == f"{opens}, au plus tard le 30/11 à 16 h 37"
    late = line._replace(puis=time_to_answer(WORKING, REGISTRY)).attendu
    assert late.endswith("puis 7 jours ouvrés pour répondre"), "un calendrier n'est pas compté d'avance"
    received = line._replace(puis=None, turn=TURN._replace(expected="accepter ou refuser"))
    assert received.attendu == "accepter ou refuser avant le 30/11 à 16 h 07"
    assert received._replace(turn=TURN._replace(expected="signer", until=None)).attendu == "signer"
    ZONE.reset(token)


def test_who_has_the_message_in_its_mailbox_confirms_it_and_the_others_learn_that_it_will() -> None:
    assert (at_the_desk(TURN, CENTRE).expected, at_the_desk(TURN, SIAO).expected) == (
        CONFIRMS,
        CONFIRMS_THERE,
    )


WORKING = replace(NIGHT, dispositif=Dispositif.INSERTION)
DEMAND = Demande(
    id=ident("d"), etat=EtatDemande.RECUE, emetteur="ccas", destinataire=CENTRE, menage=ident("m")
)


@pytest.mark.parametrize(
    ("envoi", "time"),
    [(WORKING, "7 jours ouvrés"), (replace(WORKING, etat=Etat.ANNULEE), "None"), (DEMAND, "5 jours ouvrés")],
)
def test_the_time_to_answer_is_that_of_a_kind_of_place_or_of_a_transfer_and_none_once_it_is_closed(
    envoi: Orientation | Demande, time: str
) -> None:
    assert str(time_to_answer(envoi, REGISTRY)) == time


def test_a_siao_learns_whom_to_call_and_the_bringer_of_a_demand_not_to_whom_it_went() -> None:
    siao, ccas = partner(SIAO, Famille.SIAO), partner("ccas", Famille.PRESCRIPTEUR)
    assert next_to_act(CENTRE, DEMAND, siao, REGISTRY) == REGISTRY.get(CENTRE)
    assert next_to_act(CENTRE, DEMAND, ccas, REGISTRY) == REGISTRY.get(CENTRE)
    assert next_to_act(CENTRE, replace(DEMAND, cedants=(SIAO,)), ccas, REGISTRY) is None
    assert next_to_act(SIAO, DEMAND, ccas, REGISTRY) is None, "le SIAO à qui le transfert est proposé"
