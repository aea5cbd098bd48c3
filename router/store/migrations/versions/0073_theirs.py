"""Add indexes by which a SIAO finds its pairs of possible duplicates, and a partner finds the agreements and
derogations that it has to sign."""

from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create four indexes on pairs of possible duplicates. The column `siaos` of a pair has the one or two
    SIAO that may decide about the pair. Undecided pairs get one index by the first SIAO in this column, and
    one by the second. Decided pairs get two such indexes too. Create an index on the acts (agreements and
    derogations) that wait for signatures: by missing signatures, and by sender, structure and territory. Then
    drop the index `duplicate_decided`, which the new indexes replace."""
    for number, name in ((1, "first"), (2, "second")):
        op.execute(
            f"CREATE INDEX duplicate_undecided_{name} ON duplicate ((siaos[{number}]), created_at, menage, autre) "
            "WHERE etat = 'propose'"
        )
        op.execute(
            f"CREATE INDEX duplicate_decided_{name} ON duplicate ((siaos[{number}]), decided_at) "
            "WHERE etat <> 'propose'"
        )
    op.execute(
        "CREATE INDEX subject_to_sign ON subject USING gin ((donnees -> 'attendus'), "
        "(ARRAY[donnees ->> 'emetteur', donnees ->> 'structure', donnees ->> 'territoire', "
        "left(donnees ->> 'territoire', 2), left(donnees ->> 'territoire', 3)])) "
        "WHERE nature IN ('convention', 'derogation') AND etat = 'PROPOSEE'"
    )
    op.execute("DROP INDEX duplicate_decided")
