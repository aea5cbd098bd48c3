"""Find out which households are protected: those that flee violence. Only a referent may search for them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from contracts.errors import InvalidContract
from contracts.privacy import Classe
from contracts.sealed import Part, from_bytes
from contracts.v1 import CONTRATS
from contracts.v1.menage import Menage, flees
from ops.duplicates import sql as duplicates
from ops.duplicates.cards import Said
from ops.protection import sql
from router.privacy.keyring import Keyring
from router.privacy.sealing import unseal_part
from router.store.database import Connection, Row

DESCRIBING = tuple(
    kind.TYPE
    for kind in CONTRATS.values()
    if "menage" in kind.model_fields and kind.model_fields["menage"].annotation is Menage
)
STEP = 8
"""The number of messages about each household that are read at a time."""


async def protected(connection: Connection, keyring: Keyring, menages: Collection[UUID]) -> frozenset[UUID]:
    """Return those of `menages` that are protected. A household is protected if it flees violence, or if
    people declared it to be the same household as one that does.

    Whether a household flees violence is decided by the newest message that speaks of it. If the log has no
    such message any more, the household's encrypted cards decide: one card that says so suffices. (A card is
    what the hub compares of a household to find duplicates.) An unreadable message or card counts as saying
    that the household flees violence. A message or card whose key is destroyed does not count.
    """
    ties = await duplicates.ties(connection, menages)
    fleeing = await _fleeing(connection, keyring, {row.id for row in ties})
    return frozenset(row.menage for row in ties if row.id in fleeing)


async def _fleeing(connection: Connection, keyring: Keyring, menages: Collection[UUID]) -> set[UUID]:
    told: dict[UUID, bool] = {}
    before: Mapping[UUID, int | None] = dict.fromkeys(menages)
    while before:
        rows = await sql.describing(connection, before, DESCRIBING, STEP)
        parts = await asyncio.to_thread(_of_violence, rows)
        ciphers = await keyring.get(connection, {part.titulaire for _, part in parts})
        told |= await asyncio.to_thread(_told, ciphers, parts)
        read = Counter(row.menage for row in rows)
        oldest = {row.menage: row.seq for row in rows}
        before = {each: seq for each, seq in oldest.items() if read[each] == STEP and each not in told}
    rows = await sql.cards(connection, [each for each in menages if each not in told])
    ciphers = await keyring.get(connection, {row.titulaire for row in rows})
    return {menage for menage, said in told.items() if said} | await asyncio.to_thread(_noted, ciphers, rows)


def _noted(ciphers: Mapping[UUID, Any], rows: Sequence[Row]) -> set[UUID]:
    readable = [row for row in rows if row.titulaire in ciphers]
    return {row.menage for row in readable if _is_noted(ciphers[row.titulaire], row)}


def _is_noted(cipher: Any, row: Row) -> bool:
    try:
        return Said.unsealed(cipher, row.titulaire, row.sealed).protege
    except InvalidContract:  # in doubt, the household is protected
        return True


def _of_violence(rows: Sequence[Row]) -> list[tuple[Row, Part]]:
    return [(row, part) for row in rows for part in from_bytes(row.payload)[1] if part.classe is Classe.C4]


def _told(ciphers: Mapping[UUID, Any], parts: Sequence[tuple[Row, Part]]) -> dict[UUID, bool]:
    told: dict[UUID, bool] = {}
    for row, part in parts:
        said = _said(ciphers, row.id, part)
        if said is not None:
            told.setdefault(row.menage, said)  # the newest part comes first, and decides
    return told


def _said(ciphers: Mapping[UUID, Any], event: UUID, part: Part) -> bool | None:
    if part.titulaire not in ciphers:
        return None
    try:
        menage = unseal_part(ciphers[part.titulaire], event, part).get("menage", {})
    except InvalidContract:  # in doubt, the household is protected
        return True
    return flees(menage.get("motif"), menage.get("victime_de_violences"))
