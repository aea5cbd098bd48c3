"""Rank the referrals and candidacies that an orphan answer may mean, with reasons."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Envoi, Orientation

RECENT = timedelta(days=7)


class Orphan(NamedTuple):
    """What an orphan answer offers for the comparison with referrals and candidacies."""

    cited: Collection[UUID]
    """The id of the subject that the answer names. If the sender uses this id for a household, the
    household's id is here too."""
    known_as: str | None
    """The subject's id as the sender writes it; None if the sender writes the hub's id."""


class Candidate(NamedTuple):
    """A referral or candidacy that the sender of the orphan answer still has to answer."""

    envoi: Envoi
    known_as: str | None
    events: Collection[UUID]
    """The ids of the events about this referral or candidacy that went or are due to the sender, and of their
    deliveries."""
    applies: bool
    """Whether the rule book would now accept the answer as an answer to this referral or candidacy."""


class Likely(NamedTuple):
    """A referral or candidacy that an orphan answer may mean. The higher its `weight`, the likelier it is
    meant. `reasons` has French phrases that say what speaks for it."""

    envoi: Envoi
    weight: int
    reasons: tuple[str, ...]


def ranked(orphan: Orphan, candidates: Iterable[Candidate], now: datetime) -> list[Likely]:
    """Return all `candidates`, sorted: the one that the orphan answer most likely means comes first. A
    candidate for which nothing speaks is kept too, because a person decides."""
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
