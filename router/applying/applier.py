"""Apply a batch of events, with all effects, in one transaction: the whole batch is committed, or nothing of
it.

Only pending events are applied, so no event is applied twice.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from contracts.envelope import Event
from contracts.errors import BusUnavailable, InvalidContract, Misconfigured
from contracts.sealed import from_bytes, put_together
from contracts.v1 import CONTRATS
from router.applying.leaving import Dispatching, Leaving
from router.applying.locking import TooMuch, load, take
from router.applying.too_soon import TooSoon, check_none_too_soon
from router.applying.work import Work, answered, moved_deadlines, take_over
from router.domain import judging
from router.domain.at_the_door import is_orphan
from router.domain.location import is_unaddressed
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.sandbox import sandbox_of
from router.leased.handing_over import owed_to, past
from router.privacy.destination import addressed_since
from router.process.halving import tell_halved
from router.process.quarantining import CLOSED, failure, tell_quarantined
from router.store import consequences, lists, log, orphans, quarantine
from router.store.database import LANES, Connection, Database
from router.store.hub_events import entry_of
from router.store.orphans import Orphan
from router.store.outcomes import Outcome
from router.telemetry import traces
from router.telemetry.metrics import APPLIED, LOOP_CLOSURE_SECONDS

logger = structlog.get_logger()
Ciphers = Callable[[Connection, Collection[UUID]], Awaitable[Mapping[UUID, Any]]]
"""Function that takes ids of holders. It returns, by holder id, the ciphers that decrypt the holder's data."""


