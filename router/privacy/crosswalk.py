"""Partners' ids and ours: a partner's own id gets a random id of ours when it is first seen.

The partner's value is kept twice: as an HMAC, to find it by, and sealed, to give it back. It is sealed under the data
key of what it names (household, referral, candidacy), and so forgotten with it; places share one key of the hub.

A household that a partner has no id for is given one for that partner alone, as if the partner had named it: two
partners cannot put together what they know, and an answer that cites it is understood. A household that was shown to a
partner under our own id, before that, keeps it there: its row has our id and the partner's in place of the HMAC, and
no sealed value.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.errors import InvalidContract
from contracts.ids import ids_of, with_ids
from router.privacy.keyring import Keyring
from router.privacy.sealing import Damaged, seal, unseal
from router.store import crosswalk as store
from router.store.crosswalk import Hashed
from router.store.database import Connection

HUB_HOLDER = UUID(int=0)
"""Holder of the data key for ids that are nobody's."""
NOBODYS = (Nature.PLACE, Nature.GROUPE_PLACES)
"""What their ids name is nobody."""
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


Pair = tuple[str, UUID]
"""A partner, and an id of ours."""


class Names(NamedTuple):
    """What partners call things, and what the hub calls households towards each."""

    theirs: Mapping[Pair, str]
    menages: Mapping[Pair, str]


