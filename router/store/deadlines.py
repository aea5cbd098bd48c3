"""Store the running deadlines. A deadline has stages: its reminders, and its end. It is stored with the
number of its stages that were reported.

An answer is in time if the hub accepted it (HTTP status 202) before the deadline ended, even if the hub
applies it later. So no stage is reported while an accepted event of the subject, or of the referral that the
subject names, is still to be applied: it is pending, parked, deferred, in quarantine, or in a large file that was
received in time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from contracts.v1.echeance import Echeance
from router.domain.deadlines import AWAITING, TERMES, Deadline
from router.store.sql import Connection, Sql
from router.store.subjects import ETATS, MARKS
from router.store.successions import or_merged_into

WRITTEN = """
    stopped AS (
        DELETE FROM deadline d
        USING unnest(CAST(:stopped AS uuid[]), CAST(:stopped_kinds AS text[])) AS s(subject, kind)
        WHERE d.subject = s.subject AND d.kind = s.kind
    ), started AS (
        INSERT INTO deadline AS d (subject, kind, started_at, due_at, stage, next_at)
        SELECT s.subject, s.kind, s.started_at, s.due_at, 0, s.next_at
        FROM unnest(CAST(:timed AS uuid[]), CAST(:timed_kinds AS text[]), CAST(:starts AS timestamptz[]),
                    CAST(:ends AS timestamptz[]), CAST(:nexts AS timestamptz[]))
             AS s(subject, kind, started_at, due_at, next_at)
        ORDER BY 1, 2
        ON CONFLICT (subject, kind) DO UPDATE SET
            started_at = excluded.started_at, due_at = excluded.due_at, next_at = excluded.next_at,
            stage = CASE WHEN d.started_at = excluded.started_at THEN d.stage ELSE 0 END
    )
"""
"""Queries for a WITH statement that stop and start deadlines. `values_of` returns their parameters. If only
the end of a deadline changes, its reminders are not repeated."""
_WRITE = Sql(f"WITH {WRITTEN} SELECT")
_AWAITED = or_merged_into("""
    s.donnees ->> 'gestionnaire', s.donnees ->> 'destinataire', s.donnees ->> 'emetteur', s.donnees ->> 'repreneur',
    s.donnees ->> 'evaluateur', referral.donnees ->> 'emetteur'
""")
_TAKE = Sql(f"""
    WITH due AS (
        SELECT d.subject, d.kind FROM deadline d JOIN subject s ON s.id = d.subject
        CROSS JOIN LATERAL (SELECT ARRAY[s.id, CAST(s.donnees ->> 'orientation' AS uuid)] AS ids) AS about
        WHERE d.next_at < now() AND d.kind = ANY(CAST(:kinds AS text[])) AND s.etat = ANY(CAST(:etats AS text[]))
          AND NOT EXISTS (
              SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.subject = ANY (about.ids))
          AND NOT EXISTS (
              SELECT FROM event e JOIN inbox deferred ON deferred.id = e.correlation
              WHERE e.subject = ANY (about.ids) AND e.message_row IS NOT NULL AND deferred.held)
          AND NOT EXISTS (
              SELECT FROM quarantine q WHERE q.subject = ANY (about.ids) AND q.etat IN ('ouverte', 'rejouee'))
          AND NOT EXISTS (
              SELECT FROM inbox large LEFT JOIN subject referral ON referral.id = about.ids[2]
              WHERE large.etat = 'en_cours' AND large.received_at <= d.next_at
                AND (large.partner = ANY ({_AWAITED})
                     OR s.donnees -> 'operateurs_attendus' ? large.partner
                     OR s.donnees -> 'evaluateurs_attendus' ? large.partner
                     OR s.donnees -> 'lecteurs' ? large.partner))
        ORDER BY d.next_at LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    )
    UPDATE deadline d SET next_at = NULL FROM due WHERE d.subject = due.subject AND d.kind = due.kind
    RETURNING d.subject, d.kind, d.started_at, d.stage, now() AS at
""")
_REACHED = Sql("""
    UPDATE deadline d SET stage = r.stage, next_at = r.next_at
    FROM unnest(CAST(:subjects AS uuid[]), CAST(:kinds AS text[]), CAST(:stages AS int[]),
                CAST(:nexts AS timestamptz[])) AS r(subject, kind, stage, next_at)
    WHERE d.subject = r.subject AND d.kind = r.kind
""")
_AWAITING = Sql("""
    SELECT id FROM subject
    WHERE id > :after AND (etat = ANY(CAST(:always AS text[]))
        OR etat = ANY(CAST(:later AS text[])) AND donnees ?| CAST(:starts AS text[]))
    ORDER BY id LIMIT :limit
""")
_OF = Sql("""
    SELECT subject, kind, started_at, due_at FROM deadline
    WHERE subject = ANY(CAST(:ids AS uuid[])) AND kind = ANY(CAST(:kinds AS text[]))
