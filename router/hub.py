"""One process of the hub: the parts its roles share, and the roles themselves."""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence, Set
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from aiokafka.errors import KafkaError

from connectors.admission import Admissions
from connectors.http_body import Limits
from connectors.http_client import new_session
from connectors.http_server import listening
from connectors.registry import open_sink
from connectors.unbroken import unbroken
from contracts.errors import BusUnavailable, Misconfigured
from contracts.partner import Partner
from contracts.ports import Sink
from router.applying import Applier
from router.believing import Believer
from router.births import is_dead
from router.deadlines import Deadlines
from router.delivery.dispatcher import Dispatcher
from router.delivery.mailbox import DeliveryMailbox
from router.delivery.outlet import rests_of
from router.delivery.rendering import Renderer
from router.delivery.simulated import SimulatedPartner
from router.domain.partners import Registry, difference, hash_of
from router.domain.proof import Prover
from router.domain.sandbox import is_played
from router.intake.backlog import Backlog
from router.intake.bulk import Bulk
from router.intake.decoders import Decoders
from router.intake.key_uses import KeyUses
from router.intake.looks import Look
from router.intake.receive import Intake
from router.intake.serving import serve
from router.intake.sources import Sources
from router.leases import Lease, Leases
from router.ops.alarm_rules import channels, rules
from router.ops.alarm_watch import Watch
from router.ops.audit import Sealer
from router.ops.gauges import Gauges
from router.ops.health import Health
from router.ops.heartbeat import Heart
from router.ops.purging import Purges
from router.ops.replay import Replays
from router.privacy import protected
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring, check_proofs
from router.process_health import ON_THE_BUS, checks, serve_health, watch_bus
from router.relay import Relays
from router.roles import AT_WORK, WITH_KEYS, Role
from router.scheduler import Scheduler
from router.settings import Settings
from router.silences import Silences
from router.store import heartbeat
from router.store import registry as registry_store
from router.store.database import (
    AUDIT,
    BACKLOG,
    BULK,
    DEADLINES,
    JOBS,
    KEYS,
    LANES,
    OUTBOX,
    REGISTRY,
    TRIES,
    WATCH,
    Database,
)
from router.store.undone import QUESTIONS
from router.telemetry.outages import OutageLog
from router.topics_admin import ensure_topics, is_reachable, what_bus_says
from router.wakeup import LONGEST_SECONDS, WakeUp

if TYPE_CHECKING:
    from router.intake.orientations_http import Envois

logger = structlog.get_logger()
REGISTRY_SECONDS = 10.0
"""How soon again, where it could not be read."""
DRAIN_SECONDS = 20


LISTENERS: Mapping[str, Set[Role]] = {
    OUTBOX: {Role.RELAY},
    LANES: {Role.DISPATCHER},
    TRIES: {Role.DISPATCHER},
    BULK: {Role.SOURCES},
    JOBS: {Role.SOURCES},
    AUDIT: {Role.SCHEDULER},
    KEYS: WITH_KEYS,
    REGISTRY: set(Role),
    DEADLINES: {Role.WORKER},
    BACKLOG: {Role.GATEWAY, Role.SOURCES},
    WATCH: {Role.SCHEDULER},
}
"""Whom a wake-up is for. Every message calls for a relay and a dispatcher: who is neither would wake up in vain."""


def heard_by(roles: Set[Role]) -> list[str]:
    """What a process of these roles listens for."""
    return [name for name, listeners in LISTENERS.items() if listeners & roles]


def _added(role: Role) -> Callable[["Hub"], Coroutine[Any, Any, None]]:
    """What does the work of a role outside the router, which imports none of it: an entry point of `siao_hub.roles`."""
    (entry,) = entry_points(group="siao_hub.roles", name=role)
    work: Callable[[Hub], Coroutine[Any, Any, None]] = entry.load()
    return work


def utc_now() -> datetime:
    """What the clock says."""
    return datetime.now(UTC)


