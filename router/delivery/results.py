"""Write what came of deliveries: final states, receipts, released lanes.

If the result of a lane cannot be written in full, only the part of it that must not be lost is written (`least`).
The results of other lanes are written all the same.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence, Set
from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog

from contracts.errors import Misconfigured, Transient
from router.delivery.outlet import Outlet
from router.delivery.receipts import receipt_of
from router.delivery.sending import lease_of
from router.domain.proof import Prover
from router.process.group_commit import GroupCommit
from router.store import lanes, log
from router.store.database import OUTBOX, Database
from router.store.lanes import Finished, Settled
from router.telemetry.metrics import DELIVERIES, DELIVERY_DELAY_SECONDS
from router.triage import cause_of

logger = structlog.get_logger()
Write = Callable[[], Awaitable[bool]]
TASKS = {"refusee": "delivery.refused", "incertaine": "delivery.uncertain"}
"""Log event of each final state that needs an operator's decision."""
UNWRITTEN = "le hub n'a pu écrire tout ce qu'il en est advenu"


class Results:
    """Writer of the results of all deliveries. Results that come while an SQL statement runs are written
    together, by the next statement."""

    def __init__(self, database: Database, prover: Prover, max_group: int) -> None:
        self._database = database
        self._prover = prover
        self._together = GroupCommit(self._write, "resultats", max_group=max_group)

    async def put_on_record(self, result: Finished, outlet: Outlet, claimed_at: float) -> bool:
        """Write the results of a lane's deliveries. While the database cannot be used, try again until the
        lane's lease ends. Return False if certainly no more deliveries are due, neither in this lane nor in the
        lanes whose results the same statement wrote; otherwise, return True. `claimed_at` is the monotonic time
        just before the lane was claimed, in seconds."""
        try:
            return await self._insist(partial(self._together.submit, result), [result], outlet, claimed_at)
        except Exception:  # noqa: BLE001  one faulty result fails its whole group: write this one alone
            return await self._put_apart(result, outlet, claimed_at)

    async def put_all_on_record(self, results: Sequence[Finished], outlet: Outlet, claimed_at: float) -> None:
        """Write the results of all lanes of a lot in one statement. If the process dies before this
        statement, exactly the same lot is sent again."""
        try:
            await self._insist(partial(self._write_these, results), results, outlet, claimed_at)
        except Exception:  # noqa: BLE001  one faulty result fails all of them: write each alone
            for result in results:
                await self._put_apart(result, outlet, claimed_at)

    async def _put_apart(self, result: Finished, outlet: Outlet, claimed_at: float) -> bool:
        for each in (result, least(result)):
            try:
                return await self._insist(partial(self._write_these, [each]), [each], outlet, claimed_at)
            except Exception as exc:  # noqa: BLE001  log it; then write only what must not be lost
                deliveries = [str(settled.delivery) for settled in each.settled]
                where = cause_of(exc)[1]
                logger.error("delivery.bug", partner=outlet.partner.id, deliveries=deliveries, where=where)
        return True

    async def _insist(
        self, write: Write, results: Sequence[Finished], outlet: Outlet, claimed_at: float
    ) -> bool:
        while True:
            with suppress(Transient, Misconfigured):
                return await write()
            if time.monotonic() - claimed_at > lease_of(outlet.delai_s):
                number = sum(len(result.settled) for result in results)
                logger.error("delivery.result_lost", partner=outlet.partner.id, number=number)
                return True
            await asyncio.sleep(1)

    async def _write_these(self, results: Sequence[Finished]) -> bool:
        return any(await self._write(results))

    async def _write(self, results: Sequence[Finished]) -> list[bool]:
        """Store the results. Return one answer for each of them, as `GroupCommit` requires. All answers are
        equal: True if any lane in `results` may have more due deliveries."""
        receipts = {delivery: entry for result in results for delivery, entry in _receipts(result)}
        proven = dict(zip(receipts, log.proven(self._prover, receipts.values()), strict=True))
        async with self._database.statement() as connection:
            written, more = await lanes.finish(connection, results, proven, self._database.channel(OUTBOX))
        for result in results:
            _tell(result, written)
        return [more] * len(results)


def _tell(result: Finished, written: Set[UUID]) -> None:
    partner = result.claim.partner
    for settled in result.settled:
        if settled.delivery in written:
            DELIVERIES.labels(partner, settled.etat).inc()
            if (event := TASKS.get(settled.etat)) is not None:
                logger.error(event, partner=partner, delivery=str(settled.delivery), reason=settled.error)
            if settled.arrived is not None:
                attributes, at = settled.arrived
                DELIVERY_DELAY_SECONDS.labels(partner).observe((at - attributes.time).total_seconds())


def _receipts(result: Finished) -> Iterator[tuple[UUID, log.Entry]]:
    for settled in result.settled:
        if settled.arrived is not None:
            attributes, at = settled.arrived
            if (entry := receipt_of(attributes, result.claim.partner, at)) is not None:
                yield settled.delivery, entry


def least(result: Finished) -> Finished:
    """Return the part of a lane's result that must be stored even if the whole result cannot be stored: the
    states of the lane's deliveries. A delivery that arrived gets the state `incertaine` (outcome unknown),
    because its receipt is not stored: an operator has to decide."""
    settled = [
        Settled(each.delivery, "incertaine" if each.etat == "livree" else each.etat, UNWRITTEN)
        for each in result.settled
    ]
    return Finished(result.claim, settled, wait_s=result.wait_s, tried=result.tried, in_doubt=result.in_doubt)
