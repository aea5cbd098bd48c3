"""Watch over the whole hub: publish its metrics, and notify people when a condition starts and ends. Only the
scheduler process with the lease (the sole right to this work) watches; while PostgreSQL does not answer,
every scheduler process does."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from connectors.notices import AlarmMessage, Channel, Pulse
from contracts.errors import BusUnavailable, HubError, Misconfigured
from ops.alarms import sql as store
from ops.alarms.rules import Alarm, Moment, Rules, judge, notices, seconds_until_due
from ops.alarms.text import message_of
from ops.service.loops import of_the_month
from ops.status.findings import Code, Finding, Level
from ops.status.gauges import Gauges
from ops.status.piles import take_sample
from ops.status.quantities import ZONE
from ops.status.safeguards import safeguards_of
from ops.status.verdict import untold, verdict
from ops.status.vitals import vitals
from router.domain.partners import Registry
from router.domain.vitals import Answer, Vitals
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.settings import Settings
from router.store import registry as registry_store
from router.store.database import Database
from router.telemetry.outages import OutageLog

logger = structlog.get_logger()
LOOK_SECONDS = 10.0
QUIET_SECONDS = 30.0
"""Seconds between two checks while all is well. The next check comes earlier if a wake-up comes or the
database does not answer."""
SAMPLE_EVERY = timedelta(minutes=1)
"""Interval between two stored counts of pending events and deliveries, from which rates are computed."""
RECKONED_EVERY = timedelta(minutes=5)
"""Interval between two computations of the level of service, which are costly."""
JOURNAL = "journal"
"""Name under which the process's own output counts as a channel for notices. It gets each notice once."""


