"""Move a household ready for housing with its candidacies."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from contracts.v1.pret_logement import MotifRetrait, PretLogementRetire
from router.domain.rulebooks import candidature
from router.domain.rulebooks.machine import Applied
from router.domain.rulebooks.pret_logement import Etat, Evenement, MenagePret
from router.domain.rules.effects import Effects, World
from router.domain.subjects import Candidature, Envoi

FOLLOWS: Mapping[StrEnum, Evenement] = {
    candidature.Evenement.PRESENTER: Evenement.PRESENTER,
    candidature.Evenement.SIGNER: Evenement.RELOGER,
}
"""Moves of a household, by the move of its candidacy."""


def with_ready(effects: Effects, candidacy: Envoi, move: StrEnum, world: World) -> Effects:
    """Add to the effects of a candidacy the move of its household.

    A household that is presented stays on the list. A household that has signed a lease leaves it, and the readers of
    the list are notified.
    """
    held = world.subjects.get(candidacy.menage) if isinstance(candidacy, Candidature) else None
    if not isinstance(held, MenagePret) or held.emetteur != candidacy.emetteur:
        return effects
    follows = FOLLOWS.get(move)
    verdict = held.MACHINE.move(held.etat, follows) if follows else None
    if not isinstance(verdict, Applied):
        return effects
    housed = verdict.etat is Etat.RELOGE
    news = (PretLogementRetire(menage=held.id, motif=MotifRetrait.RELOGE),) if housed else ()
    moved = held.moved(verdict.etat)
    return replace(effects, subjects=(*effects.subjects, moved), derived=(*effects.derived, *news))