class Crosswalk:
    """Partners' ids to ours, and back. Caches what a transaction resolved, once it has committed (`remember`)."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._cache: dict[Foreign, UUID] = {}
        self._names: dict[Pair, str | None] = {}
        """What partners call things; None where that is our own id."""
        self._nameless: set[Pair] = set()
        self.generation = 0
        """How often the cache was emptied."""

    def forget_cached(self) -> None:
        """Empty the cache: somebody was forgotten."""
        self._cache.clear()
        self._names.clear()
        self._nameless.clear()
        self.generation += 1

    def remember(self, resolved: Mapping[Foreign, UUID], generation: int) -> None:
        """Cache what a committed transaction resolved; `generation` is what it was before the transaction. Nothing
        where the cache was emptied since: who was forgotten then may be among these."""
        if generation != self.generation:
            return
        if len(self._cache) + len(resolved) > CACHE_ENTRIES:
            self._cache.clear()
        self._cache.update(resolved)

    def remembered(self, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for theirs, of those that are in memory."""
        return {foreign: self._cache[foreign] for foreign in wanted if foreign in self._cache}

    async def resolve(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for theirs, created where new. Two transactions that create one for the same id agree on it."""
        todo = set(wanted)
        found = await self.found(connection, todo)
        if new := sorted(todo - found.keys(), key=lambda f: (f.partner, f.nature, f.value)):
            found |= await self._created(connection, new)
        return found

    async def beforehand(self, connection: Connection, wanted: Iterable[Foreign]) -> Mapping[Foreign, UUID]:
        """Our ids for what is nobody's among these, created and remembered before any message that holds them is kept;
        `connection` commits each statement by itself. None of people: their ids come and go with what is kept of them.
        The id of a place says nothing of anybody, whatever becomes of the message. One that somebody else creates
        meanwhile is missing; all are where none can be sealed."""
        places = sorted(nobodys(wanted))
        if not places:
            return {}
        generation = self.generation
        ours = await self._nobodys(connection, places)
        self.remember(ours, generation)
        return ours

    async def found(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for theirs, of those that are known. Creates none."""
        todo = set(wanted)
        found = self.remembered(todo)
        if missing := todo - found.keys():
            found |= await self._find(connection, list(missing))
        return found

    async def known(
        self, connection: Connection, partners: Iterable[str], value: str, natures: Iterable[Nature] = Nature
    ) -> list[UUID]:
        """Our ids for what any of these partners calls by this value, whichever of these natures it is. Creates
        none."""
        wanted = [Foreign(partner, nature, value) for partner in partners for nature in natures]
        return list(dict.fromkeys((await self._find(connection, wanted)).values()))

    async def back(
        self,
        connection: Connection,
        wanted: Sequence[Pair],
        menages: Collection[Pair] = (),
        holders: Collection[UUID] = (),
    ) -> Names:
        """Their ids for ours, where there is one and it is not forgotten; and the hub's id for each of the `menages`,
        which are wanted too, kept so that it is understood when it comes back. Where PostgreSQL has to be asked, the
        data keys of these `holders` are asked for along with it."""
        known = {pair: self._names[pair] for pair in wanted if pair in self._names}
        nameless = self._nameless.difference(menages)
        if unknown := [pair for pair in wanted if pair not in known and pair not in nameless]:
            known |= await self._look_back(connection, unknown, holders)
        found = {pair: theirs for pair, theirs in known.items() if theirs is not None}
        shown = known.keys() - found.keys()
        named = {pair: str(pair[1]) if pair in shown else self._pseudonym(*pair) for pair in menages}
        await self._keep(connection, {pair: named[pair] for pair in named.keys() - known.keys()})
        return Names(found, named)

    async def _look_back(
        self, connection: Connection, wanted: Sequence[Pair], holders: Collection[UUID]
    ) -> Mapping[Pair, str | None]:
        """What is on record of these pairs: the partner's id, or None where it knows ours. What is sealed under a key
        that is damaged or destroyed is left out. Remembered from now on, also what is not on record: who names
        something first gives it its id, so that only a household may get a name later."""
        generation = self.generation
        rows, keys = await store.back(connection, wanted, self._keyring.missing(holders))
        self._keyring.remember(keys)
        ciphers = await self._keyring.get(connection, (_holder(Nature(r.nature), r.id) for r in rows))
        found: dict[Pair, str | None] = {}
        for row in rows:
            cipher = ciphers.get(_holder(Nature(row.nature), row.id))
            if not row.value_sealed:
                found[row.partner, row.id] = None
            elif cipher is not None:
                with suppress(InvalidContract):
                    found[row.partner, row.id] = unseal(cipher, row.value_sealed, row.id.bytes).decode()
        if generation == self.generation:
            self._remember_names(found, set(wanted) - {(row.partner, row.id) for row in rows})
        return found

    def _remember_names(self, found: Mapping[Pair, str | None], nameless: Collection[Pair]) -> None:
        if len(self._names) + len(self._nameless) + len(found) + len(nameless) > CACHE_ENTRIES:
            self._names.clear()
            self._nameless.clear()
        self._names.update(found)
        self._nameless.update(nameless)

    async def _keep(self, connection: Connection, named: Mapping[Pair, str]) -> None:
        """Remember ids that the hub gives to households; none of who is forgotten."""
        ciphers = await self._keyring.get(connection, (menage for _, menage in named)) if named else {}
        rows = [
            (
                self._hashed(Foreign(partner, Nature.MENAGE, theirs)),
                menage,
                seal(ciphers[menage], theirs.encode(), menage.bytes),
            )
            for (partner, menage), theirs in named.items()
            if menage in ciphers and not isinstance(ciphers[menage], Damaged)
        ]
        if rows:
            await store.create(connection, rows)

    def _pseudonym(self, partner: str, menage: UUID) -> str:
        """The same each time, in every process."""
        digest = self._keyring.fingerprint("pseudonyme", partner, menage.bytes)
        return str(UUID(bytes=digest[:16], version=5))

    async def _find(self, connection: Connection, wanted: Sequence[Foreign]) -> dict[Foreign, UUID]:
        hashed = {self._hashed(foreign): foreign for foreign in wanted}
        hashed |= {shown: foreign for foreign in wanted if (shown := _as_shown(foreign)) is not None}
        by_hmac = {each.hmac: foreign for each, foreign in hashed.items()}
        return {by_hmac[hmac]: ours for hmac, ours in (await store.find(connection, list(hashed))).items()}

    async def _nobodys(self, connection: Connection, wanted: Sequence[Foreign]) -> dict[Foreign, UUID]:
        """Our ids for what is nobody's; where new they are created, each with its data key, in the same statement. One
        that somebody else creates meanwhile is missing; all are where the hub's own key is damaged."""
        cipher = (await self._keyring.get_or_create(connection, [HUB_HOLDER]))[HUB_HOLDER]
        if isinstance(cipher, Damaged):
            return {}
        new = [(self._hashed(foreign), foreign, uuids.random()) for foreign in wanted]
        rows = [(hashed, ours, seal(cipher, f.value.encode(), ours.bytes)) for hashed, f, ours in new]
        fresh = self._keyring.fresh(ours for *_, ours in new)
        found = await store.find_or_create(connection, rows, *fresh)
        self._keyring.remember(row for row in found if row.holder is not None)
        ours = {row.value_hmac: row.id for row in found}
        return {foreign: ours[hashed.hmac] for hashed, foreign, _ in new if hashed.hmac in ours}

    async def _created(self, connection: Connection, new: Sequence[Foreign]) -> dict[Foreign, UUID]:
        """New ids of ours; where somebody else was quicker, theirs."""
        ids = [uuids.random() for foreign in new]
        holders = [_holder(foreign.nature, ours) for foreign, ours in zip(new, ids, strict=True)]
        ciphers = await self._keyring.get_or_create(connection, holders)
        rows = [
            (self._hashed(foreign), ours, seal(ciphers[holder], foreign.value.encode(), ours.bytes))
            for foreign, ours, holder in zip(new, ids, holders, strict=True)
        ]
        created = await store.create(connection, rows)
        found = {f: ours for f, (_, ours, _) in zip(new, rows, strict=True) if ours in created}
        if others := [foreign for foreign in new if foreign not in found]:
            found |= await self._find(connection, others)
        return found

    def _hashed(self, foreign: Foreign) -> Hashed:
        fingerprint = self._keyring.fingerprint
        return Hashed(
            foreign.partner, str(foreign.nature), fingerprint(foreign.partner, foreign.nature, foreign.value)
        )


def nobodys(foreign: Iterable[Foreign]) -> set[Foreign]:
    """Those that name nobody."""
    return {each for each in foreign if each.nature in NOBODYS}


def references(contrat: Contrat) -> list[Reference]:
    """Partners' own ids that a contract still holds."""
    return [ident for ident in ids_of(contrat) if isinstance(ident, Reference)]


def our_id(ident: UUID, partner: str, resolved: Mapping[Foreign, UUID]) -> UUID:
    """Our id for one that a partner's message holds."""
    return resolved[Foreign.of(partner, ident)] if isinstance(ident, Reference) else ident


def own_ids(contrat: Contrat, partner: str, resolved: Mapping[Foreign, UUID]) -> Contrat:
    """The contract with every partner's id replaced by ours."""
    return with_ids(contrat, lambda ident: our_id(ident, partner, resolved))


def _as_shown(foreign: Foreign) -> Hashed | None:
    """How our own id of a household is found, where it was shown to the partner as it is."""
    if foreign.nature is Nature.MENAGE:
        with suppress(ValueError):
            return Hashed(
                foreign.partner, foreign.nature, UUID(foreign.value).bytes + foreign.partner.encode()
            )
    return None


def _holder(nature: Nature, ours: UUID) -> UUID:
    return HUB_HOLDER if nature in NOBODYS else ours
