"""Replace the master key while the hub works. The new master key encrypts every data key again; then the old
one leaves the key file. Each step may be repeated."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from contracts.errors import Misconfigured, Permanent
from router.privacy.key_files import new_key, replace_keys
from router.privacy.masters import MasterKeys, master_secrets
from router.privacy.sealing import MasterKey
from router.settings import Settings
from router.store import keys
from router.store.audit import record
from router.store.database import Connection, Database, Row

BATCH = 500

NOT_A_FILE = "la clé maîtresse vient de SIAO_HUB_MASTER_KEY : pour la changer, la mettre dans un fichier"
PREPARED = "une clé nouvelle est déjà dans {} : « siao-hub cle tourner »"
NOT_PREPARED = (
    "aucune clé nouvelle dans {} : « siao-hub cle preparer », copier le fichier partout, puis recommencer"
)
STILL_WRAPS = "des clés de données sont encore sous une clé ancienne : « siao-hub cle tourner » d'abord"


class Master(NamedTuple):
    """A master key: whether it is in the key file (`in_file`), whether it encrypts new data keys (`wraps`),
    and how many data keys it encrypts now (`data_keys`)."""

    id: bytes
    in_file: bool
    wraps: bool
    data_keys: int


class Rotated(NamedTuple):
    """How many data keys were encrypted under the new master key (`wrapped`), and how many were too damaged
    to be decrypted (`damaged`)."""

    wrapped: int
    damaged: int


async def state(settings: Settings, database: Database) -> list[Master]:
    """Return the master keys that are in the key file or in use, each with its state. Raises Misconfigured if
    the key file cannot be read, BusUnavailable if the database does not answer."""
    masters = MasterKeys(partial(master_secrets, settings))
    async with database.transaction() as connection:
        wraps = await keys.wrapping(connection) or masters.current.id
        under = await keys.by_master(connection)
    idents = dict.fromkeys((*masters.known, wraps, *under))
    return [Master(ident, ident in masters.known, ident == wraps, under.get(ident, 0)) for ident in idents]


async def prepare(settings: Settings, database: Database, actor: str) -> bytes:
    """Add a new master key to the key file, and return its id. The new key is not used until `rotate` makes
    it the current one; copy the file to every machine of the hub before that. Raises Permanent if the file
    already has two keys; Misconfigured if it cannot be read or written, or if the settings hold the master
    key itself."""
    secrets = _secrets(settings)
    if len(secrets) > 1:
        raise Permanent(PREPARED.format(settings.master_key_file))
    fresh = new_key()
    ident = MasterKey(fresh).id
    async with database.transaction() as connection:
        await record(connection, actor, "cle.preparer", ident.hex(), {})
        replace_keys(settings.master_key_file, [*secrets, fresh])
    return ident


async def rotate(settings: Settings, database: Database, actor: str) -> Rotated:
    """Make the last key of the key file the current master key, and encrypt every data key under it. Raises
    Permanent if the file has only one key. Raises BusUnavailable if the database does not answer; then call
    again to finish."""
    if len(_secrets(settings)) < 2:
        raise Permanent(NOT_PREPARED.format(settings.master_key_file))
    async with database.transaction() as connection:
        masters = await _masters(connection, settings)
        *_, target = masters.known.values()
        if masters.current.id != target.id:
            await keys.wrap_with(connection, target.id)
            await record(
                connection, actor, "cle.tourner", target.id.hex(), {"avant": masters.current.id.hex()}
            )
    return await _wrap_all(database, masters, target, actor)


async def retire(settings: Settings, database: Database, actor: str) -> list[bytes]:
    """Remove all master keys but the current one from the key file, and return the ids of the removed keys.
    Raises Permanent as long as an intact data key needs one of them, Misconfigured if the file cannot be read
    or written."""
    secrets = {MasterKey(secret).id: secret for secret in _secrets(settings)}
    async with database.transaction() as connection:
        masters = await _masters(connection, settings)
        current = masters.current.id
        after: UUID | None = None
        while rows := await keys.under_another(connection, current, after, BATCH):
            if any(masters.unwrapped(*row) is not None for row in rows):
                raise Permanent(STILL_WRAPS)
            after = rows[-1].holder
        others = [ident for ident in secrets if ident != current]
        if others:
            await record(connection, actor, "cle.retirer", current.hex(), {"otees": len(others)})
            replace_keys(settings.master_key_file, [secrets[current]])
    return others


async def _wrap_all(database: Database, masters: MasterKeys, target: MasterKey, actor: str) -> Rotated:
    wrapped = damaged = 0
    after: UUID | None = None
    while True:
        async with database.transaction() as connection:
            rows = await keys.under_another(connection, target.id, after, BATCH)
            anew = _anew(masters, target, rows)
            await keys.rewrap(connection, target.id, anew)
            wrapped, damaged = wrapped + len(anew), damaged + len(rows) - len(anew)
            if len(rows) < BATCH:
                detail = {"scellees": wrapped, "illisibles": damaged}
                await record(connection, actor, "cle.tourner", target.id.hex(), detail)
                return Rotated(wrapped, damaged)
        after = rows[-1].holder


def _anew(masters: MasterKeys, target: MasterKey, rows: Sequence[Row]) -> Mapping[UUID, tuple[bytes, bytes]]:
    opened = {row.holder: (row.wrapped, masters.unwrapped(*row)) for row in rows}
    return {
        holder: (was, target.wrap(holder, key)) for holder, (was, key) in opened.items() if key is not None
    }


async def _masters(connection: Connection, settings: Settings) -> MasterKeys:
    masters = MasterKeys(partial(master_secrets, settings))
    masters.wrap_with(await keys.wrapping(connection))
    return masters


def _secrets(settings: Settings) -> list[bytes]:
    if settings.master_key is not None:
        raise Misconfigured(NOT_A_FILE)
    return master_secrets(settings)
