"""Rules for a household ready for housing: the prefect's services are notified at once (duties C5 and C6)."""

from dataclasses import replace

from contracts.v1.alerte import MotifAnomalie
from contracts.v1.pret_logement import MotifRetrait, PretLogementDecrit, PretLogementRetire
from router.domain.rulebooks.book import Applied
from router.domain.rulebooks.pret_logement import Etat, Evenement
from router.domain.rules.admissibility import inadmissible, not_applied, stamped
from router.domain.rules.alerts import anomaly
from router.domain.rules.effects import Effects, Event, World, forward
from router.domain.rules.opening import first_state
from router.domain.subjects import MenagePret


def declare(event: Event, world: World) -> Effects:
    """Put a household on the list, also one that was on it before."""
    etat = first_state(event, MenagePret.MACHINE, Evenement.DECLARER, world)
    if isinstance(etat, Effects):
        return etat
    known, ident = world.subject_of(event), event.contrat.sujet
    if isinstance(known, MenagePret):
        return _listed(event, world, known.moved(etat))
    ready = MenagePret(id=ident, etat=Etat(etat), version=1, emetteur=event.source, menage=ident)
    return _listed(event, world, ready)


def move_ready(event: Event, move: Evenement, world: World) -> Effects:
    """Move a household on the list as its SIAO says."""
    known = world.subject_of(event)
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
        effects = forward(event, world, stamped(event, household))
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
