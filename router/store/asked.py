"""Find the subjects about which a partner may have to act."""

from collections.abc import Collection
from datetime import datetime

from router.domain.deadlines import Attendu
from router.domain.rulebooks.pret_logement import SUIVIS, SUR_LA_LISTE
from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.standing import URGENT, awaits
from router.store.subjects import subject_of

_FOLLOWED = ", ".join(f"'{etat}'" for etat in sorted(SUIVIS))
"""States of a household ready for housing in which its SIAO may have to act."""
# Only these states: older versions left `lecteurs_attendus` in the rows of other states.
_LISTED = ", ".join(f"'{etat}'" for etat in sorted(SUR_LA_LISTE))
_COLUMNS = "s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at"


def _by_state(which: str, side: str, order: str = URGENT) -> str:
    return f"""
        SELECT {_COLUMNS}
        FROM unnest(CAST(:{which}_natures AS text[]), CAST(:{which}_etats AS text[])) AS o(nature, etat)
        CROSS JOIN LATERAL (
            SELECT * FROM subject s
            WHERE s.etat = o.etat AND s.nature = o.nature
              AND donnees ? 'destinataire' AND donnees ->> '{side}' = :partner
            ORDER BY {order} LIMIT :most
        ) AS s
    """


_ASKED = Sql(f"""
    SELECT DISTINCT ON (id) * FROM (
        {_by_state("answering", "destinataire")}
        UNION ALL {_by_state("sending", "emetteur")}
        UNION ALL {_by_state("undated", "destinataire", "s.changed_at")}
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'demande' AND s.donnees ? 'transfert_le' AND s.donnees ->> 'repreneur' = :partner
            ORDER BY {URGENT} LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'demande' AND s.donnees ? 'evaluation_depuis' AND s.donnees ->> 'evaluateur' = :partner
              AND {awaits(Attendu.EVALUATEUR)}
            ORDER BY {URGENT} LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.donnees ? 'operateurs_attendus' AND s.donnees -> 'operateurs_attendus' ? :partner
              AND {awaits(Attendu.OPERATEUR)}
            ORDER BY {URGENT} LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'place' AND s.etat IN ('OCCUPEE', 'A_LIBERER') AND s.donnees ->> 'gestionnaire' = :partner
              AND (s.donnees ? 'a_justifier_depuis' OR s.donnees ? 'a_expliquer_depuis')
            ORDER BY {URGENT} LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.donnees ? 'lecteurs_attendus' AND s.donnees -> 'lecteurs_attendus' ? :partner
              AND s.nature = 'menage' AND s.etat IN ({_LISTED})
            ORDER BY {URGENT} LIMIT :most)
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
    undated: Collection[tuple[str, str]] = (),
) -> list[Subject]:
    """Return the subjects about which a partner may have to act, each once. Of each of the following kinds,
    at most `most` subjects are returned: those with the nearest deadline, if nothing else is said. In the
    first three kinds, `most` holds for each type and state.

    * subjects sent to the partner, whose (type, state) is in `answering`;
    * subjects that the partner sent, whose (type, state) is in `sending`;
    * subjects sent to the partner, whose (type, state) is in `undated`: the longest unchanged ones;
    * demands that another SIAO proposes to transfer to the partner;
    * demands that the partner has to evaluate;
    * referrals for which the partner has to say whether it accompanies the household;
    * places that the partner manages, if it has to say who lives there, or to justify an admission;
    * households ready for housing on the partner's list, about which it still has to answer;
    * households ready for housing that the partner declared, with a deadline before `until`."""
    kinds = {"answering": sorted(answering), "sending": sorted(sending), "undated": sorted(undated)}
    natures = {f"{kind}_natures": [nature for nature, _ in pairs] for kind, pairs in kinds.items()}
    etats = {f"{kind}_etats": [etat for _, etat in pairs] for kind, pairs in kinds.items()}
    rows = await _ASKED.all(connection, partner=partner, until=until, most=most, **natures, **etats)
    return [subject_of(row) for row in rows]
