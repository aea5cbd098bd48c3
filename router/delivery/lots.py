"""Make and send lots. A lot is several deliveries to one partner, in one file. One process at a time makes a
partner's lots, and sends them one after the other.

A refused lot is halved, until only the refused deliveries are left. A lot that may have arrived before is not
halved, because the partner would not recognise its halves as repetitions.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.envelope import derived_id
from contracts.errors import Misconfigured, Transient
from contracts.partner import Partner
from router.delivery.due import Due, DueDelivery, DueLot
from router.delivery.lists import OF_A_LIST
from router.delivery.outlet import Outlet
from router.delivery.sending import Sender
from router.process.leases import Lease
from router.store import lanes, lots
from router.store.database import Connection, Database, Row
from router.store.lanes import Finished, LaneClaim, Settled
from router.store.lots import Lot

LINES_OF_A_LANE = 2
"""Number of deliveries to read from each lane. Only the first delivery is sent. A second delivery shows that the
lane has more."""


class Load(NamedTuple):
    """Lot to send, and the lanes that were claimed for it. `lot` is None if no delivery of these lanes may be
    sent now. The lanes are then released without a delivery."""

    lot: Lot | None
    doubtful: Collection[UUID]
    """Ids of deliveries that may have been sent before, in a lot that the database no longer has."""
    claims: Mapping[LaneClaim, Sequence[Row]]


class Lots:
    """Maker and sender of lots. The process makes and sends the lots of a partner only while it has the lease
    for this partner's lots."""

    def __init__(
        self, database: Database, sender: Sender, lease: Callable[[str], Lease], process: UUID, pause_s: float
    ) -> None:
        """`lease` returns the lease with the given name; to send the lots of one partner takes one lease.
        `process` is the id of this process. `pause_s` is how many seconds a lane rests after nothing could be
        sent from it."""
        self._database = database
        self._sender = sender
        self._lease = lease
        self._process = process
        self._leases: dict[str, Lease] = {}
        self._pause_s = pause_s

    async def are_ours(self, partner: str) -> bool:
        """Take or renew the lease for a partner's lots. Return whether this process has the lease."""
        if partner not in self._leases:
            self._leases[partner] = self._lease(f"lot:{partner}")
        return await self._leases[partner].keep()

    async def load(self, connection: Connection, partner: Partner, lease_s: float) -> Load | None:
        """Claim the lanes of the partner's next lot for `lease_s` seconds, and return the lot with these lanes. The
        next lot is the partner's unfinished lot, or a new lot if the partner has no unfinished one. Return None if
        no lot is due."""
        assert partner.lot is not None, "only who takes lots has any"
        lot = await lots.under_way(connection, partner.id)
        if lot is not None:
            return await self._again(connection, partner.id, lot, lease_s) if lot.due else None
        if not await lots.may_leave(connection, partner.id, partner.lot.lignes, partner.lot.attente_s):
            return None
        return await self._new(connection, partner.id, partner.lot.lignes, lease_s)

    async def _again(self, connection: Connection, partner: str, lot: Lot, lease_s: float) -> Load:
        named = list(zip(lot.subjects, lot.lines, strict=True))
        claims = await lanes.claim_named(connection, self._process, partner, named, lease_s, LINES_OF_A_LANE)
        whole = {*lot.lines} == {rows[0].id for rows in claims.values() if rows}
        return Load(lot if whole else None, (), claims)

    async def _new(self, connection: Connection, partner: str, number: int, lease_s: float) -> Load:
        room = [(partner, number, lease_s)]
        claims = await lanes.claim(connection, self._process, room, number, LINES_OF_A_LANE)
        lines = [rows[0] for rows in claims.values() if rows]
        doubtful = {line.id for line in lines if line.etat == "en_vol"}
        fresh = [line for line in lines if line.id not in doubtful]
        if not fresh:
            return Load(None, doubtful, claims)
        whole_list = [line for line in fresh if line.type == OF_A_LIST][:1]
        lot = made_of([line.id for line in whole_list or fresh])
        await lots.form(connection, partner, [lot])
        return Load(lot, doubtful, claims)

    async def send(
        self, load: Load, outlet: Outlet, due: Mapping[LaneClaim, Sequence[DueDelivery]], claimed_at: float
    ) -> list[Finished]:
        """Send a lot. `load` has the lot and the lanes that were claimed for it. If `load` has no lot, send
        nothing. Return one result for each of these lanes, even if no delivery of the lane is in the lot. `due`
        has the deliveries that were read from each lane. `claimed_at` is the monotonic time just before the
        claim, in seconds."""
        first = {claim: waiting[0] for claim, waiting in due.items() if waiting}
        lines = {claim: line for claim, line in first.items() if load.lot and line.id in load.lot.lines}
        results = [self._left_out(c, first.get(c), load) for c in load.claims if c not in lines]
        if load.lot is not None and lines:
            results += await self._send_lot(load.lot, lines, outlet, due, claimed_at)
        return results

    async def _send_lot(
        self,
        lot: Lot,
        lines: Mapping[LaneClaim, DueDelivery],
        outlet: Outlet,
        due: Mapping[LaneClaim, Sequence[DueDelivery]],
        claimed_at: float,
    ) -> Iterator[Finished]:
        whole = _as_one(lot, lines)
        result = await self._sender.send(next(iter(lines)), outlet, [whole], claimed_at)
        if _is_to_be_halved(result, lot, len(lines) - len(whole.forgotten)):
            await self._halve(outlet.partner.id, lot, result)
        settled = {each.delivery: each for each in result.settled}
        return (
            self._share(result, claim, line.id, settled.get(line.id), len(due[claim]) > 1)
            for claim, line in lines.items()
        )

    async def close(self) -> None:
        """Release this process's leases for partners' lots, so that other processes can make these lots."""
        for lease in self._leases.values():
            if lease.holds():
                await lease.release()

    def _left_out(self, claim: LaneClaim, line: Due | None, load: Load) -> Finished:
        result = Finished(claim, wait_s=self._pause_s)
        if line is not None and line.id in load.doubtful:
            result.settled += line.settled(
                "incertaine", "peut-être partie dans un lot que le hub ne connaît plus"
            )
        return result

    async def _halve(self, partner: str, lot: Lot, result: Finished) -> None:
        """Replace a refused lot by two smaller lots. Note in `result`, the result of the refused lot, that the
        deliveries will be tried again."""
        result.tried, result.error = lot.id, result.settled[0].error
        result.settled.clear()
        middle = len(lot.lines) // 2
        halves = [made_of(lot.lines[:middle]), made_of(lot.lines[middle:])]
        try:
            async with self._database.statement() as connection:
                await lots.form(connection, partner, halves)
        except (Transient, Misconfigured):  # already logged; the whole lot will be sent, and refused, again
            result.wait_s = self._pause_s

    def _share(
        self,
        result: Finished,
        claim: LaneClaim,
        line: UUID,
        settled: Settled | None,
        has_more: bool,
    ) -> Finished:
        return Finished(
            claim,
            [settled] if settled else [],
            wait_s=self._pause_s if settled and has_more else result.wait_s,
            tried=line if result.tried else None,
            in_doubt=result.in_doubt,
            error=result.error,
        )


def made_of(lines: Sequence[UUID]) -> Lot:
    """Return the lot of the deliveries with the ids `lines`. The same ids, in the same order, always give the
    same lot."""
    first, *others = lines
    return Lot(derived_id(first, "lot", "\n".join(map(str, others))), len(lines), lines)


def _as_one(lot: Lot, lines: Mapping[LaneClaim, DueDelivery]) -> DueLot:
    members = list(lines.values())
    etat = "en_vol" if any(line.etat == "en_vol" for line in members) else "en_attente"
    leaving = [(claim, line.id) for claim, line in lines.items()]
    return DueLot(lot.id, etat, members[0].attributes, leaving, members=members)


def _is_to_be_halved(result: Finished, lot: Lot, lines: int) -> bool:
    """Tell whether to halve a lot: it was refused, has at least two deliveries, and all of them were in the
    file. `lines` is how many deliveries were in the file. If the file lacked deliveries about forgotten
    households, the lot is not halved: an earlier file with these deliveries may have arrived, and the partner
    would not recognise the halves as repetitions of that file."""
    return 1 < lines == lot.size and any(each.etat == "refusee" for each in result.settled)
