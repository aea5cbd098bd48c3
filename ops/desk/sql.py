"""Queries of the desk: messages received, demands sent, places managed or free."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.sealed import from_bytes
from contracts.v1.orientation import OrientationProposee
from ops.lists.sql import PLACES
from router.domain.rulebooks.daho import EN_COURS
from router.domain.rulebooks.orientation import ATTENDUES, FINIES_SANS_ENTREE, Etat
from router.domain.subjects import Place, Subject
from router.store.deliveries import IN_NO_LIST
from router.store.outcomes import HAD_AN_EFFECT
from router.store.sql import Connection, Row, Sql
from router.store.subjects import subject_of

TO_REFER_AGAIN = tuple(etat for etat in FINIES_SANS_ENTREE if etat is not Etat.ANNULEE)
"""End states of a referral after which the SIAO has to refer the household again: the household has not
arrived, and the referral was not cancelled."""
TO_REFER_AGAIN_WITHIN = timedelta(days=30)
"""How long after the end of a referral the desk asks the SIAO to refer again."""
REFERENCED_WITHIN = timedelta(days=90)
"""How long after its last change a closed referral can be found by its reference."""
SEARCHED = 20_000
"""Maximum number of a partner's deliveries that `received` searches."""
ARRIVALS = 50
"""Maximum number of referrals that `arrivals` returns."""
_TOLD = """
    SELECT d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, d.created_at, e.type, e.source, e.territoire,
           e.time, e.correlation, e.causation, e.trace, e.payload, COALESCE(s.etat, d.subject_etat) AS subject_etat,
           CAST(NULL AS uuid) AS menage, d.numero, d.fiche, d.label
    FROM event e JOIN delivery d ON d.event_id = e.id LEFT JOIN subject s ON s.id = e.subject
    WHERE e.subject = {subject} AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
"""
_ABOUT = Sql(f"{_TOLD.format(subject=':subject')} ORDER BY d.seq DESC LIMIT :most")
_DESCRIBING = Sql(f"""
    SELECT told.* FROM unnest(CAST(:subjects AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        {_TOLD.format(subject="wanted.id")} AND e.type = ANY(CAST(:types AS text[])) ORDER BY d.seq DESC LIMIT 1
    ) AS told
""")
_RECEIVED = Sql("""
    SELECT d.id, d.subject, d.etat, d.created_at, e.type, d.nature, d.subject_etat, d.repondue_le
    FROM (
        SELECT d.*, s.nature, s.etat AS subject_etat,
               CAST(COALESCE(s.donnees ->> 'repondue_le', CASE
                   WHEN s.nature = 'demande' AND s.etat = 'ORIENTEE' AND s.donnees ->> 'destinataire' = :partner
                   THEN s.donnees ->> 'etat_depuis' END) AS timestamptz) AS repondue_le
        FROM (
            SELECT id, subject, event_id, etat, created_at FROM delivery
            WHERE partner = :partner AND etat NOT IN ('en_attente', 'en_vol') AND etat IN ('deposee', 'livree')
            ORDER BY created_at DESC LIMIT :searched
        ) AS d LEFT JOIN LATERAL (SELECT nature, etat, donnees FROM subject WHERE id = d.subject LIMIT 1) AS s ON true
        WHERE (CAST(:nature AS text) IS NULL OR s.nature = CAST(:nature AS text))
          AND (CAST(:hidden AS text) IS NULL OR s.nature IS DISTINCT FROM CAST(:hidden AS text))
        ORDER BY d.created_at DESC LIMIT :most
    ) AS d JOIN event e ON e.id = d.event_id
    ORDER BY d.created_at DESC
""")
"""SQL query for the newest deliveries that a partner received. `LIMIT 1` makes PostgreSQL look subjects up one by
one, in the order of the deliveries, and stop when it has found enough."""
_PLACES = Sql("""
    SELECT id FROM subject
    WHERE nature = 'place' AND donnees ->> 'gestionnaire' = :partner
      AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')
      AND (CAST(:etat AS text) IS NULL OR etat = :etat)
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
    ORDER BY changed_at DESC LIMIT :most
""")
_ARRIVALS = Sql("""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM unnest(CAST(:etats AS text[])) WITH ORDINALITY AS wanted(etat, rank)
    CROSS JOIN LATERAL (
        SELECT id, nature, etat, version, donnees, menage, due_at, changed_at FROM subject
        WHERE subject.etat = wanted.etat AND nature = 'orientation'
          AND donnees ? 'destinataire' AND donnees ->> 'destinataire' = :partner
          AND NOT EXISTS (
              SELECT FROM subject home
              WHERE home.nature = 'place' AND home.etat IN ('OCCUPEE', 'A_LIBERER')
                AND home.donnees ->> 'gestionnaire' = :partner
                AND home.donnees ->> 'orientation' = CAST(subject.id AS text))
        ORDER BY changed_at DESC LIMIT :most
    ) AS s ORDER BY wanted.rank DESC, s.changed_at DESC LIMIT :most
""")
_HOMES = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature = 'place' AND etat IN ('OCCUPEE', 'A_LIBERER')
      AND donnees ->> 'gestionnaire' = :partner AND donnees ->> 'orientation' = :referral
