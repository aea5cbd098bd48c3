"""Changes that accidents leave in the hub's tables: a crash, a lost or damaged key, another process, another
version of the hub."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.integration.memory import Memory

UNREADABLE = '{"famille": "inconnue"}'


# --- a crash, and another process


async def crash_while_sending(memory: Memory, partner: str | None = None) -> None:
    """Leave all deliveries (of one partner) as a kill -9 in the middle of a request does: in flight, in a lane that
    is due and that nobody holds."""
    await memory.sql("UPDATE delivery SET etat = 'en_vol' WHERE partner = $1 OR $1 IS NULL", partner)
    await memory.sql(
        "UPDATE lane SET pending = greatest(pending, 1), due_at = now() WHERE partner = $1 OR $1 IS NULL",
        partner,
    )


async def partner_is_late(memory: Memory, partner: str, subject: UUID) -> None:
    """Let all deliveries to a partner about a subject be still to send, in an hour."""
    await memory.sql(
        "UPDATE delivery SET etat = 'en_attente' WHERE partner = $1 AND subject = $2", partner, subject
    )
    await memory.sql(
        "UPDATE lane SET pending = (SELECT count(*) FROM delivery WHERE partner = $1 AND subject = $2),"
        " due_at = now() + interval '1 hour' WHERE partner = $1 AND subject = $2",
        partner,
        subject,
    )


async def lanes_give_way(memory: Memory, partner: str) -> None:
    """Mark all pending deliveries to a partner as coming from large files."""
    await memory.sql("UPDATE lane SET bulk = true WHERE partner = $1", partner)


async def all_deliveries_are(memory: Memory, etat: str) -> None:
    await memory.sql("UPDATE delivery SET etat = $1", etat)


async def one_delivery_waits(memory: Memory) -> None:
    """Make one of the deliveries pending and due, as if nobody had tried it."""
    await memory.sql(
        "UPDATE delivery SET etat = 'en_attente' WHERE id = (SELECT min(id::text)::uuid FROM delivery)"
    )


async def replays_are(memory: Memory, *etats: str) -> None:
    """Give the first replay jobs these states, one each."""
    await memory.sql(
        "UPDATE replay_job SET etat = ($1::text[])[n]"
        " FROM (SELECT id, row_number() OVER (ORDER BY cree_le, id) AS n FROM replay_job) AS o"
        " WHERE o.id = replay_job.id AND n <= cardinality($1::text[])",
        list(etats),
    )


async def audited_before(memory: Memory, days: int, actor: str, action: str) -> None:
    """Add an audit row for an action that `actor` did `days` days ago."""
    await memory.sql(
        "INSERT INTO audit (at, actor, action, object, detail)"
        " VALUES (now() - make_interval(days => $1), $2, $3, 'centre', '{}')",
        days,
        actor,
        action,
    )


async def another_takes_over(memory: Memory, lease: str) -> bool:
    """Take a lease that has ended for another process, for an hour. Return whether that succeeded."""
    query = """
        UPDATE lease SET holder = gen_random_uuid(), token = token + 1, until = now() + interval '1 hour'
        WHERE name = $1 AND until < now() RETURNING 1
    """
    return bool(await memory.sql(query, lease))


async def applied_elsewhere(memory: Memory) -> bool:
    """Delete all outbox rows, as another process does that applies them. Return whether there were any."""
    return bool(await memory.sql("DELETE FROM outbox RETURNING 1"))


async def many_events_elsewhere(memory: Memory) -> None:
    """Advance the log's numbering as if other processes had accepted three million events."""
    await memory.sql("SELECT setval(pg_get_serial_sequence('event', 'seq'), 3000000)")


async def is_awaited(memory: Memory, menage: UUID) -> None:
    """Make the subjects of a household wait for somebody's answer again."""
    await memory.sql("UPDATE subject SET etat = 'ORIENTEE' WHERE menage = $1", menage)


async def all_settled(memory: Memory) -> None:
    """Mark every entry of the quarantine as resolved."""
    await memory.sql("UPDATE quarantine SET etat = 'resolue', settled_at = now()")


async def came_back(memory: Memory, row: UUID) -> None:
    """Date an open entry of the quarantine as if a replay had just failed."""
    await memory.sql("UPDATE quarantine SET settled_at = now() WHERE id = $1", row)


async def all_open_again(memory: Memory) -> None:
    """Open every entry of the quarantine again and forget its replay. Two concurrent requests leave that: one
    refused, one accepted under its key, neither aware of the other."""
    await memory.sql("UPDATE quarantine SET etat = 'ouverte', replayed_as = NULL, settled_at = NULL")


