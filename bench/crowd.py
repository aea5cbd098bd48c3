"""Fills the hub's tables by SQL with as many rows as a busy year leaves, all settled or some of them pending."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from contracts.partner import Famille, Partner

PARTNERS = 40
_AGE = "now() - make_interval(secs => n * 2592000.0 / $1)"
"""SQL for a row's time. Rows are spread over the last thirty days."""
_MOMENT = "lpad(to_hex(1790000000000 + n), 12, '0')"
_MESSAGE, _EVENT, _DELIVERY = (f"({_MOMENT} || substr(md5('{letter}' || n), 13))::uuid" for letter in "med")
"""SQL for the ids of messages, events and deliveries. Like the hub's (`contracts/uuids`) they begin with a time,
one millisecond apart."""
_FREE, _TAKEN = "'DISPONIBLE'", "'OCCUPEE'"
"""SQL for the states of places. If a place is free and had no event for a day, the hub would ask its shelter, so
tables that must stay at rest have none."""
_SOMEBODY = f"'p-' || n % {PARTNERS}"
"""SQL for the id of the partner that a row belongs to."""
_SETTLED = (
    f"""
    INSERT INTO inbox (id, partner, dialect, media_type, etat, accepted, rejections, received_at)
    SELECT {_MESSAGE}, {_SOMEBODY}, 'hebergement_json', 'application/json',
           CASE WHEN n % 50 = 0 THEN 'refuse' ELSE 'accepte' END, 1,
           CASE WHEN n % 50 = 0 THEN '[{{"code": "c", "message": "code commune inconnu"}}]'::jsonb ELSE '[]' END, {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    f"""
    INSERT INTO event (id, type, source, subject, territoire, time, correlation, message_row, payload)
    SELECT {_EVENT}, 'fr.siao.offre.place.vacante.v1', {_SOMEBODY}, md5('s' || n)::uuid, '01',
           {_AGE}, {_MESSAGE}, 1, '{{"clair":{{}},"scelle":[]}}'
    FROM generate_series(1, $1::int) n
    """,
    f"""
    INSERT INTO subject (id, nature, etat, version, donnees, changed_at)
    SELECT md5('s' || n)::uuid, CASE WHEN n % 2 = 0 THEN 'place' ELSE 'orientation' END,
           CASE WHEN n % 2 = 0 THEN {_FREE} WHEN n % 20 = 1 THEN 'PROPOSEE' ELSE 'SORTIE' END, 1,
           CASE WHEN n % 2 = 0 THEN jsonb_build_object('gestionnaire', {_SOMEBODY}, 'dispositif', 'URGENCE',
                                                       'structure', 's-' || n % 1000)
                ELSE jsonb_build_object('destinataire', {_SOMEBODY}, 'emetteur', 'siao-01', 'dispositif', 'URGENCE')
                     || CASE WHEN n % 99 = 7 THEN jsonb_build_object('remise_le', {_AGE}, 'repondue_le', {_AGE})
                             ELSE '{{}}' END END, {_AGE}
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
    INSERT INTO delivery (id, partner, subject, event_id, etat, created_at, settled_at)
    SELECT {_DELIVERY}, {_SOMEBODY}, md5('s' || n)::uuid, {_EVENT}, 'livree',
           {_AGE}, {_AGE}
    FROM generate_series(1, $1::int) n
    """,
    """
    INSERT INTO backlog_sample (at, accepted, owed, piles)
    SELECT now() - make_interval(mins => m), $1 * (43200.0 - m) / 43200, $1 * (43200.0 - m) / 43200, '{}'
    FROM generate_series(1, 1439) AS m
    """,
    f"""
    INSERT INTO audit (actor, action, object, at)
    SELECT {_SOMEBODY},
           CASE WHEN n % 1000 = 3 THEN 'partenaire.changer' WHEN n % 10 = 0 THEN 'livraison.renvoyer'
                WHEN n % 10 = 5 THEN 'boite.lire' ELSE 'message.accepte' END,
           {_MESSAGE}::text, {_AGE} FROM generate_series($1::int, 1, -1) n
    """,
)
_OPEN = (
    """
    INSERT INTO deadline (subject, kind, started_at, due_at, stage, next_at)
    SELECT id, 'DECISION', changed_at, now() + interval '7 days', 0, now() + interval '3 days'
    FROM subject WHERE etat = 'PROPOSEE'
    """,
    """
    INSERT INTO outbox (event_id, seq, shard, partner, subject)
    SELECT id, seq, CASE WHEN seq % 20 = 0 THEN -1 ELSE seq % 256 END, source, subject FROM event WHERE seq % 2 = 0
    """,
    """
    UPDATE delivery SET etat = (ARRAY['en_attente', 'deposee', 'refusee', 'incertaine'])[seq / 7 % 10 - 5],
        error = CASE WHEN seq / 7 % 10 = 8 THEN 'Refused : HTTP 422' END
    WHERE seq / 7 % 10 > 5
    """,
    """
    INSERT INTO lane (partner, subject, pending, due_at)
    SELECT partner, subject, 1, created_at FROM delivery WHERE etat = 'en_attente'
    """,
    f"""
    INSERT INTO quarantine (id, etat, cause, fingerprint, partner, message_id, detail, created_at, job_id)
    SELECT md5('q' || n)::uuid, CASE WHEN n % 2 = 0 THEN 'ouverte' ELSE 'resolue' END, 'cause-' || n % 5,
           'empreinte ' || n % 7, {_SOMEBODY}, {_MESSAGE}, '{{}}', {_AGE},
           CASE WHEN n % 2 = 1 THEN md5('j' || n / 1000 * 1000)::uuid END
    FROM generate_series(1, $1::int) n
    """,
    f"""
    INSERT INTO replay_job (id, etat, filtre, essai, par_seconde, demande_par, motif, cree_le)
    SELECT md5('j' || n)::uuid, 'termine', '{{}}', false, 50, 'personne', 'banc', {_AGE}
    FROM generate_series(0, $1::int, 1000) n
    """,
    f"""
    INSERT INTO alarm (id, code, about, sentence, first_seen, started_at, gone_at, ended_at, told)
    SELECT md5('a' || n)::uuid, 'partenaire_injoignable', {_SOMEBODY}, 'est injoignable', {_AGE}, {_AGE}, {_AGE},
           {_AGE}, '{{}}'
    FROM generate_series(1, $1::int, 1000) n
    """,
    """
    INSERT INTO orphan (event_id, partner, reason, created_at)
    SELECT id, source, 'SUJET_INCONNU', time FROM event WHERE seq % 10 = 0
    """,
    f"""
    INSERT INTO subject (id, nature, etat, version, donnees, changed_at)
    SELECT md5('c' || n)::uuid, 'convention', 'EN_VIGUEUR', 1,
           jsonb_build_object('emetteur', 'siao-01', 'territoire', '01', 'numero', 'C-' || n, 'objet', 'SIAO',
                              'partenaire', {_SOMEBODY}, 'attendus', '["siao"]'::jsonb,
                              'signatures', jsonb_build_object('siao', 'siao-01')), now()
    FROM generate_series(1, $1::int, 5000) n
    """,
)
LONGEST_SECONDS = 3600
"""Longest time that one SQL statement may take."""
BIG = ("inbox", "event", "outbox", "subject", "delivery", "lane", "quarantine", "orphan", "audit")
"""Names of the tables that are filled."""


_INDEXES = """
    SELECT indexdef, indexrelid::regclass::text AS name
    FROM pg_indexes JOIN pg_index ON indexrelid = (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass
    WHERE schemaname = current_schema() AND tablename = ANY($1) AND NOT indisunique
"""
_QUICKLY = """
    SET maintenance_work_mem = '1GB';
    SET session_replication_role = replica
"""
"""Settings for filling tables: triggers and foreign keys are skipped, because the rows written here are consistent.
"""


def partners() -> list[Partner]:
    """Return the partners that the rows belong to."""
    names = [f"p-{number}" for number in range(PARTNERS)]
    return [Partner(id=i, nom=i, famille=Famille.HEBERGEMENT, territoire="01") for i in names]


async def fill(
    connection: asyncpg.Connection, rows: int, *, settled: bool = False, of: str | None = None
) -> None:
    """Write `rows` rows into each big table, fewer into some, and analyse the tables.

    With `settled` nothing is pending. The rows belong to forty partners, or all to the partner `of`.
    """
    whose = _SOMEBODY if of is None else f"'{of}'"
    async with _bare(connection):
        for statement in _SETTLED if settled else (*_SETTLED, *_OPEN):
            parameters = [rows] if "$1" in statement else []
            filling = statement.replace(_SOMEBODY, whose).replace(_FREE, _TAKEN if settled else _FREE)
            await connection.execute(filling, *parameters, timeout=LONGEST_SECONDS)
    for table in BIG:
        await connection.execute(f"VACUUM ANALYZE {table}", timeout=LONGEST_SECONDS)


@asynccontextmanager
async def _bare(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Drop the non-unique indexes of the big tables; create them again when the block ends. This takes a tenth of
    the time of updating them for each row."""
    indexes = await connection.fetch(_INDEXES, BIG)
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    await connection.execute(_QUICKLY)
    try:
        yield
    finally:
        await connection.execute("RESET session_replication_role")
    for index in indexes:
        await connection.execute(index["indexdef"], timeout=LONGEST_SECONDS)
