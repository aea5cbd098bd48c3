"""Read and write the tables of duplicate detection: encrypted cards, fingerprints of blocking keys, and
pairs. When a household is forgotten, its rows are deleted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from router.store import keys
from router.store.outcomes import HAD_AN_EFFECT
from router.store.queues import QUEUES
from router.store.sql import Connection, Row, Sql
from router.store.subjects import STAYS

LARGEST_BLOCK = 400
"""Maximum number of households that share a blocking key. A key that more households share proves nothing and
is ignored."""
MOST_NEIGHBOURS = 2_000
"""Maximum number of households that are compared with one household."""
OVERLAP = 5_000
"""How many of the last sequence numbers are read a second time: transactions commit out of order."""
SPAN = 20_000
"""How many sequence numbers one statement searches: it must not read the whole rest of the log."""

EVER_TIED = "d.etat <> 'ecarte' AND d.decided_at IS NOT NULL"
"""SQL condition on a pair `d`: a person has decided that both are one household, and nobody has decided the
opposite since."""


DESCRIBED_AGAIN = f"""
    UNION ALL SELECT CAST(jsonb_array_elements_text(s.donnees -> 'autres_menages') AS uuid) FROM subject s
        WHERE s.menage = tied.id
    UNION ALL SELECT s.menage FROM subject s
        WHERE s.donnees ? 'autres_menages' AND s.donnees -> 'autres_menages' ? CAST(tied.id AS text)
    UNION ALL SELECT referral.menage FROM subject s
        JOIN subject referral ON referral.id = CAST(s.donnees ->> 'orientation' AS uuid)
        WHERE s.menage = tied.id AND s.{STAYS}
    UNION ALL SELECT stay.menage FROM (
        SELECT id FROM subject WHERE menage = tied.id
        UNION SELECT r.id FROM subject d JOIN subject r
            ON r.donnees ? 'demande' AND r.donnees ->> 'demande' = CAST(d.id AS text)
            WHERE d.menage = tied.id AND d.nature = 'demande'
    ) AS referral JOIN subject stay
        ON stay.{STAYS} AND stay.donnees ->> 'orientation' = CAST(referral.id AS text)
"""
"""SQL for more links between ids of one household, beside decided pairs: the argument `further` of `tied`.
Each link leads from the household `tied.id` to another id. There are two kinds. The first leads to another id
under which a demand describes its household. The second joins the household of a referral and that of a
request that cites the referral: a request for aide sociale (social assistance that pays for a stay), or a
designation under DAHO (enforceable right to shelter)."""


def tied(pairs: str, further: str = "") -> str:
    """Return an SQL `WITH` clause that finds, for each household in the SQL parameter `:menages`, this
    household and all others that a chain of links joins to it. The clause makes a table `tied(menage, id)`, with
    one row for each household found: `menage` is the household in the parameter, `id` the household found. A
    link is a pair `d` of the table `duplicate` that meets the SQL condition `pairs`, such as « d.etat =
    'confirme' ». `further` is SQL for links of other kinds."""
    # An array, because PostgreSQL expects few rows of it: it would make room for too many.
    return f"""
        WITH RECURSIVE tied(menage, id) AS (
            SELECT m, m FROM unnest(CAST(:menages AS uuid[])) AS m
            UNION
            SELECT tied.menage, next.id FROM tied CROSS JOIN LATERAL unnest(ARRAY(
                SELECT d.autre AS id FROM duplicate d WHERE d.menage = tied.id AND {pairs}
                UNION ALL SELECT d.menage FROM duplicate d WHERE d.autre = tied.id AND {pairs}
                {further}
            )) AS next(id) WHERE next.id IS NOT NULL
        )
    """


def _of_theirs(pairs: str, order: str) -> str:
    side = "SELECT * FROM duplicate WHERE siaos[{}] = theirs.siao AND {} ORDER BY {} LIMIT :limit"
    sides = " UNION ALL ".join(f"({side.format(number, pairs, order)})" for number in (1, 2))
    return f"""
        SELECT DISTINCT d.* FROM unnest(CAST(:siaos AS text[])) AS theirs(siao) CROSS JOIN LATERAL ({sides}) AS d
        ORDER BY {order} LIMIT :limit
    """


_BOUNDS = Sql(f"""{QUEUES}
    SELECT (SELECT COALESCE(max(seen), 0) FROM household_card) AS seen,
           LEAST((SELECT min(e.seq) FROM queue CROSS JOIN LATERAL (
                      SELECT event_id FROM outbox
                      WHERE bulk = queue.bulk AND partner = queue.partner AND shard >= 0 ORDER BY seq LIMIT 1
                  ) AS oldest JOIN event e ON e.id = oldest.event_id),
                 (SELECT min(e.seq) FROM inbox i JOIN event e ON e.correlation = i.id
                  WHERE i.held AND e.message_row IS NOT NULL)) AS waiting,
           COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence('event', 'seq') AS regclass)), 0) AS last
