"""Rules that change a household's entry on the list of households ready for housing when one of the
household's candidacies changes."""

from collections.abc import Mapping
from enum import StrEnum

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.attribution import CandidatureAccompagnement
from contracts.v1.pret_logement import MotifRetrait, PretLogementDiffuse, PretLogementRetire
from router.domain.rulebooks import candidature
from router.domain.rulebooks.pret_logement import Etat, Evenement, MenagePret
from router.domain.rules import declarations
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Candidature, Envoi

FOLLOWS: Mapping[StrEnum, Evenement] = {
    candidature.Evenement.PRESENTER: Evenement.PRESENTER,
    candidature.Evenement.SIGNER: Evenement.RELOGER,
    candidature.Evenement.NE_PAS_ATTRIBUER: Evenement.RENDRE,
    candidature.Evenement.DECLARER_IRRECEVABLE: Evenement.RENDRE,
    candidature.Evenement.LAISSER_CADUC: Evenement.RENDRE,
    candidature.Evenement.REFUSER: Evenement.RENDRE,
    candidature.Evenement.RETIRER: Evenement.RENDRE,
}
"""Transition that a household makes, for each transition of its candidacy. Any other transition of the
candidacy leaves the household unchanged."""


def with_ready(effects: Effects, event: Event, candidacy: Envoi, move: StrEnum, world: World) -> Effects:
    """Complete the effects of a candidacy's transition (`move`) with what changes in the household's entry on
    the list of households ready for housing. A household that is presented to a landlord stays on the list
    until it signs a lease. If the SIAO has not yet confirmed a partner's declaration of the household, the
    presentation counts as the confirmation."""
    held = world.subjects.get(candidacy.menage) if isinstance(candidacy, Candidature) else None
    follows = FOLLOWS.get(move)
    if not isinstance(held, MenagePret) or held.emetteur != candidacy.emetteur or follows is None:
        return effects
    others = tuple(each for each in held.candidatures if each != candidacy.id)
    open_ones = (*others, candidacy.id) if follows is Evenement.PRESENTER else others
    after = held.MACHINE.move(held.etat, follows)
    effects = effects.with_news(*_accompanied(candidacy, held, follows))
    if (follows is Evenement.RENDRE and others) or not isinstance(after, StrEnum):
        return effects.with_subject(replace(held, candidatures=open_ones))
    ready_at = event.attributes.time if held.etat is Etat.A_CONFIRMER else held.decrit_le
    moved = replace(held.moved(after), candidatures=open_ones, decrit_le=ready_at)
    return effects.with_subject(moved).with_news(*_of_the_list(held, after))


def _of_the_list(held: MenagePret, etat: StrEnum) -> tuple[Contrat, ...]:
    to_confirm = held.etat is Etat.A_CONFIRMER
    if etat is Etat.RELOGE:
        gone = PretLogementRetire(menage=held.id, motif=MotifRetrait.RELOGE)
        answers = declarations.hub_refusal(held, MotifRetrait.RELOGE)
        return answers if to_confirm else (gone, *answers)
    return (*declarations.hub_answer(held), PretLogementDiffuse(menage=held.id)) if to_confirm else ()


def _accompanied(
    candidacy: Envoi, held: MenagePret, follows: Evenement
) -> tuple[CandidatureAccompagnement, ...]:
    if follows is not Evenement.PRESENTER or held.accompagne_depuis is None:
        return ()
    since = held.accompagne_depuis
    return (CandidatureAccompagnement(candidature=candidacy.id, accepte=True, debut_le=since),)
