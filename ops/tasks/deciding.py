"""A person's decisions about deliveries that were refused, have an unknown outcome, or are late. Raises
BusUnavailable if the database does not answer.

Each decision has an audit row with author and reason. A repeated decision changes nothing. The hub itself
decides nothing. A lane has the deliveries to one partner about one subject; one process at a time sends from
it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from contracts.errors import Permanent
from contracts.partner import ClasseLivraison, Partner
from ops.status import sql as vitals
from ops.tasks import sql as tasks
from router.domain.correspondents import collected_every_h
from router.domain.proof import Prover
from router.domain.sandbox import sandbox_of
from router.domain.vitals import LATE, Taker
from router.store import lanes
from router.store import registry as registry_store
from router.store.audit import record
from router.store.database import LANES, TRIES, Connection, Database, Row

Decision = Callable[[Connection, UUID], Awaitable[tasks.Decided | None]]
SENT_AGAIN, CLOSED, TRIED = "livraison.renvoyer", "livraison.classer", "livraisons.essayer"
ASKED, ARRIVED = "livraison.demander", "livraison.arrivee"


async def take(database: Database, task_names: Sequence[str], actor: str, nom: str, *, back: bool) -> None:
    """Record in the audit that a person has undertaken to decide some groups of waiting items or, with `back`,
    has given the groups back. `task_names` has the groups' keys (`Group.task`). `actor` and `nom` are the
    person's id and name."""
    async with database.transaction() as connection:
        for name in task_names:
            await record(connection, actor, tasks.GIVEN_BACK if back else tasks.TAKEN, name, {"nom": nom})


async def takers(database: Database) -> Mapping[str, Taker]:
    """Return who has undertaken to decide each group of waiting items, by the group's key (`Group.task`).
    Groups given back, or taken on more than twelve hours ago, are left out."""
    async with database.statement() as connection:
        return await tasks.takers(connection)


async def send_again(
    database: Database, delivery: UUID, actor: str, why: str, *, of: str | None = None
) -> bool:
    """Send a delivery again under its idempotency key, before newer ones about its subject. Return False if no
    person has to decide on it, a dispatcher works on its lane, or it is not for the partner `of` (None:
    any)."""
    return await _decide(database, partial(tasks.send_again, of=of), SENT_AGAIN, delivery, actor, why)


async def send_refused_again(database: Database, partner: str, actor: str, why: str) -> int:
    """Send again all deliveries that a partner has refused. Return their number."""
    total = 0
    while True:
        async with database.transaction() as connection:
            sent = await tasks.send_refused_again(connection, partner, actor, SENT_AGAIN, why)
            await database.notify(connection, LANES)
        total += sent
        if not sent:
            return total


async def try_now(database: Database, partner: str, actor: str) -> int:
    """Make due now all deliveries that wait for a partner. Return on how many lanes they became due. A lane
    on which a dispatcher is working stays as it is."""
    async with database.transaction() as connection:
        number = await lanes.try_now(connection, partner)
        await record(connection, actor, TRIED, partner, {"voies": number})
        await database.notify(connection, LANES)
        await database.notify(connection, TRIES)
    return number


async def waiting(
    database: Database,
    partners: Collection[str] | None,
    limit: int,
    *,
    everything: bool = False,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Row]:
    """Return at most `limit` deliveries to these partners (None: all) on which a person has to decide, oldest
    first. With `everything`, also return those that only wait to be sent or collected. For the next page,
    `after` is the (created_at, id) of the last delivery shown."""
    async with database.transaction() as connection:
        registry = await registry_store.read(connection)
        owed = (*await vitals.waiting(connection, 1), *await vitals.boxes(connection, 1))
        found = {row.partner for row in owed}  # deliveries may be owed to partners that left the registry
        known = {name for name in (*registry.partners, *found) if not sandbox_of(name)}
        names = sorted(known if partners is None else partners)
        none = tasks.Patience(timedelta(0))
        waits = {name: none if everything else _patience(registry.get(name)) for name in names}
        return await tasks.oldest(connection, partners, waits, limit, after)


def _patience(partner: Partner | None) -> tasks.Patience:
    if partner is None:
        return tasks.Patience()
    hours, lot = collected_every_h(partner), partner.lot
    leaves = LATE + timedelta(seconds=lot.attente_s if lot else 0)
    return tasks.Patience(leaves, None if hours is None else timedelta(hours=hours))


async def close(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Close a delivery without sending it, because the matter is settled otherwise. Return False if no person
    has to decide on the delivery."""
    return await _decide(database, tasks.close, CLOSED, delivery, actor, why)


async def ask(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Let the dispatcher ask the partner whether a delivery has arrived. Two kinds of deliveries can be asked
    about: those of unknown outcome; and those created over 15 minutes ago (`LATE`) that left for the partner
    and have no result yet, though no process holds their lane any more. For any other delivery, do nothing and
    return False. Raises Permanent if the partner cannot be asked."""
    return await _decide(database, _ask, ASKED, delivery, actor, why, TRIES)


async def arrived(database: Database, prover: Prover, delivery: UUID, actor: str, why: str) -> bool:
    """Record that a delivery has arrived, so that its deadlines start now. Two kinds of deliveries can be so
    recorded: those of unknown outcome; and those created over 15 minutes ago (`LATE`) that left for the partner
    and have no result yet, though no process holds their lane any more. Return False for any other delivery."""
    from router.delivery.receipts import receipt_of  # imports every contract: no other decision needs them
    from router.store.hub_events import say  # likewise

    async with database.transaction() as connection:
        found = await tasks.arrived(connection, delivery)
        if found is None:
            return False
        receipt = receipt_of(found.event, found.partner, datetime.now(UTC))
        await say(database, connection, prover, [] if receipt is None else [receipt])
        await record(connection, actor, ARRIVED, str(delivery), {"partenaire": found.partner, "motif": why})
        await database.notify(connection, LANES)
    return True


def may_be_asked(partner: Partner | None) -> bool:
    """Return whether the hub can ask a partner whether a delivery of unknown outcome has arrived. False for a
    partner that recognises repeated messages: the hub sends again instead. False also for None: a partner that
    is not in the registry."""
    if partner is None or partner.livraison is ClasseLivraison.DEDUPLIQUE:
        return False
    return partner.can_be_asked


def is_sent_again(partner: Partner | None) -> bool:
    """Return whether the hub sends a delivery of unknown outcome to this partner again, without asking a
    person."""
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
