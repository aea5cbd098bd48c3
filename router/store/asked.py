"""Subjects about which a partner may be asked to act, whatever part it plays in them."""

from collections.abc import Collection
from datetime import datetime

from router.domain.deadlines import TERMES, Attendu
from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

_COLUMNS = "s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at"


def _by_state(side: str) -> str:
    """Return the SQL query for subjects in a state of `:{side}s` in which `:partner` plays the part
    `side`."""
    return f"""
        SELECT {_COLUMNS} FROM unnest(CAST(:{side}_natures AS text[]), CAST(:{side}_etats AS text[])) AS o(nature, etat)
        CROSS JOIN LATERAL (
            SELECT * FROM subject
            WHERE subject.etat = o.etat AND subject.nature = o.nature
              AND donnees ? 'destinataire' AND donnees ->> '{side}' = :partner
            ORDER BY changed_at LIMIT :most
        ) AS s
    """


def _awaits(side: Attendu) -> str:
    """Return the SQL condition on the state of a subject: a deadline in that state awaits `side`. It excludes
    a closed subject, even one with an unanswered request."""
    etats = sorted({etat for terme in TERMES if terme.attendu is side for etat in terme.etats})
    return f"s.etat IN ({', '.join(map(repr, etats))})"


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
              AND {_awaits(Attendu.EVALUATEUR)}
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.donnees ? 'operateurs_attendus' AND s.donnees -> 'operateurs_attendus' ? :partner
              AND {_awaits(Attendu.OPERATEUR)}
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s
            WHERE s.nature = 'place' AND s.etat IN ('OCCUPEE', 'A_LIBERER') AND s.donnees ->> 'gestionnaire' = :partner
              AND (s.donnees ? 'a_justifier_depuis' OR s.donnees ? 'a_expliquer_depuis')
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM list_change c JOIN subject s ON s.id = c.menage
            WHERE c.reader = :partner AND c.superseded_by IS NULL AND NOT c.gone AND s.donnees ? 'attendus_depuis'
              AND COALESCE(s.donnees -> 'inscriptions' ->> :partner, 'LABELLISEE') = 'LABELLISEE'
            ORDER BY s.changed_at LIMIT :most)
        UNION ALL (
            SELECT {_COLUMNS} FROM subject s JOIN deadline d ON d.subject = s.id
            WHERE s.nature = 'menage' AND s.donnees ->> 'emetteur' = :partner AND d.due_at < :until
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
    """Return the subjects about which a partner may be asked to act, each once: it is the addressee in a
    state `answering` or the sender in a state `sending` (pairs of kind of subject and state), or a deadline
    beside the state awaits the partner. For a household on the partner's own list, only a deadline before
    `until` counts.

    Return at most `most` for each state and each part that the partner plays, unchanged for longest first.
    """
    sides = {"destinataire": sorted(answering), "emetteur": sorted(sending)}
    natures = {f"{side}_natures": [nature for nature, _ in pairs] for side, pairs in sides.items()}
    etats = {f"{side}_etats": [etat for _, etat in pairs] for side, pairs in sides.items()}
    rows = await _ASKED.all(connection, partner=partner, until=until, most=most, **natures, **etats)
    return [subject_of(row) for row in rows]
