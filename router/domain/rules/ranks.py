"""Rules for the dwelling of a candidacy: once a household has signed for it, the ranks of the others lapse (R441-3
CCH)."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum

from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import BailSigne, DecisionCommission
from router.domain.rulebooks.candidature import Etat, Evenement
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import Effects, Event, World
from router.domain.rules.envois import move_envoi
from router.domain.rules.household_of_candidacy import with_ready
from router.domain.subjects import Candidature, Subject


def move_candidacy(event: Event, move: StrEnum, world: World) -> Effects:
    """Move a candidacy. A commission may name another dwelling, and a lease makes the ranks of that dwelling lapse."""
    effects = move_envoi(event, move, world)
    if effects.outcome is not None:
        return effects
    attributed = tuple(_for_dwelling(event, each) for each in effects.subjects)
    effects = replace(effects, subjects=attributed)
    signed = attributed[0] if isinstance(event.contrat, BailSigne) else None
    if isinstance(signed, Candidature):
        for ranked in _ranked_behind(signed, world):
            effects = _lapsed(effects, event, ranked, world)
    return effects


def _for_dwelling(event: Event, subject: Subject) -> Subject:
    """Note the dwelling that the commission names for a candidacy."""
    named = event.contrat.logement if isinstance(event.contrat, DecisionCommission) else None
    if named is None or not isinstance(subject, Candidature) or subject.id != event.contrat.sujet:
        return subject
    return replace(subject, logement=named)


def _ranked_behind(signed: Candidature, world: World) -> Iterator[Candidature]:
    """Yield the candidacies that have a rank for the dwelling that is signed for."""
    wanted = (Etat.ATTRIBUEE_PAR_RANG, signed.destinataire, signed.logement)
    for each in world.subjects.values() if signed.logement else ():
        if isinstance(each, Candidature) and (each.etat, each.destinataire, each.logement) == wanted:
            yield each


def _lapsed(effects: Effects, event: Event, ranked: Candidature, world: World) -> Effects:
    """Close a candidacy whose rank lapses, tell its landlord and its SIAO, and let its household be presented again."""
    closed = ranked.moved(Etat.NON_ATTRIBUEE)
    told = alert_of(event, MotifAnomalie.RANG_CADUC, closed).model_copy(update={"objet": ranked.id})
    effects = replace(effects, subjects=(*effects.subjects, closed), derived=(*effects.derived, told))
    return with_ready(effects, closed, Evenement.LAISSER_CADUC, world)
