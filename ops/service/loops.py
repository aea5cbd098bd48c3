"""Read loops, and compute their level of service by partner, SIAO, structure or month. A loop is a referral
or candidacy, from its receipt to its answer. The level of service says how many are answered in time, how
long answers take, and how many loops wait."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ops.service import sql as store
from ops.service.level import Loop, Service, service_of
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Orientation, Subject
from router.store.database import Connection

OPEN = sorted(Orientation.MACHINE.early | Candidature.MACHINE.early)


class NamedLoop(NamedTuple):
    """A loop with the ids of all that it concerns, so that a search for one of these ids finds the loop."""

    loop: Loop
    around: frozenset[UUID]
    """The ids of the referral or candidacy, and of its places, its demand and its household."""


NOT_SAID = "structure non dite"
"""The words that stand for the structure of a candidacy, or of a referral whose structure has a secret
address."""
Group = tuple[str, ...]
KEYS: Mapping[str, Callable[[Loop], str]] = {
    "partenaire": lambda loop: loop.partner,
    "siao": lambda loop: loop.siao,
    "structure": lambda loop: loop.structure or NOT_SAID,
    "mois": lambda loop: f"{loop.received:%Y-%m}",
}
"""The criteria by which loops can be grouped: for each, the function that gives a loop's value."""


async def begun_or_open(
    connection: Connection, registry: Registry, first: str, last: str, partner: str | None = None
) -> tuple[Sequence[NamedLoop], bool]:
    """Return the loops that began in the months `first` to `last` (« 2026-11 »), and all loops that are still
    open. A loop begins when the recipient has received the referral or candidacy. With `partner`, return only
    the loops in which this partner is sender or recipient. The second value is True if all these loops are
    returned. It is False if there are more than `store.MOST`: then some are missing."""
    found = await store.begun(connection, first, last, OPEN, partner)
    return _named_loops(found, registry), len(found) <= store.MOST


async def received(
    connection: Connection, registry: Registry, month: str, partners: Collection[str] | None
) -> list[Loop]:
    """Return the loops whose referral or candidacy one of `partners` received in `month` (« 2026-11 »). None
    stands for all partners."""
    return [each.loop for each in _named_loops(await store.received(connection, month, partners), registry)]


def _named_loops(subjects: Iterable[Subject], registry: Registry) -> list[NamedLoop]:
    each = (_named_loop(s, registry) for s in subjects if isinstance(s, Orientation | Candidature))
    return [one for one in each if one is not None]


def _named_loop(envoi: Orientation | Candidature, registry: Registry) -> NamedLoop | None:
    loop = Loop.of(envoi, registry)
    return None if loop is None else NamedLoop(loop, frozenset({envoi.id, envoi.menage, *envoi.linked}))


def services(loops: Iterable[Loop], by: Sequence[str], now: datetime) -> dict[Group, Service]:
    """Group the loops, and return the level of service of each group at the moment `now`. `by` has the
    criteria, which are keys of `KEYS` such as « partenaire » or « mois ». A group is named by the values that
    its loops share, one for each criterion."""
    groups: dict[Group, list[Loop]] = {}
    for loop in loops:
        groups.setdefault(tuple(KEYS[key](loop) for key in by), []).append(loop)
    return {group: service_of(groups[group], now) for group in sorted(groups)}


async def of_partner(connection: Connection, registry: Registry, partner: str, now: datetime) -> list[Loop]:
    """Return the loops in which a partner is sender or recipient: those that are still open, and those whose
    referral or candidacy was received this month."""
    month = f"{now:%Y-%m}"
    found, _ = await begun_or_open(connection, registry, month, month, partner)
    return [each.loop for each in found]


class Month(NamedTuple):
    """The level of service of the loops received this month and of all open loops, in two groupings."""

    towards: Mapping[Group, Service]
    """The level of service by recipient and SIAO."""
    structures: Mapping[Group, Service]
    """The level of service by recipient and structure."""


async def of_the_month(connection: Connection, registry: Registry, now: datetime) -> Month:
    """Return the level of service that the metrics show: that of the loops received this month, and of all
    open ones. The result is empty if there are too many loops to read them all, because a part is never shown
    as the whole."""
    month = f"{now:%Y-%m}"
    found, is_all = await begun_or_open(connection, registry, month, month)
    return month_of([each.loop for each in found if is_all], now)


def month_of(loops: Sequence[Loop], now: datetime) -> Month:
    """Return the level of service of `loops` by recipient and SIAO, and by recipient and structure. The
    caller chooses the loops: those received in a month, and all open ones. `now` is the moment for which the
    result says which loops are late, and how long open ones have waited."""
    return Month(
        services(loops, ("partenaire", "siao"), now), services(loops, ("partenaire", "structure"), now)
    )
