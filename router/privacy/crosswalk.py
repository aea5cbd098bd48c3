"""Partners' ids and ours: a partner's own id becomes a random id of ours at its first sight.

The partner's value is kept as an HMAC to find it by, and sealed to give it back: under the key of what it
names (household, referral, candidacy), so that it is forgotten with it; places need no key of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from contracts.base import Contrat, Nature, Reference
from contracts.errors import InvalidContract
from contracts.ids import ids_of, with_ids
from router.privacy.keyring import Keyring
from router.privacy.sealing import seal, unseal
from router.store.sql import Connection, Sql

HUB_HOLDER = UUID(int=0)
"""Holder of the key for ids that are nobody's: places and groups of places."""
CACHE_ENTRIES = 100_000

_FIND = Sql("""
    SELECT c.partner, c.nature, c.value_hmac, c.id
    FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[])) AS w(p, n, h)
    JOIN crosswalk c ON c.partner = w.p AND c.nature = w.n AND c.value_hmac = w.h
""")
_CREATE = Sql("""
    INSERT INTO crosswalk (partner, nature, value_hmac, id, value_sealed)
    SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:hmacs AS bytea[]),
                         CAST(:ids AS uuid[]), CAST(:sealed AS bytea[])) AS w(p, n, h, i, s)
    ORDER BY p, n, h
    ON CONFLICT (partner, nature, value_hmac) DO NOTHING
""")
_BACK = Sql("""
    SELECT w.partner, c.id, c.nature, c.value_sealed
    FROM unnest(CAST(:partners AS text[]), CAST(:ids AS uuid[])) AS w(partner, id)
    JOIN crosswalk c ON c.id = w.id AND c.partner = w.partner
""")


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
    """Both ways between partners' ids and ours. What a transaction resolved is cached once it committed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._cache: dict[Foreign, UUID] = {}
        self.forgotten = 0
        """How often every copy was dropped."""

    def forget_cached(self) -> None:
        """Drop every copy."""
        self._cache.clear()
        self.forgotten += 1

    def remember(self, resolved: Mapping[Foreign, UUID], forgotten: int) -> None:
        """Cache what a transaction resolved, after its commit; not where copies were dropped since it began, when
        `forgotten` was so much: one of these may be meant."""
        if forgotten != self.forgotten:
            return
        if len(self._cache) + len(resolved) > CACHE_ENTRIES:
            self._cache.clear()
        self._cache.update(resolved)

    async def resolve(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for theirs, created where new; two transactions that meet agree on one."""
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

    async def back(
        self, connection: Connection, wanted: Sequence[tuple[str, UUID]]
    ) -> dict[tuple[str, UUID], str]:
        """Their ids for ours, for each (partner, id) that has one and is not forgotten."""
        parameters = {"partners": [p for p, _ in wanted], "ids": [i for _, i in wanted]}
        rows = await _BACK.all(connection, **parameters)
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
        columns = self._columns(wanted)
        by_hmac = dict(zip(columns["hmacs"], wanted, strict=True))
        return {by_hmac[r.value_hmac]: r.id for r in await _FIND.all(connection, **columns)}

    async def _create(self, connection: Connection, new: Sequence[Foreign]) -> None:
        ids = [uuid4() for _ in new]
        holders = [_holder(foreign.nature, ours) for foreign, ours in zip(new, ids, strict=True)]
        ciphers = await self._keyring.get_or_create(connection, holders)
        sealed = [
            seal(ciphers[holder], foreign.value.encode(), ours.bytes)
            for foreign, ours, holder in zip(new, ids, holders, strict=True)
        ]
        await _CREATE.run(connection, **self._columns(new), ids=ids, sealed=sealed)

    def _columns(self, foreign: Sequence[Foreign]) -> dict[str, list[Any]]:
        fingerprint = self._keyring.master.fingerprint
        return {
            "partners": [f.partner for f in foreign],
            "natures": [str(f.nature) for f in foreign],
            "hmacs": [fingerprint(f.partner, f.nature, f.value) for f in foreign],
        }


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
