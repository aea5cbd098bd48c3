"""Keep the keys of a process, first of all data keys. Each holder (a household, a referral…) has a data key. This
key encrypts the holder's data.

Data keys are stored in PostgreSQL, encrypted with the master key, and cached for a short time. To forget a
holder is to destroy its data key: the holder's data is then shown as `oublie`. If one process destroys a data
key, other processes drop it from their caches after `CACHE_SECONDS` at the latest.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

from contracts.errors import Misconfigured
from router.domain.proof import Prover
from router.privacy.hmac_keys import HmacKeys, hmac_secrets
from router.privacy.masters import MasterKeys, master_secrets
from router.privacy.sealing import Cipher, Damaged, HmacKey, new_data_key
from router.settings import Settings
from router.store import hmac_keys, keys, log
from router.store.database import Connection, Row

CACHE_SECONDS = 30.0
CACHE_ENTRIES = 20_000
PSEUDONYMS = UUID(int=1)
"""Holder of the key for pseudonyms. This key exists only after an HMAC key was replaced for the first time. Until
then, the first HMAC key makes pseudonyms."""


async def check_proofs(connection: Connection, prover: Prover) -> None:
    """Check the proofs of a few events. Raises Misconfigured if the HMAC keys in `prover` made none of these
    proofs: the keys then belong to another database."""
    some = await log.some_proven(connection)
    if some and not any(prover.proves(entry.mac, entry.attributes, entry.payload) for entry in some):
        raise Misconfigured("la clé des empreintes n'est pas celle de cette base : remettre celle d'avant")


class Keyring:
    """Keys of a process: HMAC keys, and ciphers of holders. At most about `CACHE_ENTRIES` ciphers are cached. A
    cipher is never cached before its data key is committed."""

    def __init__(self, masters: MasterKeys, secrets: Callable[[], Sequence[bytes]]) -> None:
        """Load the keys. `secrets` returns the HMAC keys. It is called again whenever the database says that
        other HMAC keys are in use."""
        self.masters = masters
        self._secrets = secrets
        self.prover = Prover()
        self._use(HmacKeys.of(secrets()))
        self.pseudonyms = self.hmacs.writer
        """Key that makes the pseudonyms of households. It must never change, because recipients know the
        pseudonyms."""
        self._cache: dict[UUID, tuple[float, Cipher]] = {}
        self._emptied_at = time.monotonic()

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        """Return the keyring with the keys that the settings give. Raises Misconfigured, with a message in French,
        if a key is missing or malformed."""
        return cls(MasterKeys(partial(master_secrets, settings)), partial(hmac_secrets, settings))

    async def check(self, connection: Connection) -> None:
        """Use from now on the keys that are in use according to the database. Raises Misconfigured if this
        process lacks one of these keys. Also tries to decrypt a few stored data keys, and raises Misconfigured if
        none can be decrypted: the master keys of this process then belong to another database."""
        self.masters.wrap_with(await keys.wrapping(connection))
        some = await keys.some(connection)
        if some and all(isinstance(self._cipher(row), Damaged) for row in some):
            raise Misconfigured("la clé maîtresse n'est pas celle de cette base : remettre celle d'avant")
        await self.follow(connection)

    async def follow(self, connection: Connection) -> bool:
        """Use from now on the HMAC keys that are in use according to the database, and the stored key of
        pseudonyms, if there is one. Return False if the key of pseudonyms is damaged: a household may then get
        a pseudonym that differs from its earlier one. Raises Misconfigured if this process lacks one of these
        HMAC keys, or the master key that encrypts the key of pseudonyms."""
        marks = await hmac_keys.in_use(connection)
        if marks != self.hmacs.marks and (marks or self.hmacs.older):
            self._use(HmacKeys.of(self._secrets(), marks))
        rows = await keys.get(connection, [PSEUDONYMS]) if marks else ()
        secrets = [self.masters.unwrapped(row.holder, row.wrapped, row.master) for row in rows]
        for secret in secrets:
            if secret is not None:
                self.pseudonyms = HmacKey(secret)
        return None not in secrets

    def _use(self, hmacs: HmacKeys) -> None:
        self.hmacs = hmacs
        self.prover.use(*(key.proving() for key in hmacs.all))

    def forget_cached(self) -> None:
        """Empty the cache, because a data key was destroyed."""
        self._cache.clear()
        self._emptied_at = time.monotonic()

    def emptied_since(self, moment: float) -> bool:
        """Tell whether this process has learned of a destroyed data key since `moment` (monotonic, in
        seconds)."""
        return self._emptied_at >= moment

    def remembered(self, holders: Iterable[UUID]) -> Mapping[UUID, Cipher]:
        """Return the ciphers of those holders whose ciphers are cached."""
        return self._cached(holders)[0]

    def missing(self, holders: Iterable[UUID]) -> list[UUID]:
        """Return the holders without a cached data key."""
        return self._cached(holders)[1]

    async def get(self, connection: Connection, holders: Iterable[UUID]) -> Mapping[UUID, Cipher]:
        """Return the ciphers of `holders`. A holder is left out if it was forgotten, or has no data key yet. A
        holder whose data key is damaged gets a `Damaged`. Raises Misconfigured if this process lacks a master
        key."""
        found, missing = self._cached(holders)
        if missing:
            read_at = time.monotonic()
            self._take(found, await keys.get(connection, missing), read_at)
        return found

    async def get_or_create(self, connection: Connection, holders: Iterable[UUID]) -> Mapping[UUID, Cipher]:
        """Return the ciphers of `holders`. Store a new data key for each holder that has none. If two
        transactions do so at the same time, both get the same data key for a holder. A new data key is
        encrypted with the master key that is in use according to the database. Raises Misconfigured if
        this process lacks a master key that it needs."""
        found, missing = self._cached(holders)
        while missing:
            read_at = time.monotonic()
            self._take(found, await keys.get_or_create(connection, self.fresh(missing)), read_at)
            missing = [holder for holder in missing if holder not in found]
            if missing:
                self.masters.wrap_with(await keys.wrapping(connection))
        return found

    def fresh(self, holders: Iterable[UUID]) -> keys.Fresh:
        """Return a new data key for each holder, encrypted with the current master key. The caller stores these
        keys."""
        master = self.masters.current
        return keys.Fresh(master.id, {holder: master.wrap(holder, new_data_key()) for holder in holders})

    def opened(self, fresh: keys.Fresh) -> Mapping[UUID, Cipher]:
        """Return the ciphers of new data keys, by holder. The ciphers are not cached, because the data keys are
        not stored yet."""
        master, wrapped = fresh
        return {holder: self.masters.cipher(holder, key, master) for holder, key in wrapped.items()}

    def remember(self, rows: Iterable[Row], read_at: float) -> None:
        """Cache the data keys in `rows`. `read_at` is the monotonic time just before they were read, in seconds.
        Nothing is cached if the cache was emptied after `read_at`: a destroyed data key must not come back."""
        self._take({}, rows, read_at)

    def _cached(self, holders: Iterable[UUID]) -> tuple[dict[UUID, Cipher], list[UUID]]:
        now = time.monotonic()
        wanted = set(holders)
        found = {h: hit[1] for h in wanted if (hit := self._cache.get(h)) and hit[0] > now}
        return found, sorted(wanted - found.keys())

    def _take(self, found: dict[UUID, Cipher], rows: Iterable[Row], read_at: float) -> None:
        if len(self._cache) > CACHE_ENTRIES:
            self._cache.clear()
        may_stay = not self.emptied_since(read_at)
        for row in rows:
            found[row.holder] = cipher = self._cipher(row)
            if may_stay and row.committed:
                self._cache[row.holder] = (read_at + CACHE_SECONDS, cipher)

    def _cipher(self, row: Row) -> Cipher:
        return self.masters.cipher(row.holder, row.wrapped, row.master)