class Hub:
    """Parts shared by the roles of one process, which makes those that need a key only where a role asks for them. Use
    as an async context manager."""

    def __init__(self, settings: Settings, roles: Iterable[Role] = AT_WORK) -> None:
        self.settings = settings
        self.roles = frozenset(roles)
        self.holder = uuid4()
        self.database = Database(settings.database, OutageLog("postgresql"))
        self.registry = Registry()
        self.decoders = Decoders()
        self.backlog = Backlog(self.database, settings.intake.max_backlog, lambda: self.registry)
        self.key_uses = KeyUses(self.database)
        self._leases = Leases(self.database, self.holder, settings.lease_s)
        self.heart = Heart(self.database, self.holder, self._leases)
        loops = (LANES, BULK, REGISTRY, JOBS, AUDIT, DEADLINES, WATCH)
        self.wake = {name: WakeUp() for name in loops} | {BACKLOG: self.backlog.wake}
        self.wake_relays = [WakeUp() for _ in range(settings.relay.shards)]
        self.bus = OutageLog("kafka")
        self.gauges = Gauges(utc_now)
        self._dispatchers: list[Dispatcher] = []
        self._door: Sequence[socket.socket] = ()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Hub":
        async with AsyncExitStack() as opened:
            opened.push_async_callback(self.database.close)
            opened.push_async_callback(self.decoders.close)
            async with self.database.transaction() as connection:
                if self.roles & WITH_KEYS:
                    await check_proofs(connection, self.prover)
                    await self.keyring.check(connection)
            await self.refresh_registry()
            self._stack = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def prover(self) -> Prover:
        """Proves what this process writes into the log. Raises Misconfigured."""
        return self.keyring.prover

    @cached_property
    def keyring(self) -> Keyring:
        """Opens and seals. Raises Misconfigured."""
        return Keyring.of(self.settings)

    @cached_property
    def crosswalk(self) -> Crosswalk:
        """Partners' ids and ours."""
        return Crosswalk(self.keyring)

    @cached_property
    def renderer(self) -> Renderer:
        """Events to partners' bytes."""
        return Renderer(self.keyring, self.crosswalk)

    @cached_property
    def intake(self) -> Intake:
        """Bytes to events."""
        parts = (self.database, self.keyring, self.crosswalk, self.settings.intake)
        return Intake(*parts, lambda: self.registry, self.decoders, self.backlog)

    @cached_property
    def mailbox(self) -> DeliveryMailbox:
        """What partners fetch."""
        parts = (self.database, self.renderer, self.prover)
        served = self.settings.mailbox.served_days
        return DeliveryMailbox(*parts, lambda: self.registry, self.heart.polls, served)

    async def refresh_registry(self) -> None:
        """Take up the registry as it is applied, its secret lists open where there is a key.

        Raises BusUnavailable; Misconfigured where an entry cannot be read."""
        before = self.registry
        async with self.database.statement() as connection:
            applied = await registry_store.read(connection, before)
            if self.roles & WITH_KEYS:
                applied = await protected.opened(connection, self.keyring, applied)
        self.registry = applied
        if before.partners and (change := difference(before, applied)):
            logger.info(
                "registry.changed", added=change.added, changed=change.changed, removed=change.removed
            )

    def lease(self, name: str) -> Lease:
        """A lease of this process."""
        return self._leases.named(name)

    async def open_door(self) -> None:
        """Take the gateway's port, before anybody says that the hub is started. Raises Misconfigured."""
        self._door = await listening(self.settings.http.host, self.settings.http.port)

    async def run(self) -> None:
        """Run the roles until SIGTERM or SIGINT; one that fails ends the process, and its supervisor restarts it."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stop.set)
        self.heart.begins(self.roles)
        await self._inherit()
        calls = self._calls()
        self.heart.asks({name: calls[name] for name in QUESTIONS if name in calls})
        work = await self._work(calls)
        tasks = [asyncio.create_task(part) for part in work]
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, *tasks):
                task.cancel()
            await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in done - {stopping}:
            task.result()

    async def _inherit(self) -> None:
        """Take over at once what processes of these roles held on this machine and are dead for certain: whoever is
        started after a kill -9 need not wait for leases to end. Where that cannot be, they end by themselves."""
        rests = rests_of(self.registry.everybody.values())
        with suppress(BusUnavailable):
            async with self.database.statement() as connection:
                births = await heartbeat.births(connection, self.roles)
                dead = [process for process, birth in births.items() if is_dead(birth)]
                if not dead:
                    return
                leases, lanes = await heartbeat.inherit(connection, dead, rests)
            logger.info("hub.inherited", processes=len(dead), leases=leases, lanes=lanes)
            for rest_s in {*rests.values()}:
                self.wake[LANES].within(rest_s)

    async def _work(self, calls: Mapping[str, Callable[[], None]]) -> list[Coroutine[Any, Any, None]]:
        """All that this process does, side by side. Raises Misconfigured where it cannot begin."""
        roles = [role for role in Role if role in self.roles]
        work = [part for role in roles for part in await self._role(role)]
        work += [self.database.listen(calls), self._follow_registry(), self.heart.run()]
        if ON_THE_BUS & self.roles:
            work.append(watch_bus(self.bus, self.settings.kafka))
        if self.roles & {Role.GATEWAY, Role.SOURCES}:
            await self.backlog.look()
            work.append(self.intake.watch())
        if self.settings.health.port:
            ready = checks(roles, self.database, self.settings.kafka, self.heart)
            work.append(serve_health(self.settings.health, roles, Health(ready, self.gauges)))
        return work

    def _calls(self) -> Mapping[str, Callable[[], None]]:
        """What this process does at each wake-up that is for it."""
        calls: dict[str, Callable[[], None]] = {name: wake.set for name, wake in self.wake.items()}
        calls |= {OUTBOX: self._wake_relays, TRIES: self._try_again, KEYS: self._forget_cached}
        return {name: calls[name] for name in heard_by(self.roles)}

    def _wake_relays(self) -> None:
        for wake in self.wake_relays:
            wake.set()

    def _try_again(self) -> None:
        for dispatcher in self._dispatchers:
            dispatcher.try_again()

    def _forget_cached(self) -> None:
        self.keyring.forget_cached()
        self.crosswalk.forget_cached()

    async def _follow_registry(self) -> None:
        while True:
            await self.wake[REGISTRY].wait(LONGEST_SECONDS)
            try:
                await self.refresh_registry()
                continue
            except BusUnavailable:  # the log has it
                pass
            except Misconfigured as exc:  # what is known holds until all of it can be read
                logger.error("registry.misconfigured", reason=str(exc))
            self.wake[REGISTRY].within(REGISTRY_SECONDS)

    def _says_of_bus(self, role: Role) -> Callable[[str | None], None]:
        """What a role calls with what it waits for of Kafka; with None once it works again."""
        told = self.heart.says(role)

        def says(waits_for: str | None) -> None:
            told(waits_for)
            if waits_for is not None:
                self.bus.failed(waits_for)

        return says

    async def _role(self, role: Role) -> list[Coroutine[Any, Any, None]]:
        match role:
            case Role.GATEWAY:
                return [self._gateway(), self.key_uses.keep_writing()]
            case Role.SOURCES:
                return self._sources()
            case Role.RELAY:
                relays = Relays(
                    self.database,
                    self.settings.kafka,
                    self.settings.relay,
                    self.wake_relays,
                    self.lease,
                    self._says_of_bus(role),
                )
                return [relays.run()]
            case Role.WORKER:
                parts = self.database, self.prover
                lease, wake = self.lease("deadlines"), self.wake[DEADLINES]
                deadlines = Deadlines(*parts, lease, lambda: self.registry, wake)
                silences = Silences(*parts, self.lease("silences"), lambda: self.registry)
                return [self._worker(), deadlines.run(), silences.run()]
            case Role.DISPATCHER:
                dispatcher = await self._dispatcher()
                self._dispatchers.append(dispatcher)
                self.heart.listens(dispatcher.news)
                return [dispatcher.run()]
            case Role.SCHEDULER:
                lease = self.lease("scheduler")
                scheduler = Scheduler(self.database, self.settings, lease, lambda: self.registry)
                sealer = Sealer(self.database, self.settings, self.lease("audit"), self.wake[AUDIT])
                return [scheduler.run(), sealer.run(), self._watch(lease).run()]
            case Role.CONSOLE:
                return [_added(role)(self)]

    def _sources(self) -> list[Coroutine[Any, Any, None]]:
        bulk = Bulk(
            self.database,
            self.intake.keeper,
            self.intake.truth,
            self.decoders,
            self.keyring,
            self.crosswalk,
            self.wake[BULK],
            self.lease("bulk"),
            lambda: self.registry,
            self.backlog,
        )
        sources = Sources(self.intake, lambda: self.registry, self.lease)
        replays = Replays(
            self.database,
            self.intake,
            self.keyring,
            lambda: self.registry,
            self.wake[JOBS],
            self.lease("replays"),
        )
        purges = Purges(lambda: self.registry, self.lease("purges"))
        return [bulk.run(), sources.run(), replays.run(), purges.run()]

    def _watch(self, lease: Lease) -> Watch:
        alarms = self.settings.alarms
        return Watch(
            self.database,
            self.settings,
            lease,
            self.gauges,
            rules(alarms.rules_file),
            channels(alarms),
            utc_now,
            self.wake[WATCH],
        )

    def _gateway(self) -> Coroutine[Any, Any, None]:
        from router.intake.gateway import DATABASE, application  # with FastAPI: only a door needs it
        from router.ops.own import Own
        from router.ops.sandbox import Sandbox

        kafka = partial(is_reachable, self.settings.kafka)
        ready = {
            DATABASE: Look(self.database.answers, time.monotonic),
            "kafka": Look(kafka, time.monotonic),
        }
        limits = Limits(body_bytes=self.settings.http.max_body_bytes)
        admissions = Admissions(self._authenticate, limits)
        self.heart.counts(lambda: admissions.unknown_keys)
        own = Own(self.database, self.keyring, self.crosswalk)
        sandbox = Sandbox(self.database, self.intake, self.crosswalk)
        app = application(self.intake, own, self._envois(), sandbox, self.mailbox, admissions, ready)
        return serve(app, self.settings.http, DRAIN_SECONDS, self._door)

    def _authenticate(self, key: str) -> Partner | None:
        key_hash = hash_of(key)
        partner = self.registry.by_key_hash(key_hash)
        if partner is not None:
            self.key_uses.note(key_hash)
        return partner

    async def _worker(self) -> None:
        from router.workers import Workers  # with FastStream: only a worker needs it

        kafka = self.settings.kafka
        believer = Believer(self.database, self.prover, kafka)
        applier = Applier(self.database, self.prover, timedelta(hours=self.settings.reservation_h))
        workers = Workers(
            self.database, believer, applier, lambda: self.registry, kafka, self.settings.worker
        )
        says = self._says_of_bus(Role.WORKER)
        try:
            while True:
                try:
                    await ensure_topics(kafka)
                    await unbroken(workers.broker.start())
                    says(None)
                    break
                except (KafkaError, BusUnavailable) as exc:
                    says(what_bus_says(exc))
                    await unbroken(workers.broker.stop())  # what a start that failed half-way has opened
                    await asyncio.sleep(1)
            await asyncio.Event().wait()
        finally:
            await unbroken(workers.broker.stop())

    async def _dispatcher(self) -> Dispatcher:
        session = await self._stack.enter_async_context(new_session())

        def sink(partner: Partner) -> Sink:
            if is_played(partner):
                return SimulatedPartner()
            return open_sink(partner, session=session, mailbox=self.mailbox)

        return Dispatcher(
            self.database,
            self.renderer,
            self.prover,
            lambda: self.registry,
            sink,
            self.settings.dispatcher,
            self.wake[LANES],
            self.lease,
            self.heart.wake,
            self.holder,
        )

    def _envois(self) -> "Envois":
        """What the parties of referrals and candidacies may ask."""
        from router.intake.orientations_http import Envois
        from router.ops.following import Following

        following = Following(self.database, self.crosswalk)
        return Envois(
            owed=lambda partner: following.owed(partner, self.registry, utc_now()),
            one=lambda ident, partner: following.one(ident, partner, self.registry, utc_now()),
        )
