"""Translate partners' ids into the hub's, and back (crosswalk).

When the hub first sees an id of a partner, it draws a random id of its own. The partner's id is stored twice: as
a fingerprint, to find it, and encrypted, to give it back. It is encrypted with the data key of the subject for
which it stands (household, referral…), so that the id is forgotten with the subject. The ids that partners give
to places and groups of places are all encrypted with one key of the hub.

A partner that has no id of its own for a household gets a pseudonym. Two partners then cannot combine what they
know, and the hub understands an answer that cites the pseudonym.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from contracts import uuids
from contracts.base import Contrat, Nature, Reference
from contracts.errors import InvalidContract
from contracts.ids import ids_of, with_ids
from router.privacy.keyring import Keyring
from router.privacy.sealing import Cipher, Damaged, HmacKey, seal, unseal
from router.store import crosswalk as store
from router.store.crosswalk import Foreign
from router.store.database import Connection

HUB_HOLDER = UUID(int=0)
"""Holder of the hub's own data key. This key encrypts what belongs to no household, such as the ids that partners
give to places."""
NOBODYS = (Nature.PLACE, Nature.GROUPE_PLACES)
"""Types of subjects whose ids identify no person."""
CACHE_ENTRIES = 100_000
"""Largest number of entries of a cache. A cache that would grow beyond it is emptied."""


Pair = tuple[str, UUID]
"""Pair of a partner and the hub's id to translate for this partner."""


class Mentions(NamedTuple):
    """Subjects that deliveries mention, each as a pair: the partner that receives the delivery, and the hub's
    id of the subject."""

    subjects: Set[Pair] = frozenset()
    menages: Set[Pair] = frozenset()
    """Households among `subjects`. The partner will cite each household by the partner's own id or, if it has none,
    by the household's pseudonym."""
    demandes: Set[Pair] = frozenset()
    """Demands among `subjects` that the partner is asked to evaluate. The partner will cite each demand by the
    partner's own id or, if it has none, by the hub's id."""


class Names(NamedTuple):
    """Ids by which the recipients of deliveries know the subjects in these deliveries. There are two mappings,
    both by recipient and hub's id. `theirs` has the recipients' own ids, `menages` the pseudonyms of
    households."""

    theirs: Mapping[Pair, str]
    menages: Mapping[Pair, str]
    limited: Collection[UUID] = frozenset()
    """Holders and subjects of which only the unencrypted fields may be seen, because a person has asked to
    restrict the use of her data."""


