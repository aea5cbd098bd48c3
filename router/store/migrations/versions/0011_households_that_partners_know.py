"""Households that partners were shown under our own id keep it there; others get an id for each partner."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SHOWN = """
    INSERT INTO crosswalk (partner, nature, value_hmac, id, value_sealed)
    SELECT partner, 'menage', uuid_send(menage) || convert_to(partner, 'UTF8'), menage, CAST('' AS bytea) FROM (
        SELECT donnees ->> 'destinataire' AS partner, menage FROM subject
        UNION SELECT donnees ->> 'emetteur', menage FROM subject
        UNION SELECT d.partner, CAST(convert_from(e.payload, 'UTF8')::jsonb #>> '{clair,menage,id}' AS uuid)
        FROM event e JOIN delivery d ON d.event_id = e.id WHERE e.type = 'fr.siao.orientation.admission.directe.v1'
    ) AS shown WHERE partner IS NOT NULL AND menage IS NOT NULL
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Only adds. To the version before, such a row is one whose key is damaged: it shows our own id, as it did."""
    op.execute(_SHOWN)
