"""Store limitations. A limitation restricts the use of a person's data, because the person has asked for it
(GDPR). Each limitation is about a household or one of its subjects. Partners then see only the unencrypted
fields of this household or subject."""

from collections.abc import Collection
from uuid import UUID

from router.store.sql import Connection, Sql
from router.store.subjects import cited

TIED = f"""
    ARRAY[id, menage, {cited("subject")}]
    || ARRAY(SELECT CAST(jsonb_array_elements_text(donnees -> 'autres_menages') AS uuid))
"""
"""SQL expression for the ids to which a limitation of a subject extends:

* the subject's own id, and that of its household;
* the id of the demand or referral that the subject cites;
* if the subject is a demand, the other ids under which it describes its household."""
FOLLOWED = """
    INSERT INTO limitation (ident, request)
    SELECT tied.ident, l.request
    FROM saved AS s CROSS JOIN LATERAL unnest(s.idents) AS about(ident)
    JOIN limitation l USING (ident)
    JOIN person_request r ON r.id = l.request AND r.etat IN ('ouverte', 'accordee')
    CROSS JOIN LATERAL unnest(s.idents) AS tied(ident)
    WHERE tied.ident IS NOT NULL
    ORDER BY tied.ident, l.request FOR SHARE OF r
    ON CONFLICT DO NOTHING
"""
"""Statement that extends limitations to all ids of one household. In each row of the query `saved`, the
column `idents` has ids of one household: if one of them is limited, all are from now on. For a written
subject, `idents` has its ids `TIED`.

The statement locks the person's request. So an answer to the request, which would lift the limitation, waits
for this transaction."""
_FOLLOW = Sql(f"WITH saved AS (SELECT CAST(:idents AS uuid[]) AS idents) {FOLLOWED}")
_READ = Sql("SELECT DISTINCT ident FROM limitation")
_AMONG = Sql("SELECT DISTINCT ident FROM limitation WHERE ident = ANY(CAST(:idents AS uuid[]))")
_REMOVE = Sql("DELETE FROM limitation WHERE ident = ANY(CAST(:idents AS uuid[]))")


async def read(connection: Connection) -> frozenset[UUID]:
    """Return the ids of all households and subjects for which a person has asked to restrict the use of her
    data."""
    return frozenset(await _READ.column(connection))


async def among(connection: Connection, idents: Collection[UUID]) -> frozenset[UUID]:
    """Return the ids among `idents` for which a person has asked to restrict the use of her data."""
    return frozenset(await _AMONG.column(connection, idents=list(idents)))


async def follow(connection: Connection, idents: Collection[UUID]) -> None:
    """Extend the limitations of each of these ids to all the others. The ids all belong to one household. A
    limitation restricts the use of a person's data, because the person has asked for it (GDPR)."""
    await _FOLLOW.run(connection, idents=list(idents))


async def remove(connection: Connection, idents: Collection[UUID]) -> None:
    """Delete the limitations of these households and subjects, whose data keys are destroyed. A limitation
    restricts the use of a person's data (GDPR)."""
    await _REMOVE.run(connection, idents=list(idents))
