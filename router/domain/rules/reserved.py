"""Check whether a SIAO may refer a household to a place that is reserved for the State (duty C4 in
`docs/obligations.md`).

The SIAO may do so if the State has designated the household's candidacy, or if an agreement lets the SIAO
fill the place.
"""

from collections.abc import Sequence, Set

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.reference.codes import Reservataire
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.convention import Attribution, Objet
from contracts.v1.orientation import OrientationProposee
from router.domain import location
from router.domain.calendar import day_in
from router.domain.rulebooks.acte import Convention
from router.domain.rulebooks.candidature import FINIES_SANS_BAIL
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import World
from router.domain.subjects import Candidature, Orientation, Place

OBJETS = (Objet.LOGEMENT_ACCOMPAGNE, Objet.CONTINGENT)
"""Purposes of the agreements that may let a SIAO fill places reserved for the State."""


def for_the_state(
    event: Event, referral: Orientation, held: Sequence[Place], world: World
) -> tuple[Contrat, ...]:
    """Return an alert if one of the places that a referral fills (`held`) is reserved for the State, and
    neither an agreement nor a designation allows the referral. Return an empty tuple in any other case. The
    alert does not stop the referral."""
    contrat = event.contrat
    assert isinstance(contrat, OrientationProposee)
    managers = {each.gestionnaire for each in held if each.reservataire is Reservataire.ETAT}
    if not managers or _designated(event, contrat, world) or _attributed(event, contrat, managers, world):
        return ()
    return (alert_of(event, MotifAnomalie.RESERVE_A_L_ETAT, referral),)


def _designated(event: Event, contrat: OrientationProposee, world: World) -> bool:
    named = world.subjects.get(contrat.candidature) if contrat.candidature else None
    if not isinstance(named, Candidature):
        return False
    if (named.menage, named.emetteur) != (contrat.menage.id, event.source):
        return False
    return named.designee_par is not None and named.etat not in FINIES_SANS_BAIL


def _attributed(event: Event, contrat: OrientationProposee, managers: Set[str], world: World) -> bool:
    act, siao = world.subjects.get(contrat.acte) if contrat.acte else None, world.registry.get(event.source)
    if not isinstance(act, Convention) or act.objet not in OBJETS:
        return False
    if siao is None or not location.works_in(siao, act.territoire):
        return False
    made_with = world.registry.manager_of(act.partenaire or "")
    if act.objet == Objet.LOGEMENT_ACCOMPAGNE and (made_with is None or managers != {made_with.id}):
        return False
    in_force = act.holds_on(day_in(event.attributes.territoire, event.attributes.time))
    return in_force and act.attribution == Attribution.DIRECTE
