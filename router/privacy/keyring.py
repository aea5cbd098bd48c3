"""Data keys: one a holder, in PostgreSQL, wrapped under the master key, cached in memory for a short while.

To forget a holder is to destroy its data key: everything sealed under it becomes unreadable at once, and reads as
`oublie`. Other processes drop their copy when they are woken up, at the latest after `CACHE_SECONDS`.
"""

import time
from collections.abc import Iterable, Mapping
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.errors import InvalidContract, Misconfigured
from router.privacy.key_files import read_key
from router.privacy.sealing import Cipher, Damaged, MasterKey, new_data_key
from router.settings import Settings
from router.store import keys
from router.store.database import Connection, Row

CACHE_SECONDS = 30.0
CACHE_ENTRIES = 20_000


def master_key(settings: Settings) -> MasterKey:
    """From the settings or the file. Raises Misconfigured in French."""
    given, file = settings.master_key, settings.master_key_file
    return MasterKey(read_key(given, file, "clé maîtresse", "SIAO_HUB_MASTER_KEY"))


async def check(connection: Connection, master: MasterKey) -> None:
    """Raises Misconfigured where there are data keys, and this master key unwraps none of them."""
    some = await keys.some(connection)
    if some and all(isinstance(_unwrapped(master, row.holder, row.wrapped), Damaged) for row in some):
        raise Misconfigured("la clé maîtresse n'est pas celle de cette base : remettre celle d'avant")


class Keyring:
    """Ciphers by holder. Caches at most CACHE_ENTRIES of them, and none that a transaction has created and may still
    undo: what another one sealed under it, nobody could open."""

    def __init__(self, master: MasterKey) -> None:
        self.master = master
        self._cache: dict[UUID, tuple[float, Cipher]] = {}

    def forget_cached(self) -> None:
        """Empty the cache: some data key was destroyed."""
        self._cache.clear()

    async def get(self, connection: Connection, holders: Iterable[UUID]) -> Mapping[UUID, Cipher]:
        """Ciphers of the holders that have a data key; the others are forgotten."""
        found, missing = self._cached(holders)
        if missing:
            self._take(found, await keys.get(connection, missing))
        return found

    async def get_or_create(self, connection: Connection, holders: Iterable[UUID]) -> Mapping[UUID, Cipher]:
        """Ciphers of all holders, created where new. Two transactions that create the same one agree on it."""
        found, missing = self._cached(holders)
        while missing:
            fresh = {holder: self.master.wrap(holder, new_data_key()) for holder in missing}
            self._take(found, await keys.get_or_create(connection, fresh))
            missing = [holder for holder in missing if holder not in found]
        return found

    def _cached(self, holders: Iterable[UUID]) -> tuple[dict[UUID, Cipher], list[UUID]]:
        now = time.monotonic()
        wanted = set(holders)
        found = {h: hit[1] for h in wanted if (hit := self._cache.get(h)) and hit[0] > now}
        return found, sorted(wanted - found.keys())

    def _take(self, found: dict[UUID, Cipher], rows: Iterable[Row]) -> None:
        if len(self._cache) > CACHE_ENTRIES:
            self._cache.clear()
        expiry = time.monotonic() + CACHE_SECONDS
        for holder, wrapped, committed in rows:
            cipher = _unwrapped(self.master, holder, wrapped)
            found[holder] = cipher
            if committed:
                self._cache[holder] = (expiry, cipher)


def _unwrapped(master: MasterKey, holder: UUID, wrapped: bytes) -> Cipher:
    try:
        return AESGCM(master.unwrap(holder, wrapped))
    except InvalidContract:
        return Damaged()
