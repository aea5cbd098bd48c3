"""Read the present occupation of each manager's places, and the admissions to them in a month."""

from typing import NamedTuple

from ops.occupation import sql as store
from ops.occupation.compared import Admissions, Occupation, admissions_of
from ops.statement import sql as statement_store
from router.store.database import Connection


class Figures(NamedTuple):
    """The present occupation of one manager's places, and the admissions to them in one month. `admissions`
    is None if there was none in that month."""

    occupations: tuple[Occupation, ...] = ()
    """The occupation of each kind of offer for which the manager declares figures."""
    admissions: Admissions | None = None


async def figures(connection: Connection, month: str, partner: str | None = None) -> dict[str, Figures]:
    """Return, by manager, the present occupation and the admissions of `month` (« 2026-11 »). With `partner`,
    return the figures of this manager only."""
    found: dict[str, Figures] = {}
    for row in await store.occupations(connection, partner):
        each = Occupation(**row)
        known = found.get(each.partner, Figures())
        found[each.partner] = known._replace(occupations=(*known.occupations, each))
    own = None if partner is None else (partner,)
    for admitted in admissions_of(await statement_store.admissions(connection, month, own)):
        found[admitted.partner] = found.get(admitted.partner, Figures())._replace(admissions=admitted)
    return dict(sorted(found.items()))
