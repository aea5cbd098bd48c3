"""Rules for a household that the prefect has designated under the enforceable right to shelter (DAHO: droit à
l'hébergement opposable). The SIAO has to refer this household."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.reference.codes import Dispositif
from contracts.reference.territoires import departement_of
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.daho import (
    AccueilDaho,
    DahoAccueilli,
    DahoAttribue,
    DahoDesigne,
    DahoEcheance,
    DahoHorsDelai,
    DahoOriente,
    DahoRetire,
)
from contracts.v1.echeance import Echeance, Etape
from router.domain import authority, location
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.daho import Daho, Etat, Evenement, last_day
from router.domain.rules.admissibility import first_state, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, World, forward, without_effect
from router.domain.rules.envois import move_envoi
from router.domain.subjects import Orientation
from router.domain.territories import Lieu

OFFERS: Mapping[AccueilDaho, Dispositif] = {
    AccueilDaho.HEBERGEMENT: Dispositif.INSERTION,
    AccueilDaho.LOGEMENT_DE_TRANSITION: Dispositif.LOGEMENT_ACCOMPAGNE,
}
"""Kind of offer for which each decision asks. The kind of offer determines which volet of the SIAO is
responsible."""


def designate(event: Event, world: World, _now: datetime) -> Effects:
    """Record that the State has designated a household under the right to shelter, and send the designation
    to the territory's SIAO. Raises Unroutable if the territory has no such SIAO, or if this SIAO receives no
    deliveries."""
    contrat = event.contrat
    assert isinstance(contrat, DahoDesigne)
    etat = first_state(event, Daho.MACHINE, Evenement.DESIGNER, world)
    if isinstance(etat, Effects):
        return etat
    territoire, kind = event.attributes.territoire, OFFERS[contrat.accueil]
    lieu = Lieu(territoire, departement_of(territoire))
    siao = location.siao_that_receives(territoire, lieu, kind, world.registry)
    daho = Daho(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=siao.id,
        menage=contrat.menage.id,
        decision_le=contrat.decision_le,
        avant_le=last_day(contrat.decision_le, contrat.accueil),
        designe_le=event.attributes.time,
    )
    return forward(event, world, stamped(event, daho))


def move_daho(event: Event, move: Evenement, world: World) -> Effects:
    """Apply a message about a household that is designated under the right to shelter. Such a message may be
    the hub's own message that the SIAO's time to refer the household is over."""
    contrat, known = event.contrat, world.subject_of(event)
    if isinstance(contrat, DahoHorsDelai) and isinstance(known, Daho):
        return _late(event, known, world)
    if isinstance(contrat, DahoOriente) and not _refers(event, contrat, world):
        return anomaly(event, MotifAnomalie.SUJET_INCONNU, None)
    effects = move_envoi(event, move, world)
    if effects.outcome is not None or not isinstance(known, Daho):
        return effects
    moved = (_noting(event, known, s) if isinstance(s, Daho) else s for s in effects.subjects)
    return replace(effects, subjects=tuple(moved))


def _noting(event: Event, known: Daho, moved: Daho) -> Daho:
    """Return `moved`, the designation in its new state, with the event's referral or day of assignment
    noted. If another referral or day was noted before, the time to receive the household starts again."""
    again = False
    match event.contrat:
        case DahoOriente(orientation=referral):
            again = moved.dit != known.dit
            moved = replace(moved, orientation=referral)
        case DahoAttribue(attribue_le=day):
            again = known.attribue_le not in (None, day)
            moved = replace(moved, attribue_le=day)
    return replace(moved, etat_depuis=event.attributes.time) if again else moved


def _refers(event: Event, contrat: DahoOriente, world: World) -> bool:
    referral = world.subjects.get(contrat.orientation) if contrat.orientation else None
    return contrat.orientation is None or (
        isinstance(referral, Orientation) and referral.emetteur == event.source
    )


def _late(event: Event, known: Daho, world: World) -> Effects:
    if not authority.may_say(event.contrat, event.source, known, world.registry):
        return anomaly(event, MotifAnomalie.EMETTEUR_INATTENDU, known)
    if known.etat is not Etat.DESIGNE:
        return without_effect("ne_court_plus")
    return forward(event, world, known.moved(Etat.A_ATTRIBUER))


def _reached(known: Daho, stage: Mapping[str, Any]) -> Contrat:
    if stage["echeance"] is not Echeance.DAHO or stage["etape"] is not Etape.ECHUE:
        return DahoEcheance(daho=known.id, **stage)
    return DahoHorsDelai(daho=known.id, decision_le=known.decision_le, avant_le=known.avant_le)


BOOK = Book(
    subject=Daho,
    moves={
        DahoDesigne: Evenement.DESIGNER,
        DahoOriente: Evenement.ORIENTER,
        DahoAccueilli: Evenement.ACCUEILLIR,
        DahoAttribue: Evenement.ATTRIBUER,
        DahoRetire: Evenement.RETIRER,
        DahoHorsDelai: Evenement.CONSTATER_LE_RETARD,
    },
    openers={Evenement.DESIGNER: designate},
    mover=move_daho,
    expected={
        Etat.DESIGNE: (Party.DESTINATAIRE, "orienter le ménage dans le délai"),
        Etat.ORIENTE: (Party.DESTINATAIRE, "dire l'accueil du ménage, ou l'orienter de nouveau"),
        Etat.A_ATTRIBUER: (Party.EMETTEUR, "attribuer le ménage à un organisme"),
        Etat.ATTRIBUE: (Party.DESTINATAIRE, "orienter le ménage vers cet organisme, puis dire son accueil"),
    },
    reached=_reached,
)
