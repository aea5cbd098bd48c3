"""Store messages and their events: replace partners' ids by the hub's, encrypt the data, and wake the relay."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from contracts.base import Contrat, Reference
from contracts.errors import InvalidContract, NotYetKnown
from contracts.ids import holds_reference
from contracts.ports import Native
from router.domain.calendar import day_in
from router.domain.composition import checked
from router.domain.described import declared_by, described
from router.domain.location import addressed
from router.domain.partners import Registry
from router.domain.sandbox import message_territoire
from router.domain.turns import is_bulk
from router.intake.draft import Draft, refused_message, rejection_rows
from router.intake.inbox_rows import inbox_row, nonce_holders
from router.intake.numbers import Numbers, is_noted
from router.intake.once import repeated
from router.intake.rows import Cited, DraftRow, Origin
from router.privacy.crosswalk import HUB_HOLDER, Crosswalk, nobodys, our_id, own_ids, references
from router.privacy.keyring import Keyring
from router.privacy.sealing import Damaged, seal
from router.store import arrivals, idempotency, inbox, keys, log, quarantine
from router.store.crosswalk import Foreign
from router.store.database import OUTBOX, Connection, Database

AT_A_TIME = 100
"""Number of rows that are encrypted at a stretch. The event loop may do other work after them."""

T = TypeVar("T")
R = TypeVar("R")


class CannotBeKept(InvalidContract):
    """Raised for rows that cannot be stored: a data key is damaged, or an event still has an id of the sender
    in place of the hub's id."""

    def __init__(self, rows: Collection[int]) -> None:
        super().__init__("clé illisible")
        self.rows = rows


class Publisher(Protocol):
    """Functions by which the intake hands accepted events to the relays of its process. The relays publish the
    events on Kafka."""

    @property
    def at_work(self) -> bool:
        """Tell whether the relays of this process publish the events of all subjects now. If they do, the intake
        may give them any accepted event directly, with `hand_over`."""

    def hand_over(self, committed: Sequence[arrivals.Arrival]) -> None:
        """Give the relays events that were just committed to the database. The relays publish them in order."""


