"""An answer that matches no referral."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from contracts.sealed import to_bytes
from ops.orphans.deciding import Desk
from ops.terminal.printing import opened
from router.domain.roles import Role
from router.privacy.keyring import Keyring
from tests.integration.messages import vacancy
from tests.integration.statements import heard
from tests.integration.waiting import until
from tests.integration.world import World


async def an_exit_that_cites_its_place(world: World, *roles: Role) -> tuple[str, Any]:
    """Make an orphan answer: a departure that cites its place instead of its referral. Return the hub's id of that
    referral, and the gateway's answer. Afterwards the hub runs these roles."""
    ours = await world.referred()
    await world.settled()
    place = world.siao.messages[0]["place"]["identifiantExterne"]
    await world.stop()
    await world.start(Role.GATEWAY)
    await world.accepted(
        "centre", {"type": "entree.constatee", "orientation": ours, "entreeLe": "2026-11-20"}
    )
    # It cites the place's id instead of the referral's. An event about that place is pending, so the gateway
    # cannot judge the answer yet.
    await world.accepted("centre", vacancy("A-101", capacite=2))
    wrong = {"type": "sortie.declaree", "orientation": place, "sortieLe": "2026-11-21", "vers": "10"}
    status, message = await world.send("centre", wrong)
    assert status == 202
    await world.stop()
    await world.start(*roles)
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO apprend l'anomalie")
    await world.settled()
    return ours, message


@asynccontextmanager
async def twenty_times(world: World) -> AsyncIterator[None]:
    """Multiply the only orphan answer to twenty until the block ends."""
    copied = await world.sql("""
        WITH copied AS (
            INSERT INTO event (id, type, source, subject, territoire, time, correlation, payload)
            SELECT gen_random_uuid(), type, source, subject, territoire, time, correlation, payload
            FROM event JOIN orphan ON event_id = id, generate_series(1, 19) RETURNING id
        ) INSERT INTO orphan (event_id, partner, reason)
          SELECT copied.id, partner, reason FROM copied, orphan RETURNING event_id
    """)
    yield
    ids = [row["event_id"] for row in copied]
    await world.sql("DELETE FROM orphan WHERE event_id = ANY($1)", ids)
    await world.sql("DELETE FROM event WHERE id = ANY($1)", ids)


async def one_that_no_contract_reads(world: World, but: str) -> None:
    """Give one orphan answer, other than `but`, a payload that its contract cannot read."""
    await world.sql(
        "UPDATE event SET payload = $1 WHERE id = (SELECT event_id FROM orphan WHERE event_id::text <> $2 LIMIT 1)",
        to_bytes({}, []),
        but,
    )


async def asked_for_a_page(world: World) -> tuple[int, int]:
    """Return the number of orphan answers on a page, each with a suggestion, and the number of SQL statements for
    it."""
    with heard() as said:
        async with opened(world.settings) as database:
            cases = await Desk(database, Keyring.of(world.settings)).cases(None, datetime.now(UTC))
    assert all(case.likely for case in cases)
    return len(cases), len(said.but())
