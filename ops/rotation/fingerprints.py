"""Replace the HMAC key while the hub works. This key makes the fingerprints by which the hub recognises
values that it does not store in clear. The key's mark, a short name, ends each fingerprint.

Each step may be repeated. The new key makes new fingerprints of those values that are also stored encrypted.
It cannot do so for idempotency keys, which are stored as fingerprints only. So the old HMAC key serves for
them until the last of them has expired.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.base import Nature, Reference
from contracts.errors import BusUnavailable, InvalidContract, Misconfigured, Permanent
from contracts.plurals import many
from contracts.topics import ORIENTATION
from ops.accounts.accounts import accounts_anew
from ops.duplicates.hashing import households_anew
from ops.rotation import sql as store
from ops.status.quantities import day_and_hour
from router.intake.numbers import PURPOSE as NUMBERS
from router.privacy.crosswalk import hashed, holder_of
from router.privacy.hmac_keys import hmac_secrets, named
from router.privacy.key_files import new_marked_key, replace_keys
from router.privacy.keyring import PSEUDONYMS, Keyring
from router.privacy.sealing import Cipher, HmacKey, unseal
from router.settings import Settings
from router.store import hmac_keys, keys
from router.store.audit import record
from router.store.database import REGISTRY, Connection, Database, Row

BATCH = 500
PROVES_FOR: timedelta = ORIENTATION.retention
"""How long an old HMAC key must still check proofs: as long as Kafka keeps events. By its proof, an event on
Kafka shows that the hub wrote it."""
NOT_A_FILE = "la clé des empreintes vient de SIAO_HUB_HMAC_KEY : pour la changer, la mettre dans un fichier"
PREPARED = "une clé nouvelle est déjà dans {} : « siao-hub cle tourner --empreintes »"
NOT_PREPARED = (
    "aucune clé nouvelle dans {} : « siao-hub cle preparer --empreintes », le copier partout, recommencer"
)
TWO_AT_MOST = "une ancienne clé des empreintes sert encore : « siao-hub cle retirer --empreintes » d'abord"
STILL_PROVES = "elle prouve encore des événements du bus"
NOT_BEFORE = "pas avant le {} : {}"
REFUSED_LEFT = "{} en quarantaine sous l'ancienne clé des empreintes : rejouez ou classez d'abord"


class HmacState(NamedTuple):
    """An HMAC key: whether it is in the key file (`in_file`), whether it is the current key (`writes`), and
    how many stored fingerprints it made."""

    mark: bytes
    in_file: bool
    writes: bool
    names: int
    """The number of fingerprints of partners' own ids and of numéros uniques."""
    claims: int
    """The number of fingerprints of unexpired idempotency keys."""
    refused: int
    """The number of refused messages still in quarantine whose idempotency key has a fingerprint made by this
    HMAC key."""
    until: datetime | None
    """When the key may be removed; None if it is the current key or a new one."""


class HashedAnew(NamedTuple):
    """How many new fingerprints the new HMAC key made: of ids and numéros uniques (`names`), of accounts, of
    households. `unreadable` counts the ids that keep their old fingerprint, because they could not be
    decrypted."""

    names: int
    accounts: int
    households: int
    unreadable: int


async def state(settings: Settings, database: Database) -> list[HmacState]:
    """Return the state of each HMAC key that is in use or in the key file. Raises Misconfigured if the key
    file cannot be read, BusUnavailable if the database does not answer."""
    in_file = [HmacKey(secret).mark for secret in hmac_secrets(settings)]
    async with database.transaction() as connection:
        in_use = await hmac_keys.in_use(connection) or in_file[:1]
        left = {row.mark: row for row in await store.left(connection)}
        ends = (await store.turned(connection)).at + PROVES_FOR
    *older, writer = in_use
    return [
        _state(mark, mark in in_file, mark == writer, left.get(mark), ends if mark in older else None)
        for mark in dict.fromkeys((*in_use, *in_file))
    ]


def _state(mark: bytes, in_file: bool, writes: bool, left: Row | None, ends: datetime | None) -> HmacState:
    if left is None:
        return HmacState(mark, in_file, writes, 0, 0, 0, ends)
    if ends and left.until:
        ends = max(ends, left.until)
    return HmacState(mark, in_file, writes, int(left.names), int(left.claims), int(left.refused), ends)


async def prepare(settings: Settings, database: Database, actor: str) -> bytes:
    """Add a new HMAC key to the key file, and return the key's mark. The new key is not used until `turn`
    makes it the current one; copy the file to every machine of the hub before that. Raises Permanent if the
    file already has two keys, Misconfigured if it cannot be read or written."""
    secrets = _secrets(settings)
    fresh = new_marked_key()
    mark = HmacKey(fresh).mark
    async with database.transaction() as connection:
        if len(secrets) > 1:
            turned = len(await hmac_keys.in_use(connection)) > 1
            raise Permanent(TWO_AT_MOST if turned else PREPARED.format(settings.hmac_key_file))
        await record(connection, actor, "cle.preparer", _object(mark), {})
        replace_keys(settings.hmac_key_file, [*secrets, fresh])
    return mark


async def turn(settings: Settings, database: Database, actor: str) -> HashedAnew:
    """Make the last key of the key file the current HMAC key. Replace the fingerprints of all values that the
    hub can decrypt by new ones, made with this key. Raises Permanent if the file has only one key. Raises
    BusUnavailable if the database does not answer; then call again to finish."""
    secrets = _secrets(settings)
    if len(secrets) < 2:
        raise Permanent(NOT_PREPARED.format(settings.hmac_key_file))
    keyring, target = Keyring.of(settings), HmacKey(secrets[-1])
    async with database.transaction() as connection:
        await keyring.check(connection)
        if (before := keyring.hmacs.writer.mark) != target.mark:
            await _keep_pseudonyms(connection, keyring)
            if await hmac_keys.write_with(connection, target.mark, before):
                await record(connection, actor, "cle.tourner", _object(target.mark), {"avant": named(before)})
                await database.notify(connection, REGISTRY)
    return await _hash_anew(settings, database)


