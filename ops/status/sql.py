"""Read what is pending, the state of partners, and which answers are awaited. At most `most` rows of a kind
are counted, so that no statement reads a whole table."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ops.status.findings import MAY_LOSE
from router.domain.vitals import Unanswered
from router.store.quarantine import FURTHER, GROUPS, IS_A_MESSAGE, OF_GROUP
from router.store.queues import QUEUES
from router.store.real import is_real
from router.store.sql import Connection, Row, Sql

SOON = timedelta(hours=1)
"""A deadline is near when less than this time is left. Unanswered subjects are read in groups. All near
deadlines are read, and the subject with the earliest of them stands for its group. In a group without a near
deadline, the subject that has waited longest stands for the group, and only its deadline is read."""
_WAITS = "etat IN ('en_attente', 'en_vol')"
_IN_BOX = "etat = 'deposee'"
_TASK = "etat IN ('refusee', 'incertaine')"


def _each_partner(condition: str) -> str:
    """Return an SQL query for the partners that have a delivery which meets `condition`. It takes one index
    look-up for each partner."""
    first = f"SELECT partner FROM delivery WHERE {condition}"
    return f"""
        ({first} ORDER BY partner LIMIT 1)
        UNION ALL
        SELECT ({first} AND partner > found.partner ORDER BY partner LIMIT 1) FROM found
        WHERE found.partner IS NOT NULL
    """


def _counted(condition: str) -> str:
    return f"""(SELECT count(*) FROM (
        SELECT FROM delivery WHERE partner = found.partner AND {condition} LIMIT CAST(:most AS bigint)) AS d)"""


def _unproven(subject: str) -> str:
    return f"({subject}.nature <> 'demande' AND NOT {subject}.donnees ? 'remise_le')"


_REQUESTS_DUE = Sql("""
    SELECT CAST(id AS text) AS id, droit, due_at FROM person_request
    WHERE etat = 'ouverte' AND due_at < now() + CAST(:ahead AS interval) ORDER BY due_at LIMIT 100
""")
_PILES = Sql(f"""{QUEUES}
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM inbox WHERE etat = 'en_cours' OR held LIMIT CAST(:most AS bigint)) AS i) AS differe,
        (SELECT received_at FROM inbox WHERE etat = 'en_cours' OR held ORDER BY received_at LIMIT 1) AS differe_since,
        (SELECT count(*) FROM (
            SELECT FROM outbox WHERE shard >= 0 LIMIT CAST(:most AS bigint)) AS o) AS a_appliquer,
        (SELECT time FROM event WHERE id = (
            SELECT oldest.event_id FROM queue CROSS JOIN LATERAL (
                SELECT event_id, seq FROM outbox WHERE bulk = queue.bulk AND partner = queue.partner AND shard >= 0
                ORDER BY seq LIMIT 1) AS oldest
            ORDER BY oldest.seq LIMIT 1)) AS a_appliquer_since,
        (SELECT count(*) FROM (
            SELECT FROM outbox WHERE shard = -1 AND {is_real("partner")}
            LIMIT CAST(:most AS bigint)) AS o) AS mis_de_cote,
        (SELECT min(e.time) FROM event e WHERE e.id = ANY(ARRAY(
            SELECT event_id FROM outbox WHERE shard = -1 AND {is_real("partner")} LIMIT 1000))) AS mis_de_cote_since,
        (SELECT max(at) FROM backlog_sample) AS sampled_at
""")
_WAITING = Sql(f"""
    WITH RECURSIVE found AS ({_each_partner(_WAITS)})
    SELECT partner, {_counted(_WAITS)} AS number,
           (SELECT created_at FROM delivery WHERE partner = found.partner AND {_WAITS}
            ORDER BY created_at LIMIT 1) AS oldest,
           (SELECT min(first.due_at) FROM (VALUES (false), (true)) AS kind(bulk) CROSS JOIN LATERAL (
                SELECT due_at FROM lane WHERE lane.partner = found.partner AND bulk = kind.bulk AND pending > 0
                ORDER BY due_at LIMIT 1) AS first) AS next_try
    FROM found WHERE partner IS NOT NULL
""")
_BOXES = Sql(f"""
    WITH RECURSIVE found AS ({_each_partner(_IN_BOX)})
    SELECT partner, {_counted(_IN_BOX)} AS number,
           (SELECT settled_at FROM delivery WHERE partner = found.partner AND {_IN_BOX}
            ORDER BY seq LIMIT 1) AS oldest
    FROM found WHERE partner IS NOT NULL
