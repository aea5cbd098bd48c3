"""Facts about the present work of the hub, gathered from PostgreSQL, Kafka and this machine, for `status`,
the metrics and the alarms."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pydantic_core import to_json

from contracts.errors import BusUnavailable, DatabaseUnusable
from contracts.partner import Famille, Partner
from contracts.v1.echeance import Echeance
from ops.balance.balanced import last_count
from ops.doubts import sql as doubts
from ops.silences.rhythm import told_rhythm
from ops.silences.sql import rhythm_of_row
from ops.status import changes
from ops.status import sql as store
from ops.status.lost import of_last_count
from ops.status.quantities import local
from ops.tasks import sql as tasks
from router.domain.books import AWAITED_OF
from router.domain.partners import Registry
from router.domain.roles import Role
from router.domain.sandbox import sandbox_of
from router.domain.vitals import (
    AHEAD,
    COUNTED,
    TURNS_WITHIN,
    Answer,
    Asked,
    Beat,
    Behind,
    Contact,
    Correspondent,
    Count,
    Etape,
    Held,
    OldKey,
    PersonRequest,
    Pile,
    Safeguard,
    SourceState,
    Unanswered,
    Vitals,
    collected_every_h,
)
from router.process.topics_admin import probe
from router.settings import Settings
from router.store import audit, halts, heartbeat, origin, orphans
from router.store import registry as registry_store
from router.store.database import Connection, Database, Row, answer_of

ANSWER_SECONDS = 5.0
"""Seconds to wait for an answer of the database."""
THEN_SECONDS = 1.0
"""Seconds to wait for each answer of the database, after one question has got no answer within
`ANSWER_SECONDS`."""
NOT_OWED = (Echeance.REMISE, Echeance.RESERVATION)
"""Kinds of deadlines for the hub's own work, which no partner owes."""
RECENT = timedelta(minutes=5)
"""Period over which received messages are counted to compute a rate."""
TOLD_FOR = timedelta(hours=1)
"""Time for which a failover of the database is still shown after the events that it lost were recovered from
Kafka."""
KEY_REPLICA = "siao_cles"
"""Name under which the key replica subscribes to the database."""
_WAITED_FOR = ("sync", "quorum", "?")
ASYNCHRONOUS = "asynchrone : un 202 peut se perdre"
_STATES = {
    "sync": "synchrone",
    "quorum": "synchrone",
    "?": "à droits insuffisants pour le dire (pg_read_all_stats)",
}
NOBODY_THERE = (
    "elles attendent « {wanted} », qui n'est pas là : l'y remettre, ou ne plus l'attendre "
    "(ALTER SYSTEM SET synchronous_standby_names = ''; SELECT pg_reload_conf();)"
)
TREND = timedelta(minutes=1)
"""Age of the stored sample with which the numbers of pending items are compared."""


Question = Callable[[Connection], Awaitable[Mapping[str, Any]]]
"""Question to the database. Its answer gives values for some fields of `Vitals`."""


async def vitals(database: Database, settings: Settings, safeguards: Sequence[Safeguard] = ()) -> Vitals:
    """Gather the facts about the present work of the hub. If the database does not answer a question in time,
    the facts are missing, and the question is named in `unknown`. Raises Misconfigured for an unreadable
    registry entry."""
    base, bus = await asyncio.gather(database.probe(), probe(settings.kafka))
    facts = Vitals(base, bus, safeguards=tuple(safeguards))
    if base is not Answer.OK:
        return facts
    try:
        answers = await asyncio.gather(*(_asked(database, few) for few in ASKED))
    except DatabaseUnusable as exc:
        return replace(facts, base=answer_of(exc.__cause__))
    found = [each for some in answers for each in some]
    unknown = tuple(name for name, answer in found if answer is None)
    if len(unknown) == len(found):
        return replace(facts, base=Answer.MUET)
    fields = {field: value for _, answer in found if answer for field, value in answer.items()}
    facts = replace(facts, **fields, unknown=unknown)
    counted = of_last_count(facts, datetime.now(UTC)) if facts.knows(Asked.ACTES) else ()
    return replace(facts, safeguards=(*safeguards, *fields.get("safeguards", ()), *counted))


