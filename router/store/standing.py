"""Read the present states of subjects, and whether accepted events about them are not yet applied."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from router.domain.deadlines import Attendu, states_awaiting
from router.domain.subjects import Subject
from router.store.openings import OPENED
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of
from router.store.successions import or_merged_into

_SENDERS = or_merged_into("asked.sender, s.donnees ->> 'emetteur', s.donnees ->> 'destinataire'")
_READ = Sql(f"""
    WITH {OPENED}
    SELECT asked.ident, asked.sender, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at,
           EXISTS (SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.subject = asked.ident)
           OR EXISTS (SELECT FROM event e WHERE e.subject = asked.ident AND e.message_row IS NOT NULL
                      AND e.correlation IN (SELECT id FROM inbox WHERE held))
           OR EXISTS (SELECT FROM quarantine q WHERE q.subject = asked.ident AND q.etat IN ('ouverte', 'rejouee'))
           OR s.id IS NULL AND EXISTS (SELECT FROM opened WHERE stay = asked.ident AND partner = asked.sender)
           OR EXISTS (SELECT FROM inbox large
                      WHERE (large.etat = 'en_cours' OR large.held) AND large.partner = ANY ({_SENDERS})
                      AND (CAST(:within AS uuid) IS NULL OR (large.id <> CAST(:within AS uuid) AND large.received_at
                           <= (SELECT received_at FROM inbox own WHERE own.id = CAST(:within AS uuid))))) AS waits
    FROM unnest(CAST(:idents AS uuid[]), CAST(:senders AS text[])) AS asked(ident, sender)
    LEFT JOIN subject s ON s.id = asked.ident
""")


URGENT = """(
    SELECT min(least(abs(extract(epoch FROM due_at - now())), abs(extract(epoch FROM next_at - now()))))
    FROM deadline WHERE deadline.subject = s.id), s.changed_at"""
"""SQL to sort subjects `s`. First come subjects with a deadline, by the time between now and the end of the
deadline, or between now and its next stage, whichever is shorter. A past moment counts like a future one.
Then come subjects without a deadline, the longest unchanged first."""


def _open_of(side: str) -> str:
    return f"""
    SELECT s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
    FROM unnest(CAST(:etats AS text[])) AS open(etat)
    CROSS JOIN LATERAL (
        SELECT * FROM subject s
        WHERE s.etat = open.etat AND donnees ? 'destinataire' AND donnees ->> '{side}' = :partner
          AND nature IN ('orientation', 'candidature')
        ORDER BY {URGENT} LIMIT :most
    ) AS s
"""


def awaits(side: Attendu) -> str:
    """Return the SQL condition for subjects in a state in which the party `side` has to act before a
    deadline."""
    return f"etat IN ({', '.join(map(repr, sorted(states_awaiting(side))))})"


_OWED = Sql(_open_of("destinataire"))
_SENT = Sql(f"{_open_of('emetteur')} ORDER BY {URGENT}, s.id LIMIT :most")
_ACCOMPANIED = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject s
    WHERE donnees ? 'operateurs_attendus' AND donnees -> 'operateurs_attendus' ? :partner
      AND {awaits(Attendu.OPERATEUR)}
    ORDER BY {URGENT} LIMIT :most
""")
Asked = tuple[UUID, str]
"""Id of a subject, and the partner that sends a message about it."""


class Snapshot(NamedTuple):
    """Present states of subjects, all read at one moment."""

    subjects: Mapping[UUID, Subject]
    waits: Collection[Asked]
    """Pairs of `asked` (subject, sender) with accepted events that are perhaps not applied yet: they are
    pending, parked, deferred, in quarantine, or in a large file that is still being decoded."""


async def read(connection: Connection, asked: Iterable[Asked], within: UUID | None = None) -> Snapshot:
    """Return the present states of subjects, without locking them. Return also the pairs (subject, sender) of
    `asked` for which accepted messages may still have to be applied. `within` is the id of the large file whose
    rows are being checked, if any. What is not yet decoded of this file, and of files received after it, does not
    count."""
    pairs = sorted(set(asked))
    senders = [sender for _, sender in pairs]
    rows = await _READ.all(connection, idents=[i for i, _ in pairs], senders=senders, within=within)
    return Snapshot(
        subjects={row.id: subject_of(row) for row in rows if row.id is not None},
        waits={(row.ident, row.sender) for row in rows if row.waits},
    )


async def owed(connection: Connection, partner: str, etats: Collection[str], most: int) -> list[Subject]:
    """Return the referrals and candidacies in these states that a partner has to answer. At most `most` of each
    state are returned, those with the nearest deadline."""
    rows = await _OWED.all(connection, partner=partner, etats=sorted(etats), most=most)
    return [subject_of(row) for row in rows]


async def sent(connection: Connection, partner: str, etats: Collection[str], most: int) -> list[Subject]:
    """Return at most `most` referrals and candidacies in these states that a partner sent, the nearest deadline
    first."""
    rows = await _SENT.all(connection, partner=partner, etats=sorted(etats), most=most)
    return [subject_of(row) for row in rows]


async def accompanied(connection: Connection, partner: str, most: int) -> list[Subject]:
    """Return at most `most` referrals for which a partner still has to say whether it accompanies the
    household (social support), the nearest deadline first."""
    rows = await _ACCOMPANIED.all(connection, partner=partner, most=most)
    return [subject_of(row) for row in rows]