""")
_TASKS = f"""
    WITH RECURSIVE found AS ({_each_partner(_TASK)})
    SELECT found.partner, few.* FROM found CROSS JOIN LATERAL (
        SELECT etat, subject, settled_at FROM delivery WHERE partner = found.partner AND {_TASK}
        ORDER BY created_at LIMIT CAST(:most AS bigint)) AS few
    WHERE {is_real("found.partner")}
"""
"""The SQL query for the deliveries about which a person has to decide. It reads at most `most` deliveries to
each partner: those that were created first."""
_UNDECIDED = Sql(f"""
    SELECT partner, etat, count(*) AS number, min(settled_at) AS oldest FROM ({_TASKS}) AS tasks GROUP BY partner, etat
""")
_SENDERS = Sql("""
    SELECT p.partner, i.last_in, n.messages,
           no.refusals, no.partials, no.partials_since, no.rows_refused, lost.causes AS partial_causes, lost.rows_read,
           c.etat, c.since, c.cause, c.failures, c.next_try_at,
           c.polled_at, c.seen_at, c.succeeded_at, c.refused_types, entry.applied_at,
           rhythm.learnt, rhythm.silent_since, r.seen_at AS read_at, r.succeeded_at AS read_well_at,
           r.failing_since, r.failures AS read_failures, r.cause AS read_cause,
           k.retired_at, k.refused_since AS key_refused_since, k.refused_at AS key_refused_at,
           CASE WHEN k.key IS NOT NULL THEN (
               SELECT max(used_at) FROM key_use
               WHERE key IN (SELECT jsonb_array_elements_text(entry.entry -> 'cles_api'))) END AS valid_used_at
    FROM (SELECT unnest(CAST(:partners AS text[])) UNION
          SELECT partner FROM retired_key WHERE refused_at > now() - interval '1 hour') AS p(partner)
    CROSS JOIN LATERAL (SELECT (SELECT received_at FROM inbox WHERE inbox.partner = p.partner
                                ORDER BY received_at DESC LIMIT 1) AS last_in) AS i
    CROSS JOIN LATERAL (SELECT count(*) AS messages FROM (
        SELECT FROM inbox WHERE inbox.partner = p.partner AND received_at > now() - CAST(:recent AS interval)
        LIMIT CAST(:most AS bigint)) AS few) AS n
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE etat = 'refuse') AS refusals,
               count(*) FILTER (WHERE etat = 'partiel') AS partials,
               min(received_at) FILTER (WHERE etat = 'partiel') AS partials_since,
               COALESCE(sum(rejected) FILTER (WHERE etat = 'partiel'), 0) AS rows_refused
        FROM (SELECT etat, rejected, received_at FROM inbox
              WHERE inbox.partner = p.partner AND etat IN ('refuse', 'partiel')
                AND received_at > now() - interval '24 hours' LIMIT CAST(:most AS bigint)) AS few) AS no
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(code, number) AS causes, sum(rows_read) AS rows_read FROM (
            SELECT rejet ->> 'code' AS code, count(*) AS number,
                   count(*) FILTER (WHERE of_row = 1) AS rows_read
            FROM (SELECT id, rejections FROM inbox WHERE inbox.partner = p.partner AND etat = 'partiel'
                    AND received_at > now() - interval '24 hours' ORDER BY received_at DESC LIMIT 3) AS newest
            CROSS JOIN LATERAL (
                SELECT rejet, row_number() OVER (PARTITION BY rejet -> 'ligne') AS of_row
                FROM jsonb_path_query(rejections, '$[0 to 49]') AS rejet) AS each GROUP BY code) AS codes
    ) AS lost ON no.partials > 0
    LEFT JOIN contact c ON c.partner = p.partner
    LEFT JOIN reading r ON r.partner = p.partner
    LEFT JOIN partner entry ON entry.id = p.partner
    LEFT JOIN rhythm ON rhythm.partner = p.partner
    LEFT JOIN LATERAL (SELECT * FROM retired_key WHERE retired_key.partner = p.partner
                       AND refused_at > now() - interval '1 hour' ORDER BY refused_at DESC LIMIT 1) AS k ON true