""")
_UNCONFIRMED = Sql("""
    SELECT d.id FROM event e JOIN delivery d ON d.event_id = e.id
    WHERE e.subject = :subject AND d.partner = :partner AND d.etat = 'deposee' ORDER BY d.seq
""")
_KINDS = Sql(f"""
    SELECT DISTINCT ON (s.donnees ->> 'gestionnaire', s.donnees ->> 'commune', s.donnees ->> 'dispositif')
           s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM subject s
    WHERE s.nature = 'place' AND s.etat = ANY(CAST(:etats AS text[])) AND s.etat IN {PLACES}
      AND s.donnees ->> 'gestionnaire' = ANY(CAST(:managers AS text[]))
    ORDER BY s.donnees ->> 'gestionnaire', s.donnees ->> 'commune', s.donnees ->> 'dispositif'
""")
_FREE = Sql(f"""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at, s.changed_at
    FROM unnest(CAST(:managers AS text[]), CAST(:communes AS text[]), CAST(:dispositifs AS text[]))
         AS kind(manager, commune, dispositif)
    CROSS JOIN LATERAL (
        SELECT * FROM subject s
        WHERE s.nature = 'place' AND s.etat = ANY(CAST(:etats AS text[])) AND s.etat IN {PLACES}
          AND s.donnees ->> 'gestionnaire' = kind.manager
          AND s.donnees ->> 'commune' IS NOT DISTINCT FROM kind.commune
          AND s.donnees ->> 'dispositif' IS NOT DISTINCT FROM kind.dispositif
          AND (CAST(:notified AS text) IS NULL OR EXISTS (
              SELECT FROM event e JOIN delivery d ON d.event_id = e.id
              WHERE e.subject = s.id AND d.partner = :notified AND d.etat IN ('deposee', 'livree')))
        ORDER BY s.changed_at DESC LIMIT :most
    ) AS s
    ORDER BY s.changed_at DESC, s.id LIMIT :most
""")
_BROUGHT = Sql("""
    SELECT id, etat, donnees, changed_at FROM subject
    WHERE nature = 'demande' AND donnees ->> 'emetteur' = :partner
      AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[])))
    ORDER BY changed_at DESC, id LIMIT :most
""")
_OF_ITS_OWN = f"""
    SELECT e.id, e.source AS partner, e.subject, e.id AS event_id, e.type, e.source, e.territoire, e.time,
           e.correlation, e.causation, e.trace, e.payload, s.etat AS subject_etat, CAST(NULL AS uuid) AS menage,
           {IN_NO_LIST}
    FROM event e LEFT JOIN subject s ON s.id = e.subject
    WHERE e.source = :partner AND e.type = ANY(CAST(:types AS text[])) AND {HAD_AN_EFFECT}