""")
_DROP_OVER = Sql("""
    DELETE FROM deadline d USING subject s WHERE s.id = d.subject AND s.etat = ANY(CAST(:etats AS text[]))
""")


_STARTS = {etat: {terme.depuis for terme in TERMES if etat in terme.etats} for etat in AWAITING}
_LATER = [etat for etat, starts in _STARTS.items() if starts <= MARKS]
# In the states `always`, a deadline always runs. In the states `later`, one runs only if the row has one of
# the moments in `starts`.
_WHERE: Mapping[str, list[str]] = {
    "always": [etat for etat in AWAITING if etat not in _LATER],
    "later": _LATER,
    "starts": sorted(set().union(*(_STARTS[etat] for etat in _LATER))),
}


class DueStage(NamedTuple):
    """Deadline with a stage that is due and that the hub has not yet reported."""

    subject: UUID
    echeance: Echeance
    started_at: datetime
    stage: int
    """Number of stages already reported."""
    at: datetime
    """Moment at which the deadline was read, by PostgreSQL's clock. The stage to report is the one that is
    due then."""


class Reached(NamedTuple):
    """Deadline of which a stage was due. `stage` says how many stages of the deadline need no report any more:
    each was reported, or was skipped because a later stage was due too. `next_at` is when to look at the
    deadline again, None after the last stage."""

    subject: UUID
    echeance: Echeance
    stage: int
    next_at: datetime | None


class Kept(NamedTuple):
    """Deadline as it is stored."""

    echeance: Echeance
    started_at: datetime
    due_at: datetime


Moved: TypeAlias = Mapping[tuple[UUID, Echeance], Deadline | None]
"""Deadlines that change, by subject and kind. The value is the deadline with its new start or end, or None if
the deadline stops."""


async def write(connection: Connection, moved: Moved) -> None:
    """Store or delete deadlines. `moved` has, by subject and kind, the deadline to store, or None to delete
    it."""
    if moved:
        await _WRITE.run(connection, **values_of(moved))


def values_of(moved: Moved) -> dict[str, object]:
    """Return the parameters of the queries `WRITTEN`, which store and delete deadlines. `moved` has, by subject
    and kind, the deadline to store, or None to delete it."""
    stopped = [key for key, deadline in moved.items() if deadline is None]
    started = [(subject, deadline) for (subject, _), deadline in moved.items() if deadline is not None]
    return {
        "stopped": [subject for subject, _ in stopped],
        "stopped_kinds": [kind for _, kind in stopped],
        "timed": [subject for subject, _ in started],
        "timed_kinds": [deadline.echeance for _, deadline in started],
        "starts": [deadline.started_at for _, deadline in started],
        "ends": [deadline.due_at for _, deadline in started],
        "nexts": [deadline.stages[0].at for _, deadline in started],
    }


async def take(connection: Connection, limit: int) -> list[DueStage]:
    """Return at most `limit` deadlines that have a stage to report. Mark them, so that no other process
    reports the same stage. Leave out a deadline while an accepted event of its subject, or of the referral that
    the subject names, is still to be applied."""
    # A newer version of the hub may have stored other kinds and states: leave those to it.
    rows = await _TAKE.all(connection, kinds=list(Echeance), etats=sorted(ETATS), limit=limit)
    return [DueStage(row.subject, Echeance(row.kind), row.started_at, row.stage, row.at) for row in rows]


async def reached(connection: Connection, stages: Sequence[Reached]) -> None:
    """Store, for each deadline, how many of its stages need no report any more, and when to look at it
    next."""
    if stages:
        await _REACHED.run(
            connection,
            subjects=[each.subject for each in stages],
            kinds=[each.echeance for each in stages],
            stages=[each.stage for each in stages],
            nexts=[each.next_at for each in stages],
        )


async def awaiting(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """Return the ids of at most `limit` subjects in a state in which a deadline may run. The ids are in order,
    and greater than `after`."""
    return await _AWAITING.column(connection, after=after, limit=limit, **_WHERE)


async def kept(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, list[Kept]]:
    """Return the stored deadlines of the subjects `ids`, by subject. Subjects without a deadline are left
    out."""
    found: dict[UUID, list[Kept]] = {}
    for row in await _OF.all(connection, ids=list(ids), kinds=list(Echeance)):
        found.setdefault(row.subject, []).append(Kept(Echeance(row.kind), row.started_at, row.due_at))
    return found


async def drop_over(connection: Connection) -> None:
    """Delete the deadlines of subjects in a state in which no deadline may run."""
    await _DROP_OVER.run(connection, etats=sorted(ETATS - set(AWAITING)))


def same(kept: Kept, deadline: Deadline | None) -> bool:
    """Tell whether a stored deadline has the same start and end as `deadline`. Return False if `deadline` is
    None."""
    return deadline is not None and (kept.started_at, kept.due_at) == (deadline.started_at, deadline.due_at)
