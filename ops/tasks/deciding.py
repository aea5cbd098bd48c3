"""Deliveries that wait for a human: refused by the partner, gone without an answer to one that cannot tell, or waiting
for too long.

The hub never decides alone here. Who decided, and why, is audited; a decision that comes second changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from contracts.errors import Permanent
from contracts.partner import ClasseLivraison, Partner
from ops.status import sql as vitals
from ops.tasks import sql as tasks
from router.domain.proof import Prover
from router.domain.sandbox import sandbox_of
from router.domain.vitals import LATE, collected_every_h
from router.store import lanes, log
from router.store import registry as registry_store
from router.store.audit import record
from router.store.database import LANES, OUTBOX, TRIES, Connection, Database, Row

Decision = Callable[[Connection, UUID], Awaitable[tasks.Decided | None]]
SENT_AGAIN, CLOSED, TRIED = "livraison.renvoyer", "livraison.classer", "livraisons.essayer"
ASKED, ARRIVED = "livraison.demander", "livraison.arrivee"


async def send_again(
    database: Database, delivery: UUID, actor: str, why: str, *, of: str | None = None
) -> bool:
    """Send it again under its key: before what still waits for the same partner and subject, after what has
    left. False where it is no task, is not `of` this partner, or is being sent. Raises BusUnavailable."""
    return await _decide(database, partial(tasks.send_again, of=of), SENT_AGAIN, delivery, actor, why)


async def send_refused_again(database: Database, partner: str, actor: str, why: str) -> int:
    """Send all again that a partner refused, now that it has mended what it refused them for; how many. In several
    transactions, for all dispatchers wait for a lane that is locked."""
    total = 0
    while True:
        async with database.transaction() as connection:
            sent = await tasks.send_refused_again(connection, partner, actor, SENT_AGAIN, why)
            await database.notify(connection, LANES)
        total += sent
        if not sent:
            return total


async def try_now(database: Database, partner: str, actor: str) -> int:
    """Try at once what waits for a partner, whatever back-off and breaker say; how many lanes rested. A lane that
    somebody is sending is left alone."""
    async with database.transaction() as connection:
        number = await lanes.try_now(connection, partner)
        await record(connection, actor, TRIED, partner, {"voies": number})
        await database.notify(connection, LANES)
        await database.notify(connection, TRIES)
    return number


async def waiting(
    database: Database, partner: str | None, limit: int, *, everything: bool = False
) -> Sequence[Row]:
    """Deliveries that a human looks after, oldest first; or everything that waits."""
    async with database.transaction() as connection:
        registry = await registry_store.read(connection)
        owed = (*await vitals.waiting(connection, 1), *await vitals.boxes(connection, 1))
        found = {row.partner for row in owed}  # who is in the registry no more may be owed something still
        known = {name for name in (*registry.partners, *found) if not sandbox_of(name)}
        names = sorted(known) if partner is None else [partner]
        none = tasks.Patience(timedelta(0))
        waits = {name: none if everything else _patience(registry.get(name)) for name in names}
        return await tasks.oldest(connection, partner, waits, limit)


def _patience(partner: Partner | None) -> tasks.Patience:
    if partner is None:
        return tasks.Patience()
    hours, lot = collected_every_h(partner), partner.lot
    leaves = LATE + timedelta(seconds=lot.attente_s if lot else 0)
    return tasks.Patience(leaves, None if hours is None else timedelta(hours=hours))


async def close(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Leave it at that: it arrived, or is settled another way. False where it is no task. Raises BusUnavailable."""
    return await _decide(database, tasks.close, CLOSED, delivery, actor, why)


async def ask(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Have the partner asked whether it has a delivery of unknown outcome, or one that is in flight for too long; its
    breaker is passed over once. It is in flight in its lane, where the partner's class says what may follow: to a
    partner that is never sent the same twice it is only asked for, until it answers, and is uncertain unless it has it.
    False where it is neither, or is being sent. Raises Permanent where this partner cannot be asked, BusUnavailable."""
    return await _decide(database, _ask, ASKED, delivery, actor, why, TRIES)


async def arrived(database: Database, prover: Prover, delivery: UUID, actor: str, why: str) -> bool:
    """A delivery of unknown outcome, or in flight for too long, has arrived, somebody says: that is its receipt, from
    which the partner's deadlines run. False where it is neither, or is being sent. Raises BusUnavailable."""
    from router.delivery.receipts import receipt_of  # with every contract: no other decision loads them

    async with database.transaction() as connection:
        found = await tasks.arrived(connection, delivery)
        if found is None:
            return False
        receipt = receipt_of(found.event, found.partner, datetime.now(UTC))
        await log.append(connection, prover, [] if receipt is None else [receipt])
        await record(connection, actor, ARRIVED, str(delivery), {"partenaire": found.partner, "motif": why})
        await database.notify(connection, OUTBOX)
        await database.notify(connection, LANES)
    return True


def may_be_asked(partner: Partner | None) -> bool:
    """Whether it is any use to ask a partner: its way out can tell. Who deduplicates is simply sent the same again."""
    if partner is None or partner.livraison is ClasseLivraison.DEDUPLIQUE:
        return False
    return partner.can_be_asked


def is_sent_again(partner: Partner | None) -> bool:
    """Whether what may have arrived leaves again by itself."""
    return partner is not None and partner.livraison is ClasseLivraison.DEDUPLIQUE


async def _ask(connection: Connection, delivery: UUID) -> tasks.Decided | None:
    decided = await tasks.ask(connection, delivery)
    if decided is not None:
        registry = await registry_store.read(connection)
        if not may_be_asked(registry.get(decided.partner)):
            raise Permanent(
                f"{decided.partner} n'est pas à interroger : appelez-le, ou renvoyez s'il dédoublonne"
            )
    return decided


async def _decide(
    database: Database, decision: Decision, action: str, delivery: UUID, actor: str, why: str, *wakes: str
) -> bool:
    async with database.transaction() as connection:
        decided = await decision(connection, delivery)
        if decided is None:
            return False
        detail: dict[str, object] = {"partenaire": decided.partner, "motif": why}
        if decided.before is not None:
            detail["avant"] = decided.before
        await record(connection, actor, action, str(delivery), detail)
        for name in (LANES, *wakes):
            await database.notify(connection, name)
    return True
