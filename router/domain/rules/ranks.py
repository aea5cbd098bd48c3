"""Rules for the ranks that several households have for one dwelling. Once one household has signed the lease,
the others lose their rank (article R441-3 of the housing code, CCH)."""

from collections.abc import Iterator
from enum import StrEnum

from contracts.envelope import Event
from contracts.frozen import replace
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.attribution import DecisionCommission, DesignationContingent
from router.domain.rulebooks.candidature import Etat, Evenement
from router.domain.rules.alerts import alert_of
from router.domain.rules.effects import Effects, World
from router.domain.rules.envois import move_envoi
from router.domain.rules.household_of_candidacy import with_ready
from router.domain.subjects import Candidature, Subject


def move_candidacy(event: Event, move: StrEnum, world: World) -> Effects:
    """Apply a message about a candidacy; `move` is the transition that the message makes. If the message
    reports that a household has signed the lease of a dwelling, the other households lose the rank that the
    landlord's commission gave them for this dwelling. If it reports a rank for a dwelling whose lease was
    signed meanwhile, this rank is lost at once. A message that only corrects an earlier message takes no rank
    away."""
    effects = move_envoi(event, move, world)
    if effects.outcome is not None:
        return effects
    effects = replace(effects, subjects=tuple(_noted(event, each) for each in effects.subjects))
    known, moved = world.subject_of(event), effects.subjects[0]
    corrected = known is not None and known.version == moved.version
    if isinstance(moved, Candidature) and moved.logement and not corrected:
        for ranked in _lapsing(move, moved, effects.seen_from(world)):
            effects = _lapsed(effects, event, ranked, world)
    return effects


def _noted(event: Event, subject: Subject) -> Subject:
    if not isinstance(subject, Candidature) or subject.id != event.contrat.sujet:
        return subject
    match event.contrat:
        case DecisionCommission(logement=str(named)):
            return replace(subject, logement=named)
        case DesignationContingent(designation_le=day):
            return replace(subject, designee_par=event.source, designee_le=day)
    return subject


def _lapsing(move: StrEnum, moved: Candidature, world: World) -> Iterator[Candidature]:
    wanted = (moved.destinataire, moved.logement)
    alike = [
        each
        for each in world.subjects.values()
        if isinstance(each, Candidature) and (each.destinataire, each.logement) == wanted
    ]
    match move:
        case Evenement.SIGNER:
            yield from (each for each in alike if _is_signed_since(moved, each))
        case Evenement.CLASSER if any(_is_signed_since(each, moved) for each in alike):
            yield moved  # another household has already signed


def _is_signed_since(leased: Candidature, ranked: Candidature) -> bool:
    """Tell whether the lease of `leased` takes away the rank of `ranked` for the same dwelling. This is so if
    the lease was signed on or after the day on which the landlord's commission gave the rank. A rank that is
    given later is for the dwelling's next lease, and stays."""
    if (leased.etat, ranked.etat) != (Etat.BAIL_SIGNE, Etat.ATTRIBUEE_PAR_RANG):
        return False
    signed, decided = leased.dit[Evenement.SIGNER], ranked.dit[Evenement.CLASSER]
    return decided["commission_le"] <= signed["signature_le"]


def _lapsed(effects: Effects, event: Event, ranked: Candidature, world: World) -> Effects:
    after = ranked.MACHINE.move(ranked.etat, Evenement.LAISSER_CADUC)
    assert isinstance(after, StrEnum), "it has a rank"
    closed = ranked.moved(after)
    told = alert_of(event, MotifAnomalie.RANG_CADUC, closed).model_copy(update={"objet": ranked.id})
    effects = effects.with_subject(closed).with_news(told)
    return with_ready(effects, event, closed, Evenement.LAISSER_CADUC, effects.seen_from(world))
