"""The life of each kind of process: the hub's own loops, on a database that stops at gates."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, cast
from uuid import uuid4

from contracts.errors import BusUnavailable
from ops.running.scheduler import Scheduler as Clock
from router.applying.applier import Applier
from router.delivery.dispatcher import Dispatcher
from router.delivery.rendering import KeysAndIds
from router.domain.partners import Registry
from router.intake.backlog import Backlog
from router.intake.bulk import Bulk
from router.intake.receive import Intake
from router.leased.deadlines import Deadlines
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.relay.relays import Relays
from router.relay.shard import Relay
from router.settings import DispatcherSettings, IntakeSettings, Settings
from router.store.database import Database
from tests.integration.interleaving_gates import Kind, Process
from tests.integration.interleaving_outside import Bus, Journal
from tests.integration.interleaving_senders import Senders
from tests.integration.interleaving_sql import Connections, SteppedDatabase
from tests.integration.read_here import ReadHere

SMALL_ROWS, BATCH, LANE_BATCH, WINDOW = 2, 4, 3, 2
REWIND_SHARE = 0.2


class Lives:
    """What outlives the processes. Each method is the life of one process, from start to death."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        connections: Connections,
        journals: Mapping[str, Journal],
        senders: Senders,
        reservation: timedelta,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._connections = connections
        self._journals = journals
        self._senders = senders
        self._reservation = reservation
        self._prover = Keyring.of(settings).prover
        self._bus = Bus()
        self._narrow = settings.relay.model_copy(update={"window": WINDOW})

    async def gateway(self, process: Process) -> None:
        """Run a gateway to which all senders send."""
        intake, *_ = self._intake(process)
        await self._senders.send(process, intake)

    async def gateway_and_relay(self, process: Process) -> None:
        """Run a gateway that hands events over to the relay of its own process."""
        bus = self._bus

        class OnThisBus(Relays):
            @asynccontextmanager
            async def _producer(self) -> AsyncIterator[Any]:
                yield bus

        database = self._database(process)
        settings, lease = self._settings, partial(self._lease, database)
        relays = OnThisBus(database, settings.kafka, self._narrow, [WakeUp()], lease, lambda waits_for: None)
        intake, *_ = self._intake(process, relays)
        await asyncio.gather(relays.run(), self._senders.send(process, intake))

    async def bulk(self, process: Process) -> None:
        """Run the decoder of large files."""
        intake, database, keyring, crosswalk = self._intake(process)
        lease = self._lease(database, "bulk")
        bulk = Bulk(
            database,
            intake.keeper,
            intake.truth,
            ReadHere(),
            keyring,
            crosswalk,
            WakeUp(),
            lease,
            lambda: self._registry,
            intake.backlog,
        )
        await bulk.run()

    async def relay(self, process: Process) -> None:
        """Run a relay, from the outbox to the simulated Kafka."""
        database, settings = self._database(process), self._settings
        lease, producer = self._lease(database, "relay:0"), cast(Any, self._bus)
        await Relay(database, producer, settings.kafka, self._narrow, WakeUp(), lease, 0).run()

    async def worker_and_dispatcher(self, process: Process) -> None:
        """Run a worker that claims lanes for the dispatcher of its own process."""
        dispatcher = self._dispatcher(process)
        await asyncio.gather(dispatcher.run(), self.worker(process, dispatcher))

    async def worker(self, process: Process, dispatcher: Dispatcher | None = None) -> None:
        """Run a member of the workers' group. It may read records again, and beside another worker that has not yet
        noticed the loss of its partition, but it skips no record."""
        ciphers, database = Keyring.of(self._settings).get, self._database(process)
        applier = Applier(database, self._prover, self._reservation, ciphers, dispatcher=lambda: dispatcher)
        while True:
            if (partition := self._bus.unread(process.chance)) is None:
                await process.stop("n'a rien à lire", Kind.REST)
                continue
            begin = partition.committed
            if process.chance.random() < REWIND_SHARE:
                begin = process.chance.randint(0, begin)
            batch = partition.records[begin : begin + BATCH]
            try:
                await applier.apply(batch, self._registry)
            except BusUnavailable:
                await asyncio.sleep(1)
            else:
                partition.committed = begin + len(batch)

    async def dispatcher(self, process: Process) -> None:
        """Run a dispatcher, which delivers to the partners."""
        await self._dispatcher(process).run()

    def _dispatcher(self, process: Process) -> Dispatcher:
        keyring, database = Keyring.of(self._settings), self._database(process)
        return Dispatcher(
            database,
            KeysAndIds(keyring, Crosswalk(keyring)),
            self._prover,
            lambda: self._registry,
            lambda partner: self._journals[partner.id],
            DispatcherSettings(lane_batch=LANE_BATCH, backoff_first_s=0.1, backoff_max_s=1.0),
            WakeUp(),
            partial(self._lease, database),
            WakeUp(),
            uuid4(),
        )

    async def clock(self, process: Process) -> None:
        """Run the sweep of lanes and the retention."""
        database = self._database(process)
        lease = self._lease(database, "scheduler")
        await Clock(database, self._settings, lease).run()

    async def deadlines(self, process: Process) -> None:
        """Run the deadlines: reservations that end."""
        database = self._database(process)
        lease = self._lease(database, "deadlines")
        await Deadlines(database, self._prover, lease, lambda: self._registry, WakeUp()).run()

    def _database(self, process: Process) -> Database:
        return SteppedDatabase(self._settings.database, self._connections, process)

    def _lease(self, database: Database, name: str) -> Lease:
        return Lease(database, name, uuid4(), self._settings.lease_s)

    def _intake(
        self, process: Process, relays: Relays | None = None
    ) -> tuple[Intake, Database, Keyring, Crosswalk]:
        database, keyring = self._database(process), Keyring.of(self._settings)
        crosswalk = Crosswalk(keyring)
        settings = IntakeSettings(sync_rows=SMALL_ROWS)
        backlog = Backlog(database, settings.max_backlog, lambda: self._registry)
        intake = Intake(
            database, keyring, crosswalk, settings, lambda: self._registry, ReadHere(), backlog, relays
        )
        return intake, database, keyring, crosswalk