class Watch:
    """Work that watches the hub's state and raises alarms. Only the process that holds `lease` raises them,
    with one exception: any process raises the alarm that the database does not answer."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        lease: Lease,
        registry: Callable[[], Registry],
        gauges: Gauges,
        rules: Rules,
        channels: Sequence[Channel],
        pulse: Pulse | None,
        clock: Callable[[], datetime],
        wake: WakeUp,
    ) -> None:
        self._database = database
        self._settings = settings
        self._lease = lease
        self._registry = registry
        self._gauges = gauges
        self._rules = rules
        self._channels = channels
        self._pulse = pulse
        named = [channel.name for channel in channels] + ([pulse.name] if pulse else [])
        self._outages = {name: OutageLog(name) for name in named}
        self._clock = clock
        self._of_database: list[Alarm] = []
        self._open: list[Alarm] = []
        self._wake = wake
        self._quiet = False
        self._reckoned_at = self._sampled_at = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Check the hub's state and notify people of alarms, until cancelled."""
        while True:
            with suppress(BusUnavailable, Misconfigured):  # already logged
                await self.look()
            await self._rest()

    async def _rest(self) -> None:
        if not self._quiet:
            due_s = seconds_until_due(self._open, self._rules, self._clock())
            return await asyncio.sleep(min(LOOK_SECONDS, due_s))
        for _ in range(round(QUIET_SECONDS / LOOK_SECONDS)):
            if await self._wake.wait(LOOK_SECONDS) or not await self._database.answers():
                return None

    async def look(self) -> None:
        """Check the hub's state once: publish metrics, store alarms, send due notices. Raises BusUnavailable
        if the database does not answer. Raises Misconfigured if the database refuses the hub, or if a registry
        entry is unreadable while this process knows no partner yet."""
        now, self._quiet = self._clock(), False
        ZONE.set(self._registry().zone)
        if not self._lease.holds() and await self._database.probe() is Answer.OK:
            return await self._tell_of_database((), now)
        safeguards = await asyncio.to_thread(safeguards_of, self._settings, now)
        facts = await vitals(self._database, self._settings, safeguards, self._registry())
        judged = verdict(facts, now)
        found = judged.findings
        self._gauges.show(facts, found, now)
        await self._tell_of_database([finding for finding in found if finding.code is Code.BASE], now)
        self._open = list(self._of_database)
        if facts.base is Answer.OK and self._lease.holds():
            await self._save(self._of_database, ())  # so that the breakdown is remembered
            self._of_database = []
            alarms = await self._tell_of_all(found, untold(facts, now), now)
            self._open += alarms
            await self._sample(facts, found, now)
            await self._reckon(now)
            self._quiet = all(alarm.at_rest and self._is_notified(alarm) for alarm in alarms)
            if (
                self._pulse is not None
                and judged.level is not Level.EN_PANNE
                and all(map(self._is_notified, alarms))
            ):
                await self._says(self._pulse.beat(), self._outages[self._pulse.name])

    async def _sample(self, facts: Vitals, found: Sequence[Finding], now: datetime) -> None:
        if now - self._sampled_at < SAMPLE_EVERY:
            return
        async with self._database.statement() as connection:
            await take_sample(connection, facts)
        for late in found:
            if late.code in (Code.EN_RETARD, Code.BOITE):
                since = late.since.isoformat() if late.since else None
                logger.error("deliveries.late", partner=late.about, why=late.code, since=since)
        self._sampled_at = now

    async def _reckon(self, now: datetime) -> None:
        if now - self._reckoned_at < RECKONED_EVERY:
            return
        async with self._database.statement() as connection:
            registry = await registry_store.read(connection, self._registry())
            self._gauges.show_service(await of_the_month(connection, registry, now))
        self._reckoned_at = now

    async def _tell_of_database(self, found: Sequence[Finding], now: datetime) -> None:
        alarms = await self._notified(judge(found, self._of_database, self._rules, now))
        self._of_database = [alarm for alarm in alarms if not self._is_done_with(alarm)]

    async def _tell_of_all(
        self, found: Sequence[Finding], unknown: Container[Code], now: datetime
    ) -> Sequence[Alarm]:
        async with self._database.statement() as connection:
            known = await store.known(connection)
        alarms = judge(found, known, self._rules, now, unknown)
        await self._save(alarms, known)
        notified = await self._notified(alarms)
        await self._save(notified, alarms)
        return notified

    async def _notified(self, alarms: Sequence[Alarm]) -> list[Alarm]:
        by_id = {alarm.id: alarm for alarm in alarms}
        for notice in notices(alarms, self._rules, JOURNAL):
            if notice.moment is Moment.DEBUT:
                logger.error("alarm.started", code=notice.alarm.code, about=notice.alarm.about)
            else:
                logger.info("alarm.ended", code=notice.alarm.code, about=notice.alarm.about)
            by_id[notice.alarm.id] = by_id[notice.alarm.id].with_notified(notice.moment, JOURNAL)
        for channel in self._channels:
            due = list(notices(alarms, self._rules, channel.name))
            if due and await self._sent(
                channel,
                [message_of(each, self._settings.console.url, self._registry().name_of) for each in due],
            ):
                for notice in due:
                    by_id[notice.alarm.id] = by_id[notice.alarm.id].with_notified(notice.moment, channel.name)
        return list(by_id.values())

    async def _sent(self, channel: Channel, messages: Sequence[AlarmMessage]) -> bool:
        return await self._says(channel.send(messages), self._outages[channel.name])

    async def _says(self, saying: Awaitable[None], outage: OutageLog) -> bool:
        try:
            await saying
        except HubError as exc:
            outage.failed(str(exc))
            return False
        outage.succeeded()
        return True

    def _is_done_with(self, alarm: Alarm) -> bool:
        return alarm.ended_at is not None and self._is_notified(alarm)

    def _is_notified(self, alarm: Alarm) -> bool:
        names = (JOURNAL, *(channel.name for channel in self._channels))
        return not any(True for name in names for _ in notices([alarm], self._rules, name))

    async def _save(self, alarms: Sequence[Alarm], before: Sequence[Alarm]) -> None:
        left = {alarm.id for alarm in alarms}
        changed = [alarm for alarm in alarms if alarm not in before]
        dropped = [alarm for alarm in before if alarm.id not in left]
        if changed or dropped:
            async with self._database.transaction() as connection:
                await store.save(connection, changed, dropped)
