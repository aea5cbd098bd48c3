"""What the SIAO is told of an event that a rule does not allow."""

from uuid import UUID

from contracts.base import Nature
from contracts.v1.alerte import AlerteAnomalie, AlerteConflit, MotifAnomalie
from router.domain.rulebooks.place import Etat
from router.domain.rules.effects import Effects, Event
from router.domain.subjects import Place, Subject


def anomaly(event: Event, motif: MotifAnomalie, known: Subject | None) -> Effects:
    """The event is kept, never applied, and told."""
    return Effects(derived=(alert_of(event, motif, known),), outcome=("anomalie", motif))


def alert_of(event: Event, motif: MotifAnomalie, known: Subject | None) -> AlerteAnomalie:
    """A sender without business with a subject does not learn where it stands."""
    told = known is not None and motif is not MotifAnomalie.EMETTEUR_INATTENDU
    return AlerteAnomalie(
        objet=event.contrat.sujet,
        nature=_nature_of(event, known),
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.source,
        motif=motif,
        etat=known.etat if known and told else None,
    )


def conflict(event: Event, wanted: Place, motif: MotifAnomalie) -> Effects:
    """A referral is refused, for it cannot have a place that it names."""
    alert = conflict_of(event, event.contrat.sujet, wanted, motif)
    return Effects(derived=(alert,), outcome=("anomalie", alert.motif))


def conflict_of(event: Event, referral: UUID, wanted: Place, motif: MotifAnomalie) -> AlerteConflit:
    """That a referral does not get its place."""
    return AlerteConflit(
        objet=referral,
        nature=Nature.ORIENTATION,
        evenement=event.attributes.id,
        type_evenement=event.contrat.TYPE,
        emetteur=event.source,
        motif=motif,
        place=wanted.id,
    )


def taken(wanted: Place) -> MotifAnomalie:
    """Why a place cannot be had."""
    reserved = wanted.etat is Etat.RESERVEE
    return MotifAnomalie.PLACE_DEJA_RESERVEE if reserved else MotifAnomalie.PLACE_NON_DISPONIBLE


def _nature_of(event: Event, known: Subject | None) -> Nature:
    nature = event.contrat.nature_du_sujet or (known.NATURE if known else None)
    assert nature is not None, "what says nothing of its subject has no effect where that is not known"
    return nature