class Keeper:
    """Encrypted storage of messages and their events."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        crosswalk: Crosswalk,
        registry: Callable[[], Registry],
        key_lifetime: timedelta,
        relays: Publisher | None,
    ) -> None:
        """`key_lifetime` tells for how long the event id of a row counts as taken. `relays` are the relays of this
        process, which publish events right after the commit; None in a process without relays."""
        self._database = database
        self._relays = relays
        self._key_lifetime = key_lifetime
        self._keyring = keyring
        self._numbers = Numbers(keyring, registry)
        self._crosswalk = crosswalk
        self._registry = registry

    async def keep(
        self,
        connection: Connection,
        drafts: Sequence[Draft],
        rows: Sequence[DraftRow],
        cited: Sequence[Cited],
        deferred: Collection[UUID] = (),
        undecided: UUID | None = None,
    ) -> dict[Foreign, UUID]:
        """Store `drafts` and the events of `rows`, encrypted, in the caller's transaction. Return the hub's ids by
        the partners' ids; cache them only after the commit. A row that repeats an earlier event of its sender is
        counted, and its event is not stored.

        - `cited`: the households, referrals and candidacies that each message names. They are stored too: when the
          hub forgets one of them, it also destroys the data key of the message
        - `deferred`: the messages whose events are deferred
        - `undecided`: the message of `rows`, if it may still be refused as a whole

        Raises for rows that

        - cannot be encrypted: CannotBeKept
        - have an event id used for other content: RowsTaken
        - need an id or data key that a restore lost and the key replica may have: NotYetKnown
        - have an event id of an all-or-nothing message that may still be refused: NotYetKnown

        Raises KeyTurned if the HMAC key of this process has been replaced.
        """
        rows, again = await self._once(connection, rows)
        foreign = _foreign(rows, cited)
        resolved = await self._resolved(connection, foreign) if foreign else {}
        prepared = self._prepared(rows, resolved)
        await self._check_replica(connection, _holders(prepared, ()))
        noted = [
            r._replace(contrat=own_ids(r.contrat, r.partner, resolved)) for r in rows if is_noted(r.contrat)
        ]
        await self._numbers.note(connection, noted, undecided)
        links = _links(cited, prepared, resolved)
        nonces = nonce_holders(drafts, links)
        holders = _holders(prepared, drafts) | {*nonces.values()}
        ciphers = await self._keyring.get_or_create(connection, holders) if holders else {}
        _check_keys(prepared, ciphers)
        if links.pairs:
            await keys.link(connection, links)
        if drafts:
            await inbox.insert(
                connection, [inbox_row(d, ciphers, nonces, d.message in deferred) for d in drafts]
            )
            refused = [draft for draft in drafts if draft.etat == "refuse"]
            await inbox.keep_keys(connection, {draft.message: draft.key[1] for draft in refused})
            await quarantine.keep_messages(connection, [_quarantined(draft) for draft in refused])
        if again:
            await inbox.count_repeated(connection, Counter(row.message for row in again))
        now = [event for event in prepared if event.message not in deferred]
        later = [event for event in prepared if event.message in deferred]
        await self.keep_sealed(connection, self._sealed(now, drafts, ciphers), deferred=False)
        await self.keep_sealed(connection, self._sealed(later, drafts, ciphers), deferred=True)
        return resolved

    async def sealed_ahead(
        self, rows: Sequence[DraftRow], cited: Sequence[Cited]
    ) -> Sequence[log.Entry] | None:
        """Return the events of a large message's rows, encrypted. Call this before the transaction that
        stores the events, to keep this transaction short. `cited` has the households, referrals and
        candidacies that the rows name. Return None if a row names people, has a numéro unique or an event
        id, or needs an id or data key that is missing or damaged. The caller then uses `keep`, which does
        everything in the transaction."""
        if not _are_unnumbered(rows) or any(lus for _, lus in cited):
            return None
        foreign = _foreign(rows, ())
        resolved = await self._ids(foreign)
        if not foreign <= resolved.keys():
            return None
        try:
            prepared = await _in_batches(rows, lambda some: self._prepared(some, resolved))
            ciphers = await self._ciphers(prepared)
            if any(event.is_keyless_under(ciphers) for event in prepared):
                return None
            _check_keys(prepared, ciphers)
        except CannotBeKept:
            return None
        return await _in_batches(prepared, lambda some: self._sealed(some, (), ciphers))

    async def keep_sealed(
        self, connection: Connection, events: Sequence[log.Entry], *, deferred: bool
    ) -> None:
        """Store encrypted events as deferred or as pending events. Wake the relay for pending events."""
        await log.append_proven(connection, events, deferred=deferred)
        if events and not deferred:
            await self._database.notify(connection, OUTBOX)

    async def keep_rows_to_mend(self, connection: Connection, message: UUID, file: Native) -> bool:
        """Store the file of a partly accepted message's rejected rows, encrypted, so that the sender can fetch it.
        If the message's data key is damaged or destroyed, store nothing, and return False."""
        cipher = (await self._keyring.get(connection, [message])).get(message)
        if cipher is None or isinstance(cipher, Damaged):
            return False
        name = (file.filename or "").encode()
        raw, filename = (seal(cipher, each, message.bytes) for each in (file.body, name))
        await inbox.keep_rows_to_mend(connection, message, raw, filename, file.media_type)
        return True

    async def keep_at_once(
        self, claims: Mapping[UUID, idempotency.Claim], drafts: Sequence[Draft]
    ) -> set[UUID]:
        """Store accepted messages and their events in one SQL statement, which is faster than a transaction. Return
        the ids of the stored messages. Some messages cannot be stored in this way, for example if their
        idempotency key is taken, or if a standby has just taken over, which may lack their data keys. The caller
        must store these in a transaction. `claims` has, by message id, the message's claim on its idempotency key.
        Raises CannotBeKept for rows that cannot be encrypted."""
        tables = self._database.replaced
        rows = {draft.message: draft.rows for draft in drafts}
        drafts = [draft for draft in drafts if _are_unnumbered(rows[draft.message])]
        foreign = {draft.message: _foreign(rows[draft.message], [draft.cited]) for draft in drafts}
        resolved = await self._ids({each for some in foreign.values() for each in some})
        drafts = [draft for draft in drafts if foreign[draft.message] <= resolved.keys()]
        prepared = self._prepared([row for draft in drafts for row in rows[draft.message]], resolved)
        ciphers = await self._ciphers(prepared, {HUB_HOLDER} if drafts else frozenset())
        keyless = {event.message for event in prepared if event.is_keyless_under(ciphers)}
        drafts = [draft for draft in drafts if draft.message not in keyless]
        prepared = [event for event in prepared if event.message not in keyless]
        _check_keys(prepared, ciphers)
        if not drafts:
            return set()
        links = _links([draft.cited for draft in drafts], prepared, resolved)
        nonces = nonce_holders(drafts, links)
        fresh = self._keyring.fresh({*nonces.values()} - {HUB_HOLDER})
        ciphers = {**ciphers, **self._keyring.opened(fresh)}
        batch = arrivals.Batch(
            writer=drafts[0].writer,
            claims=[claims[draft.message] for draft in drafts],
            messages=[inbox_row(draft, ciphers, nonces, deferred=False) for draft in drafts],
            events=self._sealed(prepared, drafts, ciphers),
            links=links,
            fresh=fresh,
        )
        relays = self._relays if self._relays is not None and self._relays.at_work else None
        handed = relays is not None and not any(e.bulk for e in batch.events)  # bulk waits for its turn
        channel = None if handed else self._database.channel(OUTBOX)
        async with self._database.statement() as connection:
            if self._database.replaced != tables:
                return set()
            kept, arrived = await arrivals.keep(connection, batch, channel)
        if relays is not None:
            relays.hand_over(arrived)
        return kept

    async def _resolved(self, connection: Connection, foreign: Set[Foreign]) -> dict[Foreign, UUID]:
        if (
            await self._ids_come_back()
            and foreign - (await self._crosswalk.found(connection, foreign)).keys()
        ):
            raise NotYetKnown("base revenue en arrière, et identifiants pas encore repris de la réplique")
        return await self._crosswalk.resolve(connection, foreign)

    async def _check_replica(self, connection: Connection, holders: Set[UUID]) -> None:
        """Check that no holder waits for its data key. Raises NotYetKnown if a holder lacks a data key that may
        still come back from the key replica after a restore."""
        if await self._ids_come_back() and holders - (await self._keyring.get(connection, holders)).keys():
            raise NotYetKnown("base revenue en arrière, et clés pas encore reprises de la réplique")

    async def _ids_come_back(self) -> bool:
        """Tell whether ids and data keys that a restore lost must still be copied back from the key replica. Call
        this while a connection to the database is open: the hub discovers a restore only when it opens a
        connection."""
        has_replica = self._database.settings.keys_replica_url is not None
        return has_replica and not await self._database.is_whole()

    async def _ids(self, foreign: Set[Foreign]) -> Mapping[Foreign, UUID]:
        """Return the hub's ids for the partners' own ids in `foreign`, from the cache. For places and
        groups of places, the database is searched too, and a missing id of the hub is created; this is not
        done while ids that a restore lost must still be copied back from the key replica. Own ids that are
        not found are left out."""
        known = self._crosswalk.remembered(foreign)
        if new := nobodys(foreign - known.keys()):
            async with self._database.statement() as connection:
                if not await self._ids_come_back():
                    known |= await self._crosswalk.beforehand(connection, new)
        return known

    async def _ciphers(
        self, prepared: Sequence[DraftRow], beside: Set[UUID] = frozenset()
    ) -> Mapping[UUID, Any]:
        """Return the ciphers of the holders of `prepared` and of the holders in `beside`, by holder. A holder
        whose cipher is not cached is left out if

        - its rows are about people, or
        - it is not in `beside`, and data keys that a restore lost must still be copied back from the key
          replica.

        Any other holder without a data key gets a new data key. The caller leaves the rows of the missing
        holders to `keep`, which makes the keys in the transaction that stores the rows.
        """
        holders = _holders(prepared, ()) | beside
        people = _holders([each for each in prepared if each.contrat.personnes_citees], ())
        found = self._keyring.remembered(holders)
        if new := holders - people - found.keys():
            async with self._database.statement() as connection:
                if await self._ids_come_back():
                    new &= beside
                found = {**found, **await self._keyring.get_or_create(connection, new)}
        return found

    async def _once(
        self, connection: Connection, rows: Sequence[DraftRow]
    ) -> tuple[Sequence[DraftRow], Sequence[DraftRow]]:
        """Return the rows to store, and the rows that repeat earlier events."""
        if all(row.cle is None for row in rows):
            return rows, ()
        again = await repeated(connection, self._keyring, self._key_lifetime, rows)
        parted: tuple[list[DraftRow], list[DraftRow]] = ([], [])
        for row in rows:
            parted[(row.message, row.number) in again].append(row)
        return parted

    def _prepared(self, rows: Sequence[DraftRow], resolved: Mapping[Foreign, UUID]) -> list[DraftRow]:
        registry = self._registry()
        prepared = [row.ready(_completed(row, resolved, registry)) for row in rows]
        check_ids(prepared)
        return prepared

    def _sealed(
        self, prepared: Sequence[DraftRow], drafts: Sequence[Draft], ciphers: Mapping[UUID, Any]
    ) -> list[log.Entry]:
        small = {draft.message for draft in drafts if not is_bulk(draft.acceptes)}
        prover = self._keyring.prover
        return [event.entry(ciphers, prover, bulk=event.message not in small) for event in prepared]


