"""Statement of every structure, for the command and the console."""

from collections.abc import Collection, Sequence
from datetime import datetime

from ops.service.loops import begun_or_open
from ops.statement import sql
from ops.statement.statement import Statement, statements
from router.domain.partners import Registry
from router.store.database import Connection


async def of_the_month(
    connection: Connection,
    registry: Registry,
    month: str,
    now: datetime,
    partners: Collection[str] | None = None,
) -> Sequence[Statement]:
    """Return the statements of a month (« 2026-11 »), of these partners or of all. An answer counts in the month in
    which its referral was received."""
    loops = [each.loop for each in await begun_or_open(connection, registry, month, month)]
    begun = (loop for loop in loops if f"{loop.received:%Y-%m}" == month)
    own = (loop for loop in begun if partners is None or loop.partner in partners)
    places = await sql.places(connection, partners)
    facts = await sql.admissions(connection, month, partners)
    return statements(places, facts, own, now)