async def undecided_since(memory: Memory, days: int, etat: str, cause: str, partner: str) -> None:
    """Add an entry to the quarantine that is `days` days old."""
    await memory.sql(
        "INSERT INTO quarantine (id, etat, cause, fingerprint, partner, detail, created_at)"
        " VALUES (gen_random_uuid(), $1, $2, 'e', $3, '{}', now() - make_interval(days => $4))",
        etat,
        cause,
        partner,
        days,
    )


async def strange_record(memory: Memory, raw: bytes) -> None:
    """Add an entry to the quarantine for a Kafka record that is no event."""
    await memory.sql(
        "INSERT INTO quarantine (id, etat, cause, fingerprint, raw, detail)"
        " VALUES (gen_random_uuid(), 'ouverte', 'InvalidContract', 'e', $1, '{}')",
        raw,
    )


async def many_refused_since(memory: Memory, number: int, age: timedelta, cause: str = "c") -> None:
    """Add `number` refused messages with open quarantine entries, and one accepted message, all of this age."""
    messages = """
        INSERT INTO inbox (id, partner, dialect, media_type, etat, raw, received_at)
        SELECT md5('m' || n)::uuid, 'centre', 'x', 'a/b', CASE WHEN n > $1 THEN 'accepte' ELSE 'refuse' END, '',
               now() - $2::interval
        FROM generate_series(1, $1 + 1) n
    """
    entries = """
        INSERT INTO quarantine (id, etat, cause, fingerprint, partner, message_id, detail)
        SELECT gen_random_uuid(), 'ouverte', $1, 'f', 'centre', id, '{}' FROM inbox WHERE etat = 'refuse'
    """
    await memory.sql(messages, number, age)
    await memory.sql(entries, cause)


async def left_unfinished(memory: Memory, menage: UUID, what: str) -> None:
    """Leave the last message about a household unfinished: still being decoded (`en_cours`), or with events that
    wait behind a large file (`held`)."""
    change = {"en_cours": "etat = 'en_cours'", "held": "held = true"}[what]
    last = "(SELECT i.id FROM inbox i JOIN key_link ON holder = i.id WHERE titulaire = $1)"
    await memory.sql(f"UPDATE inbox SET {change} WHERE id = {last}", menage)  # noqa: S608  our own names


async def all_finished(memory: Memory) -> None:
    await memory.sql("UPDATE inbox SET etat = 'accepte', held = false")


async def acknowledgements_match_nothing(memory: Memory) -> None:
    """Add an orphan entry for each acknowledgement, as if it cited a referral that was never sent to its author."""
    await memory.sql(
        "INSERT INTO orphan (event_id, partner, reason)"
        " SELECT id, source, 'SUJET_INCONNU' FROM event WHERE type LIKE '%.orientation.accusee.%'"
    )


async def agreed_upon(memory: Memory, number: int) -> None:
    """Add agreements in force that the SIAO has signed."""
    await memory.sql(
        """
        INSERT INTO subject (id, nature, etat, version, donnees, changed_at)
        SELECT gen_random_uuid(), 'convention', 'EN_VIGUEUR', 1, jsonb_build_object(
            'emetteur', 'siao-01', 'territoire', '01', 'numero', 'C-' || n, 'objet', 'SIAO', 'partenaire', 'etat',
            'attendus', '["siao"]'::jsonb, 'signatures', jsonb_build_object('siao', 'siao-01')), now()
        FROM generate_series(1, $1::int) n
        """,
        number,
    )


# --- loss and damage


async def log_is_lost(memory: Memory) -> None:
    """Delete all events, subjects, deliveries and lanes."""
    for table in ("event", "subject", "delivery", "lane"):
        await memory.sql(f"DELETE FROM {table}")  # noqa: S608  our own names


async def all_tables_are_gone(memory: Memory) -> None:
    """Drop all schemas of the hub, as before its first start."""
    (names,) = await memory.sql("SELECT current_schemas(false)")
    for schema in names[0]:
        await memory.sql(f'DROP SCHEMA "{schema}" CASCADE')


async def tables_went_back(memory: Memory) -> None:
    """Make the tables look restored: the row that identifies them was written by another transaction."""
    await memory.sql("UPDATE origin SET seen_at = seen_at")


async def connections_are_cut(memory: Memory) -> None:
    """Cut all other connections to the server."""
    await memory.sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )


async def crosswalk_is_lost(memory: Memory) -> None:
    await memory.sql("DELETE FROM crosswalk")


async def key_is_lost(memory: Memory, holder: UUID) -> None:
    """Delete the key of a holder, so that nothing sealed under it can be read."""
    assert await memory.sql("DELETE FROM holder_key WHERE holder = $1 RETURNING 1", holder)


