"""Gather the facts about the hub's present work from PostgreSQL, Kafka and this machine."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from contracts.errors import BusUnavailable, DatabaseUnusable, Misconfigured
from ops.audit.kept import last_head
from ops.balance.balanced import last_count
from ops.doubts import sql as doubts
from ops.status import changes
from ops.status import sql as store
from ops.status.correspondents import correspondents
from ops.status.lost import of_last_count
from ops.status.piles import piles
from ops.status.roles import watched
from ops.status.server_safeguards import of_head, of_master_key, of_replicas, of_rights
from ops.tasks import sql as tasks
from router.domain.audit_heads import Head
from router.domain.beats import Beat
from router.domain.books import AWAITED_OF
from router.domain.deadlines import TERMES, Attendu
from router.domain.partners import Registry
from router.domain.roles import Role
from router.domain.vitals import (
    AHEAD,
    COUNTED,
    Answer,
    Asked,
    Behind,
    Held,
    PersonRequest,
    Safeguard,
    Vitals,
)
from router.process.topics_admin import probe
from router.settings import Settings
from router.store import audit, halts, heartbeat, origin, orphans
from router.store import registry as registry_store
from router.store.database import Connection, Database, answer_of

ANSWER_SECONDS = 5.0
THEN_SECONDS = 1.0
"""After a question that was not answered within `ANSWER_SECONDS`, each further question gets this many
seconds."""
NOT_OWED = tuple(sorted({terme.echeance for terme in TERMES if terme.attendu is Attendu.HUB}))
"""The kinds of deadline that bind the hub, and no partner: those of the hub's deliveries."""
TOLD_FOR = timedelta(hours=1)
"""How long a failover is shown after the recovery from it."""


Question = Callable[[Connection], Awaitable[Mapping[str, Any]]]
"""A question to the database, whose answer is some fields of `Vitals`."""


async def vitals(
    database: Database,
    settings: Settings,
    safeguards: Sequence[Safeguard] = (),
    registry: Registry | None = None,
) -> Vitals:
    """Return the facts about the hub. If the database does not work, only `base`, `bus` and `safeguards` are
    known. `Vitals.unknown` names the questions that the database did not answer in time. `safeguards` has the
    safeguards that this machine has checked. Those that PostgreSQL reports are added to them, and replace
    those with the same name.

    `registry` has the registry entries at work. If the stored entry of a partner cannot be read, the
    partner's entry in `registry` is used instead; without one there, the partner is left out. Raises
    Misconfigured if an entry cannot be read, and `registry` is None or empty.
    """
    base, bus = await asyncio.gather(database.probe(), probe(settings.kafka))
    facts = Vitals(base, bus, safeguards=tuple(safeguards))
    if base is not Answer.OK:
        return facts
    try:
        head = await asyncio.to_thread(_head, settings)
        answers = await asyncio.gather(*(_asked(database, few) for few in questions(head, registry)))
    except DatabaseUnusable as exc:
        return replace(facts, base=answer_of(exc.__cause__))
    found = [each for some in answers for each in some]
    unknown = tuple(name for name, answer in found if answer is None)
    if len(unknown) == len(found):
        return replace(facts, base=Answer.MUET)
    fields = {field: value for _, answer in found if answer for field, value in answer.items()}
    facts, now = replace(facts, **fields, unknown=unknown), datetime.now(UTC)
    if facts.knows(Asked.PROCESSUS):
        facts = replace(facts, partners=tuple(watched(facts, now)))
    counted = of_last_count(facts, now) if facts.knows(Asked.ACTES) else ()
    told = (*fields.get("safeguards", ()), *counted)
    known_here = (each for each in safeguards if each.name not in {other.name for other in told})
    return replace(facts, safeguards=(*known_here, *told))


def _head(settings: Settings) -> Head | None:
    with suppress(Misconfigured):
        return last_head(settings.audit_heads_file)
    return None