class Crosswalk:
    """Translator of partners' own ids into the hub's ids, and back. It caches translations whose transaction is
    committed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._cache: dict[Foreign, UUID] = {}
        self._names: dict[Pair, str] = {}
        """Partners' own ids, by partner and our id."""
        self._nameless: set[Pair] = set()

    def forget_cached(self) -> None:
        """Empty the caches of translations and of data keys, because a household was forgotten."""
        self._cache.clear()
        self._names.clear()
        self._nameless.clear()
        self._keyring.forget_cached()

    def remember(self, resolved: Mapping[Foreign, UUID], read_at: float) -> None:
        """Cache translations after their transaction is committed. `read_at` is the monotonic time just before
        this transaction, in seconds. Nothing is cached if a data key was destroyed after `read_at`: ids of a
        forgotten household must not come back."""
        if self._keyring.emptied_since(read_at):
            return
        if len(self._cache) + len(resolved) > CACHE_ENTRIES:
            self._cache.clear()
        self._cache.update(resolved)

    def remembered(self, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Translate the partners' ids in `wanted` into the hub's ids, by the cache alone. Ids that are not
        cached are left out."""
        return {foreign: self._cache[foreign] for foreign in wanted if foreign in self._cache}

    async def resolve(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Return the hub's id for each of the partners' own ids in `wanted`. Create the hub's ids that are
        missing. Raises KeyTurned if the HMAC key of this process was replaced."""
        todo = set(wanted)
        found = await self.found(connection, todo)
        if new := sorted(todo - found.keys()):
            found |= await self._created(connection, new)
        return found

    async def beforehand(self, connection: Connection, wanted: Iterable[Foreign]) -> Mapping[Foreign, UUID]:
        """Return the hub's id for each of the partners' own ids in `wanted` that stands for a place or a
        group of places. Create the hub's ids that are missing. An own id is left out if the hub's id for
        it cannot be created now, for example because another process is creating it. Call this before the
        transaction that stores a message: `connection` must commit each statement by itself."""
        places = sorted(nobodys(wanted))
        if not places:
            return {}
        read_at = time.monotonic()
        ours = await self._nobodys(connection, places)
        self.remember(ours, read_at)
        return ours

    async def found(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Return the hub's id for each of the partners' own ids in `wanted`. Own ids that the hub does not know
        are left out."""
        todo = set(wanted)
        found = self.remembered(todo)
        if missing := todo - found.keys():
            found |= await self._find(connection, missing)
        return found

    async def known(
        self, connection: Connection, partners: Iterable[str], value: str, natures: Iterable[Nature] = Nature
    ) -> list[UUID]:
        """Return the hub's ids of all subjects that one of `partners` calls `value`. Only subjects of the types
        `natures` are searched."""
        wanted = [(partner, Reference(nature, value)) for partner in partners for nature in natures]
        return list(dict.fromkeys((await self._find(connection, wanted)).values()))

    async def back(self, connection: Connection, wanted: Collection[Pair]) -> dict[Pair, str]:
        """Return the partners' own ids for the pairs in `wanted`; a pair has a partner and a hub's id. A
        pair is left out if the partner has no id of its own for the subject, or if this id cannot be
        decrypted, for example because the household was forgotten."""
        return await self._back(connection, wanted, self._nameless)

    async def names(
        self, connection: Connection, mentions: Mentions, holders: Collection[UUID] = ()
    ) -> Names:
        """Return the ids by which the recipients of deliveries know the subjects that the deliveries mention.
        `mentions` has these subjects.

        Some recipients have no own id for a household, or for a demand that they are asked to evaluate. For
        them, store the id that they will cite in their answers: the household's pseudonym, or the hub's id of
        the demand. Store nothing if the data key of this household or demand is missing or damaged. Raises
        KeyTurned if the HMAC key of this process was replaced.

        `holders` saves the caller a query: if this method reads the database at all, it also reads the data
        keys of these holders into the keyring's cache."""
        nameless = self._nameless.difference(mentions.menages, mentions.demandes)
        known = await self._back(connection, mentions.subjects, nameless, holders)
        pseudonyms = {pair: self._pseudonym(*pair) for pair in mentions.menages}
        ids = {pair: Reference(Nature.MENAGE, name) for pair, name in pseudonyms.items()}
        ids |= {pair: Reference(Nature.DEMANDE, str(pair[1])) for pair in mentions.demandes}
        await self._keep(connection, {pair: ids[pair] for pair in ids.keys() - known.keys()})
        return Names(known, pseudonyms)

    async def _back(
        self,
        connection: Connection,
        wanted: Collection[Pair],
        nameless: Collection[Pair],
        holders: Collection[UUID] = (),
    ) -> dict[Pair, str]:
        known = {pair: self._names[pair] for pair in wanted if pair in self._names}
        if unknown := [pair for pair in wanted if pair not in known and pair not in nameless]:
            known |= await self._look_back(connection, unknown, holders)
        return known

    async def _look_back(
        self, connection: Connection, wanted: Collection[Pair], holders: Collection[UUID]
    ) -> Mapping[Pair, str]:
        read_at = time.monotonic()
        rows, keys = await store.back(connection, wanted, self._keyring.missing(holders))
        self._keyring.remember(keys, read_at)
        ciphers = await self._keyring.get(connection, (holder_of(Nature(r.nature), r.id) for r in rows))
        found: dict[Pair, str] = {}
        for row in rows:
            cipher = ciphers.get(holder_of(Nature(row.nature), row.id))
            if cipher is not None:
                with suppress(InvalidContract):
                    found[row.partner, row.id] = unseal(cipher, row.value_sealed, row.id.bytes).decode()
        if not self._keyring.emptied_since(read_at):
            self._remember_names(found, set(wanted) - {(row.partner, row.id) for row in rows})
        return found

    def _remember_names(self, found: Mapping[Pair, str], nameless: Collection[Pair]) -> None:
        if len(self._names) + len(self._nameless) + len(found) + len(nameless) > CACHE_ENTRIES:
            self._names.clear()
            self._nameless.clear()
        self._names.update(found)
        self._nameless.update(nameless)

    async def _keep(self, connection: Connection, ids: Mapping[Pair, Reference]) -> None:
        ciphers = await self._keyring.get(connection, (ours for _, ours in ids))
        writer = self._keyring.hmacs.writer
        rows = [
            _row(writer, (partner, theirs), ours, ciphers[ours])
            for (partner, ours), theirs in ids.items()
            if ours in ciphers and not isinstance(ciphers[ours], Damaged)
        ]
        if rows:
            await store.create_of_holders(connection, writer.mark, rows)

    def _pseudonym(self, partner: str, menage: UUID) -> str:
        digest = self._keyring.pseudonyms.fingerprint("pseudonyme", partner, menage.bytes)
        return str(UUID(bytes=digest[:16], version=5))

    async def _find(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        keys = self._keyring.hmacs.all
        return await store.find(connection, {hashed(key, each): each for each in wanted for key in keys})

    async def _nobodys(self, connection: Connection, wanted: Iterable[Foreign]) -> dict[Foreign, UUID]:
        """Return the hub's id for each of the partners' own ids in `wanted`, which all stand for places or
        groups of places. Create the hub's ids that are missing. An own id is left out if another process
        is creating the hub's id for it, if the HMAC key was replaced, or if the hub's data key is damaged."""
        cipher = (await self._keyring.get_or_create(connection, [HUB_HOLDER]))[HUB_HOLDER]
        if isinstance(cipher, Damaged):
            return {}
        hmacs = self._keyring.hmacs
        before = await self._find(connection, wanted) if hmacs.older else {}
        rows = [_row(hmacs.writer, each, uuids.random(), cipher) for each in wanted if each not in before]
        fresh, read_at = self._keyring.fresh(row.ours for row in rows), time.monotonic()
        ours, keys = await store.find_or_create(connection, hmacs.writer.mark, rows, fresh)
        self._keyring.remember(keys, read_at)
        return before | {row.foreign: ours[row.hmac] for row in rows if row.hmac in ours}

    async def _created(self, connection: Connection, new: Sequence[Foreign]) -> dict[Foreign, UUID]:
        ids = [uuids.random() for foreign in new]
        holders = [holder_of(theirs.nature, ours) for (_, theirs), ours in zip(new, ids, strict=True)]
        ciphers = await self._keyring.get_or_create(connection, holders)
        writer = self._keyring.hmacs.writer
        rows = [
            _row(writer, theirs, ours, ciphers[holder])
            for theirs, ours, holder in zip(new, ids, holders, strict=True)
        ]
        created = await store.create(connection, writer.mark, rows)
        found = {row.foreign: row.ours for row in rows if row.ours in created}
        if others := [foreign for foreign in new if foreign not in found]:
            found |= await self._find(connection, others)
        return found


def hashed(key: HmacKey, foreign: Foreign) -> bytes:
    """Return the fingerprint by which a partner's own id is found in the database."""
    partner, theirs = foreign
    return key.fingerprint(partner, theirs.nature, theirs.valeur)


def _row(key: HmacKey, foreign: Foreign, ours: UUID, cipher: Cipher) -> store.Translation:
    sealed = seal(cipher, foreign[1].valeur.encode(), ours.bytes)
    return store.Translation(foreign, hashed(key, foreign), ours, sealed)


def nobodys(foreign: Iterable[Foreign]) -> set[Foreign]:
    """Return the partners' own ids in `foreign` that stand for places or groups of places. Such ids identify no
    person."""
    return {each for each in foreign if each[1].nature in NOBODYS}


def references(contrat: Contrat) -> list[Reference]:
    """Return the ids in a contract that are still partners' own ids, and not the hub's."""
    return [ident for ident in ids_of(contrat) if isinstance(ident, Reference)]


def our_id(ident: UUID, partner: str, resolved: Mapping[Foreign, UUID]) -> UUID:
    """Return the hub's id for `ident`, an id in a message of `partner`. If `ident` is a partner's own id
    (`Reference`), the hub's id is taken from `resolved`. Any other `ident` is the hub's id itself."""
    return resolved[partner, ident] if isinstance(ident, Reference) else ident


def own_ids(contrat: Contrat, partner: str, resolved: Mapping[Foreign, UUID]) -> Contrat:
    """Return the contract with the hub's ids in place of the own ids of `partner`. `resolved` has the hub's id
    of each own id."""
    return with_ids(contrat, lambda ident: our_id(ident, partner, resolved))


def holder_of(nature: Nature, ours: UUID) -> UUID:
    """Return the holder whose data key encrypts the partners' own ids of a subject. For a place or a group of
    places, it is `HUB_HOLDER`. For any other subject, it is the subject itself. `ours` is the hub's id of the
    subject, and `nature` its type."""
    return HUB_HOLDER if nature in NOBODYS else ours