""")
_EVENTS = Sql(f"""
    SELECT e.id, e.seq, e.type, e.source, e.subject, e.time, e.payload,
           CASE WHEN s.nature IN ('demande', 'daho', 'examen') THEN s.donnees ->> 'destinataire'
                ELSE COALESCE(s.donnees ->> 'siao', s.donnees ->> 'emetteur') END AS siao
    FROM event e LEFT JOIN subject s ON s.id = e.subject
    WHERE e.seq > :after AND e.seq <= CAST(:until AS bigint) AND e.type = ANY(CAST(:types AS text[]))
      AND {HAD_AN_EFFECT}
      AND (e.type <> ALL(CAST(:describing AS text[]))
           OR NOT EXISTS (SELECT FROM household_card c WHERE c.menage = s.menage AND c.seen >= e.seq))
    ORDER BY e.seq LIMIT :limit
""")
_CARDS = Sql(
    "SELECT menage, siao, sealed, seen FROM household_card WHERE menage = ANY(CAST(:menages AS uuid[]))"
)
_KEEP = Sql("""
    INSERT INTO household_card (menage, siao, sealed, seen) VALUES (:menage, :siao, :sealed, :seen)
    ON CONFLICT (menage) DO UPDATE SET siao = excluded.siao, sealed = excluded.sealed, seen = excluded.seen
""")
_BLOCKS = Sql("""
    WITH gone AS (DELETE FROM household_block WHERE menage = :menage AND block <> ALL(CAST(:blocks AS bytea[])))
    INSERT INTO household_block (block, menage) SELECT b, :menage FROM unnest(CAST(:blocks AS bytea[])) AS b
    ON CONFLICT DO NOTHING
""")
_NEIGHBOURS = Sql("""
    SELECT b.menage FROM unnest(CAST(:blocks AS bytea[])) AS mine(block)
    CROSS JOIN LATERAL (SELECT menage FROM household_block h WHERE h.block = mine.block LIMIT :largest) AS b
    WHERE b.menage <> :menage
      AND (SELECT count(*) FROM (SELECT FROM household_block h WHERE h.block = mine.block LIMIT :largest + 1) AS n)
          <= :largest
    GROUP BY b.menage ORDER BY count(*) DESC, b.menage LIMIT :most
""")
_UNDER_ANOTHER = Sql("""
    SELECT menage FROM household_card c
    WHERE (CAST(:after AS uuid) IS NULL OR menage > :after) AND EXISTS (
        SELECT FROM household_block b WHERE b.menage = c.menage AND substring(b.block FROM 33) <> :writer)
    ORDER BY menage LIMIT :most
""")
_LOCKED = Sql("""
    SELECT menage, siao, sealed, seen FROM household_card WHERE menage = ANY(CAST(:menages AS uuid[]))
    ORDER BY menage FOR UPDATE
""")
_PROPOSE = Sql("""
    INSERT INTO duplicate (menage, autre, etat, indices, siaos)
    VALUES (:menage, :autre, 'propose', CAST(:indices AS text[]), CAST(:siaos AS text[]))
    ON CONFLICT (menage, autre) DO NOTHING RETURNING menage
""")
_HOUSEHOLDS = Sql("""
    SELECT id, array_agg(DISTINCT menage) AS menages FROM unnest(CAST(:demands AS uuid[])) AS d(id)
    CROSS JOIN LATERAL (
        SELECT menage FROM subject s WHERE s.id = d.id
        UNION SELECT menage FROM subject s
            WHERE s.donnees ? 'demande' AND s.donnees ->> 'demande' = CAST(d.id AS text)
    ) AS of_it
    WHERE menage IS NOT NULL GROUP BY id
""")
_FOLLOWED = Sql("""
    UPDATE household_card c SET siao = d.donnees ->> 'destinataire' FROM subject d
    WHERE d.id = :demand AND c.menage = ANY(CAST(:menages AS uuid[])) AND d.donnees -> 'cedants' ? c.siao
