"""Rules for a deadline that reaches a stage, which is a reminder or the deadline's end. They send alerts and,
at the end, apply what follows because nobody has acted."""

from collections.abc import Iterator
from enum import StrEnum

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import AlerteEcheance, MotifAnomalie
from contracts.v1.echeance import Echeance, EcheanceAtteinte, Etape, SuiteEcheance
from router.domain import authority
from router.domain.books import BOOKS
from router.domain.deadlines import SHARES, Deadline, reminded, running_of
from router.domain.rulebooks.aide_sociale import AideSociale
from router.domain.rules.aide_sociale import left
from router.domain.rules.alerts import anomaly
from router.domain.rules.direct_admissions import unjustified
from router.domain.rules.effects import Effects, World, without_effect
from router.domain.rules.envois import followed
from router.domain.rules.evaluations import asked_again
from router.domain.rules.transfers import ended, withdrawal
from router.domain.subjects import Demande, Envoi, Place, Subject

FOR_WHO_STAYS = (Echeance.PIECES, Echeance.PROLONGATION)
"""Deadlines that stop when the household leaves the centre."""


def elapse(event: Event, world: World) -> Effects:
    """Apply the hub's own message that a deadline has reached a stage. If the deadline no longer runs,
    nothing changes."""
    known = world.subject_of(event)
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    assert isinstance(event.contrat, EcheanceAtteinte)
    deadline = running_of(known, world.registry).get(event.contrat.echeance) if known else None
    if known is None or deadline is None or deadline.started_at != event.contrat.commencee_le:
        return without_effect("ne_court_plus")
    if isinstance(known, AideSociale) and deadline.echeance in FOR_WHO_STAYS and left(known, world):
        return without_effect("ne_court_plus")
    if deadline.echeance is Echeance.EVALUATION and event.contrat.etape in SHARES:
        assert isinstance(known, Demande)
        return Effects(derived=(asked_again(known),))
    effects = _silent(event, known, deadline, world)
    return effects.with_news(*_alerts(event, known, deadline))


def _silent(event: Event, known: Subject, deadline: Deadline, world: World) -> Effects:
    assert isinstance(event.contrat, EcheanceAtteinte)
    if isinstance(known, Place):
        if deadline.echeance is Echeance.EXPLICATION:
            return Effects(subjects=(replace(known, a_expliquer_depuis=None),))
        return unjustified(known, event, world) if event.contrat.etape is Etape.ECHUE else Effects()
    if not isinstance(known, Envoi):
        return Effects()
    suite = deadline.follows(event.contrat.etape)
    if suite is SuiteEcheance.TRANSFERT_CADUC and isinstance(known, Demande):
        return Effects(subjects=(ended(known),), derived=(withdrawal(known),))
    move = BOOKS[known.NATURE].silence.get(suite) if suite else None
    after = known.MACHINE.move(known.etat, move) if move else None
    if move is None or not isinstance(after, StrEnum):
        return Effects()
    return followed(Effects(subjects=(known.moved(after),)), event, known, move, world)


def _alerts(event: Event, known: Subject, deadline: Deadline) -> Iterator[AlerteEcheance]:
    assert isinstance(event.contrat, EcheanceAtteinte)
    etape = event.contrat.etape
    for partner in reminded(known, deadline, etape) or (None,):  # None: the alert goes to the SIAO
        yield AlerteEcheance(
            objet=known.id,
            nature=known.NATURE,
            evenement=event.attributes.id,
            type_evenement=event.contrat.TYPE,
            emetteur=partner,
            echeance=deadline.echeance,
            due_le=deadline.due_at,
            etape=etape,
            suite=deadline.follows(etape),
        )