class Applier:
    """Part of the worker that applies the rules to batches of events. It trusts them, because a `Believer` has
    verified that the hub wrote them."""

    def __init__(
        self,
        database: Database,
        prover: Prover,
        reservation: timedelta,
        ciphers: Ciphers,
        *,
        recovers: bool = False,
        dispatcher: Callable[[], Dispatching | None] = lambda: None,
    ) -> None:
        """`reservation` is how long a referral reserves its places. `dispatcher` returns the dispatcher that
        runs in the same process and can send deliveries at once, or None if there is no such dispatcher.
        `recovers` is True only for the applier that reads Kafka again after a restore, while all other appliers
        wait."""
        self._database = database
        self._recovers = recovers
        self._prover = prover
        self._reservation = reservation
        self._ciphers = ciphers
        self._dispatcher = dispatcher

    async def apply(self, records: Sequence[log.Entry], registry: Registry) -> None:
        """Apply the pending events of a batch, in order. If a batch fails, its halves are applied apart. An
        event goes to quarantine if it fails even when it is applied by itself. An event stays pending if it has
        to wait for an earlier event about another subject. Raises BusUnavailable or Misconfigured if the
        database cannot be used."""
        try:
            await self._apply(records, registry, {})
        except (BusUnavailable, Misconfigured):
            raise
        except TooSoon as soon:
            logger.info("worker.too_soon", subjects=len(soon.subjects))
            if others := [r for r in records if r.attributes.subject not in soon.subjects]:
                await self.apply(others, registry)
        except TooMuch:
            await self._halves(records, registry)
        except Exception as exc:  # noqa: BLE001  an error of one event must not stop another event
            if len(records) == 1:
                await self._give_up(records[0], registry, exc)
            else:
                tell_halved("worker", len(records), exc)
                await self._halves(records, registry)

    async def _halves(self, records: Sequence[log.Entry], registry: Registry) -> None:
        half = len(records) // 2
        await self.apply(records[:half], registry)
        await self.apply(records[half:], registry)

    async def _give_up(self, record: log.Entry, registry: Registry, exc: Exception) -> None:
        try:
            await self._apply([record], registry, {record.attributes.id: exc})
        except (BusUnavailable, Misconfigured):
            raise
        except TooSoon:
            logger.info("worker.too_soon", subjects=1)
        except Exception:  # noqa: BLE001  its quarantine row cannot be written: write one without ids
            async with self._database.transaction() as connection:
                row = failure(record.attributes, exc)
                nameless = quarantine.FailedEvent(
                    row.id, row.cause, type(exc).__name__, row.detail, raw=record.payload
                )
                await quarantine.keep_events(connection, [nameless])
            tell_quarantined([nameless])

    async def _apply(
        self, records: Sequence[log.Entry], registry: Registry, offenders: dict[UUID, Exception]
    ) -> None:
        began_ns = traces.now_ns()
        readable, unreadable = _read(records, offenders)
        async with Leaving(self._dispatcher()) as leaving, self._database.transaction() as connection:
            if not self._recovers:
                await self._database.must_be_whole()
            work = await take(connection, self._prover, records, readable)
            more, broken = _read(work.along, offenders)
            readable, unreadable = readable | more, unreadable | broken
            readable |= await self._addressed(connection, work.entries.values(), readable, registry)
            work.states = await load(connection, work, readable, more)
            work.before = dict(work.states)
            take_over(work, registry)
            self._judge_all(work, readable, unreadable, registry)
            judged = {ident: readable[ident] for ident in work.entries if ident in readable}
            await check_none_too_soon(connection, work, judged)
            if work.replayed:
                await quarantine.let_pass(connection, list(work.applied))
            await self._write(connection, work, registry, leaving)
        _tell(work, began_ns)

    async def _addressed(
        self,
        connection: Connection,
        entries: Iterable[log.Entry],
        readable: Mapping[UUID, Event],
        registry: Registry,
    ) -> Mapping[UUID, Event]:
        """Address each referral that was accepted without a recipient to the present manager of its structure.
        Return these referrals by event id. A referral is returned unchanged if its structure still has no
        manager. `readable` has, by id, the events of `entries` that could be read. Unreadable events are left
        out of the result."""
        nobodys = [r for r in entries if (e := readable.get(r.attributes.id)) and is_unaddressed(e.contrat)]
        if not nobodys:
            return {}
        holders = {readable[record.attributes.id].contrat.titulaire for record in nobodys}
        ciphers = await self._ciphers(connection, holders)
        known = {r.attributes: addressed_since(*r[:2], ciphers, registry) for r in nobodys}
        return {a.id: Event(a, contrat) for a, contrat in known.items() if contrat is not None}

    def _judge_all(
        self,
        work: Work,
        readable: Mapping[UUID, Event],
        unreadable: Mapping[UUID, quarantine.FailedEvent],
        registry: Registry,
    ) -> None:
        world = judging.World(work.states, registry, self._reservation)
        stuck: set[UUID] = set()
        for attributes in (entry.attributes for entry in work.entries.values()):
            if attributes.subject in stuck:
                work.parked.append(attributes.id)
            elif attributes.id in work.closed:
                work.applied.add(attributes.id)
                work.consequences.outcomes.append(Outcome(attributes.id, *CLOSED))
            elif attributes.id in unreadable:
                work.failed.append(unreadable[attributes.id])
                stuck.add(attributes.subject)
            elif not self._judge(readable[attributes.id], world, work):
                stuck.add(attributes.subject)

    def _judge(self, event: Event, world: judging.World, work: Work) -> bool:
        try:
            effects = judging.apply(event, world, datetime.now(UTC))
        except Exception as exc:  # noqa: BLE001  no recipient, or a bug of the hub: quarantine
            work.failed.append(failure(event.attributes, exc))
            return False
        work.applied.add(event.attributes.id)
        for subject in effects.subjects:
            if (answer := answered(event.source, work.states.get(subject.id), subject)) is not None:
                work.answered.append(answer)
            work.states[subject.id] = subject
            work.changed.add(subject.id)
        a, bulk, made = event.attributes, work.entries[event.attributes.id].bulk, work.consequences
        work.handed += effects.handed_over
        made.events += [entry_of(a, contrat)._replace(bulk=bulk) for contrat in effects.derived]
        stands = work.states.get(a.subject)
        etat = stands.etat if stands else None
        owed = {who: owed_to(who, a.id, a.subject, stands, bulk=bulk) for who in effects.recipients}
        if change := effects.change:
            notice = change.notice or change.event
            owed = {who: delivery._replace(event=notice) for who, delivery in owed.items()}
            facts = (change.menage, change.event, change.gone)
            ids = {who: delivery.id for who, delivery in owed.items()}
            made.listed += [lists.Changed(who, *facts, ids.get(who), change.label) for who in change.readers]
        made.deliveries += owed.values()
        if effects.extract is not None:
            work.extracts.append((a, effects.extract))
        if effects.outcome is not None:
            made.outcomes.append(Outcome(a.id, *effects.outcome, etat))
        if is_orphan(event, effects) and not sandbox_of(event.source):
            work.orphans.append(Orphan(a.id, a.source, effects.outcome[1] if effects.outcome else ""))
        return True

    async def _write(self, connection: Connection, work: Work, registry: Registry, leaving: Leaving) -> None:
        await orphans.keep(connection, work.orphans)
        await quarantine.keep_events(connection, work.failed)
        await log.park(connection, [work.entries[ident] for ident in work.parked])
        for a, (reader, at_once) in work.extracts:
            lanes = self._database.channel(LANES)
            await lists.owe_whole(connection, reader, a.id, a.subject, at_once, lanes)
        made = work.consequences
        made.subjects = [work.states[i] for i in work.changed]
        made.deadlines = moved_deadlines(work, registry)
        made.events = log.proven(self._prover, made.events)
        if work.handed:
            known = {each.id for each in made.deliveries}
            before = await past(connection, work.handed, work.states, registry)
            made.deliveries = [*(each for each in before if each.id not in known), *made.deliveries]
        channel = self._database.channel
        leases = leaving.reserve(made.deliveries) if made.deliveries and not made.listed else {}
        if leases and leaving.process:
            leaving.claims = await consequences.write_and_claim(
                connection, channel, made, leaving.process, leases
            )
        else:
            await consequences.write(connection, channel, made)


def _tell(work: Work, began_ns: int) -> None:
    APPLIED.inc(len(work.applied))
    applied = (entry.attributes for ident, entry in work.entries.items() if ident in work.applied)
    traces.record_events("apply", "CONSUMER", began_ns, applied)
    for partner, seconds in work.answered:
        LOOP_CLOSURE_SECONDS.labels(partner).observe(seconds)
    tell_quarantined(work.failed)


def event_of(entry: log.Entry) -> Event:
    """Return the event in a log entry, with its unencrypted fields only. Raises InvalidContract for an unknown
    type or an invalid payload."""
    contrat = CONTRATS.get(entry.attributes.type)
    if contrat is None:
        raise InvalidContract(f"type de message inconnu : {entry.attributes.type}")
    clair, _ = from_bytes(entry.payload)
    return Event(entry.attributes, put_together(contrat, clair))


def _read(
    records: Sequence[log.Entry], offenders: Mapping[UUID, Exception]
) -> tuple[dict[UUID, Event], dict[UUID, quarantine.FailedEvent]]:
    readable: dict[UUID, Event] = {}
    unreadable: dict[UUID, quarantine.FailedEvent] = {}
    for record in records:
        ident = record.attributes.id
        try:
            if ident in offenders:
                raise offenders[ident]
            readable[ident] = event_of(record)
        except Exception as exc:  # noqa: BLE001  a record that cannot be read is quarantined, whatever the error
            unreadable[ident] = failure(record.attributes, exc)
    return readable, unreadable
