"""Tables as a busy year leaves them, made in SQL: so many rows in each, most of them settled, some of them not."""

import asyncpg

from contracts.partner import Famille, Partner

PARTNERS = 40
_AGE = "now() - make_interval(secs => n * 2592000.0 / $1)"
"""Rows are spread over thirty days."""
_STATEMENTS = (
    f"""
    INSERT INTO inbox (id, partner, dialect, media_type, etat, accepted, rejections, received_at)
    SELECT md5('m' || n)::uuid, 'p-' || n % {PARTNERS}, 'hebergement_json', 'application/json',
           CASE WHEN n % 50 = 0 THEN 'refuse' ELSE 'accepte' END, 1,
           CASE WHEN n % 50 = 0 THEN '[{{"code": "c", "message": "code commune inconnu"}}]'::jsonb ELSE '[]' END, {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    f"""
    INSERT INTO event (id, type, source, subject, territoire, time, correlation, message_row, payload)
    SELECT md5('e' || n)::uuid, 'fr.siao.offre.place.vacante.v1', 'p-' || n % {PARTNERS}, md5('s' || n)::uuid, '01',
           {_AGE}, md5('m' || n)::uuid, 1, '{{"clair":{{}},"scelle":[]}}'
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO outbox (event_id, seq, shard, partner, subject)
    SELECT id, seq, CASE WHEN seq % 20 = 0 THEN -1 ELSE seq % 256 END, source, subject FROM event WHERE seq % 2 = 0
    """,
    f"""
    INSERT INTO subject (id, nature, etat, version, donnees, changed_at)
    SELECT md5('s' || n)::uuid, CASE WHEN n % 2 = 0 THEN 'place' ELSE 'orientation' END,
           CASE WHEN n % 2 = 0 THEN 'DISPONIBLE' WHEN n % 20 = 1 THEN 'PROPOSEE' ELSE 'SORTIE' END, 1,
           CASE WHEN n % 2 = 0 THEN jsonb_build_object('gestionnaire', 'p-' || n % {PARTNERS}, 'dispositif', 'URGENCE')
                ELSE jsonb_build_object('destinataire', 'p-' || n % {PARTNERS}, 'emetteur', 'siao-01',
                                         'dispositif', 'URGENCE') END, {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    f"""
    INSERT INTO subject (id, nature, etat, version, donnees, changed_at)
    SELECT md5('g' || n)::uuid, 'groupe_places', '', 1,
           jsonb_build_object('gestionnaire', 'p-' || n, 'dispositif', 'URGENCE', 'capacite', 10, 'occupees', 5,
                              'releve_le', current_date), now()
    FROM generate_series(0, {PARTNERS - 1}) n
    """,
    f"""
    INSERT INTO delivery (id, partner, subject, event_id, etat, error, created_at, settled_at)
    SELECT md5('d' || n)::uuid, 'p-' || n % {PARTNERS}, md5('s' || n)::uuid, md5('e' || n)::uuid,
           (ARRAY['livree', 'livree', 'livree', 'livree', 'livree', 'livree', 'en_attente', 'deposee', 'refusee',
                  'incertaine'])[1 + n / 7 % 10], CASE WHEN n / 7 % 10 = 8 THEN 'Refused : HTTP 422' END, {_AGE}, {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO lane (partner, subject, pending, due_at)
    SELECT partner, subject, 1, created_at FROM delivery WHERE etat = 'en_attente'
    """,
    f"""
    INSERT INTO quarantine (id, etat, cause, fingerprint, partner, message_id, detail, created_at)
    SELECT md5('q' || n)::uuid, CASE WHEN n % 2 = 0 THEN 'ouverte' ELSE 'resolue' END, 'cause-' || n % 5,
           'empreinte ' || n % 7, 'p-' || n % {PARTNERS}, md5('m' || n)::uuid, '{{}}', {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    "ALTER TABLE audit DISABLE TRIGGER USER",
    f"""
    INSERT INTO audit (actor, action, object, at)
    SELECT 'p-' || n % {PARTNERS}, 'message.accepte', md5('m' || n), {_AGE} FROM generate_series(1, $1::int) n
    """,
    "ALTER TABLE audit ENABLE TRIGGER USER",
)
LONGEST_SECONDS = 3600
"""For one statement."""
BIG = ("inbox", "event", "outbox", "subject", "delivery", "lane", "quarantine", "audit")
"""The tables that are filled."""


def partners() -> list[Partner]:
    """Whose the rows are."""
    names = [f"p-{number}" for number in range(PARTNERS)]
    return [Partner(id=i, nom=i, famille=Famille.HEBERGEMENT, territoire="01") for i in names]


async def fill(connection: asyncpg.Connection, rows: int) -> None:
    """So many rows in each of the big tables (in some half or a tenth of it), and PostgreSQL knows their sizes."""
    for statement in _STATEMENTS:
        await connection.execute(statement, *([rows] if "$1" in statement else []), timeout=LONGEST_SECONDS)
    for table in BIG:
        await connection.execute(f"VACUUM ANALYZE {table}", timeout=LONGEST_SECONDS)
