"""Rules for the messages about a demand itself, and its rule book."""

from dataclasses import replace
from datetime import datetime

from contracts.errors import Unroutable
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import (
    DemandeActualisee,
    DemandeAnnulee,
    DemandeCompletee,
    DemandeEvaluee,
    DemandeNonPourvue,
    DemandeRecue,
    DemandeTransferee,
    EvaluationDemandee,
    EvaluationRealisee,
)
from router.domain import routing
from router.domain.parts import Party
from router.domain.rulebooks.book import Book
from router.domain.rulebooks.demande import Etat, Evenement
from router.domain.rules.admissibility import first_state, inadmissible, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.demand_of_referral import news
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.subjects import Demande


def open_demand(event: Event, world: World, _now: datetime) -> Effects:
    """Open a demand, addressed to the SIAO for the household's location and the kind of offer. Raises
    Unroutable where there is none."""
    contrat, territoire = event.contrat, event.attributes.territoire
    assert isinstance(contrat, DemandeRecue)
    etat = first_state(event, Demande.MACHINE, Evenement.RECEVOIR, world)
    if isinstance(etat, Effects):
        return etat
    lieu = routing.lieu_of(contrat, territoire, None, world.registry)
    siao = world.registry.siao_of(lieu, contrat.dispositif)
    if siao is None:
        raise Unroutable(routing.no_siao(territoire, contrat.dispositif))
    demand = Demande(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=siao.id,
        menage=contrat.menage.id,
        dispositif=contrat.dispositif,
        commune=contrat.commune,
    )
    return forward(event, world, stamped(event, demand))


def move_demand(event: Event, move: Evenement, world: World) -> Effects:
    """Move a demand as its bringer or the SIAO says. A move by the SIAO notifies the bringer."""
    known = world.subject_of(event)
    if isinstance(event.contrat, DemandeTransferee) and not _is_taken_over(
        event.contrat, event.source, world
    ):
        return inadmissible(event, known, world) or anomaly(event, MotifAnomalie.TERRITOIRE_SANS_SIAO, known)
    effects = move_envoi(event, move, world)
    moved = next((s for s in effects.subjects if isinstance(s, Demande)), None)
    if moved is None or not isinstance(known, Demande) or event.source == known.emetteur:
        return effects
    return replace(effects, derived=(*effects.derived, *news(known, moved)))


def _is_taken_over(contrat: DemandeTransferee, source: str, world: World) -> bool:
    """Tell whether another SIAO of the registry can take a demand over."""
    return any(siao.id != source for siao in world.registry.siaos_in(contrat.territoire))


BOOK = Book(
    subject=Demande,
    moves={
        DemandeRecue: Evenement.RECEVOIR,
        DemandeCompletee: Evenement.COMPLETER,
        DemandeActualisee: Evenement.ACTUALISER,
        DemandeAnnulee: Evenement.ANNULER,
        EvaluationDemandee: Evenement.INFORMER,
        EvaluationRealisee: Evenement.INFORMER,
        DemandeEvaluee: Evenement.EVALUER,
        DemandeNonPourvue: Evenement.NE_PAS_POURVOIR,
        DemandeTransferee: Evenement.TRANSFERER,
    },
    openers={Evenement.RECEVOIR: open_demand},
    mover=move_demand,
    expected={
        Etat.RECUE: (Party.DESTINATAIRE, "évaluer la demande"),
        Etat.COMPLETE: (Party.DESTINATAIRE, "évaluer la demande"),
        Etat.EVALUEE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.EN_ATTENTE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.NON_POURVUE: (Party.DESTINATAIRE, "orienter le ménage"),
        Etat.ORIENTEE: (Party.DESTINATAIRE, "suivre l'orientation en cours"),
    },
    informing=(Evenement.INFORMER,),
)
