"""Loops, and their level of service by partner, SIAO, structure and month. A loop is a referral or candidacy,
from its receipt to its answer."""

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
"""States in which a referral or candidacy still waits for an answer."""


class NamedLoop(NamedTuple):
    """Loop (referral or candidacy from receipt to answer), with the ids by which a search can find it."""

    loop: Loop
    around: frozenset[UUID]
    """Ids by which the loop can be looked up: those of the referral or candidacy, its place, its demand and
    its household."""


NOT_SAID = "structure non dite"
"""French text in place of a structure: for a candidacy, which has none, and for a structure with a secret
address."""
Group = tuple[str, ...]
KEYS: Mapping[str, Callable[[Loop], str]] = {
    "partenaire": lambda loop: loop.partner,
    "siao": lambda loop: loop.siao,
    "structure": lambda loop: loop.structure or NOT_SAID,
    "mois": lambda loop: f"{loop.received:%Y-%m}",
}
"""Criteria by which loops can be grouped. A loop is a referral or candidacy, from receipt to answer. Each
criterion has a name, and a function that returns the group of a loop."""


async def begun_or_open(
    connection: Connection, registry: Registry, first: str, last: str, partner: str | None = None
) -> list[NamedLoop]:
    """Return the loops that were received in the months `first` to `last`, such as « 2026-11 », and all open
    loops. A loop is a referral or candidacy, from its receipt to its answer. If `partner` is given, return
    only loops that this partner sent or received."""
    return _named_loops(await store.begun(connection, first, last, OPEN, partner), registry)


async def received(
    connection: Connection, registry: Registry, month: str, partners: Collection[str] | None
) -> list[Loop]:
    """Return the loops that these partners received in a month such as « 2026-11 ». A loop is a referral or
    candidacy, from its receipt to its answer. If `partners` is None, return those of all partners."""
    return [each.loop for each in _named_loops(await store.received(connection, month, partners), registry)]


def _named_loops(subjects: Iterable[Subject], registry: Registry) -> list[NamedLoop]:
    each = (_named_loop(s, registry) for s in subjects if isinstance(s, Orientation | Candidature))
    return [one for one in each if one is not None]


def _named_loop(envoi: Orientation | Candidature, registry: Registry) -> NamedLoop | None:
    loop = Loop.of(envoi, registry)
    return None if loop is None else NamedLoop(loop, frozenset({envoi.id, envoi.menage, *envoi.linked}))


def services(loops: Iterable[Loop], by: Sequence[str], now: datetime) -> dict[Group, Service]:
    """Return the level of service of each group of loops. A loop is a referral or candidacy, from its receipt
    to its answer. `by` lists the criteria by which loops are grouped (keys of `KEYS`). A group is named by
    the tuple of its values."""
    groups: dict[Group, list[Loop]] = {}
    for loop in loops:
        groups.setdefault(tuple(KEYS[key](loop) for key in by), []).append(loop)
    return {group: service_of(groups[group], now) for group in sorted(groups)}


async def of_partner(connection: Connection, registry: Registry, partner: str, now: datetime) -> list[Loop]:
    """Return the loops that a partner sent or received: those received this month, and all open ones. A loop
    is a referral or candidacy, from its receipt to its answer."""
    month = f"{now:%Y-%m}"
    return [each.loop for each in await begun_or_open(connection, registry, month, month, partner)]


class Month(NamedTuple):
    """Level of service (share of answers in time) of one month, for each group that the metrics show."""

    towards: Mapping[Group, Service]
    """Level of service of each group. A group is a pair of recipient and SIAO."""
    structures: Mapping[Group, Service]
    """Level of service of each group. A group is a pair of recipient and structure."""


async def of_the_month(connection: Connection, registry: Registry, now: datetime) -> Month:
    """Return the level of service for the metrics. It covers the referrals and candidacies received this month,
    and all open ones."""
    month = f"{now:%Y-%m}"
    return month_of([each.loop for each in await begun_or_open(connection, registry, month, month)], now)


def month_of(loops: Sequence[Loop], now: datetime) -> Month:
    """Return the level of service of these loops, for each group that the metrics show. A loop is a referral
    or candidacy, from its receipt to its answer. Pure."""
    return Month(
        services(loops, ("partenaire", "siao"), now), services(loops, ("partenaire", "structure"), now)
    )
