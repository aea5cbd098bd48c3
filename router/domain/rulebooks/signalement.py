"""Rule book of a report that somebody was seen in the street. The SIAO answers the report by saying what came
of it (duty C3 in `docs/obligations.md`)."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.base import Nature
from contracts.envelope import Event
from contracts.frozen import frozen, replace
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import SignalementRecu, SignalementTraite
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.machine import Machine, transitions
from router.domain.rules.admissibility import first_state, inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, forward
from router.domain.subjects import Subject


class Etat(StrEnum):
    SIGNALE = "SIGNALE"
    TRAITE = "TRAITE"


class Evenement(StrEnum):
    SIGNALER = "signaler"
    TRAITER = "traiter"


MACHINE = Machine(
    table=transitions(
        (Evenement.SIGNALER, Etat.SIGNALE, (None, *Etat)),
        (Evenement.TRAITER, Etat.TRAITE, Etat),
    ),
    way=(),
    early=frozenset(),
    awaited=(),
    set_aside=(),
)
"""States and transitions of a report from the street. A person may be reported again, and an outcome may be
corrected."""


@frozen(kw_only=True)
class Signalement(Subject):
    """A report that somebody was seen in the street."""

    NATURE: ClassVar[Nature] = Nature.SIGNALEMENT
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat | None = None
    """State of the report. None for a report that was stored before reports had states."""
    emetteur: str
    destinataire: str | None = None
    """SIAO to which the report was sent. None while the report has not been sent."""
    menage: UUID
    """Holder of the data key that seals the report. This is the report itself, because no household is
    known."""

    def player(self, party: Party) -> str | None:
        match party:
            case Party.EMETTEUR:
                return self.emetteur
            case Party.DESTINATAIRE:
                return self.destinataire
        return None


def receive(event: Event, world: World, _now: datetime) -> Effects:
    """Store a report from the street, and send it to the SIAO responsible for the location. Raises Unroutable
    if no SIAO is responsible, or if this SIAO receives no deliveries."""
    etat = first_state(event, MACHINE, Evenement.SIGNALER, world)
    if isinstance(etat, Effects):
        return etat
    known, ident = world.subject_of(event), event.contrat.sujet
    if not isinstance(known, Signalement):
        known = Signalement(id=ident, emetteur=event.source, menage=ident)
    effects = forward(event, world, known)
    reported = replace(known.moved(Etat(etat)), destinataire=effects.recipients[0])
    return replace(effects, subjects=(stamped(event, reported),))


def treat(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message with the outcome of a report from the street, and send this message to the partner that
    made the report."""
    known = world.subject_of(event)
    if not isinstance(known, Signalement):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if refused := inadmissible(event, known, world):
        return refused
    after = MACHINE.move(known.etat or Etat.SIGNALE, move)
    if not isinstance(after, StrEnum):
        return not_applied(event, after, known)
    return forward(event, world, stamped(event, known.moved(after)))


BOOK = Book(
    subject=Signalement,
    moves={SignalementRecu: Evenement.SIGNALER, SignalementTraite: Evenement.TRAITER},
    openers={Evenement.SIGNALER: receive},
    mover=treat,
    expected={Etat.SIGNALE: (Party.DESTINATAIRE, "dire ce qu'il en est")},
)
