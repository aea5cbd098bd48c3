"""Rules that change a demand when its referral changes, and notify the partner that brought the demand."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.demande import DemandePlaceTrouvee, DemandeSuite, Suite
from router.domain.messages import facts_of
from router.domain.rulebooks import orientation
from router.domain.rulebooks.demande import Etat, Evenement
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Demande, Envoi, Orientation

SUITES: Mapping[Etat, Suite] = {
    Etat.EVALUEE: Suite.EVALUEE,
    Etat.ORIENTEE: Suite.ORIENTEE,
    Etat.EN_ATTENTE: Suite.EN_ATTENTE,
    Etat.POURVUE: Suite.POURVUE,
    Etat.ANNULEE: Suite.ANNULEE,
}
"""Step that is reported to the partner that brought a demand, by the demand's new state. `NON_POURVUE` is
missing here, because it has a message of its own (`demande.non-pourvue`)."""

FOLLOWS: Mapping[StrEnum, Evenement] = {
    orientation.Evenement.PROPOSER: Evenement.ORIENTER,
    orientation.Evenement.ENTRER: Evenement.POURVOIR,
    orientation.Evenement.REFUSER_STRUCTURE: Evenement.RENDRE,
    orientation.Evenement.REFUSER_PERSONNE: Evenement.RENDRE,
    orientation.Evenement.ABSENCE: Evenement.RENDRE,
    orientation.Evenement.CONSTATER_LE_SILENCE: Evenement.RENDRE,
    orientation.Evenement.ANNULER: Evenement.RENDRE,
}
"""Transition that a demand makes, for each transition of its referral. Any other transition of the referral
leaves the demand unchanged."""


def with_demand(effects: Effects, event: Event, referral: Envoi, move: StrEnum, world: World) -> Effects:
    """Complete the effects of a referral's transition (`move`) with the new state of the referral's demand,
    and with the messages that report this state. If the demand is unknown or of another SIAO, or if a new
    referral names a closed demand, add an alert instead. The referral is sent all the same."""
    follows = FOLLOWS.get(move)
    if not isinstance(referral, Orientation) or referral.demande is None or follows is None:
        return effects
    held = world.subjects.get(referral.demande)
    if not isinstance(held, Demande) or held.destinataire != referral.emetteur:
        wrong = alert_of(event, MotifAnomalie.DEMANDE_INCONNUE, referral)
        return effects.with_news(wrong)
    if follows is Evenement.RENDRE and held.orientation != referral.id:
        return effects
    after = held.MACHINE.move(held.etat, follows)
    if not isinstance(after, StrEnum):
        return _beside_a_closed_demand(effects, event, referral, follows)
    moved = replace(held.moved(after), orientation=referral.id)
    where = _where(held, referral, world) if follows is Evenement.ORIENTER else ()
    return effects.with_subject(moved).with_news(*news(held, moved), *where)


def _where(demand: Demande, referral: Orientation, world: World) -> tuple[Contrat, ...]:
    bringer = world.registry.get(demand.emetteur)
    if bringer is None or bringer.famille is not facts_of(DemandePlaceTrouvee).beside.only:
        return ()
    if referral.structure is None:
        moved_on = demand.etat is Etat.ORIENTEE  # from any other state, `news` already reports it
        return (DemandeSuite(demande=demand.id, suite=Suite.ORIENTEE),) if moved_on else ()
    return (
        DemandePlaceTrouvee(
            demande=demand.id,
            structure=referral.structure,
            dispositif=referral.dispositif,
            presentation_le=referral.presentation_le,
        ),
    )


def _beside_a_closed_demand(
    effects: Effects, event: Event, referral: Orientation, follows: Evenement
) -> Effects:
    if follows is not Evenement.ORIENTER:
        return effects
    closed = alert_of(event, MotifAnomalie.DEMANDE_CLOSE, referral)
    return effects.with_news(closed)


def news(before: Demande, after: Demande) -> tuple[Contrat, ...]:
    """Return the message about a demand's new state, for the partner that brought the demand. Return an empty
    tuple if the state is unchanged, or if the new state needs no message of the hub: for example, the SIAO
    itself sends `demande.non-pourvue`."""
    if after.etat is before.etat or after.etat not in SUITES:
        return ()
    return (DemandeSuite(demande=after.id, suite=SUITES[after.etat]),)