""")
_UNANSWERED = Sql(f"""
    WITH near AS MATERIALIZED (
        SELECT subject, min(due_at) AS due_at, min(due_at) FILTER (WHERE due_at < now()) AS past_at,
               min(due_at) FILTER (WHERE due_at < now() AND kind <> ALL(CAST(:not_owed AS text[]))) AS overdue_at
        FROM (
            SELECT subject, kind, due_at FROM deadline
            WHERE (stage > 0 OR next_at IS NULL) AND due_at < now() + CAST(:soon AS interval)
            UNION
            SELECT subject, kind, due_at FROM deadline
            WHERE next_at < now() + CAST(:soon AS interval) AND due_at < now() + CAST(:soon AS interval)) AS every
        GROUP BY subject
    ), refused AS MATERIALIZED (
        SELECT DISTINCT subject, partner FROM ({_TASKS}) AS tasks WHERE etat = 'refusee'
    )
    SELECT every.*, longest.changed_at AS longest_since, {_unproven("longest")} AS longest_unproven,
           {_unproven("longest")} AND (longest.id, every.recipient) IN (SELECT * FROM refused) AS longest_refused,
           (SELECT min(due_at) FROM deadline WHERE subject = every.longest) AS deadline
    FROM (SELECT owed.etat, owed.destinataire AS recipient, few.nature, count(*) AS number,
           min(few.changed_at) AS since,
           (array_agg(few.id ORDER BY near.due_at, few.changed_at))[1] AS longest,
           count(*) FILTER (WHERE few.unproven) AS unproven,
           count(*) FILTER (WHERE few.unproven AND refused.subject IS NOT NULL) AS refused,
           count(near.overdue_at) AS overdue, min(near.overdue_at) AS overdue_since, count(near.past_at) AS past
    FROM (
        WITH RECURSIVE pairs AS (
            (SELECT s.etat, s.donnees ->> 'destinataire' AS destinataire
             FROM unnest(CAST(:etats AS text[])) AS e(etat)
             CROSS JOIN LATERAL (SELECT * FROM subject WHERE subject.etat = e.etat AND donnees ? 'destinataire'
                                 ORDER BY donnees ->> 'destinataire' LIMIT 1) AS s)
            UNION ALL
            SELECT pairs.etat, (
                SELECT donnees ->> 'destinataire' FROM subject
                WHERE subject.etat = pairs.etat AND donnees ? 'destinataire'
                  AND donnees ->> 'destinataire' > pairs.destinataire
                ORDER BY donnees ->> 'destinataire' LIMIT 1)
            FROM pairs WHERE pairs.destinataire IS NOT NULL
        )
        SELECT etat, destinataire FROM pairs WHERE destinataire IS NOT NULL AND {is_real("destinataire")}
    ) AS owed
    CROSS JOIN LATERAL (
        SELECT id, nature, changed_at, {_unproven("subject")} AS unproven FROM subject
        WHERE subject.etat = owed.etat AND donnees ? 'destinataire'
          AND donnees ->> 'destinataire' = owed.destinataire
        ORDER BY changed_at LIMIT CAST(:most AS bigint)
    ) AS few
    LEFT JOIN near ON near.subject = few.id
    LEFT JOIN refused ON (refused.subject, refused.partner) = (few.id, owed.destinataire)
    WHERE few.nature || ' ' || owed.etat = ANY(CAST(:awaited AS text[]))
    GROUP BY owed.etat, owed.destinataire, few.nature) AS every
    JOIN subject AS longest ON longest.id = every.longest
    ORDER BY deadline, since
""")
_QUARANTINE = Sql(f"""
    WITH RECURSIVE found(cause, sender) AS ({GROUPS}), few AS MATERIALIZED (
        SELECT oldest.* FROM found CROSS JOIN LATERAL (
            SELECT cause, partner, created_at, fingerprint, {IS_A_MESSAGE} AS refused FROM {OF_GROUP}
            ORDER BY created_at LIMIT CAST(:most AS bigint)) AS oldest
        WHERE {is_real("found.sender")}
    ), accepted AS MATERIALIZED (
        SELECT partner, (
            SELECT received_at FROM (
                SELECT etat, received_at FROM inbox WHERE inbox.partner = sender.partner
                ORDER BY received_at DESC LIMIT CAST(:most AS bigint)) AS newest
            WHERE etat = 'accepte' LIMIT 1) AS at
        FROM (SELECT DISTINCT partner FROM few WHERE refused) AS sender)
    SELECT every.cause, every.partner, number, since, until, refused, COALESCE(also, '{{}}') AS also, run_since FROM (
        SELECT cause, partner, count(*) AS number, min(created_at) AS since, max(created_at) AS until, refused,
               min(created_at) FILTER (WHERE created_at > COALESCE(accepted.at, '-infinity')) AS run_since
        FROM few LEFT JOIN accepted USING (partner) GROUP BY cause, partner, refused) AS every
    LEFT JOIN ({FURTHER}) AS further
           ON every.refused AND (further.cause, further.partner) = (every.cause, every.partner)
    ORDER BY since
