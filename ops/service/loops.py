"""Loops and their level of service, by partner, SIAO and month: for the command, its CSV, and the metric."""

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
"""States in which an answer is awaited."""


class NamedLoop(NamedTuple):
    """Loop of a referral or candidacy (from receipt to answer), with the ids by which a search may name it."""

    loop: Loop
    around: frozenset[UUID]
    """Ids by which a search finds the loop: those of the referral or candidacy, and of its place, demand and
    household."""


NOT_SAID = "structure non dite"
"""Label that replaces the structure of candidacies, and of structures whose address is secret."""
Group = tuple[str, ...]
KEYS: Mapping[str, Callable[[Loop], str]] = {
    "partenaire": lambda loop: loop.partner,
    "siao": lambda loop: loop.siao,
    "structure": lambda loop: loop.structure or NOT_SAID,
    "mois": lambda loop: f"{loop.received:%Y-%m}",
}
"""Ways to group loops (referrals or candidacies, from receipt to answer)."""


async def begun_or_open(
    connection: Connection, registry: Registry, first: str, last: str, partner: str | None = None
) -> list[NamedLoop]:
    """Return the referrals and candidacies received in these months (« 2026-11 ») and all that are still open, as loops
    from receipt to answer; of every partner or of one."""
    return _named_loops(await store.begun(connection, first, last, OPEN, partner), registry)


async def received(
    connection: Connection, registry: Registry, month: str, partners: Collection[str] | None
) -> list[Loop]:
    """Return the referrals and candidacies that these partners, or all, received in a month (« 2026-11 »), as loops
    from receipt to answer."""
    return [each.loop for each in _named_loops(await store.received(connection, month, partners), registry)]


def _named_loops(subjects: Iterable[Subject], registry: Registry) -> list[NamedLoop]:
    each = (_named_loop(s, registry) for s in subjects if isinstance(s, Orientation | Candidature))
    return [one for one in each if one is not None]


def _named_loop(envoi: Orientation | Candidature, registry: Registry) -> NamedLoop | None:
    loop = Loop.of(envoi, registry)
    return None if loop is None else NamedLoop(loop, frozenset({envoi.id, envoi.menage, *envoi.linked}))


def services(loops: Iterable[Loop], by: Sequence[str], now: datetime) -> dict[Group, Service]:
    """Return the level of service of each group of loops (referrals or candidacies, from receipt to answer). `by` gives
    the names in `KEYS` to group by."""
    groups: dict[Group, list[Loop]] = {}
    for loop in loops:
        groups.setdefault(tuple(KEYS[key](loop) for key in by), []).append(loop)
    return {group: service_of(groups[group], now) for group in sorted(groups)}


async def of_partner(connection: Connection, registry: Registry, partner: str, now: datetime) -> list[Loop]:
    """Return the referrals and candidacies that a partner sent or received, as loops from receipt to answer: those
    received this month and all that are still open."""
    month = f"{now:%Y-%m}"
    return [each.loop for each in await begun_or_open(connection, registry, month, month, partner)]


class Month(NamedTuple):
    """Level of service of one month, as metrics publish it. The labels are few: partners of the registry, and
    structures of its entries."""

    towards: Mapping[Group, Service]
    """Level of service by partner and SIAO."""
    structures: Mapping[Group, Service]
    """Level of service by partner and structure."""


async def of_the_month(connection: Connection, registry: Registry, now: datetime) -> Month:
    """Return the level of service for the referrals and candidacies received this month and all that are still
    open."""
    month = f"{now:%Y-%m}"
    return month_of([each.loop for each in await begun_or_open(connection, registry, month, month)], now)


def month_of(loops: Sequence[Loop], now: datetime) -> Month:
    """Return the level of service of these loops (referrals or candidacies, from receipt to answer), grouped for the
    metrics. Pure."""
    return Month(
        services(loops, ("partenaire", "siao"), now), services(loops, ("partenaire", "structure"), now)
    )