async def _asked(
    database: Database, questions: Mapping[Asked, Question]
) -> list[tuple[Asked, Mapping[str, Any] | None]]:
    """Ask these questions one after the other. Return each with its answer; None for an answer that did not
    come in time."""
    answers: list[tuple[Asked, Mapping[str, Any] | None]] = []
    for name, question in questions.items():
        seconds = ANSWER_SECONDS if all(answer is not None for _, answer in answers) else THEN_SECONDS
        answer = None
        with suppress(BusUnavailable, TimeoutError):
            async with asyncio.timeout(seconds), database.statement() as connection:
                answer = await question(connection)
        answers.append((name, answer))
    return answers


async def _partners_of_all(connection: Connection) -> Mapping[str, Any]:
    partners = await correspondents(connection, await registry_store.read(connection), COUNTED)
    return {"partners": partners, "piles": await piles(connection, partners, COUNTED)}


async def _roles(connection: Connection) -> Mapping[str, Any]:
    return {"beats": await beats(connection), "behind": await _behind(connection, datetime.now(UTC))}


async def _owed_answers(connection: Connection) -> Mapping[str, Any]:
    owed = await store.unanswered(connection, AWAITED_OF, NOT_OWED, COUNTED)
    fields = ("destinataire", "etat", "number", "unproven", "since", "overdue", "overdue_since", "nature")
    return {"unanswered": tuple(Unanswered(*(row[name] for name in fields)) for row in owed)}


async def _undecided(connection: Connection) -> Mapping[str, Any]:
    return {
        "quarantine": tuple(Held(*row) for row in await store.quarantined(connection, COUNTED)),
        "orphans": tuple(Held(*row) for row in await orphans.grouped(connection, COUNTED)),
        "doubts": tuple(await doubts.read(connection)),
        "halts": tuple(await halts.read(connection)),
        "requests": tuple(PersonRequest(*row) for row in await store.requests_due(connection, AHEAD)),
    }


async def _around(connection: Connection) -> Mapping[str, Any]:
    rows = await audit.changes(connection, changes.READ, changes.SCANNED)
    acts = tuple(changes.acts_of(rows))
    server = await store.server(connection)
    return {
        "last_count": await last_count(connection),
        "acts": acts[: changes.LISTED],
        "acts_in_all": len(acts) if changes.is_all(rows) else None,
        "takers": await tasks.takers(connection),
        "safeguards": (
            *of_replicas(server.wanted, await store.replicas(connection)),
            of_master_key(server.turned_at, datetime.now(UTC)),
            *of_rights(server.not_granted),
        ),
    }


ASKED: Sequence[Mapping[Asked, Question]] = (
    {Asked.PARTENAIRES: _partners_of_all},
    {
        Asked.PROCESSUS: _roles,
        Asked.REPONSES: _owed_answers,
        Asked.DECISIONS: _undecided,
        Asked.ACTES: _around,
    },
)
"""Questions to the database, in two groups that run concurrently. The first group is a single slow question.
"""


async def beats(connection: Connection) -> tuple[Beat, ...]:
    """Return the last heartbeat of each process and role. Heartbeats older than a day are left out."""
    rows = await heartbeat.read(connection)
    return tuple(
        Beat(
            Role(r.role),
            r.host,
            r.pid,
            r.version,
            r.started_at,
            r.beat_at,
            r.attend,
            r.unknown_keys,
            r.unknown_since,
            r.unknown_last,
        )
        for r in rows
        if r.role in set(Role)  # a newer version of the hub may have other roles
    )


async def correspondents(connection: Connection, registry: Registry, most: int) -> tuple[Correspondent, ...]:
    """Return the state of every partner in the registry, and of other partners that still have deliveries.
    Partners in a sandbox are left out."""
    owed = _Owed(
        {row.partner: _waiting(row) for row in await store.boxes(connection, most)},
        {(row.partner, row.etat): _waiting(row) for row in await store.undecided(connection, most)},
    )
    waiting = {row.partner: row for row in await store.waiting(connection, most)}
    known = {*registry.partners, *waiting, *owed.boxes, *(name for name, _ in owed.tasks)}
    names = sorted(name for name in known if not sandbox_of(name))
    rows = await store.senders(connection, names, RECENT, most)
    return tuple(_correspondent(row, registry, waiting.get(row.partner), owed) for row in rows)


class _Owed(NamedTuple):
    """Deliveries that are not settled although the hub does not send them any more: they lie in a mailbox,
    were refused, or have an unknown outcome."""

    boxes: Mapping[str, Count]
    """Numbers of deliveries in mailboxes, by partner."""
    tasks: Mapping[tuple[str, str], Count]
    """Numbers of refused deliveries and of those with an unknown outcome, by partner and state."""


