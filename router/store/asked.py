"""Find the subjects about which a partner may have to act."""

from collections.abc import Collection
from datetime import datetime

from router.domain.deadlines import Attendu
from router.domain.rulebooks.pret_logement import SUIVIS, SUR_LA_LISTE
from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.standing import awaits
from router.store.subjects import subject_of

_FOLLOWED = ", ".join(f"'{etat}'" for etat in sorted(SUIVIS))
"""States of a household ready for housing in which its SIAO may have to act."""
# Only these states: older versions left `lecteurs_attendus` in the rows of other states.
_LISTED = ", ".join(f"'{etat}'" for etat in sorted(SUR_LA_LISTE))
_COLUMNS = "s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at"


def _by_state(side: str) -> str:
    return f"""
        SELECT {_COLUMNS} FROM unnest(CAST(:{side}_natures AS text[]), CAST(:{side}_etats AS text[])) AS o(nature, etat)
        CROSS JOIN LATERAL (
            SELECT * FROM subject
            WHERE subject.etat = o.etat AND subject.nature = o.nature
              AND donnees ? 'destinataire' AND donnees ->> '{side}' = :partner
            ORDER BY changed_at LIMIT :most
        ) AS s
    """


_ASKED = Sql(f"""
    SELECT DISTINCT ON (id) * FROM (
        {_by_state("destinataire")}
        UNION ALL {_by_state("emetteur")}
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'demande' AND s.donnees ? 'transfert_le' AND s.donnees ->> 'repreneur' = :partner
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'demande' AND s.donnees ? 'evaluation_depuis' AND s.donnees ->> 'evaluateur' = :partner
              AND {awaits(Attendu.EVALUATEUR)}
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.donnees ? 'operateurs_attendus' AND s.donnees -> 'operateurs_attendus' ? :partner
              AND {awaits(Attendu.OPERATEUR)}
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'place' AND s.etat IN ('OCCUPEE', 'A_LIBERER') AND s.donnees ->> 'gestionnaire' = :partner
              AND (s.donnees ? 'a_justifier_depuis' OR s.donnees ? 'a_expliquer_depuis')
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.donnees ? 'lecteurs_attendus' AND s.donnees -> 'lecteurs_attendus' ? :partner
              AND s.nature = 'menage' AND s.etat IN ({_LISTED})
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s JOIN deadline d ON d.subject = s.id
            WHERE s.nature = 'menage' AND s.etat IN ({_FOLLOWED}) AND s.donnees ->> 'emetteur' = :partner
              AND d.due_at < :until
            ORDER BY d.due_at LIMIT :most)
    ) AS asked ORDER BY id
""")


async def asked(
    connection: Connection,
    partner: str,
    answering: Collection[tuple[str, str]],
    sending: Collection[tuple[str, str]],
    until: datetime,
    most: int,
) -> list[Subject]:
    """Return the subjects about which a partner may have to act, at most `most` of each kind:

    * referrals and candidacies sent to the partner, whose (type, state) is in `answering`;
    * referrals and candidacies that the partner sent, whose (type, state) is in `sending`;
    * demands that another SIAO proposes to transfer to the partner, or that the partner has to evaluate;
    * referrals for which the partner has to say whether it accompanies the household;
    * places that the partner manages, if it has to say who lives there, or to justify an admission;
    * households ready for housing on the partner's list, about which it still has to answer;
    * households ready for housing that the partner declared, with a deadline before `until`.
    """
    sides = {"destinataire": sorted(answering), "emetteur": sorted(sending)}
    natures = {f"{side}_natures": [nature for nature, _ in pairs] for side, pairs in sides.items()}
    etats = {f"{side}_etats": [etat for _, etat in pairs] for side, pairs in sides.items()}
    rows = await _ASKED.all(connection, partner=partner, until=until, most=most, **natures, **etats)
    return [subject_of(row) for row in rows]
