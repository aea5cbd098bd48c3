"""The truth at the door: what cannot apply is refused before its 202, with what to do instead. Pure.

The judge is `rules.apply`, on the subjects as they stand. Only what moves a demand, a referral or a candidacy that must
be there is judged: its sender would believe that it has answered.
"""

from datetime import datetime
from typing import NamedTuple

from contracts.base import Contrat
from contracts.errors import Unroutable
from contracts.explications import LOST_PLACE, NOT_YOURS, explained
from contracts.v1.alerte import MotifAnomalie
from router.domain import rules
from router.domain.messages import facts_of
from router.domain.rulebooks import orientation
from router.domain.subjects import TYPES, Envoi

ENVOIS = frozenset(kind.NATURE for kind in TYPES if issubclass(kind, Envoi))
LATE = frozenset({orientation.Etat.SANS_REPONSE})
"""States in which an answer comes too late."""


class Refusal(NamedTuple):
    """Why a message is not accepted: a code, and a French sentence that says what to do."""

    code: str
    message: str


def is_judged(contrat: Contrat | type[Contrat]) -> bool:
    """Whether a message is about a demand, a referral or a candidacy that somebody else has opened."""
    return contrat.NATURE in ENVOIS and not facts_of(contrat).needs_key


def refusal(event: rules.Event, world: rules.World, now: datetime) -> Refusal | None:
    """Why an event is not accepted, where nothing that was accepted before waits; None where it may be.

    A repetition, or what is older, does no harm and is accepted. So is what comes too late for its place: an acceptance
    is an offer that the SIAO may still take, an arrival is a fact. So is what nobody of the registry can hear: it waits
    in quarantine for who mends the registry."""
    try:
        outcome = rules.apply(event, world, now).outcome
    except Unroutable:
        return None
    if outcome is None or outcome[0] != "anomalie":
        return None
    known, motif = world.subject_of(event), MotifAnomalie(outcome[1])
    etat = known.etat if known else None
    if motif in LOST_PLACE or etat in LATE:
        return None
    sender = world.registry.get(event.source)
    code = "envoi_inconnu" if motif in NOT_YOURS else motif.lower()
    return Refusal(code, explained(event.contrat.TYPE, motif, etat, sender.famille if sender else None))
