"""Correct the cards of households that name a centre or a service of the State: they must name the
household's SIAO. A card is what the hub compares of a household to find duplicates."""

from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """In each card whose partner is no SIAO, replace this partner by the SIAO of the household's last changed
    subject. Then correct each pair that such a partner may decide about: from now on, the SIAO of its two
    cards decide."""
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
