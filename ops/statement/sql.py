"""Read the places and the admissions of each structure, with the events that prove them."""

from collections.abc import Collection, Mapping

from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.suite import AdmissionDirecte, AdmissionPrononcee, EntreeConstatee, MotifAdmission
from ops.service.level import Loop
from ops.statement.statement import Fact, Figure, Key, Titre, months_before
from router.domain.rulebooks.place import Etat
from router.store.real import is_real
from router.store.sql import Connection, Sql

DECLARED = ", ".join(f"'{etat}'" for etat in sorted(set(Etat) - {Etat.FERMEE}))
ADMITTING = sorted(each.TYPE for each in (AdmissionPrononcee, EntreeConstatee))
_RECEIPT = "LEFT JOIN inbox i ON i.id = e.correlation"
_PLACES = Sql(f"""
    SELECT donnees ->> 'gestionnaire' AS partner, donnees ->> 'structure' AS structure, count(*) AS number
    FROM subject
    WHERE nature = 'place' AND etat IN ({DECLARED}) AND {is_real("donnees ->> 'gestionnaire'")}
    GROUP BY 1, 2
""")
_PLACES_OF = Sql(f"""
    SELECT p.id AS partner, few.structure, count(*) AS number
    FROM unnest(CAST(:partners AS text[])) AS p(id) CROSS JOIN LATERAL (
        SELECT donnees ->> 'structure' AS structure FROM subject
        WHERE nature = 'place' AND etat IN ({DECLARED}) AND donnees ->> 'gestionnaire' = p.id
        LIMIT CAST(:most AS bigint)
    ) AS few
    GROUP BY 1, 2
""")
_THROUGH = Sql(f"""
    SELECT s.donnees ->> 'destinataire' AS partner, s.donnees ->> 'structure' AS structure, s.id AS subject,
           e.id AS event, e.correlation AS message, (s.donnees ->> 'admise_le')::timestamptz AS time,
           i.nonce IS NOT NULL AS has_receipt
    FROM subject s LEFT JOIN LATERAL (
        SELECT id, correlation FROM event
        WHERE event.subject = s.id AND type = ANY(CAST(:admitting AS text[])) ORDER BY seq LIMIT 1
    ) AS e ON true {_RECEIPT}
    WHERE s.nature = 'orientation' AND s.donnees ? 'remise_le' AND {is_real("s.donnees ->> 'destinataire'")}
      AND left(s.donnees ->> 'remise_le', 7) = ANY(CAST(:months AS text[]))
      AND left(s.donnees ->> 'admise_le', 7) = :month
      AND (CAST(:partners AS text[]) IS NULL OR s.donnees ->> 'destinataire' = ANY(:partners))
    ORDER BY time, s.id
""")
_MONTH = "CAST(:month || '-01 00:00Z' AS timestamptz)"
_CLEAR = "convert_from({}.payload, 'UTF8')::jsonb -> 'clair'"
_DIRECT = Sql(f"""
    WITH said AS (
        SELECT e.*, {_CLEAR.format("e")} ->> 'admission_le' AS day,
               CASE {_CLEAR.format("e")} ->> 'motif_admission' WHEN '{MotifAdmission.URGENCE}' THEN false ELSE (
                   SELECT bool_or(news.type = '{AlerteAnomalie.TYPE}') FROM event news
                   WHERE news.correlation = e.correlation AND news.causation = e.id) END AS untitled
        FROM event e
        WHERE e.type = '{AdmissionDirecte.TYPE}' AND {is_real("e.source")}
          AND e.time >= {_MONTH} AND e.time < {_MONTH} + interval '1 month'
          AND (CAST(:partners AS text[]) IS NULL OR e.source = ANY(:partners))
          AND NOT EXISTS (SELECT FROM outcome o WHERE o.event_id = e.id AND o.kind IN ('sans_effet', 'anomalie'))
    ), judged AS (
        SELECT DISTINCT ON (subject, day) * FROM said ORDER BY subject, day, untitled IS NULL, seq DESC
    )
    SELECT e.source AS partner, s.donnees ->> 'structure' AS structure, e.subject, e.id AS event,
           e.correlation AS message, e.time, COALESCE(e.untitled, false) AS untitled,
           i.nonce IS NOT NULL AS has_receipt,
           COALESCE(s.donnees ? 'a_justifier_depuis' AND s.donnees -> 'admission' ->> 'admission_le' = e.day,
                    false) AS may_still_be_given
    FROM judged e LEFT JOIN subject s ON s.id = e.subject {_RECEIPT}
    WHERE NOT EXISTS (
        SELECT FROM event before
        WHERE before.subject = e.subject AND before.type = e.type AND before.source = e.source
          AND before.time < {_MONTH} AND {_CLEAR.format("before")} ->> 'admission_le' = e.day
          AND NOT EXISTS (SELECT FROM outcome o
                          WHERE o.event_id = before.id AND o.kind IN ('sans_effet', 'anomalie')))
    ORDER BY e.subject, e.day
""")
"""The SQL query for the admissions without the SIAO that were first declared in a month. Each is read as it
was last changed in this month. The query has a part `said`, with a column `untitled`. This column is null if
an admission is declared again without change, because this causes no event. It is false for an admission in
an emergency, even if there is no State service to notify."""


