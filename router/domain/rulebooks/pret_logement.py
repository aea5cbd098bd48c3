"""Rule book of a household ready for housing: on the list until it is housed or withdrawn.

The prefect's services are notified at once (duties C5 and C6).
"""

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from contracts.base import Nature
from contracts.frozen import frozen
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.pret_logement import (
    MotifRetrait,
    PretLogementActualise,
    PretLogementDeclare,
    PretLogementDecrit,
    PretLogementRetire,
)
from router.domain.parts import Party
from router.domain.rulebooks.book import Book, ByContent
from router.domain.rulebooks.machine import Applied, Machine, transitions
from router.domain.rules.admissibility import first_state, inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.without_book import pass_on
from router.domain.subjects import Subject
from router.domain.territories import Lieu


class Etat(StrEnum):
    DECLARE = "DECLARE"
    ACTUALISE = "ACTUALISE"
    PRESENTE = "PRESENTE"
    RELOGE = "RELOGE"
    RETIRE = "RETIRE"


class Evenement(StrEnum):
    DECLARER = "declarer"
    ACTUALISER = "actualiser"
    PRESENTER = "presenter"
    RELOGER = "reloger"
    RETIRER = "retirer"


def retrait(contrat: PretLogementRetire, today: date) -> Evenement:
    """Return the move that a withdrawal makes. A household that was housed elsewhere counts as housed."""
    return Evenement.RELOGER if contrat.motif is MotifRetrait.RELOGE else Evenement.RETIRER


SUR_LA_LISTE = (Etat.DECLARE, Etat.ACTUALISE, Etat.PRESENTE)
FINIS = (Etat.RELOGE, Etat.RETIRE)

MACHINE = Machine(
    table=transitions(
        (Evenement.DECLARER, Etat.DECLARE, (None, *FINIS)),
        (Evenement.DECLARER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.DECLARER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.ACTUALISER, Etat.ACTUALISE, (Etat.DECLARE, Etat.ACTUALISE)),
        (Evenement.ACTUALISER, Etat.PRESENTE, (Etat.PRESENTE,)),
        (Evenement.PRESENTER, Etat.PRESENTE, SUR_LA_LISTE),
        (Evenement.RELOGER, Etat.RELOGE, SUR_LA_LISTE),
        (Evenement.RETIRER, Etat.RETIRE, SUR_LA_LISTE),
    ),
    way=SUR_LA_LISTE,
    early=frozenset(),
    awaited=(),
    set_aside=FINIS,
)
"""Rule book of a household ready for housing.

A household that was withdrawn or housed may be ready again one day. A second declaration updates the
household: a system without events sends states alone. No state keeps a household from being forgotten: after
two years without news it is not ready for anything.
"""


@frozen(kw_only=True)
class MenagePret(Subject):
    """Household on its way to a home of its own."""

    NATURE: ClassVar[Nature] = Nature.MENAGE
    MACHINE: ClassVar[Machine] = MACHINE

    etat: Etat | None = None
    emetteur: str
    menage: UUID
    """Household; its id is the subject's own."""
    departement: str | None = None
    """Département in which it is to be housed, as last described; None before it is on the list."""
    communes: tuple[str, ...] = ()
    """Communes in which it wants to live; empty means anywhere in the département."""
    lecteurs: tuple[str, ...] = ()
    """Partners that hold it on their list."""
    quittes: tuple[str, ...] = ()
    """Partners that held it until it moved out of their perimeter, and learn or have learnt that."""

    def player(self, party: Party) -> str | None:
        return self.emetteur if party is Party.EMETTEUR else None

    @classmethod
    def noted(cls, ident: UUID, sender: str) -> Self:
        return cls(id=ident, version=1, emetteur=sender, menage=ident)

    def lieu(self, territoire: str) -> Lieu:
        return Lieu(territoire, self.departement, self.communes)


def declare(event: Event, world: World, _now: datetime) -> Effects:
    """Put a household on the list, also one that was on it before."""
    etat = first_state(event, MACHINE, Evenement.DECLARER, world)
    if isinstance(etat, Effects):
        return etat
    known, ident = world.subject_of(event), event.contrat.sujet
    if isinstance(known, MenagePret):
        return _listed(event, world, known.moved(etat))
    ready = MenagePret(id=ident, etat=Etat(etat), version=1, emetteur=event.source, menage=ident)
    return _listed(event, world, ready)


def move_ready(event: Event, move: Evenement, world: World) -> Effects:
    """Move a household on the list as its SIAO says, or send on that the hub has moved it."""
    known = world.subject_of(event)
    if event.of_the_hub:
        return _leaving(pass_on(event, world), event, known, world)
    if not isinstance(known, MenagePret):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    if refused := inadmissible(event, known, world):
        return refused
    verdict = known.MACHINE.move(known.etat, move)
    if not isinstance(verdict, Applied):
        return not_applied(event, verdict, known)
    return _listed(event, world, known.moved(verdict.etat))


def _listed(event: Event, world: World, household: MenagePret) -> Effects:
    """Address a household's event to the partners whose perimeter it is in.

    Partners whose perimeter it is in no more learn that it has left, never where it is now.
    """
    contrat, before = event.contrat, household
    if not isinstance(contrat, PretLogementDecrit):
        effects = _leaving(forward(event, world, household), event, household, world)
        over = replace(household, lecteurs=(), quittes=())
        return replace(effects, subjects=(stamped(event, over),))
    household = replace(household, departement=contrat.departement, communes=contrat.communes)
    effects = forward(event, world, household)
    held = dict.fromkeys((*before.quittes, *before.lecteurs))
    left = tuple(reader for reader in held if reader not in effects.recipients)
    household = replace(household, lecteurs=effects.recipients, quittes=left)
    gone = PretLogementRetire(menage=household.id, motif=MotifRetrait.DEPART_DU_TERRITOIRE)
    news = (gone,) if set(left) - set(before.quittes) else ()
    return replace(effects, subjects=(stamped(event, household),), derived=(*effects.derived, *news))


def _leaving(effects: Effects, event: Event, household: Subject | None, world: World) -> Effects:
    """Address a withdrawal to the partners whose list the household leaves, too.

    A household that has moved away is still on the list of others: only those that it has left are notified.
    """
    if (
        effects.outcome
        or not isinstance(household, MenagePret)
        or not isinstance(event.contrat, PretLogementRetire)
    ):
        return effects
    moved_away = event.of_the_hub and event.contrat.motif is MotifRetrait.DEPART_DU_TERRITOIRE
    losing = household.quittes if moved_away else household.lecteurs
    reached = [name for name in losing if (partner := world.registry.get(name)) and partner.sortie]
    others = () if moved_away else effects.recipients
    return replace(effects, recipients=tuple(dict.fromkeys((*reached, *others))))


BOOK = Book(
    subject=MenagePret,
    moves={
        PretLogementDeclare: Evenement.DECLARER,
        PretLogementActualise: Evenement.ACTUALISER,
        PretLogementRetire: ByContent(retrait, {}),
    },
    openers={Evenement.DECLARER: declare},
    mover=move_ready,
    expected={
        Etat.DECLARE: (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        Etat.ACTUALISE: (Party.EMETTEUR, "présenter le ménage à un bailleur"),
        Etat.PRESENTE: (Party.EMETTEUR, "suivre la candidature en cours"),
    },
)
