"""Store an event only once if its sender gave it an id.

The id is claimed in the transaction that stores the event. The claim lasts as long as that of an
`Idempotency-Key`. A later event with the same id is ignored if its content is equal, and rejected if it is not.
"""

from collections.abc import Collection, Iterator, Sequence, Set
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from adapters.registry import TABULAIRES
from adapters.tabulaire.lecteurs import OPENED_ONCE
from adapters.tabulaire.profil import update_of
from contracts.base import Contrat, Reference
from contracts.errors import InvalidContract, NotYetKnown
from contracts.frozen import replace
from contracts.ports import Rejet
from router.intake.draft import Draft
from router.intake.rows import DraftRow
from router.privacy.crosswalk import Crosswalk
from router.privacy.hmac_keys import HmacKeys
from router.privacy.keyring import Keyring
from router.privacy.sealing import HmacKey
from router.store import idempotency, subjects
from router.store.database import Connection

ID_TAKEN = Rejet(
    "identifiant_deja_utilise",
    "cet identifiant d'événement (dans un tableau, le numéro de la demande) a déjà servi à un autre contenu : donnez "
    "un identifiant neuf à chaque événement, ou dites la mise à jour de la demande",
)


class RowsTaken(InvalidContract):
    """Raised for rows whose event ids were already used for other content."""

    def __init__(self, rows: Collection[int]) -> None:
        super().__init__("identifiant d'événement déjà utilisé")
        self.rows = rows


def without_taken(draft: Draft, rows: Collection[int]) -> Draft:
    """Return the draft with the rows numbered in `rows` rejected. They use an event id again or, in a table, the id
    of a subject. If such a row is probably meant as an update, the rejection says which word to write in which
    cell."""
    table = TABULAIRES.get(draft.dialect)
    said: list[Rejet] = []
    for number, contrat in draft.contrats:
        if number in rows:
            cell = update_of(table.profil_de(draft.partner), contrat) if table else None
            why = ID_TAKEN if cell is None else replace(ID_TAKEN, champ=cell.colonne, message=str(cell))
            said.append(replace(why, ligne=number))
    return draft.without(said)


async def opened_before(connection: Connection, crosswalk: Crosswalk, draft: Draft) -> set[int]:
    """Return the numbers of the rows of a table that would create a subject a second time: the sender's id in the
    row already names a subject of this sender. Such a row would have no effect, and the caller may reject it."""
    opening = {
        number: (draft.partner.id, contrat.sujet)
        for number, contrat in (draft.contrats if draft.dialect in TABULAIRES else ())
        if isinstance(contrat, OPENED_ONCE) and isinstance(contrat.sujet, Reference)
    }
    ours = await crosswalk.found(connection, opening.values())
    there = await subjects.read(connection, ours.values())
    return {number for number, named in opening.items() if ours.get(named) in there}


def content_hmac(under: HmacKey, partner: str, contrat: Contrat) -> bytes:
    """Return the HMAC of an event's sender, type and content, made with the key `under`. The HMAC does not depend on
    the dialect in which the event was sent."""
    return under.fingerprint(partner, contrat.TYPE, contrat.model_dump_json())


async def repeated(
    connection: Connection, keyring: Keyring, lifetime: timedelta, rows: Sequence[DraftRow]
) -> set[tuple[UUID, int]]:
    """Claim the event ids of `rows` for `lifetime`. Return the rows that repeat an earlier event: their id was
    already used for the same content. A row is returned as its message id and its row number. Raises

    - RowsTaken if an id was already used for other content
    - NotYetKnown if an id was used by an all-or-nothing message that may still be refused
    - KeyTurned if the HMAC key that `keyring` uses has been replaced
    """
    hmacs = keyring.hmacs
    first: dict[idempotency.Key, idempotency.Claim] = {}
    claims = await _claims(connection, hmacs, lifetime, rows)
    for claim in claims:
        first.setdefault(claim.key, claim)
    fresh = await idempotency.claim_rows(connection, hmacs.writer.mark, list(first.values()))
    taken = first.keys() - fresh
    known = await idempotency.contents_of(connection, sorted(taken), {row.message for row in rows})
    if taken - known.keys():
        raise NotYetKnown("événement d'un fichier tout ou rien qui est encore en cours")
    known |= {pair: first[pair].content_hmac for pair in fresh}
    if conflicting := {claim.row for claim in claims if known.get(claim.key) != claim.content_hmac}:
        raise RowsTaken(sorted(conflicting))
    return set(_repetitions(claims, first, fresh))


