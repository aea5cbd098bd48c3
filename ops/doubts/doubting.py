"""Search for doubts about what partners declare, together with the search for silences (partners that have
not sent what they usually send). A doubt is stored until a search no longer finds it. The SIAO is told of
declarations that are too old."""

from collections.abc import Collection, Mapping
from datetime import datetime

from contracts.partner import Partner
from contracts.v1.alerte import AlerteEcheance
from ops.doubts import sql as store
from ops.doubts.declared import Stale, alerts_of, of_occupations, of_vacancies, stale_since
from ops.occupation import sql as occupation
from ops.occupation.compared import Occupation
from router.domain.partners import Registry
from router.store.database import Connection


async def look(
    connection: Connection, registry: Registry, silent: Collection[str], now: datetime
) -> list[tuple[Partner, AlerteEcheance]]:
    """Store the doubts found now in place of those stored before. Return the alerts for new doubts, each with
    its partner. There are neither doubts nor alerts about partners in `silent`: the SIAO knows of their
    silence."""
    occupations = [Occupation(**row) for row in await occupation.occupations(connection, None)]
    found = [*of_occupations(occupations, registry, silent, now)]
    speaking = [partner for partner in registry.partners.values() if partner.id not in silent]
    old = stale_since(speaking, now)
    numbers = await stale_vacancies(connection, old)
    found += [of_vacancies(registry.partners[name], old[name], number) for name, number in numbers.items()]
    begun = [(registry.partners[doubt.partner], doubt) for doubt in await store.note(connection, found)]
    return [(partner, alert) for partner, doubt in begun for alert in alerts_of(partner, doubt, registry)]


async def stale_vacancies(connection: Connection, old: Mapping[str, Stale]) -> Mapping[str, int]:
    """Return, by partner, how many places count as free only because of a declaration that the partner has
    not repeated in time. Count at most 10,000 places of a partner. `old` says, by partner, which declarations
    are too old."""
    return await store.stale_vacancies(connection, {name: each.ended for name, each in old.items()})