def _correspondent(row: Row, registry: Registry, waits: Row | None, owed: _Owed) -> Correspondent:
    entry = registry.get(row.partner)
    releve_h = collected_every_h(entry) if entry else None
    contact, seen_at = reached(row, in_mailbox=releve_h is not None)
    return Correspondent(
        id=row.partner,
        nom=registry.name_of(row.partner),
        telephone=entry.telephone if entry else None,
        is_siao=entry is not None and entry.famille is Famille.SIAO,
        rythme=told_rhythm(entry, rhythm_of_row(row.learnt)) if entry else None,
        silent_since=row.silent_since if entry else None,
        releve_h=releve_h,
        lot_s=entry.lot.attente_s if entry and entry.lot else 0.0,
        known_since=row.applied_at,
        contact=contact,
        since=row.since,
        cause=row.cause,
        failures=row.failures or 0,
        next_try=_latest(row.next_try_at, waits and waits.next_try),
        refused_types=_refused_types(row.refused_types or {}),
        seen_at=seen_at,
        succeeded_at=row.succeeded_at,
        reading=_reading(row, entry),
        waiting=_waiting(waits),
        in_box=owed.boxes.get(row.partner, Count()),
        refused=owed.tasks.get((row.partner, "refusee"), Count()),
        uncertain=owed.tasks.get((row.partner, "incertaine"), Count()),
        old_key=OldKey(row.retired_at, row.key_refused_since, row.key_refused_at) if row.retired_at else None,
        last_in=row.last_in,
        last_poll=row.polled_at,
        messages_5_min=row.messages,
        refusals_24_h=row.refusals,
        partials_24_h=row.partials,
        rows_refused_24_h=int(row.rows_refused),
    )


def reached(row: Row, *, in_mailbox: bool) -> tuple[Contact | None, datetime | None]:
    """Return whether a partner can be reached, and when this was last seen. For a partner with a mailbox,
    only its own visits to the mailbox show that."""
    if in_mailbox:
        return (Contact.JOIGNABLE if row.polled_at else None), row.polled_at
    return (Contact(row.etat) if row.etat else None), row.seen_at


async def piles(connection: Connection, partners: Sequence[Correspondent], most: int) -> tuple[Pile, ...]:
    """Return the number of pending items at each stage between sender and recipient, with the rate at which
    it changes. A count stops at `most`; for deliveries, at `most` for each partner."""
    row = await store.piles(connection, most)
    minute, recent = await store.compared(connection, (TREND, RECENT))
    to_leave, in_boxes = [p.waiting for p in partners], [p.in_box for p in partners]
    now = {
        Etape.DIFFERE: Count(row.differe, row.differe_since),
        Etape.A_APPLIQUER: Count(row.a_appliquer, row.a_appliquer_since),
        Etape.MIS_DE_COTE: Count(row.mis_de_cote, row.mis_de_cote_since),
        Etape.A_LIVRER: _together(to_leave),
        Etape.EN_BOITE: _together(in_boxes),
    }
    return tuple(
        replace(_compared(etape, waits, minute), out_5_min=_out_lately(etape, waits, recent))
        for etape, waits in now.items()
    )


async def take_sample(connection: Connection, facts: Vitals) -> None:
    """Store the numbers of pending items, from which rates are later computed. A stage between sender and
    recipient whose count was cut off is left out."""
    numbers: Mapping[str, int] = {pile.etape: pile.number for pile in facts.piles if not pile.capped}
    await store.take_sample(connection, to_json(numbers).decode())


def _compared(etape: Etape, waits: Count, before: Any | None) -> Pile:
    pile = Pile(etape, waits.number, waits.oldest)
    if before is None:
        return pile
    minutes = (before.now - before.at).total_seconds() / 60
    came, left = _came(etape, before), _left(etape, waits, before)
    if came is not None:
        pile = replace(pile, in_per_minute=came / minutes)
    if pile.capped or etape not in before.piles:
        return pile
    grown = waits.number - before.piles[etape]
    return replace(pile, per_minute=grown / minutes, out_per_minute=None if left is None else left / minutes)


def _out_lately(etape: Etape, waits: Count, before: Any | None) -> float | None:
    """Return how many rows left the stage (a step between sender and recipient) during the last `RECENT`.
    Return None if there is no earlier sample (`before`) to compare with.

    A sample that is younger than `RECENT`, as after a start of the hub, gives the number since then. The
    number since an older sample is reduced in proportion.
    """
    left = None if before is None else _left(etape, waits, before)
    return left if before is None or left is None else left * min(1.0, RECENT / (before.now - before.at))


