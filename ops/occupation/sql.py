"""Read the occupation that managers declared, beside the hub's own counts."""

from collections.abc import Sequence

from router.store.real import is_real
from router.store.sql import Connection, Row, Sql

_MANAGER = "(donnees ->> 'gestionnaire')"
_MOST = 2**31 - 1
"""The largest sum of declared figures. A sum may be senseless: some figures were declared before contracts
had a limit."""
_OCCUPATIONS = Sql(f"""
    WITH said AS (
        SELECT {_MANAGER} AS partner, donnees ->> 'dispositif' AS dispositif,
               min((donnees ->> 'releve_le')::date) AS releve_le,
               CAST(LEAST(sum((donnees ->> 'capacite')::bigint), {_MOST}) AS int) AS capacite,
               CAST(LEAST(sum((donnees ->> 'occupees')::bigint), {_MOST}) AS int) AS occupees
        FROM subject
        WHERE nature = 'groupe_places' AND donnees ? 'releve_le' AND (donnees ->> 'capacite')::bigint > 0
          AND {is_real(_MANAGER)}
          AND (CAST(:partner AS text) IS NULL OR {_MANAGER} = :partner)
        GROUP BY 1, 2
    )
    SELECT said.*, known.* FROM said CROSS JOIN LATERAL (
        SELECT count(*) AS places, count(*) FILTER (WHERE occupied) AS inhabited,
               count(*) FILTER (WHERE has_moved) AS moved, count(*) FILTER (WHERE occupied AND NOT has_moved) AS settled
        FROM (
            SELECT etat IN ('OCCUPEE', 'A_LIBERER') OR donnees ? 'libre_le' AS occupied,
                   COALESCE((donnees ->> 'etat_depuis')::timestamptz >= said.releve_le - interval '12 hours', false)
                   AS has_moved
            FROM subject
            WHERE nature = 'place' AND {_MANAGER} = said.partner
              AND etat IN ('DISPONIBLE', 'RESERVEE', 'A_LIBERER', 'INDISPONIBLE', 'OCCUPEE', 'DECLAREE')
              AND donnees ->> 'dispositif' = said.dispositif
        ) AS place
    ) AS known ORDER BY partner, dispositif
""")


async def occupations(connection: Connection, partner: str | None) -> Sequence[Row]:
    """Return a row for each manager and kind of offer with declared figures. With `partner`, return the rows
    of this manager only. The columns have two sources:

    * what the manager declared: `capacite` and `occupees`, and the oldest day of these figures, `releve_le`;
    * the manager's open places that the hub knows: how many there are (`places`), how many are inhabited
      (`inhabited`), how many have changed their state since `releve_le` (`moved`), and how many are inhabited
      and have not changed it since then (`settled`).
    """
    return await _OCCUPATIONS.all(connection, partner=partner)