async def retire(settings: Settings, database: Database, actor: str) -> list[bytes]:
    """Remove all HMAC keys but the current one from the key file, and return the marks of the removed keys.
    Raises Permanent as long as the fingerprint of an idempotency key, or a proof, needs one of these keys.
    Raises Misconfigured if the file cannot be read or written."""
    await _hash_anew(settings, database)
    secrets = {HmacKey(secret).mark: secret for secret in _secrets(settings)}
    known = await state(settings, database)
    (writer,) = (key.mark for key in known if key.writes)
    async with database.transaction() as connection:
        now = (await store.turned(connection)).now
        for key in known:
            _refuse_before(key, now)
        others = [key.mark for key in known if not key.writes]
        if others:
            await hmac_keys.take_out(connection, writer)
            await record(connection, actor, "cle.retirer", _object(writer), {"otees": len(others)})
            await database.notify(connection, REGISTRY)
    replace_keys(
        settings.hmac_key_file, [secrets[writer]]
    )  # last: after an interruption here, the file still has every key
    return others


def _refuse_before(key: HmacState, now: datetime) -> None:
    if key.until is None:
        return
    if key.refused:
        raise Permanent(REFUSED_LEFT.format(many(key.refused, "message")))
    if key.until > now:
        claims = many(key.claims, "clé d'idempotence", "clés d'idempotence")
        why = f"{claims} sous l'ancienne clé des empreintes" if key.claims else STILL_PROVES
        raise Permanent(NOT_BEFORE.format(day_and_hour(key.until), why))


async def _keep_pseudonyms(connection: Connection, keyring: Keyring) -> None:
    """Store the HMAC key that makes pseudonyms, unless one is stored already. So pseudonyms stay the same
    when the HMAC key changes."""
    master = keyring.masters.current
    sealed = {PSEUDONYMS: master.wrap(PSEUDONYMS, keyring.pseudonyms.secret)}
    await keys.get_or_create(connection, keys.Fresh(master.id, sealed))
    if not await keys.get(connection, [PSEUDONYMS]):
        raise BusUnavailable("la clé maîtresse vient de changer : recommencez")


async def _hash_anew(settings: Settings, database: Database) -> HashedAnew:
    keyring = Keyring.of(settings)
    async with database.transaction() as connection:
        await keyring.check(connection)
        accounts = await accounts_anew(connection, keyring)
    names, unreadable = await _names_anew(database, keyring)
    numbers, damaged = await _numbers_anew(database, keyring)
    households = await households_anew(database, keyring)
    return HashedAnew(names + numbers, accounts, households, unreadable + damaged)


async def _names_anew(database: Database, keyring: Keyring) -> tuple[int, int]:
    writer, after = keyring.hmacs.writer, store.FIRST
    done = unreadable = 0
    while True:
        async with database.transaction() as connection:
            rows = await store.names_under_another(connection, writer.mark, after, BATCH)
            ciphers = await keyring.get(connection, {holder_of(Nature(row.nature), row.id) for row in rows})
            fresh = list(_fresh(writer, rows, ciphers))
            done += len(await store.hash_anew(connection, fresh))
            unreadable += len(rows) - len(fresh)
        if len(rows) < BATCH:
            return done, unreadable
        after = _place(rows[-1])


async def _numbers_anew(database: Database, keyring: Keyring) -> tuple[int, int]:
    writer, after = keyring.hmacs.writer, (b"", UUID(int=0))
    done = unreadable = 0
    while True:
        async with database.transaction() as connection:
            rows = await store.numbers_under_another(connection, writer.mark, after, BATCH)
            ciphers = await keyring.get(connection, {row.menage for row in rows})
            fresh = list(_fresh_numbers(writer, rows, ciphers))
            done += await store.hash_numbers_anew(connection, fresh)
            unreadable += len(rows) - len(fresh)
        if len(rows) < BATCH:
            return done, unreadable
        after = rows[-1].number, rows[-1].subject


def _fresh_numbers(
    writer: HmacKey, rows: Sequence[Row], ciphers: Mapping[UUID, Cipher]
) -> Iterator[tuple[Row, bytes]]:
    for row in rows:
        with suppress(KeyError, InvalidContract):
            number = unseal(ciphers[row.menage], row.sealed, row.subject.bytes).decode()
            yield row, writer.fingerprint(NUMBERS, number)


def _fresh(
    writer: HmacKey, rows: Sequence[Row], ciphers: Mapping[UUID, Cipher]
) -> Iterator[tuple[store.Place, bytes]]:
    for row in rows:
        with suppress(KeyError, InvalidContract):
            nature = Nature(row.nature)
            value = unseal(ciphers[holder_of(nature, row.id)], row.value_sealed, row.id.bytes).decode()
            yield _place(row), hashed(writer, (row.partner, Reference(nature, value)))


def _place(row: Row) -> store.Place:
    return row.partner, row.nature, row.value_hmac


def _object(mark: bytes) -> str:
    return f"empreintes {named(mark)}"


def _secrets(settings: Settings) -> list[bytes]:
    if settings.hmac_key is not None:
        raise Misconfigured(NOT_A_FILE)
    return hmac_secrets(settings)
