"""Read what partners have said about a household, and store people's requests about their data."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.v1.suite import AdmissionDirecte
from router.store.deliveries import INTO_THEIR_LANES
from router.store.lists import OFF_ITS_LIST
from router.store.sql import Connection, Row, Sql

ADMITTED = f"""
    SELECT id, CASE WHEN pg_input_is_valid(said ->> 'id', 'uuid') THEN CAST(said ->> 'id' AS uuid) END AS menage
    FROM (SELECT id, CASE WHEN position('\\x00'::bytea IN payload) = 0
                           AND pg_input_is_valid(convert_from(payload, 'LATIN1'), 'jsonb')
                          THEN convert_from(payload, 'LATIN1')::jsonb -> 'clair' -> 'menage' END AS said
          FROM event WHERE type = '{AdmissionDirecte.TYPE}') AS admission
"""
"""Query for the admissions without the SIAO: events of a place that name a household. The household of a
damaged event is NULL, so that one such event does not stop the search for the others. LATIN1 reads any byte
but NUL, and the part that is searched, an id, is ASCII."""
_ABOUT = f"""(
    SELECT id FROM event WHERE subject IN (
        SELECT unnest(CAST(:idents AS uuid[]))
        UNION SELECT id FROM subject WHERE menage = ANY(CAST(:idents AS uuid[])))
    UNION SELECT id FROM ({ADMITTED}) AS admitted WHERE menage = ANY(CAST(:idents AS uuid[]))
)"""
"""Query for the ids of the events about the households and subjects `:idents`, and about the subjects that
belong to these households."""
_EVENTS = Sql(f"""
    SELECT e.id, e.type, e.source, e.time, e.payload, s.etat
    FROM event e LEFT JOIN subject s ON s.id = e.subject
    WHERE e.id IN {_ABOUT} ORDER BY e.seq
""")
_HANDED = Sql("""
    SELECT event_id, partner, settled_at FROM delivery
    WHERE event_id = ANY(CAST(:events AS uuid[])) AND etat IN ('livree', 'deposee', 'incertaine') ORDER BY seq
""")
# `heard` is renewed once a day: messages say more exactly when they came.
_HEARD = Sql("""
    SELECT max(greatest(h.at, i.received_at)) AS at
    FROM heard h LEFT JOIN key_link l ON l.titulaire = h.holder
    LEFT JOIN inbox i ON i.id = l.holder AND i.etat <> 'refuse'
    WHERE h.holder = ANY(CAST(:menages AS uuid[]))
""")

_SPEAKERS = Sql(f"""
    WITH about AS {_ABOUT}
    SELECT e.source AS partner, false AS received FROM about JOIN event e USING (id) WHERE e.source <> :hub
    UNION SELECT d.partner, true FROM about JOIN delivery d ON d.event_id = about.id
    WHERE d.etat IN ('livree', 'deposee', 'incertaine')
    ORDER BY received, partner
""")
_OPEN = Sql("""
    INSERT INTO person_request (id, menage, droit, etat, received_at, due_at)
    VALUES (:id, :menage, :droit, 'ouverte', :received_at, :due_at)
""")
_LIMIT = Sql("""
    INSERT INTO limitation (ident, request)
    SELECT ident, :request FROM unnest(CAST(:idents AS uuid[])) AS i(ident) ON CONFLICT DO NOTHING
""")
_REQUESTS = Sql("""
    SELECT id, menage, droit, etat, received_at, due_at FROM person_request
    WHERE etat = 'ouverte' OR (etat = 'accordee' AND id IN (SELECT request FROM limitation)) ORDER BY due_at
""")
_DECIDE = Sql("""
    UPDATE person_request SET etat = :etat, decided_at = now()
    WHERE id = :id AND etat = ANY(CAST(:from AS text[])) RETURNING menage, droit, received_at
""")
_LIFT = Sql("""
    WITH gone AS (
        DELETE FROM limitation WHERE request = :request RETURNING ident, since
    ), kept AS (
        UPDATE limitation l SET since = least(l.since, gone.since) FROM gone
        WHERE l.ident = gone.ident AND l.request <> :request RETURNING l.ident
    )
    SELECT ident, since FROM gone WHERE ident NOT IN (SELECT ident FROM kept)
""")
# A SIAO that has handed over the demand, and the reader of a list that the household has left, get nothing more.
_REACHED = Sql(f"""
    SELECT d.id, d.partner, d.event_id, d.numero, d.fiche, d.label, s.menage, e.type, e.source, e.subject,
           e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload,
           CASE WHEN s.etat = ANY(CAST(:set_aside AS text[])) THEN s.etat ELSE COALESCE(d.subject_etat, s.etat) END
               AS subject_etat
    FROM event e JOIN delivery d ON d.event_id = e.id LEFT JOIN subject s ON s.id = e.subject
    WHERE e.id IN {_ABOUT}
      AND (d.etat IN ('livree', 'deposee', 'incertaine') AND d.settled_at >= :since OR d.etat = 'en_vol'
           OR d.etat = 'en_attente' AND EXISTS (
               SELECT FROM lane l WHERE l.partner = d.partner AND l.subject = d.subject
               AND l.held_by IS NOT NULL AND l.rested IS DISTINCT FROM l.token))
      AND (s.donnees -> 'cedants' ? d.partner AND s.donnees ->> 'destinataire' <> d.partner) IS NOT TRUE
      AND {OFF_ITS_LIST} IS NOT TRUE
    ORDER BY d.seq
