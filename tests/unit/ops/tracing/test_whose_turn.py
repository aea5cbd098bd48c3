"""Whose turn it is, since when, until when; and that no open state is without an answer."""

from dataclasses import replace
from datetime import datetime, timedelta

from contracts.base import Nature
from contracts.envelope import HUB
from contracts.partner import Famille
from contracts.reference.codes import Dispositif
from contracts.v1.orientation import OrientationAccusee, OrientationProposee, OrientationRefusee
from ops.tracing.following import to_collect
from ops.tracing.history import Effet, Step
from ops.tracing.whose_turn import (
    COLLECTS,
    DELIVERS,
    IS_TO_COLLECT,
    Situation,
    lying,
    once_received,
    turn_of,
    whose_turn,
)
from router.domain.books import BOOKS
from router.domain.deadlines import running
from router.domain.rulebooks import place
from router.domain.rulebooks.demande import Etat as EtatDemande
from router.domain.rulebooks.orientation import Etat
from router.domain.rulebooks.pret_logement import Etat as EtatMenage
from router.domain.rulebooks.pret_logement import MenagePret
from router.domain.subjects import Demande, Orientation, Place, Subject
from tests.rows import each_row
from tests.unit.router.domain.monde import CENTRE, MAINTENANT, SIAO, TERRITOIRE, ident, partner

HOUR = timedelta(hours=1)
ENVOI = Orientation(
    id=ident("envoi"),
    etat=Etat.PROPOSEE,
    emetteur=SIAO,
    destinataire=CENTRE,
    menage=ident("ménage"),
    dispositif=Dispositif.INSERTION,
    etat_depuis=MAINTENANT - 3 * HOUR,
)
RECEIVED = replace(ENVOI, remise_le=MAINTENANT - 2 * HOUR)


def step(at: datetime, source: str, type: str, effet: Effet = Effet.APPLIQUE) -> Step:
    return Step(ident(type), ident("message"), 1, type, ENVOI.id, source, at, at, effet)


def test_until_it_is_received_it_is_the_turn_of_the_hub_and_the_deadline_is_its_own():
    told = step(MAINTENANT - HOUR, HUB, "delai.atteint")
    turn = whose_turn(Situation(ENVOI, (told,), running(ENVOI, TERRITOIRE)), MAINTENANT)
    assert (turn.who, turn.expected, turn.since) == (HUB, DELIVERS, ENVOI.etat_depuis), "non depuis l'alerte"
    assert turn.until == MAINTENANT - 3 * HOUR + timedelta(minutes=15)
    assert turn.late


def test_its_recipient_is_told_to_collect_what_lies_in_its_mailbox_and_not_what_was_refused_or_is_late():
    recipient, turn = partner(CENTRE, Famille.HEBERGEMENT), whose_turn(Situation(ENVOI), MAINTENANT)
    collects = to_collect(turn, ENVOI, recipient, {ENVOI.id})
    assert (collects.who, collects.expected) == (CENTRE, COLLECTS)
    assert to_collect(turn, ENVOI, recipient, ()) == turn
    told = lying(turn, ENVOI, {ENVOI.id})
    assert (told.who, told.expected) == (CENTRE, IS_TO_COLLECT), (
        "et qui veille ne lit pas que le hub livrera seul"
    )
    assert lying(turn, ENVOI, ()) == turn
    assert to_collect(turn, ENVOI, partner(SIAO, Famille.SIAO), {ENVOI.id}) == turn, "la boîte d'un autre"


def test_once_it_is_received_its_recipient_is_awaited_from_then_until_the_first_of_its_deadlines():
    turn = whose_turn(Situation(RECEIVED, (), running(RECEIVED, TERRITOIRE)), MAINTENANT)
    assert (turn.who, turn.since) == (CENTRE, RECEIVED.remise_le)
    assert turn.expected == "dire qu'elle est lue, puis accepter ou refuser"
    assert turn.until == MAINTENANT + 22 * HOUR
    assert not turn.late


def test_a_recipient_that_confirms_its_receipt_now_owes_its_answer_from_now_on():
    received = once_received(ENVOI, CENTRE, MAINTENANT)
    turn = whose_turn(Situation(received, (), running(received, TERRITOIRE)), MAINTENANT)
    assert (turn.who, turn.until) == (CENTRE, MAINTENANT + 24 * HOUR)
    assert once_received(received, CENTRE, MAINTENANT + HOUR) is received, "une seule fois"
    assert once_received(ENVOI, SIAO, MAINTENANT) is ENVOI, "celui qui envoie n'a rien à recevoir"


