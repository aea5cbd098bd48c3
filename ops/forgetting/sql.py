"""What a demand ties together: a household's subjects, the demand that a referral cites, whoever else cites it."""

from uuid import UUID

from ops.forgetting.kin import Kin, Tied, kin_of
from router.store.sql import Connection, Sql

_TIED = Sql("""
    WITH RECURSIVE tied AS (
        SELECT CAST(:ident AS uuid) AS id
        UNION
        SELECT next.id FROM tied CROSS JOIN LATERAL (
            SELECT s.id FROM subject s WHERE s.menage = tied.id
            UNION ALL SELECT s.menage FROM subject s WHERE s.id = tied.id AND s.menage IS NOT NULL
            UNION ALL SELECT CAST(s.donnees ->> 'demande' AS uuid) FROM subject s
                WHERE s.id = tied.id AND s.donnees ? 'demande'
            UNION ALL SELECT s.id FROM subject s
                WHERE s.donnees ? 'demande' AND s.donnees ->> 'demande' = CAST(tied.id AS text)
        ) AS next
    )
    SELECT tied.id, s.nature, s.menage, CAST(s.donnees ->> 'demande' AS uuid) AS demande,
           s.donnees ->> 'emetteur' AS emetteur, k.holder IS NOT NULL AS keyed
    FROM tied LEFT JOIN subject s ON s.id = tied.id LEFT JOIN holder_key k ON k.holder = tied.id
""")


async def kin(connection: Connection, ident: UUID) -> Kin:
    """All that is tied to a household, or to one of its subjects, however many demands away."""
    return kin_of(ident, [Tied(*row) for row in await _TIED.all(connection, ident=ident)])
