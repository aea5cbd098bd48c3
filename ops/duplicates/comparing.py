"""Comparison of one household with those that share a block with it.

A protected household is compared only for a referent named for it, while they look: nothing of it is stored but their
decision.
"""

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
    """Two ids that may stand for one household, with the evidence."""

    menage: UUID
    autre: UUID
    siaos: tuple[str, ...]
    """SIAO that follow the two households, that of `menage` first; one entry if both have the same SIAO."""
    indices: tuple[IndiceDoublon, ...]


async def suspected(connection: Connection, keyring: Keyring, card: Card, said: Said) -> list[Suspected]:
    """Return the pairs of this household and another one that may be one household. Protected households are left out.
    Comparisons run in a thread: up to two thousand of them would block the event loop."""
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
    """Return the pairs that wait for a decision of one of these SIAO (any, if None), oldest first. Pairs with
    a protected household are left out, even if the watch does not know yet that it is protected."""
    shown: list[Row] = []
    skipped = 0
    while len(shown) < limit:
        rows = await store.undecided(connection, siaos, limit, skipped)
        named = {ident for row in rows for ident in (row.menage, row.autre)}
        hidden = await protected(connection, keyring, named)
        shown += [row for row in rows if hidden.isdisjoint((row.menage, row.autre))]
        skipped += len(rows)
        if len(rows) < limit:
            break
    return shown[:limit]


async def for_referent(connection: Connection, keyring: Keyring, card: Card, actor: str) -> list[Suspected]:
    """Return the undecided pairs of a protected household, for a referent named for it; empty if its data cannot be
    unsealed. The audit records the referent."""
    cipher = (await keyring.get(connection, [card.menage])).get(card.menage)
    if cipher is None:
        return []
    await record(connection, actor, COMPARED, str(card.menage), {})
    found = await suspected(connection, keyring, card, opened(cipher, card))
    return [each for each in found if await store.pair(connection, card.menage, each.autre) is None]


def opened(cipher: Cipher, card: Card) -> Said:
    """Return the household of a card. If the card cannot be read, return an empty household, and log that."""
    try:
        return Said.unsealed(cipher, card.menage, card.sealed)
    except InvalidContract:
        logger.error("duplicates.unreadable_card", menage=str(card.menage))
        return NOTHING