def test_what_waits_or_had_no_effect_is_told_and_starts_no_turn():
    steps = (
        step(MAINTENANT - 3 * HOUR, SIAO, OrientationProposee.TYPE),
        step(MAINTENANT - HOUR, CENTRE, OrientationAccusee.TYPE),
        step(MAINTENANT, CENTRE, OrientationRefusee.TYPE, Effet.EN_ATTENTE),
        step(MAINTENANT, "escale", OrientationRefusee.TYPE, Effet.ANOMALIE),
    )
    turn = whose_turn(Situation(replace(RECEIVED, etat=Etat.ACCUSEE), steps), MAINTENANT)
    assert turn.since == MAINTENANT - HOUR
    assert [step.counts for step in steps] == [True, True, False, False]


@each_row("etat", [Etat.REFUS_STRUCTURE, Etat.ANNULEE, Etat.SORTIE])
def test_nothing_is_expected_of_what_is_over(etat: Etat):
    turn = whose_turn(Situation(replace(RECEIVED, etat=etat)), MAINTENANT)
    assert (turn.who, turn.expected, turn.until) == (None, None, None)


def test_a_free_place_is_the_turn_of_the_siao_of_its_manager():
    free = Place(id=ident("place"), etat=place.Etat.DISPONIBLE, gestionnaire=CENTRE)
    assert whose_turn(Situation(free, siao=SIAO), MAINTENANT).who == SIAO


@each_row("nature", BOOKS)
def test_something_is_expected_in_every_state_that_some_event_leaves_but_where_the_end_is_final(
    nature: Nature,
):
    finals = {"RELOGE", "RETIRE"}  # a household may be on the list again: nobody is awaited for that
    finals |= {"REFUSEE_PAR_L_ETAT"}  # the State may correct it, and the centre ask again: neither is awaited
    finals |= {"ORGANISE", "REFUSE_PAR_L_OPERATEUR", "SANS_REPONSE"}  # an operator may change its mind
    finals |= {"SANS_AVIS"}  # the body has met without the SIAO, which may still give its opinion
    finals |= {"TRAITE"}  # a person may be seen again
    finals |= {"EN_VIGUEUR"}  # an act that holds asks nothing of anybody
    assert BOOKS[nature].expected.keys() == BOOKS[nature].machine.open - finals


HELD = Place(id=ident("place"), etat=place.Etat.OCCUPEE, gestionnaire=CENTRE)
ASKED = Demande(
    id=ident("demande"),
    etat=EtatDemande.EVALUEE,
    emetteur="ccas",
    destinataire=SIAO,
    menage=ident("ménage"),
    evaluateur="service",
    evaluation_depuis=MAINTENANT,
    evaluation_avant_le=(MAINTENANT + timedelta(days=8)).date(),
)
READY = MenagePret(
    id=ident("ménage"),
    etat=EtatMenage.DECLARE,
    emetteur=SIAO,
    menage=ident("ménage"),
    lecteurs=("contingent",),
    decrit_le=MAINTENANT,
    attendus_depuis=MAINTENANT,
)


@each_row(
    ("subject", "partner", "expected"),
    [
        (replace(HELD, a_justifier_depuis=MAINTENANT), CENTRE, "donner le titre de l'admission sans le SIAO"),
        (replace(HELD, a_expliquer_depuis=MAINTENANT), CENTRE, "dire qui occupe la place"),
        (HELD, CENTRE, "dire quand elle se libère"),
        (ASKED, "service", "évaluer le ménage, comme son SIAO le demande"),
        (ASKED, SIAO, "orienter le ménage"),
        (READY, "contingent", "labelliser le ménage"),
        (READY, SIAO, "présenter le ménage à un bailleur"),
        (replace(READY, decrit_le=MAINTENANT - timedelta(days=70)), SIAO, "confirmer que le ménage est encore"),
        (replace(RECEIVED, operateurs_attendus=("opérateur",), accompagnement_depuis=MAINTENANT), "opérateur",
         "répondre à la demande d'accompagnement"),
        (replace(RECEIVED, operateurs_attendus=("opérateur",), accompagnement_depuis=MAINTENANT), CENTRE,
         "dire qu'elle est lue"),
    ],
)  # fmt: skip
def test_what_a_deadline_asks_of_a_partner_is_its_own_turn_beside_that_of_the_state(
    subject: Subject, partner: str, expected: str
):
    turn = turn_of(Situation(subject, (), running(subject, TERRITOIRE)), partner, MAINTENANT)
    assert (turn.who, str(turn.expected)[: len(expected)]) == (partner, expected)