""")
_SEND_AGAIN = Sql(f"""
    WITH added AS (
        INSERT INTO delivery (id, partner, subject, event_id, subject_etat, etat, numero, fiche, label)
        SELECT a.id, a.partner, d.subject, d.event_id, a.subject_etat, 'en_attente', d.numero, d.fiche, d.label
        FROM unnest(CAST(:ids AS uuid[]), CAST(:partners AS text[]), CAST(:deliveries AS uuid[]),
                    CAST(:subject_etats AS text[])) WITH ORDINALITY AS a(id, partner, delivery, subject_etat, n)
        JOIN delivery d ON d.id = a.delivery ORDER BY a.n
        ON CONFLICT (id) DO NOTHING
        RETURNING partner, subject, false AS bulk
    ), laned AS ({INTO_THEIR_LANES})
    SELECT count(*) AS number, pg_notify(:due, '') FROM added
""")


class Again(NamedTuple):
    """A new delivery that sends the event of an earlier delivery once more."""

    id: UUID
    partner: str
    delivery: UUID
    """The earlier delivery. The new one gets the same numbers in the partner's list."""
    subject_etat: str | None
    """The subject's state; it decides what the partner may see."""


async def events(connection: Connection, menages: Sequence[UUID]) -> Sequence[Row]:
    """Return the events about these households, and about the subjects that belong to them, oldest first."""
    return await _EVENTS.all(connection, idents=list(menages))


async def handed_over(connection: Connection, events: Sequence[UUID]) -> Sequence[Row]:
    """Return (event_id, partner, settled_at) for each delivery of these events that has reached a partner or
    may have reached it, oldest first."""
    return await _HANDED.all(connection, events=list(events))


async def last_named(connection: Connection, menages: Sequence[UUID]) -> Row:
    """Return a row whose `at` is when a message last named one of these households. If the hub does not know,
    `at` is None. For a message of the last 30 days, `at` is exact; for an older one, it is exact to the
    day."""
    return await _HEARD.one(connection, menages=list(menages))


async def who_knows(connection: Connection, idents: Sequence[UUID], hub: str) -> Sequence[Row]:
    """Return which partners know the households and subjects `idents`, as rows (partner, received). First
    come the partners that sent messages about them, with `received` False; the hub itself (`hub`) is left
    out. Then come the partners to which such messages were delivered, or may have been, with `received`
    True."""
    return await _SPEAKERS.all(connection, idents=list(idents), hub=hub)


async def open_request(
    connection: Connection, ident: UUID, menage: UUID, droit: str, received_at: datetime, due_at: datetime
) -> None:
    """Store a person's request about the data of the household `menage`, under the id `ident`. `droit` is the
    right (GDPR) that the person exercises, such as access or erasure. The answer is due before `due_at`."""
    await _OPEN.run(connection, id=ident, menage=menage, droit=droit, received_at=received_at, due_at=due_at)


async def limit(connection: Connection, request: UUID, idents: Sequence[UUID]) -> None:
    """Restrict the use of the data of the households and subjects `idents` (GDPR 18), as the person's request
    `request` asks. The restriction lasts until `lift` is called for the same request."""
    await _LIMIT.run(connection, request=request, idents=list(idents))


async def requests(connection: Connection) -> Sequence[Row]:
    """Return people's requests about their data (access, erasure, restriction…) that have no answer yet, or
    that still restrict the use of the data. The rows are (id, menage, droit, etat, received_at, due_at),
    earliest due date first."""
    return await _REQUESTS.all(connection)


async def decide(connection: Connection, request: UUID, etat: str, before: Sequence[str]) -> Row | None:
    """Record `etat` as the answer to a person's request about their data, if the request is now in one of the
    states `before`. Return (menage, droit, received_at) of the request. If the request is unknown or in any
    other state, record nothing and return None."""
    return await _DECIDE.first(connection, **{"id": request, "etat": etat, "from": list(before)})


async def lift(connection: Connection, request: UUID) -> Sequence[Row]:
    """End the restriction on the use of data (GDPR 18) that a person's request began. Return (ident, since)
    for each household or subject that is now free of restrictions; `since` is when its restriction began. A
    household or subject that another request restricts too stays restricted. The other request then counts as
    restricting it since the earlier of the two beginnings."""
    return await _LIFT.all(connection, request=request)


async def reached(
    connection: Connection, idents: Collection[UUID], since: datetime, set_aside: Sequence[str]
) -> Sequence[Row]:
    """Return the deliveries that may have left without data while a person restricted the use of the data.
    Each comes with its event, oldest first. The parameters:

    * `idents`: the person's household and subjects. Only deliveries about them are returned.
    * `since`: when the restriction began. Only deliveries that have since reached a partner or its mailbox,
      or may have, are returned. A delivery that a process may be sending right now is one of them, because it
      may still leave without the restricted data.
    * `set_aside`: the states in which a recipient may no longer read the household's data. If the subject is
      now in one of them, the column `subject_etat` is this state; else it is the subject's state after the
      event.

    A delivery is left out if its partner has handed the household's demand over to another SIAO, or if the
    household has left the partner's list.
    """
    return await _REACHED.all(connection, idents=list(idents), since=since, set_aside=list(set_aside))


async def send_again(connection: Connection, again: Sequence[Again], due: str) -> int:
    """Store new deliveries that send earlier ones again, and notify the channel `due` of them. Deliveries
    that are stored already are skipped. Return how many were stored."""
    ids, partners, deliveries, etats = zip(*again, strict=True) if again else ((), (), (), ())
    values = {"ids": list(ids), "partners": list(partners), "deliveries": list(deliveries)}
    row = await _SEND_AGAIN.one(connection, **values, subject_etats=list(etats), due=due)
    return int(row.number)
