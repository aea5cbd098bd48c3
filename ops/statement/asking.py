"""Monthly statements of structures about their places, admissions and answers to referrals. The command and
the console show them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from ops.service.loops import received
from ops.statement import sql
from ops.statement.statement import Statement, figured, statements
from router.domain.partners import Registry
from router.store.database import Connection


async def of_the_month(
    connection: Connection,
    registry: Registry,
    month: str,
    now: datetime,
    partners: Collection[str] | None = None,
    most_places: int | None = None,
    structure: str | None = None,
) -> Sequence[Statement]:
    """Return the monthly statements (relevés) of the structures of these partners: places, admissions, and
    answers to referrals. `month` is a month such as « 2026-11 ». If `partners` is None, return the statements
    of all partners.

    `most_places` limits the places counted for each of `partners`; further places are not counted. If
    `structure` is given, its statement also has the events that its figures count.
    """
    own = await received(connection, registry, month, partners)
    places = await sql.places(connection, partners, most_places)
    facts = await sql.admissions(connection, month, partners)
    if structure is not None:
        managers = {name for name, of in places if of == structure}
        facts += await sql.places_behind(connection, managers, structure, most_places)
        facts += await sql.answers_behind(
            connection, figured([loop for loop in own if loop.structure == structure], now)
        )
    return statements(places, facts, own, now)
