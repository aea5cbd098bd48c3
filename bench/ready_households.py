"""Declarations of households ready for housing, for two benchmarks with tables of their own."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

from contracts import uuids
from contracts.envelope import Attributes
from contracts.sealed import take_apart, to_bytes
from contracts.v1.menage import Menage
from contracts.v1.pret_logement import PretLogementDeclare
from deploy.local import Parts
from router.privacy.keyring import Keyring
from router.privacy.masters import MasterKeys
from router.privacy.sealing import Cipher, seal_parts
from router.settings import DatabaseSettings
from router.store import log
from router.store.database import Database
from router.store.migrations import upgrade

SIAO, TERRITOIRE = "siao-01", "01"


@asynccontextmanager
async def own_tables(parts: Parts) -> AsyncIterator[Database]:
    """Create the hub's tables in a new schema, and drop them when the block ends."""
    settings = DatabaseSettings(url=parts.database_url, schema_name=f"bench_{secrets.token_hex(4)}")
    await asyncio.to_thread(upgrade, settings)
    database = Database(settings)
    try:
        yield database
    finally:
        async with database.transaction() as connection:
            drop = f"DROP SCHEMA {settings.schema_name}, {settings.keys_schema} CASCADE"
            await connection.execute(drop)
        await database.close()


def keyring() -> Keyring:
    """Return a keyring with constant keys, those of every `Ground`."""
    return Keyring(MasterKeys(lambda: (b"\x11" * 32,)), lambda: [b"\x33" * 32])


def declared(menage: Menage, cipher: Cipher) -> log.Entry:
    """Return the log entry by which the SIAO declares a household ready, sealed with this cipher."""
    said = PretLogementDeclare(menage=menage, departement=TERRITOIRE, evaluee_le=date(2026, 3, 1))
    event = uuids.random()
    attributes = Attributes(event, said.TYPE, SIAO, menage.id, datetime.now(UTC), TERRITOIRE, event)
    clair, secrets = take_apart(said)
    return log.Entry(attributes, to_bytes(clair, seal_parts(cipher, event, menage.id, secrets)))
