"""Find the ids linked to a household: by its subjects, by demands that describe it under another id, by
demands and referrals that other subjects cite, and by decisions that households are one."""

from uuid import UUID

from ops.forgetting.tied import Tied, TiedIds, ids_tied_to
from router.store.sql import Connection, Sql
from router.store.subjects import STAYS, cited

# An array, because PostgreSQL expects few rows of it: it would expect too many, and read the whole table.
_TIED = Sql(f"""
    WITH RECURSIVE tied AS (
        SELECT CAST(:ident AS uuid) AS id
        UNION
        SELECT next.id FROM tied CROSS JOIN LATERAL unnest(ARRAY(
            SELECT s.id FROM subject s WHERE s.menage = tied.id
            UNION ALL SELECT s.menage FROM subject s WHERE s.id = tied.id
            UNION ALL SELECT CAST(jsonb_array_elements_text(s.donnees -> 'autres_menages') AS uuid)
                FROM subject s WHERE s.id = tied.id
            UNION ALL SELECT s.id FROM subject s
                WHERE s.donnees ? 'autres_menages' AND s.donnees -> 'autres_menages' ? CAST(tied.id AS text)
            UNION ALL SELECT {cited("s")} FROM subject s WHERE s.id = tied.id
            UNION ALL SELECT s.id FROM subject s
                WHERE s.donnees ? 'demande' AND s.donnees ->> 'demande' = CAST(tied.id AS text)
            UNION ALL SELECT s.id FROM subject s
                WHERE s.{STAYS} AND s.donnees ->> 'orientation' = CAST(tied.id AS text)
            UNION ALL SELECT autre FROM duplicate d WHERE d.menage = tied.id AND d.etat = 'confirme'
            UNION ALL SELECT d.menage FROM duplicate d WHERE d.autre = tied.id AND d.etat = 'confirme'
        )) AS next(id) WHERE next.id IS NOT NULL
    )
    SELECT tied.id, s.nature, s.menage, {cited("s")} AS cited,
           s.donnees ->> 'emetteur' AS emetteur, k.holder IS NOT NULL AS keyed,
           ARRAY(SELECT CAST(jsonb_array_elements_text(s.donnees -> 'autres_menages') AS uuid)) AS autres
    FROM tied LEFT JOIN subject s ON s.id = tied.id LEFT JOIN holder_key k ON k.holder = tied.id
""")


async def tied_ids(connection: Connection, ident: UUID) -> TiedIds:
    """Return all ids linked to a household or subject, directly or through others, as `TiedIds` says."""
    return ids_tied_to(ident, [Tied(*row) for row in await _TIED.all(connection, ident=ident)])