""")
_NUMBERED = """
    COALESCE(pg_sequence_last_value(pg_get_serial_sequence('event', 'seq')), 0) AS accepted,
    COALESCE(pg_sequence_last_value(pg_get_serial_sequence('delivery', 'seq')), 0) AS owed
"""
_TAKE_SAMPLE = Sql(f"""
    WITH old AS (DELETE FROM backlog_sample WHERE at < now() - interval '1 day')
    INSERT INTO backlog_sample (accepted, owed, piles)
    SELECT accepted, owed, CAST(:piles AS jsonb) FROM (SELECT {_NUMBERED}) AS numbered
    ON CONFLICT (at) DO NOTHING
""")
_COMPARED = Sql(f"""
    SELECT s.at, now() AS now, s.piles, n.accepted - s.accepted AS accepted, n.owed - s.owed AS owed
    FROM (SELECT {_NUMBERED}) AS n
    CROSS JOIN unnest(CAST(:ages AS interval[])) WITH ORDINALITY AS asked(about, number)
    LEFT JOIN LATERAL (
        SELECT * FROM backlog_sample
        WHERE at BETWEEN now() - greatest(2 * about, interval '5 minutes') AND now() - about / 6
        ORDER BY at > now() - about, abs(extract(epoch FROM now() - about - at)) LIMIT 1) AS s ON true
    ORDER BY asked.number
""")
_REPLICAS = Sql("""
    SELECT application_name AS name, COALESCE(sync_state, '?') AS state, EXISTS (
        SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical') AS logical
    FROM pg_stat_replication r ORDER BY name
""")
_SERVER = Sql("""
    SELECT current_setting('synchronous_standby_names') AS wanted,
           (SELECT jsonb_object_agg(code || ' ' || about, least(since, first_seen)) FROM alarm
            WHERE gone_at IS NULL AND ended_at IS NULL) AS began,
           (SELECT max(least(since, first_seen)) FROM alarm
            WHERE code = ANY(CAST(:breakdowns AS text[]))) AS broke_at,
           COALESCE((SELECT max(at) FROM wrapping_key),
                    (SELECT at FROM audit WHERE action NOT LIKE 'message.%' ORDER BY id LIMIT 1), now()) AS turned_at,
           ARRAY(
               SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ANY(current_schemas(false)) AND c.relkind = 'r' AND c.relname <> 'alembic_version'
                 AND NOT pg_has_role(c.relowner, 'USAGE')
                 AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) AS given WHERE given.grantee <> c.relowner)
               ORDER BY c.relname) AS not_granted
""")


async def piles(connection: Connection, most: int) -> Row:
    """Return one row that has, for each stage before the deliveries, the number of its items, counted up to
    `most`, and the moment of the oldest. The row also has the moment of the newest sample."""
    return await _PILES.one(connection, most=most)


async def waiting(connection: Connection, most: int) -> Sequence[Row]:
    """Return rows (partner, number, oldest, next_try) about the deliveries still to be sent. `number` counts
    a partner's deliveries up to `most`. Partners that left the registry are included."""
    return await _WAITING.all(connection, most=most)


async def boxes(connection: Connection, most: int) -> Sequence[Row]:
    """Return rows (partner, number, oldest) about the deliveries that lie in partners' mailboxes. `number`
    counts a partner's deliveries up to `most`."""
    return await _BOXES.all(connection, most=most)


async def undecided(connection: Connection, most: int) -> Sequence[Row]:
    """Count the deliveries that were refused, or whose outcome is unknown. Return rows (partner, etat,
    number, oldest); `oldest` is when the first of them was refused, or its outcome became unknown. If a
    partner has more than `most` such deliveries, only the `most` that were created first are counted."""
    return await _UNDECIDED.all(connection, most=most)


async def senders(
    connection: Connection, partners: Sequence[str], recent: timedelta, most: int
) -> Sequence[Row]:
    """Return a row for each partner in `partners`, with what the hub knows of it as sender and recipient. A
    partner that is not in `partners` gets a row too if a withdrawn API key of it was refused within the last
    hour. Two counts stop at `most`: that of the messages received within `recent`, and that of the messages
    refused, as a whole or in part, in the last 24 hours.

    The column `partial_causes` says why rows were refused in the partner's three newest messages that were
    accepted in part in the last 24 hours. Only the first 50 rejections of each message are read.
    """
    return await _SENDERS.all(connection, partners=list(partners), recent=recent, most=most)