def _completed(row: DraftRow, resolved: Mapping[Foreign, UUID], registry: Registry) -> Contrat:
    origin = row.origin
    own = checked(own_ids(row.contrat, row.partner, resolved), partial(_day_of, origin))
    said = declared_by(described(own), origin.partner)
    return addressed(said, registry.around(message_territoire(origin.partner)))


async def _in_batches(items: Sequence[T], made: Callable[[Sequence[T]], Iterable[R]]) -> list[R]:
    results: list[R] = []
    for start in range(0, len(items), AT_A_TIME):
        results += made(items[start : start + AT_A_TIME])
        await asyncio.sleep(0)
    return results


def _are_unnumbered(rows: Sequence[DraftRow]) -> bool:
    return all(row.cle is None and not is_noted(row.contrat) for row in rows)


def _foreign(rows: Sequence[DraftRow], cited: Sequence[Cited]) -> set[Foreign]:
    foreign = {(row.partner, ref) for row in rows for ref in references(row.contrat)}
    return foreign | {(o.partner.id, i) for o, lus in cited for i in lus if isinstance(i, Reference)}


def _holders(prepared: Sequence[DraftRow], drafts: Sequence[Draft]) -> set[UUID]:
    holders = {event.holder for event in prepared if event.holder is not None}
    return holders | {draft.message for draft in drafts if draft.bytes_are_stored or draft.gives_rows_back}


