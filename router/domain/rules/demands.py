"""Rules for the messages about a demand itself."""

from dataclasses import replace

from contracts.errors import Unroutable
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import DemandeRecue, DemandeTransferee
from router.domain import routing
from router.domain.rulebooks.demande import Etat, Evenement
from router.domain.rules.admissibility import inadmissible, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.demand_of_referral import news
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.rules.opening import first_state
from router.domain.subjects import Demande


def open_demand(event: Event, world: World) -> Effects:
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