""")
_REASSIGN = Sql("""
    WITH followed AS (
        SELECT p.menage, p.autre, p.siaos AS before, ARRAY(
            SELECT DISTINCT siao FROM household_card WHERE menage IN (p.menage, p.autre) ORDER BY siao) AS siaos
        FROM duplicate p
        WHERE p.siaos <> '{}'
          AND (p.menage = ANY(CAST(:menages AS uuid[])) OR p.autre = ANY(CAST(:menages AS uuid[])))
    )
    UPDATE duplicate p SET siaos = f.siaos FROM followed f
    WHERE p.menage = f.menage AND p.autre = f.autre AND f.siaos <> '{}'
      AND NOT (f.siaos @> f.before AND f.before @> f.siaos)
    RETURNING p.menage, p.autre, p.indices, p.etat,
              ARRAY(SELECT unnest(f.siaos) EXCEPT SELECT unnest(f.before)) AS newly
""")
_DECIDE = Sql("""
    UPDATE duplicate SET etat = :etat, separes = COALESCE(:separes, separes), decided_by = :by, decided_at = :at
    WHERE menage = :menage AND autre = :autre
      AND (decided_at IS NULL OR decided_at < :at OR (decided_at = :at AND etat = :etat))
      AND (etat <> :etat OR separes <> COALESCE(:separes, separes))
      AND NOT (:etat = 'confirme' AND separes AND :separes IS NULL)
    RETURNING menage
""")
_TURN = Sql("SELECT pg_advisory_xact_lock(hashtext('decision sur un doublon'))")
_CONTRADICTS = Sql(f"""
    {tied("d.etat = 'confirme'")}
    SELECT EXISTS (
        SELECT FROM tied one JOIN duplicate d ON d.menage = one.id JOIN tied other ON other.id = d.autre
        WHERE d.etat = 'ecarte'
    ) AS so
""")
_ASK_AGAIN = Sql(f"""
    {tied("d.etat = 'confirme'")}
    UPDATE duplicate p SET etat = 'propose', decided_at = GREATEST(p.decided_at, :at) FROM tied one, tied other
    WHERE p.menage = one.id AND p.autre = other.id AND p.etat = 'confirme'
      AND EXISTS (SELECT FROM tied WHERE id = :other)
""")
_AFTER = "etat = 'propose' AND (created_at, menage, autre) > (:at, :menage, :autre)"
_BY_AGE = "created_at, menage, autre"
_OPEN = Sql(f"SELECT * FROM duplicate WHERE {_AFTER} ORDER BY {_BY_AGE} LIMIT :limit")
_OPEN_OF = Sql(_of_theirs(_AFTER, _BY_AGE))
_DECIDED = Sql(_of_theirs("etat <> 'propose'", "decided_at DESC, menage, autre"))
_FIRST = (datetime.fromtimestamp(0, UTC), UUID(int=0), UUID(int=0))
"""Position before the first undecided pair, in the order `_BY_AGE`."""
_ONE = Sql(
    "SELECT menage, autre, etat, separes, siaos, decided_by, decided_at FROM duplicate"
    " WHERE menage = :menage AND autre = :autre"
)
_SUBJECTS = Sql("""
    SELECT DISTINCT ON (menage) menage, id FROM subject
    WHERE menage = ANY(CAST(:menages AS uuid[])) AND nature IN ('demande', 'orientation', 'daho')
      AND :siao IN (donnees ->> 'emetteur', donnees ->> 'destinataire')
    ORDER BY menage, nature = 'daho', nature, changed_at DESC
""")
_TIES = Sql(f"{tied(EVER_TIED, DESCRIBED_AGAIN)} SELECT menage, id FROM tied")
_CONFIRMED = Sql(f"""
    {tied("d.etat = 'confirme'")}
    SELECT DISTINCT id FROM tied ORDER BY id
""")
_WITHDRAW = Sql(f"""
    {tied(EVER_TIED, DESCRIBED_AGAIN)}
    DELETE FROM duplicate p USING tied
    WHERE tied.id IN (p.menage, p.autre) AND p.etat = 'propose' AND p.decided_at IS NULL
""")
_REMOVE = Sql("""
    WITH cards AS (DELETE FROM household_card WHERE menage = :menage),
         blocks AS (DELETE FROM household_block WHERE menage = :menage)
    DELETE FROM duplicate WHERE menage = :menage OR autre = :menage