async def _asked(
    database: Database, questions: Mapping[Asked, Question]
) -> list[tuple[Asked, Mapping[str, Any] | None]]:
    answers: list[tuple[Asked, Mapping[str, Any] | None]] = []
    for name, question in questions.items():
        seconds = ANSWER_SECONDS if all(answer is not None for _, answer in answers) else THEN_SECONDS
        answer = None
        with suppress(BusUnavailable, TimeoutError):
            async with asyncio.timeout(seconds), database.statement() as connection:
                answer = await question(connection)
        answers.append((name, answer))
    return answers


async def _partners_of_all(registry: Registry | None, connection: Connection) -> Mapping[str, Any]:
    partners = await correspondents(connection, await registry_store.read(connection, registry), COUNTED)
    return {"partners": partners, "piles": await piles(connection, partners, COUNTED)}


async def _roles(connection: Connection) -> Mapping[str, Any]:
    return {"beats": await beats(connection), "behind": await _behind(connection, datetime.now(UTC))}


async def _owed_answers(connection: Connection) -> Mapping[str, Any]:
    return {"unanswered": tuple(await store.unanswered(connection, AWAITED_OF, NOT_OWED, COUNTED))}


async def _undecided(connection: Connection) -> Mapping[str, Any]:
    return {
        "quarantine": tuple(Held(*row) for row in await store.quarantined(connection, COUNTED)),
        "orphans": tuple(Held(*row) for row in await orphans.grouped(connection, COUNTED)),
        "doubts": tuple(await doubts.read(connection)),
        "halts": tuple(await halts.read(connection)),
        "requests": tuple(PersonRequest(*row) for row in await store.requests_due(connection, AHEAD)),
    }


async def _around(head: Head | None, connection: Connection) -> Mapping[str, Any]:
    rows = await audit.changes(connection, changes.READ, changes.SCANNED)
    found = tuple(changes.changes_of(rows))
    server, now = await store.server(connection), datetime.now(UTC)
    signed = (of_head(head, await audit.unsigned(connection, head.rank, head.hash), now),) if head else ()
    return {
        "last_count": await last_count(connection),
        "changes": found[: changes.LISTED],
        "changes_in_all": len(found) if changes.is_all(rows) else None,
        "takers": await tasks.takers(connection),
        "began": {key: datetime.fromisoformat(at) for key, at in (server.began or {}).items()},
        "broke_at": server.broke_at,
        "safeguards": (
            *of_replicas(server.wanted, await store.replicas(connection)),
            of_master_key(server.turned_at, now),
            *of_rights(server.not_granted),
            *signed,
        ),
    }


def questions(head: Head | None, registry: Registry | None = None) -> Sequence[Mapping[Asked, Question]]:
    """Return the questions to the database in two groups, which are asked at the same time. The first group
    has one question, the slow one: about partners. The second group has all others, which are asked one after
    the other. One of them looks for unsigned audit rows after `head`, the newest signed head of the audit;
    None if it is unknown. `registry` has the entries at work, which are used in place of those that cannot be
    read."""
    return (
        {Asked.PARTENAIRES: partial(_partners_of_all, registry)},
        {
            Asked.PROCESSUS: _roles,
            Asked.REPONSES: _owed_answers,
            Asked.DECISIONS: _undecided,
            Asked.ACTES: partial(_around, head),
        },
    )


async def beats(connection: Connection) -> tuple[Beat, ...]:
    """Return the newest heartbeat of each process and role, unless it is older than a day. The time of a
    heartbeat is by this machine's clock, which may differ from PostgreSQL's."""
    rows, now = await heartbeat.read(connection), datetime.now(UTC)
    return tuple(
        Beat(
            Role(r.role),
            r.host,
            r.pid,
            r.version,
            r.started_at,
            now - r.age,
            r.attend,
            r.unknown_keys,
            r.unknown_since,
            r.unknown_last,
            r.unknown_address,
            r.boot,
        )
        for r in rows
        if r.role in set(Role)  # a newer version of the hub may have other roles
    )


async def _behind(connection: Connection, now: datetime) -> Behind | None:
    known = await origin.read(connection)
    if known is None or known.went_back:
        return Behind(
            known.seen_at if known else now, known is not None and known.by_failover, made_good=False
        )
    if known.took_over_at is not None and now - known.took_over_at < TOLD_FOR:
        return Behind(known.took_over_at, by_failover=True, made_good=True)
    return None
