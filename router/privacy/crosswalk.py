"""Partners' ids and ours: a partner's own id gets a random id of ours when it is first seen.

The partner's value is kept twice: as an HMAC, to find it by, and sealed, to give it back. It is sealed under the data
key of what it names (household, referral, candidacy), and so forgotten with it; places share one key of the hub.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID, uuid4

from contracts.base import Contrat, Nature, Reference
from contracts.errors import InvalidContract
from contracts.ids import ids_of, with_ids
from router.privacy.keyring import Keyring
from router.privacy.sealing import seal, unseal
from router.store import crosswalk as store
from router.store.crosswalk import Hashed
from router.store.database import Connection

HUB_HOLDER = UUID(int=0)
"""Holder of the data key for ids that are nobody's: those of places and groups of places."""
CACHE_ENTRIES = 100_000


class Foreign(NamedTuple):
    """A partner's own id."""

    partner: str
    nature: Nature
    value: str

    @classmethod
    def of(cls, partner: str, reference: Reference) -> "Foreign":
        """The foreign id behind a reference that an adapter left in a contract."""
        return cls(partner, reference.nature, reference.valeur)


class Crosswalk:
    """Partners' ids to ours, and back. Caches what a transaction resolved, once it has committed (`remember`)."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._cache: dict[Foreign, UUID] = {}
        self.generation = 0
        """How often the cache was emptied."""

    def forget_cached(self) -> None:
        """Empty the cache: somebody was forgotten."""
        self._cache.clear()
        self.generation += 1

    def remember(self, resolved: Mapping[Foreign, UUID], generation: int) -> None:
        """Cache what a committed transaction resolved; `generation` is what it was before the transaction. Nothing
        where the cache was emptied since: who was forgotten then may be among these."""
        if generation != self.generation:
            return
        if len(self._cache) + len(resolved) > CACHE_ENTRIES:
            self._cache.clear()
        self._cache.update(resolved)

    async def resolve(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for theirs, created where new. Two transactions that create one for the same id agree on it."""
        todo = set(wanted)
        found = {foreign: self._cache[foreign] for foreign in todo if foreign in self._cache}
        missing = sorted(todo - found.keys(), key=lambda f: (f.partner, f.nature, f.value))
        if missing:
            found |= await self._find(connection, missing)
            new = [foreign for foreign in missing if foreign not in found]
            if new:
                await self._create(connection, new)
                found |= await self._find(connection, new)
        return found

    async def known(self, connection: Connection, partners: Iterable[str], value: str) -> list[UUID]:
        """Our ids for what any of these partners calls by this value, whatever it names. Creates none."""
        wanted = [Foreign(partner, nature, value) for partner in partners for nature in Nature]
        return list(dict.fromkeys((await self._find(connection, wanted)).values()))

    async def back(
        self, connection: Connection, wanted: Sequence[tuple[str, UUID]]
    ) -> dict[tuple[str, UUID], str]:
        """Their ids for ours: for each (partner, id of ours) that has one and is not forgotten."""
        rows = await store.back(connection, wanted)
        ciphers = await self._keyring.get(connection, (_holder(Nature(r.nature), r.id) for r in rows))
        found: dict[tuple[str, UUID], str] = {}
        for row in rows:
            cipher = ciphers.get(_holder(Nature(row.nature), row.id))
            if cipher is not None:
                # One whose key is damaged is left out.
                with suppress(InvalidContract):
                    found[row.partner, row.id] = unseal(cipher, row.value_sealed, row.id.bytes).decode()
        return found

    async def _find(self, connection: Connection, wanted: Sequence[Foreign]) -> dict[Foreign, UUID]:
        hashed = [self._hashed(foreign) for foreign in wanted]
        by_hmac = {each.hmac: foreign for each, foreign in zip(hashed, wanted, strict=True)}
        return {by_hmac[hmac]: ours for hmac, ours in (await store.find(connection, hashed)).items()}

    async def _create(self, connection: Connection, new: Sequence[Foreign]) -> None:
        ids = [uuid4() for _ in new]
        holders = [_holder(foreign.nature, ours) for foreign, ours in zip(new, ids, strict=True)]
        ciphers = await self._keyring.get_or_create(connection, holders)
        rows = [
            (self._hashed(foreign), ours, seal(ciphers[holder], foreign.value.encode(), ours.bytes))
            for foreign, ours, holder in zip(new, ids, holders, strict=True)
        ]
        await store.create(connection, rows)

    def _hashed(self, foreign: Foreign) -> Hashed:
        fingerprint = self._keyring.master.fingerprint
        return Hashed(
            foreign.partner, str(foreign.nature), fingerprint(foreign.partner, foreign.nature, foreign.value)
        )


def references(contrat: Contrat) -> list[Reference]:
    """Partners' own ids that a contract still holds."""
    return [ident for ident in ids_of(contrat) if isinstance(ident, Reference)]


def own_ids(contrat: Contrat, partner: str, resolved: Mapping[Foreign, UUID]) -> Contrat:
    """The contract with every partner's id replaced by ours."""

    def ours(ident: UUID) -> UUID:
        return resolved[Foreign.of(partner, ident)] if isinstance(ident, Reference) else ident

    return with_ids(contrat, ours)


def _holder(nature: Nature, ours: UUID) -> UUID:
    return HUB_HOLDER if nature in (Nature.PLACE, Nature.GROUPE_PLACES) else ours
