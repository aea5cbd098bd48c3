"""Who has missed its rhythm, or speaks and leaves out what it declares each day: the log says so to the SIAO, once when
a silence begins and once when it is over.

Leased; in the process that applies events, for who writes into the log proves what it writes. What is noted of a
silence and what the log says of it are one transaction. Rhythms are learnt again every day, but not from a silence.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from contracts.envelope import Attributes, derived_id
from contracts.partner import Partner
from contracts.sealed import take_apart, to_bytes
from contracts.v1.alerte import AlerteEcheance, AlerteSilence
from ops.doubts import doubting as doubts
from ops.doubts.declared import stale_since
from ops.silences import sql as store
from ops.silences.rhythm import MEMORY, Calendar, learn, overdue, rhythm_of
from ops.silences.rules import begins, ends
from ops.silences.sql import UNKNOWN, Known
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.proof import Prover
from router.domain.sandbox import sandbox_of
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import log
from router.store.database import OUTBOX, Connection, Database

Told = tuple[Partner, AlerteSilence | AlerteEcheance]
"""What is to be told, and of whom."""
TICK_SECONDS = 300.0
LEARNT_AGAIN = timedelta(days=1)
AT_ONCE = 20
"""Rhythms that are learnt in one round: the others have their turn with the next."""


class Silences:
    """One of them works at a time."""

    def __init__(
        self, database: Database, prover: Prover, lease: Lease, registry: Callable[[], Registry]
    ) -> None:
        self._database = database
        self._prover = prover
        self._lease = lease
        self._registry = registry

    async def run(self) -> None:
        """Until cancelled."""
        await self._lease.work(WakeUp(), TICK_SECONDS, lambda _: self.look())

    async def look(self) -> None:
        """Learn what is to be learnt, then tell who has missed its rhythm, who has spoken again, and who leaves out
        what it declares each day. Raises BusUnavailable, of the database."""
        now, registry = datetime.now(UTC), _real(self._registry())
        async with self._database.transaction() as connection:
            await store.forget_all_but(connection, registry.partners)
            known = await store.read(connection)
            for partner in _to_learn(registry, known, now):
                heard = await store.times(connection, partner.id, now - MEMORY)
                await store.keep(connection, partner.id, learn(heard, now, Calendar.of(partner)))
            alerts = await self._silences(connection, registry, now)
            silent = {name for name, row in (await store.read(connection)).items() if row.silent_since}
            alerts += await doubts.look(connection, registry, silent, now)
            entries = [_entry(alert, partner.territoire) for partner, alert in alerts]
            await log.append(connection, self._prover, entries)
            if entries:
                await self._database.notify(connection, OUTBOX)

    async def _silences(self, connection: Connection, registry: Registry, now: datetime) -> list[Told]:
        """What is to be told of those that begin or are over; both are noted."""
        known = await store.read(connection)
        changed: dict[str, datetime | None] = {}
        alerts: list[Told] = []
        for row in await store.heard(connection, registry.partners):
            partner, before = registry.partners[row.partner], known.get(row.partner, UNKNOWN)
            since = overdue(rhythm_of(partner, before.learnt), row.at, now, Calendar.of(partner))
            if (since is None) is (before.silent_since is None):
                continue
            changed[partner.id] = since
            if since is not None:
                old = await doubts.stale_vacancies(connection, stale_since([partner], now))
                told = begins(partner, registry, row.id, since, old.get(partner.id, 0))
            else:
                told = ends(partner, registry, row.id, before.silent_since or row.at, row.at)
            alerts += [(partner, alert) for alert in told]
        await store.note(connection, changed.items())
        return alerts


def _real(registry: Registry) -> Registry:
    """Without sandboxes: whoever tries something out has no rhythm."""
    return Registry.of(partner for partner in registry.partners.values() if sandbox_of(partner.id) is None)


def _to_learn(registry: Registry, known: Mapping[str, Known], now: datetime) -> list[Partner]:
    """The next few whose rhythm is not agreed, nor learnt today."""
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
    """Known by what it tells: two processes that find it tell it as one event."""
    ident = derived_id(alert.objet, *_which(alert))
    attributes = Attributes(
        id=ident,
        type=alert.TYPE,
        source=HUB,
        subject=alert.sujet,
        time=datetime.now(UTC),
        territoire=territoire,
        correlationid=ident,
    )
    return log.Entry(attributes, to_bytes(take_apart(alert).clair, ()))


def _which(alert: AlerteSilence | AlerteEcheance) -> tuple[str, str]:
    """By the moment that was missed."""
    match alert:
        case AlerteSilence():
            part = "debut" if alert.fin_le is None else "fin"
            return f"silence {alert.depuis.astimezone(UTC).isoformat()}", part
        case AlerteEcheance():
            return f"{alert.echeance} {alert.due_le.astimezone(UTC).isoformat()}", "debut"
