"""Figures of occupation beside the known places, and admissions, by manager."""

from collections.abc import Sequence

from contracts.v1.alerte import AlerteAnomalie
from contracts.v1.suite import AdmissionDirecte
from router.store.real import is_real
from router.store.sql import Connection, Row, Sql

_MANAGER = "(donnees ->> 'gestionnaire')"
_OCCUPATIONS = Sql(f"""
    WITH said AS (
        SELECT {_MANAGER} AS partner, donnees ->> 'dispositif' AS dispositif,
               min((donnees ->> 'releve_le')::date) AS releve_le,
               CAST(sum((donnees ->> 'capacite')::int) AS int) AS capacite,
               CAST(sum((donnees ->> 'occupees')::int) AS int) AS occupees
        FROM subject
        WHERE nature = 'groupe_places' AND donnees ? 'releve_le' AND (donnees ->> 'capacite')::int > 0
          AND {is_real(_MANAGER)}
          AND (CAST(:partner AS text) IS NULL OR {_MANAGER} = :partner)
        GROUP BY 1, 2
    )
    SELECT said.*, known.* FROM said CROSS JOIN LATERAL (
        SELECT count(*) AS places, count(*) FILTER (WHERE lived_in) AS inhabited,
               count(*) FILTER (WHERE has_moved) AS moved, count(*) FILTER (WHERE lived_in AND NOT has_moved) AS settled
        FROM (
            SELECT etat IN ('OCCUPEE', 'A_LIBERER') OR donnees ? 'libre_le' AS lived_in,
                   COALESCE((donnees ->> 'etat_depuis')::timestamptz >= said.releve_le - interval '12 hours', false)
                   AS has_moved
            FROM subject
            WHERE nature = 'place' AND {_MANAGER} = said.partner
              AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')
              AND donnees ->> 'dispositif' = said.dispositif
        ) AS place
    ) AS known ORDER BY partner, dispositif
""")
_ADMISSIONS = Sql(f"""
    WITH said AS (
        SELECT source, subject, seq, convert_from(payload, 'UTF8')::jsonb -> 'clair' ->> 'admission_le' AS day, EXISTS (
            SELECT FROM event alert WHERE alert.correlation = event.correlation AND alert.causation = event.id
              AND alert.type = '{AlerteAnomalie.TYPE}') AS untitled
        FROM event
        WHERE type = '{AdmissionDirecte.TYPE}' AND {is_real("source")}
          AND time >= CAST(:month || '-01 00:00Z' AS timestamptz)
          AND time < CAST(:month || '-01 00:00Z' AS timestamptz) + interval '1 month'
          AND NOT EXISTS (SELECT FROM outcome o WHERE o.event_id = event.id AND o.kind IN ('sans_effet', 'anomalie'))
    ), direct AS (
        SELECT source AS partner, count(*) AS number, count(*) FILTER (WHERE untitled AND NOT EXISTS (
            SELECT FROM said AS later WHERE later.subject = said.subject AND later.day = said.day
              AND later.seq > said.seq AND NOT later.untitled)) AS untitled
        FROM said GROUP BY source
    ), through AS (
        SELECT donnees ->> 'destinataire' AS partner, count(*) AS number FROM subject
        WHERE nature = 'orientation' AND donnees ? 'remise_le' AND {is_real("donnees ->> 'destinataire'")}
          AND left(donnees ->> 'remise_le', 7) BETWEEN :earliest AND :month
          AND left(donnees ->> 'admise_le', 7) = :month
        GROUP BY 1
    )
    SELECT partner, COALESCE(through.number, 0) AS through, COALESCE(direct.number, 0) AS direct,
           COALESCE(direct.untitled, 0) AS untitled
    FROM direct FULL JOIN through USING (partner)
    WHERE CAST(:partner AS text) IS NULL OR partner = :partner ORDER BY partner
""")


async def occupations(connection: Connection, partner: str | None) -> Sequence[Row]:
    """Return (partner, dispositif, releve_le, capacite, occupees, places, inhabited, moved, settled): the last figures
    of each manager, or of one, for each kind of place.

    Leaves out a group declared without places. A move counts from twelve hours before the day of the figures, whose
    time zone is unknown.
    """
    return await _OCCUPATIONS.all(connection, partner=partner)


async def admissions(connection: Connection, earliest: str, month: str, partner: str | None) -> Sequence[Row]:
    """Return (partner, through, direct, untitled) for a month (« 2026-11 »).

    Counts referrals received since the month `earliest`, and direct admissions that are still in the log. One is
    untitled where the hub alerted the SIAO to that (`title_of`), unless its manager has said it again with a title.
    """
    return await _ADMISSIONS.all(connection, earliest=earliest, month=month, partner=partner)
