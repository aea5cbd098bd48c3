"""Sign receipts for messages that the hub accepted, and for deliveries that provably arrived. A receipt is
complete only with a head of the audit that covers it. A head is the last hash of the audit's chain, which the
hub signs every minute."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic_core import from_json

from contracts.errors import InvalidContract
from contracts.sealed import from_bytes
from router.delivery.rendering import answer_holder, associated_nonce
from router.domain.audit_chain import AuditRow
from router.domain.receipts import content, signed
from router.intake.own_routes import Recu
from router.privacy.crosswalk import HUB_HOLDER
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, unseal
from router.privacy.seen import nonce_of
from router.store import receipts
from router.store.database import Connection, Database


class Receipts:
    """An issuer of signed receipts. Its methods raise Misconfigured if this machine has no key for receipts,
    and BusUnavailable if the database does not answer."""

    def __init__(self, database: Database, keyring: Keyring, key: Callable[[], Ed25519PrivateKey]) -> None:
        self._database = database
        self._keyring = keyring
        self._key = key

    async def of_message(self, partner: str, message: UUID) -> Recu | None:
        """Return the signed receipt of a message that the hub accepted from a partner. Its text (`jws`) is
        None until the hub signs the next head of the audit. Return None if the partner sent no such message,
        or if a household in it was forgotten."""
        async with self._database.transaction() as connection:
            kept = await receipts.accepted(connection, message, partner)
            if kept is None:
                return None
            ciphers = await self._keyring.get(connection, [message, HUB_HOLDER])
            covered = await receipts.covered(connection, kept.entry)
        nonce = opened(kept.nonce, message.bytes, ciphers)
        return None if nonce is None else self._signed(kept.entry, nonce, covered)

    async def of_delivery(self, partner: str, delivery: UUID) -> Recu | None:
        """Return the signed receipt of the delivery or lot with the id `delivery`. `partner` is the
        recipient, or the sender of the delivered event. If the delivery left in a lot (several deliveries in
        one file), the receipt is that of the lot. The receipt's text (`jws`) is None until the hub signs the
        next head of the audit. For the sender, the receipt lacks the nonce, the random number without which
        nobody can guess the content from its hash.

        Return None in these cases: `partner` is neither the recipient nor the sender; the arrival is
        unproven; a household in the delivery or lot was forgotten; the receipt would tell the sender of a
        transferred demand which SIAO has it now.
        """
        async with self._database.transaction() as connection:
            arrived = await receipts.arrived(connection, delivery, partner)
            if arrived is None:
                return None
            nonce = await self._nonce(connection, arrived)
            covered = await receipts.covered(connection, arrived.entry)
        if nonce is None:
            return None
        return self._signed(arrived.entry, nonce if partner == arrived.entry.actor else None, covered)

    async def _nonce(self, connection: Connection, arrived: receipts.Arrived) -> bytes | None:
        holders = [{HUB_HOLDER, _household(row) or HUB_HOLDER} for row in arrived.shares]
        ciphers = await self._keyring.get(connection, set().union(*holders))
        shares: list[bytes] = []
        for row, theirs in zip(arrived.shares, holders, strict=True):
            some = {holder: ciphers[holder] for holder in theirs if holder in ciphers}
            share = opened(row.nonce, associated_nonce(row.id), some)
            if share is None:
                return None
            shares.append(share)
        return nonce_of(shares)

    def _signed(self, entry: AuditRow, nonce: bytes | None, covered: receipts.Covered | None) -> Recu:
        if covered is None:
            return Recu(None)
        link, head, siblings, place = covered
        return Recu(signed(content(entry, nonce, link, from_json(head), siblings, place), self._key()))


def _household(row: Any) -> UUID | None:
    _, parts = from_bytes(row.payload)
    return answer_holder(row.type, row.subject, parts, row.menage)


def opened(sealed: bytes, associated: bytes, ciphers: Mapping[UUID, Cipher]) -> bytes | None:
    """Decrypt `sealed` with whichever of the `ciphers` encrypted it. Return None if no cipher can, because the
    key is destroyed. `associated` has the data bound to the encryption, such as the message's id."""
    for cipher in ciphers.values():
        with suppress(InvalidContract):
            return unseal(cipher, sealed, associated)
    return None
