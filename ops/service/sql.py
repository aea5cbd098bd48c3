"""Referrals and candidacies as loops: those that began in some months, and all open ones."""

from collections.abc import Collection

from router.domain.subjects import Subject
from router.store.real import is_real
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

MOST = 200_000
_LOOPS = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature IN ('orientation', 'candidature') AND donnees ? 'remise_le'
      AND {is_real("donnees ->> 'destinataire'")}
      AND (left(donnees ->> 'remise_le', 7) BETWEEN :first AND :last OR etat = ANY(CAST(:open AS text[])))
      AND (CAST(:partner AS text) IS NULL OR :partner IN (donnees ->> 'destinataire', donnees ->> 'emetteur'))
    LIMIT CAST(:most AS bigint)
""")


async def begun(
    connection: Connection, first: str, last: str, still_open: Collection[str], partner: str | None = None
) -> list[Subject]:
    """Return the subjects received between two months (« 2026-11 »), and those of any month in the states `still_open`.
    With `partner`, only those that it sent or received."""
    rows = await _LOOPS.all(
        connection, first=first, last=last, open=sorted(still_open), partner=partner, most=MOST
    )
    return [subject_of(row) for row in rows]
