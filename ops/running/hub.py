"""Build what the roles of one process share."""

import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog
from aiohttp import ClientSession

from connectors.http_client import new_session
from connectors.http_server import listening
from ops.alarms.channels import mail_server
from ops.forgetting.journal import Journal
from ops.running import late
from ops.status.gauges import Gauges
from router.delivery.dispatcher import Dispatcher
from router.delivery.mailbox import DeliveryMailbox
from router.delivery.rendering import KeysAndIds
from router.domain.partners import Registry, difference
from router.domain.proof import Prover
from router.domain.roles import AT_WORK, WITH_KEYS, Role
from router.intake.backlog import Backlog
from router.intake.decoders import Decoders
from router.intake.key_uses import KeyUses
from router.intake.receive import Intake
from router.privacy import protected
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring, check_proofs
from router.process.heartbeat import Heart
from router.process.leases import Lease, Leases
from router.process.wakeup import FOLLOWING_SECONDS, WakeUp
from router.relay.relays import Relays
from router.settings import Settings
from router.store import key_uses, limitations
from router.store import registry as registry_store
from router.store.database import AUDIT, BACKLOG, BULK, DEADLINES, JOBS, LANES, REGISTRY, WATCH, Database
from router.telemetry.outages import OutageLog

if TYPE_CHECKING:
    from ops.accounts.requests import Requests
    from ops.desk.desk import Desk