def _came(etape: Etape, before: Any) -> int | None:
    """Return how many rows arrived at a stage (a step between sender and recipient) since the sample `before`
    was taken. Return None for a stage at which arrivals are not measured."""
    came: int | None = {Etape.A_APPLIQUER: before.accepted, Etape.A_LIVRER: before.owed}.get(etape)
    return came


def _left(etape: Etape, waits: Count, before: Any) -> int | None:
    """Return how many rows have left a stage (a step between sender and recipient) since the sample `before`.
    `waits` is the number of rows at the stage now. Return None if one of the numbers is unknown."""
    came = _came(etape, before)
    if came is None or waits.number >= COUNTED or etape not in before.piles:
        return None
    left: int = max(0, came - waits.number + before.piles[etape])
    return left


def _together(parts: Sequence[Count]) -> Count:
    oldest = min((part.oldest for part in parts if part.oldest), default=None)
    return Count(sum(part.number for part in parts), oldest)


def _refused_types(known: Mapping[str, str | None]) -> tuple[tuple[str, datetime], ...]:
    """Return the message types that a partner refuses, each with the moment of the first refusal. The types
    have short names, such as `place.vacante`."""
    short = {".".join(each.split(".")[3:-1]): since for each, since in known.items() if since}
    return tuple((each, datetime.fromisoformat(since)) for each, since in sorted(short.items()))


def _reading(row: Row, entry: Partner | None) -> SourceState | None:
    if entry is None or entry.entree is None:
        return None
    seen_at = max((moment for moment in (row.read_at, row.applied_at) if moment), default=None)
    failures, cause = row.read_failures or 0, row.read_cause
    every_s = entry.entree.intervalle_s
    return SourceState(every_s, seen_at, row.read_well_at, row.failing_since, failures, cause)


def _waiting(row: Row | None) -> Count:
    return Count() if row is None else Count(row.number, row.oldest)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def of_replicas(wanted: str, replicas: Sequence[Any]) -> Iterator[Safeguard]:
    """Yield the safeguards of the key replica and of the standby servers. `wanted` names the replicas for
    which commits wait; a safeguard is broken if none of them is there."""
    keys = [each for each in replicas if each.logical]
    if keys or KEY_REPLICA in wanted:
        there = _named(keys)
        yield Safeguard("réplique des clés", there or f"« {KEY_REPLICA} » est absente", holds=bool(keys))
    else:
        yield Safeguard("réplique des clés", "aucune (non configurée)", holds=None)
    if standbys := [each for each in replicas if not each.logical]:
        yield Safeguard("secours de PostgreSQL", _named(standbys), holds=True)
    else:
        yield Safeguard("secours de PostgreSQL", "aucun (non configuré)", holds=None)
    if wanted and not any(each.state in _WAITED_FOR for each in replicas):
        yield Safeguard("écritures de PostgreSQL", NOBODY_THERE.format(wanted=wanted), holds=False)


def _named(replicas: Sequence[Any]) -> str:
    """Return in French the names of these replicas, each with how it follows the database."""
    return ", ".join(f"« {each.name} » {_STATES.get(each.state, ASYNCHRONOUS)}" for each in replicas)


def of_master_key(turned_at: datetime, now: datetime) -> Safeguard:
    """Return the safeguard of the master key, which is broken if the key was not changed within
    `TURNS_WITHIN`."""
    due = turned_at + TURNS_WITHIN
    said = f"la même depuis le {local(turned_at):%d/%m/%Y}, à changer avant le {local(due):%d/%m/%Y}"
    return Safeguard("clé maîtresse", said, holds=now <= due)


def of_rights(not_granted: Sequence[str]) -> Iterator[Safeguard]:
    """Yield a broken safeguard if `not_granted` names tables on which nobody has rights. The rights must be
    granted after each migration that creates tables."""
    if not_granted:
        said = f"personne ne les a sur {', '.join(not_granted)} : « python -m deploy.postgres » après chaque migration"
        yield Safeguard("droits sur PostgreSQL", said, holds=False)


async def _behind(connection: Connection, now: datetime) -> Behind | None:
    """Return when and how the database last lost data. Return None if it never did, or if the lost data was
    recovered longer than `TOLD_FOR` ago."""
    known = await origin.read(connection)
    if known is None or known.went_back:
        return Behind(
            known.seen_at if known else now, known is not None and known.by_failover, made_good=False
        )
    if known.took_over_at is not None and now - known.took_over_at < TOLD_FOR:
        return Behind(known.took_over_at, by_failover=True, made_good=True)
    return None
