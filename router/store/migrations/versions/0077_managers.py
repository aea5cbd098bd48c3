"""Store with each derogation the manager that signed it. A contestation removes the signatures, but not this
field."""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to each derogation the manager that signed it. Leave out signatures on paper, which one partner
    recorded for all parties. Replace the index of the acts that wait for signatures: where the old index has
    the sender, the new one has the manager. The old index is dropped last, because the drop locks out all
    readers until the commit."""
    op.execute(
        "UPDATE subject SET donnees = jsonb_set(donnees, '{gestionnaire}', donnees #> '{signatures,GESTIONNAIRE}') "
        "WHERE nature = 'derogation' AND donnees -> 'signatures' ? 'GESTIONNAIRE' "
        "AND donnees #>> '{signatures,GESTIONNAIRE}' IS DISTINCT FROM donnees #>> '{signatures,SIAO}' "
        "AND donnees #>> '{signatures,GESTIONNAIRE}' IS DISTINCT FROM donnees #>> '{signatures,ETAT}'"
    )
    op.execute("ALTER INDEX subject_to_sign RENAME TO subject_to_sign_before")
    op.execute(
        "CREATE INDEX subject_to_sign ON subject USING gin ((donnees -> 'attendus'), "
        "(ARRAY[donnees ->> 'gestionnaire', donnees ->> 'structure', donnees ->> 'territoire', "
        "left(donnees ->> 'territoire', 2), left(donnees ->> 'territoire', 3)])) "
        "WHERE nature IN ('convention', 'derogation') AND etat = 'PROPOSEE'"
    )
    op.execute("DROP INDEX subject_to_sign_before")
