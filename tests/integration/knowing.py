"""The state of a hub for the report of a wait that ended in vain, so that one failed run is enough to find the
cause."""

import asyncio

from ops.tracing import way
from router.store.database import Connection, Database

LATEST, STOPS = 8, 20
"""Number of messages whose way is reported, and largest number of steps of each, the last ones."""
ANSWERS_WITHIN_SECONDS = 30

MESSAGES = "SELECT correlation FROM event GROUP BY 1 UNION SELECT id FROM inbox ORDER BY 1 DESC LIMIT $1"
TABLES = {
    "à appliquer": """
        SELECT o.seq, o.shard, o.partner, o.bulk, e.type, e.id, e.subject
        FROM outbox o JOIN event e ON e.id = o.event_id ORDER BY o.seq LIMIT 50""",
    "quarantaine": """
        SELECT etat, cause, fingerprint, detail, event_id, message_id FROM quarantine ORDER BY created_at LIMIT 50""",
    "livraisons": """
        SELECT d.etat, d.partner, e.type, d.attempts, d.error, l.due_at - now() AS next_in, d.id, d.subject
        FROM delivery d LEFT JOIN event e ON e.id = d.event_id
        LEFT JOIN lane l ON l.partner = d.partner AND l.subject = d.subject ORDER BY d.seq DESC LIMIT 50""",
    "files": "SELECT to_jsonb(lane)::text AS lane FROM lane WHERE pending > 0 LIMIT 50",
    "partenaires": "SELECT to_jsonb(contact)::text AS contact FROM contact LIMIT 50",
    "baux": "SELECT to_jsonb(lease)::text AS lease FROM lease",
}


async def known(database: Database) -> str:
    """Return the way of the latest messages, then what is pending, what has failed, and who holds what. If the
    hub's database does not answer, return why."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_SECONDS), database.statement() as connection:
            return "\n".join([*await _ways(connection), *await _tables(connection)])
    except Exception as exc:  # noqa: BLE001  the failed wait is the error to report
        return f"la base ne dit rien : {exc!r}"


async def _ways(connection: Connection) -> list[str]:
    told: list[str] = []
    for row in await connection.fetch(MESSAGES, LATEST):
        stops = await way.of_message(connection, row["correlation"])
        told += [
            f"— message {row['correlation']}",
            *(f"{stop.at or 'maintenant'} {stop.sentence}" for stop in stops),
        ]
    return told


async def _tables(connection: Connection) -> list[str]:
    told: list[str] = []
    for name, query in TABLES.items():
        told.append(f"— {name}")
        for row in await connection.fetch(query):
            told.append(", ".join(f"{column} {value}" for column, value in row.items() if value is not None))
    return told