"""
_SAID = Sql(f"""
    SELECT said.* FROM unnest(CAST(:subjects AS uuid[])) AS wanted(id)
    CROSS JOIN LATERAL (
        {_OF_ITS_OWN} AND e.subject = wanted.id ORDER BY e.seq DESC LIMIT 1
    ) AS said
""")
_ALL_SAID = Sql(f"{_OF_ITS_OWN} AND e.subject = :subject ORDER BY e.seq DESC LIMIT :most")
_REFERRALS = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature = 'orientation' AND donnees ->> 'emetteur' = :siao AND id IN (
        SELECT id FROM subject WHERE menage = :menage
        UNION SELECT id FROM subject
        WHERE donnees ? 'demande' AND donnees ->> 'demande' = CAST(CAST(:demande AS uuid) AS text))
    ORDER BY changed_at DESC, id LIMIT :most
""")
_REFERENCED_BY = """
    SELECT id, changed_at FROM subject
    WHERE donnees ->> '{part}' = ANY(CAST(:partners AS text[])) AND donnees ? 'destinataire' AND etat = wanted.etat
      AND changed_at > CASE WHEN wanted.etat = ANY(CAST(:open AS text[])) THEN '-infinity'
                            ELSE CAST(:since AS timestamptz) END
      AND nature = 'orientation' AND right(CAST(id AS text), length(:reference)) = :reference
"""
_REFERENCED = Sql(f"""
    SELECT s.id FROM unnest(CAST(:etats AS text[])) AS wanted(etat)
    CROSS JOIN LATERAL (
        {_REFERENCED_BY.format(part="emetteur")} UNION {_REFERENCED_BY.format(part="destinataire")}
    ) AS s ORDER BY s.changed_at DESC LIMIT :most
""")
_DESIGNATION = Sql("""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE menage = :menage AND nature = 'daho' AND donnees ->> 'destinataire' = :siao
      AND etat = ANY(CAST(:etats AS text[]))
    ORDER BY changed_at DESC LIMIT 1
""")
_UNTOLD = Sql("""
    SELECT s.*, referral.id AS referral, said.time AS referred_at
    FROM unnest(CAST(:etats AS text[])) AS open(etat)
    CROSS JOIN LATERAL (
        SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at FROM subject s
        WHERE s.etat = open.etat AND s.donnees ? 'destinataire' AND s.donnees ->> 'destinataire' = :siao
          AND s.nature = 'daho' AND (CAST(:daho AS uuid) IS NULL OR s.id = :daho)
          AND (s.etat <> 'ORIENTE' OR s.donnees ->> 'orientation' IS NOT NULL)
          AND NOT EXISTS (
              SELECT FROM subject told WHERE told.id = CAST(s.donnees ->> 'orientation' AS uuid)
                AND told.etat = ANY(CAST(:awaited AS text[])))
    ) AS s
    CROSS JOIN LATERAL (
        SELECT r.id FROM subject r
        WHERE r.menage = s.menage AND r.nature = 'orientation' AND r.donnees ->> 'emetteur' = :siao
          AND r.etat = ANY(CAST(:awaited AS text[]))
        ORDER BY r.changed_at DESC LIMIT 1
    ) AS referral
    CROSS JOIN LATERAL (
        SELECT e.time FROM event e WHERE e.subject = referral.id ORDER BY e.seq LIMIT 1
    ) AS said
    LIMIT :most
""")
_ITS_OTHERS = """
    SELECT id, etat FROM subject WHERE menage = s.menage AND nature = 'orientation' AND id <> s.id
    UNION SELECT id, etat FROM subject
    WHERE donnees ? 'demande' AND donnees ->> 'demande' = s.donnees ->> 'demande'
      AND nature = 'orientation' AND id <> s.id
"""
"""SQL query for the other referrals of the household or demand of the referral `s`."""
_LEFT_TO_THE_SIAO = f"""
    NOT EXISTS (
        SELECT FROM subject d WHERE d.id = CAST(s.donnees ->> 'demande' AS uuid) AND d.nature = 'demande'
          AND (d.etat <> 'ORIENTEE' OR d.donnees ->> 'destinataire' <> s.donnees ->> 'emetteur'))
    AND NOT EXISTS (
        SELECT FROM ({_ITS_OTHERS}) AS other
        WHERE other.etat = 'ENTREE' OR EXISTS (
            SELECT FROM event e WHERE e.subject = other.id AND e.type = :proposed
              AND e.time > CAST(s.donnees ->> 'etat_depuis' AS timestamptz)))
"""
"""SQL condition which says whether the SIAO still has to refer the household of the ended referral `s` again,
on account of this referral. It is false if the household was referred again or arrived elsewhere. It is also
false if the household's demand is closed, belongs to another SIAO, or waits for a place itself: then the desk
lists the demand."""
_WITHOUT_PLACE = Sql(f"""
    SELECT s.*, (
        SELECT count(*) FROM ({_ITS_OTHERS}) AS other WHERE other.etat = ANY(CAST(:open AS text[]))
    ) AS others
    FROM unnest(CAST(:etats AS text[])) AS ended(etat)
    CROSS JOIN LATERAL (
        SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at FROM subject s
        WHERE s.etat = ended.etat AND s.donnees ? 'destinataire' AND s.donnees ->> 'emetteur' = :siao
          AND s.nature = 'orientation' AND s.changed_at > :since AND {_LEFT_TO_THE_SIAO}
        ORDER BY s.changed_at DESC LIMIT :most
    ) AS s
""")
_IS_WITHOUT_PLACE = Sql(f"""
    SELECT s.id FROM subject s
    WHERE s.id = :id AND s.nature = 'orientation' AND s.etat = ANY(CAST(:etats AS text[])) AND {_LEFT_TO_THE_SIAO}
""")
_ARRIVED = Sql("""
    SELECT s.* FROM unnest(ARRAY['ENTREE', 'BAIL_SIGNE']) AS arrived(etat)
    CROSS JOIN LATERAL (
        SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
        WHERE subject.etat = arrived.etat AND donnees ? 'destinataire' AND donnees ->> 'emetteur' = :siao
          AND nature IN ('orientation', 'candidature')
        ORDER BY changed_at DESC LIMIT :most
    ) AS s
""")
_CLEAR = Sql("SELECT id, payload FROM event WHERE id = ANY(CAST(:ids AS uuid[]))")


