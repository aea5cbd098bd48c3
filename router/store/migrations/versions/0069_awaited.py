"""Add indexes by which a partner finds its tasks: households to accompany, to evaluate or to label, and
occupied places to explain. A SIAO also finds the households that it has declared ready for housing."""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes by which the hub finds what each partner still has to do, and drop the three that
    they replace. The new key `lecteurs_attendus` (the readers who still have to answer about a household) is
    not added to stored subjects here: an UPDATE would keep its locks until all indexes are made. The running
    hub adds it."""
    op.execute(
        "CREATE INDEX subject_to_accompany ON subject USING gin ((donnees -> 'operateurs_attendus')) "
        "WHERE donnees ? 'operateurs_attendus' "
        "AND etat IN ('ACCEPTEE', 'ACCUSEE', 'ADMISE', 'ENTREE', 'EN_ATTENTE', 'PREADMISSION', 'PROPOSEE')"
    )
    op.execute(
        "CREATE INDEX subject_evaluating ON subject ((donnees ->> 'evaluateur'), changed_at) "
        "WHERE nature = 'demande' AND donnees ? 'evaluation_depuis' "
        "AND etat IN ('COMPLETE', 'EN_ATTENTE', 'EVALUEE', 'NON_POURVUE', 'ORIENTEE', 'RECUE')"
    )
    op.execute(
        "CREATE INDEX subject_to_label ON subject USING gin ((donnees -> 'lecteurs_attendus')) "
        "WHERE donnees ? 'lecteurs_attendus'"
    )
    op.execute(
        "CREATE INDEX subject_listed_of ON subject ((donnees ->> 'emetteur')) "
        "WHERE nature = 'menage' AND etat IN ('ACTUALISE', 'A_CONFIRMER', 'DECLARE', 'PRESENTE')"
    )
    op.execute(
        "CREATE INDEX subject_to_explain ON subject ((donnees ->> 'gestionnaire'), changed_at) "
        "WHERE nature = 'place' AND etat IN ('OCCUPEE', 'A_LIBERER') "
        "AND (donnees ? 'a_justifier_depuis' OR donnees ? 'a_expliquer_depuis')"
    )
    op.execute("DROP INDEX subject_to_evaluate")
    op.execute("DROP INDEX subject_accompanied")
    op.execute("DROP INDEX subject_ready_of")
