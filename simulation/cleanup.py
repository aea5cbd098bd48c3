"""Cleanup of a Kafka or PostgreSQL that this run did not start."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local import Parts


@contextmanager
def of_borrowed(parts: Parts, environment: Mapping[str, str]) -> Iterator[None]:
    """Drop this run's schemas and topics, in a borrowed PostgreSQL or Kafka, when the block ends."""
    try:
        yield
    finally:
        if parts.postgres is None:
            asyncio.run(_drop_schemas(parts.dsn, environment["SIAO_HUB_DATABASE__SCHEMA_NAME"]))
        if parts.kafka is None:
            asyncio.run(_delete_topics(parts.bootstrap, environment["SIAO_HUB_KAFKA__PREFIX"]))


async def _drop_schemas(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for schema in (name, f"{name}_cles"):
            await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    finally:
        await connection.close()


async def _delete_topics(bootstrap: str, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if own := [topic for topic in await admin.list_topics() if topic.startswith(f"{prefix}.")]:
            await admin.delete_topics(own)
    finally:
        await admin.close()
