"""Store the jobs that replay messages and events from quarantine.

A job handles the open rows of quarantine that match its filter, oldest first. The transaction that handles a
row also stores the row's id in the job. So after a crash, the job goes on with the next row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from router.store.sql import Connection, Row, Sql

MATCHES = """
    (CAST(:row AS uuid) IS NULL OR id = :row)
    AND (CAST(:cause AS text) IS NULL OR cause = :cause)
    AND (CAST(:fingerprint AS text) IS NULL OR fingerprint = :fingerprint)
    AND (CAST(:partner AS text) IS NULL OR COALESCE(partner, '') = :partner)
"""
"""SQL condition: a row of quarantine matches a `Filter`."""
LISTED = 50
WAITING, RUNNING, PAUSED, CANCELLED, DONE = "en_attente", "en_cours", "en_pause", "annule", "termine"

_CREATE = Sql("""
    INSERT INTO replay_job (id, etat, filtre, essai, par_seconde, demande_par, motif)
    VALUES (:id, 'en_attente', CAST(:filtre AS jsonb), :essai, :par_seconde, :demande_par, :motif)
""")
_NEXT = Sql("""
    SELECT id, filtre, essai, par_seconde, demande_par, cree_le, after_at, after_id
    FROM replay_job WHERE etat IN ('en_attente', 'en_cours')
    ORDER BY cree_le, id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_LOCK = Sql("SELECT 1 FROM replay_job WHERE id = :id AND etat = 'en_cours' FOR UPDATE")
_START = Sql("UPDATE replay_job SET etat = 'en_cours' WHERE id = :id AND etat = 'en_attente'")
_ADVANCE = Sql("""
    UPDATE replay_job SET after_at = :at, after_id = :row, faites = faites + 1,
        resultats = jsonb_set(resultats, ARRAY[CAST(:outcome AS text)],
                              to_jsonb(COALESCE(CAST(resultats ->> :outcome AS int), 0) + 1))
    WHERE id = :id
""")
_MOVE = Sql("""
    UPDATE replay_job SET etat = :to, fini_le = CASE WHEN CAST(:to AS text) IN ('annule', 'termine') THEN now() END
    WHERE id = :id AND etat = ANY(CAST(:sources AS text[])) RETURNING id
""")
_SHOW = Sql("""
    SELECT j.id, j.etat, j.essai, j.faites, j.resultats, j.demande_par, j.motif, j.cree_le,
           count(q.id) FILTER (WHERE q.etat IN ('resolue', 'classee')) AS resolues,
           count(q.id) FILTER (WHERE q.etat IN ('rejouee', 'appliquee')) AS en_chemin,
           count(q.id) FILTER (WHERE q.etat = 'ouverte') AS revenues
    FROM (
        SELECT * FROM replay_job
        WHERE (CAST(:id AS uuid) IS NULL OR id = :id) AND (CAST(:etat AS text) IS NULL OR etat = :etat)
          AND (CAST(:before_at AS timestamptz) IS NULL
               OR (cree_le, id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid)))
        ORDER BY cree_le DESC, id DESC LIMIT :most
    ) AS j LEFT JOIN quarantine q ON q.job_id = j.id
    GROUP BY j.id, j.etat, j.essai, j.faites, j.resultats, j.demande_par, j.motif, j.cree_le
    ORDER BY j.cree_le DESC, j.id DESC
""")
_CANDIDATES = Sql(f"""
    SELECT id, message_id, event_id, created_at FROM quarantine
    WHERE etat = 'ouverte' AND created_at <= :until
      AND (CAST(:after_at AS timestamptz) IS NULL OR (created_at, id) > (:after_at, :after_id))
      AND {MATCHES}
    ORDER BY created_at, id LIMIT 1
""")


class Filter(NamedTuple):
    """Conditions on rows of quarantine. A condition of None accepts any value. The partner "" accepts only rows
    without a sender."""

    row: UUID | None = None
    cause: str | None = None
    fingerprint: str | None = None
    partner: str | None = None


class Request(NamedTuple):
    """Request to replay rows of quarantine: which rows (`filter`), who asks (`actor`), why, and how many rows a
    second."""

    filter: Filter
    actor: str
    why: str
    dry_run: bool = False
    per_second: float = 50.0


async def create(connection: Connection, job: UUID, request: Request) -> None:
    """Store a replay job. The job starts when no earlier job waits or runs."""
    await _CREATE.run(
        connection,
        id=job,
        filtre=to_json(request.filter._asdict()).decode(),
        essai=request.dry_run,
        par_seconde=request.per_second,
        demande_par=request.actor,
        motif=request.why,
    )


async def current(connection: Connection) -> Row | None:
    """Return the oldest replay job that waits or runs, and that no other transaction has locked. Lock the job, and
    set it to running. Return None if there is no such job."""
    job = await _NEXT.first(connection)
    if job is not None:
        await _START.run(connection, id=job.id)
    return job


async def candidate(connection: Connection, job: Row) -> Row | None:
    """Return the next open row of quarantine that a replay job has to handle, or None if no row is left. Rows
    that entered quarantine after the job was created are left out."""
    wanted: Mapping[str, Any] = job.filtre
    return await _CANDIDATES.first(
        connection,
        until=job.cree_le,
        after_at=job.after_at,
        after_id=job.after_id,
        row=UUID(wanted["row"]) if wanted["row"] else None,
        cause=wanted["cause"],
        fingerprint=wanted["fingerprint"],
        partner=wanted["partner"],
    )


async def still_runs(connection: Connection, job: UUID) -> bool:
    """Tell whether a job is running, and lock it if so."""
    return await _LOCK.first(connection, id=job) is not None


async def advance(connection: Connection, job: UUID, row: UUID, at: datetime, outcome: str) -> None:
    """Record that a replay job has handled the quarantine row `row`, which was created at `at`, with the
    outcome `outcome`. The job goes on after this row."""
    await _ADVANCE.run(connection, id=job, row=row, at=at, outcome=outcome)


async def move(connection: Connection, job: UUID, to: str, sources: Sequence[str]) -> bool:
    """Change the state of a job to `to`, if its present state is one of `sources`. Return whether the state
    was changed."""
    return await _MOVE.first(connection, id=job, to=to, sources=list(sources)) is not None


async def show(
    connection: Connection,
    job: UUID | None = None,
    most: int = LISTED,
    before: tuple[datetime, UUID] | None = None,
    etat: str | None = None,
) -> Sequence[Row]:
    """Return the replay job with the id `job`, or at most `most` jobs in the state `etat` (None for any),
    newest first. Each returned row counts the quarantine rows that its job replayed: `resolues` (resolved or
    closed), `en_chemin` (being applied or delivered), `revenues` (in quarantine again). `before` is (cree_le,
    id) of the previous page's last job."""
    at, ident = before or (None, None)
    return await _SHOW.all(connection, id=job, etat=etat, most=most, before_at=at, before_id=ident)
