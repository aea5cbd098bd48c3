"""Compute the monthly statements (relevés) of structures, for the command and the console."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from ops.service.loops import received
from ops.statement import sql
from ops.statement.statement import Key, Statement, figured, statements
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
    """Return the monthly statements of the structures of `partners`, or of all partners if it is None, for
    `month` (« 2026-11 »). A statement counts a structure's places, admissions and answers. At most
    `most_places` places are counted for one partner; None sets no limit.

    Every statement has the events that prove its admissions. The statement of the structure `structure`, if
    given, also has the events that prove its places and answers.

    A partner may have one more statement, whose own structure is None. It counts the places, admissions and
    answers whose structure is unknown, is in no registry entry, or has a secret address today.
    """
    own = await received(connection, registry, month, partners)
    places: Counter[Key] = Counter()
    for (partner, noted), number in (await sql.places(connection, partners, most_places)).items():
        places[partner, registry.open_structure(noted)] += number
    facts = [
        fact._replace(structure=registry.open_structure(fact.structure))
        for fact in await sql.admissions(connection, month, partners)
    ]
    if structure is not None:
        managers = {name for name, of in places if of == structure}
        facts += await sql.places_behind(connection, managers, structure, most_places)
        facts += await sql.answers_behind(
            connection, figured([loop for loop in own if loop.structure == structure], now)
        )
    return statements(places, facts, own, now)
