"""A person's decisions about deliveries that were refused, have an unknown outcome, or are late. Functions
that take a `database` raise BusUnavailable if the database does not answer.

Each decision about a delivery has an audit row with author and reason. To repeat a decision changes nothing.
The hub itself decides nothing. A process holds a lane while it sends from it; no two processes hold the same
lane.
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
    """Record in the audit that a person will decide about some groups of waiting items. With `back`, record
    instead that the person has given these groups back. `task_names` has the groups' keys (`Group.task`).
    `actor` is the person's id, `nom` the person's name."""
    async with database.transaction() as connection:
        for name in task_names:
            await record(connection, actor, tasks.GIVEN_BACK if back else tasks.TAKEN, name, {"nom": nom})


async def takers(database: Database) -> Mapping[str, Taker]:
    """Return, for each group of waiting items that somebody has taken on, who will decide about it. The
    groups are named by their keys (`Group.task`). A group is left out if it was given back, or if it was
    taken on more than twelve hours ago."""
    async with database.statement() as connection:
        return await tasks.takers(connection)


async def send_again(
    database: Database, delivery: UUID, actor: str, why: str, *, of: str | None = None
) -> bool:
    """Send a delivery again under its idempotency key, before newer deliveries of its lane. `of` is the partner
    that asks; None if a person of the hub asks. A delivery can be sent again in two cases:
    * it was refused, or its outcome is unknown; if `of` is given, it must be a delivery to this partner;
    * a person of the hub asks; it has left and has no result yet, it was created over 15 minutes ago (`LATE`),
      and no process holds its lane.
    For any other delivery, do nothing and return False.
    """
    return await _decide(database, partial(tasks.send_again, of=of), SENT_AGAIN, delivery, actor, why)


async def send_refused_again(database: Database, partner: str, actor: str, why: str) -> int:
    """Send again all deliveries that a partner has refused, and return how many."""
    total = 0
    while True:
        async with database.transaction() as connection:
            sent = await tasks.send_refused_again(connection, partner, actor, SENT_AGAIN, why)
            await database.notify(connection, LANES)
        total += sent
        if not sent:
            return total


async def try_now(database: Database, partner: str, actor: str) -> int:
    """Make all waiting deliveries to a partner due now, even if its breaker is open. Return the number of lanes
    that became due. A lane that a dispatcher holds stays as it is."""
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
    """Return at most `limit` deliveries on which a person has to decide, oldest first. If `partners` is not
    None, return only deliveries to these partners. With `everything`, also return the deliveries that are not
    late yet and only wait to be sent, or to be collected from a mailbox. For the next page, pass as `after`
    the (created_at, id) of the last delivery shown."""
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
    """Close a delivery that was refused, has an unknown outcome or is late, because the matter is settled
    otherwise: the hub sends it no more. For any other delivery, return False and close nothing."""
    return await _decide(database, tasks.close, CLOSED, delivery, actor, why)


async def ask(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Let the dispatcher ask the partner whether it has received a delivery. A delivery can be asked about in
    two cases:
    * its outcome is unknown;
    * it has left for the partner and has no result yet, it was created over 15 minutes ago (`LATE`), and no
      process holds its lane any more.
    For any other delivery, do nothing and return False. Raises Permanent if the partner cannot be asked.
    """
    return await _decide(database, _ask, ASKED, delivery, actor, why, TRIES)


async def arrived(database: Database, prover: Prover, delivery: UUID, actor: str, why: str) -> bool:
    """Record that a delivery has arrived, so that the partner's deadlines start now. This is possible in two
    cases:
    * the delivery's outcome is unknown;
    * it has left for the partner and has no result yet, it was created over 15 minutes ago (`LATE`), and no
      process holds its lane any more.
    For any other delivery, do nothing and return False.
    """
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
    """Return whether the hub can ask a partner whether a delivery of unknown outcome has arrived. It cannot
    ask a partner that is not in the registry (None). It need not ask a partner that recognises repeated
    messages, because it sends the delivery again: return False for this partner too."""
    if partner is None or partner.livraison is ClasseLivraison.DEDUPLIQUE:
        return False
    return partner.can_be_asked


def is_sent_again(partner: Partner | None) -> bool:
    """Return whether the hub, without asking a person, sends a delivery again to this partner if the outcome
    is unknown."""
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