async def unanswered(
    connection: Connection, awaited: Sequence[str], not_owed: Sequence[str], most: int
) -> Sequence[Unanswered]:
    """Return the subjects that wait for an answer, in groups by type (`nature`), state and recipient.
    `awaited` has the types and states that wait for an answer, each written « nature etat ». At most `most`
    subjects of each state and recipient are counted.

    One subject stands for each group (`Unanswered.longest`):

    * the one with the earliest deadline, if this deadline is over or ends within the hour;
    * otherwise the one that has waited longest.

    The groups are sorted by the deadline of this subject, the earliest first.

    `not_owed` has the kinds of deadline that bind the hub, and not the recipient. They never make an answer
    overdue.
    """
    etats = sorted({each.partition(" ")[2] for each in awaited})
    rows = await _UNANSWERED.all(
        connection, etats=etats, awaited=list(awaited), not_owed=list(not_owed), soon=SOON, most=most
    )
    return [Unanswered(**row) for row in rows]


async def quarantined(connection: Connection, most: int) -> Sequence[Row]:
    """Group the open quarantine rows, about which nobody has decided yet, by cause and sender. Only the
    `most` oldest rows of each cause and sender are read. Messages that were refused as a whole are never in a
    group with other rows. If such a message has several causes, its group is that of its column `cause`.
    Return one row for each group:

    * cause, partner: the cause and the sender;
    * number: how many of the rows read are in the group;
    * since, until: when the first and the last of them came;
    * refused: True if they are messages that were refused as a whole;
    * also: the further causes of these messages, each with the number of messages that have it; empty if
      `refused` is False;
    * run_since: when the first of these messages came, apart from those older than the sender's last message
      that was accepted in full; None if all are older. It means nothing if `refused` is False.
    """
    return await _QUARANTINE.all(connection, most=most)


async def take_sample(connection: Connection, piles_as_json: str) -> None:
    """Store a sample: the number of items at each stage (`piles_as_json`), and the last sequence numbers of
    events and deliveries. Samples older than a day are deleted."""
    await _TAKE_SAMPLE.run(connection, piles=piles_as_json)


class Sample(NamedTuple):
    """A sample, compared with the present: the number of items that each stage (`piles`) had at the moment
    `at`, and how many events and deliveries were added between `at` and `now`."""

    at: datetime
    now: datetime
    piles: Mapping[str, int]
    accepted: int
    """The number of events that the hub accepted since `at`."""
    owed: int
    """The number of deliveries created since `at`."""


async def compared(connection: Connection, ages: Sequence[timedelta]) -> list[Sample | None]:
    """Return, for each age in `ages`, a stored sample of about that age, to compare it with the present.
    Samples older than twice the age (or than five minutes, if this is more), and samples younger than a sixth
    of the age, do not count. Of all others, return:

    * the youngest of those that have at least the age;
    * if there is none, the oldest of the younger ones;
    * if there is none either, None.
    """
    rows = await _COMPARED.all(connection, ages=list(ages))
    return [None if row.at is None else Sample(**row) for row in rows]


async def server(connection: Connection) -> Row:
    """Return one row about the database server and the alarms:

    * wanted: the replicas for which each commit waits;
    * began: when each present alarm began (ISO 8601). The key is the alarm's code with what it concerns, such
      as « bus kafka »;
    * broke_at: when the newest breakdown in which messages may be lost (`MAY_LOSE`) began, even if it is
      over;
    * turned_at: when the master key was last changed; if it never was, when the audit began;
    * not_granted: the tables on which nobody but their owner has rights. It is empty if the hub itself acts
      as their owner.
    """
    return await _SERVER.one(connection, breakdowns=MAY_LOSE)


async def replicas(connection: Connection) -> Sequence[Row]:
    """Return rows (name, state, logical) about the replicas that are connected to the server. `state` is `?`
    if the hub has no right to see it. `logical` is True for a logical replica, which copies some tables, and
    False for a standby, which copies the whole server."""
    return await _REPLICAS.all(connection)


async def requests_due(connection: Connection, ahead: timedelta) -> Sequence[Row]:
    """Return people's requests about their data that have no answer yet and are overdue, or due within
    `ahead`. At most 100 are returned, the first due first. Rows have the request's id, the right that the
    person exercises, such as access or erasure (`droit`), and the due date (`due_at`)."""
    return await _REQUESTS_DUE.all(connection, ahead=ahead)
