"""Delete rows whose retention is over (`SWEEPS`), and find households that no message names any more. What is
pending, undecided or undelivered stays, with one exception: received bytes are erased after 30 days (`RAW`),
even those of a refused message on which nobody has decided."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from ops.person.sql import ADMITTED
from router.domain.rulebooks.demande import OUVERTES
from router.store.deliveries import DONE
from router.store.log import KEPT
from router.store.quarantine import ENDED
from router.store.sql import Connection, Sql

RAW, DECIDED, AUDIT = timedelta(days=30), timedelta(days=14), timedelta(days=365)
"""How long three kinds of data are kept: received bytes (`RAW`), the quarantine row of a message after the
decision about it (`DECIDED`), and audit rows (`AUDIT`)."""

_TAKEN_IN = "etat NOT IN ('en_cours') AND NOT held"
"""SQL condition on a message `i`: all its rows are decoded, and none of its events is deferred."""
_OPEN_DEMANDS = tuple(map(str, OUVERTES))
_IDLE = f"""
    NOT EXISTS (SELECT FROM outbox o WHERE o.event_id = e.id)
    AND NOT EXISTS (SELECT FROM quarantine q WHERE q.event_id = e.id)
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id)
    AND NOT EXISTS (SELECT FROM orphan x WHERE x.event_id = e.id)
    AND NOT EXISTS (SELECT FROM list_change c WHERE c.event = e.id)
    AND NOT EXISTS (SELECT FROM inbox i WHERE i.id = e.correlation AND NOT ({_TAKEN_IN}))
    AND NOT EXISTS (SELECT FROM subject s WHERE s.id = e.subject AND s.nature = 'demande' AND s.etat IN {_OPEN_DEMANDS})