""")


class Card(NamedTuple):
    """Stored card of a household."""

    menage: UUID
    siao: str
    sealed: bytes
    seen: int
    """Sequence number of the newest event in the card."""


async def bounds(connection: Connection) -> tuple[int, int]:
    """Return two sequence numbers of the log: the events after the first number, up to the second, have still
    to be read. The second is the number of the last event. The first is the number of the newest event
    already read into a card, minus a margin (`OVERLAP`): an event with a lower number may have been committed
    later. The first number is lower still if an older event is pending or deferred."""
    row = await _BOUNDS.one(connection)
    read = row.seen - OVERLAP
    return max(0, read if row.waiting is None else min(read, row.waiting - 1)), row.last


async def events(
    connection: Connection, after: int, describing: Sequence[str], deciding: Sequence[str], limit: int
) -> Sequence[Row]:
    """Return the events that had an effect and whose message type is in `describing` (types that describe a
    household) or in `deciding` (types that decide about a pair or transfer a demand). Each comes with the SIAO
    of its subject, oldest event first, at most `limit`. Only the next `SPAN` sequence numbers after `after` are
    searched. An event that describes a household is left out if the household's card already includes it."""
    return await _EVENTS.all(
        connection,
        after=after,
        until=after + SPAN,
        types=[*describing, *deciding],
        describing=list(describing),
        limit=limit,
    )


async def cards(connection: Connection, menages: Collection[UUID]) -> Mapping[UUID, Card]:
    """Return the stored cards of these households, by household."""
    rows = await _CARDS.all(connection, menages=list(menages))
    return {row.menage: Card(row.menage, row.siao, row.sealed, row.seen) for row in rows}


async def keep(connection: Connection, card: Card, blocks: Collection[bytes]) -> None:
    """Store a household's card, and the fingerprints of its blocking keys (`blocks`). Do nothing if the
    household is forgotten."""
    if not await keys.hold(connection, [card.menage]):
        return
    await _KEEP.run(connection, menage=card.menage, siao=card.siao, sealed=card.sealed, seen=card.seen)
    await _BLOCKS.run(connection, menage=card.menage, blocks=sorted(blocks))


async def under_another(connection: Connection, writer: bytes, after: UUID | None, most: int) -> list[UUID]:
    """Return the households with a blocking key whose fingerprint was made with a former HMAC key, in the
    order of their ids, at most `most`. `writer` is the mark of the current HMAC key. `after` is the last
    household returned before; None for the first time."""
    return await _UNDER_ANOTHER.column(connection, writer=writer, after=after, most=most)


async def locked(connection: Connection, menages: Sequence[UUID]) -> list[Card]:
    """Return the cards of these households, and lock the cards until the transaction ends. Forgotten
    households are left out."""
    rows = await _LOCKED.all(connection, menages=await keys.hold(connection, menages))
    return [Card(row.menage, row.siao, row.sealed, row.seen) for row in rows]


async def neighbours(connection: Connection, menage: UUID, blocks: Collection[bytes]) -> list[UUID]:
    """Return at most `MOST_NEIGHBOURS` other households that share a blocking key with `menage`. `blocks` has
    the fingerprints of the blocking keys of `menage`. Households that share the most of them come first."""
    return await _NEIGHBOURS.column(
        connection, menage=menage, blocks=sorted(blocks), largest=LARGEST_BLOCK, most=MOST_NEIGHBOURS
    )


