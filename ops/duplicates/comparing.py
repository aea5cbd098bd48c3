"""Compare households that share a blocking key, such as a birth date with a first name. A protected household
is compared only at the request of its referent, the person named to compare it. A pair with a protected
household is stored only when it is decided."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import structlog

from contracts.errors import InvalidContract
from contracts.v1.pret_logement import IndiceDoublon
from ops.duplicates import sql as store
from ops.duplicates.blocking import blocks
from ops.duplicates.cards import NOTHING, Said
from ops.duplicates.hashing import hashed
from ops.duplicates.matching import Verdict, proposals
from ops.duplicates.sql import Card
from ops.protection.protected import protected
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher
from router.store.audit import record
from router.store.database import Connection, Row

logger = structlog.get_logger()
COMPARED = "doublon.comparer"


class Suspected(NamedTuple):
    """Pair of households that may be one household, with the evidence."""

    menage: UUID
    autre: UUID
    siaos: tuple[str, ...]
    """SIAO that may decide: first the SIAO of `menage`, then the SIAO of the other household, if different."""
    indices: tuple[IndiceDoublon, ...]


async def suspected(connection: Connection, keyring: Keyring, card: Card, said: Said) -> list[Suspected]:
    """Compare the household of `card` with the households that share a blocking key with it, at most
    `store.MOST_NEIGHBOURS`. Protected households are left out. Return the pairs that may be one household,
    with the evidence. `said` has the fields of `card`."""
    found_by = {block for key in keyring.hmacs.all for block in hashed(key, blocks(said.fiche))}
    others = await store.cards(connection, await store.neighbours(connection, card.menage, found_by))
    ciphers = await keyring.get(connection, others)
    found = await asyncio.to_thread(_alike, said, others, ciphers)
    hidden = await protected(connection, keyring, found) if found else ()
    return [
        Suspected(card.menage, ident, tuple(dict.fromkeys((card.siao, others[ident].siao))), verdict.indices)
        for ident, verdict in found.items()
        if ident not in hidden
    ]


def _alike(said: Said, others: Mapping[UUID, Card], ciphers: Mapping[UUID, Cipher]) -> Mapping[UUID, Verdict]:
    known = {ident: opened(ciphers[ident], other) for ident, other in others.items() if ident in ciphers}
    return proposals(said.fiche, {ident: other.fiche for ident, other in known.items() if not other.protege})


async def undecided(
    connection: Connection, keyring: Keyring, siaos: Collection[str] | None, limit: int
) -> Sequence[Row]:
    """Return the pairs that wait for a decision of one of the SIAO `siaos` (None: of any SIAO). At most
    `limit` pairs are returned, oldest first. Pairs with a protected household are left out."""
    shown: list[Row] = []
    last: Row | None = None
    while len(shown) < limit:
        rows = await store.undecided(connection, siaos, limit, last)
        named = {ident for row in rows for ident in (row.menage, row.autre)}
        hidden = await protected(connection, keyring, named)
        shown += [row for row in rows if hidden.isdisjoint((row.menage, row.autre))]
        if len(rows) < limit:
            break
        last = rows[-1]
    return shown[:limit]


async def decided(
    connection: Connection, keyring: Keyring, siaos: Collection[str], limit: int
) -> Sequence[Row]:
    """Return the decided pairs for which one of these SIAO may still change the decision, newest decision
    first, at most `limit`. Pairs with a protected household are left out."""
    rows = await store.decided(connection, siaos, limit)
    hidden = await protected(
        connection, keyring, {ident for row in rows for ident in (row.menage, row.autre)}
    )
    return [row for row in rows if hidden.isdisjoint((row.menage, row.autre))]


async def for_referent(connection: Connection, keyring: Keyring, card: Card, actor: str) -> list[Suspected]:
    """Compare a protected household for its referent `actor`, and return the pairs that nobody has decided.
    The audit records the comparison. If the household's data key is destroyed, record nothing and return an
    empty list."""
    cipher = (await keyring.get(connection, [card.menage])).get(card.menage)
    if cipher is None:
        return []
    await record(connection, actor, COMPARED, str(card.menage), {})
    found = await suspected(connection, keyring, card, opened(cipher, card))
    return [each for each in found if await store.pair(connection, card.menage, each.autre) is None]


def opened(cipher: Cipher, card: Card) -> Said:
    """Decrypt a card, and return its fields. If the card is unreadable, write an error to the process's own
    output, and return empty fields."""
    try:
        return Said.unsealed(cipher, card.menage, card.sealed)
    except InvalidContract:
        logger.error("duplicates.unreadable_card", menage=str(card.menage))
        return NOTHING
