"""Which referral an orphan answer may be about: candidates in order, each with the reasons that speak for it. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Envoi, Orientation

RECENT = timedelta(days=7)


class Orphan(NamedTuple):
    """An answer that names nothing which its sender has to answer."""

    cited: Collection[UUID]
    """The id that it names; the household behind it, where it is one under which the sender knows a household."""
    known_as: str | None
    """Its sender's own id, where it has used one."""


class Candidate(NamedTuple):
    """A referral or candidacy that its sender has not answered to the end."""

    envoi: Envoi
    known_as: str | None
    """What the sender calls it."""
    events: Collection[UUID]
    """Events and deliveries by which it was told of it."""
    applies: bool
    """Whether the rule book would take the answer where it stands."""


class Likely(NamedTuple):
    """A candidate, how much speaks for it, and what."""

    envoi: Envoi
    weight: int
    reasons: tuple[str, ...]


def ranked(orphan: Orphan, candidates: Iterable[Candidate], now: datetime) -> list[Likely]:
    """The most likely first. One of which nothing special speaks is there too: a person decides."""
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
    """What of a candidate the answer names in the place of its id."""
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
    """Whether two references differ only in case, spaces, signs and leading zeros."""
    return one is not None and other is not None and _bare(one) == _bare(other)


def _bare(reference: str) -> str:
    return "".join(filter(str.isalnum, reference.casefold())).lstrip("0")