def ordered(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Return a pair as it is stored, the smaller id first."""
    return (one, other) if one < other else (other, one)


async def propose(
    connection: Connection, one: UUID, other: UUID, indices: Sequence[str], siaos: Sequence[str]
) -> bool:
    """Store a pair that may be one household, with the evidence (`indices`) and the SIAO that have to decide
    (`siaos`). Return False if the pair is stored already, so that nobody is asked twice."""
    menage, autre = ordered(one, other)
    row = await _PROPOSE.first(
        connection, menage=menage, autre=autre, indices=list(indices), siaos=list(siaos)
    )
    return row is not None


async def households_of(connection: Connection, demands: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
    """Return, by demand, all ids of the demand's household: the sender of the demand and its SIAO may each
    use an id of their own."""
    rows = await _HOUSEHOLDS.all(connection, demands=list(demands))
    return {row.id: row.menages for row in rows}


async def hand_over(connection: Connection, demand: UUID, menages: Sequence[UUID]) -> Sequence[Row]:
    """Let the SIAO that took over a demand decide about the pairs of the demand's household. `menages` has
    the ids of this household. A pair that a referent decided stays as it is. Return a row for each changed
    pair:

    * menage, autre: the two households;
    * indices: the evidence that they may be one;
    * etat: the state of the pair;
    * newly: the SIAO that gain the right to decide by this call.
    """
    await _FOLLOWED.run(connection, demand=demand, menages=list(menages))
    return await _REASSIGN.all(connection, menages=list(menages))


async def decide(
    connection: Connection,
    pair: tuple[UUID, UUID],
    etat: str,
    by: str,
    at: datetime,
    separes: bool | None = None,
) -> bool:
    """Store the decision `etat`, which `by` took about a pair at the moment `at`. `separes` says whether the
    two households are adults who parted; None keeps what is stored. Return True if the decision is stored.
    Return False, and store nothing:

    * for an unknown pair;
    * if a newer decision is stored, or a different one of the same moment;
    * if `etat` is stored already, and `separes` changes nothing;
    * if `etat` says that the two are one household, but they are stored as parted, and `separes` is None.
    """
    menage, autre = ordered(*pair)
    row = await _DECIDE.first(
        connection, menage=menage, autre=autre, etat=etat, by=by, at=at, separes=separes
    )
    return row is not None


async def one_decision_at_a_time(connection: Connection) -> None:
    """Let no other transaction decide about pairs until this one ends: two simultaneous decisions could
    contradict each other."""
    await _TURN.run(connection)


async def contradicts(connection: Connection, menage: UUID) -> bool:
    """Return whether two households that a person declared different are still joined by confirmed pairs,
    directly or through other households. Only `menage` and the households so joined to it are checked."""
    return bool((await _CONTRADICTS.one(connection, menages=[menage])).so)


async def ask_again(connection: Connection, one: UUID, other: UUID, at: datetime) -> None:
    """Undo the confirmations that contradict a separation. `one` and `other` were declared two households,
    but a chain of confirmed pairs may still join them through further households. If so, all confirmed pairs
    among the households that are joined to `one` become undecided again. `at` is the time of this change."""
    await _ASK_AGAIN.run(connection, menages=[one], other=other, at=at)


async def undecided(
    connection: Connection, siaos: Collection[str] | None, limit: int, last: Row | None = None
) -> Sequence[Row]:
    """Return the pairs that wait for a decision of one of the SIAO `siaos` (None: of any SIAO). At most
    `limit` pairs are returned, oldest first. `last` is the last pair of the page before; None for the first
    page."""
    at, menage, autre = _FIRST if last is None else (last.created_at, last.menage, last.autre)
    after = {"at": at, "menage": menage, "autre": autre, "limit": limit}
    if siaos is None:
        return await _OPEN.all(connection, **after)
    return await _OPEN_OF.all(connection, siaos=sorted(siaos), **after)


async def decided(connection: Connection, siaos: Collection[str], limit: int) -> Sequence[Row]:
    """Return the decided pairs for which one of these SIAO may still change the decision, newest decision
    first, at most `limit`."""
    return await _DECIDED.all(connection, siaos=sorted(siaos), limit=limit)


async def ties(connection: Connection, menages: Collection[UUID]) -> Sequence[Row]:
    """Find the ids of one household that are linked. Return rows (menage, id): `menage` is one of the given
    `menages`, and `id` is the same id, or another id that a chain of links joins to it. A link joins two ids
    in these cases:

    * people declared that they are one household, and nobody has declared the opposite since;
    * a demand has described its household under both ids;
    * a request for aide sociale, or a designation under DAHO, is about one id; the referral that this request
      or designation cites, or the demand that this referral cites, is about the other.
    """
    return await _TIES.all(connection, menages=list(menages))


async def confirmed(connection: Connection, menages: Collection[UUID]) -> list[UUID]:
    """Return these households, and all others that people declared to be the same as one of them, directly or
    through a chain of declarations."""
    return await _CONFIRMED.column(connection, menages=list(menages))


async def pair(connection: Connection, one: UUID, other: UUID) -> Row | None:
    """Return the stored row of a pair. Return None if the pair is not stored."""
    menage, autre = ordered(one, other)
    return await _ONE.first(connection, menage=menage, autre=autre)


async def subjects_of(connection: Connection, menages: Collection[UUID], siao: str) -> Mapping[UUID, UUID]:
    """Return the subject by which the SIAO knows each of these households, by household: the newest demand,
    else the newest referral, else the newest designation by the State."""
    rows = await _SUBJECTS.all(connection, menages=list(menages), siao=siao)
    return {row.menage: row.id for row in rows}


async def withdraw(connection: Connection, menage: UUID) -> None:
    """Delete the pairs on which nobody has ever decided, of the protected household `menage` and of each
    household that the function `ties` returns for it."""
    await _WITHDRAW.run(connection, menages=[menage])


async def remove(connection: Connection, menage: UUID) -> None:
    """Delete the card, blocking keys and pairs of a forgotten household."""
    await _REMOVE.run(connection, menage=menage)
