"""Check each message about an existing request, such as a demand or a referral, before the gateway accepts
the message with HTTP status 202. A message that a rule forbids is refused, and its sender is told what it may
send instead. If the gateway accepted such a message, the sender would believe that it has answered the
request."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.base import Contrat
from contracts.envelope import Event
from contracts.errors import Unroutable
from contracts.explications import NOT_YOURS, TOO_LATE, explained
from contracts.mots import faire_of
from contracts.v1.alerte import MotifAnomalie
from contracts.v1.suite import AdmissionDirecte, SortieDeclaree
from router.domain import judging
from router.domain.authority import may_say
from router.domain.messages import facts_of
from router.domain.permitted import ANSWERED, permitted
from router.domain.rulebooks.orientation import Etat
from router.domain.rules.alerts import SET_ASIDE
from router.domain.subjects import Orientation, Subject

UNKNOWN = "envoi_inconnu"
"""Code for the refusal of an answer if its sender has never received the request that it answers."""


PLAUSIBLY_AHEAD = timedelta(days=366)
"""Longest time from today to a plausible date. A later date counts as a typing error."""


class Refusal(NamedTuple):
    """Refusal of a message, as the sender receives it: a code for programs, and a French sentence that says
    what to do."""

    code: str
    message: str


def is_judged(contrat: Contrat | type[Contrat]) -> bool:
    """Tell whether the gateway checks a message, or all messages of a type, against the business rules before
    it answers 202. It checks all messages about an existing request that a partner has to answer."""
    return contrat.NATURE in ANSWERED and not facts_of(contrat).needs_key


def is_orphan(event: Event, effects: judging.Effects) -> bool:
    """Tell whether an event is an orphan answer: its sender answers a request that the hub does not know.
    `effects` are the effects of the event."""
    unmatched = effects.outcome is not None and effects.outcome[1] in NOT_YOURS
    return unmatched and not event.of_the_hub and is_judged(event.contrat)


def opens(contrat: Contrat) -> UUID | None:
    """Return the id of the stay that an admission without the SIAO opens. Return None if the message is no such
    admission, or names no stay."""
    return contrat.orientation if isinstance(contrat, AdmissionDirecte) else None


def leaves_before_it_came(contrat: Contrat, world: judging.World) -> bool:
    """Tell whether a message reports a departure on a day before the household's arrival."""
    known = world.subjects.get(contrat.sujet)
    if not isinstance(contrat, SortieDeclaree) or not isinstance(known, Orientation):
        return False
    came = known.presentation_le if known.etat is Etat.ENTREE else None
    return came is not None and contrat.sortie_le < came


def is_far_ahead(contrat: Contrat, today: date) -> bool:
    """Tell whether an answer contains a date that lies more than `PLAUSIBLY_AHEAD` after `today`."""
    days = (value for value in contrat.__dict__.values() if type(value) is date)
    return is_judged(contrat) and any(day - today > PLAUSIBLY_AHEAD for day in days)


def refusal(event: Event, world: judging.World, now: datetime) -> Refusal | None:
    """Return the refusal that the gateway sends if a rule forbids an event. Return None if the event is
    accepted. Repeated, outdated, late and undeliverable messages are accepted in any case, although they may
    have no effect. Call this function only if no earlier event about the same subject is pending."""
    try:
        outcome = judging.apply(event, world, now).outcome
    except Unroutable:
        return None
    if outcome is None or outcome[0] != SET_ASIDE:
        return None
    known, motif = world.subject_of(event), MotifAnomalie(outcome[1])
    etat = known.etat if known else None
    if motif in TOO_LATE:
        return None
    sender = world.registry.get(event.source)
    code = UNKNOWN if motif in NOT_YOURS else motif.lower()
    permis = _permis(event, known, world) if motif is MotifAnomalie.TRANSITION_ILLEGALE else ()
    famille, faire = sender.famille if sender else None, faire_of(event.contrat)
    return Refusal(code, explained(event.contrat.TYPE, motif, etat, famille, faire, permis))


def _permis(event: Event, known: Subject | None, world: judging.World) -> Sequence[str]:
    if known is None or known.NATURE not in ANSWERED or known.etat is None:
        return ()
    may = (
        each.faire
        for each in permitted(known.NATURE, known.etat)
        if may_say(each.contrat, event.source, known, world.registry)
    )
    return tuple(dict.fromkeys(may))
