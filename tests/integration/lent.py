"""A database schema and settings for a test's hub."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from deploy.local import Parts
from router.privacy.audit_keys import write_public
from router.settings import (
    DatabaseSettings,
    DispatcherSettings,
    HealthSettings,
    HttpSettings,
    KafkaSettings,
    Settings,
)
from tests.integration.migrated import give_back


@asynccontextmanager
async def lent_schema(parts: Parts) -> AsyncIterator[str]:
    """Give the name of a database schema until the block ends. Its tables, and those of the keys, are then dropped
    or emptied for another test."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    await give_back(parts.dsn, name)


def of_a_test(parts: Parts, schema: str, prefix: str, port: int, folder: Path) -> Settings:
    """Return production settings with shorter back-off and leases, and with fewer connections to PostgreSQL,
    because opening one for each duty takes longer than a short test."""
    return Settings(
        master_key=SecretStr("11" * 32),
        hmac_key=SecretStr("33" * 32),
        erasures_file=folder / "effacements.jsonl",
        audit_key=SecretStr("22" * 32),
        audit_heads_file=folder / "audit-tetes.jsonl",
        receipt_key=SecretStr("44" * 32),
        audit_stamps_file=folder / "audit-horodatages.jsonl",
        audit_public_key_file=pinned(folder),
        database=DatabaseSettings(url=parts.database_url, schema_name=schema, pool_size=3),
        kafka=KafkaSettings(bootstrap=parts.bootstrap, prefix=f"{prefix}siao"),
        http=HttpSettings(port=port),
        health=HealthSettings(port=0),
        dispatcher=DispatcherSettings(backoff_first_s=0.1, backoff_max_s=1.0),
        lease_s=3.0,
    )


def pinned(folder: Path) -> Path:
    """Write the audit's public key to a file, as an auditor keeps it; return its path."""
    file = folder / "audit.pub"
    write_public(file, Ed25519PrivateKey.from_private_bytes(bytes.fromhex("22" * 32)))
    return file
