"""Queries for acts (agreements and derogations), page by page, and for their signatures."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.partner import Famille, Partner
from contracts.v1.convention import ConventionSignee, DerogationAccordee, Signataire
from router.domain.partners import Registry
from router.domain.rulebooks.acte import Acte
from router.domain.sandbox import MARK, sandbox_of, territories_of
from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

SIGNATURES = [ConventionSignee.TYPE, DerogationAccordee.TYPE]
NO_END = date.max
"""Date that stands for a missing end of validity, so that an act without end comes last."""
_POSITION = f"COALESCE(donnees ->> 'au', '{NO_END}'), COALESCE(donnees ->> 'numero', ''), id"
_SANDBOX = f"split_part(COALESCE(donnees ->> 'territoire', ''), '{MARK}', 2)"
"""SQL expression for the sandbox of an act (where one partner tests its software); empty for an act outside
all sandboxes."""
_ACTS = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature IN ('convention', 'derogation')
      AND (CAST(:among AS text[]) IS NULL OR donnees ->> 'emetteur' = ANY(CAST(:among AS text[]))
          OR donnees ->> 'gestionnaire' = ANY(CAST(:among AS text[])) OR EXISTS (
          SELECT FROM jsonb_each_text(donnees -> 'signatures') AS s WHERE s.value = ANY(CAST(:among AS text[])))
          OR jsonb_exists_any(donnees -> 'attendus', CAST(:bodies AS text[]))
          OR donnees ->> 'structure' = ANY(CAST(:bodies AS text[]))
          OR EXISTS (SELECT FROM jsonb_array_elements_text(donnees -> 'attendus') AS a
                     WHERE a.value || ' ' || (donnees ->> 'territoire') = ANY(CAST(:capacities AS text[]))))
      AND (CAST(:among AS text[]) IS NULL OR {_SANDBOX} = ANY(CAST(:sandboxes AS text[])))
      AND (CAST(:after_id AS uuid) IS NULL
           OR ({_POSITION}) > (CAST(:after_au AS text), CAST(:after_numero AS text), CAST(:after_id AS uuid)))
    ORDER BY {_POSITION} LIMIT CAST(:most AS bigint)
""")
_SIGNED = Sql("""
    SELECT DISTINCT ON (e.subject, e.source) e.subject, e.source, e.time, e.id AS event,
           (convert_from(e.payload, 'UTF8')::jsonb -> 'clair' ->> 'signee_le')::date AS day,
           i.nonce IS NOT NULL AS has_receipt
    FROM event e LEFT JOIN inbox i ON i.id = e.correlation
    WHERE e.subject = ANY(CAST(:acts AS uuid[])) AND e.type = ANY(CAST(:types AS text[]))
      AND NOT EXISTS (SELECT FROM outcome o WHERE o.event_id = e.id AND o.kind IN ('anomalie', 'sans_effet'))
    ORDER BY e.subject, e.source, e.seq DESC
""")


_NAMES = """
    ARRAY[donnees ->> 'gestionnaire', donnees ->> 'structure', donnees ->> 'territoire',
          left(donnees ->> 'territoire', 2), left(donnees ->> 'territoire', 3)]
"""
"""SQL array of the texts by which the index `subject_to_sign` finds an act."""
_PROPOSED = Sql(f"""
    SELECT id, nature, etat, version, donnees, menage, due_at FROM subject
    WHERE nature IN ('convention', 'derogation') AND etat = 'PROPOSEE'
      AND (donnees -> 'attendus' ?| CAST(:structures AS text[]) OR {_NAMES} && CAST(:own AS text[])
           OR (nature = 'derogation' AND {_NAMES} && CAST(:territoires AS text[])))
      AND {_SANDBOX} = :sandbox AND (donnees -> 'signatures' ? :quality) IS NOT TRUE
      AND NOT EXISTS (SELECT FROM jsonb_each_text(donnees -> 'signatures') AS s WHERE s.value = :partner)
    ORDER BY changed_at LIMIT :most
""")


class Position(NamedTuple):
    """Position in the list of acts, which is sorted by end of validity (`au`), number and id. The next page
    begins after this position."""

    au: date
    numero: str
    id: UUID


class Signed(NamedTuple):
    """A partner's signature under an act."""

    time: datetime
    event: UUID
    day: date | None
    """Date of signature that the partner stated, if any."""
    has_receipt: bool


async def acts(
    connection: Connection,
    among: Iterable[str] | None = None,
    after: Position | None = None,
    most: int | None = None,
    bodies: Iterable[str] = (),
    capacities: Iterable[str] = (),
) -> list[Acte]:
    """Return at most `most` acts after the position `after`, earliest end of validity first. `among` has the
    ids of partners; without it, acts of all partners are returned. With it, only three kinds of acts are
    returned:

    - acts that one of the partners issued, signed, or manages (`Derogation.gestionnaire`)
    - acts that concern one of the structures `bodies`
    - acts that await a signature in one of the `capacities`

    The capacity of the SIAO of territory 01 is « SIAO 01 ». With `among`, acts of a sandbox are returned only
    if one of the partners `among` is in that sandbox.
    """
    asked = None if among is None else list(among)
    rows = await _ACTS.all(
        connection,
        among=asked,
        sandboxes=[sandbox_of(each) or "" for each in asked or ()],
        bodies=list(bodies),
        capacities=list(capacities),
        after_au=after and str(after.au),
        after_numero=after and after.numero,
        after_id=after and after.id,
        most=most,
    )
    return [each for each in map(subject_of, rows) if isinstance(each, Acte)]


async def proposed(connection: Connection, partner: Partner, registry: Registry, most: int) -> list[Subject]:
    """Return at most `most` proposed acts that `partner` may sign and has not signed, least recently changed
    first. A partner may sign the acts that concern one of its structures, and a derogation of which it is the
    manager (`Derogation.gestionnaire`). A SIAO or a service of the State may also sign the derogations of its
    territories."""
    for_all = partner.famille in (Famille.SIAO, Famille.ETAT)
    structures = registry.structures_of(partner)
    rows = await _PROPOSED.all(
        connection,
        partner=partner.id,
        sandbox=sandbox_of(partner.id) or "",
        structures=structures,
        own=[partner.id, *structures],
        territoires=list(territories_of(partner)) if for_all else [],
        quality=str(Signataire(partner.famille.upper()) if for_all else Signataire.GESTIONNAIRE),
        most=most,
    )
    return [subject_of(row) for row in rows]


def position_of(act: Acte) -> Position:
    """Return the sort key of an act in the list of acts. By this key, a caller asks for the page of the list
    that begins after the act."""
    return Position(act.au or NO_END, act.numero or "", act.id)


async def signatures(connection: Connection, acts: Iterable[UUID]) -> Mapping[tuple[UUID, str], Signed]:
    """Return the last signature of each partner under each of these acts; the keys are (act, partner). A SIAO
    that another has taken over since then (a merged SIAO) is named here by its own id. Signatures whose event
    is no longer in the log are left out."""
    rows = await _SIGNED.all(connection, acts=list(acts), types=SIGNATURES)
    return {(row.subject, row.source): Signed(row.time, row.event, row.day, row.has_receipt) for row in rows}
