"""Alert the SIAO about silences and doubts. A partner is silent if it misses the days and hours by which it
sends messages. A doubt is about something that a partner declares and nobody can rely on, for example because
the figures are too old."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from contracts.envelope import derived_id
from contracts.partner import Partner
from contracts.v1.alerte import AlerteEcheance, AlerteSilence
from ops.doubts import doubting as doubts
from ops.doubts.declared import stale_since
from ops.silences import sql as store
from ops.silences.rhythm import MEMORY, Calendar, learn, overdue, rhythm_of
from ops.silences.rules import begins, ends
from ops.silences.sql import UNKNOWN, Known
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.sandbox import sandbox_of
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import audit, log
from router.store.database import Connection, Database
from router.store.hub_events import first_entry, say

Alert = tuple[Partner, AlerteSilence | AlerteEcheance]
"""An alert, with the partner that it concerns."""
TICK_SECONDS = 300.0
LEARNT_AGAIN = timedelta(days=1)
AT_ONCE = 20
"""The maximum number of rhythms learnt in one round."""


class Silences:
    """A watch that alerts the SIAO when a partner falls silent, when it sends messages again, and when the
    hub doubts what it declares. One process at a time does this work."""

    def __init__(
        self, database: Database, prover: Prover, lease: Lease, registry: Callable[[], Registry]
    ) -> None:
        self._database = database
        self._prover = prover
        self._lease = lease
        self._registry = registry

    async def run(self) -> None:
        """Find silences and doubts, and tell the SIAO, every five minutes until cancelled (see `look`)."""
        await self._lease.work(WakeUp(), TICK_SECONDS, self.look)

    async def look(self) -> None:
        """Alert the SIAO, by events in the log, when a silence begins or ends, and about each new doubt.
        Before that, learn the rhythms of at most `AT_ONCE` partners that are not silent, have no agreed
        rhythm, and whose rhythm was not learnt within the last day. Raises BusUnavailable if the database
        does not answer, or is not whole."""
        now, registry = datetime.now(UTC), _real(self._registry())
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()
            await store.forget_all_but(connection, registry.partners)
            known = await store.read(connection)
            for partner in _to_learn(registry, known, now):
                moments = await store.times(connection, partner.id, now - MEMORY)
                await store.keep(connection, partner.id, learn(moments, now, Calendar.of(partner)))
            alerts = await self._silences(connection, registry, now)
            silent = {name for name, row in (await store.read(connection)).items() if row.silent_since}
            alerts += await doubts.look(connection, registry, silent, now)
            entries = [_entry(alert, partner.territoire) for partner, alert in alerts]
            await say(self._database, connection, self._prover, entries)

    async def _silences(self, connection: Connection, registry: Registry, now: datetime) -> list[Alert]:
        known = await store.read(connection)
        changed: dict[str, datetime | None] = {}
        alerts: list[Alert] = []
        for row in await store.last_messages(connection, registry.partners):
            partner, before = registry.partners[row.partner], known.get(row.partner, UNKNOWN)
            rhythm, calendar = rhythm_of(partner, before.learnt), Calendar.of(partner)
            since = overdue(rhythm, row.at, now, calendar)
            if since is not None and before.silent_since is None:
                last_at = max(row.at, await audit.recovered_at(connection) or row.at)
                since = overdue(rhythm, last_at, now, calendar)
                if since is None:
                    continue  # its messages from before the recovery are on the bus alone
                changed[partner.id] = since
                old = await doubts.stale_vacancies(connection, stale_since([partner], now))
                alerts_of_partner = begins(partner, registry, row.id, since, old.get(partner.id, 0))
            elif since is None and before.silent_since is not None:
                if row.id is None or row.at < before.silent_since:
                    continue  # its entry has changed, and it has said nothing
                changed[partner.id] = None
                alerts_of_partner = ends(partner, registry, row.id, before.silent_since, row.at)
            else:
                continue
            alerts += [(partner, alert) for alert in alerts_of_partner]
        await store.note(connection, changed.items())
        return alerts


def _real(registry: Registry) -> Registry:
    """Return the registry without sandboxes and merged SIAO, because no messages are expected of these."""
    there = (p for p in registry.partners.values() if p.id not in registry.successors)
    return Registry.of(partner for partner in there if sandbox_of(partner.id) is None)


def _to_learn(registry: Registry, known: Mapping[str, Known], now: datetime) -> list[Partner]:
    due = [
        partner
        for partner in registry.partners.values()
        if partner.rythme is None and _is_due(known.get(partner.id, UNKNOWN), now)
    ]
    return due[:AT_ONCE]


def _is_due(known: Known, now: datetime) -> bool:
    fresh = known.learnt_at is not None and now - known.learnt_at < LEARNT_AGAIN
    return known.silent_since is None and not fresh


def _entry(alert: AlerteSilence | AlerteEcheance, territoire: str) -> log.Entry:
    """Return the log entry of an alert. Its id is derived from the subject and from the moment that was
    missed, so that an alert found a second time is not logged again."""
    return first_entry(alert, derived_id(alert.objet, *_which(alert)), territoire)


def _which(alert: AlerteSilence | AlerteEcheance) -> tuple[str, str]:
    match alert:
        case AlerteSilence():
            part = "debut" if alert.fin_le is None else "fin"
            return f"silence {alert.depuis.astimezone(UTC).isoformat()}", part
        case AlerteEcheance():
            return f"{alert.echeance} {alert.due_le.astimezone(UTC).isoformat()}", "debut"
