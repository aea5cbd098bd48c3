"""Loops, and their level of service by partner, SIAO, structure and month. A loop is a referral or candidacy,
from its receipt to its answer. The level of service is the share answered in time, and the time until the
answer."""

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
    """Loop, with the ids of all that it concerns: a search for one of them finds the loop."""

    loop: Loop
    around: frozenset[UUID]
    """Ids of the referral or candidacy, its place, its demand and its household."""


NOT_SAID = "structure non dite"
"""Words in place of the structure, for a candidacy or a secret address."""
Group = tuple[str, ...]
KEYS: Mapping[str, Callable[[Loop], str]] = {
    "partenaire": lambda loop: loop.partner,
    "siao": lambda loop: loop.siao,
    "structure": lambda loop: loop.structure or NOT_SAID,
    "mois": lambda loop: f"{loop.received:%Y-%m}",
}
"""Criteria by which loops can be grouped."""


async def begun_or_open(
    connection: Connection, registry: Registry, first: str, last: str, partner: str | None = None
) -> tuple[Sequence[NamedLoop], bool]:
    """Return the loops that began in the months `first` to `last` (« 2026-11 »), and all that are still open. A
    loop begins when the recipient has received the referral or candidacy. With `partner`, return only the loops
    in which this partner is sender or recipient. The second value is false if there are more than `store.MOST`:
    then only some of them are returned."""
    found = await store.begun(connection, first, last, OPEN, partner)
    return _named_loops(found, registry), len(found) <= store.MOST


async def received(
    connection: Connection, registry: Registry, month: str, partners: Collection[str] | None
) -> list[Loop]:
    """Return the loops received in a month (« 2026-11 ») by these partners; None stands for all partners."""
    return [each.loop for each in _named_loops(await store.received(connection, month, partners), registry)]


def _named_loops(subjects: Iterable[Subject], registry: Registry) -> list[NamedLoop]:
    each = (_named_loop(s, registry) for s in subjects if isinstance(s, Orientation | Candidature))
    return [one for one in each if one is not None]


def _named_loop(envoi: Orientation | Candidature, registry: Registry) -> NamedLoop | None:
    loop = Loop.of(envoi, registry)
    return None if loop is None else NamedLoop(loop, frozenset({envoi.id, envoi.menage, *envoi.linked}))


def services(loops: Iterable[Loop], by: Sequence[str], now: datetime) -> dict[Group, Service]:
    """Group the loops by the criteria `by` (keys of `KEYS`, such as «partenaire» or «mois»), and return the
    level of service of each group at the moment `now`. A group is named by the values of these criteria that
    its loops share."""
    groups: dict[Group, list[Loop]] = {}
    for loop in loops:
        groups.setdefault(tuple(KEYS[key](loop) for key in by), []).append(loop)
    return {group: service_of(groups[group], now) for group in sorted(groups)}


async def of_partner(connection: Connection, registry: Registry, partner: str, now: datetime) -> list[Loop]:
    """Return the loops in which a partner is sender or recipient: all that are still open, and of the others
    those whose referral or candidacy the recipient received this month."""
    month = f"{now:%Y-%m}"
    found, _ = await begun_or_open(connection, registry, month, month, partner)
    return [each.loop for each in found]


class Month(NamedTuple):
    """Level of service of the loops received this month and of all open loops, grouped by recipient and SIAO,
    and by recipient and structure."""

    towards: Mapping[Group, Service]
    """Level of service by recipient and SIAO."""
    structures: Mapping[Group, Service]
    """Level of service by recipient and structure."""


async def of_the_month(connection: Connection, registry: Registry, now: datetime) -> Month:
    """Return the level of service that the metrics show: of the loops received this month, and of all open
    ones. It is empty if there are too many to read them all: a part is never shown as the whole."""
    month = f"{now:%Y-%m}"
    found, is_all = await begun_or_open(connection, registry, month, month)
    return month_of([each.loop for each in found if is_all], now)


def month_of(loops: Sequence[Loop], now: datetime) -> Month:
    """Return the level of service of these loops: by recipient and SIAO, and by recipient and structure. The
    caller chooses the loops: those received in a month, and all open ones. `now` is the moment at which it is
    judged which loops are late, and how long open ones have waited. Pure."""
    return Month(
        services(loops, ("partenaire", "siao"), now), services(loops, ("partenaire", "structure"), now)
    )