"""
"""SQL condition on an event `e`: it may leave the log. It is neither pending nor in quarantine, and no other
table needs it."""
_OPEN = f"""(
    EXISTS (SELECT FROM quarantine q WHERE q.message_id = i.id AND q.etat NOT IN {ENDED})
    OR EXISTS (SELECT FROM event e JOIN quarantine q ON q.event_id = e.id
               WHERE e.correlation = i.id AND q.etat NOT IN {ENDED})
    OR EXISTS (SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.correlation = i.id)
)"""
"""SQL condition on a message `i`: it is in quarantine, or one of its events is in quarantine or pending.
Three lookups are faster than a join."""

UNFINISHED = f"(NOT ({_TAKEN_IN}) OR {_OPEN})"
"""SQL condition on a message `i`: a part of it still has to be decoded, decided about or applied."""


def _decided(what: str) -> Sql:
    return Sql(f"""
        DELETE FROM quarantine WHERE ctid IN (
            SELECT ctid FROM quarantine
            WHERE etat IN {ENDED} AND settled_at < now() - CAST(:age AS interval) AND {what}
            LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
    """)


_SWEEPS: Mapping[str, tuple[timedelta, Sql]] = {
    "demandes d'une personne": (
        AUDIT,
        Sql("""
            DELETE FROM person_request WHERE ctid IN (
                SELECT ctid FROM person_request p
                WHERE etat <> 'ouverte' AND decided_at < now() - CAST(:age AS interval)
                  AND NOT EXISTS (SELECT FROM limitation l WHERE l.request = p.id)
                LIMIT :batch) RETURNING id
        """),
    ),
    "octets reçus": (
        RAW,
        Sql(f"""
            WITH old AS (
                SELECT id FROM inbox i WHERE (raw IS NOT NULL OR filename IS NOT NULL)
                  AND received_at < now() - CAST(:age AS interval) AND {_TAKEN_IN}
                LIMIT :batch FOR UPDATE SKIP LOCKED
            ), unkeyed AS (
                DELETE FROM holder_key USING old WHERE holder = old.id
            )
            UPDATE inbox SET raw = NULL, filename = NULL FROM old WHERE inbox.id = old.id RETURNING inbox.id
        """),
    ),
    "octets du bus": (
        RAW,
        Sql("""
            UPDATE quarantine SET raw = NULL WHERE ctid IN (
                SELECT ctid FROM quarantine
                WHERE raw IS NOT NULL AND created_at < now() - CAST(:age AS interval)
                LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
        """),
    ),
    "liens": (
        RAW,
        # A message without links cannot be found when its household is forgotten: its key and nonce go with the links.
        Sql(f"""
            WITH gone AS (
                DELETE FROM key_link WHERE (titulaire, holder) IN (
                    SELECT l.titulaire, l.holder FROM key_link l LEFT JOIN inbox i ON i.id = l.holder
                    WHERE i.id IS NULL
                       OR (i.received_at < now() - CAST(:age AS interval) AND i.raw IS NULL AND {_TAKEN_IN}
                           AND (i.etat = 'refuse' OR NOT {_OPEN}))
                    LIMIT :batch) RETURNING holder
            ), unkeyed AS (
                DELETE FROM holder_key USING gone WHERE holder_key.holder = gone.holder
            )
            SELECT holder FROM gone
        """),
    ),
    "livraisons": (
        KEPT,
        # A delivery that ended before a moment was created before it, and there is an index on the creation. What left
        # under a limitation leaves again at its end.
        Sql(f"""
            DELETE FROM delivery WHERE ctid IN (
                SELECT ctid FROM delivery
                WHERE etat IN {DONE} AND settled_at < now() - CAST(:age AS interval)
                  AND created_at < now() - CAST(:age AS interval)
                  AND NOT EXISTS (
                    SELECT FROM limitation l WHERE l.ident = ANY(ARRAY[delivery.subject, (
                        SELECT menage FROM ({ADMITTED}) AS admitted WHERE id = delivery.event_id)]))
                LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
        """),
    ),
    "changements des listes": (
        KEPT,
        Sql("""
            WITH old AS (
                DELETE FROM list_change WHERE (reader, number) IN (
                    SELECT reader, number FROM list_change WHERE over_at < now() - CAST(:age AS interval)
                    LIMIT :batch) RETURNING reader, number, gone
            ), noted AS (
                UPDATE list_reader r SET whole_from = greatest(r.whole_from, o.number)
                FROM (SELECT reader, max(number) AS number FROM old WHERE gone GROUP BY reader) AS o
                WHERE r.reader = o.reader
            )
            SELECT number AS id FROM old
        """),
    ),
    "journal": (
        KEPT,
        Sql(f"""
            WITH old AS (
                SELECT id FROM event e WHERE time < now() - CAST(:age AS interval) AND {_IDLE}
                LIMIT :batch
            ), noted AS (
                DELETE FROM outcome WHERE event_id = ANY(ARRAY(SELECT id FROM old))
            )
            DELETE FROM event WHERE id = ANY(ARRAY(SELECT id FROM old)) RETURNING id
        """),
    ),
    "quarantaine réglée": (DECIDED, _decided("event_id IS NULL")),
    "quarantaine réglée d'événements": (KEPT, _decided("event_id IS NOT NULL")),
    "orphelines réglées": (
        KEPT,
        Sql("""
            DELETE FROM orphan WHERE event_id IN (
                SELECT event_id FROM orphan WHERE etat <> 'ouverte'
                  AND settled_at < now() - CAST(:age AS interval) LIMIT :batch) RETURNING event_id AS id
        """),
    ),
    "messages": (
        AUDIT,
        Sql(f"""
            WITH old AS (
                SELECT id FROM inbox i WHERE received_at < now() - CAST(:age AS interval)
                  AND raw IS NULL AND {_TAKEN_IN} AND NOT {_OPEN}
                  AND NOT EXISTS (SELECT FROM event e WHERE e.correlation = i.id)
                LIMIT :batch FOR UPDATE SKIP LOCKED
            ), unkeyed AS (
                DELETE FROM holder_key USING old WHERE holder = old.id
            )
            DELETE FROM inbox USING old WHERE inbox.id = old.id RETURNING inbox.id
        """),
    ),
    "rejeux": (
        AUDIT,
        Sql("""
            DELETE FROM replay_job WHERE ctid IN (
                SELECT ctid FROM replay_job WHERE fini_le < now() - CAST(:age AS interval) LIMIT :batch)
            RETURNING id
        """),
    ),
    "têtes de l'audit": (
        AUDIT,
        Sql("""
            DELETE FROM audit_head WHERE ctid IN (
                SELECT ctid FROM audit_head WHERE at < now() - CAST(:age AS interval) LIMIT :batch)
            RETURNING number AS id
        """),
    ),
    "audit": (
        AUDIT,
        Sql("""
            SELECT audit_expired(CAST(:age AS interval), greatest(1, CAST(:batch AS int) / 1000)) AS id
        """),
    ),
}
"""How long each kind of row is kept, and the statement that deletes the old rows of that kind. The key is the
kind's French name."""
SWEEPS = tuple(_SWEEPS)

_THEIRS = "(SELECT h.holder UNION ALL SELECT id FROM subject WHERE menage = h.holder)"
"""SQL subquery for the ids of the household `h.holder` and of its subjects."""
_UNHEARD = Sql("""
    SELECT h.holder FROM heard h LEFT JOIN subject own ON own.id = h.holder
    WHERE (CAST(:after AS uuid) IS NULL OR h.holder > :after) AND h.at < now() - CAST(:age AS interval)
      AND NOT EXISTS (SELECT FROM heard o WHERE o.holder = own.menage AND o.holder <> h.holder)
    ORDER BY h.holder LIMIT :batch
""")
_MAY_BE_FORGOTTEN = Sql(f"""
    SELECT NOT EXISTS (SELECT FROM heard o WHERE o.holder = ANY(CAST(:ids AS uuid[]))
                       AND o.at >= now() - CAST(:age AS interval))
       AND NOT EXISTS (SELECT FROM subject s WHERE s.id = ANY(CAST(:ids AS uuid[]))
                       AND s.nature || ' ' || s.etat = ANY(CAST(:etats AS text[])))
       AND NOT EXISTS (SELECT FROM key_link l JOIN inbox i ON i.id = l.holder
                       WHERE l.titulaire = ANY(CAST(:ids AS uuid[])) AND {UNFINISHED})
       AND NOT EXISTS (SELECT FROM person_request r WHERE r.menage = ANY(CAST(:ids AS uuid[]))
                       AND (r.etat = 'ouverte' OR r.etat = 'accordee' AND r.droit = 'limitation')) AS allowed
""")
_STILL_OPEN = Sql(f"""
    WITH h AS (SELECT unnest(CAST(:menages AS uuid[])) AS holder)
    SELECT (SELECT count(DISTINCT s.id) FROM h JOIN subject s ON s.id IN {_THEIRS}
            WHERE s.nature || ' ' || s.etat = ANY(CAST(:etats AS text[])))
         + (SELECT count(DISTINCT i.id) FROM h JOIN key_link l ON l.titulaire IN {_THEIRS}
            JOIN inbox i ON i.id = l.holder WHERE {UNFINISHED}) AS count
""")


async def remove(connection: Connection, sweep: str, batch: int) -> int:
    """Delete at most `batch` rows of the kind `sweep` whose retention is over. For some kinds, the rows stay,
    and only their stored bytes are deleted. Return how many rows were treated. 0 means that none is left,
    except rows that another transaction has locked."""
    age, statement = _SWEEPS[sweep]
    return len(await statement.all(connection, age=age, batch=batch))


async def unheard(connection: Connection, after: UUID | None, age: timedelta, batch: int) -> list[UUID]:
    """Return the ids of at most `batch` households that no message has named for longer than `age`. Referrals
    and candidacies whose household is unknown are returned too. The ids come in ascending order, and are
    greater than `after`; None starts from the first."""
    return await _UNHEARD.column(connection, after=after, age=age, batch=batch)


async def may_be_forgotten(
    connection: Connection, ids: Collection[UUID], age: timedelta, waited_for: Sequence[str]
) -> bool:
    """Return whether all these ids may be forgotten together. They may if all of the following is true:

    * no message has named any of them within `age`;
    * nothing about them is unfinished;
    * no person's request about their data is open, and no granted request keeps these data (GDPR 18).

    `waited_for` has the states of subjects that wait for an answer, each after the type of subject: «
    orientation PROPOSEE ».
    """
    row = await _MAY_BE_FORGOTTEN.one(connection, ids=list(ids), age=age, etats=list(waited_for))
    return bool(row.allowed)


async def still_open_for(connection: Connection, menages: Sequence[UUID], waited_for: Sequence[str]) -> int:
    """Count what is unfinished for these households: subjects that wait for an answer, and messages that are
    not yet decoded or applied, or are in quarantine. `waited_for` has the states of subjects that wait for an
    answer, each after the type of subject: « orientation PROPOSEE »."""
    row = await _STILL_OPEN.one(connection, menages=list(menages), etats=list(waited_for))
    return int(row.count)