logger = structlog.get_logger()
LISTS = "listes"
"""The key in `Hub.wake` that wakes the duty for lists of households."""
SUCCESSIONS = "fusions"
"""The key in `Hub.wake` that wakes the duty for merged SIAO."""


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Hub:
    """The objects that the roles of one process share, most of them built when first used. Use it in an
    `async with`: its end closes all that was opened."""

    def __init__(self, settings: Settings, roles: Iterable[Role] = AT_WORK) -> None:
        self.settings = settings
        self.roles = frozenset(roles)
        self.process = uuid4()
        self.database = Database(settings.database, OutageLog("postgresql"))
        self.registry = Registry()
        self.limited: frozenset[UUID] = frozenset()
        """The ids of the households and subjects whose data may be used only in part, because a person has
        asked so."""
        self.decoders = Decoders()
        self.backlog = Backlog(self.database, settings.intake.max_backlog, lambda: self.registry)
        self.key_uses = KeyUses(self.database)
        self._leases = Leases(self.database, self.process, settings.lease_s)
        self.journal = Journal.of(settings)
        self.heart = Heart(self.database, self.process, self._leases)
        loops = (BULK, REGISTRY, JOBS, AUDIT, DEADLINES, WATCH, LISTS, SUCCESSIONS)
        others = {LANES: WakeUp(FOLLOWING_SECONDS), BACKLOG: self.backlog.wake}
        self.wake = {name: WakeUp() for name in loops} | others
        self.wake_relays = [WakeUp() for _ in range(settings.relay.shards)]
        self.bus = OutageLog("kafka")
        self.gauges = Gauges(utc_now)
        self.dispatcher: Dispatcher | None = None
        self.door: Sequence[socket.socket] = ()
        self._stack = AsyncExitStack()
        self._stack.push_async_callback(self.database.close)
        self._stack.push_async_callback(self.decoders.close)

    async def __aenter__(self) -> "Hub":
        try:
            await self.begin()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def begin(self) -> None:
        """Check the keys, and read the registry. Raises BusUnavailable if the database does not answer; then
        the call may be repeated. Raises Misconfigured if a key is missing or belongs to another database, or
        if a registry entry cannot be read."""
        if (server := self.journal.server()) is not None:
            await self.database.written_by(server)
        async with self.database.transaction() as connection:
            if self.roles & WITH_KEYS:
                await check_proofs(connection, self.prover)
                await self.keyring.check(connection)
        await self.refresh_registry()

    async def close(self) -> None:
        """Close all that the hub has opened."""
        await self._stack.aclose()

    @property
    def prover(self) -> Prover:
        """Return the object that makes and checks the proofs of events. Raises Misconfigured if the HMAC key is
        missing or unreadable."""
        return self.keyring.prover

    @cached_property
    def keyring(self) -> Keyring:
        """Return the keys that encrypt and decrypt data. Raises Misconfigured if a key is missing or unreadable."""
        keyring = Keyring.of(self.settings)
        self.database.call_when_replaced(lambda: self.crosswalk.forget_cached())
        return keyring

    @cached_property
    def crosswalk(self) -> Crosswalk:
        """Return the crosswalk, which translates between partners' own ids and the hub's ids."""
        return Crosswalk(self.keyring)

    @cached_property
    def keys_and_ids(self) -> KeysAndIds:
        """Return the loader of the data keys and the partners' own ids that are needed to write a
        delivery."""
        return KeysAndIds(self.keyring, self.crosswalk, lambda: self.limited)

    @cached_property
    def intake(self) -> Intake:
        """Return the intake, which decodes, checks and stores partners' messages."""
        parts = (self.database, self.keyring, self.crosswalk, self.settings.intake)
        relays = self.relays if Role.RELAY in self.roles else None
        return Intake(*parts, lambda: self.registry, self.decoders, self.backlog, relays)

    @cached_property
    def relays(self) -> Relays:
        """Return the relays, which publish pending events on Kafka."""
        says = self.says_of_bus(Role.RELAY)
        settings = self.settings
        return Relays(self.database, settings.kafka, settings.relay, self.wake_relays, self.lease, says)

    @cached_property
    def desk(self) -> "Desk":
        """Return the desk, on which people of a partner read what it received, and answer."""
        from ops.desk.desk import Desk  # slow to import, and only a console needs it
        from ops.desk.reading import Reader
        from ops.desk.speaking import Speaker
        from ops.tracing.own import Own

        reader = Reader(self.database, self.keyring, self.crosswalk, self.keys_and_ids)
        own = Own(self.database, self.keyring, self.crosswalk, self.decoders)
        speaker = Speaker(self.database, self.intake)
        return Desk.of(self.database, self.keyring, self.crosswalk, own, self.mailbox, reader, speaker)

    @cached_property
    def links(self) -> "Requests | None":
        """Return the queue of the requests for login links that people make on the console; None if the
        settings allow no such links."""
        from ops.accounts.accounts import Accounts  # slow to import, and only a console needs it
        from ops.accounts.requests import Requests

        console = self.settings.console
        if not (console.accounts and console.url):
            return None
        server = mail_server(self.settings.alarms)
        return Requests(Accounts(self.database, self.keyring, server, console.url))

    @cached_property
    def mailbox(self) -> DeliveryMailbox:
        """Return the mailbox from which partners fetch deliveries."""
        parts = (self.database, self.keys_and_ids, self.prover)
        served = self.settings.mailbox.served_days
        return DeliveryMailbox(*parts, lambda: self.registry, self.heart.polls, served)

    @cached_property
    def session(self) -> ClientSession:
        """Return the HTTP session for outgoing requests. An event loop must be running."""
        session = new_session()
        self._stack.push_async_callback(session.close)
        return session

    @cached_property
    def scheduler_lease(self) -> Lease:
        """Return the lease under which one process alone does the scheduler's work and watches for alarms."""
        return self.lease("scheduler")

    async def refresh_registry(self) -> None:
        """Read the registry, and the ids of the households and subjects under a restriction on the use of
        data (GDPR 18). Raises BusUnavailable if the database does not answer. Raises Misconfigured if an HMAC
        key is missing or, at the start only, if a registry entry cannot be read. What was read before the
        error is in force all the same."""
        before = self.registry
        async with self.database.statement() as connection:
            self.limited = await limitations.read(connection)
            self.key_uses.retired = await key_uses.retired(connection)
            applied = await registry_store.read(connection, before)
            if self.roles & WITH_KEYS:
                applied = await protected.opened(connection, self.keyring, applied)
            self.registry = applied
            if before.partners and (change := difference(before, applied)):
                logger.info(
                    "registry.changed", added=change.added, changed=change.changed, removed=change.removed
                )
            if self.roles & WITH_KEYS and not await self.keyring.follow(connection):
                logger.error("keyring.pseudonyms_damaged")
        await late.load(self.roles, applied)

    def lease(self, name: str) -> Lease:
        """Return the lease `name`, which this process may take."""
        return self._leases.named(name)

    async def open_door(self) -> None:
        """Open the gateway's port, so that partners can connect before the duties start. Raises Misconfigured
        if the port cannot be opened."""
        self.door = await listening(self.settings.http.host, self.settings.http.port)

    def says_of_bus(self, role: Role) -> Callable[[str | None], None]:
        """Return a function by which the role reports that it cannot use Kafka: call it with the reason, in
        French. When the role can use Kafka again, call the function with None."""
        heart_says = self.heart.says(role)

        def says(waits_for: str | None) -> None:
            heart_says(waits_for)
            if waits_for is not None:
                self.bus.failed(waits_for)

        return says
