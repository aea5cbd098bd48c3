"""What follows from an event of a demand itself."""

from dataclasses import replace

from contracts.errors import Unroutable
from contracts.v1.demande import DemandeRecue
from router.domain.rulebooks.demande import Etat, Evenement
from router.domain.rules.demand_of_referral import news
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.envois import move_envoi
from router.domain.rules.hearing import stamped
from router.domain.rules.opening import first_state
from router.domain.subjects import Demande


def open_demand(event: Event, world: World) -> Effects:
    """A demand is brought to the SIAO of its territory. Raises Unroutable where there is none."""
    contrat, territoire = event.contrat, event.attributes.territoire
    assert isinstance(contrat, DemandeRecue)
    etat = first_state(event, Demande.MACHINE, Evenement.RECEVOIR, world)
    if isinstance(etat, Effects):
        return etat
    siao = world.registry.siao_of(territoire)
    if siao is None:
        raise Unroutable(f"aucun SIAO du registre pour le territoire {territoire}")
    demand = Demande(
        id=contrat.sujet,
        etat=Etat(etat),
        version=1,
        emetteur=event.source,
        destinataire=siao.id,
        menage=contrat.menage.id,
    )
    return forward(event, world, stamped(event, demand))


def move_demand(event: Event, move: Evenement, world: World) -> Effects:
    """A demand moves as who brought it or the SIAO says."""
    known, effects = world.subject_of(event), move_envoi(event, move, world)
    moved = next((s for s in effects.subjects if isinstance(s, Demande)), None)
    if moved is None or not isinstance(known, Demande) or event.source == known.emetteur:
        return effects
    return replace(effects, derived=(*effects.derived, *news(known, moved)))
