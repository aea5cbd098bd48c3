"""Ranking of the referrals and candidacies that an orphan answer (an answer to a request that the hub does
not know) may mean, with reasons. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Envoi, Orientation

RECENT = timedelta(days=7)


class Orphan(NamedTuple):
    """Orphan answer, as far as the ranking compares it with referrals and candidacies."""

    cited: Collection[UUID]
    """Subject that the answer names, and the household to which the sender gives this id, if any."""
    known_as: str | None
    """Sender's own id in the answer; None if it has an id of the hub."""


class Candidate(NamedTuple):
    """Referral or candidacy that the sender of an orphan answer still has to answer."""

    envoi: Envoi
    known_as: str | None
    events: Collection[UUID]
    """Messages about it (events and deliveries) that reached the sender."""
    applies: bool
    """Whether the rule book would now accept the answer for it."""


class Likely(NamedTuple):
    """Referral or candidacy that an orphan answer may mean. A higher `weight` is likelier. `reasons` says in
    French what speaks for it."""

    envoi: Envoi
    weight: int
    reasons: tuple[str, ...]


def ranked(orphan: Orphan, candidates: Iterable[Candidate], now: datetime) -> list[Likely]:
    """Return all `candidates`, those that the orphan answer most likely means first. A candidate for which
    nothing speaks stays in the list, because a person decides."""
    among = list(candidates)
    found = [_weighed(orphan, each, now, alone=len(among) == 1) for each in among]
    return sorted(found, key=lambda likely: -likely.weight)


def _weighed(orphan: Orphan, candidate: Candidate, now: datetime, *, alone: bool) -> Likely:
    envoi = candidate.envoi
    received = envoi.remise_le
    weights = {
        _cited(orphan, candidate): 100,
        "même référence, écrite autrement": 80 * _spelled_alike(orphan.known_as, candidate.known_as),
        "seul envoi ouvert chez cet expéditeur": 40 * alone,
        "la réponse s'y appliquerait": 20 * candidate.applies,
        "remis depuis moins de sept jours": 10 * (received is not None and now - received < RECENT),
    }
    reasons = {reason: weight for reason, weight in weights.items() if reason and weight}
    return Likely(envoi, sum(reasons.values()), tuple(reasons))


def _cited(orphan: Orphan, candidate: Candidate) -> str | None:
    envoi = candidate.envoi
    names: dict[str, Collection[UUID | None]] = {
        "son ménage": {envoi.menage},
        "un de ses messages": candidate.events,
    }
    if isinstance(envoi, Orientation):
        names |= {"sa place": envoi.places, "sa demande": {envoi.demande}}
    for what, ids in names.items():
        if not set(orphan.cited).isdisjoint(ids):
            return f"l'identifiant cité est celui de {what}"
    return None


def _spelled_alike(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and _bare(one) == _bare(other)


def _bare(reference: str) -> str:
    return "".join(filter(str.isalnum, reference.casefold())).lstrip("0")