_PLACES_BEHIND = Sql(f"""
    SELECT s.donnees ->> 'gestionnaire' AS partner, s.donnees ->> 'structure' AS structure, s.id AS subject,
           e.id AS event, e.correlation AS message, COALESCE(e.time, s.changed_at) AS time,
           i.nonce IS NOT NULL AS has_receipt
    FROM subject s LEFT JOIN LATERAL (
        SELECT id, correlation, time FROM event
        WHERE event.subject = s.id AND event.source = s.donnees ->> 'gestionnaire' ORDER BY seq DESC LIMIT 1
    ) AS e ON true {_RECEIPT}
    WHERE s.nature = 'place' AND s.etat IN ({DECLARED})
      AND s.donnees ->> 'gestionnaire' = ANY(CAST(:partners AS text[])) AND s.donnees ->> 'structure' = :structure
    ORDER BY time, s.id LIMIT CAST(:most AS bigint)
""")
"""SQL query for the open places of a structure, each with the newest event that its manager sent about it."""
_ANSWERS = Sql(f"""
    SELECT a.subject, e.id AS event, e.correlation AS message, i.nonce IS NOT NULL AS has_receipt
    FROM unnest(CAST(:subjects AS uuid[]), CAST(:partners AS text[]), CAST(:times AS timestamptz[]))
         AS a(subject, partner, time)
    LEFT JOIN LATERAL (
        SELECT id, correlation FROM event
        WHERE event.subject = a.subject AND event.source = a.partner AND event.time = a.time ORDER BY seq LIMIT 1
    ) AS e ON true {_RECEIPT}
""")
"""SQL query for the event of each answer, found by subject, sender and moment."""


async def places(
    connection: Connection, partners: Collection[str] | None, most: int | None = None
) -> dict[Key, int]:
    """Count, by partner and structure, the places that the partners manage and have not closed. With
    `partners`, count those of these partners, at most `most` places of each; None sets no limit. Without
    `partners`, count all places of all partners."""
    named = _named(partners)
    rows = await (
        _PLACES.all(connection) if named is None else _PLACES_OF.all(connection, partners=named, most=most)
    )
    return {(row.partner, row.structure): row.number for row in rows}


async def admissions(connection: Connection, month: str, partners: Collection[str] | None) -> list[Fact]:
    """Return the admissions of `month` (« 2026-11 ») at `partners`, or at all partners if it is None. They
    are admissions after a referral, and admissions without the SIAO. An admission without the SIAO is left
    out once its event has left the log."""
    named = _named(partners)
    through = await _THROUGH.all(
        connection, admitting=ADMITTING, months=months_before(month), month=month, partners=named
    )
    direct = await _DIRECT.all(connection, month=month, partners=named)
    found = [Fact(**row, figure=Figure.PAR_LE_SIAO) for row in through]
    for row in direct:
        values = dict(row)
        untitled, awaited = values.pop("untitled"), values.pop("may_still_be_given")
        titre = Titre.DONNE if not untitled else Titre.ATTENDU if awaited else Titre.AUCUN
        found.append(Fact(**values, figure=Figure.SANS_LE_SIAO, titre=titre))
    return found


async def places_behind(
    connection: Connection, partners: Collection[str], structure: str, most: int | None
) -> list[Fact]:
    """Return at most `most` open places of a structure that these partners manage; None sets no limit. Each
    comes with the newest event that its manager sent about it."""
    rows = await _PLACES_BEHIND.all(connection, partners=sorted(partners), structure=structure, most=most)
    return [Fact(**row, figure=Figure.PLACES) for row in rows]


async def answers_behind(connection: Connection, judged: Mapping[Loop, Figure]) -> list[Fact]:
    """Return one fact for each loop in `judged`, with the event that proves the loop's answer. `judged` says,
    for each loop, in which figure of the statement it counts: answers in time, or late answers. For a loop
    without answer, the fact has no event, and its time is when the answer was due."""
    answered = [loop for loop in judged if loop.answered is not None]
    rows = await _ANSWERS.all(
        connection,
        subjects=[loop.envoi for loop in answered],
        partners=[loop.partner for loop in answered],
        times=[loop.answered for loop in answered],
    )
    said = {row.subject: (row.event, row.message, row.has_receipt) for row in rows}

    def fact(loop: Loop, figure: Figure) -> Fact:
        event, message, has_receipt = said.get(loop.envoi, (None, None, False))
        time = loop.answered or loop.due or loop.received
        return Fact(loop.partner, loop.structure, figure, loop.envoi, event, message, time, has_receipt)

    return [fact(loop, figure) for loop, figure in judged.items()]


def _named(partners: Collection[str] | None) -> list[str] | None:
    return None if partners is None else sorted(partners)