async def _claims(
    connection: Connection, hmacs: HmacKeys, lifetime: timedelta, rows: Sequence[DraftRow]
) -> list[idempotency.Claim]:
    named = [(row, row.cle) for row in rows if row.cle is not None]
    claims = [_claim(hmacs.writer, lifetime, *each) for each in named]
    if not hmacs.older:
        return claims
    older = [[_claim(key, lifetime, *each) for key in hmacs.older] for each in named]
    known = await idempotency.known(connection, {claim.key for each in older for claim in each})
    return [
        next((each for each in others if each.key in known), claim)
        for claim, others in zip(claims, older, strict=True)
    ]


def _claim(under: HmacKey, lifetime: timedelta, row: DraftRow, cle: str) -> idempotency.Claim:
    content = content_hmac(under, row.partner, row.contrat)
    key = row.partner, under.fingerprint(row.partner, cle)
    return idempotency.Claim(key, content, row.message, lifetime, row.number)


class Known(NamedTuple):
    """Numbers of the rows of a message whose event ids were used before. `taken` has the rows whose id was used for
    different content. `repeated` has the rows whose id was used for the same content. `in_vain` has the rows, of
    both groups, whose earlier event was accepted, but had no effect."""

    taken: Set[int]
    repeated: Set[int]
    in_vain: Set[int]


async def known(connection: Connection, keyring: Keyring, draft: Draft) -> Known:
    """Return the rows of a message whose event ids were used before. Claim no id. If two rows of the message use the
    same id for different contents, the later row counts as `taken`."""
    claims = await _claims(connection, keyring.hmacs, timedelta(), draft.rows)
    keys = sorted({claim.key for claim in claims})
    before = await idempotency.contents_of(connection, keys)
    in_vain = await idempotency.in_vain(connection, keys)
    first = {claim.key: claim.content_hmac for claim in reversed(claims)} | before
    return Known(
        {claim.row for claim in claims if first[claim.key] != claim.content_hmac},
        {claim.row for claim in claims if before.get(claim.key) == claim.content_hmac},
        {claim.row for claim in claims if claim.key in in_vain},
    )


async def compared(
    connection: Connection, keyring: Keyring, crosswalk: Crosswalk, draft: Draft, *, by_hand: bool
) -> tuple[Draft, set[int]]:
    """Compare the rows of a message with what its sender sent before under the same event ids. Claim no id.
    Return the draft, and the numbers of the rows that repeat earlier rows. In the draft, these rows are
    rejected:

    - rows whose event id was used for different content
    - in a table that a person sends (`by_hand`), rows that would create a subject under an id that the sender
      has already given to a subject. If such a row repeats an earlier row, it is rejected only if the earlier
      row had no effect
    """
    before = await known(connection, keyring, draft)
    opened = await opened_before(connection, crosswalk, draft) if by_hand else set()
    repeated = {*before.repeated} - (opened & before.in_vain)
    rejected = before.taken | (opened - repeated)
    return (without_taken(draft, rejected) if rejected else draft), repeated


def _repetitions(
    claims: Sequence[idempotency.Claim],
    first: dict[idempotency.Key, idempotency.Claim],
    fresh: Collection[idempotency.Key],
) -> Iterator[tuple[UUID, int]]:
    for claim in claims:
        if claim.key not in fresh or first[claim.key] is not claim:
            yield claim.message_id, claim.row
