"""Simulated passage of time: moments in the tables move into the past, so that no test waits."""

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
    "limitation": ("since",),
    "list_change": ("over_at",),
    "person_request": ("received_at", "due_at", "decided_at"),
}
"""Columns with moments, by table."""


async def pass_time(memory: Memory, by: timedelta) -> None:
    """Move all moments in the tables into the past by this span."""
    for table in MOMENTS:
        await grow_older(memory, table, by)


async def grow_older(memory: Memory, table: str, by: timedelta) -> None:
    """Move the moments in one table into the past by this span. Events lose their proofs."""
    changes = ", ".join(f"{column} = {column} - $1::interval" for column in MOMENTS[table])
    if table == "event":
        changes += ", mac = NULL"
    await memory.sql("SET session_replication_role = replica")  # triggers guard the audit
    await memory.sql(f"UPDATE {table} SET {changes}", by)  # noqa: S608  names of our own
    await memory.sql("RESET session_replication_role")


async def delivery_grows_older(memory: Memory, delivery: UUID, by: timedelta) -> None:
    """Move the creation and the outcome of one delivery into the past by this span."""
    query = """
        UPDATE delivery SET created_at = created_at - $2::interval, settled_at = settled_at - $2::interval
        WHERE id = $1
    """
    await memory.sql(query, delivery, by)


async def console_asks_again(memory: Memory) -> None:
    """Make the console's sessions due for a question to the identity provider: the last one was an hour ago."""
    await memory.sql("UPDATE console_session SET asked_at = now() - interval '1 hour'")


async def console_is_left_alone(memory: Memory, span: timedelta) -> None:
    """Shorten the remaining life of the console's sessions by this span, as if nobody used them."""
    await memory.sql("UPDATE console_session SET expires_at = expires_at - $1::interval", span)


async def console_last_proof(memory: Memory, span: timedelta) -> None:
    """Set the last proof of identity in the console's sessions to this span ago."""
    await memory.sql("UPDATE console_session SET proved_at = now() - $1::interval", span)


async def console_provider_was_heard(memory: Memory, span: timedelta) -> None:
    """Set the identity provider's last confirmation of the sessions to this span ago; the last question to it was
    an hour ago."""
    await console_asks_again(memory)
    await memory.sql("UPDATE console_session SET vouched_at = now() - $1::interval", span)


async def claims_run_out(memory: Memory) -> None:
    """Let every idempotency claim end."""
    await memory.sql("UPDATE idempotency_key SET expires_at = now() - interval '1 second'")


async def lanes_fall_due(memory: Memory, late: timedelta = timedelta(0)) -> None:
    """Make all lanes due, since `late` ago: back-offs and leases are over."""
    await memory.sql("UPDATE lane SET due_at = now() - $1::interval", late)


async def reservations_run_out(memory: Memory, by: timedelta) -> None:
    """Shorten every reservation by this span."""
    query = """
        WITH shorter AS (
            UPDATE deadline SET due_at = due_at - $1::interval, next_at = next_at - $1::interval WHERE kind = $2)
        UPDATE subject SET due_at = due_at - $1::interval
    """
    await memory.sql(query, by, Echeance.RESERVATION)


async def subjects_are_older(memory: Memory, by: timedelta) -> None:
    """Move the moments in referrals and candidacies, and the starts of their deadlines, into the past by this span.
    Places stay. Both move in one statement: between two, the hub would correct the deadlines by the subjects."""
    query = """
        WITH older AS (
            UPDATE deadline SET started_at = started_at - $1::interval, due_at = due_at - $1::interval,
                                next_at = next_at - $1::interval
            WHERE kind <> $3)
        UPDATE subject SET donnees = donnees || (
            SELECT coalesce(jsonb_object_agg(name, CAST(donnees ->> name AS timestamptz) - $1::interval), '{}')
            FROM unnest($2::text[]) AS name WHERE donnees ? name)
        WHERE nature <> 'place'
    """
    moments = ["etat_depuis", "remise_le", "admise_le", "attendus_depuis", "decrit_le"]
    await memory.sql(query, by, moments, Echeance.RESERVATION)


async def places_moved_earlier(memory: Memory, by: timedelta) -> None:
    """Move the moment at which each place got its state into the past by this span."""
    older = """
        UPDATE subject SET donnees = donnees || jsonb_build_object(
            'etat_depuis', CAST(donnees ->> 'etat_depuis' AS timestamptz) - $1::interval)
        WHERE nature = 'place'
    """
    await memory.sql(older, by)


async def has_spoken_every_day(memory: Memory, partner: str, days: int, until: timedelta) -> None:
    """Add one accepted message of a partner for each of `days` days; the last one is `until` old."""
    query = """
        INSERT INTO inbox (id, partner, dialect, media_type, etat, accepted, received_at)
        SELECT gen_random_uuid(), $1, 'hebergement_json', 'application/json', 'accepte', 1,
               now() - $3::interval - n * interval '1 day'
        FROM generate_series(0, $2::int - 1) AS n
    """
    await memory.sql(query, partner, days, until)


async def nobody_has_noted_deadlines(memory: Memory) -> None:
    """Delete all deadlines from their table, as after a change of the terms."""
    await memory.sql("DELETE FROM deadline")


async def base_took_over_earlier(memory: Memory, by: timedelta) -> None:
    """Move the moment at which a standby of PostgreSQL took over into the past by this span."""
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
    """Set the last heartbeat of a role to `since` ago."""
    await memory.sql(
        "UPDATE heartbeat SET process = gen_random_uuid(), beat_at = now() - $1::interval WHERE role = $2",
        since,
        role,
    )


async def links_grow_older(memory: Memory, span: timedelta) -> None:
    """Move all login links sent by mail into the past by this span."""
    await memory.sql(
        "UPDATE login_link SET expires_at = expires_at - $1::interval, created_at = created_at - $1::interval",
        span,
    )


async def reminders_grow_older(memory: Memory, span: timedelta) -> bool:
    """Move all mails about pending work into the past by this span. Return whether there were any."""
    query = "UPDATE account SET told_at = told_at - $1::interval WHERE told_at IS NOT NULL RETURNING id"
    return bool(await memory.sql(query, span))