async def clear(connection: Connection, events: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Return, by event id, the part of each event's data that the log stores unencrypted. Unknown events are
    left out."""
    rows = await _CLEAR.all(connection, ids=list(events))
    return {row.id: from_bytes(row.payload)[0] for row in rows}


async def about(connection: Connection, partner: str, subject: UUID, most: int) -> Sequence[Row]:
    """Return the deliveries that a partner has received about a subject, newest first, at most `most`. Each
    comes with its event, and with the subject's present state, on which reading rights depend."""
    return await _ABOUT.all(connection, partner=partner, subject=subject, most=most)


async def describing(
    connection: Connection, partner: str, subjects: Sequence[UUID], types: Sequence[str]
) -> Sequence[Row]:
    """Return, for each subject, the newest delivery that the partner has received and that carries an event
    of one of the `types`. Each delivery comes with its event, and with the subject's present state."""
    return await _DESCRIBING.all(connection, partner=partner, subjects=list(subjects), types=list(types))


async def said(
    connection: Connection, partner: str, subjects: Sequence[UUID], types: Sequence[str]
) -> Sequence[Row]:
    """Return, for each subject, the newest event of one of the `types` that the partner sent and that had an
    effect. Each comes with the subject's present state."""
    return await _SAID.all(connection, partner=partner, subjects=list(subjects), types=list(types))


async def all_said(
    connection: Connection, partner: str, subject: UUID, types: Sequence[str], most: int
) -> Sequence[Row]:
    """Return the events of these `types` that the partner sent about a subject and that had an effect, newest
    first, at most `most`. Each comes with the subject's present state."""
    return await _ALL_SAID.all(connection, partner=partner, subject=subject, types=list(types), most=most)


class Received(NamedTuple):
    """Delivery that a partner has received, with the present state of its subject."""

    id: UUID
    subject: UUID
    etat: str
    """State of the delivery."""
    created_at: datetime
    type: str
    nature: str | None
    """Kind of subject; None if the hub does not know it."""
    subject_etat: str | None
    repondue_le: datetime | None
    """When the subject was answered; None without answer. For a demand to this partner that is referred: when
    it was last referred."""


async def received(
    connection: Connection, partner: str, nature: str | None, hidden: str | None, most: int
) -> list[Received]:
    """Return the deliveries that a partner received, newest first, at most `most`. With `nature`, return only
    those about subjects of this kind; with `hidden`, leave out those about subjects of that kind. Only the
    partner's newest 20,000 deliveries (`SEARCHED`) are searched."""
    told = {"nature": nature, "hidden": hidden, "searched": SEARCHED}
    return [Received(*row) for row in await _RECEIVED.all(connection, partner=partner, most=most, **told)]


async def places(
    connection: Connection, partner: str, etat: str | None, ids: Sequence[UUID] | None, most: int
) -> Sequence[UUID]:
    """Return the places that a partner manages and has not closed, newest change first, at most `most`. With
    `etat`, return only places in this state; with `ids`, only places among these."""
    known = None if ids is None else list(ids)
    return await _PLACES.column(connection, partner=partner, etat=etat, ids=known, most=most)


async def arrivals(connection: Connection, partner: str, etats: Sequence[str]) -> list[Subject]:
    """Return the referrals to a partner that are in one of the states `etats`, at most 50 (`ARRIVALS`). The
    order of `etats` counts: referrals in the last of these states come first. Within one state, those that
    changed last come first. Referrals whose household lives in a place of the partner are left out."""
    rows = await _ARRIVALS.all(connection, partner=partner, etats=list(etats), most=ARRIVALS)
    return [subject_of(row) for row in rows]


async def homes(connection: Connection, partner: str, referral: UUID) -> list[Subject]:
    """Return a partner's places in which a referral's household lives."""
    rows = await _HOMES.all(connection, partner=partner, referral=str(referral))
    return [subject_of(row) for row in rows]


async def brought(
    connection: Connection, partner: str, ids: Sequence[UUID] | None, most: int
) -> Sequence[Row]:
    """Return rows (id, etat, donnees, changed_at) for the demands that a partner sent, newest change first, at
    most `most`. With `ids`, return only demands among these."""
    return await _BROUGHT.all(connection, partner=partner, ids=None if ids is None else list(ids), most=most)


async def unconfirmed(connection: Connection, partner: str, subject: UUID) -> Sequence[UUID]:
    """Return the unconfirmed deliveries about a subject in a partner's mailbox, oldest first."""
    return await _UNCONFIRMED.column(connection, partner=partner, subject=subject)


async def referrals(
    connection: Connection, siao: str, menage: UUID, demande: UUID | None, most: int
) -> list[Subject]:
    """Return a SIAO's referrals of the household `menage`. With `demande`, the id of a demand, also return the
    SIAO's referrals that answer this demand, even if they give the household another id. In all, return at most
    `most`, newest change first."""
    rows = await _REFERRALS.all(connection, siao=siao, menage=menage, demande=demande, most=most)
    return [subject_of(row) for row in rows]


async def referenced(
    connection: Connection, partners: Sequence[str], reference: str, since: datetime, most: int
) -> list[UUID]:
    """Return the referrals from or to these partners whose id ends with `reference`, newest change first, at
    most `most`. Closed referrals are returned only if they changed after `since`."""
    told = {"etats": [*Etat], "open": list(ATTENDUES), "since": since}
    return await _REFERENCED.column(
        connection, partners=list(partners), reference=reference, most=most, **told
    )


async def designation(connection: Connection, siao: str, menage: UUID) -> Subject | None:
    """Return the State's open designation of a household to a SIAO; None if no designation is open."""
    row = await _DESIGNATION.first(connection, siao=siao, menage=menage, etats=list(EN_COURS))
    return None if row is None else subject_of(row)


class Untold(NamedTuple):
    """A designation by the State (`daho`) whose household the SIAO has referred without telling the State."""

    daho: Subject
    orientation: UUID
    """Open referral of the household by the SIAO; if there are several, the one that changed last."""
    oriente_le: datetime
    """When the hub accepted the referral `orientation`."""


async def untold(connection: Connection, siao: str, daho: UUID | None, most: int) -> list[Untold]:
    """Return the State's designations whose household the SIAO has referred without reporting the referral to
    the State, at most `most`. With `daho`, the id of a designation, return only this designation. A report that
    the hub refused counts as not sent."""
    told = {"etats": list(EN_COURS), "awaited": list(ATTENDUES)}
    rows = await _UNTOLD.all(connection, siao=siao, daho=daho, most=most, **told)
    return [Untold(subject_of(row), row.referral, row.referred_at) for row in rows]


async def without_place(
    connection: Connection, siao: str, now: datetime, most: int
) -> tuple[list[tuple[Subject, int]], bool]:
    """Return the referrals after which a SIAO has to refer the household again, because they ended without
    arrival in the last 30 days (`TO_REFER_AGAIN_WITHIN`). Each comes with the number of the household's other
    open referrals. Of each end state, such as refused by the structure, at most `most` are returned: those
    changed last. The second value tells whether some may be missing."""
    told = {"etats": list(TO_REFER_AGAIN), "open": list(ATTENDUES), "proposed": OrientationProposee.TYPE}
    since = now - TO_REFER_AGAIN_WITHIN
    rows = await _WITHOUT_PLACE.all(connection, siao=siao, since=since, most=most, **told)
    of_a_state = Counter(row.etat for row in rows)
    return [(subject_of(row), row.others) for row in rows], most in of_a_state.values()


async def is_without_place(connection: Connection, referral: UUID) -> bool:
    """Return whether a referral has ended without arrival, and its SIAO has to refer the household again."""
    told = {"etats": list(TO_REFER_AGAIN), "proposed": OrientationProposee.TYPE}
    return await _IS_WITHOUT_PLACE.first(connection, id=referral, **told) is not None


async def arrived(connection: Connection, siao: str, most: int) -> list[Subject]:
    """Return a SIAO's referrals whose household has arrived and not left, and the SIAO's candidacies whose
    lease is signed. Of each kind, return at most `most`: those changed last."""
    return [subject_of(row) for row in await _ARRIVED.all(connection, siao=siao, most=most)]


async def free_kinds(
    connection: Connection, managers: Collection[str], etats: Collection[str]
) -> list[Subject]:
    """Return one place for each combination of manager, commune and kind of offer, among the places of these
    managers that are in these states. Which place stands for a combination is undefined."""
    rows = await _KINDS.all(connection, managers=list(managers), etats=list(etats))
    return [subject_of(row) for row in rows]


async def free(
    connection: Connection, kinds: Iterable[Place], etats: Collection[str], notified: str | None, most: int
) -> list[tuple[Place, datetime]]:
    """Return places that are in one of the states `etats`, and that have the same manager, commune and kind
    of offer as one of the places in `kinds`. They are sorted by their last change, the newest first, at most
    `most`. Each comes with the moment of this change. If `notified`, the id of a partner, is given, return only
    places about which this partner received a message."""
    wanted = [(kind.gestionnaire, kind.commune, kind.dispositif) for kind in kinds]
    managers, communes, dispositifs = zip(*wanted, strict=True) if wanted else ((), (), ())
    rows = await _FREE.all(
        connection,
        managers=list(managers),
        communes=list(communes),
        dispositifs=list(dispositifs),
        etats=list(etats),
        notified=notified,
        most=most,
    )
    places = ((subject_of(row), row.changed_at) for row in rows)
    return [(place, changed_at) for place, changed_at in places if isinstance(place, Place)]
