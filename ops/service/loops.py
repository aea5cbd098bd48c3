"""Loops and their level of service, by partner, SIAO and month: for the command, its file, and the metric."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from ops.service import sql as store
from ops.service.level import Loop, Service, service_of
from router.domain.partners import Registry
from router.domain.subjects import Candidature, Orientation
from router.privacy.crosswalk import Crosswalk
from router.store.database import Connection

OPEN = sorted(Orientation.MACHINE.early | Candidature.MACHINE.early)
"""States in which an answer is awaited."""


class Found(NamedTuple):
    """A loop, and what else it may be asked for by."""

    loop: Loop
    around: frozenset[UUID]
    """Its place, its demand, its household."""


NOT_SAID = "structure non dite"
"""Of candidacies, and of structures whose address is secret."""
Group = tuple[str, ...]
KEYS: Mapping[str, Callable[[Loop], str]] = {
    "partenaire": lambda loop: loop.partner,
    "siao": lambda loop: loop.siao,
    "structure": lambda loop: loop.structure or NOT_SAID,
    "mois": lambda loop: f"{loop.received:%Y-%m}",
}
"""By what services may be grouped."""


async def found(
    connection: Connection, registry: Registry, first: str, last: str, partner: str | None = None
) -> list[Found]:
    """The loops that began in these months (« 2026-11 »), and all that are open; of all, or of one partner."""
    subjects = await store.begun(connection, first, last, OPEN, partner)
    each = [_found(s, registry) for s in subjects if isinstance(s, Orientation | Candidature)]
    return [one for one in each if one is not None]


def _found(envoi: Orientation | Candidature, registry: Registry) -> Found | None:
    loop = Loop.of(envoi, registry)
    return None if loop is None else Found(loop, frozenset({envoi.id, envoi.menage, *envoi.linked}))


async def named(
    connection: Connection, crosswalk: Crosswalk | None, registry: Registry, known_as: str
) -> set[UUID]:
    """Our ids of what somebody knows by this: ours, or any partner's own of a place, a household, a referral."""
    ids = set() if crosswalk is None else {*await crosswalk.known(connection, registry.partners, known_as)}
    try:
        return ids | {UUID(known_as)}
    except ValueError:
        return ids


def services(loops: Iterable[Loop], by: Sequence[str], now: datetime) -> dict[Group, Service]:
    """The level of each group, by these `KEYS`."""
    groups: dict[Group, list[Loop]] = {}
    for loop in loops:
        groups.setdefault(tuple(KEYS[key](loop) for key in by), []).append(loop)
    return {group: service_of(groups[group], now) for group in sorted(groups)}


async def of_partner(connection: Connection, registry: Registry, partner: str, now: datetime) -> list[Loop]:
    """Those that one partner sent or received: that began this month, and all that are open."""
    month = f"{now:%Y-%m}"
    return [each.loop for each in await found(connection, registry, month, month, partner)]


class Month(NamedTuple):
    """The level of service of one month, as the metrics show it. Labels stay bounded: the registry names partners, and
    a referral notes no structure but one of an entry."""

    towards: Mapping[Group, Service]
    """By partner and SIAO."""
    structures: Mapping[Group, Service]
    """By partner and structure."""


async def of_the_month(connection: Connection, registry: Registry, now: datetime) -> Month:
    """Of the loops that began this month, and of all that are open."""
    month = f"{now:%Y-%m}"
    return month_of([each.loop for each in await found(connection, registry, month, month)], now)


def month_of(loops: Sequence[Loop], now: datetime) -> Month:
    """What these loops come to. Pure."""
    return Month(
        services(loops, ("partenaire", "siao"), now), services(loops, ("partenaire", "structure"), now)
    )