def check_ids(prepared: Sequence[DraftRow]) -> None:
    """Check that no event still has an id of its sender in place of the hub's id: that would be a bug of the hub.
    Raises CannotBeKept, with the row numbers, if an event has one."""
    if foreign := {event.number for event in prepared if holds_reference(event.contrat)}:
        raise CannotBeKept(sorted(foreign))


def _check_keys(prepared: Sequence[DraftRow], ciphers: Mapping[UUID, Any]) -> None:
    if damaged := {e.number for e in prepared if e.holder and isinstance(ciphers[e.holder], Damaged)}:
        raise CannotBeKept(sorted(damaged))


def _links(
    cited: Sequence[Cited], prepared: Sequence[DraftRow], resolved: Mapping[Foreign, UUID]
) -> keys.Links:
    pairs = {(our_id(i, o.partner.id, resolved), o.message) for o, lus in cited for i in lus}
    return keys.Links(sorted(pairs), {i for each in prepared for i in each.contrat.personnes_citees})


def _day_of(origin: Origin) -> date:
    return day_in(message_territoire(origin.partner), origin.received_at)


def _quarantined(draft: Draft) -> quarantine.RefusedMessage:
    return refused_message(draft.message, draft.partner.id, draft.dialect, rejection_rows(draft.rejets))
