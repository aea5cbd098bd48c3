"""Who declares what nobody can rely on: noted for ops, and told to the SIAO where it is out of date.

Part of the look for silences, and of its transaction. A doubt is over when it is found no more.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from contracts.partner import Partner
from contracts.v1.alerte import AlerteEcheance
from ops.doubts import sql as store
from ops.doubts.declared import Stale, of_occupations, of_vacancies, stale_since, told
from ops.occupation import sql as occupation
from ops.occupation.compared import Occupation
from router.domain.partners import Registry
from router.store.database import Connection


async def look(
    connection: Connection, registry: Registry, silent: Collection[str], now: datetime
) -> list[tuple[Partner, AlerteEcheance]]:
    """Note what is doubted now. Returns what is to be told of what begins, and of whom. Of the silent nothing is
    doubted: their silence is told."""
    occupations = [Occupation(**row) for row in await occupation.occupations(connection, None)]
    found = [*of_occupations(occupations, registry, silent, now)]
    speaking = [partner for partner in registry.partners.values() if partner.id not in silent]
    old = stale_since(speaking, now)
    numbers = await stale_vacancies(connection, old)
    found += [of_vacancies(registry.partners[name], old[name], number) for name, number in numbers.items()]
    begun = [(registry.partners[doubt.partner], doubt) for doubt in await store.note(connection, found)]
    return [(partner, alert) for partner, doubt in begun for alert in told(partner, doubt, registry)]


async def stale_vacancies(connection: Connection, old: Mapping[str, Stale]) -> Mapping[str, int]:
    """How many that is of each partner, where there are some."""
    return await store.stale_vacancies(connection, {name: each.ended for name, each in old.items()})
