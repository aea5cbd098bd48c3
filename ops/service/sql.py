"""Read loops: referrals and candidacies that have reached their recipient."""

from collections.abc import Collection

from router.domain.subjects import Subject
from router.store.real import is_real
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

MOST = 200_000
"""The maximum number of loops that are read at once."""
_IS_LOOP = f"""
    nature IN ('orientation', 'candidature') AND donnees ? 'remise_le' AND {is_real("donnees ->> 'destinataire'")}
"""
_BEGUN = "left(donnees ->> 'remise_le', 7) BETWEEN :first AND :last"
_LOOPS = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE {_IS_LOOP} AND ({_BEGUN} OR etat = ANY(CAST(:open AS text[])))
    LIMIT CAST(:most AS bigint)
""")
_LOOPS_OF_ONE = Sql(f"""
    WITH found AS (
        SELECT id FROM subject
        WHERE etat = ANY(CAST(:open AS text[])) AND donnees ? 'destinataire' AND donnees ->> 'destinataire' = :partner
        UNION
        SELECT id FROM subject
        WHERE etat = ANY(CAST(:open AS text[])) AND donnees ? 'destinataire' AND donnees ->> 'emetteur' = :partner
        UNION
        SELECT id FROM subject WHERE donnees ? 'remise_le' AND {_BEGUN} AND donnees ->> 'destinataire' = :partner
        UNION
        SELECT id FROM subject
        WHERE donnees ? 'destinataire' AND donnees ->> 'emetteur' = :partner AND {_BEGUN}
          AND changed_at >= CAST(:first || '-01 00:00Z' AS timestamptz)
    )
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject JOIN found USING (id)
    WHERE {_IS_LOOP} LIMIT CAST(:most AS bigint)
""")
"""SQL query for the loops of one partner. Each of its inner SELECTs uses another index."""
_RECEIVED = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE {_IS_LOOP} AND left(donnees ->> 'remise_le', 7) = :month
      AND (CAST(:partners AS text[]) IS NULL OR donnees ->> 'destinataire' = ANY(:partners))
""")


async def begun(
    connection: Connection, first: str, last: str, still_open: Collection[str], partner: str | None = None
) -> list[Subject]:
    """Return the referrals and candidacies that reached their recipient in the months `first` to `last`
    (« 2026-11 »), and those that reached it in any other month and are now in a state of `still_open`. With
    `partner`, return only those of which this partner is sender or recipient. At most `MOST` + 1 are
    returned, so that the caller can tell whether there are more than `MOST`."""
    asked = {"first": first, "last": last, "open": sorted(still_open), "most": MOST + 1}
    one = {} if partner is None else {"partner": partner}
    rows = await (_LOOPS_OF_ONE if one else _LOOPS).all(connection, **asked, **one)
    return [subject_of(row) for row in rows]


async def received(connection: Connection, month: str, partners: Collection[str] | None) -> list[Subject]:
    """Return the referrals and candidacies that `partners` received in `month` (« 2026-11 »). None stands for
    all partners."""
    named = None if partners is None else sorted(partners)
    return [subject_of(row) for row in await _RECEIVED.all(connection, month=month, partners=named)]