async def key_is_damaged(memory: Memory, holder: UUID) -> None:
    """Overwrite one byte of a holder's key."""
    query = (
        "UPDATE holder_key SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 255) WHERE holder = $1"
    )
    await memory.sql(query, holder)


async def saved_keys(memory: Memory, holder: UUID | None = None) -> list[Any]:
    """Return a backup of all keys, or of one holder's."""
    return await memory.sql(
        "SELECT holder, wrapped, master FROM holder_key WHERE holder = $1 OR $1 IS NULL", holder
    )


async def keys_are_put_back(memory: Memory, backup: list[Any]) -> None:
    """Restore those keys of a backup that are gone."""
    put_back = "INSERT INTO holder_key (holder, wrapped, master) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
    for row in backup:
        await memory.sql(put_back, *row.values())


async def events_are_longer(memory: Memory, by: int) -> None:
    """Make the payload of every event longer by so many bytes, without a change of its meaning. The events lose
    their proofs."""
    await memory.sql(
        "UPDATE event SET payload = payload || convert_to(repeat(' ', $1), 'UTF8'), mac = NULL", by
    )


async def event_is_damaged(memory: Memory, delivery: UUID, payload: bytes = b"illisible") -> None:
    """Make the payload of a delivery's event unreadable."""
    await memory.sql(
        "UPDATE event SET payload = $2 FROM delivery d WHERE d.event_id = event.id AND d.id = $1",
        delivery,
        payload,
    )


async def event_names_nobody(memory: Memory, delivery: UUID) -> None:
    """Give a delivery's event a place id that is no UUID. No version of the hub writes that, but a bug might."""
    payload = b'{"clair": {"place": "personne"}, "scelle": []}'
    await memory.sql(
        "UPDATE event SET payload = $2 FROM delivery d WHERE d.event_id = event.id AND d.id = $1",
        delivery,
        payload,
    )


# --- another version of the hub


async def entry_is_unreadable(memory: Memory, partner: str) -> None:
    """Give a partner's registry entry a field that this version cannot read."""
    await memory.sql("UPDATE partner SET entry = entry || $2::jsonb WHERE id = $1", partner, UNREADABLE)


async def new_entry_is_unreadable(memory: Memory) -> None:
    """Add a partner to the registry whose entry this version cannot read."""
    await memory.sql("INSERT INTO partner (id, entry) VALUES ('nouveau', $1)", UNREADABLE)


async def entry_says_more(memory: Memory, partner: str, more: str) -> None:
    """Add fields to a partner's registry entry, as a newer version might write them. `more` is JSON."""
    await memory.sql("UPDATE partner SET entry = entry || $2::jsonb WHERE id = $1", partner, more)


async def subjects_say_more(memory: Memory, more: str) -> None:
    """Add fields to the data of every subject, as a newer version might write them. `more` is JSON."""
    await memory.sql("UPDATE subject SET donnees = donnees || $1::jsonb", more)


async def dialect_is_gone(memory: Memory) -> None:
    """Make all messages be in a dialect that this version does not know."""
    await memory.sql("UPDATE inbox SET dialect = 'dialecte_disparu'")


async def table_is_renamed(memory: Memory, table: str, to: str) -> None:
    await memory.sql(f"ALTER TABLE {table} RENAME TO {to}")


async def schema_is_renamed(memory: Memory, schema: str, to: str) -> None:
    """Rename a schema, so that all its tables are absent at once, as during a restoration."""
    await memory.sql(f'ALTER SCHEMA "{schema}" RENAME TO "{to}"')


async def column_is_added(memory: Memory, table: str) -> None:
    """Add a column to a table, as a later version might."""
    await memory.sql(f"ALTER TABLE {table} ADD COLUMN de_plus text")


async def proofs_are_missing(memory: Memory) -> None:
    """Delete the proofs of all events."""
    await memory.sql("UPDATE event SET mac = NULL")


async def claimed_by_somebody_unknown(memory: Memory, partner: str) -> None:
    """Let another process, which does not identify itself, claim the partner's lanes."""
    await memory.sql("UPDATE lane SET token = token + 1 WHERE partner = $1", partner)


async def partner_was_applied(memory: Memory, partner: str, ago: timedelta) -> None:
    """Set the moment of a partner's registry entry to this span ago."""
    await memory.sql("UPDATE partner SET applied_at = now() - $2::interval WHERE id = $1", partner, ago)


async def received_earlier(memory: Memory, by: timedelta) -> None:
    """Move the receipt of every referral into the past by this span; what followed stays."""
    await memory.sql(
        "UPDATE subject SET donnees = donnees || jsonb_build_object("
        " 'remise_le', CAST(donnees ->> 'remise_le' AS timestamptz) - $1::interval) WHERE donnees ? 'remise_le'",
        by,
    )
