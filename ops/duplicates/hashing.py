"""Make the fingerprints of blocking keys. Two households are compared only if they share a blocking key."""

from collections.abc import Iterable
from uuid import UUID

from contracts.errors import InvalidContract
from ops.duplicates import sql as store
from ops.duplicates.blocking import blocks
from ops.duplicates.cards import Said, padding
from router.privacy.keyring import Keyring
from router.privacy.sealing import HmacKey
from router.store.database import Database

BATCH = 200


def blocks_of(said: Said) -> Iterable[str]:
    """Return a household's blocking keys. For a protected household, return random ones, so that no
    comparison finds it."""
    return padding() if said.protege else blocks(said.fiche)


def hashed(key: HmacKey, named: Iterable[str]) -> set[bytes]:
    """Return the fingerprints of the blocking keys `named`, made with the HMAC key `key`."""
    return {key.fingerprint("doublon", block) for block in named}


async def households_anew(database: Database, keyring: Keyring) -> int:
    """Recompute the stored fingerprints of all blocking keys with the current HMAC key, after a change of
    this key. Return how many households changed. An interrupted call may be repeated."""
    after: UUID | None = None
    done = 0
    while True:
        async with database.transaction() as connection:
            writer = keyring.hmacs.writer
            menages = await store.under_another(connection, writer.mark, after, BATCH)
            cards = await store.locked(connection, menages)
            ciphers = await keyring.get(connection, [card.menage for card in cards])
            for card in cards:
                try:
                    said = Said.unsealed(ciphers[card.menage], card.menage, card.sealed)
                except InvalidContract:
                    continue
                await store.keep(connection, card, hashed(writer, blocks_of(said)))
                done += 1
        if len(menages) < BATCH:
            return done
        after = menages[-1]
