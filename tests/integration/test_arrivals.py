"""A message costs the same whatever its sender has sent before, also where PostgreSQL has no statistics yet."""

from datetime import timedelta
from uuid import uuid4

from router.store import arrivals
from router.store.database import BULK, Connection
from router.store.idempotency import Claim
from router.store.inbox import InboxRow
from router.store.keys import Fresh, Links
from router.store.undone import QUESTIONS
from tests.integration import cost, lasting
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared

BEFORE = 3000


async def keep(connection: Connection, number: int) -> int:
    """So many messages of the shelter, about nobody; how many were kept."""
    claims, messages = [], []
    for _ in range(number):
        ident = uuid4()
        claims.append(Claim(("centre", ident.bytes), b"", ident, timedelta(days=1)))
        messages.append(
            InboxRow(ident, "centre", "json", "application/json", None, "accepte", b"", 1, 0, [], [],
                     deferred=False, keyless=False, nonce=None, digest=None)
        )  # fmt: skip
    batch = arrivals.Batch(b"", claims, messages, [], Links([], []), Fresh(b"", {}))
    kept, _ = await arrivals.keep(connection, batch, "nobody")
    return len(kept)


async def test_of_the_messages_that_a_sender_has_sent_before_neither_its_next_nor_a_heartbeat_reads_one(
    prepared: World,
) -> None:
    await cost.left_alone(prepared, "inbox")
    async with prepared.database.transaction() as connection:
        assert await keep(connection, BEFORE) == BEFORE
    async with prepared.database.transaction() as connection, cost.rows_read(connection) as read:
        assert await connection.fetchval(f"SELECT {QUESTIONS[BULK]}") is False, "aucun n'est gros"
    assert read["inbox"] == 0
    async with prepared.database.transaction() as connection:
        await cost.plan_for_any_values(connection)
        async with cost.rows_read(connection) as read:
            assert await keep(connection, 1) == 1
    assert read["inbox"] < 10
