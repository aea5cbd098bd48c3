"""Give each card (what the hub compares of a household to find duplicates) that names a centre or a service
of the State back to the household's SIAO."""

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the partner in each card whose partner is no SIAO by the SIAO of the household's subject that
    changed last. Then give each pair with such a partner to the SIAO of its two cards."""
    op.execute("""
        UPDATE household_card c SET siao = found.siao FROM (
            SELECT DISTINCT ON (s.menage) s.menage, siao.id AS siao
            FROM household_card k
            JOIN partner p ON p.id = k.siao AND p.entry ->> 'famille' <> 'siao'
            JOIN subject s ON s.menage = k.menage
            JOIN partner siao ON siao.entry ->> 'famille' = 'siao' AND siao.id =
                CASE WHEN s.nature IN ('demande', 'daho', 'examen') THEN s.donnees ->> 'destinataire'
                     ELSE COALESCE(s.donnees ->> 'siao', s.donnees ->> 'emetteur') END
            ORDER BY s.menage, s.changed_at DESC
        ) AS found
        WHERE c.menage = found.menage
    """)
    op.execute("""
        UPDATE duplicate d SET siaos = found.siaos FROM (
            SELECT menage, autre, ARRAY(
                SELECT DISTINCT siao FROM household_card WHERE menage IN (p.menage, p.autre) ORDER BY siao) AS siaos
            FROM duplicate p
            WHERE EXISTS (SELECT FROM partner WHERE id = ANY(p.siaos) AND entry ->> 'famille' <> 'siao')
        ) AS found
        WHERE d.menage = found.menage AND d.autre = found.autre AND found.siaos <> '{}'
    """)
