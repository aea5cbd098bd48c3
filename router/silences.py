"""Who has missed its rhythm: the log says so to the SIAO, once when a silence begins and once when it is over.

Leased; in the process that applies events, for who writes into the log proves what it writes. What is noted of a
silence and what the log says of it are one transaction. Rhythms are learnt again every day, but not from a silence.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from contracts.envelope import Attributes, derived_id
from contracts.partner import Partner
from contracts.sealed import take_apart, to_bytes
from contracts.v1.alerte import AlerteSilence
from router.domain.partners import Registry
from router.domain.parts import HUB
from router.domain.proof import Prover
from router.domain.rhythm import MEMORY, Calendar, learn, overdue, rhythm_of
from router.domain.sandbox import sandbox_of
from router.domain.silences import begins, ends
from router.leases import Lease
from router.store import log
from router.store import rhythm as store
from router.store.database import OUTBOX, Connection, Database
from router.store.rhythm import UNKNOWN, Known
from router.wakeup import WakeUp

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
        """Learn what is to be learnt, then tell who has missed its rhythm and who has spoken again. Raises
        BusUnavailable, of the database."""
        now, registry = datetime.now(UTC), _real(self._registry())
        async with self._database.transaction() as connection:
            await store.forget_all_but(connection, registry.partners)
            known = await store.read(connection)
            for partner in _to_learn(registry, known, now):
                heard = await store.times(connection, partner.id, now - MEMORY)
                await store.keep(connection, partner.id, learn(heard, now, Calendar.of(partner)))
            await self._tell(connection, registry, now)

    async def _tell(self, connection: Connection, registry: Registry, now: datetime) -> None:
        known = await store.read(connection)
        changed: dict[str, datetime | None] = {}
        entries: list[log.Entry] = []
        for row in await store.heard(connection, registry.partners):
            partner, before = registry.partners[row.partner], known.get(row.partner, UNKNOWN)
            since = overdue(rhythm_of(partner, before.learnt), row.at, now, Calendar.of(partner))
            if (since is None) is (before.silent_since is None):
                continue
            changed[partner.id] = since
            if since is not None:
                stale = await store.stale_places(connection, partner.id)
                told = begins(partner, registry, row.id, since, stale)
            else:
                told = ends(partner, registry, row.id, before.silent_since or row.at, row.at)
            entries += [_entry(alert, partner.territoire) for alert in told]
        await store.note(connection, changed.items())
        await log.append(connection, self._prover, entries)
        if entries:
            await self._database.notify(connection, OUTBOX)


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


def _entry(alert: AlerteSilence, territoire: str) -> log.Entry:
    """Known by the moment that was missed: two processes that find it tell it as one event."""
    which = alert.depuis.astimezone(UTC).isoformat(), "debut" if alert.fin_le is None else "fin"
    ident = derived_id(alert.objet, f"silence {which[0]}", which[1])
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
