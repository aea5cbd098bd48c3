"""Time passes: what was noted is older, what was taken for a while has run out. No test waits for it."""

from datetime import timedelta
from uuid import UUID

from contracts.v1.echeance import Echeance
from tests.integration.memory import Memory

MOMENTS = {
    "inbox": ("received_at",),
    "event": ("time",),
    "delivery": ("created_at", "settled_at"),
    "audit": ("at",),
    "audit_link": ("at",),
    "quarantine": ("created_at", "settled_at"),
    "outcome": ("at",),
    "subject": ("changed_at",),
    "heard": ("at",),
    "idempotency_key": ("expires_at",),
    "hmac_key": ("at",),
    "rhythm": ("learnt_at",),
    "backlog_sample": ("at",),
}
"""What is noted of a moment, by table."""


async def pass_time(memory: Memory, by: timedelta) -> None:
    """Everything that was noted is so much older."""
    for table in MOMENTS:
        await grow_older(memory, table, by)


async def grow_older(memory: Memory, table: str, by: timedelta) -> None:
    """Everything that one table notes is so much older. An event loses its proof by it."""
    changes = ", ".join(f"{column} = {column} - $1::interval" for column in MOMENTS[table])
    if table == "event":
        changes += ", mac = NULL"
    await memory.sql("SET session_replication_role = replica")  # triggers guard the audit
    await memory.sql(f"UPDATE {table} SET {changes}", by)  # noqa: S608  names of our own
    await memory.sql("RESET session_replication_role")


async def delivery_grows_older(memory: Memory, delivery: UUID, by: timedelta) -> None:
    """One delivery was made so much longer ago, and what came of it known so much longer."""
    query = """
        UPDATE delivery SET created_at = created_at - $2::interval, settled_at = settled_at - $2::interval
        WHERE id = $1
    """
    await memory.sql(query, delivery, by)


async def console_asks_again(memory: Memory) -> None:
    """The identity provider was last asked about everybody in the console an hour ago."""
    await memory.sql("UPDATE console_session SET asked_at = now() - interval '1 hour'")


async def console_is_left_alone(memory: Memory, span: timedelta) -> None:
    """Nobody has used the console for so long."""
    await memory.sql("UPDATE console_session SET expires_at = expires_at - $1::interval", span)


async def console_last_proof(memory: Memory, span: timedelta) -> None:
    """Whoever is in the console has proved so long ago who they are."""
    await memory.sql("UPDATE console_session SET proved_at = now() - $1::interval", span)


async def console_provider_was_heard(memory: Memory, span: timedelta) -> None:
    """The identity provider has last said something so long ago, and was not asked for an hour."""
    await console_asks_again(memory)
    await memory.sql("UPDATE console_session SET vouched_at = now() - $1::interval", span)


async def claims_run_out(memory: Memory) -> None:
    """Every idempotency key may be used for something else."""
    await memory.sql("UPDATE idempotency_key SET expires_at = now() - interval '1 second'")


async def lanes_fall_due(memory: Memory, late: timedelta = timedelta(0)) -> None:
    """Back-offs and leases of lanes have ended so long ago."""
    await memory.sql("UPDATE lane SET due_at = now() - $1::interval", late)


async def reservations_run_out(memory: Memory, by: timedelta) -> None:
    """So much less is left of every reservation."""
    await memory.sql("UPDATE subject SET due_at = due_at - $1::interval", by)
    query = (
        "UPDATE deadline SET due_at = due_at - $1::interval, next_at = next_at - $1::interval WHERE kind = $2"
    )
    await memory.sql(query, by, Echeance.RESERVATION)


async def subjects_are_older(memory: Memory, by: timedelta) -> None:
    """All that referrals and candidacies have noted happened so much earlier, and their deadlines began with it."""
    older = """
        UPDATE subject SET donnees = donnees || (
            SELECT coalesce(jsonb_object_agg(name, CAST(donnees ->> name AS timestamptz) - $1::interval), '{}')
            FROM unnest($2::text[]) AS name WHERE donnees ? name)
        WHERE nature <> 'place'
    """
    await memory.sql(older, by, ["etat_depuis", "remise_le", "admise_le", "attendus_depuis", "decrit_le"])
    began = """
        UPDATE deadline SET started_at = started_at - $1::interval, due_at = due_at - $1::interval,
                            next_at = next_at - $1::interval
        WHERE kind <> $2
    """
    await memory.sql(began, by, Echeance.RESERVATION)


async def places_moved_earlier(memory: Memory, by: timedelta) -> None:
    """All places have been in their state for so much longer."""
    older = """
        UPDATE subject SET donnees = donnees || jsonb_build_object(
            'etat_depuis', CAST(donnees ->> 'etat_depuis' AS timestamptz) - $1::interval)
        WHERE nature = 'place'
    """
    await memory.sql(older, by)


async def has_spoken_every_day(memory: Memory, partner: str, days: int, until: timedelta) -> None:
    """A partner has sent something once a day, the last time so long ago."""
    query = """
        INSERT INTO inbox (id, partner, dialect, media_type, etat, accepted, received_at)
        SELECT gen_random_uuid(), $1, 'hebergement_json', 'application/json', 'accepte', 1,
               now() - $3::interval - n * interval '1 day'
        FROM generate_series(0, $2::int - 1) AS n
    """
    await memory.sql(query, partner, days, until)


async def nobody_has_noted_deadlines(memory: Memory) -> None:
    """The deadlines that run are in no table: a change of the terms has made them."""
    await memory.sql("DELETE FROM deadline")


async def base_took_over_earlier(memory: Memory, by: timedelta) -> None:
    """A standby has taken over from the primary so much earlier."""
    await memory.sql(
        "UPDATE origin SET took_over_at = took_over_at - $1::interval,"
        " written = concat(tableoid, ' ', CAST(pg_current_xact_id() AS xid))",
        by,
    )


async def leases_run_out(memory: Memory) -> None:
    await memory.sql("UPDATE lease SET until = now() - interval '1 second'")


async def lease_runs_out(memory: Memory, name: str) -> None:
    await memory.sql("UPDATE lease SET until = now() WHERE name = $1", name)


async def role_is_seen_no_more(memory: Memory, since: timedelta, role: str) -> None:
    """The processes of a role gave their last sign of life so long ago."""
    await memory.sql(
        "UPDATE heartbeat SET process = gen_random_uuid(), beat_at = now() - $1::interval WHERE role = $2",
        since,
        role,
    )


async def links_grow_older(memory: Memory, span: timedelta) -> None:
    """Every link to enter by was sent so much longer ago."""
    await memory.sql(
        "UPDATE login_link SET expires_at = expires_at - $1::interval, created_at = created_at - $1::interval",
        span,
    )


async def reminders_grow_older(memory: Memory, span: timedelta) -> bool:
    """Every mail that said that something waits left so much earlier; false where none is noted yet."""
    query = "UPDATE account SET told_at = told_at - $1::interval WHERE told_at IS NOT NULL RETURNING id"
    return bool(await memory.sql(query, span))
